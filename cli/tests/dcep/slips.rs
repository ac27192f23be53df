//! Paying by codes and files: as typed at two terminals that nothing connects.

use serde_json::Value;
use std::{
    io::Write as _,
    process::{Output, Stdio},
};

use crate::town::{Said, Town, Wallet, dcep};

/// Runs a verb of `wallet` that reads codes, one a line, after something that is no code of a slip.
#[track_caller]
fn scan(wallet: &Wallet, shown: &Value, more: &[&str]) -> Value {
    let codes = shown["shows"]["codes"].as_array().expect("codes");
    let lines: String = codes
        .iter()
        .map(|code| format!("{}\n", code.as_str().expect("a text")))
        .collect();
    let mut child = dcep()
        .args(["--json", "wallet", "--home"])
        .arg(&wallet.home)
        .arg("scan")
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dcep starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    write!(stdin, "https://example.org/menu\n{lines}").expect("it reads");
    drop(stdin);
    let Output { status, stdout, .. } = child.wait_with_output().expect("it ends");
    let json: Value = serde_json::from_slice(&stdout).expect("one document");
    assert!(status.success(), "{json:#}");
    json
}

#[test]
fn three_codes_pay_and_nothing_connects_the_two() {
    let town = Town::open();
    let (alice, bob) = (town.wallet_with("alice", "100.00"), town.wallet("bob"));
    let folder = town.close_bank();
    let request = bob.run(["request", "37.45", "--name", "Bob's stall"]).ok();
    let request = bob
        .run(["show", request["request"].as_str().expect("an id")])
        .ok();
    assert_eq!(request["shows"]["slip"], "request");

    let asked = scan(&alice, &request, &[]);
    assert_eq!(
        (&asked["amount"], &asked["unverified_payee"]),
        (&3_745.into(), &"Bob's stall".into())
    );
    assert_eq!(alice.money(), (10_000, 0));
    let paid = scan(&alice, &request, &["--exactly", "37.45"]);
    assert_eq!(paid["signed"], 3_745);
    assert_eq!(alice.money(), (6_255, 3_745));

    let received = scan(&bob, &paid, &[]);
    assert_eq!(received["received"], 3_745);
    // The receipt goes as a file. Until it is read, Alice can show the payment again.
    let transfer = paid["transfer"].as_str().expect("an id");
    let again = alice.run(["show", transfer]).ok();
    assert_eq!(again["shows"], paid["shows"]);
    let file = folder.path().join("receipt");
    let file = file.to_str().expect("a name");
    scan(&bob, &again, &["--answer", file]);
    let ended = alice.run(["scan", file]).ok();
    assert_eq!(ended["paid"], 3_745);
    assert_eq!((alice.money(), bob.money()), ((6_255, 0), (3_745, 0)));
}

#[test]
fn what_is_nobodys_business_is_refused() {
    let town = Town::open();
    let (alice, bob) = (town.wallet_with("alice", "100.00"), town.wallet("bob"));
    let code = |said: Said| said.code().to_owned();
    let request = bob.run(["request", "10.00"]).ok();
    let id = request["request"].as_str().expect("an id");
    assert_eq!(code(alice.run(["show", id])), "unknown-request");
    assert_eq!(code(alice.run(["show", &"0".repeat(64)])), "unknown-payment");
    assert_eq!(code(alice.run(["show", "12"])), "usage");

    let file = town.folder().join("request");
    let file = file.to_str().expect("a name");
    bob.run(["show", id, "--file", file]).ok();
    assert_eq!(code(bob.run(["scan", file, "--exactly", "10.00"])), "wrong-payee");
    assert_eq!(
        code(alice.run(["scan", file, "--up-to", "9.99"])),
        "confirm-on-device"
    );
    std::fs::write(file, "something else").expect("a file");
    assert_eq!(code(alice.run(["scan", file])), "malformed");
    // Nothing comes from stdin.
    assert_eq!(code(alice.run(["scan"])), "not-a-slip");
    assert_eq!(alice.money(), (10_000, 0));
}

#[test]
fn a_person_sees_a_code() {
    let town = Town::open();
    let bob = town.wallet("bob");
    let request = bob.run(["request", "10.00"]).ok();
    let shown = dcep()
        .args(["wallet", "--home"])
        .arg(&bob.home)
        .args(["show", request["request"].as_str().expect("an id")])
        .output()
        .expect("dcep runs");
    let text = String::from_utf8(shown.stdout).expect("text");
    let is_drawn = |line: &&str| line.chars().all(|half| "█▀▄ ".contains(half));
    let drawn: Vec<usize> = text
        .lines()
        .filter(is_drawn)
        .map(|line| line.chars().count())
        .collect();
    // 17 modules and 4 for each version, and 4 of light on either side; two rows to a line.
    let width = drawn[0];
    assert_eq!((width - 8 - 17) % 4, 0, "{width}");
    assert!(drawn.iter().all(|line| *line == width));
    assert_eq!(drawn.len(), width.div_ceil(2));
    assert!(text.lines().last().is_some_and(|line| line.starts_with("DCEP1:")));
}
