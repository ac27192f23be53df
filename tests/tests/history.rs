//! The history is searched by time, name, amount, state and sort, a page at a time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::Name;
use simulator::{Air, Frames, Phone, PhoneOptions, Roles, World, seed_from_environment};
use tests::phones::yuan;
use wallet_core::{Cursor, Entry, HistoryQuery, Kind, State};

/// Alice has loaded 200.00, and paid 1.00, 2.00, … 6.00, an hour apart, to two shops in turn; the last is in doubt.
fn alice() -> (World, Phone) {
    let mut world = World::new(seed_from_environment(53)).unwrap();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("200.00")).unwrap();
    let shop = |world: &mut World, name: &str| {
        let options = PhoneOptions {
            merchant: Some(Name::new(name).unwrap()),
            ..PhoneOptions::default()
        };
        world.phone_with(name, &options).unwrap()
    };
    let shops = [shop(&mut world, "Noodle House"), shop(&mut world, "Tea House")];
    for number in 1..=6_usize {
        world.clock().advance(3_600);
        let amount = yuan(&format!("{number}.00"));
        let mut air = if number == 6 {
            Air::cut_after(700)
        } else {
            Air::perfect()
        };
        world
            .handoff(&alice, &shops[number % 2], amount, Roles::PayeeIsCard)
            .unwrap()
            .tap(Frames::Extended, &mut air);
    }
    (world, alice)
}

fn find(phone: &Phone, query: &HistoryQuery) -> Vec<Entry> {
    let page = phone.wallet().search(query).unwrap();
    assert_eq!(page.next, None);
    page.entries
}

fn amounts(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.amount.fen() / 100).collect()
}

#[test]
fn everything_that_is_asked_must_match() {
    let (world, alice) = alice();
    let all = HistoryQuery::default();
    assert_eq!(amounts(&find(&alice, &all)), [6, 5, 4, 3, 2, 1, 200]);
    assert_eq!(find(&alice, &all), alice.wallet().history().unwrap());

    let paid = HistoryQuery {
        kind: Some(Kind::Paid),
        ..all.clone()
    };
    assert_eq!(amounts(&find(&alice, &paid)), [6, 5, 4, 3, 2, 1]);
    let doubtful = HistoryQuery {
        state: Some(State::InDoubt),
        ..all.clone()
    };
    assert_eq!(amounts(&find(&alice, &doubtful)), [6]);
    for (name, found) in [
        ("tea", &[5, 3, 1][..]),
        ("NOODLE", &[6, 4, 2]),
        ("house", &[6, 5, 4, 3, 2, 1]),
        ("bank", &[]),
    ] {
        let named = HistoryQuery {
            name: Some(name.to_owned()),
            ..all.clone()
        };
        assert_eq!(amounts(&find(&alice, &named)), found, "{name}");
    }
    let between = HistoryQuery {
        at_least: Some(yuan("2.00")),
        at_most: Some(yuan("4.00")),
        ..all.clone()
    };
    assert_eq!(amounts(&find(&alice, &between)), [4, 3, 2]);
    let now = world.clock().now().seconds();
    let hours_ago = |hours: u64| Some(protocol::Timestamp::from_seconds(now - hours * 3_600));
    let span = HistoryQuery {
        since: hours_ago(3),
        until: hours_ago(1),
        ..all.clone()
    };
    assert_eq!(amounts(&find(&alice, &span)), [5, 4, 3]);
    let both = HistoryQuery {
        name: Some("tea".to_owned()),
        ..span
    };
    assert_eq!(amounts(&find(&alice, &both)), [5, 3]);
}

#[test]
fn pages_follow_each_other_also_while_new_lines_come_in() {
    let (world, alice) = alice();
    let page = |after: Option<Cursor>| {
        let query = HistoryQuery {
            after,
            limit: Some(3),
            ..HistoryQuery::default()
        };
        alice.wallet().search(&query).unwrap()
    };
    let first = page(None);
    assert_eq!(amounts(&first.entries), [6, 5, 4]);
    world.clock().advance(60);
    alice.wallet().load(&world.line(), yuan("0.01")).unwrap_err();
    world.fund(&alice, yuan("9.00")).unwrap();
    let second = page(first.next);
    assert_eq!(amounts(&second.entries), [3, 2, 1]);
    let third = page(second.next);
    assert_eq!(amounts(&third.entries), [200]);
    assert_eq!(third.next, None);
    assert_eq!(amounts(&page(None).entries), [9, 6, 5]);
}
