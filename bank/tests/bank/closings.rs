//! The last day to claim: what nobody presented is credited to the latest holder, and what comes even later is no fraud.

use protocol::{
    Amount, Outpoint,
    bank::{Answer, Delivery, Order},
};

use crate::common::{Piece, Wallet, World, fen};

/// The first day after the window of everything that was issued so far has closed.
fn close_all(world: &World) {
    let series = world.bank.trust_bundle().unwrap().series.pop().unwrap().body;
    let now = protocol::Timestamp::from_seconds(crate::common::START).day();
    world
        .clock
        .pass_days(u64::from(series.claim_until.since(now)) + 1);
}

fn closed(wallet: &Wallet, world: &World) -> Vec<(Outpoint, u64)> {
    wallet
        .collect(&world.bank)
        .into_iter()
        .filter_map(|delivery| match delivery {
            Delivery::Closed { outpoint, amount } => Some((outpoint, amount.fen())),
            Delivery::Payment { .. } | Delivery::Frozen { .. } => None,
        })
        .collect()
}

fn deposited(answer: &Answer) {
    assert!(matches!(answer, Answer::Deposited { .. }), "{answer:?}");
}

#[test]
fn notes_that_never_moved_come_home_to_their_holder() {
    let world = World::new(1);
    let alice = world.customer(2, 1_000);
    let notes = alice.load(&world.bank, 800);
    let series = world.bank.trust_bundle().unwrap().series[0].body.clone();
    let today = protocol::Timestamp::from_seconds(crate::common::START).day();
    world.clock.pass_days(u64::from(series.claim_until.since(today)));
    assert_eq!(
        world.bank.close_windows().unwrap().count,
        0,
        "not on the last day"
    );
    world.clock.pass_days(1);
    let closings = world.bank.close_windows().unwrap();
    assert_eq!(
        (closings.count, closings.credited),
        (notes.len() as u64, fen(800))
    );
    for _ in 0..2 {
        assert_eq!(world.bank.close_windows().unwrap().count, 0);
        assert_eq!(world.bank.balance(&alice.account()).unwrap(), fen(1_000));
        let mut told = closed(&alice, &world);
        told.sort_unstable();
        let mut expected: Vec<_> = notes
            .iter()
            .map(|note| (note.outpoint, note.output.amount.fen()))
            .collect();
        expected.sort_unstable();
        assert_eq!(told, expected);
        let books = world.bank.books().unwrap();
        assert_eq!((books.closed, books.outstanding), (fen(800), Amount::ZERO));
        world.check();
    }
}

/// No timer and no clerk is needed: whoever calls first that day finds it done.
#[test]
fn the_first_call_of_a_day_closes_windows() {
    let world = World::new(10);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let notes = alice.load(&world.bank, 800);
    close_all(&world);
    assert_eq!(bob.balance(&world.bank), Amount::ZERO);
    assert_eq!(world.bank.books().unwrap().closed, fen(800));
    assert_eq!(world.bank.balance(&alice.account()).unwrap(), fen(1_000));
    assert_eq!(world.bank.close_windows().unwrap().count, 0);

    // Claiming herself what was credited to her brings nothing.
    deposited(&alice.hand_in(&world.bank, &notes[..1]));
    assert_eq!(alice.balance(&world.bank), fen(1_000));
    assert_eq!(world.bank.books().unwrap().covered, notes[0].output.amount);
    world.check();
}

/// The phone of the payee is lost, and what it was paid is on record; the payer lost its own, with the change on it.
#[test]
fn recorded_payments_and_change_come_home() {
    let world = World::new(2);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    let rest = 1_000 - note.output.amount.fen();
    let payment = alice.give(&note, bob.key(0), 300);
    assert_eq!(alice.report(&world.bank, &payment, None), Answer::Recorded);
    let retire = Order::Retire {
        keys: vec![alice.key(0)],
    };
    assert_eq!(alice.ask(&world.bank, retire), Answer::Retired);
    let series = world.bank.trust_bundle().unwrap().series[0].body.clone();
    let today = protocol::Timestamp::from_seconds(crate::common::START).day();
    world.clock.pass_days(u64::from(series.claim_until.since(today)));
    assert_eq!(
        world.bank.close_windows().unwrap().count,
        0,
        "not on the last day"
    );
    world.clock.pass_days(1);
    world.bank.close_windows().unwrap();
    assert_eq!(bob.balance(&world.bank), fen(300));
    assert_eq!(
        alice.balance(&world.bank),
        fen(rest + note.output.amount.fen() - 300)
    );
    assert_eq!(world.bank.books().unwrap().outstanding, Amount::ZERO);
    assert_eq!(closed(&bob, &world).len(), 1);
    world.check();
}

