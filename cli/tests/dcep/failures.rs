//! What goes wrong, and what is said about it.

use crate::town::{Town, Wallet, dcep, run};
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

/// A port on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// Something that answers every request with these bytes.
fn babbler(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 4096];
            let _heard = stream.read(&mut request);
            let _said = stream.write_all(answer);
        }
    });
    address
}

#[test]
fn amounts_and_other_arguments_are_checked_first() {
    let home = tempfile::tempdir().expect("a folder");
    let nowhere = Wallet {
        home: home.path().join("none"),
    };
    for amount in ["1", "1.5", "-1.00", "1,00", "", "all"] {
        let said = nowhere.run(["load", "--", amount]);
        assert_eq!((said.code(), said.exit), ("amount-malformed", 2), "{amount:?}");
        assert_eq!(said.json["error"]["retryable"], false);
    }
    let said = nowhere.run(["load", "90071992547409.92"]);
    assert_eq!((said.code(), said.exit), ("amount-too-large", 2));
    let pay = ["pay", "--exactly", "1.5", "--connect", "127.0.0.1:1"];
    assert_eq!(nowhere.run(pay).code(), "amount-malformed");

    for arguments in [
        &["wallet"][..],
        &["nonsense"],
        &["demo", "--keys", "rsa"],
        &["wallet", "--home", "x", "pay", "--exactly", "1.00"],
        &["wallet", "--home", "x", "pay", "--connect", "127.0.0.1:1"],
        &["wallet", "--home", "x", "init", "--bank", "ftp://127.0.0.1"],
    ] {
        let said = run(arguments);
        assert_eq!((said.code(), said.exit), ("usage", 2), "{arguments:?}");
    }
}

#[test]
fn errors_are_one_sentence_and_a_stable_code_on_stderr() {
    let output = dcep()
        .args(["wallet", "--home", "/nonexistent/wallet", "balance"])
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        text.starts_with("error: there is no wallet in /nonexistent/wallet [store-unavailable]\n"),
        "{text}"
    );
}

#[test]
fn a_failure_is_explained_in_the_holders_language() {
    let explain = |lang: &[&str], locale: &str| {
        let output = dcep()
            .args(["wallet", "--home", "x", "load", "1.5"])
            .args(lang)
            .env("LC_ALL", locale)
            .output()
            .expect("it runs");
        String::from_utf8(output.stderr).expect("text")
    };
    let english = "error: \"1.5\": an amount is written in yuan with two decimals, like 37.45 [amount-malformed]\n       \
        That is not an amount: write yuan with two decimals, like 37.45.\n";
    let chinese = "错误： 金额格式不对，请按元输入并保留两位小数，例如 37.45。 [amount-malformed]\n       \
        \"1.5\": an amount is written in yuan with two decimals, like 37.45\n";
    assert_eq!(explain(&[], "C"), english);
    assert_eq!(explain(&["--lang", "zh"], "C"), chinese);
    assert_eq!(explain(&[], "zh_CN.UTF-8"), chinese);
    assert_eq!(explain(&["--lang", "en"], "zh_CN.UTF-8"), english);

    let said = run(["--lang", "zh", "wallet", "--home", "x", "load", "1.5"]);
    assert_eq!(
        said.json["error"]["sentence"],
        "金额格式不对，请按元输入并保留两位小数，例如 37.45。"
    );
    let own = run(["wallet", "--home", "/nonexistent/wallet", "balance"]);
    assert!(own.json["error"]["sentence"].is_null());
}

#[test]
fn a_bank_that_is_away_can_be_asked_again() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "100.00");
    let bob = town.wallet("bob");
    let _folder = town.close_bank();

    for verb in [
        &["load", "1.00"][..],
        &["deposit", "1.00"],
        &["sync"],
        &["balance", "--account"],
    ] {
        let said = alice.run(verb.iter().copied());
        assert_eq!((said.code(), said.exit), ("bank-unreachable", 1), "{verb:?}");
        assert_eq!(said.json["error"]["retryable"], true);
    }
    // A deposit that was signed is in doubt until the bank answers; the rest is still hers.
    assert_eq!(alice.money(), (9900, 100));

    let mut receive = bob.start(["receive", "9.00", "--listen", "127.0.0.1:0"]);
    let address = receive.address();
    assert_eq!(
        alice
            .run(["pay", "--exactly", "9.00", "--connect", &address])
            .ok()["paid"],
        900
    );
    assert_eq!(receive.said().ok()["received"], 900);
}

