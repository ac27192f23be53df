//! What the cryptographic primitives of one handoff cost by themselves: the floor under every implementation.

use std::{error::Error, hint::black_box, time::Duration};

use protocol::{Algorithm, Signature, SigningKey, VerifyingKey};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::timing::median;

/// A signing key with a message and its signature.
pub(crate) struct Sample {
    key: SigningKey,
    public: VerifyingKey,
    signature: Signature,
}

const MESSAGE: &[u8] = b"dcep/1/transfer\0................................";

impl Sample {
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self, Box<dyn Error>> {
        let key = SigningKey::from_seed(algorithm, &[7; 32])?;
        Ok(Self {
            public: key.verifying_key(),
            signature: key.sign(MESSAGE),
            key,
        })
    }

    pub(crate) fn sign(&self) {
        black_box(self.key.sign(black_box(MESSAGE)));
    }

    pub(crate) fn verify(&self) -> Result<(), Box<dyn Error>> {
        Ok(self.public.verify(black_box(MESSAGE), &self.signature)?)
    }
}

/// Signatures and key agreements of one first-hop handoff, both sides:
///
/// - holder keys sign the transfer and the receipt, and each side verifies the signature its own vault returned;
/// - the payee verifies the transfer, the payer the receipt (holder keys);
/// - the payee verifies the note and the payer's certificate, the payer the payee's certificate (Ed25519 keys of
///   issuer and operator);
/// - Noise NX: two ephemeral keys made, and `ee` and `es` computed on both sides.
pub(crate) fn handoff_floor(algorithm: Algorithm) -> Result<Duration, Box<dyn Error>> {
    let (holder, bank) = (Sample::new(algorithm)?, Sample::new(Algorithm::Ed25519)?);
    let [one, other] = [1, 2].map(|byte| StaticSecret::from([byte; 32]));
    let public = PublicKey::from(&other);
    median(201, || {
        for _ in 0..2 {
            holder.sign();
            holder.verify()?;
            holder.verify()?;
            black_box(PublicKey::from(black_box(&one)));
            black_box(one.diffie_hellman(black_box(&public)));
            black_box(one.diffie_hellman(black_box(&public)));
        }
        for _ in 0..3 {
            bank.verify()?;
        }
        Ok(())
    })
}
