//! Payments: a chain of notes and transfers that ends in the transfer that pays.
//!
//! A [`Payment`] is *well formed by construction*: every input is an output of an earlier element,
//! no transfer names an input twice, every transfer's sums are equal, every element leads to the
//! final transfer, and there is exactly one signature slot per distinct owner. Whether the
//! signatures are true, the issuer known and the value unspent is for [`crate::verify()`] to say.

use std::collections::BTreeMap;

use crate::{
    amount::Amount,
    cbor::DecodeError,
    certificate::HolderCertificate,
    id::Id,
    key::VerifyingKey,
    note::Note,
    signed::{Body, Signed},
    transfer::{Outpoint, Output, SignedTransfer, Transfer},
};

/// The notes and transfers that prove a final transfer back to the issuer, and its signers' certificates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    pub(crate) notes: Vec<Signed<Note>>,
    pub(crate) transfers: Vec<SignedTransfer>,
    pub(crate) certificates: Vec<Signed<HolderCertificate>>,
    pub(crate) resolved: Resolved,
}

/// Notes and transfers are not the well-formed history of one final transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StructureError {
    /// No note, or no transfer, or more of them than permitted.
    #[error("a payment has {notes} notes and {transfers} transfers, outside what is permitted")]
    Count {
        /// How many notes there are.
        notes: usize,
        /// How many transfers there are.
        transfers: usize,
    },
    /// A transfer without inputs or outputs, or with more than [`Transfer::MAX_PARTS`].
    #[error("a transfer has {inputs} inputs and {outputs} outputs, outside what is permitted")]
    Parts {
        /// How many inputs it has.
        inputs: usize,
        /// How many outputs it has.
        outputs: usize,
    },
    /// An input that no earlier element created.
    #[error("a transfer consumes an output that is not in the payment")]
    UnknownInput,
    /// One transfer names an input twice.
    #[error("a transfer consumes one output twice")]
    RepeatedInput,
    /// The outputs of a transfer do not add up to its inputs.
    #[error("a transfer consumes {consumed} but creates another sum")]
    SumsDiffer {
        /// The sum of the inputs.
        consumed: Amount,
    },
    /// The same note or transfer stands twice in the payment.
    #[error("a payment carries one element twice")]
    RepeatedElement,
    /// An element that does not lead to the final transfer.
    #[error("a payment carries an element that does not belong to its history")]
    Superfluous,
    /// Another number of signatures than distinct owners of inputs.
    #[error("a transfer has {found} signatures, but its inputs have {owners} owners")]
    SignatureCount {
        /// Distinct owners.
        owners: usize,
        /// Signatures.
        found: usize,
    },
    /// The certificates are not those of the final transfer's signers, in their order.
    #[error("the certificates are not those of the signers")]
    CertificateMismatch,
    /// The complete encoding is longer than [`Payment::MAX_BYTES`]: nobody could be given it.
    #[error("a payment has {bytes} bytes, more than permitted")]
    TooLong {
        /// Bytes of its complete encoding.
        bytes: usize,
    },
}

/// Why bytes are not a payment.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaymentDecodeError {
    /// Not the encoding of a payment.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Decoded, but not well formed.
    #[error(transparent)]
    Structure(#[from] StructureError),
}

impl Payment {
    /// The most notes, and the most transfers, in one payment.
    pub const MAX_ELEMENTS: usize = 256;

    /// The most bytes one payment may have in any encoding: well above the longest chain any policy permits, and far
    /// below what one Noise message or one extended APDU carries.
    pub const MAX_BYTES: usize = 32_768;

    /// Puts a payment together: notes, then transfers in an order in which every input comes before its use, the
    /// paying one last, then the certificates of the final transfer's signers in the order of its signatures.
    ///
    /// # Errors
    /// [`StructureError`].
    pub fn new(
        notes: Vec<Signed<Note>>,
        transfers: Vec<SignedTransfer>,
        certificates: Vec<Signed<HolderCertificate>>,
    ) -> Result<Self, StructureError> {
        let mut resolved = Resolved::default();
        for note in &notes {
            resolved.add_note(&note.body)?;
        }
        for transfer in &transfers {
            resolved.add_transfer(transfer)?;
        }
        Self::from_parts(notes, transfers, certificates, resolved)
    }

