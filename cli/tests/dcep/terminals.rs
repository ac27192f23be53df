//! Two people at two terminals.

use crate::town::{Town, Wallet, meet, run};

#[test]
fn from_the_bank_through_two_hands_and_back() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "100.00");
    let bob = town.wallet("bob");

    let (received, paid) = meet(
        (&bob, &["receive", "37.45"]),
        (&alice, &["pay", "--up-to", "40.00"]),
    );
    let (received, paid) = (received.ok(), paid.ok());
    assert_eq!(
        (&received["received"], &paid["paid"]),
        (&3745.into(), &3745.into())
    );
    assert_eq!(paid["mended"], false);
    assert_eq!((alice.money(), bob.money()), ((6255, 0), (3745, 0)));

    // The other way around: the payer waits, the payee comes; and short frames.
    let (paid, received) = meet(
        (&bob, &["pay", "--exactly", "20.00"]),
        (&alice, &["receive", "--frames", "short"]),
    );
    assert_eq!(
        (paid.ok()["paid"].as_u64(), received.ok()["received"].as_u64()),
        (Some(2000), Some(2000))
    );
    assert_eq!((alice.money(), bob.money()), ((8255, 0), (1745, 0)));

    let deposited = alice.run(["deposit", "2.55"]).ok();
    assert_eq!(
        (&deposited["deposited"], &deposited["account"]),
        (&255.into(), &90_255.into())
    );
    let deposited = bob.run(["deposit", "all"]).ok();
    assert_eq!(
        (&deposited["deposited"], &deposited["account"]),
        (&1745.into(), &101_745.into())
    );
    assert_eq!((alice.money(), bob.money()), ((8000, 0), (0, 0)));

    let done = |kind: &str, amount| (kind.to_owned(), amount, "done".to_owned());
    let mut history = alice.history();
    history.sort();
    assert_eq!(
        history,
        [
            done("deposited", 255),
            done("loaded", 10_000),
            done("paid", 3745),
            done("received", 2000)
        ]
    );
    assert_eq!(bob.history().len(), 3);
    assert_eq!(bob.run(["sync"]).ok()["answered"], 0);
}

#[test]
fn a_request_is_paid_once() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "100.00");
    let bob = town.wallet("bob");
    let request = bob.run(["request", "5.00"]).ok();
    let id = request["request"].as_str().expect("an id");

    let receive = ["receive", "--request", id];
    let pay = ["pay", "--up-to", "10.00"];
    let (_, paid) = meet((&bob, &receive), (&alice, &pay));
    assert_eq!(paid.ok()["paid"], 500);
    let (_, again) = meet((&bob, &receive), (&alice, &pay));
    assert_eq!(again.code(), "nothing-asked");
    assert_eq!((alice.money(), bob.money()), ((9500, 0), (500, 0)));
}

#[test]
fn merchants_show_their_name_and_both_sides_hear_a_no() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "10.00");
    let shop = Wallet {
        home: town.folder().join("shop"),
    };
    let guard = town.guard();
    let init = [
        "init",
        "--bank",
        town.url(),
        "--guard",
        &guard,
        "--merchant",
        "Tea House",
        "--class",
        "ii",
    ];
    let made = shop.run(
        init.into_iter()
            .chain(["--words", "24", "--language", "zh", "--keys", "p256"]),
    );
    let made = made.ok();
    assert_eq!(made["words"].as_str().expect("words").split(' ').count(), 24);

    let (_, paid) = meet(
        (&shop, &["receive", "4.00"]),
        (&alice, &["pay", "--up-to", "5.00"]),
    );
    assert_eq!(paid.ok()["payee"], "Tea House");

    for (asked, agreed, code) in [
        ("7.00", ["--up-to", "8.00"], "not-enough"),
        ("7.00", ["--up-to", "5.00"], "confirm-on-device"),
    ] {
        let (heard, said) = meet(
            (&shop, &["receive", asked]),
            (&alice, &["pay", agreed[0], agreed[1]]),
        );
        assert_eq!((heard.code(), said.code()), (code, code));
        assert_eq!((heard.exit, said.exit), (1, 1));
    }
    let (heard, said) = meet((&shop, &["receive"]), (&alice, &["pay", "--up-to", "5.00"]));
    assert_eq!((heard.code(), said.code()), ("amount-open", "amount-open"));
    assert_eq!((alice.money(), shop.money()), ((600, 0), (400, 0)));
}

#[test]
fn the_root_is_pinned() {
    let town = Town::open();
    let alice = town.wallet("alice");
    let pinned = std::fs::read_to_string(alice.home.join("wallet.json")).expect("its settings");
    let pinned: serde_json::Value = serde_json::from_str(&pinned).expect("in JSON");
    let root = pinned["root"].as_str().expect("a root");

    let guard = town.guard();
    let init = |name: &str, root: &str| {
        let home = town.folder().join(name);
        let home = home.to_str().expect("UTF-8");
        run([
            "wallet",
            "--home",
            home,
            "init",
            "--bank",
            town.url(),
            "--guard",
            &guard,
            "--root",
            root,
        ])
    };
    assert_eq!(init("bob", root).ok()["root"], root);
    let other = init("carol", &"5a".repeat(32));
    assert_eq!((other.code(), other.exit), ("trust-not-signed", 1));
    assert!(
        !town.folder().join("carol").exists(),
        "a failed init leaves nothing"
    );
    let nonsense = init("dave", "5a");
    assert_eq!((nonsense.code(), nonsense.exit), ("usage", 2));
}

#[test]
#[cfg(unix)]
fn secrets_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let town = Town::open();
    let alice = town.wallet("alice");
    let mode = |file: &str| {
        let metadata = std::fs::metadata(alice.home.join(file)).expect("a file");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode("vault.key"), mode(".")), (0o600, 0o700));
}

/// A home copied back from before a payment is found out: its keys never sign again.
#[test]
fn a_restored_copy_cannot_spend() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "100.00");
    let bob = town.wallet("bob");
    let copy = town.folder().join("copy");
    std::fs::create_dir(&copy).expect("a folder");
    for entry in std::fs::read_dir(&alice.home).expect("her files") {
        let file = entry.expect("a file").path();
        std::fs::copy(&file, copy.join(file.file_name().expect("a name"))).expect("a copy");
    }
    let (_, paid) = meet(
        (&bob, &["receive", "60.00"]),
        (&alice, &["pay", "--exactly", "60.00"]),
    );
    paid.ok();
    let copy = Wallet { home: copy };
    let (_, paid) = meet(
        (&bob, &["receive", "60.00"]),
        (&copy, &["pay", "--exactly", "60.00"]),
    );
    assert_eq!(paid.code(), "not-enough");
    assert_eq!(bob.money(), (6000, 0));
}
