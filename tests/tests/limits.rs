//! Limits, as the people on both sides meet them: kept to the fen, told with what is left and what gives more, and lifted by
//! exactly that.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bank::operator::{
    Breaking,
    policies::{OfflineRules, Profile},
};
use protocol::{Amount, Code, Day, OfflineLimits, RequestId, Timestamp, WalletClass, message::Refusal};
use simulator::{
    Air, Frames, Handoff, LineTrouble, Phone, PhoneOptions, Roles, Rules, TapReport, World, WorldOptions,
    seed_from_environment,
};
use tests::{
    phones::{bring, spendable, yuan},
    vaults::{self, Meddling},
};
use wallet_core::{
    BankError, Consent, Fault, LargestBecause, Lift, Limit, Outcome, PayError, PayerState, Quantity, Wallet,
    vault::{Confirmation, KeyVault, SignJob, VaultError},
};

/// What a wallet itself is limited by, in the order of the overview.
const OWN: [Limit; 10] = [
    Limit::Balance,
    Limit::PerPayment,
    Limit::PerDay,
    Limit::PerYear,
    Limit::OfflineTotal,
    Limit::OfflinePayments,
    Limit::Hops,
    Limit::Age,
    Limit::UnconfirmedEach,
    Limit::UnconfirmedTotal,
];

/// A world under the limits that a real operator sets.
fn world() -> World {
    let rules = Rules::Only(OfflineRules::default());
    let options = WorldOptions {
        rules,
        ..WorldOptions::default()
    };
    World::with_options(seed_from_environment(41), &options).unwrap()
}

fn phone(world: &mut World, name: &str, class: WalletClass) -> Phone {
    let options = PhoneOptions {
        class,
        ..PhoneOptions::default()
    };
    world.phone_with(name, &options).unwrap()
}

fn tap(world: &World, payer: &Phone, payee: &Phone, request: &RequestId, consent: Consent) -> TapReport {
    world
        .handoff_for(payer, payee, request, consent, Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect())
}

/// `payee` asks for `amount`, and `payer` agrees to exactly that.
fn pay(world: &World, payer: &Phone, payee: &Phone, amount: Amount) -> TapReport {
    let request = payee.wallet().request(Some(amount)).unwrap().id;
    tap(world, payer, payee, &request, Consent::Exactly(amount))
}

fn refused(report: &TapReport) -> PayError {
    report.declined().unwrap_or_else(|| panic!("{report:?}"))
}

fn told(report: &TapReport) -> Refusal {
    match report.payee {
        Some(Outcome::Refused { refusal }) => refusal,
        _ => panic!("{report:?}"),
    }
}

fn plus(amount: Amount, fen: u64) -> Amount {
    Amount::from_fen(amount.fen() + fen).unwrap()
}

/// The `used` and `left` of a limit that counts money.
fn money(phone: &Phone, limit: Limit) -> (Amount, Amount) {
    let limits = phone.wallet().limits().unwrap();
    match limits.of(limit).map(|allowance| (allowance.used, allowance.left)) {
        Some((Quantity::Money(used), Quantity::Money(left))) => (used, left),
        other => panic!("{limit:?}: {other:?}"),
    }
}

fn payments(phone: &Phone) -> Quantity {
    let limits = phone.wallet().limits().unwrap();
    limits.of(Limit::OfflinePayments).unwrap().used
}

fn sync(world: &World, phone: &Phone) {
    phone.wallet().sync(&world.line()).unwrap();
}

/// The published classes, once more from the facts: balance, payment, day and year in yuan. The operator's own class I of
/// `cn-2021` is left out.
const CN_2020: [(WalletClass, [u64; 4]); 4] = [
    (WalletClass::I, [500_000, 50_000, 100_000, 500_000]),
    (WalletClass::Ii, [10_000, 5_000, 10_000, 300_000]),
    (WalletClass::Iii, [2_000, 2_000, 2_000, 50_000]),
    (WalletClass::Iv, [1_000, 500, 1_000, 10_000]),
];
const CN_2021: [(WalletClass, [u64; 4]); 3] = [
    (WalletClass::Ii, [500_000, 50_000, 100_000, 0]),
    (WalletClass::Iii, [20_000, 5_000, 10_000, 0]),
    (WalletClass::Iv, [10_000, 2_000, 5_000, 50_000]),
];

