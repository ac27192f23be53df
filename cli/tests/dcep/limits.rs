//! What a terminal says of limits.

use crate::town::Town;

#[test]
fn limits_are_shown_and_kept() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "1000.00");
    let bob = town.wallet("bob");
    let pay = |agreed: &[&str], asked: &str| {
        let mut receive = bob.start(["receive", asked, "--listen", "127.0.0.1:0"]);
        let address = receive.address();
        let arguments = [&["pay"], agreed, &["--connect", &address]].concat();
        let paid = alice.run(arguments);
        drop(receive.said());
        paid
    };
    assert_eq!(pay(&["--unconfirmed"], "200.00").ok()["paid"], 20_000);
    let too_much = pay(&["--unconfirmed"], "200.01");
    assert_eq!((too_much.code(), too_much.exit), ("confirm-on-device", 1));
    for _ in 0..9 {
        assert_eq!(pay(&["--exactly", "1.00"], "1.00").ok()["paid"], 100);
    }
    let eleventh = pay(&["--exactly", "1.00"], "1.00");
    assert_eq!(eleventh.code(), "offline-count-limit");

    let limits = alice.run(["limits"]).ok();
    assert_eq!(
        (&limits["class"], &limits["profile"]),
        (&"IV".into(), &"cn-2020".into())
    );
    let limit = |name: &str| {
        let all = limits["limits"].as_array().expect("a list");
        let found = all.iter().find(|limit| limit["limit"] == name);
        found.expect("every limit is there").clone()
    };
    assert_eq!(limit("balance")["used"], 79_100);
    let day = limit("per-day");
    assert_eq!(
        (&day["unit"], &day["used"], &day["left"]),
        (&"fen".into(), &20_900.into(), &79_100.into())
    );
    assert_eq!(day["lifts"], "waiting");
    assert!(day["on"].is_string());
    let count = limit("offline-payments");
    assert_eq!((&count["left"], &count["lifts"]), (&0.into(), &"sync".into()));
    // Confirmed since.
    assert_eq!(limit("unconfirmed-total")["used"], 0);

    alice.run(["sync"]).ok();
    assert_eq!(pay(&["--exactly", "1.00"], "1.00").ok()["paid"], 100);
}
