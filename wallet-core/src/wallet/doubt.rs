//! What is in doubt, for people; and what the wallet holds piece by piece, for auditors.

use protocol::{Amount, Id, Outpoint, PayeeName, Timestamp, VerifyingKey};

use super::{Inner, operation::Core, receipt::payee_of, refund};
use crate::{
    error::Fault,
    handoff::{PayeeState, PayerState},
    model::{Element, End, Outgoing, Purpose},
    store::StoreError,
};

/// A transfer that is signed, possibly sent, and confirmed by nobody: its value counts neither as spendable nor as gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InDoubt {
    /// The transfer.
    pub transfer: Id,
    /// What it was signed for.
    pub what: Doubtful,
    /// To whom, by the key it was signed to.
    pub payee: VerifyingKey,
    /// The payee's name.
    pub name: PayeeName,
    /// How much.
    pub amount: Amount,
    /// When it was signed, by the wallet's time.
    pub since: Timestamp,
    /// How many seconds ago that is.
    pub age: u64,
    /// What will end it. No clock ever does.
    pub ends_by: EndsBy,
}

/// What a transfer in doubt was signed for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Doubtful {
    /// A payment to a payee.
    Payment,
    /// Giving back a payment that this wallet did not want.
    Return,
    /// Giving back a payment, or a part of it, because the holder decided so.
    Refund,
    /// A deposit with the bank.
    Deposit,
    /// A refresh with the bank.
    Refresh,
}

/// What ends a doubt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndsBy {
    /// Any tap with the same payee, in either role; or a sync.
    TapOrSync,
    /// A sync.
    Sync,
    /// The bank alone, when it hears from the payee, or when the claim window closes: this wallet was rolled back or
    /// copied, and must not send it again. A sync asks.
    Bank,
}

/// What a wallet holds, piece by piece: for audits and simulations. Pseudonymous as everything in the wallet, but the
/// complete picture of it: not to be sent anywhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Holdings {
    /// Every piece it owns, with its worth.
    pub pieces: Vec<(Outpoint, Amount)>,
    /// Every transfer of its own that is in doubt.
    pub doubts: Vec<Doubt>,
}

/// A transfer in doubt, for audits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// The transfer.
    pub transfer: Id,
    /// What it consumes.
    pub inputs: Vec<Outpoint>,
    /// How much it moves; the rest is change.
    pub amount: Amount,
    /// Committed, in doubt, or frozen.
    pub state: PayerState,
}

/// What is in doubt, newest first.
pub(super) fn in_doubt(inner: &Inner) -> Result<Vec<InDoubt>, Fault> {
    inner.operation()?.with(|core, moment| {
        let mut doubts = core
            .store
            .in_doubt()?
            .into_iter()
            .map(|outgoing| describe(core, outgoing, moment.now))
            .collect::<Result<Vec<_>, Fault>>()?;
        doubts.sort_by_key(|doubt| (core::cmp::Reverse(doubt.since), doubt.transfer));
        Ok(doubts)
    })
}

fn describe(core: &Core, outgoing: Outgoing, now: Timestamp) -> Result<InDoubt, Fault> {
    let payee = payee_of(core, &outgoing.transfer)?;
    let (what, name) = match outgoing.purpose {
        Purpose::Payment(request) => (Doubtful::Payment, request.payee_name()),
        Purpose::Return { .. } => (Doubtful::Return, PayeeName::Unnamed),
        Purpose::Refund { paid, .. } => (Doubtful::Refund, refund::payer_name(core, &paid)?),
        Purpose::Deposit(_) => (Doubtful::Deposit, PayeeName::Unnamed),
        Purpose::Refresh(_) => (Doubtful::Refresh, PayeeName::Unnamed),
    };
    Ok(InDoubt {
        transfer: outgoing.transfer,
        what,
        payee,
        name,
        amount: outgoing.amount,
        since: outgoing.signed_at,
        age: now.seconds().saturating_sub(outgoing.signed_at.seconds()),
        ends_by: match what {
            _ if outgoing.frozen => EndsBy::Bank,
            Doubtful::Deposit | Doubtful::Refresh => EndsBy::Sync,
            Doubtful::Payment | Doubtful::Return | Doubtful::Refund => EndsBy::TapOrSync,
        },
    })
}

pub(super) fn holdings(inner: &Inner) -> Result<Holdings, Fault> {
    inner.operation()?.with(|core, _| {
        let pieces = core.purse.pieces().map(|piece| (piece.outpoint, piece.amount));
        let doubts = core.store.in_doubt()?.into_iter().map(|outgoing| {
            let element = core.store.element(&outgoing.transfer)?;
            let Some(Element::Transfer(signed)) = element else {
                return Err(StoreError::Damaged);
            };
            Ok(Doubt {
                transfer: outgoing.transfer,
                inputs: signed.transfer.inputs,
                amount: outgoing.amount,
                state: payer_state_of(core, &outgoing),
            })
        });
        Ok(Holdings {
            pieces: pieces.collect(),
            doubts: doubts.collect::<Result<_, StoreError>>()?,
        })
    })
}

/// Where a transfer of this wallet stands; `Choosing` if there is none of this id.
pub(super) fn payer_state(inner: &Inner, transfer: &Id) -> Result<PayerState, Fault> {
    inner.operation()?.with(|core, _| {
        let outgoing = core.store.outgoing(transfer)?;
        Ok(outgoing.map_or(PayerState::Choosing, |outgoing| payer_state_of(core, &outgoing)))
    })
}

fn payer_state_of(core: &Core, outgoing: &Outgoing) -> PayerState {
    if outgoing.returned_by.is_some() {
        return PayerState::Returned;
    }
    match outgoing.end {
        Some(End::Recorded | End::PaidBack | End::Deposited) => PayerState::Recorded,
        None if outgoing.receipt.is_some() => PayerState::Receipted,
        None if outgoing.frozen => PayerState::Frozen,
        None if core.guard_knows(outgoing) => PayerState::InDoubt,
        None => PayerState::Committed,
    }
}

/// Where a payment to this wallet stands; `Asking` if it took none of this id.
pub(super) fn payee_state(inner: &Inner, transfer: &Id) -> Result<PayeeState, Fault> {
    inner.operation()?.with(|core, _| {
        let incoming = core.store.incoming(transfer)?;
        Ok(match incoming {
            None => PayeeState::Asking,
            Some(incoming) if incoming.returned_by.is_some() => PayeeState::Returned,
            Some(incoming) if incoming.recorded => PayeeState::Recorded,
            Some(_) => PayeeState::Taken,
        })
    })
}