#[test]
fn wallets_of_every_published_class_meet_their_limits() {
    for (class, row) in CN_2020 {
        live_up_to(Profile::Cn2020, class, row);
    }
    for (class, row) in CN_2021 {
        live_up_to(Profile::Cn2021, class, row);
    }
}

/// Somebody of this class fills the wallet, and spends all that may be spent: day after day, until the year is used up.
fn live_up_to(profile: Profile, class: WalletClass, row: [u64; 4]) {
    let [balance, each, day, year] = row.map(|yuan| Amount::from_fen(yuan * 100).unwrap());
    let usual = OfflineRules::default();
    let rules = Rules::Only(OfflineRules {
        // The days and years are the matter here.
        offline: OfflineLimits {
            total: Amount::MAX,
            payments: u32::MAX,
            ..usual.offline
        },
        ..usual
    });
    let options = WorldOptions {
        profile,
        rules,
        ..WorldOptions::default()
    };
    let mut world = World::with_options(seed_from_environment(42), &options).unwrap();
    let alice = phone(&mut world, "Alice", class);
    let shop = phone(&mut world, "Shop", WalletClass::I);
    let limits = alice.wallet().limits().unwrap();
    assert_eq!((limits.profile.as_str(), limits.class), (profile.name(), class));

    // What she may hold: not a fen more, says her own wallet before it asks the bank.
    world.fund(&alice, balance).unwrap();
    let more = alice.wallet().load(&world.line(), yuan("0.01"));
    let Err(BankError::Pay(PayError::Limit {
        limit, left, lifts, ..
    })) = more
    else {
        panic!("{more:?}")
    };
    assert_eq!(
        (limit, left, lifts),
        (Limit::Balance, Amount::ZERO, Lift::Spending)
    );
    assert_eq!(money(&alice, Limit::Balance), (balance, Amount::ZERO));

    // One payment. The shop leaves the amount open, or it would be refused to ask.
    let open = shop.wallet().request(None).unwrap().id;
    let report = tap(&world, &alice, &shop, &open, Consent::Exactly(plus(each, 1)));
    assert_eq!(
        refused(&report),
        PayError::Limit {
            limit: Limit::PerPayment,
            asked: plus(each, 1),
            left: each,
            lifts: Lift::SmallerAmount,
        }
    );
    assert_eq!(
        told(&report),
        Refusal {
            code: Code::PaymentLimit,
            at_most: Some(each)
        }
    );

    let days = if year.is_zero() { 2 } else { year.fen() / day.fen() };
    for number in 1..=days {
        spend_a_day(&world, &alice, &shop, each, day);
        let today = alice.wallet().now().unwrap().day();
        let report = pay(&world, &alice, &shop, yuan("0.01"));
        let (limit, lifts) = if number == days && !year.is_zero() {
            // No waiting for tomorrow helps.
            (Limit::PerYear, Lift::Waiting(today.next_new_year()))
        } else {
            (Limit::PerDay, Lift::Waiting(today.plus(1)))
        };
        let nothing = PayError::Limit {
            limit,
            asked: yuan("0.01"),
            left: Amount::ZERO,
            lifts,
        };
        assert_eq!(refused(&report), nothing, "{profile:?} {class:?} on day {number}");
        // That is nobody's business but hers.
        assert_eq!(
            told(&report),
            Refusal {
                code: Code::PayerLimit,
                at_most: None
            }
        );
        shop.wallet().deposit(&world.line(), None).unwrap();
        sync(&world, &alice);
        world.clock().set(today.plus(1).start());
        let held = alice.wallet().balance().unwrap();
        let missing = balance
            .saturating_sub(held.spendable)
            .saturating_sub(held.only_at_bank);
        if !missing.is_zero() {
            world.fund(&alice, missing).unwrap();
        }
    }
    let tomorrow = pay(&world, &alice, &shop, yuan("0.01"));
    if year.is_zero() {
        assert!(tomorrow.completed(), "{tomorrow:?}");
        return;
    }
    let new_year = alice.wallet().now().unwrap().day().next_new_year();
    assert_eq!(
        refused(&tomorrow),
        PayError::Limit {
            limit: Limit::PerYear,
            asked: yuan("0.01"),
            left: Amount::ZERO,
            lifts: Lift::Waiting(new_year),
        }
    );
    assert_eq!(money(&alice, Limit::PerYear), (year, Amount::ZERO));
    // What the refusal says lifts it does, to the second. By then the money is too old, and the bank renews it.
    world
        .clock()
        .set(Timestamp::from_seconds(new_year.start().seconds() - 1));
    alice.wallet().deposit(&world.line(), None).unwrap();
    world.fund(&alice, yuan("1.00")).unwrap();
    assert_eq!(
        refused(&pay(&world, &alice, &shop, yuan("0.01"))),
        refused(&tomorrow)
    );
    world.clock().advance(1);
    let report = pay(&world, &alice, &shop, yuan("0.01"));
    assert!(report.completed(), "{report:?}");
    assert!(world.bank().breaches().unwrap().is_empty());
}