/// Alice paid Bob offline, and Bob's phone surfaces after the window had closed to Alice.
#[test]
fn a_late_claim_takes_back_what_the_earlier_holder_was_credited() {
    for spent in [false, true] {
        let world = World::new(3);
        let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
        let note = alice.load(&world.bank, 1_000).remove(0);
        let amount = note.output.amount.fen();
        let payment = alice.give(&note, bob.key(0), 300);
        close_all(&world);
        world.bank.close_windows().unwrap();
        assert_eq!(alice.balance(&world.bank), fen(1_000));
        if spent {
            alice.load(&world.bank, 900);
        }
        let call = {
            let (key, order) = bob.deposit(&world.bank, &[Piece::of_payment(&payment, 0)]);
            bob.call(key, order)
        };
        for _ in 0..2 {
            deposited(&crate::common::answer(&world.bank.handle_call(&call)));
            assert_eq!(bob.balance(&world.bank), fen(300));
            let books = world.bank.books().unwrap();
            let (left, borne) = if spent { (0, 200) } else { (700, 0) };
            assert_eq!(world.bank.balance(&alice.account()).unwrap(), fen(left));
            assert_eq!(books.late_claims, fen(borne));
            assert_eq!(
                (books.forks, books.excess),
                (0, Amount::ZERO),
                "it is nobody's fraud"
            );
            world.check();
        }
        world.assert_listed(&[(&alice, false), (&bob, false)]);

        // Alice's change is known now, and hers already: nothing moves.
        let before = world.bank.balance(&alice.account()).unwrap();
        world.bank.close_windows().unwrap();
        assert_eq!(world.bank.balance(&alice.account()).unwrap(), before);
        let change = Outpoint {
            origin: payment.id(),
            output: 1,
        };
        assert!(closed(&alice, &world).contains(&(change, amount - 300)));
        world.check();
    }
}

