//! Money back, receipts that a stranger checks, and looking things up: as typed at a terminal.

use serde_json::Value;
use std::path::{Path, PathBuf};

use crate::town::{Said, Town, Wallet, meet, run};

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// What a search in the history finds, newest first.
#[track_caller]
fn entries(wallet: &Wallet, filters: &[&str]) -> Vec<Value> {
    let found = wallet.run(std::iter::once("history").chain(filters.iter().copied()));
    found.ok()["entries"].as_array().expect("a list").clone()
}

/// The transfer of the newest line of this kind.
#[track_caller]
fn newest(wallet: &Wallet, kind: &str) -> String {
    let all = entries(wallet, &[]);
    let line = all.iter().find(|entry| entry["kind"] == kind);
    text(&line.expect("such a line")["transfer"]).to_owned()
}

/// A shop with a registered name, and a customer who has paid it 30.00 of 100.00.
fn shop(town: &Town) -> (Wallet, Wallet, String) {
    let alice = town.wallet_with("alice", "100.00");
    let shop = Wallet {
        home: town.folder().join("shop"),
    };
    let guard = town.guard();
    let init = ["init", "--bank", town.url(), "--guard", &guard];
    shop.run(
        init.into_iter()
            .chain(["--merchant", "Tea House", "--class", "ii"]),
    )
    .ok();
    pay(&alice, &shop, "30.00");
    let paid = newest(&alice, "paid");
    assert_eq!(newest(&shop, "received"), paid);
    (alice, shop, paid)
}

#[track_caller]
fn pay(payer: &Wallet, payee: &Wallet, amount: &str) {
    let (received, paid) = meet(
        (payee, &["receive", amount]),
        (payer, &["pay", "--exactly", amount]),
    );
    received.ok();
    paid.ok();
}

#[test]
fn a_refund_goes_by_a_tap_or_through_the_bank_and_never_above_what_was_paid() {
    let town = Town::open();
    let (alice, shop, paid) = shop(&town);
    let too_much = shop.run(["refund", &paid, "30.01"]);
    assert_eq!((too_much.code(), too_much.exit), ("refund-too-large", 1));
    assert_eq!(alice.run(["refund", &paid]).code(), "unknown-payment");
    assert_eq!(shop.run(["refund", "30"]).code(), "usage");

    let refund = shop.run(["refund", &paid, "12.00"]).ok();
    assert_eq!(
        (&refund["refund"], &refund["left"], text(&refund["of"])),
        (&1_200.into(), &1_800.into(), paid.as_str())
    );
    assert_eq!((alice.money(), shop.money()), ((7_000, 0), (1_800, 1_200)));
    // Either may be the one who listens.
    let (taken, brought) = meet((&alice, &["take-refund", &paid]), (&shop, &["resume"]));
    assert_eq!(taken.ok()["got_back"], 1_200);
    assert_eq!(brought.ok()["refunded"], 1_200);
    let refund = shop.run(["refund", &paid, "3.00"]).ok();
    let (brought, taken) = meet((&shop, &["resume"]), (&alice, &["take-refund", &paid]));
    assert_eq!(
        (&taken.ok()["got_back"], &brought.ok()["refunded"]),
        (&300.into(), &300.into())
    );
    assert_eq!((alice.money(), shop.money()), ((8_500, 0), (1_500, 0)));
    // Nothing is left in doubt, and nobody else has anything to take.
    let (nothing, _) = meet((&shop, &["resume"]), (&alice, &["take-refund", &paid]));
    assert_ne!(nothing.exit, 0, "{:#}", nothing.json);

    // Both histories link the two.
    let last = text(&refund["transfer"]).to_owned();
    for (wallet, kind, original) in [(&alice, "got-refund", "paid"), (&shop, "gave-refund", "received")] {
        let all = entries(wallet, &[]);
        let back = all.iter().find(|entry| entry["transfer"] == last.as_str());
        let back = back.expect("the refund");
        assert_eq!(
            (text(&back["kind"]), text(&back["refund_of"])),
            (kind, paid.as_str())
        );
        let first = all.iter().find(|entry| entry["kind"] == original);
        let first = first.expect("the payment");
        assert_eq!(first["refunded"], 1_500);
        let refunds = first["refunds"].as_array().expect("a list");
        assert!(refunds.len() == 2 && refunds.contains(&last.as_str().into()));
    }

    // All the rest, and through the bank.
    let rest = shop.run(["refund", &paid]).ok();
    assert_eq!((&rest["refund"], &rest["left"]), (&1_500.into(), &0.into()));
    assert_eq!(shop.run(["refund", &paid]).exit, 1);
    shop.run(["sync"]).ok();
    alice.run(["sync"]).ok();
    assert_eq!((alice.money(), shop.money()), ((10_000, 0), (0, 0)));
}

fn verify(file: &Path, believe: &[&str]) -> Said {
    let file = file.to_str().expect("a path in UTF-8");
    run(["receipt", "verify", file].iter().chain(believe))
}