/// Of a part that comes back nobody knows for what it is: it was paid all the same.
#[test]
fn a_refund_gives_nothing_of_the_day_back() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", WalletClass::Ii);
    let shop = phone(&mut world, "Shop", WalletClass::Ii);
    world.fund(&alice, yuan("100.00")).unwrap();
    let report = pay(&world, &alice, &shop, yuan("30.00"));
    let Some(Outcome::Paid { transfer, .. }) = report.payer else {
        panic!("{report:?}")
    };
    shop.wallet().refund(&transfer, yuan("10.00")).unwrap();
    let report =
        bring(&shop, &alice, &transfer, Roles::PayerIsCard).tap(Frames::Extended, &mut Air::perfect());
    assert!(
        matches!(report.payee, Some(Outcome::Refunded { .. })),
        "{report:?}"
    );
    assert_eq!(spendable(&alice), yuan("80.00"));
    assert_eq!(money(&alice, Limit::PerDay).0, yuan("30.00"));
}

#[test]
fn every_limit_has_a_name_of_its_own() {
    let names: BTreeSet<String> = OWN
        .iter()
        .chain([&Limit::PayeeBalance])
        .map(Limit::to_string)
        .collect();
    assert_eq!(names.len(), OWN.len() + 1);
    assert_eq!(Limit::PerDay.to_string(), "the limit of a day");
}

/// The largest payments there may be, until nothing is left of the day.
fn spend_a_day(world: &World, alice: &Phone, shop: &Phone, each: Amount, day: Amount) {
    let mut left = day;
    while !left.is_zero() {
        assert_eq!(money(alice, Limit::PerDay).1, left);
        let next = each.min(left);
        let largest = alice.wallet().balance().unwrap().largest_payment;
        assert_eq!(largest, next, "the balance says what can be paid");
        let report = pay(world, alice, shop, next);
        assert!(report.completed(), "{report:?}");
        left = left.saturating_sub(next);
    }
}

#[test]
fn between_two_contacts_with_the_bank_there_are_ten_payments_and_five_thousand_yuan() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", WalletClass::Ii);
    let shop = phone(&mut world, "Shop", WalletClass::I);
    world.fund(&alice, yuan("9000.00")).unwrap();
    for _ in 0..10 {
        assert!(pay(&world, &alice, &shop, yuan("1.00")).completed());
    }
    let report = pay(&world, &alice, &shop, yuan("1.00"));
    let counted = PayError::Limit {
        limit: Limit::OfflinePayments,
        asked: yuan("1.00"),
        left: Amount::ZERO,
        lifts: Lift::Sync,
    };
    assert_eq!(refused(&report), counted);
    assert_eq!(told(&report).code, Code::PayerLimit);
    let balance = alice.wallet().balance().unwrap();
    let because = LargestBecause::Limit {
        limit: Limit::OfflinePayments,
        lifts: Lift::Sync,
    };
    assert_eq!(
        (balance.largest_payment, balance.because),
        (Amount::ZERO, because)
    );

    // A sync that does not reach the bank is none.
    alice.line().set_offline(true);
    assert!(alice.wallet().sync(alice.line()).is_err());
    assert_eq!(refused(&pay(&world, &alice, &shop, yuan("1.00"))), counted);
    alice.line().set_offline(false);
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(payments(&alice), Quantity::Payments(0));

    assert!(pay(&world, &alice, &shop, yuan("4999.00")).completed());
    let report = pay(&world, &alice, &shop, yuan("1.01"));
    let summed = PayError::Limit {
        limit: Limit::OfflineTotal,
        asked: yuan("1.01"),
        left: yuan("1.00"),
        lifts: Lift::Sync,
    };
    assert_eq!(refused(&report), summed);
    sync(&world, &alice);
    assert!(pay(&world, &alice, &shop, yuan("1.01")).completed());
    // The day goes on counting.
    assert_eq!(money(&alice, Limit::PerDay).0, yuan("5010.01"));
}