/// A report is enough: the longer chain is credited to its holder at the next closing.
#[test]
fn a_late_report_corrects_a_closing() {
    let world = World::new(4);
    let (alice, bob, carol) = (
        world.customer(1, 1_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let note = alice.load(&world.bank, 1_000).remove(0);
    let amount = note.output.amount.fen();
    let to_bob = alice.give_all(&note, bob.key(0));
    close_all(&world);
    world.bank.close_windows().unwrap();
    assert_eq!(bob.report(&world.bank, &to_bob, None), Answer::Recorded);
    world.bank.close_windows().unwrap();
    assert_eq!(bob.balance(&world.bank), fen(amount));
    assert_eq!(alice.balance(&world.bank), fen(1_000 - amount));

    // And once more, one hop further, with a claim.
    let to_carol = bob.give(&Piece::of_payment(&to_bob, 0), carol.key(0), 100);
    deposited(&carol.hand_in(&world.bank, &[Piece::of_payment(&to_carol, 0)]));
    assert_eq!(carol.balance(&world.bank), fen(100));
    assert_eq!(bob.balance(&world.bank), fen(amount - 100));
    world.bank.close_windows().unwrap();
    assert_eq!(bob.balance(&world.bank), fen(amount - 100));
    let books = world.bank.books().unwrap();
    assert_eq!(
        (books.redeemed, books.late_claims, books.excess),
        (fen(1_000), Amount::ZERO, Amount::ZERO)
    );
    world.check();
}

/// Of a fork, both branches were reported and neither was claimed: each holder is credited, one of them by the culprit.
#[test]
fn both_branches_of_a_fork_close() {
    let world = World::new(5);
    let (alice, bob, carol) = (
        world.customer(2, 5_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let note = alice.load(&world.bank, 1_000).remove(0);
    let amount = note.output.amount.fen();
    for payee in [&bob, &carol] {
        let payment = alice.give(&note, payee.key(0), 400);
        assert_eq!(payee.report(&world.bank, &payment, None), Answer::Recorded);
    }
    close_all(&world);
    world.bank.close_windows().unwrap();
    for payee in [&bob, &carol] {
        assert_eq!(payee.balance(&world.bank), fen(400));
        assert_eq!(closed(payee, &world).len(), 1);
    }
    // Of the change of both branches, one is hers, the other is denied.
    let books = world.bank.books().unwrap();
    assert_eq!(
        (books.excess, books.excess_denied, books.guarantee),
        (fen(amount), fen(amount - 400), Amount::ZERO)
    );
    assert_eq!(alice.balance(&world.bank), fen(5_000 - 800));
    assert_eq!(books.outstanding, Amount::ZERO);
    world.check();
}

/// What nobody covers waits; it is closed when somebody does.
#[test]
fn a_closing_waits_for_its_cover() {
    let mut config = crate::common::config(bank::Place::Memory);
    config.operator.guarantee = Amount::ZERO;
    let world = World::with(6, config);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(3, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    assert_eq!(note.output.amount, fen(500));
    for number in 0..3 {
        let payment = alice.give_all(&note, bob.key(number));
        assert_eq!(bob.report(&world.bank, &payment, None), Answer::Recorded);
    }
    close_all(&world);
    world.bank.close_windows().unwrap();
    world.bank.close_windows().unwrap();
    // One is redeemed; what else Alice had has closed to her, and pays the second.
    assert_eq!(bob.balance(&world.bank), fen(1_000));
    assert_eq!(alice.balance(&world.bank), Amount::ZERO);
    assert_eq!(world.bank.close_windows().unwrap().count, 0);
    assert_eq!(world.bank.books().unwrap().pending_orders, 0);
    world.check();
    world.bank.pay_in(&alice.account(), fen(500)).unwrap();
    assert_eq!(world.bank.close_windows().unwrap().count, 1);
    assert_eq!(bob.balance(&world.bank), fen(1_500));
    assert_eq!(closed(&bob, &world).len(), 3);
    world.check();
}

/// Value on a key of nobody stays out for ever.
#[test]
fn value_of_nobody_stays_outstanding() {
    let world = World::new(7);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    let nobody = crate::common::new_key(&world.random).verifying_key();
    let lost = alice.give(&note, nobody, 200);
    let onward = alice.give(&Piece::of_payment(&lost, 1), bob.key(0), 100);
    assert_eq!(bob.report(&world.bank, &onward, None), Answer::Recorded);
    close_all(&world);
    for _ in 0..2 {
        world.bank.close_windows().unwrap();
        assert_eq!(world.bank.books().unwrap().outstanding, fen(200));
        assert_eq!(bob.balance(&world.bank), fen(100));
        assert_eq!(world.bank.balance(&alice.account()).unwrap(), fen(700));
        world.check();
    }
}

/// An output takes the earliest window of its ancestors; other value of a later series does not close with it.
#[test]
fn value_closes_with_its_earliest_ancestor() {
    let world = World::new(8);
    let (mut alice, bob) = (world.customer(1, 2_000), world.customer(1, 0));
    let old = alice.load(&world.bank, 100).remove(0);
    world.clock.pass_days(400);
    alice.certify(&world.bank, 1);
    let order = Order::Load {
        amount: fen(100),
        keys: vec![alice.key(1)],
    };
    let Answer::Loaded { notes } = alice.ask(&world.bank, order) else {
        panic!()
    };
    let notes: Vec<_> = notes.into_iter().map(Piece::of_note).collect();
    assert_ne!(old.notes[0].body.series, notes[0].notes[0].body.series);
    let mixed = alice.pay(&[old, notes[0].clone()], bob.key(0), 60, alice.any_reference());
    assert_eq!(bob.report(&world.bank, &mixed, None), Answer::Recorded);
    let series = world.bank.trust_bundle().unwrap().series[0].body.clone();
    let now = protocol::Timestamp::from_seconds(crate::common::START)
        .day()
        .plus(400);
    world
        .clock
        .pass_days(u64::from(series.claim_until.since(now)) + 1);
    world.bank.close_windows().unwrap();
    assert_eq!(bob.balance(&world.bank), fen(60));
    let later = Amount::checked_sum(notes[1..].iter().map(|note| note.output.amount)).unwrap();
    assert_eq!(world.bank.books().unwrap().outstanding, later);
    world.check();
}

/// A claim is a claim whenever it comes: also years after its window, if nobody was credited in the meantime.
#[test]
fn a_claim_after_the_window_is_settled() {
    let world = World::new(9);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    let payment = alice.give_all(&note, bob.key(0));
    close_all(&world);
    deposited(&bob.hand_in(&world.bank, &[Piece::of_payment(&payment, 0)]));
    world.bank.close_windows().unwrap();
    assert_eq!(bob.balance(&world.bank), note.output.amount);
    assert_eq!(world.bank.books().unwrap().outstanding, Amount::ZERO);
    world.check();
}