#[test]
fn a_stranger_checks_a_receipt_with_nothing_but_the_root() {
    let town = Town::open();
    let (alice, shop, paid) = shop(&town);
    let root = std::fs::read_to_string(alice.home.join("wallet.json")).expect("her settings");
    let root: Value = serde_json::from_str(&root).expect("in JSON");
    let root = text(&root["root"]).to_owned();
    let path = |name: &str| -> PathBuf { town.folder().join(name) };
    let files = [path("alice.receipt"), path("shop.receipt")];
    for (wallet, file) in [&alice, &shop].into_iter().zip(&files) {
        let export = ["export-receipt", &paid, file.to_str().expect("a path in UTF-8")];
        assert_eq!(text(&wallet.run(export).ok()["transfer"]), paid);
        // It is not written over.
        assert_eq!(wallet.run(export).exit, 1);
        let proven = verify(file, &["--root", &root]).ok();
        assert_eq!(proven["holds"], true);
        assert_eq!(
            (&proven["amount"], &proven["payee"], text(&proven["transfer"])),
            (&3_000.into(), &"Tea House".into(), paid.as_str())
        );
    }
    let unknown = "ab".repeat(32);
    let none = path("none.receipt");
    let export = [
        "export-receipt",
        &unknown,
        none.to_str().expect("a path in UTF-8"),
    ];
    assert_eq!(alice.run(export).exit, 1);
    assert!(!none.exists(), "a failure leaves nothing");

    // A wallet's own root will do instead; somebody else's does not, and no root at all is a misuse.
    let home = alice.home.to_str().expect("a path in UTF-8");
    assert_eq!(verify(&files[1], &["--home", home]).ok()["holds"], true);
    let other = verify(&files[0], &["--root", &"5a".repeat(32)]);
    assert_eq!((other.code(), other.exit), ("trust-not-signed", 1));
    assert_eq!(verify(&files[0], &[]).exit, 2);

    let good = std::fs::read(&files[0]).expect("a file");
    for (what, bytes) in [
        ("a byte more", [good.clone(), vec![0]].concat()),
        ("a byte less", good[..good.len() - 1].to_vec()),
        ("nothing", Vec::new()),
        ("a bit flipped", {
            let mut bytes = good.clone();
            *bytes.last_mut().expect("bytes") ^= 1;
            bytes
        }),
    ] {
        let file = path("meddled.receipt");
        std::fs::write(&file, bytes).expect("a file");
        assert_eq!(verify(&file, &["--root", &root]).exit, 1, "{what}");
    }
    assert_eq!(verify(&path("missing"), &["--root", &root]).exit, 1);
}

#[test]
fn the_history_is_searched() {
    let town = Town::open();
    let (alice, shop, _) = shop(&town);
    let bob = town.wallet("bob");
    pay(&alice, &bob, "4.00");
    pay(&alice, &shop, "6.00");
    let found = |filters: &[&str]| -> Vec<u64> {
        let all = entries(&alice, filters);
        let amounts = all
            .iter()
            .map(|entry| entry["amount"].as_u64().expect("an amount"));
        // All of it may have happened in one second.
        let mut amounts: Vec<u64> = amounts.collect();
        amounts.sort_unstable();
        amounts
    };
    assert_eq!(found(&[]), [400, 600, 3_000, 10_000]);
    assert_eq!(found(&["--name", "tea"]), [600, 3_000]);
    assert_eq!(found(&["--name", "coffee"]), [0_u64; 0]);
    assert_eq!(found(&["--min", "4.01"]), [600, 3_000, 10_000]);
    assert_eq!(found(&["--max", "6.00"]), [400, 600]);
    assert_eq!(
        found(&["--min", "4.01", "--max", "30.00", "--name", "house"]),
        [600, 3_000]
    );
    assert_eq!(found(&["--limit", "2"]).len(), 2);
    assert_eq!(found(&["--state", "in-doubt"]), [0_u64; 0]);
    assert_eq!(found(&["--state", "done"]), [400, 600, 3_000, 10_000]);
    assert_eq!(
        found(&["--since", "2020-01-01", "--until", "9999-12-31"]).len(),
        4
    );
    assert_eq!(found(&["--until", "2020-01-01"]), [0_u64; 0]);
    assert_eq!(found(&["--since", "9999-12-31"]), [0_u64; 0]);

    // Given back wholly, and not arrived yet.
    let small = entries(&shop, &["--max", "6.00"]);
    let payment = small[0]["transfer"].as_str().expect("a transfer");
    shop.run(["refund", payment]).ok();
    let doubtful = entries(&shop, &["--state", "in-doubt"]);
    assert_eq!(doubtful.len(), 1);
    assert_eq!(
        (&doubtful[0]["kind"], &doubtful[0]["amount"]),
        (&"gave-refund".into(), &600.into())
    );
    let nonsense = [["--since", "yesterday"], ["--state", "lost"], ["--limit", "some"]];
    for filter in nonsense {
        let said = alice.run(std::iter::once("history").chain(filter));
        assert_eq!((said.code(), said.exit), ("usage", 2), "{filter:?}");
    }
    assert_eq!(alice.run(["history", "--min", "5"]).code(), "amount-malformed");
}

#[test]
fn a_wallet_tells_how_old_its_trust_is() {
    let town = Town::open();
    let alice = town.wallet("alice");
    alice.run(["sync"]).ok();
    let freshness = alice.run(["freshness"]).ok();
    assert_eq!(
        (
            &freshness["verdict"],
            &freshness["age_days"],
            &freshness["too_old_after_days"]
        ),
        (&"fresh".into(), &0.into(), &90.into())
    );
    assert!(freshness["as_of"].as_u64().is_some_and(|at| at > 0));
    assert!(freshness["status_version"].is_u64() && freshness["signer_until"].is_string());
    // It asks nobody.
    let _folder = town.close_bank();
    assert_eq!(alice.run(["freshness"]).ok()["verdict"], "fresh");
}
