//! Secrets that people type: objects, never records, so that nothing prints them.
//!
//! They cross as bytes, because a string of a managed runtime cannot be wiped. What crosses is wiped on this side; the
//! bytes on the other side are the app's to wipe.

use wallet_core::{PinCost, platform::Entropy as _};
use zeroize::Zeroizing;

use crate::{
    WordCount, WordList,
    error::{PinError, WordsError},
    system::SystemEntropy,
};

/// The words of an account (BIP-39). They restore the account and all the money on it; they never restore the cash on a
/// phone. Wiped when the last handle is gone, never printed.
#[derive(uniffi::Object)]
pub struct AccountWords {
    pub(crate) words: wallet_core::AccountWords,
}

#[uniffi::export]
impl AccountWords {
    /// New words, out of the operating system's randomness.
    #[uniffi::constructor]
    pub fn generate(count: WordCount, list: WordList) -> Result<Self, WordsError> {
        let mut random = Zeroizing::new([0; 32]);
        let filled = SystemEntropy.fill(random.as_mut_slice());
        filled.map_err(|_| WordsError::Entropy)?;
        let words = wallet_core::AccountWords::from_entropy(&random, count.into(), list.into());
        words.map(|words| Self { words }).map_err(|_| WordsError::Bad)
    }

    /// Reads words as a person types them: UTF-8, any white space between words, either language.
    #[uniffi::constructor]
    pub fn parse(typed: Vec<u8>) -> Result<Self, WordsError> {
        let words = wallet_core::AccountWords::parse(&Zeroizing::new(typed));
        words.map(|words| Self { words }).map_err(|_| WordsError::Bad)
    }

    /// The words as UTF-8, with one space between two: to be shown once and written down. Wipe the bytes afterwards.
    pub fn reveal(&self) -> Result<Vec<u8>, WordsError> {
        Ok(self.words.reveal().as_bytes().to_vec())
    }

    /// Whether these are the same words: to check what somebody has written down.
    pub fn matches(&self, typed: Vec<u8>) -> Result<bool, WordsError> {
        let typed = wallet_core::AccountWords::parse(&Zeroizing::new(typed));
        Ok(typed.is_ok_and(|typed| *typed.reveal() == *self.words.reveal()))
    }
}

/// A PIN on its way into the wallet: 4 to 64 bytes. Wiped when the last handle is gone, never printed.
#[derive(uniffi::Object)]
pub struct Pin {
    pub(crate) pin: wallet_core::Pin,
}

#[uniffi::export]
impl Pin {
    /// What was typed, as bytes. Trying it costs what Argon2id costs at 64 MiB and 3 passes.
    #[uniffi::constructor]
    pub fn new(typed: Vec<u8>) -> Result<Self, PinError> {
        let pin = wallet_core::Pin::new(&Zeroizing::new(typed));
        pin.map(|pin| Self { pin }).map_err(|_| PinError::BadPin)
    }

    /// The same at another price, from 8 KiB and 1 pass up to 1 GiB and 64 passes. Less than the standard is for tests; a
    /// wallet that is unlocked at a higher price than before costs that much from then on.
    #[uniffi::constructor]
    pub fn at_cost(typed: Vec<u8>, memory_kib: u32, passes: u32) -> Result<Self, PinError> {
        let cost = PinCost::new(memory_kib, passes).ok_or(PinError::BadPin)?;
        let pin = wallet_core::Pin::new(&Zeroizing::new(typed));
        pin.map(|pin| Self {
            pin: pin.at_cost(cost),
        })
        .map_err(|_| PinError::BadPin)
    }
}
