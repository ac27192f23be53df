//! History: what happened to the money, for people.

use protocol::{Amount, Id, PayeeName, Timestamp};
use std::collections::BTreeSet;

use super::Inner;
use crate::{
    error::Fault,
    model::{End, Incoming, Outgoing, Purpose},
};

/// One line of the history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When it was signed or taken, by this device's time.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// How much it moved.
    pub amount: Amount,
    /// How far it has come.
    pub state: State,
    /// The transfer; a load has none.
    pub transfer: Option<Id>,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A payment to somebody.
    Paid {
        /// The payee's name.
        payee: PayeeName,
    },
    /// A payment from somebody.
    Received,
    /// A payment to this wallet that it did not want, given back.
    GaveBack,
    /// Account money became notes.
    Loaded,
    /// Value became account money.
    Deposited,
    /// The claim window of value closed, and the bank credited it to the account.
    Closed,
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Signed, possibly sent, not receipted. Ends with the receipt or through the bank.
    InDoubt,
    /// Both sides know, or the bank does.
    Done,
    /// The payee gave it back.
    Returned,
    /// It never came to the bank, and what it would have moved was credited to this account.
    PaidBack,
}

pub(super) fn history(inner: &Inner) -> Result<Vec<Entry>, Fault> {
    let mut entries = inner.operation()?.with(|core, _| {
        let store = &core.store;
        let outgoing = [store.in_doubt()?, store.receipted()?, store.ended()?].concat();
        // What was given back shows as that; what came back shows with the payment it was.
        let came_back: BTreeSet<_> = outgoing.iter().filter_map(|sent| sent.returned_by).collect();
        let incoming = [store.taken()?, store.recorded_incoming()?].concat();
        let incoming = incoming
            .into_iter()
            .filter(|taken| taken.returned_by.is_none() && !came_back.contains(&taken.transfer))
            .map(received);
        let loads = store.loads()?.into_iter().map(|load| Entry {
            at: load.loaded_at,
            kind: Kind::Loaded,
            amount: load.amount,
            state: State::Done,
            transfer: None,
        });
        let closings = store.closings()?.into_iter().map(|closing| Entry {
            at: closing.closed_at,
            kind: Kind::Closed,
            amount: closing.amount,
            state: State::Done,
            transfer: None,
        });
        Ok::<_, Fault>(
            outgoing
                .into_iter()
                .map(sent)
                .chain(incoming)
                .chain(loads)
                .chain(closings)
                .collect::<Vec<_>>(),
        )
    })?;
    entries.sort_by_key(|entry| (core::cmp::Reverse(entry.at), entry.transfer));
    Ok(entries)
}

fn sent(outgoing: Outgoing) -> Entry {
    Entry {
        at: outgoing.signed_at,
        state: state(&outgoing),
        kind: match outgoing.purpose {
            Purpose::Payment(request) => Kind::Paid {
                payee: request.payee_name(),
            },
            Purpose::Deposit(_) => Kind::Deposited,
            Purpose::Return { .. } => Kind::GaveBack,
        },
        amount: outgoing.amount,
        transfer: Some(outgoing.transfer),
    }
}

fn received(taken: Incoming) -> Entry {
    Entry {
        at: taken.receipt.taken_at,
        kind: Kind::Received,
        amount: taken.amount,
        state: State::Done,
        transfer: Some(taken.transfer),
    }
}

const fn state(outgoing: &Outgoing) -> State {
    match outgoing.end {
        _ if outgoing.returned_by.is_some() => State::Returned,
        Some(End::PaidBack) => State::PaidBack,
        Some(End::Recorded) => State::Done,
        None if outgoing.receipt.is_some() => State::Done,
        None => State::InDoubt,
    }
}
