//! History: what happened to the money, for people.

use minicbor::Encode;
use protocol::{Amount, Id, PayeeName, Timestamp, cbor};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

use super::{Cursor, Inner, operation::Core, refund};
use crate::{
    error::Fault,
    model::{Closing, End, Incoming, Load, Outgoing, Purpose, Refunds},
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
    /// The name of the other side.
    pub name: PayeeName,
    /// How far it has come.
    pub state: State,
    /// The transfer; a load has none.
    pub transfer: Option<Id>,
    /// The payment of which this gives back: that line is in the history of both sides.
    pub refund_of: Option<Id>,
    /// The transfers that gave back of this payment, oldest first.
    pub refunds: Vec<Id>,
    /// How much they gave back together.
    pub refunded: Amount,
    /// Where it stands in the history.
    pub cursor: Cursor,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A payment to somebody.
    Paid,
    /// A payment from somebody.
    Received,
    /// A payment to this wallet that it did not want, given back.
    GaveBack,
    /// Of a payment to this wallet, this much was given back, because its holder decided so.
    GaveRefund,
    /// Of a payment of this wallet, this much came back.
    GotRefund,
    /// Account money became notes.
    Loaded,
    /// Value became account money.
    Deposited,
    /// Value became fresh notes of the same sum.
    Refreshed,
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
    /// All of it was given back.
    Returned,
    /// It never came to the bank, and what it would have moved was credited to this account.
    PaidBack,
}

/// Newest first.
pub(super) fn history(inner: &Inner) -> Result<Vec<Entry>, Fault> {
    let mut entries = inner.operation()?.with(|core, _| entries(core))?;
    entries.sort_by_key(|entry| entry.cursor);
    Ok(entries)
}

fn entries(core: &Core) -> Result<Vec<Entry>, Fault> {
    let store = &core.store;
    let refunds = Links::new(store.refunds()?);
    let outgoing = [store.in_doubt()?, store.receipted()?, store.ended()?].concat();
    // What was given back at once shows as that; what came back whole shows with the payment it was.
    let came_back: BTreeSet<_> = outgoing.iter().filter_map(|sent| sent.returned_by).collect();
    let incoming = [store.taken()?, store.recorded_incoming()?].concat();
    let incoming = incoming
        .into_iter()
        .filter(|taken| taken.returned_by.is_none() && !came_back.contains(&taken.transfer))
        .map(|taken| received(&refunds, taken));
    let mut entries = outgoing
        .into_iter()
        .map(|outgoing| sent(core, &refunds, outgoing))
        .collect::<Result<Vec<_>, _>>()?;
    entries.extend(incoming);
    entries.extend(store.loads()?.iter().map(loaded));
    entries.extend(store.closings()?.iter().map(closed));
    Ok(entries)
}

/// Which payment was refunded by which transfers, and the other way round.
struct Links {
    of: BTreeMap<Id, Refunds>,
    refunded: BTreeMap<Id, Id>,
}

impl Links {
    fn new(rows: Vec<Refunds>) -> Self {
        let pairs = rows
            .iter()
            .flat_map(|row| row.refunds.iter().map(|refund| (refund.transfer, row.paid)));
        Self {
            refunded: pairs.collect(),
            of: rows.into_iter().map(|row| (row.paid, row)).collect(),
        }
    }

    /// A line with everything that links it to others.
    fn link(&self, mut entry: Entry, transfer: &Id) -> Entry {
        entry.refund_of = entry.refund_of.or(self.refunded.get(transfer).copied());
        if let Some(refunds) = self.of.get(transfer) {
            entry.refunds = refunds.refunds.iter().map(|refund| refund.transfer).collect();
            entry.refunded = refunds.total();
        }
        if !entry.refunded.is_zero() && entry.refunded >= entry.amount {
            entry.state = State::Returned;
        }
        entry
    }
}

fn sent(core: &Core, refunds: &Links, outgoing: Outgoing) -> Result<Entry, Fault> {
    let state = state(&outgoing);
    let (kind, name, refund_of) = match outgoing.purpose {
        Purpose::Payment(request) => (Kind::Paid, request.payee_name(), None),
        Purpose::Refresh(_) if outgoing.end != Some(End::Deposited) => {
            (Kind::Refreshed, PayeeName::Unnamed, None)
        }
        Purpose::Deposit(_) | Purpose::Refresh(_) => (Kind::Deposited, PayeeName::Unnamed, None),
        Purpose::Return { paid, .. } => (Kind::GaveBack, refund::payer_name(core, &paid)?, Some(paid)),
        Purpose::Refund { paid, .. } => (Kind::GaveRefund, refund::payer_name(core, &paid)?, Some(paid)),
    };
    let (refunds_of_it, refunded) = match outgoing.returned_by {
        Some(back) => (vec![back], outgoing.amount),
        None => (Vec::new(), Amount::ZERO),
    };
    let entry = Entry {
        at: outgoing.signed_at,
        kind,
        amount: outgoing.amount,
        name,
        state,
        transfer: Some(outgoing.transfer),
        refund_of,
        refunds: refunds_of_it,
        refunded,
        cursor: Cursor::new(outgoing.signed_at, outgoing.transfer),
    };
    Ok(refunds.link(entry, &outgoing.transfer))
}

fn received(refunds: &Links, taken: Incoming) -> Entry {
    let payer = taken.signers.into_iter().next();
    let mut entry = Entry {
        at: taken.receipt.taken_at,
        kind: Kind::Received,
        amount: taken.amount,
        name: payer.and_then(|certificate| certificate.body.grant.name).into(),
        state: State::Done,
        transfer: Some(taken.transfer),
        refund_of: None,
        refunds: Vec::new(),
        refunded: Amount::ZERO,
        cursor: Cursor::new(taken.receipt.taken_at, taken.transfer),
    };
    entry = refunds.link(entry, &taken.transfer);
    if entry.refund_of.is_some() {
        entry.kind = Kind::GotRefund;
    }
    entry
}

fn loaded(load: &Load) -> Entry {
    let cursor = cursor(load.loaded_at, &load.key);
    alone(load.loaded_at, Kind::Loaded, load.amount, cursor)
}

fn closed(closing: &Closing) -> Entry {
    let cursor = cursor(closing.closed_at, &closing.outpoint);
    alone(closing.closed_at, Kind::Closed, closing.amount, cursor)
}

/// The place of a line that no transfer names.
fn cursor(at: Timestamp, name: &impl Encode<()>) -> Cursor {
    Cursor::new(at, Id::from_bytes(Sha256::digest(cbor::encode(name)).into()))
}

/// A line between this wallet and the bank, by no transfer.
const fn alone(at: Timestamp, kind: Kind, amount: Amount, cursor: Cursor) -> Entry {
    Entry {
        at,
        kind,
        amount,
        name: PayeeName::Unnamed,
        state: State::Done,
        transfer: None,
        refund_of: None,
        refunds: Vec::new(),
        refunded: Amount::ZERO,
        cursor,
    }
}

const fn state(outgoing: &Outgoing) -> State {
    match outgoing.end {
        _ if outgoing.returned_by.is_some() => State::Returned,
        Some(End::PaidBack) => State::PaidBack,
        Some(End::Recorded | End::Deposited) => State::Done,
        None if outgoing.receipt.is_some() => State::Done,
        None => State::InDoubt,
    }
}
