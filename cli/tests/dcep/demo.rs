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
            ]
        );
    }
}

#[test]
fn its_books_balance_to_the_fen() {
    let document = run(["demo"]).ok();
    assert_eq!(document["balanced"], true);
    let books = &document["books"];
    assert_eq!(books["bank"]["issued"], 10_000);
    assert_eq!(books["bank"]["outstanding"], 5_755);
    assert_eq!(books["bank"]["redeemed"], 4_245);
    assert_eq!(books["paid_in"], 25_000);
    let accounts: Vec<_> = books["wallets"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|wallet| wallet["account"].as_u64().expect("fen"))
        .collect();
    assert_eq!(accounts, [15_000, 2_245, 2_000]);
    for equation in books["equations"].as_array().expect("a list") {
        assert_eq!(equation["left"], equation["right"]);
        assert_eq!(equation["holds"], true);
    }
}

#[test]
fn flight_mode_is_real() {
    let document = run(["demo"]).ok();
    let remarks: Vec<_> = document["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|step| step["remarks"].as_array().expect("a list"))
        .map(|remark| remark.as_str().expect("a text"))
        .collect();
    assert!(
        remarks.iter().any(|remark| remark.contains("[bank-unreachable]")),
        "{remarks:#?}"
    );
    assert!(
        remarks.contains(&"0 more calls to the bank were tried while offline"),
        "{remarks:#?}"
    );
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
        "bank/issuer.sqlite",
        "guard",
    ] {
        assert!(keep.join(file).exists(), "{file}");
    }
    let again = run(arguments);
    assert_eq!((again.code(), again.exit), ("store-unavailable", 1));
}
