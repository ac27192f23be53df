//! History: what happened to the money, for people.

use protocol::{Amount, Id, Name, Timestamp};

use super::Inner;
use crate::{
    error::Fault,
    model::{Outgoing, Purpose},
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
    /// A payment to somebody, a merchant by its registered name.
    Paid {
        /// The merchant's name.
        payee: Option<Name>,
    },
    /// A payment from somebody.
    Received,
    /// Account money became notes.
    Loaded,
    /// Value became account money.
    Deposited,
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Signed, possibly sent, not receipted. Ends with the receipt or through the bank.
    InDoubt,
    /// Both sides know.
    Done,
}

pub(super) fn history(inner: &Inner) -> Result<Vec<Entry>, Fault> {
    let mut entries = inner.operation()?.with(|core, _| {
        let outgoing = core
            .store
            .in_doubt()?
            .into_iter()
            .chain(core.store.receipted()?)
            .map(sent);
        let incoming = core.store.all_incoming()?.into_iter().map(|taken| Entry {
            at: taken.receipt.taken_at,
            kind: Kind::Received,
            amount: taken.amount,
            state: State::Done,
            transfer: Some(taken.transfer),
        });
        let loads = core.store.loads()?.into_iter().map(|load| Entry {
            at: load.loaded_at,
            kind: Kind::Loaded,
            amount: load.amount,
            state: State::Done,
            transfer: None,
        });
        Ok::<_, Fault>(outgoing.chain(incoming).chain(loads).collect::<Vec<_>>())
    })?;
    entries.sort_by_key(|entry| (core::cmp::Reverse(entry.at), entry.transfer));
    Ok(entries)
}

fn sent(outgoing: Outgoing) -> Entry {
    Entry {
        at: outgoing.signed_at,
        kind: match outgoing.purpose {
            Purpose::Payment(request) => Kind::Paid {
                payee: request.payee.body.grant.name,
            },
            Purpose::Deposit(_) => Kind::Deposited,
        },
        amount: outgoing.amount,
        state: if outgoing.receipt.is_some() {
            State::Done
        } else {
            State::InDoubt
        },
        transfer: Some(outgoing.transfer),
    }
}