/// Whichever call of a sync is lost, or its answer: being offline ends only when this wallet has heard that the bank has
/// everything on record.
#[test]
fn a_sync_that_is_not_answered_lifts_nothing() {
    let mut kept = 0;
    for trouble in [LineTrouble::CallLost, LineTrouble::AnswerLost] {
        for number in 0..6 {
            let mut world = world();
            let alice = phone(&mut world, "Alice", WalletClass::Ii);
            let shop = phone(&mut world, "Shop", WalletClass::Ii);
            world.fund(&alice, yuan("10.00")).unwrap();
            let report = pay(&world, &alice, &shop, yuan("1.00"));
            let Some(Outcome::Paid { transfer, .. }) = report.payer else {
                panic!("{report:?}")
            };
            let fine = std::iter::repeat_n(LineTrouble::None, number);
            alice.line().expect(fine.chain([trouble]));
            let synced = alice.wallet().sync(alice.line());
            let recorded = alice.wallet().payer_state(&transfer).unwrap() == PayerState::Recorded;
            let begun_anew = payments(&alice) == Quantity::Payments(0);
            assert!(recorded || !begun_anew, "{trouble:?} {number}: {synced:?}");
            assert!(begun_anew || synced.is_err(), "{trouble:?} {number}");
            kept += usize::from(!begun_anew);
            alice.line().expect([]);
            alice.wallet().sync(alice.line()).unwrap();
            assert_eq!(payments(&alice), Quantity::Payments(0));
        }
    }
    assert!(kept >= 4, "{kept}");
}

