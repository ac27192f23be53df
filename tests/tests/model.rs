//! The handoff and the settlement as a state model, explored to the end; and each rule of it broken, to see it fail.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tests::model::{Bounds, Explored, Handoff, PayeeStep, PayerStep, Property, Rules, Step, To, explore};

fn run(name: &str, model: &Handoff) -> Explored<Step, Property> {
    let explored = explore(model);
    let Explored {
        states,
        transitions,
        depth,
        resolved,
        ..
    } = explored;
    println!("{name}: {states} states ({resolved} resolved), {transitions} transitions, depth {depth}");
    explored
}

/// Every property holds in every state there is.
fn holds(name: &str, bounds: Bounds) -> Explored<Step, Property> {
    let explored = run(name, &Handoff::new(Rules::KEPT, bounds, &Property::ALL));
    assert_eq!(explored.counterexample, None);
    assert!(explored.resolved > 0);
    explored
}

/// With one rule broken this property does not hold; and the shortest way to see it is printed.
fn breaks(name: &str, rules: Rules, bounds: Bounds, property: Property) {
    let explored = run(name, &Handoff::new(rules, bounds, &[property]));
    let (violated, way) = explored.counterexample.unwrap();
    assert_eq!(violated, property);
    println!("{name}: {violated:?} is violated after {} steps:", way.len());
    way.iter().for_each(|step| println!("    {step:?}"));
}

#[test]
fn one_file_and_every_fault() {
    holds("one file", Bounds::ONE_FILE);
}

#[test]
fn the_file_copied_and_every_fault() {
    let explored = holds("file and copy", Bounds::ALL);
    // All of it happened, but for what breaks a rule, and what the second payee is spared.
    let spared = |step: &Step| {
        use PayeeStep::{HearReceiptOfReturn, Lose, PaidByAnother, Restore, SendReturn, SignReturn};
        match step {
            Step::Payer(_, step) => matches!(step, PayerStep::TakeBack | PayerStep::Clear),
            Step::Payee(To::Second, step) => matches!(
                step,
                HearReceiptOfReturn | Lose | PaidByAnother | Restore | SendReturn | SignReturn
            ),
            _ => false,
        }
    };
    let missing: Vec<_> = explored.idle.into_iter().filter(|step| !spared(step)).collect();
    assert_eq!(missing, []);
}

#[test]
fn bytes_leave_before_the_commit() {
    let rules = Rules {
        commit_before_bytes: false,
        ..Rules::KEPT
    };
    breaks(
        "bytes leave before the commit",
        rules,
        Bounds::ONE_FILE,
        Property::OneTransferPerOutpoint,
    );
}

#[test]
fn bytes_leave_before_the_guard() {
    let rules = Rules {
        guard_before_bytes: false,
        ..Rules::KEPT
    };
    breaks(
        "bytes leave before the guard",
        rules,
        Bounds::ALL,
        Property::OneTransferPerOutpoint,
    );
}

#[test]
fn the_receipt_leaves_before_the_commit() {
    let rules = Rules {
        commit_before_receipt: false,
        ..Rules::KEPT
    };
    breaks(
        "the receipt leaves before the commit",
        rules,
        Bounds::ONE_FILE,
        Property::AllValueAccounted,
    );
}

#[test]
fn the_return_leaves_before_the_commit() {
    let rules = Rules {
        commit_before_return: false,
        ..Rules::KEPT
    };
    breaks(
        "the return leaves before the commit",
        rules,
        Bounds::ONE_FILE,
        Property::NoValueCreated,
    );
}

#[test]
fn a_repeated_payment_is_credited_again() {
    let rules = Rules {
        repeated_payment_is_no_news: false,
        ..Rules::KEPT
    };
    breaks(
        "a repeated payment is credited again",
        rules,
        Bounds::ONE_FILE,
        Property::NoValueCreated,
    );
}

#[test]
fn the_commit_does_not_look_again() {
    let rules = Rules {
        commit_looks_again: false,
        ..Rules::KEPT
    };
    breaks(
        "the commit does not look again",
        rules,
        Bounds::ONE_FILE,
        Property::OnePaymentPerRequest,
    );
}

#[test]
fn a_timeout_takes_a_signed_transfer_back() {
    let rules = Rules {
        signed_stays_signed: false,
        ..Rules::KEPT
    };
    breaks(
        "a timeout takes a signed transfer back",
        rules,
        Bounds::ONE_FILE,
        Property::NoValueCreated,
    );
}

#[test]
fn the_bank_records_nothing() {
    let rules = Rules {
        bank_ends_doubt: false,
        ..Rules::KEPT
    };
    breaks(
        "the bank records nothing",
        rules,
        Bounds::ONE_FILE,
        Property::AlwaysEventuallyResolvable,
    );
}

#[test]
fn a_receipted_payment_is_forgotten() {
    let rules = Rules {
        payer_keeps_receipted: false,
        ..Rules::KEPT
    };
    breaks(
        "a receipted payment is forgotten",
        rules,
        Bounds::ONE_FILE,
        Property::AllValueAccounted,
    );
}

#[test]
fn the_guard_is_written_blindly() {
    let rules = Rules {
        guard_compares: false,
        ..Rules::KEPT
    };
    breaks(
        "the guard is written blindly",
        rules,
        Bounds::ALL,
        Property::OneTransferPerOutpoint,
    );
}

#[test]
fn a_rolled_back_wallet_keeps_its_keys() {
    let rules = Rules {
        rolled_back_retires: false,
        ..Rules::KEPT
    };
    breaks(
        "a rolled back wallet keeps its keys",
        rules,
        Bounds::ALL,
        Property::OneTransferPerOutpoint,
    );
}

#[test]
fn a_rolled_back_wallet_sends_again() {
    let rules = Rules {
        frozen_stays: false,
        ..Rules::KEPT
    };
    breaks(
        "a rolled back wallet sends again",
        rules,
        Bounds::ALL,
        Property::OneTransferPerOutpoint,
    );
}

#[test]
fn the_bank_settles_twice() {
    let rules = Rules {
        settled_once: false,
        ..Rules::KEPT
    };
    breaks(
        "the bank settles twice",
        rules,
        Bounds::ONE_FILE,
        Property::NoValueCreated,
    );
}

#[test]
fn a_late_claim_moves_no_credit() {
    let rules = Rules {
        longer_chain_moves_credit: false,
        ..Rules::KEPT
    };
    breaks(
        "a late claim moves no credit",
        rules,
        Bounds::ONE_FILE,
        Property::AlwaysEventuallyResolvable,
    );
}