#[test]
fn what_is_no_bank_is_told_from_one_that_is_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let init = |address: &str| {
        let home = folder.path().join("wallet");
        let guard = folder.path().join("guard");
        let url = format!("http://{address}");
        let arguments = [
            "wallet",
            "--home",
            home.to_str().expect("UTF-8"),
            "init",
            "--bank",
            &url,
            "--guard",
            guard.to_str().expect("UTF-8"),
        ];
        let said = run(arguments);
        assert!(!home.exists(), "a failed init leaves nothing");
        said
    };
    assert_eq!(init(&nobody()).code(), "bank-unreachable");
    for answer in [
        &b"garbage\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\ngarbage",
        b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 19\r\nconnection: close\r\n\r\n{\"root_key\":\"5a5a\"}",
    ] {
        let said = init(&babbler(answer));
        assert_eq!(
            (said.code(), said.exit),
            ("bank-answer-invalid", 1),
            "{}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[test]
fn what_cannot_be_spent_is_not() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "10.00");
    let said = alice.run(["deposit", "10.01"]);
    assert_eq!((said.code(), said.exit), ("not-enough", 1));
    // The account has 990.00, and the wallet has room for no more.
    let said = alice.run(["load", "990.01"]);
    assert_eq!((said.code(), said.exit), ("balance-limit", 1));
    assert_eq!(alice.run(["deposit", "0.00"]).code(), "amount-zero");
    let nowhere = nobody();
    let said = alice.run(["pay", "--exactly", "1.00", "--connect", &nowhere]);
    assert_eq!((said.code(), said.exit), ("link-failed", 1));
    assert_eq!(alice.money(), (1000, 0));

    let mut receive = town
        .wallet("bob")
        .start(["receive", "10.00", "--listen", "127.0.0.1:0"]);
    let address = receive.address();
    alice
        .run(["pay", "--exactly", "10.00", "--connect", &address])
        .ok();
    receive.said().ok();
    let said = alice.run(["load", "990.01"]);
    assert_eq!((said.code(), said.exit), ("account-too-low", 1));
}

#[test]
fn a_home_is_made_once_and_opened_once_at_a_time() {
    let town = Town::open();
    let alice = town.wallet("alice");
    let guard = town.guard();
    let again = alice.run(["init", "--bank", town.url(), "--guard", &guard]);
    assert_eq!((again.code(), again.exit), ("store-unavailable", 1));
    assert_eq!(again.json["error"]["retryable"], false);

    let mut waiting = alice.start(["receive", "--listen", "127.0.0.1:0"]);
    waiting.address();
    assert_eq!(alice.run(["balance"]).code(), "already-open");
    drop(waiting);
    assert_eq!(alice.money(), (0, 0));

    let inside = town.folder().join("bob");
    let inside = inside.to_str().expect("UTF-8");
    let guard = format!("{inside}/guard");
    let said = run([
        "wallet",
        "--home",
        inside,
        "init",
        "--bank",
        town.url(),
        "--guard",
        &guard,
    ]);
    assert_eq!((said.code(), said.exit), ("usage", 2));
}

#[test]
fn a_bank_has_one_bookkeeper_and_a_port_one_listener() {
    let town = Town::open();
    let data = |name: &str| town.folder().join(name).to_str().expect("UTF-8").to_owned();
    let said = run([
        "bank",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data("bank"),
    ]);
    assert_eq!((said.code(), said.exit), ("already-open", 1));
    let taken = town.url().trim_start_matches("http://");
    let said = run(["bank", "serve", "--listen", taken, "--data", &data("other")]);
    assert_eq!((said.code(), said.exit), ("link-failed", 1));
}

#[test]
fn a_guard_that_cannot_be_read_keeps_the_money_where_it_is() {
    let town = Town::open();
    let alice = town.wallet_with("alice", "10.00");
    let (guard, away) = (town.folder().join("guard"), town.folder().join("away"));
    std::fs::rename(&guard, &away).expect("the guard's folder goes away");
    assert_eq!(alice.run(["balance"]).code(), "guard-unavailable");
    std::fs::rename(&away, &guard).expect("and comes back");
    assert_eq!(alice.money(), (1000, 0));
}
