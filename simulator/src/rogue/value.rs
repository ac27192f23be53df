//! Value in a rogue's hands: pieces that can be passed on as often as one likes.

use std::collections::BTreeSet;

use protocol::{
    Amount, Body as _, HolderCertificate, Id, Note, Outpoint, Output, Payment, Reference, Signed,
    SignedTransfer, SigningKey, Transfer, VerifyingKey,
};

use crate::world::WorldError;

/// One output and the history that proves it.
#[derive(Clone, Debug)]
pub struct RoguePiece {
    notes: Vec<Signed<Note>>,
    transfers: Vec<SignedTransfer>,
    /// Its name.
    pub outpoint: Outpoint,
    /// Its worth.
    pub amount: Amount,
    /// Whose key can pass it on.
    pub owner: VerifyingKey,
}

impl RoguePiece {
    pub(super) fn of_note(note: Signed<Note>) -> Self {
        Self {
            outpoint: Outpoint {
                origin: note.body.id(),
                output: 0,
            },
            amount: note.body.amount,
            owner: note.body.holder_key,
            notes: vec![note],
            transfers: Vec::new(),
        }
    }

    /// The transfer that made it, unless it is a note.
    #[must_use]
    pub fn last_transfer(&self) -> Option<&SignedTransfer> {
        self.transfers.last()
    }

    /// What a payment brings its payee.
    #[must_use]
    pub fn of_payment(payment: &Payment) -> Option<Self> {
        let paid = payment.final_transfer().outputs.first()?;
        Some(Self {
            notes: payment.notes().to_vec(),
            transfers: payment.transfers().to_vec(),
            outpoint: Outpoint {
                origin: payment.id(),
                output: 0,
            },
            amount: paid.amount,
            owner: paid.holder_key,
        })
    }
}

/// A transfer that a rogue signed, and what it made.
#[derive(Clone, Debug)]
pub struct Split {
    notes: Vec<Signed<Note>>,
    transfers: Vec<SignedTransfer>,
    pub(super) signers: Vec<VerifyingKey>,
    /// The transfer.
    pub transfer: Id,
    /// What it consumes.
    pub inputs: Vec<Outpoint>,
    /// What it made, in order.
    pub pieces: Vec<RoguePiece>,
}

impl Split {
    pub(super) fn payment(
        &self,
        certificates: Vec<Signed<HolderCertificate>>,
    ) -> Result<Payment, WorldError> {
        Payment::new(self.notes.clone(), self.transfers.clone(), certificates)
            .map_err(|_| WorldError::Rogue("this is no payment"))
    }

    /// The transfer that was signed.
    #[must_use]
    pub fn signed(&self) -> Option<&SignedTransfer> {
        self.transfers.last()
    }

    /// The piece with this number.
    ///
    /// # Errors
    /// [`WorldError::Rogue`], if there is none.
    pub fn piece(&self, number: usize) -> Result<&RoguePiece, WorldError> {
        self.pieces
            .get(number)
            .ok_or(WorldError::Rogue("there is no such output"))
    }
}

/// `amount` to the payee, and what is left to the owner of the first piece.
pub(super) fn with_change(
    pieces: &[&RoguePiece],
    payee: VerifyingKey,
    amount: Amount,
) -> Result<Vec<(VerifyingKey, Amount)>, WorldError> {
    let total = Amount::checked_sum(pieces.iter().map(|piece| piece.amount));
    let left = total.and_then(|total| total.checked_sub(amount));
    let left = left.ok_or(WorldError::Rogue("the pieces do not suffice"))?;
    let owner = pieces
        .first()
        .ok_or(WorldError::Rogue("nothing to pass on"))?
        .owner;
    let mut to = vec![(payee, amount)];
    if !left.is_zero() {
        to.push((owner, left));
    }
    Ok(to)
}

pub(super) fn pass<'a>(
    pieces: &[&RoguePiece],
    to: &[(VerifyingKey, Amount)],
    reference: Reference,
    key: impl Fn(&VerifyingKey) -> Result<&'a SigningKey, WorldError>,
) -> Result<Split, WorldError> {
    let output = |(holder_key, amount): &(VerifyingKey, Amount)| Output {
        holder_key: *holder_key,
        amount: *amount,
    };
    let transfer = Transfer {
        inputs: pieces.iter().map(|piece| piece.outpoint).collect(),
        outputs: to.iter().map(output).collect(),
        reference,
    };
    let mut signers: Vec<VerifyingKey> = Vec::new();
    for piece in pieces {
        if !signers.contains(&piece.owner) {
            signers.push(piece.owner);
        }
    }
    let message = transfer.message();
    let signatures = signers
        .iter()
        .map(|signer| Ok(key(signer)?.sign(&message)))
        .collect::<Result<_, WorldError>>()?;

    let mut seen = BTreeSet::new();
    let notes = pieces.iter().flat_map(|piece| &piece.notes);
    let notes: Vec<_> = notes
        .filter(|note| seen.insert(note.body.id()))
        .cloned()
        .collect();
    let history = pieces.iter().flat_map(|piece| &piece.transfers);
    let mut transfers: Vec<_> = history
        .filter(|signed| seen.insert(signed.transfer.id()))
        .cloned()
        .collect();
    let (id, inputs) = (transfer.id(), transfer.inputs.clone());
    transfers.push(SignedTransfer { transfer, signatures });

    let piece = |(number, (owner, amount)): (u8, &(VerifyingKey, Amount))| RoguePiece {
        notes: notes.clone(),
        transfers: transfers.clone(),
        outpoint: Outpoint {
            origin: id,
            output: number,
        },
        amount: *amount,
        owner: *owner,
    };
    let pieces = (0_u8..).zip(to).map(piece).collect();
    Ok(Split {
        pieces,
        notes,
        transfers,
        signers,
        transfer: id,
        inputs,
    })
}
