//! `KeyVault`: the one door to secret keys.
//!
//! A vault may be a security chip. It sees whole messages that the wallet composed itself (each begins with the domain
//! tag of what is signed), one call per payment, and may take its time over a prompt. What it answers is believed only
//! after it was brought into the one accepted form and verified.

mod software;

pub use software::SoftwareVault;

use minicbor::{Decode, Encode};
use p256::ecdsa;
use protocol::{
    Algorithm, Amount, Assurance, RequestId, Signature, VerifyingKey,
    code::{Code, Coded},
};
use zeroize::Zeroizing;

/// Holds keys that never leave it.
pub trait KeyVault: Send + Sync {
    /// Makes a signing key and tells its public half.
    ///
    /// # Errors
    /// [`VaultError`].
    fn create_key(&self, algorithm: Algorithm) -> Result<VaultKey, VaultError>;

    /// Signs every message with the key named beside it: all of them, or none.
    ///
    /// Ed25519 signatures are 64 bytes. ECDSA signatures may be 64 bytes or DER (as Keystore and Secure Enclave return
    /// them), with s in either half.
    ///
    /// # Errors
    /// [`VaultError`].
    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError>;

    /// Makes sure that it is the holder who decides: by a fingerprint, a face, the device's code, as the platform does it.
    /// Called before the tap, when the holder agrees to an amount, and never during one; it may take as long as it
    /// takes. Signatures of the payment that follows need no prompt of their own.
    ///
    /// A vault that cannot tell who holds the device says yes. A vault that forwards to another one forwards this too.
    ///
    /// # Errors
    /// [`VaultError`], above all [`VaultError::UserCancelled`] and [`VaultError::Locked`]. Nothing has happened, and there
    /// is no session.
    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError>;

    /// Wraps the wallet's data key, so that only this vault can unwrap it.
    ///
    /// # Errors
    /// [`VaultError`].
    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, VaultError>;

    /// The inverse of [`KeyVault::wrap`].
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] for bytes that this vault did not wrap.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError>;
}

/// What the holder is about to agree to, for the prompt. Every confirmation is for one payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confirmation {
    /// To pay whatever is asked, up to this amount.
    UpTo(Amount),
    /// To pay exactly this.
    Exactly(Amount),
    /// To pay this very request, which the holder was shown.
    Request(RequestId, Amount),
}

impl Confirmation {
    /// The most that will be paid.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        match self {
            Self::UpTo(amount) | Self::Exactly(amount) | Self::Request(_, amount) => *amount,
        }
    }
}

/// The name by which a vault finds a key again. Says nothing about the key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct KeyHandle(#[cbor(n(0), with = "minicbor::bytes")] pub Vec<u8>);

/// A key that a vault made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VaultKey {
    /// How to ask for it.
    pub handle: KeyHandle,
    /// Its public half.
    pub public: VerifyingKey,
    /// Where it really lives.
    pub assurance: Assurance,
}

/// A message to sign, and with which key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignJob {
    /// The key.
    pub key: KeyHandle,
    /// The whole message; the vault hashes it as its algorithm demands.
    pub message: Vec<u8>,
}

/// Why a vault did not do what it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// The user dismissed the prompt. Nothing was signed; ask again when the user wants to.
    #[error("the user cancelled")]
    UserCancelled,
    /// The device is locked. Ask again after it was unlocked.
    #[error("the key vault is locked")]
    Locked,
    /// The platform destroyed the key, for example because a fingerprint was enrolled.
    #[error("the platform invalidated the key")]
    KeyInvalidated,
    /// The hardware does not answer.
    #[error("the key vault does not answer")]
    Unavailable,
    /// These bytes were wrapped by another vault.
    #[error("the data key was wrapped by another vault")]
    WrongKey,
    /// The answer is not a valid signature by the key over the message, or not as many as were asked for.
    #[error("the key vault answered something that is no valid signature")]
    Misbehaved,
}

impl Coded for VaultError {
    fn code(&self) -> Code {
        match self {
            Self::UserCancelled => Code::UserCancelled,
            Self::Locked => Code::VaultLocked,
            Self::KeyInvalidated => Code::KeyInvalidated,
            Self::Unavailable => Code::VaultUnavailable,
            Self::WrongKey => Code::WrongKey,
            Self::Misbehaved => Code::VaultMisbehaved,
        }
    }
}

