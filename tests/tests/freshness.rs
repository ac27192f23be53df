//! A wallet knows how old its trust is; past the policy's term it neither pays nor asks, and a sync lifts that.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Amount, Code, Coded as _};
use simulator::{Air, Frames, Phone, Roles, TapReport, World, seed_from_environment};
use tests::phones::{owned, yuan};
use wallet_core::{PayError, ReceiveError, Verdict};

const DAY: u64 = 86_400;

fn scene() -> (World, Phone, Phone) {
    let mut world = World::new(seed_from_environment(59)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    (world, alice, bob)
}

fn verdict(phone: &Phone) -> Verdict {
    phone.wallet().freshness().unwrap().verdict
}

fn tap(world: &World, payer: &Phone, payee: &Phone) -> TapReport {
    world
        .handoff(payer, payee, yuan("1.00"), Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect())
}

#[test]
fn age_is_shown_warned_of_and_in_the_end_refused() {
    let (world, mut alice, bob) = scene();
    let fresh = alice.wallet().freshness().unwrap();
    assert_eq!((fresh.verdict, fresh.age_days), (Verdict::Fresh, 0));
    let term = fresh.too_old_after_days.unwrap();

    world.clock().advance(u64::from(term / 2 + 1) * DAY);
    assert_eq!(verdict(&alice), Verdict::Ageing);
    alice.restart().unwrap();
    assert_eq!(alice.wallet().freshness().unwrap().age_days, term / 2 + 1);

    world.clock().advance(u64::from(term / 2 + 1) * DAY);
    assert_eq!(verdict(&alice), Verdict::TooOld);
    let refused = alice.wallet().request(None).unwrap_err();
    assert!(matches!(refused, ReceiveError::TrustTooOld { age_days } if age_days > term));
    assert_eq!(refused.code(), Code::TrustTooOld);
    assert_eq!(owned(&alice), yuan("100.00"), "nothing is gone");

    // Bob has synced, and asks; Alice says no before she signs anything.
    bob.wallet().sync(&world.line()).unwrap();
    let report = tap(&world, &alice, &bob);
    let Some(reason) = report.declined() else {
        panic!("{report:?}")
    };
    assert!(matches!(reason, PayError::TrustTooOld { .. }));
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, Amount::ZERO);

    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(verdict(&alice), Verdict::Fresh);
    assert!(tap(&world, &alice, &bob).completed());
}

#[test]
fn the_devices_own_clock_makes_nothing_fresh() {
    let (world, alice, _) = scene();
    // Forty days ahead when it syncs: what counts is the bank's time.
    alice.clock().jump(40 * 86_400);
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(
        alice.wallet().freshness().unwrap().as_of.day(),
        world.clock().now().day()
    );
    alice.clock().set_right();
    assert_eq!(verdict(&alice), Verdict::Fresh);
    // Back again: no younger than it was.
    world.clock().advance(60 * DAY);
    alice.clock().jump(-59 * 86_400);
    assert_eq!(verdict(&alice), Verdict::Fresh, "it cannot know better");
    alice.wallet().account_balance(&world.line()).unwrap();
    assert_eq!(verdict(&alice), Verdict::Ageing, "the bank's time was heard");
}

#[test]
fn a_newer_list_from_another_phone_counts() {
    let (mut world, alice, bob) = scene();
    world.clock().advance(20 * DAY);
    // Somebody's keys are revoked: a new list, which Bob fetches.
    let mut carol = world.phone("Carol").unwrap();
    let copy = carol.snapshot().unwrap();
    world.fund(&carol, yuan("10.00")).unwrap();
    assert!(tap(&world, &carol, &bob).completed());
    carol.restore(&copy).unwrap();
    carol.wallet().sync(&world.line()).unwrap();
    bob.wallet().sync(&world.line()).unwrap();
    let before = alice.wallet().freshness().unwrap();
    assert!(tap(&world, &alice, &bob).completed());
    let after = alice.wallet().freshness().unwrap();
    assert!(after.status_version > before.status_version);
    assert!(
        (after.age_days, before.age_days) == (0, 20),
        "{before:?} {after:?}"
    );
}
