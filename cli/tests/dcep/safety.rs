//! PIN, backup, words and lost phones, as typed at a terminal: secrets come by stdin.

use serde_json::Value;
use std::{io::Write as _, path::Path, process::Stdio};

use crate::town::{Town, dcep};

/// Runs a verb, and types these lines.
#[track_caller]
fn typed(home: &Path, verb: &[&str], lines: &str) -> (Value, i32) {
    let mut child = dcep()
        .args(["--json", "wallet", "--home"])
        .arg(home)
        .args(verb)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its stdin is a pipe");
    // Who does not ask need not listen.
    let _heard = stdin.write_all(lines.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let json = serde_json::from_slice(&output.stdout).expect("one JSON document");
    (json, output.status.code().expect("it was not killed"))
}

#[test]
fn a_pin_is_asked_for_and_a_lost_phone_is_frozen() {
    let town = Town::open();
    let home = town.folder().join("alice");
    let guard = town.guard();
    let init = ["init", "--bank", town.url(), "--guard", &guard];
    let (made, exit) = typed(&home, &init, "");
    assert_eq!(exit, 0, "{made:#}");
    let words = made["words"].as_str().expect("words").to_owned();
    assert_eq!(typed(&home, &["load", "50.00"], "").1, 0);

    assert_eq!(
        typed(&home, &["pin", "set"], "123\n").0["error"]["code"],
        "bad-pin"
    );
    assert_eq!(typed(&home, &["pin", "set"], "2718\n").0["has_pin"], true);
    assert_eq!(
        typed(&home, &["balance"], "2719\n").0["error"]["code"],
        "wrong-pin"
    );
    assert_eq!(typed(&home, &["balance"], "2718\n").0["spendable"], 5_000);
    let file = town.folder().join("alice.backup");
    let file = file.to_str().expect("a path in UTF-8");
    assert_eq!(typed(&home, &["backup", file], "2718\n").1, 0);

    // The phone is gone.
    let next = town.folder().join("next");
    let restore = [&init[..], &["--restore", "--backup", file]].concat();
    assert_eq!(
        typed(&next, &restore, "no words at all\n").0["error"]["code"],
        "bad-mnemonic"
    );
    let (restored, exit) = typed(&next, &restore, &format!("{words}\n"));
    assert_eq!(exit, 0, "{restored:#}");
    assert!(!restored.to_string().contains(&words), "they are not shown again");
    assert_eq!(typed(&next, &["freeze"], "").0["frozen"], true);
    assert_eq!(typed(&next, &["load", "10.00"], "").1, 0);

    // And turns up.
    assert_eq!(typed(&home, &["sync"], "2718\n").1, 0);
    assert_eq!(
        typed(&home, &["load", "1.00"], "2718\n").0["error"]["code"],
        "device-frozen"
    );
    assert_eq!(typed(&home, &["deposit"], "2718\n").1, 0);
    assert_eq!(
        typed(&home, &["pin", "remove"], "2718\n2718\n").0["has_pin"],
        false
    );
    assert_eq!(typed(&home, &["balance"], "").0["spendable"], 0);
}
