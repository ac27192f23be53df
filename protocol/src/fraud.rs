//! Fraud proofs: two transfers that consume one outpoint, both signed by its owner.
//!
//! A proof carries everything a stranger needs: the element that created the outpoint (its id is the hash of what is
//! shown, so it names the owner beyond doubt), and the two transfers with the owner's signatures.

use minicbor::{Decode, Encode};

use crate::{
    cbor,
    id::{Id, id},
    key::{Signature, VerifyingKey},
    note::Note,
    payment::Payment,
    signed::Body,
    transfer::{Outpoint, SignedTransfer, Transfer},
};

/// The element that created an outpoint. No signature is needed to know what it says.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Origin {
    /// A note.
    #[n(0)]
    Note(#[n(0)] Note),
    /// A transfer.
    #[n(1)]
    Transfer(#[n(0)] Transfer),
}

impl Origin {
    fn id(&self) -> Id {
        match self {
            Self::Note(note) => note.id(),
            Self::Transfer(transfer) => transfer.id(),
        }
    }

    /// Who owned that output; `None` if there is no such output.
    #[must_use]
    pub fn owner(&self, output: u8) -> Option<VerifyingKey> {
        match self {
            Self::Note(note) => (output == 0).then_some(note.holder_key),
            Self::Transfer(transfer) => transfer
                .outputs
                .get(usize::from(output))
                .map(|output| output.holder_key),
        }
    }
}

/// One of the two ways: a transfer, and the owner's signature over it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Branch {
    /// What was signed.
    #[n(0)]
    pub transfer: Transfer,
    /// By the owner of the forked outpoint.
    #[n(1)]
    pub signature: Signature,
}

impl Branch {
    /// The transfer with the signature in it that is this owner's; `None` if none is.
    #[must_use]
    pub fn signed_by(owner: &VerifyingKey, signed: &SignedTransfer) -> Option<Self> {
        let message = signed.transfer.message();
        let mut signatures = signed.signatures.iter();
        let signature = signatures.find(|signature| owner.verify(&message, signature).is_ok())?;
        Some(Self {
            transfer: signed.transfer.clone(),
            signature: *signature,
        })
    }
}

/// Proof that the owner of an outpoint signed two different transfers of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ForkProof {
    /// What created the outpoint.
    #[n(0)]
    pub origin: Origin,
    /// The output number.
    #[n(1)]
    pub output: u8,
    /// One transfer.
    #[n(2)]
    pub first: Branch,
    /// Another transfer.
    #[n(3)]
    pub second: Branch,
}

/// What a valid proof shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fork {
    /// The forked outpoint.
    pub outpoint: Outpoint,
    /// The key that signed both transfers.
    pub culprit: VerifyingKey,
}

/// Why a fraud proof proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ForkProofError {
    /// The origin has no such output.
    #[error("the proof names an output that does not exist")]
    NoSuchOutput,
    /// Both branches are the same transfer.
    #[error("the proof shows one transfer twice")]
    SameTransfer,
    /// A branch does not consume the outpoint.
    #[error("a transfer in the proof does not consume the outpoint")]
    NotConsumed,
    /// The owner did not sign a branch.
    #[error("the owner did not sign a transfer in the proof")]
    BadSignature,
}

impl ForkProof {
    /// The proof that two payments (or one, given twice) contain, about one outpoint; `None` if they do not fork it.
    #[must_use]
    pub fn find(one: &Payment, other: &Payment, outpoint: &Outpoint) -> Option<Self> {
        let first = branches(one, outpoint).into_iter().next()?;
        let second = branches(other, outpoint)
            .into_iter()
            .find(|branch| branch.transfer != first.transfer)?;
        Some(Self {
            origin: origin(one, outpoint)?,
            output: outpoint.output,
            first,
            second,
        })
    }

    /// The proof that `first`, shown by one payment, and `second`, shown by another (or the same), fork an outpoint; `None`
    /// if they do not.
    #[must_use]
    pub fn between(one: (&Payment, Id), other: (&Payment, Id), outpoint: &Outpoint) -> Option<Self> {
        let branch = |(payment, transfer): (&Payment, Id)| {
            branches(payment, outpoint)
                .into_iter()
                .find(|branch| branch.transfer.id() == transfer)
        };
        let (first, second) = (branch(one)?, branch(other)?);
        (first.transfer != second.transfer).then_some(Self {
            origin: origin(one.0, outpoint)?,
            output: outpoint.output,
            first,
            second,
        })
    }

    /// How books name this proof: a hash of all of it.
    #[must_use]
    pub fn id(&self) -> Id {
        id("dcep/1/fork-proof", &[&cbor::encode(self)])
    }

    /// Checks the proof, with nothing but itself.
    ///
    /// # Errors
    /// [`ForkProofError`].
    pub fn verify(&self) -> Result<Fork, ForkProofError> {
        let outpoint = Outpoint {
            origin: self.origin.id(),
            output: self.output,
        };
        let culprit = self
            .origin
            .owner(self.output)
            .ok_or(ForkProofError::NoSuchOutput)?;
        if self.first.transfer == self.second.transfer {
            return Err(ForkProofError::SameTransfer);
        }
        for branch in [&self.first, &self.second] {
            if !branch.transfer.inputs.contains(&outpoint) {
                return Err(ForkProofError::NotConsumed);
            }
            culprit
                .verify(&branch.transfer.message(), &branch.signature)
                .map_err(|_| ForkProofError::BadSignature)?;
        }
        Ok(Fork { outpoint, culprit })
    }
}

fn branches(payment: &Payment, outpoint: &Outpoint) -> Vec<Branch> {
    let owner = payment
        .resolved
        .index_of(outpoint)
        .and_then(|index| payment.resolved.outputs.get(index))
        .map(|source| source.output.holder_key);
    payment
        .transfers()
        .iter()
        .zip(&payment.resolved.steps)
        .filter(|(signed, _)| signed.transfer.inputs.contains(outpoint))
        .filter_map(|(signed, step)| {
            let position = step.owners.iter().position(|key| Some(*key) == owner)?;
            let signature = *signed.signatures.get(position)?;
            Some(Branch {
                transfer: signed.transfer.clone(),
                signature,
            })
        })
        .collect()
}

fn origin(payment: &Payment, outpoint: &Outpoint) -> Option<Origin> {
    let as_note = || {
        payment
            .notes()
            .iter()
            .map(|note| &note.body)
            .find(|note| note.id() == outpoint.origin)
    };
    let as_transfer = || {
        payment
            .transfers()
            .iter()
            .map(|signed| &signed.transfer)
            .find(|transfer| transfer.id() == outpoint.origin)
    };
    as_note()
        .cloned()
        .map(Origin::Note)
        .or_else(|| as_transfer().cloned().map(Origin::Transfer))
}
