//! What must hold in every state.

use wallet_core::handoff::{PayeeState, PayerState};

use super::{
    bank,
    world::{Account, Payee, Payer, To, World},
};

/// What is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Property {
    /// What can be spent, what is in doubt and not taken, and what is settled, is never more than was issued; and the
    /// piece is settled once at most.
    NoValueCreated,
    /// The piece is spendable at one holder, in doubt at one payer, settled, or claimable.
    AllValueAccounted,
    /// No two different transfers of one outpoint ever leave the payer, whatever happens to its files.
    OneTransferPerOutpoint,
    /// Nobody keeps more than one payment of one request.
    OnePaymentPerRequest,
    /// From every state one is in reach in which nothing is in doubt and the piece is in exactly one place.
    AlwaysEventuallyResolvable,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::NoValueCreated,
        Self::AllValueAccounted,
        Self::OneTransferPerOutpoint,
        Self::OnePaymentPerRequest,
        Self::AlwaysEventuallyResolvable,
    ];

    /// Whether it holds in this state. The last one is about the whole graph, and no single state violates it.
    pub(super) fn holds(self, world: &World) -> bool {
        match self {
            Self::NoValueCreated => value(world) <= 1,
            Self::AllValueAccounted => value(world) >= 1 || is_claimable(world),
            Self::OneTransferPerOutpoint => !world.forked,
            Self::OnePaymentPerRequest => one_payment_per_request(world),
            Self::AlwaysEventuallyResolvable => true,
        }
    }
}

pub(super) fn is_resolved(world: &World) -> bool {
    let at_rest = |payer: &Payer| match payer.state {
        PayerState::Signed | PayerState::Committed | PayerState::InDoubt | PayerState::Frozen => false,
        // Once the window has closed the money is the payee's only if the bank knows of the payment.
        PayerState::Receipted => !world.bank.closed || world.bank.recorded == payer.transfer,
        PayerState::Choosing | PayerState::Returned | PayerState::Recorded => true,
    };
    let settled = settled(world);
    let in_flight = |payer: &Payer| payer.gained_spent && !payer.retired && settled == 0;
    let content = |payee: &Payee| match payee.state {
        PayeeState::Verified | PayeeState::Signed => false,
        PayeeState::Asking => true,
        PayeeState::Taken | PayeeState::Returned | PayeeState::Recorded if payee.giving_back => {
            payee.thanked || payee.state == PayeeState::Recorded
        }
        // Once the piece is settled, whoever took it has the money; and what it signs to the bank has come in.
        PayeeState::Taken | PayeeState::Returned | PayeeState::Recorded => {
            let paid = payee.transfer.is_some_and(|transfer| match transfer.to {
                To::First => world.bank.credits[Account::First as usize] == 1,
                To::Second => world.bank.credits[Account::Second as usize] == 1,
                To::Bank => false,
            });
            paid || (settled == 0 && !payee.depositing)
        }
    };
    world.wallets().all(|payer| at_rest(payer) && !in_flight(payer))
        && world.payees.iter().all(|payee| payee.gone || content(payee))
        && spendable(world) + settled == 1
}

/// What can be spent, what is in doubt and not taken, and what is settled.
fn value(world: &World) -> u8 {
    spendable(world) + in_doubt(world) + settled(world)
}

fn settled(world: &World) -> u8 {
    world.bank.credits.iter().sum()
}

/// What a holder can pay with, or claim. Once the window has closed nobody can.
fn spendable(world: &World) -> u8 {
    if world.bank.closed {
        return 0;
    }
    let able = |payer: &&Payer| payer.is_genuine(world.guard) && !payer.retired;
    // Until the guard has moved nothing can have left, and any copy may still be the one that moves it.
    let unspent = |payer: &Payer| match payer.state {
        PayerState::Choosing | PayerState::Signed => true,
        PayerState::Committed => !world.guard.passes_through(payer.journal),
        _ => false,
    };
    let own = world.wallets().filter(able).any(unspent);
    let gained = settled(world) == 0 && world.wallets().filter(able).any(|payer| payer.gained);
    let held = |payee: &&Payee| !payee.gone && payee.has_taken() && !payee.giving_back && !payee.depositing;
    let taken: u8 = world.payees.iter().filter(held).map(|payee| payee.credited).sum();
    u8::from(own) + u8::from(gained) + taken
}

/// What is signed over to somebody who has not got it yet.
fn in_doubt(world: &World) -> u8 {
    if settled(world) > 0 {
        return 0;
    }
    let took = |payee: &Payee| payee.has_taken() || payee.gone;
    let open = |payer: &&Payer| {
        let counts = match payer.state {
            PayerState::InDoubt => true,
            // A copy made before the original moved the guard is as far as that, and does not know it.
            PayerState::Committed if world.guard.passes_through(payer.journal) => true,
            // What never left a copy that the guard has stopped never will.
            PayerState::Committed | PayerState::Frozen => world.left == payer.transfer,
            _ => false,
        };
        counts
            && payer
                .transfer
                .is_some_and(|transfer| !world.payee(transfer.to).is_some_and(took))
    };
    let gained = world.wallets().any(|payer| payer.gained);
    let payments = u8::from(world.wallets().any(|payer| open(&payer)));
    let returns = world.payees.iter().filter(|payee| !payee.gone);
    let returns = returns.filter(|payee| payee.has_given_back() && !gained).count();
    let deposits = world
        .payees
        .iter()
        .filter(|payee| !payee.gone && payee.depositing);
    payments + u8::try_from(returns + deposits.count()).unwrap()
}

/// The piece is at nobody who could spend it, through a fault that is no crash; and the bank can find out whose it is.
fn is_claimable(world: &World) -> bool {
    // The payer's phone is lost, or its wallet was rolled back: what it had is credited when the window closes.
    let payer_is_out = world
        .wallets()
        .all(|payer| payer.retired || !payer.is_genuine(world.guard));
    // A payee's phone is lost, or it was restored from before the payment: the payer, or the bank, still has the payment.
    let is_known = |to: To| {
        world
            .wallets()
            .any(|payer| payer.transfer.is_some_and(|transfer| transfer.to == to))
            || world.bank.recorded.is_some_and(|transfer| transfer.to == to)
    };
    let payee_is_out = |payee: &Payee, to: To| (payee.gone || payee.forgot) && is_known(to);
    let [first, second] = &world.payees;
    // On record at the bank, and not yet collected by its payee.
    let is_waiting = world.bank.recorded.is_some() && bank::latest_holder(&world.bank) != Account::Payer
        || world.bank.return_recorded;
    payer_is_out || payee_is_out(first, To::First) || payee_is_out(second, To::Second) || is_waiting
}

fn one_payment_per_request(world: &World) -> bool {
    let kept = |payee: &Payee| {
        let credited = if payee.has_given_back() { 0 } else { payee.credited };
        credited.min(1) + u8::from(payee.paid_by_another)
    };
    world.payees.iter().all(|payee| kept(payee) <= 1)
}