/// `payer` has signed for a request of `payee`, and nothing has arrived.
fn in_doubt(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> RequestId {
    let amount = yuan(amount);
    let request = payee.wallet().request(Some(amount)).unwrap().id;
    let consent = Consent::Exactly(amount);
    let handoff = world.handoff_for(payer, payee, &request, consent, Roles::PayeeIsCard);
    let Handoff {
        payer: mut paying,
        payee: mut asking,
    } = handoff.unwrap();
    let hello = paying.begin().unwrap().unwrap();
    asking.begin().unwrap();
    let offer = asking.hear(&hello).unwrap().unwrap();
    paying.hear(&offer).unwrap().unwrap();
    request
}

#[test]
fn what_is_signed_counts_once_and_what_comes_back_whole_counts_no_longer() {
    let mut world = world();
    let mut alice = phone(&mut world, "Alice", WalletClass::Ii);
    let bob = phone(&mut world, "Bob", WalletClass::Ii);
    world.fund(&alice, yuan("100.00")).unwrap();
    let used = |alice: &Phone| {
        let sums = [Limit::PerDay, Limit::PerYear, Limit::OfflineTotal].map(|limit| money(alice, limit).0);
        assert!(sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
        (sums[0], payments(alice))
    };
    let request = in_doubt(&world, &alice, &bob, "3.00");
    assert_eq!(used(&alice), (yuan("3.00"), Quantity::Payments(1)));
    alice.restart().unwrap();
    assert_eq!(
        used(&alice),
        (yuan("3.00"), Quantity::Payments(1)),
        "restarts keep it"
    );
    bob.wallet().withdraw(&request).unwrap();
    // It arrives two days later, and comes back: of today nothing was used, and of that day nothing is any more.
    world.clock().advance(2 * 86_400);
    let report = tap(&world, &alice, &bob, &request, Consent::Exactly(yuan("3.00")));
    assert!(
        matches!(report.payer, Some(Outcome::Returned { .. })),
        "{report:?}"
    );
    assert_eq!(used(&alice), (Amount::ZERO, Quantity::Payments(0)));

    let request = in_doubt(&world, &alice, &bob, "4.00");
    let report = tap(&world, &alice, &bob, &request, Consent::Exactly(yuan("4.00")));
    assert!(report.completed(), "{report:?}");
    assert_eq!(
        used(&alice),
        (yuan("4.00"), Quantity::Payments(1)),
        "mended is paid once"
    );
    // What goes to the bank is not spent.
    alice
        .wallet()
        .deposit(&world.line(), Some(yuan("50.00")))
        .unwrap();
    assert_eq!(used(&alice), (yuan("4.00"), Quantity::Payments(1)));
    // Bob has spent nothing either: giving back is no payment.
    assert_eq!(used(&bob), (Amount::ZERO, Quantity::Payments(0)));
}

#[test]
fn small_amounts_need_no_confirmation_until_they_are_many() {
    for roles in Roles::ALL {
        let mut world = world();
        let alice = phone(&mut world, "Alice", WalletClass::Ii);
        let bob = phone(&mut world, "Bob", WalletClass::Ii);
        world.fund(&alice, yuan("5000.00")).unwrap();
        let ask = |amount: &str| bob.wallet().request(Some(yuan(amount))).unwrap().id;
        let tap = |request: &RequestId, consent| {
            let handoff = world.handoff_for(&alice, &bob, request, consent, roles);
            handoff.unwrap().tap(Frames::Extended, &mut Air::perfect())
        };
        // Too much at once; and the second tap pays the very same request.
        let asked = ask("200.01");
        let report = tap(&asked, Consent::Unconfirmed);
        let amount = yuan("200.01");
        let Some(Outcome::Declined {
            reason: PayError::ConfirmOnDevice { amount: shown },
            request: Some(request),
        }) = &report.payer
        else {
            panic!("{report:?}")
        };
        assert_eq!((*shown, request.id), (amount, asked));
        assert_eq!(told(&report).code, Code::ConfirmOnDevice);
        assert_eq!(spendable(&alice), yuan("5000.00"));
        assert!(tap(&asked, Consent::To(request.id, amount)).completed());

        for _ in 0..5 {
            assert!(tap(&ask("200.00"), Consent::Unconfirmed).completed());
        }
        assert_eq!(
            money(&alice, Limit::UnconfirmedTotal),
            (yuan("1000.00"), Amount::ZERO)
        );
        let one_fen = ask("0.01");
        let report = tap(&one_fen, Consent::Unconfirmed);
        assert_eq!(
            refused(&report),
            PayError::ConfirmOnDevice { amount: yuan("0.01") }
        );
        // What is left open is for the holder to say.
        let open = bob.wallet().request(None).unwrap().id;
        assert_eq!(refused(&tap(&open, Consent::Unconfirmed)), PayError::AmountOpen);
        // One decision of the holder, and the next ones are free again.
        assert!(tap(&one_fen, Consent::UpTo(yuan("1.00"))).completed());
        assert_eq!(
            money(&alice, Limit::UnconfirmedTotal),
            (Amount::ZERO, yuan("1000.00"))
        );
        assert!(tap(&ask("200.00"), Consent::Unconfirmed).completed());
    }
}

/// A vault whose user says yes or no, and that writes down what was asked when.
struct Asking {
    inner: Arc<dyn KeyVault>,
    yes: AtomicBool,
    heard: Mutex<Vec<String>>,
    /// What somebody else does with the wallet while the prompt is open.
    meanwhile: Mutex<Option<Wallet>>,
}

impl Asking {
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

impl Meddling for Asking {
    fn vault(&self) -> &dyn KeyVault {
        &*self.inner
    }
    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.heard.lock().unwrap().push(format!("sign {}", jobs.len()));
        self.inner.sign_all(jobs)
    }
    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError> {
        self.heard.lock().unwrap().push(format!("{what:?}"));
        if let Some(wallet) = self.meanwhile.lock().unwrap().as_ref() {
            // The same thread would be a callback that calls its wallet; another one is not kept waiting.
            assert_eq!(wallet.balance().err(), Some(Fault::Reentrant));
            std::thread::scope(|scope| scope.spawn(|| wallet.balance().map(drop)).join().unwrap()).unwrap();
        }
        if self.yes.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(VaultError::UserCancelled)
        }
    }
}

#[test]
fn the_holder_is_asked_before_the_tap_and_never_during_one() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", WalletClass::Ii);
    let bob = phone(&mut world, "Bob", WalletClass::Ii);
    world.fund(&alice, yuan("100.00")).unwrap();
    let (wallet, vault, _) = vaults::opened(&alice, |inner| Asking {
        inner,
        yes: AtomicBool::new(false),
        heard: Mutex::default(),
        meanwhile: Mutex::default(),
    });
    let vault = &vault.0;
    let asked = bob.wallet().request(Some(yuan("2.00"))).unwrap().id;
    let before = wallet.journal_head().unwrap();
    let amount = yuan("2.00");
    let decisions = [
        (Consent::UpTo(amount), format!("{:?}", Confirmation::UpTo(amount))),
        (
            Consent::Exactly(amount),
            format!("{:?}", Confirmation::Exactly(amount)),
        ),
        (
            Consent::To(asked, amount),
            format!("{:?}", Confirmation::Request(asked, amount)),
        ),
    ];
    for (consent, shown) in &decisions {
        let refused = wallet.pay(*consent, Roles::PayeeIsCard.payer()).err();
        assert_eq!(refused, Some(Fault::Vault(VaultError::UserCancelled)));
        assert_eq!(vault.heard(), [shown.as_str()]);
    }
    assert_eq!(wallet.journal_head().unwrap(), before, "nothing has happened");
    // Holding out the phone is no decision, and asks nobody.
    assert!(
        wallet
            .pay(Consent::Unconfirmed, Roles::PayeeIsCard.payer())
            .is_ok()
    );
    assert!(vault.heard().is_empty());

    vault.yes.store(true, Ordering::SeqCst);
    *vault.meanwhile.lock().unwrap() = Some(wallet.clone());
    let mut handoff = Handoff {
        payer: wallet.pay(decisions[2].0, Roles::PayeeIsCard.payer()).unwrap(),
        payee: bob.wallet().receive(&asked, Roles::PayeeIsCard.payee()).unwrap(),
    };
    assert_eq!(vault.heard(), [decisions[2].1.as_str()]);
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    assert_eq!(vault.heard(), ["sign 1"], "one call of the vault in a tap");
}