    pub(crate) fn from_parts(
        notes: Vec<Signed<Note>>,
        transfers: Vec<SignedTransfer>,
        certificates: Vec<Signed<HolderCertificate>>,
        resolved: Resolved,
    ) -> Result<Self, StructureError> {
        let counts = 1..=Self::MAX_ELEMENTS;
        if !counts.contains(&notes.len()) || !counts.contains(&transfers.len()) {
            return Err(StructureError::Count {
                notes: notes.len(),
                transfers: transfers.len(),
            });
        }
        resolved.check_all_used()?;
        let signers = resolved
            .final_step()
            .map(|step| &step.owners)
            .ok_or(StructureError::Superfluous)?;
        if !certificates.iter().map(|c| &c.body.holder_key).eq(signers) {
            return Err(StructureError::CertificateMismatch);
        }
        let payment = Self {
            notes,
            transfers,
            certificates,
            resolved,
        };
        // Of the encodings the complete one is the longest. Without this check a payer could sign what no payee reads,
        // and a payee could take an answer whose complete form no bank reads.
        let bytes = payment.encode().len();
        if bytes > Self::MAX_BYTES {
            return Err(StructureError::TooLong { bytes });
        }
        Ok(payment)
    }

    /// The notes it goes back to.
    #[must_use]
    pub fn notes(&self) -> &[Signed<Note>] {
        &self.notes
    }

    /// All transfers, the final one last.
    #[must_use]
    pub fn transfers(&self) -> &[SignedTransfer] {
        &self.transfers
    }

    /// The certificates of the final transfer's signers, in the order of its signatures.
    #[must_use]
    pub fn certificates(&self) -> &[Signed<HolderCertificate>] {
        &self.certificates
    }

    /// The transfer that pays.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        clippy::expect_used,
        reason = "a payment is never built without a transfer"
    )]
    pub fn final_transfer(&self) -> &Transfer {
        &self.transfers.last().expect("checked by from_parts").transfer
    }

    /// The id of the transfer that pays.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        clippy::expect_used,
        reason = "a payment is never built without a transfer"
    )]
    pub fn id(&self) -> Id {
        self.resolved.final_step().expect("checked by from_parts").id
    }

    /// Every consumption it shows: which transfer consumes which outpoint.
    pub fn consumptions(&self) -> impl Iterator<Item = (Outpoint, Id)> + '_ {
        self.transfers
            .iter()
            .zip(&self.resolved.steps)
            .flat_map(|(signed, step)| signed.transfer.inputs.iter().map(|input| (*input, step.id)))
    }

    /// The longest path of transfers from a note to the final transfer, that one included.
    #[must_use]
    pub fn hops(&self) -> u32 {
        self.resolved.final_step().map_or(0, |step| step.hops)
    }
}

/// What follows from a payment's elements without any signature: ids, owners, sums, hops.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Resolved {
    /// All outputs in order of appearance, notes first.
    pub(crate) outputs: Vec<ResolvedOutput>,
    /// One per transfer.
    pub(crate) steps: Vec<Step>,
    by_outpoint: BTreeMap<Outpoint, usize>,
    /// Outpoints that some transfer consumes.
    used: Vec<bool>,
    elements: BTreeMap<Id, ()>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResolvedOutput {
    pub(crate) outpoint: Outpoint,
    pub(crate) output: Output,
    /// Transfers on the longest path from a note to here.
    hops: u32,
}

/// What follows for one transfer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) id: Id,
    /// Distinct owners of its inputs, in the order in which the inputs first name them.
    pub(crate) owners: Vec<VerifyingKey>,
    pub(crate) hops: u32,
}

