//! Short words for tests with simulated phones.

use protocol::{Amount, Id};
use simulator::{Air, Frames, Handoff, Phone, Roles, World};
use wallet_core::EventKind;

/// An amount as people write it.
#[must_use]
pub fn yuan(text: &str) -> Amount {
    text.parse().expect("a test amount is written like 37.45")
}

/// What a phone can pay offline, now.
#[must_use]
pub fn spendable(phone: &Phone) -> Amount {
    phone.wallet().balance().expect("the wallet is open").spendable
}

/// What a phone owns, whether it can be paid on offline or only taken to the bank.
#[must_use]
pub fn owned(phone: &Phone) -> Amount {
    let balance = phone.wallet().balance().expect("the wallet is open");
    balance
        .spendable
        .checked_add(balance.only_at_bank)
        .expect("less than there is")
}

/// Pays by one tap over perfect air, and expects it to go well.
pub fn pay(world: &World, payer: &Phone, payee: &Phone, amount: &str) {
    let handoff = world.handoff(payer, payee, yuan(amount), Roles::PayeeIsCard);
    let report = handoff
        .expect("payer and payee are ready")
        .tap(Frames::Extended, &mut Air::perfect());
    assert!(report.completed(), "{report:?}");
}

/// `giver` brings what it owes `taker` of the payment `paid`.
#[must_use]
pub fn bring(giver: &Phone, taker: &Phone, paid: &Id, roles: Roles) -> Handoff {
    Handoff {
        payer: giver
            .wallet()
            .resume(roles.payer())
            .expect("there is something to bring"),
        payee: taker
            .wallet()
            .await_refund(paid, roles.payee())
            .expect("it was paid"),
    }
}

/// Hears and acknowledges what a phone has to tell, in order. Each event comes again until it is acknowledged.
pub fn events(phone: &Phone) -> Vec<EventKind> {
    let next = || phone.wallet().next_event().expect("the wallet is open");
    let mut kinds = Vec::new();
    while let Some(event) = next() {
        assert_eq!(next().as_ref(), Some(&event));
        let acknowledged = phone.wallet().acknowledge_event(event.id);
        acknowledged.expect("the wallet is open");
        kinds.push(event.kind);
    }
    kinds
}