#[test]
fn a_payer_hears_how_much_the_payee_can_take_before_it_signs() {
    for roles in Roles::ALL {
        let mut world = world();
        let alice = phone(&mut world, "Alice", WalletClass::Ii);
        let bob = phone(&mut world, "Bob", WalletClass::Iv);
        world.fund(&alice, yuan("2000.00")).unwrap();
        let named = bob.wallet().request(Some(yuan("400.00"))).unwrap().id;
        let open = bob.wallet().request(None).unwrap().id;
        // Class IV may hold 1,000.00: meanwhile only 50.00 of it are free.
        world.fund(&bob, yuan("950.00")).unwrap();
        for (request, amount) in [(named, "400.00"), (open, "50.01")] {
            let amount = yuan(amount);
            let handoff = world.handoff_for(&alice, &bob, &request, Consent::Exactly(amount), roles);
            let report = handoff.unwrap().tap(Frames::Extended, &mut Air::perfect());
            let left = yuan("50.00");
            assert_eq!(
                refused(&report),
                PayError::Limit {
                    limit: Limit::PayeeBalance,
                    asked: amount,
                    left,
                    lifts: Lift::PayeeSpending,
                }
            );
            let at_most = Some(left);
            assert_eq!(
                told(&report),
                Refusal {
                    code: Code::BalanceLimit,
                    at_most
                }
            );
        }
        assert!(alice.wallet().in_doubt().unwrap().is_empty());
        assert_eq!(spendable(&alice), yuan("2000.00"), "nothing was signed");
        let handoff = world.handoff_for(&alice, &bob, &open, Consent::Exactly(yuan("50.00")), roles);
        let report = handoff.unwrap().tap(Frames::Extended, &mut Air::perfect());
        assert!(report.completed(), "{report:?}");
    }
}