/// A job, and the public key its answer is checked with.
pub(crate) struct CheckedJob {
    pub(crate) public: VerifyingKey,
    pub(crate) job: SignJob,
}

/// Has everything signed in one call, and brings every answer into the one accepted form.
pub(crate) fn sign_checked(
    vault: &dyn KeyVault,
    jobs: Vec<CheckedJob>,
) -> Result<Vec<Signature>, VaultError> {
    let (publics, jobs): (Vec<_>, Vec<_>) = jobs
        .into_iter()
        .map(|checked| (checked.public, checked.job))
        .unzip();
    let answers = vault.sign_all(&jobs)?;
    if answers.len() != jobs.len() {
        return Err(VaultError::Misbehaved);
    }
    let checked = publics
        .iter()
        .zip(&jobs)
        .zip(&answers)
        .map(|((public, job), answer)| {
            let signature = normalise(public.algorithm(), answer)?;
            public.verify(&job.message, &signature).ok()?;
            Some(signature)
        });
    checked.collect::<Option<_>>().ok_or(VaultError::Misbehaved)
}

/// 64 bytes, low-S: out of whatever the platform returned.
fn normalise(algorithm: Algorithm, answer: &[u8]) -> Option<Signature> {
    let bytes = match algorithm {
        Algorithm::Ed25519 => answer.try_into().ok()?,
        Algorithm::P256 => {
            // 64 bytes cannot be DER of two 256-bit integers by accident: it would begin 30 3e, an r above the order.
            let signature = ecdsa::Signature::from_der(answer)
                .or_else(|_| ecdsa::Signature::from_slice(answer))
                .ok()?;
            signature.normalize_s().to_bytes().into()
        }
    };
    Some(Signature::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::SigningKey;

    struct Scripted(Vec<Vec<u8>>);

    impl KeyVault for Scripted {
        fn create_key(&self, _: Algorithm) -> Result<VaultKey, VaultError> {
            Err(VaultError::Unavailable)
        }
        fn sign_all(&self, _: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
            Ok(self.0.clone())
        }
        fn authorize(&self, _: &Confirmation) -> Result<(), VaultError> {
            Err(VaultError::Unavailable)
        }
        fn wrap(&self, _: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
            Err(VaultError::Unavailable)
        }
        fn unwrap(&self, _: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
            Err(VaultError::Unavailable)
        }
    }

    fn answer(algorithm: Algorithm, answers: Vec<Vec<u8>>) -> Result<Vec<Signature>, VaultError> {
        let key = SigningKey::from_seed(algorithm, &[7; 32]).unwrap();
        let job = SignJob {
            key: KeyHandle(vec![]),
            message: b"dcep/1/test\0x".to_vec(),
        };
        sign_checked(
            &Scripted(answers),
            vec![CheckedJob {
                public: key.verifying_key(),
                job,
            }],
        )
    }

    #[test]
    fn der_and_high_s_are_brought_into_the_accepted_form() {
        let key = SigningKey::from_seed(Algorithm::P256, &[7; 32]).unwrap();
        let low = key.sign(b"dcep/1/test\0x");
        let parsed = ecdsa::Signature::from_slice(low.as_bytes()).unwrap();
        let high = ecdsa::Signature::from_scalars(parsed.r().to_bytes(), (-parsed.s()).to_bytes()).unwrap();
        assert_ne!(high, parsed);
        for form in [
            low.as_bytes().to_vec(),
            parsed.to_der().as_bytes().to_vec(),
            high.to_vec(),
            high.to_der().as_bytes().to_vec(),
        ] {
            assert_eq!(answer(Algorithm::P256, vec![form]), Ok(vec![low]));
        }
    }

    #[test]
    fn what_does_not_verify_is_refused() {
        let mut wrong = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32])
            .unwrap()
            .sign(b"dcep/1/test\0x")
            .as_bytes()
            .to_vec();
        assert!(answer(Algorithm::Ed25519, vec![wrong.clone()]).is_ok());
        if let Some(byte) = wrong.first_mut() {
            *byte ^= 1;
        }
        for answers in [
            vec![wrong],
            vec![vec![]],
            vec![vec![0; 64]],
            vec![],
            vec![vec![0x30; 200], vec![]],
        ] {
            for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
                assert_eq!(answer(algorithm, answers.clone()), Err(VaultError::Misbehaved));
            }
        }
    }
}
