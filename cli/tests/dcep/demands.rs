//! A payee that wants keys which are kept better.

use crate::town::{Town, meet};

#[test]
fn a_payer_that_cannot_meet_a_demand_signs_nothing() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "10.00");
    let bob = town.wallet("bob");
    assert!(bob.run(["demand"]).ok()["demanded"].is_null());
    assert_eq!(
        bob.run(["demand", "secure-element"]).ok()["demanded"],
        "secure-element"
    );
    // Kept over restarts: every verb is one.
    assert_eq!(bob.run(["demand"]).ok()["demanded"], "secure-element");
    let demanding = bob.run(["request", "3.00"]).ok();
    for (receive, pay) in [
        (&["receive", "3.00"][..], &["pay", "--exactly", "3.00"]),
        (&["receive"], &["pay", "--exactly", "3.00"]),
    ] {
        let (heard, said) = meet((&bob, receive), (&alice, pay));
        assert_eq!(
            (heard.code(), said.code()),
            ("assurance-too-low", "assurance-too-low")
        );
        assert_eq!((heard.exit, said.exit), (1, 1));
    }
    assert_eq!((alice.money(), bob.money()), ((1_000, 0), (0, 0)));

    assert!(bob.run(["demand", "nothing"]).ok()["demanded"].is_null());
    let (_, paid) = meet(
        (&bob, &["receive", "3.00"]),
        (&alice, &["pay", "--exactly", "3.00"]),
    );
    assert_eq!(paid.ok()["paid"], 300);
    // An earlier request still demands what it did.
    let id = demanding["request"].as_str().expect("an id");
    let (heard, _) = meet(
        (&bob, &["receive", "--request", id]),
        (&alice, &["pay", "--exactly", "3.00"]),
    );
    assert_eq!(heard.code(), "assurance-too-low");
    let nonsense = bob.run(["demand", "gold"]);
    assert_eq!((nonsense.code(), nonsense.exit), ("usage", 2));
    assert_eq!((alice.money(), bob.money()), ((700, 0), (300, 0)));
}
