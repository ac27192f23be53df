//! The reference vectors of BIP-39, in both languages that the wallet offers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use bip39::{Language, Mnemonic};
use data_encoding::HEXLOWER;
use serde_json::Value;
use tests::vectors::folder;

fn check(file: &str, language: Language) {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 24);
    for vector in vectors {
        let text = |member: &str| vector[member].as_str().unwrap();
        let entropy = HEXLOWER.decode(text("entropy").as_bytes()).unwrap();
        let words = text("mnemonic");
        let mnemonic = Mnemonic::from_entropy_in(language, &entropy).unwrap();
        assert_eq!(mnemonic.to_string(), words);
        let read = Mnemonic::parse_in_normalized(language, words).unwrap();
        assert_eq!(read, mnemonic);
        let (bytes, length) = read.to_entropy_array();
        assert_eq!(bytes[..length], entropy);
        let seed = read.to_seed_normalized(file["passphrase"].as_str().unwrap());
        assert_eq!(HEXLOWER.encode(&seed), text("seed"), "{words}");

        // One word more, one less, or the last one exchanged: the checksum lets one exchange in 16 (12 words) or in
        // 256 (24 words) pass, exactly.
        let (head, last) = words.rsplit_once(' ').unwrap();
        assert!(Mnemonic::parse_in_normalized(language, head).is_err());
        assert!(Mnemonic::parse_in_normalized(language, &format!("{words} {last}")).is_err());
        let exchanged = language.word_list().iter().filter(|word| **word != last);
        let accepted = exchanged
            .filter(|word| Mnemonic::parse_in_normalized(language, &format!("{head} {word}")).is_ok())
            .count();
        let checksum_bits = entropy.len() * 8 / 32;
        assert_eq!(accepted, (2048 >> checksum_bits) - 1, "{words}");
    }
}

#[test]
fn english() {
    check("bip39-english.json", Language::English);
}

#[test]
fn simplified_chinese() {
    check("bip39-chinese-simplified.json", Language::SimplifiedChinese);
}

/// So that words need no normalising, and the seed is the one that BIP-39 asks for.
#[test]
fn no_word_is_one_that_nfkd_changes() {
    let english = Language::English.word_list().iter();
    assert!(
        english
            .flat_map(|word| word.bytes())
            .all(|byte| byte.is_ascii_lowercase())
    );
    // Unified ideographs have no decomposition; compatibility ideographs, which have, lie elsewhere.
    let chinese = Language::SimplifiedChinese.word_list().iter();
    assert!(
        chinese
            .flat_map(|word| word.chars())
            .all(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
    );
}
