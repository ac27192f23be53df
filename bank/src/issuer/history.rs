//! Where every single fen has been.
//!
//! A note of *n* fen is *n* numbered fen. A transfer lays its inputs end to end and cuts its outputs from the result in
//! their order, so that every output is a list of runs of numbered fen, and every fen has one way from its note to where
//! it is. Two claims of one fen went different ways, and where the ways part, one outpoint was consumed by two transfers:
//! that is the fork that made the second fen out of nothing. No rounding, no choice, no order of events comes into it.

use std::collections::BTreeMap;

use protocol::{Amount, Body as _, Id, Outpoint, Payment, Transfer};

use crate::store::StoreError;

/// Consecutive fen of one note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    pub(super) note: Id,
    /// The number of the first fen.
    pub(super) first: u64,
    /// The number after the last.
    pub(super) until: u64,
}

impl Run {
    pub(super) const fn length(&self) -> u64 {
        self.until.saturating_sub(self.first)
    }
}

/// One step of a fen: an outpoint it was in, and the transfer that consumed it.
pub(super) type Step = (Outpoint, Id);

/// The notes and transfers that a payment shows, or a note that never moved.
#[derive(Default)]
pub(super) struct History {
    transfers: BTreeMap<Id, Transfer>,
    runs: BTreeMap<Outpoint, Vec<Run>>,
}

impl History {
    pub(super) fn of(payment: &Payment) -> Self {
        let mut history = Self::default();
        for note in payment.notes() {
            history.add_note(note.body.id(), note.body.amount);
        }
        for signed in payment.transfers() {
            history.add_transfer(&signed.transfer);
        }
        history
    }

    pub(super) fn of_note(note: Id, amount: Amount) -> Self {
        let mut history = Self::default();
        history.add_note(note, amount);
        history
    }

    fn add_note(&mut self, note: Id, amount: Amount) {
        let outpoint = Outpoint {
            origin: note,
            output: 0,
        };
        let run = Run {
            note,
            first: 0,
            until: amount.fen(),
        };
        self.runs.insert(outpoint, vec![run]);
    }

    fn add_transfer(&mut self, transfer: &Transfer) {
        let mut laid_out = transfer
            .inputs
            .iter()
            .flat_map(|input| self.runs.get(input).into_iter().flatten().copied())
            .collect::<Vec<_>>()
            .into_iter();
        let mut rest = None;
        let origin = transfer.id();
        for (output, created) in (0..).zip(&transfer.outputs) {
            let mut wanted = created.amount.fen();
            let mut runs = Vec::new();
            // A well-formed transfer creates no more than it consumes.
            while wanted > 0
                && let Some(run) = rest.take().or_else(|| laid_out.next())
            {
                let cut = run.first.saturating_add(wanted).min(run.until);
                let taken = Run { until: cut, ..run };
                wanted = wanted.saturating_sub(taken.length());
                runs.push(taken);
                rest = (cut < run.until).then_some(Run { first: cut, ..run });
            }
            self.runs.insert(Outpoint { origin, output }, runs);
        }
        self.transfers.insert(origin, transfer.clone());
    }

    /// The fen of an output, in their order.
    pub(super) fn runs(&self, outpoint: &Outpoint) -> Result<&[Run], StoreError> {
        self.runs.get(outpoint).map(Vec::as_slice).ok_or(UNKNOWN)
    }

    /// The way of the fen at `place` in an output: from its note to here.
    pub(super) fn way(&self, outpoint: &Outpoint, place: u64) -> Result<Vec<Step>, StoreError> {
        let (mut outpoint, mut place, mut way) = (*outpoint, place, Vec::new());
        while let Some(transfer) = self.transfers.get(&outpoint.origin) {
            let before = transfer.outputs.iter().take(usize::from(outpoint.output));
            place = before.fold(place, |sum, output| sum.saturating_add(output.amount.fen()));
            let consumed_by = outpoint.origin;
            let mut source = None;
            for input in &transfer.inputs {
                let length: u64 = self.runs(input)?.iter().map(Run::length).sum();
                if place < length {
                    source = Some(*input);
                    break;
                }
                place = place.saturating_sub(length);
            }
            outpoint = source.ok_or(UNKNOWN)?;
            way.push((outpoint, consumed_by));
        }
        way.reverse();
        Ok(way)
    }
}

const UNKNOWN: StoreError = StoreError::Damaged {
    what: "a history on record leads nowhere",
};

/// How two ways of one fen differ. They begin at the same note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ways {
    /// They part at this outpoint, which the first way's transfer consumes here.
    Part(Step),
    /// The second ends on the way of the first.
    SecondIsShorter,
    /// The first ends on the way of the second, or they are one.
    FirstIsNoLonger,
}

/// Compares two ways of one fen.
pub(super) fn compare(first: &[Step], second: &[Step]) -> Ways {
    let part = first.iter().zip(second).find(|(one, other)| one != other);
    match part {
        Some((step, _)) => Ways::Part(*step),
        None if second.len() < first.len() => Ways::SecondIsShorter,
        None => Ways::FirstIsNoLonger,
    }
}