/// Nobody who keeps to the rules breaks a limit. Who deletes the app and installs it again has a wallet that knows of
/// nothing; the bank does.
#[test]
fn the_bank_lists_who_paid_more_than_permitted() {
    let mut world = world();
    let mut alice = phone(&mut world, "Alice", WalletClass::Iv);
    let bob = phone(&mut world, "Bob", WalletClass::Ii);
    let spend = |alice: &Phone| {
        world.fund(alice, yuan("1000.00")).unwrap();
        for _ in 0..2 {
            let report = pay(&world, alice, &bob, yuan("500.00"));
            assert!(report.completed(), "{report:?}");
        }
        sync(&world, alice);
    };
    spend(&alice);
    assert_eq!(world.bank().breaches().unwrap(), []);
    alice.reinstall().unwrap();
    alice.enrol().unwrap();
    spend(&alice);
    let breaches = world.bank().breaches().unwrap();
    assert_eq!(breaches.len(), 1, "{breaches:?}");
    let today: Day = world.clock().now().day();
    assert_eq!(breaches[0].account, alice.wallet().account().unwrap());
    assert_eq!(breaches[0].what, Breaking::Day(today));
    assert_eq!(
        (breaches[0].paid, breaches[0].permitted),
        (yuan("2000.00"), yuan("1000.00"))
    );
    // The payee's report of the same payments counts nothing twice.
    sync(&world, &bob);
    assert_eq!(world.bank().breaches().unwrap(), breaches);
}

/// What came back was not spent, whoever of the two tells the bank first.
#[test]
fn the_bank_does_not_count_what_came_back() {
    for payer_first in [true, false] {
        let mut world = world();
        let alice = phone(&mut world, "Alice", WalletClass::Iv);
        let bob = phone(&mut world, "Bob", WalletClass::Ii);
        world.fund(&alice, yuan("1000.00")).unwrap();
        let request = in_doubt(&world, &alice, &bob, "500.00");
        bob.wallet().withdraw(&request).unwrap();
        let report = tap(&world, &alice, &bob, &request, Consent::Exactly(yuan("500.00")));
        assert!(
            matches!(report.payer, Some(Outcome::Returned { .. })),
            "{report:?}"
        );
        for _ in 0..2 {
            assert!(pay(&world, &alice, &bob, yuan("500.00")).completed());
        }
        let both = [&alice, &bob];
        for number in 0..2 {
            sync(&world, both[usize::from(payer_first) ^ number ^ 1]);
            assert_eq!(world.bank().breaches().unwrap(), [], "{payer_first} {number}");
        }
    }
}

/// The overview has every limit once, and they add up.
#[test]
fn the_overview_is_complete() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", WalletClass::Iv);
    let bob = phone(&mut world, "Bob", WalletClass::Iv);
    world.fund(&alice, yuan("100.00")).unwrap();
    assert!(pay(&world, &alice, &bob, yuan("30.00")).completed());
    world.clock().advance(3 * 86_400);
    let shown = bob.wallet().limits().unwrap();
    let names: Vec<_> = shown.limits.iter().map(|allowance| allowance.limit).collect();
    assert_eq!(names, OWN);
    for allowance in &shown.limits {
        let sum = |a: Quantity, b: Quantity| match (a, b) {
            (Quantity::Money(a), Quantity::Money(b)) => Quantity::Money(a.checked_add(b).unwrap()),
            (Quantity::Payments(a), Quantity::Payments(b)) => Quantity::Payments(a + b),
            (Quantity::Hops(a), Quantity::Hops(b)) => Quantity::Hops(a + b),
            (Quantity::Days(a), Quantity::Days(b)) => Quantity::Days(a + b),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            sum(allowance.used, allowance.left),
            allowance.most,
            "{allowance:?}"
        );
    }
    let used = |limit| shown.of(limit).unwrap().used;
    assert_eq!(used(Limit::Balance), Quantity::Money(yuan("30.00")));
    assert_eq!(used(Limit::Hops), Quantity::Hops(1));
    assert_eq!(used(Limit::Age), Quantity::Days(3));
    // Whoever is not enrolled has no limits, because there is nothing to limit.
    let device = world.device("new").unwrap();
    let owner = alice.owner().clone();
    let stranger = world.install(device, owner).unwrap();
    assert_eq!(stranger.wallet().limits().err(), Some(Fault::NotEnrolled));
}