impl Resolved {
    pub(crate) fn index_of(&self, outpoint: &Outpoint) -> Option<usize> {
        self.by_outpoint.get(outpoint).copied()
    }

    fn final_step(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// The sum of these outputs; an error if one of them is not there.
    pub(crate) fn sum(&self, inputs: &[Outpoint]) -> Result<Amount, StructureError> {
        let amounts: Option<Vec<_>> = inputs
            .iter()
            .map(|input| Some(self.outputs.get(self.index_of(input)?)?.output.amount))
            .collect();
        Amount::checked_sum(amounts.ok_or(StructureError::UnknownInput)?).ok_or(StructureError::SumsDiffer {
            consumed: Amount::MAX,
        })
    }

    pub(crate) fn add_note(&mut self, note: &Note) -> Result<(), StructureError> {
        let output = Output {
            holder_key: note.holder_key,
            amount: note.amount,
        };
        self.add_element(note.id(), &[output], 0)
    }

    pub(crate) fn add_transfer(&mut self, signed: &SignedTransfer) -> Result<(), StructureError> {
        let Transfer { inputs, outputs, .. } = &signed.transfer;
        let permitted = 1..=Transfer::MAX_PARTS;
        if !permitted.contains(&inputs.len()) || !permitted.contains(&outputs.len()) {
            return Err(StructureError::Parts {
                inputs: inputs.len(),
                outputs: outputs.len(),
            });
        }
        let consumed = self.sum(inputs)?;
        if Amount::checked_sum(outputs.iter().map(|output| output.amount)) != Some(consumed) {
            return Err(StructureError::SumsDiffer { consumed });
        }

        let (mut owners, mut hops) = (Vec::new(), 0);
        for (number, input) in inputs.iter().enumerate() {
            if inputs.iter().take(number).any(|earlier| earlier == input) {
                return Err(StructureError::RepeatedInput);
            }
            let index = self.index_of(input).ok_or(StructureError::UnknownInput)?;
            let source = self.outputs.get(index).ok_or(StructureError::UnknownInput)?;
            hops = hops.max(source.hops + 1);
            if !owners.contains(&source.output.holder_key) {
                owners.push(source.output.holder_key);
            }
            if let Some(used) = self.used.get_mut(index) {
                *used = true;
            }
        }
        if owners.len() != signed.signatures.len() {
            return Err(StructureError::SignatureCount {
                owners: owners.len(),
                found: signed.signatures.len(),
            });
        }

        let id = signed.transfer.id();
        self.add_element(id, outputs, hops)?;
        self.steps.push(Step { id, owners, hops });
        Ok(())
    }

    fn add_element(&mut self, origin: Id, outputs: &[Output], hops: u32) -> Result<(), StructureError> {
        if self.elements.insert(origin, ()).is_some() {
            return Err(StructureError::RepeatedElement);
        }
        for (number, output) in (0_u8..).zip(outputs) {
            let outpoint = Outpoint {
                origin,
                output: number,
            };
            self.by_outpoint.insert(outpoint, self.outputs.len());
            self.outputs.push(ResolvedOutput {
                outpoint,
                output: *output,
                hops,
            });
            self.used.push(false);
        }
        Ok(())
    }

    /// Every element but the last has an output that is used: so each leads to the final transfer, because uses only
    /// ever point forward.
    fn check_all_used(&self) -> Result<(), StructureError> {
        let last = self.final_step().map(|step| step.id);
        let mut used: BTreeMap<Id, bool> = BTreeMap::new();
        for (output, is_used) in self.outputs.iter().zip(&self.used) {
            *used.entry(output.outpoint.origin).or_default() |= is_used;
        }
        let superfluous = used
            .into_iter()
            .any(|(origin, is_used)| !is_used && Some(origin) != last);
        if superfluous {
            Err(StructureError::Superfluous)
        } else {
            Ok(())
        }
    }
}
