//! The account: what BIP-39 words restore. Proof towards the operator, and the key of encrypted backups.
//!
//! Never holder keys: two phones with the same words must not be able to spend the same note.

use bip39::{Language, Mnemonic};
use hkdf::Hkdf;
use protocol::{
    Algorithm, SigningKey,
    code::{Code, Coded},
};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The languages of word lists that the wallet offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordList {
    /// English.
    English,
    /// Simplified Chinese.
    SimplifiedChinese,
}

/// How many words to write down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordCount {
    /// 12 words: 128 bits.
    Twelve,
    /// 24 words: 256 bits.
    TwentyFour,
}

/// The words of an account. A secret: wiped when dropped, never printed.
pub struct AccountWords(Mnemonic);

/// These are not the words of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("these are not 12 or 24 valid words")]
pub struct BadWords;

impl Coded for BadWords {
    fn code(&self) -> Code {
        Code::BadMnemonic
    }
}

impl WordList {
    const fn language(self) -> Language {
        match self {
            Self::English => Language::English,
            Self::SimplifiedChinese => Language::SimplifiedChinese,
        }
    }
}

impl AccountWords {
    /// The words for 32 random bytes, of which twelve words use half.
    ///
    /// # Errors
    /// Never in practice: [`BadWords`] stands for a length that BIP-39 does not know.
    pub fn from_entropy(
        random: &Zeroizing<[u8; 32]>,
        count: WordCount,
        list: WordList,
    ) -> Result<Self, BadWords> {
        let (half, _) = random.split_first_chunk::<16>().ok_or(BadWords)?;
        let entropy: &[u8] = match count {
            WordCount::Twelve => half,
            WordCount::TwentyFour => random.as_slice(),
        };
        Mnemonic::from_entropy_in(list.language(), entropy)
            .map(Self)
            .map_err(|_| BadWords)
    }

    /// Reads words as a person types them: UTF-8 bytes, any white space between words, either language.
    ///
    /// # Errors
    /// [`BadWords`] for an unknown word, a wrong checksum, or another count than 12 or 24.
    pub fn parse(text: &[u8]) -> Result<Self, BadWords> {
        let text = core::str::from_utf8(text).map_err(|_| BadWords)?;
        [Language::English, Language::SimplifiedChinese]
            .into_iter()
            .find_map(|language| Mnemonic::parse_in_normalized(language, text).ok())
            .filter(|words| matches!(words.word_count(), 12 | 24))
            .map(Self)
            .ok_or(BadWords)
    }

    /// The words, to be shown once and written down.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The account key: HKDF-SHA-256 over the BIP-39 seed (empty passphrase), label `dcep/1/account`, as an Ed25519 seed.
    pub(crate) fn account_seed(&self) -> Zeroizing<[u8; 32]> {
        let seed = Zeroizing::new(self.0.to_seed_normalized(""));
        let mut okm = Zeroizing::new([0; 32]);
        // 32 bytes are well below HKDF's limit of 255 hashes.
        let expanded =
            Hkdf::<Sha256>::new(None, seed.as_slice()).expand(b"dcep/1/account", okm.as_mut_slice());
        debug_assert!(expanded.is_ok());
        okm
    }
}

/// Says only that there are words.
impl core::fmt::Debug for AccountWords {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("AccountWords(…)")
    }
}

/// The signing key of an account.
pub(crate) fn account_key(seed: &[u8; 32]) -> SigningKey {
    match SigningKey::from_seed(Algorithm::Ed25519, seed) {
        Ok(key) => key,
        Err(_) => unreachable!("every 32 bytes are an Ed25519 seed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_restore_the_same_account_in_both_languages() {
        let random = Zeroizing::new([42; 32]);
        for list in [WordList::English, WordList::SimplifiedChinese] {
            for (count, number) in [(WordCount::Twelve, 12), (WordCount::TwentyFour, 24)] {
                let words = AccountWords::from_entropy(&random, count, list).unwrap();
                let text = words.reveal();
                assert_eq!(text.split_whitespace().count(), number);
                let again = AccountWords::parse(text.replace(' ', "\n ").as_bytes()).unwrap();
                assert_eq!(*again.account_seed(), *words.account_seed());
                assert!(!format!("{words:?}").contains(text.split(' ').next().unwrap()));
            }
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let fifteen = Mnemonic::from_entropy_in(Language::English, &[1; 20])
            .unwrap()
            .to_string();
        for text in ["", "abandon", "abandon ".repeat(12).as_str(), &fifteen, "\u{0}"] {
            assert_eq!(
                AccountWords::parse(text.as_bytes()).err(),
                Some(BadWords),
                "{text}"
            );
        }
        assert!(AccountWords::parse(&[0xff]).is_err());
    }
}
