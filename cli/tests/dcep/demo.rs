//! `dcep demo`, as a newcomer runs it.

use crate::town::{dcep, run};
use serde_json::Value;

/// (payer, payee, fen, torn, mended, card) of every tap.
fn taps(document: &Value) -> Vec<(&str, &str, u64, bool, bool, &str)> {
    let steps = document["steps"].as_array().expect("a list of steps");
    let taps = steps.iter().filter(|step| !step["tap"].is_null());
    taps.map(|step| {
        let tap = &step["tap"];
        assert_eq!(step["online"], false, "phones tap offline in this story");
        assert!(tap["bytes"].as_u64().expect("bytes") > 0);
        (
            tap["payer"].as_str().expect("a name"),
            tap["payee"].as_str().expect("a name"),
            tap["amount"].as_u64().expect("fen"),
            tap["torn"].as_bool().expect("yes or no"),
            tap["mended"].as_bool().expect("yes or no"),
            tap["card"].as_str().expect("a side"),
        )
    })
    .collect()
}

/// (name, cash, in doubt) after a step.
fn cash(step: &Value) -> Vec<(&str, u64, u64)> {
    let wallets = step["wallets"].as_array().expect("a list of wallets");
    let fen = |wallet: &Value, name: &str| wallet[name].as_u64().expect("fen");
    wallets
        .iter()
        .map(|wallet| {
            (
                wallet["name"].as_str().expect("a name"),
                fen(wallet, "spendable"),
                fen(wallet, "in_doubt"),
            )
        })
        .collect()
}

#[test]
fn it_tells_the_story_it_promises() {
    for keys in ["ed25519", "p256"] {
        let document = run(["demo", "--keys", keys]).ok();
        assert_eq!(
            taps(&document),
            [
                ("Alice", "Bob", 3745, false, false, "payee"),
                ("Bob", "Carol", 2000, false, false, "payer"),
                ("Alice", "Bob", 500, true, false, "payee"),
                ("Alice", "Bob", 500, false, true, "payer"),
                // The phone asks first; the same request is paid by the second tap; a part comes back.
                ("Alice", "Bob", 24_000, false, false, "payee"),
                ("Alice", "Bob", 24_000, false, false, "payee"),
                ("Bob", "Alice", 4_000, false, false, "payee"),
            ]
        );
        let steps = document["steps"].as_array().expect("a list");
        let told: Vec<_> = steps.iter().skip(4).map(cash).collect();
        assert_eq!(
            told,
            [
                [("Alice", 6255, 0), ("Bob", 3745, 0), ("Carol", 0, 0)],
                [("Alice", 6255, 0), ("Bob", 1745, 0), ("Carol", 2000, 0)],
                // What of Alice's money is in doubt is the payment alone: her change is hers.
                [("Alice", 5755, 500), ("Bob", 1745, 0), ("Carol", 2000, 0)],
                [("Alice", 5755, 0), ("Bob", 2245, 0), ("Carol", 2000, 0)],
                [("Alice", 5755, 0), ("Bob", 0, 0), ("Carol", 0, 0)],
                [("Alice", 35_755, 0), ("Bob", 0, 0), ("Carol", 0, 0)],
                [("Alice", 35_755, 0), ("Bob", 0, 0), ("Carol", 0, 0)],
                [("Alice", 11_755, 0), ("Bob", 24_000, 0), ("Carol", 0, 0)],
                [("Alice", 15_755, 0), ("Bob", 20_000, 0), ("Carol", 0, 0)],
                // A new phone begins with nothing.
                [("Alice", 0, 0), ("Bob", 0, 0), ("Carol", 0, 0)],
                [("Alice", 5_000, 0), ("Bob", 0, 0), ("Carol", 0, 0)],
            ]
        );
    }
}

#[test]
fn its_books_balance_to_the_fen() {
    let document = run(["demo"]).ok();
    assert_eq!(document["balanced"], true);
    let books = &document["books"];
    assert_eq!(books["bank"]["issued"], 45_000);
    assert_eq!(books["bank"]["outstanding"], 5_000);
    assert_eq!(books["bank"]["redeemed"], 40_000);
    // All that the lost phone held, and nothing that it had paid.
    assert_eq!(books["bank"]["closed"], 15_755);
    assert_eq!(books["bank"]["late_claims"], 0);
    assert_eq!(books["paid_in"], 115_000);
    let accounts: Vec<_> = books["wallets"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|wallet| wallet["account"].as_u64().expect("fen"))
        .collect();
    assert_eq!(accounts, [85_755, 22_245, 2_000]);
    for equation in books["equations"].as_array().expect("a list") {
        assert_eq!(equation["left"], equation["right"]);
        assert_eq!(equation["holds"], true);
    }
}

/// Every remark of every step, in their order.
fn remarks(document: &Value) -> Vec<&str> {
    let steps = document["steps"].as_array().expect("a list");
    steps
        .iter()
        .flat_map(|step| step["remarks"].as_array().expect("a list"))
        .map(|remark| remark.as_str().expect("a text"))
        .collect()
}

#[test]
fn flight_mode_is_real() {
    let document = run(["demo"]).ok();
    let remarks = remarks(&document);
    assert!(
        remarks.iter().any(|remark| remark.contains("[bank-unreachable]")),
        "{remarks:#?}"
    );
    let quiet = "0 more calls to the bank were tried while offline";
    let flights = remarks.iter().filter(|remark| **remark == quiet);
    assert_eq!(flights.count(), 2, "{remarks:#?}");
}

#[test]
fn its_second_act_names_limits_links_the_refund_and_brings_lost_money_back() {
    let document = run(["demo"]).ok();
    let remarks = remarks(&document);
    let said = [
        "1000.00 is asked for, and the limit on what the wallet may hold leaves 942.45; more is possible after paying or \
         depositing something [balance-limit]",
        "the limit of one payment without confirmation is 200.00; more is possible with a confirmation",
        "linked with the payment in the history of: Bob, Alice",
        "the old phone is frozen: it gets no new keys, and its old ones are on the list that phones pass on",
        "157.55 is back on Alice's account",
    ];
    for said in said {
        assert!(remarks.contains(&said), "{said}\n{remarks:#?}");
    }
    let steps = document["steps"].as_array().expect("a list");
    let declined: Vec<_> = steps
        .iter()
        .filter_map(|step| step["tap"]["declined"].as_str())
        .collect();
    assert_eq!(declined, ["confirm-on-device"]);
    // The account never moved before the window closed.
    let account = |step: &Value| step["wallets"][0]["account"].as_u64().expect("fen");
    let ends: Vec<_> = steps.iter().rev().take(2).map(account).collect();
    assert_eq!(ends, [75_000 + 15_755 - 5_000, 75_000]);
}

#[test]
fn people_get_text_without_escape_codes_in_a_pipe() {
    let output = dcep().arg("demo").output().expect("the demo runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Alice pays Bob 37.45"), "{text}");
    assert!(text.contains("Every fen is accounted for."), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn files_are_kept_where_wanted_and_never_mixed_with_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = folder.path().join("kept");
    let arguments = ["demo", "--keep", keep.to_str().expect("UTF-8")];
    run(arguments).ok();
    for file in [
        "alice/wallet.sqlite",
        "bob/vault.key",
        "carol/wallet.json",
        "alice-next/wallet.sqlite",
        "bank/issuer.sqlite",
        "guard",
    ] {
        assert!(keep.join(file).exists(), "{file}");
    }
    let again = run(arguments);
    assert_eq!((again.code(), again.exit), ("store-unavailable", 1));
}
