//! The second act: a limit is met, money comes back, and a phone is lost.

use protocol::{Coded as _, Id};
use wallet_core::{Consent, EventKind, Limit, Outcome, Quantity, link::apdu::FrameSize};

use super::{
    phone::Phone,
    stage::Stage,
    step::CardSide,
    story::{Play, Scene, end_of_flight, yuan},
    touch::{Touch, unforeseen},
};
use crate::failure::Failure;

/// Its scenes, in their order.
pub(super) const SCENES: [Play; 6] = [
    a_load_is_too_large,
    the_phone_asks_first,
    alice_confirms,
    bob_refunds_a_part,
    a_phone_is_lost,
    the_window_closes,
];

fn a_load_is_too_large(stage: &mut Stage) -> Result<Scene, Failure> {
    let (cash, wanted, loaded) = (yuan("900.00")?, yuan("1000.00")?, yuan("300.00")?);
    stage.alice_pays_in(cash)?;
    let alice = &stage.alice;
    let refused = match alice.wallet.load(&alice.network, wanted) {
        Err(error) => format!("{error} [{}]", error.code()),
        Ok(()) => format!("her wallet holds {wanted} more all the same"),
    };
    alice.wallet.load(&alice.network, loaded)?;
    Ok(Scene::new(format!(
        "Alice brings {cash} more, and would load {wanted}: her wallet may not hold that"
    ))
    .remark(refused)
    .remark(format!("she loads {loaded} instead")))
}

fn the_phone_asks_first(stage: &mut Stage) -> Result<Scene, Failure> {
    stage.switch_network(false);
    stage.calls_before_flight = stage.calls();
    let touch = the_payment()?;
    let request = stage.bob.wallet.request(Some(touch.amount))?;
    let met = touch.offer(&stage.alice, &stage.bob, &request.id, Consent::Unconfirmed)?;
    let reason = match met.outcome {
        Some(Outcome::Declined {
            reason,
            request: Some(asked),
        }) if asked.id == request.id => reason,
        outcome => return Err(unforeseen(outcome)),
    };
    stage.asked = Some(request.id);
    let mut scene = Scene::new(format!(
        "Offline: Bob asks for {}, and Alice only holds out her phone",
        touch.amount
    ));
    let limits = stage.alice.wallet.limits()?;
    if let Some(limit) = limits.of(Limit::UnconfirmedEach)
        && let Quantity::Money(most) = limit.most
    {
        scene = scene.remark(format!("{} is {most}; {}", limit.limit, limit.lifts));
    }
    Ok(scene
        .remark(format!(
            "her phone signs nothing, and asks her: {reason} [{}]",
            reason.code()
        ))
        .tap(met.tapped))
}

fn alice_confirms(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = the_payment()?;
    let request = stage.asked.take().ok_or(Failure::Torn)?;
    let consent = Consent::To(request, touch.amount);
    let met = touch.offer(&stage.alice, &stage.bob, &request, consent)?;
    let Some(Outcome::Paid { transfer, .. }) = met.outcome else {
        return Err(unforeseen(met.outcome));
    };
    stage.paid = Some(transfer);
    Ok(Scene::new(format!(
        "Offline: Alice confirms {} on her phone, and they tap again",
        touch.amount
    ))
    .remark("it is the very same request that is paid: Bob did not ask twice")
    .tap(met.tapped))
}

/// Both taps of the large payment are alike; what differs is what Alice agreed to.
fn the_payment() -> Result<Touch, Failure> {
    Ok(Touch {
        amount: yuan("240.00")?,
        card: CardSide::Payee,
        frames: FrameSize::Extended,
        torn_after: None,
    })
}

fn bob_refunds_a_part(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = Touch {
        amount: yuan("40.00")?,
        card: CardSide::Payee,
        frames: FrameSize::Extended,
        torn_after: None,
    };
    let paid = stage.paid.take().ok_or(Failure::Torn)?;
    let refund = stage.bob.wallet.refund(&paid, touch.amount)?;
    let tapped = touch.refund(&stage.bob, &stage.alice, &paid)?;
    let mut linked = Vec::new();
    for phone in [&stage.bob, &stage.alice] {
        if links(phone, &paid, &refund)? {
            linked.push(phone.name);
        }
    }
    let left = stage.bob.wallet.refundable(&paid)?;
    Ok(
        Scene::new(format!("Offline: Bob gives {} of it back", touch.amount))
            .remark(format!(
                "to the key that paid, and to no other; {left} of the payment could follow"
            ))
            .remark(format!(
                "linked with the payment in the history of: {}",
                linked.join(", ")
            ))
            .tap(tapped),
    )
}

/// Whether a phone's history says of which payment this is the refund, and of that payment that it was refunded by this.
fn links(phone: &Phone, paid: &Id, refund: &Id) -> Result<bool, Failure> {
    let history = phone.wallet.history()?;
    let forth = history
        .iter()
        .any(|line| line.transfer == Some(*paid) && line.refunds.contains(refund));
    let back = history
        .iter()
        .any(|line| line.transfer == Some(*refund) && line.refund_of == Some(*paid));
    Ok(forth && back)
}

fn a_phone_is_lost(stage: &mut Stage) -> Result<Scene, Failure> {
    let flight = end_of_flight(stage);
    let deposited = stage.bob.wallet.deposit(&stage.bob.network, None)?;
    let drowned = stage.alice.wallet.balance()?.spendable;
    stage.replace_alices_phone()?;
    let frozen = match stage.alice.wallet.next_event()?.map(|event| event.kind) {
        Some(EventKind::OthersFrozen) => {
            "the old phone is frozen: it gets no new keys, and its old ones are on the list that phones pass on"
        }
        _ => "nobody has confirmed that the old phone is frozen",
    };
    Ok(Scene::new(format!(
        "Online again: Bob deposits {deposited}, and Alice's phone falls into the river with {drowned}"
    ))
    .remark(flight)
    .remark("her twelve words, on paper, make the account again on a new phone; cash is not in them")
    .remark(frozen))
}

fn the_window_closes(stage: &mut Stage) -> Result<Scene, Failure> {
    let loaded = yuan("50.00")?;
    let days = stage.claim_window;
    let before = stage.alice.wallet.account_balance(&stage.alice.network)?;
    stage.days_pass(days);
    for phone in stage.phones() {
        phone.wallet.sync(&phone.network)?;
    }
    let alice = &stage.alice;
    let after = alice.wallet.account_balance(&alice.network)?;
    let back = after.saturating_sub(before);
    alice.wallet.load(&alice.network, loaded)?;
    Ok(Scene::new(format!(
        "{days} days later the claim window of the lost money closes"
    ))
    .remark(format!("{back} is back on Alice's account"))
    .remark("not earlier: until then it might have been paid to somebody who had yet to bring it")
    .remark(format!("she loads {loaded} on the new phone, and goes on")))
}
