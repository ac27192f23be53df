//! An adversary of keys, limits and lost phones: what two phones of one account, a stranger who knows a transfer, a line that
//! loses answers and a vault that is confused can do to money, to limits, and to honest people's names.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{
    Amount, Id, Proven, ReceiptFile, ReceiptFileError, Reference, Signed, WalletClass,
    bank::{Call, Order},
    cbor,
};
use simulator::{
    Air, BankLine, Frames, GuardTrouble, LineTrouble, Phone, PhoneOptions, Roles, VaultTrouble, World,
    seed_from_environment,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::phones::{events, owned, pay, spendable, yuan};
use wallet_core::{
    BankError, Consent, EventKind, Limit, Outcome, PayError, PayeeState, PayerState, Quantity, ReceiveError,
    RefundError,
    platform::{BankTransport, TransportError},
    vault::VaultError,
};

const DAY: u64 = 86_400;

fn world() -> World {
    World::new(seed_from_environment(47)).unwrap()
}

fn of_class(world: &mut World, name: &str, class: WalletClass) -> Phone {
    let options = PhoneOptions {
        class,
        ..PhoneOptions::default()
    };
    world.phone_with(name, &options).unwrap()
}

/// Another phone of the same account.
fn next_phone(world: &mut World, phone: &Phone) -> Phone {
    let device = world.device("the next phone").unwrap();
    world
        .restore_from_words(device, phone.owner().clone(), None)
        .unwrap()
}

fn account(world: &World, phone: &Phone) -> Amount {
    phone.wallet().account_balance(&world.line()).unwrap()
}

/// Pays by a tap, and tells which transfer it was.
fn paid(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> Id {
    let report = world
        .handoff(payer, payee, yuan(amount), Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    match report.payer {
        Some(Outcome::Paid { transfer, .. }) => transfer,
        other => panic!("{other:?}"),
    }
}

/// Every one of them goes online, one after the other.
fn sync(world: &World, phones: &[&Phone]) {
    for phone in phones {
        phone.wallet().sync(&world.line()).unwrap();
    }
}

/// What a stranger reads from the receipt that this phone exports.
fn proven(world: &World, phone: &Phone, transfer: &Id) -> Result<Proven, ReceiptFileError> {
    let file = phone.wallet().export_receipt(transfer).unwrap();
    ReceiptFile::decode(&file).unwrap().verify(world.bank().root())
}

fn balanced(world: &World) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    world.bank().audit().unwrap().unwrap();
}

// --- Limits ---------------------------------------------------------------------------------------------------------------

/// The most that the policy permits.
fn most(phone: &Phone, limit: Limit) -> Amount {
    match phone.wallet().limits().unwrap().of(limit).unwrap().most {
        Quantity::Money(most) => most,
        other => panic!("{other:?}"),
    }
}

fn is_too_much<T: core::fmt::Debug>(result: &Result<T, BankError>) -> bool {
    let balance = Limit::Balance;
    matches!(result, Err(BankError::Pay(PayError::Limit { limit, .. })) if *limit == balance)
}

#[test]
fn a_load_whose_answer_was_lost_takes_room_under_the_balance_limit() {
    for restart in [false, true] {
        let mut world = world();
        let mut alice = of_class(&mut world, "Alice", WalletClass::Iv);
        let most = most(&alice, Limit::Balance);
        let account = alice.wallet().account().unwrap();
        world.bank().pay_in(&account, most).unwrap();
        world.bank().pay_in(&account, most).unwrap();
        alice.line().expect([LineTrouble::AnswerLost]);
        assert!(alice.wallet().load(alice.line(), most).is_err());
        if restart {
            alice.restart().unwrap();
        }
        let again = alice.wallet().load(alice.line(), yuan("0.01"));
        assert!(is_too_much(&again), "{again:?}");
        assert_eq!(
            alice.wallet().request(Some(yuan("0.01"))),
            Err(ReceiveError::BalanceLimit { room: Amount::ZERO })
        );
        alice.wallet().sync(alice.line()).unwrap();
        assert_eq!(owned(&alice), most);
    }
}

#[test]
fn a_refresh_that_is_on_its_way_takes_room_under_the_balance_limit() {
    let mut world = world();
    let alice = of_class(&mut world, "Alice", WalletClass::Iv);
    let most = most(&alice, Limit::Balance);
    world.fund(&alice, most).unwrap();
    let account = alice.wallet().account().unwrap();
    world.bank().pay_in(&account, most).unwrap();
    world.clock().advance(25 * DAY);
    alice.line().expect([LineTrouble::AnswerLost]);
    assert!(alice.wallet().refresh(alice.line()).is_err());
    let again = alice.wallet().load(alice.line(), most);
    assert!(is_too_much(&again), "{again:?}");
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(owned(&alice), most);
    balanced(&world);
}

/// A load that the bank refuses makes room again.
#[test]
fn a_load_that_is_refused_takes_no_room() {
    let mut world = world();
    let alice = of_class(&mut world, "Alice", WalletClass::Iv);
    let most = most(&alice, Limit::Balance);
    // There is nothing on the account.
    assert!(alice.wallet().load(alice.line(), most).is_err());
    world.fund(&alice, most).unwrap();
    assert_eq!(owned(&alice), most);
}

// --- Money back from whom nobody knows ------------------------------------------------------------------------------------

/// A stranger who has seen the transfer (every later holder of the value has) sends its payer a fen "back", through the
/// bank. That the bank has the stranger's fen on record says nothing about the payment.
#[test]
fn money_back_out_of_other_money_ends_nothing_that_the_bank_has_not_heard_of() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let payment = paid(&world, &alice, &bob, "30.00");
    let file = ReceiptFile::decode(&bob.wallet().export_receipt(&payment).unwrap()).unwrap();
    let payer = file.verify(world.bank().root()).unwrap().payer_key;

    let mut stranger = world.rogue().unwrap();
    let key = stranger.certified_key().unwrap();
    let note = stranger.load(yuan("0.01"), &key).unwrap().remove(0);
    let fen = stranger
        .pass(&[&note], &[(payer, yuan("0.01"))], Reference::to_return(&payment))
        .unwrap();
    let order = Order::Report {
        payment: stranger.payment(&fen).unwrap().encode(),
        receipt: None,
    };
    stranger.call(order).unwrap();

    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!((report.delivered, report.recorded), (1, 1));
    assert_eq!(
        alice.wallet().payer_state(&payment).unwrap(),
        PayerState::Recorded
    );
    // Bob's phone is crushed before it ever syncs. What he was paid is his all the same, because Alice reported it.
    let next = next_phone(&mut world, &bob);
    world.clock().advance(3 * 366 * DAY);
    next.wallet().sync(&world.line()).unwrap();
    assert_eq!(account(&world, &next), yuan("30.00"));
    balanced(&world);
}

// --- Two phones of one account --------------------------------------------------------------------------------------------

#[test]
fn a_payment_from_one_phone_of_an_account_to_the_other_is_delivered_by_the_bank() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let next = next_phone(&mut world, &alice);
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = next.wallet().request(Some(yuan("30.00"))).unwrap();
    // Torn later and later, until Alice has signed.
    let mut bytes = 400;
    while alice.wallet().in_doubt().unwrap().is_empty() {
        let mut handoff = world
            .handoff_for(
                &alice,
                &next,
                &request.id,
                Consent::Exactly(yuan("30.00")),
                Roles::PayeeIsCard,
            )
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::cut_after(bytes));
        bytes += 20;
    }
    let payment = alice.wallet().in_doubt().unwrap()[0].transfer;
    assert_eq!(next.wallet().payee_state(&payment).unwrap(), PayeeState::Asking);

    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(alice.wallet().in_doubt().unwrap(), []);
    let report = next.wallet().sync(&world.line()).unwrap();
    assert_eq!(report.delivered, 1);
    assert_eq!(
        (spendable(&alice), spendable(&next)),
        (yuan("70.00"), yuan("30.00"))
    );
    balanced(&world);
}

#[test]
fn a_refresh_that_was_under_way_when_the_phone_was_frozen_ends_as_a_deposit() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    world.clock().advance(25 * DAY);
    alice.line().set_offline(true);
    assert!(alice.wallet().refresh(alice.line()).is_err());
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, yuan("100.00"));

    let next = next_phone(&mut world, &alice);
    next.wallet().freeze_others(&world.line()).unwrap();
    alice.line().set_offline(false);
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(alice.wallet().in_doubt().unwrap(), [], "the bank has answered");
    assert_eq!(account(&world, &next), yuan("100.00"));
    assert_eq!(owned(&alice), Amount::ZERO);
    let told = events(&alice);
    assert!(
        told.contains(&EventKind::NotRefreshed {
            amount: yuan("100.00")
        }),
        "{told:?}"
    );
    balanced(&world);
}

/// A wish whose answer was lost is repeated as the same wish: a phone that came since is nobody's lost phone.
#[test]
fn a_wish_to_freeze_that_is_repeated_freezes_no_phone_that_came_since() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let next = next_phone(&mut world, &alice);
    next.line().expect([LineTrouble::AnswerLost]);
    assert!(next.wallet().freeze_others(next.line()).is_err());
    let third = next_phone(&mut world, &alice);
    next.wallet().sync(next.line()).unwrap();
    assert!(events(&next).contains(&EventKind::OthersFrozen));
    sync(&world, &[&alice, &third]);
    assert!(matches!(events(&alice)[..], [EventKind::DeviceFrozen { .. }]));
    assert_eq!(events(&third), []);
    // Asked anew, it is another wish.
    next.wallet().freeze_others(next.line()).unwrap();
    third.wallet().sync(&world.line()).unwrap();
    assert!(matches!(events(&third)[..], [EventKind::DeviceFrozen { .. }]));
}

/// The window closed on what a phone held, and another phone of the account has loaded the money since. When the first one
/// refreshes, there is nothing left on the account that notes could be issued for.
#[test]
fn what_was_credited_and_spent_is_not_refreshed_into_notes_as_well() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    let next = next_phone(&mut world, &alice);
    world.clock().advance(3 * 366 * DAY);
    next.wallet().sync(&world.line()).unwrap();
    assert_eq!(account(&world, &next), yuan("100.00"));
    next.wallet().load(&world.line(), yuan("100.00")).unwrap();

    // It gets keys that last, and has not heard of the closing.
    alice.enrol().unwrap();
    alice.wallet().refresh(&world.line()).unwrap();
    assert_eq!(owned(&alice), Amount::ZERO);
    assert_eq!(alice.wallet().in_doubt().unwrap(), []);
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!((owned(&alice), owned(&next)), (Amount::ZERO, yuan("100.00")));
    assert_eq!(account(&world, &next), Amount::ZERO);
    balanced(&world);
}

/// A line on which somebody pays while the bank thinks about a refresh.
struct PaysMeanwhile<'a> {
    line: BankLine,
    pay: &'a (dyn Fn() + Sync),
    refreshes: AtomicUsize,
}

impl BankTransport for PaysMeanwhile<'_> {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        let decoded: Signed<Call> = cbor::decode("call", call).unwrap();
        if matches!(decoded.body.order, Order::Refresh { .. })
            && self.refreshes.fetch_add(1, Ordering::SeqCst) == 0
        {
            // From another thread: a callback of the wallet's must not call it.
            std::thread::scope(|scope| scope.spawn(self.pay).join().unwrap());
        }
        self.line.call(call)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        self.line.trust()
    }
}

#[test]
fn a_payment_that_takes_what_is_next_to_be_refreshed_is_no_damage() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    for _ in 0..9 {
        world.fund(&alice, yuan("10.00")).unwrap();
    }
    world.clock().advance(25 * DAY);
    let pay_now = || pay(&world, &alice, &bob, "55.55");
    let line = PaysMeanwhile {
        line: world.line(),
        pay: &pay_now,
        refreshes: AtomicUsize::new(0),
    };
    alice.wallet().refresh(&line).unwrap();
    assert!(line.refreshes.load(Ordering::SeqCst) > 1);
    assert_eq!(spendable(&alice), yuan("34.45"));
    assert_eq!(spendable(&bob), yuan("55.55"));
    balanced(&world);
}

// --- Keys that are gone ---------------------------------------------------------------------------------------------------

/// A load that was ordered, and never reached the bank, must not be carried out for keys that will never sign again: its notes
/// would lie there until their window closes.
#[test]
fn a_load_that_was_ordered_for_keys_that_are_retired_since_leaves_the_money_on_the_account() {
    for destroyed in [false, true] {
        let mut world = world();
        let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        world.fund(&alice, yuan("10.00")).unwrap();
        let account_key = alice.wallet().account().unwrap();
        world.bank().pay_in(&account_key, yuan("100.00")).unwrap();
        alice.line().expect([LineTrouble::CallLost]);
        assert!(alice.wallet().load(alice.line(), yuan("100.00")).is_err());
        if destroyed {
            alice.hardware().vault().destroy_all();
        } else {
            let snapshot = alice.snapshot().unwrap();
            pay(&world, &alice, &bob, "1.00");
            assert!(alice.restore(&snapshot).unwrap().rolled_back);
        }
        alice.wallet().sync(alice.line()).unwrap();
        assert_eq!(account(&world, &alice), yuan("100.00"), "{destroyed}");
        alice.wallet().load(alice.line(), yuan("100.00")).unwrap();
        assert_eq!(spendable(&alice), yuan("100.00"), "{destroyed}");
        balanced(&world);
    }
}

/// The same of a refresh, which cannot be taken back: it ends as a deposit.
#[test]
fn a_refresh_for_keys_that_are_destroyed_since_ends_as_a_deposit() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    world.clock().advance(25 * DAY);
    alice.line().set_offline(true);
    assert!(alice.wallet().refresh(alice.line()).is_err());
    alice.hardware().vault().destroy_all();
    alice.line().set_offline(false);
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(account(&world, &alice), yuan("100.00"));
    assert_eq!(alice.wallet().in_doubt().unwrap(), []);
    balanced(&world);
}

/// The vault says twice that the key is gone, so it is retired for ever; and then it could sign after all.
#[test]
fn a_key_that_was_just_retired_signs_no_refund() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    world.fund(&bob, yuan("100.00")).unwrap();
    let payment = paid(&world, &alice, &bob, "30.00");
    let paid_key = proven(&world, &bob, &payment).unwrap().payee_key;

    let vault = bob.hardware().vault();
    vault.trouble_after(0, VaultTrouble::Refuses(VaultError::KeyInvalidated));
    vault.trouble_after(1, VaultTrouble::Refuses(VaultError::KeyInvalidated));
    bob.wallet().refund(&payment, yuan("12.00")).unwrap();
    assert!(
        events(&bob)
            .iter()
            .any(|kind| matches!(kind, EventKind::KeysDestroyed { .. }))
    );
    let signers = vault.signers_after(0);
    assert!(!signers.contains(&paid_key), "a retired key has signed");
    sync(&world, &[&bob, &alice]);
    assert_eq!(spendable(&alice), yuan("82.00"));
    balanced(&world);
}

#[test]
fn a_refund_finds_other_money_when_the_key_that_was_paid_is_destroyed() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    world.fund(&bob, yuan("100.00")).unwrap();
    let payment = paid(&world, &alice, &bob, "30.00");
    let paid_key = proven(&world, &bob, &payment).unwrap().payee_key;
    assert!(bob.hardware().vault().destroy(&paid_key));
    bob.wallet().refund(&payment, yuan("30.00")).unwrap();
    sync(&world, &[&bob, &alice]);
    assert_eq!(spendable(&alice), yuan("100.00"));
    balanced(&world);
}

// --- What was forgotten ---------------------------------------------------------------------------------------------------

#[test]
fn a_wallet_that_was_rolled_back_gives_nothing_back_twice() {
    let mut world = world();
    let (alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let payment = paid(&world, &alice, &bob, "30.00");
    let snapshot = bob.snapshot().unwrap();
    bob.wallet().refund(&payment, yuan("30.00")).unwrap();
    bob.wallet().sync(&world.line()).unwrap();
    assert!(bob.restore(&snapshot).unwrap().rolled_back);
    bob.wallet().sync(&world.line()).unwrap();
    world.fund(&bob, yuan("50.00")).unwrap();
    assert_eq!(bob.wallet().refundable(&payment).unwrap(), Amount::ZERO);
    assert_eq!(
        bob.wallet().refund(&payment, yuan("0.01")),
        Err(RefundError::TooLarge { left: Amount::ZERO })
    );
    // What it is paid from now on it can give back.
    let later = paid(&world, &alice, &bob, "7.00");
    bob.wallet().refund(&later, yuan("7.00")).unwrap();
    sync(&world, &[&bob, &alice]);
    assert_eq!(spendable(&alice), yuan("100.00"));
    balanced(&world);
}

#[test]
fn a_rollback_that_is_found_out_twice_is_told_once() {
    let mut world = world();
    let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    drop(events(&alice));
    let snapshot = alice.snapshot().unwrap();
    pay(&world, &alice, &bob, "1.00");
    // The keys are retired, and the guard does not hear of it.
    alice.hardware().guard().fail_once(GuardTrouble::BeforeWrite);
    assert!(alice.restore(&snapshot).is_err());
    assert!(alice.restart().unwrap().rolled_back);
    assert_eq!(events(&alice), [EventKind::RolledBack { held: yuan("100.00") }]);
    // And it goes on with new keys.
    alice.wallet().sync(&world.line()).unwrap();
    assert!(alice.wallet().request(Some(yuan("1.00"))).is_ok());
}

// --- Honest names ---------------------------------------------------------------------------------------------------------

/// Who gives money back out of other money than was paid has not spent it, and stands on nobody's list.
#[test]
fn a_refund_out_of_other_money_is_no_breach_of_a_limit() {
    for payer_reports_first in [false, true] {
        let mut world = world();
        let (alice, carol) = (world.phone("Alice").unwrap(), world.phone("Carol").unwrap());
        let bob = of_class(&mut world, "Bob", WalletClass::Iv);
        let (each, day) = (most(&bob, Limit::PerPayment), most(&bob, Limit::PerDay));
        world.fund(&alice, each).unwrap();
        let payment = paid(&world, &alice, &bob, &each.to_string());
        if payer_reports_first {
            alice.wallet().sync(&world.line()).unwrap();
        }
        // Bob spends all that he may today, the very money first.
        let mut spent = Amount::ZERO;
        while spent < day {
            let amount = day.checked_sub(spent).unwrap().min(each);
            if spendable(&bob) < amount {
                world.fund(&bob, amount).unwrap();
            }
            pay(&world, &bob, &carol, &amount.to_string());
            spent = spent.checked_add(amount).unwrap();
            bob.wallet().sync(&world.line()).unwrap();
        }
        world.fund(&bob, each).unwrap();
        bob.wallet().refund(&payment, each).unwrap();
        sync(&world, &[&bob, &alice, &carol]);
        assert_eq!(spendable(&alice), each);
        assert_eq!(world.bank().breaches().unwrap(), [], "{payer_reports_first}");
    }
}

// --- Receipts -------------------------------------------------------------------------------------------------------------

/// What goes through the bank may be taken months after it was signed, and a refund may be decided on months after that. The
/// receipts of both are as good as any.
#[test]
fn a_receipt_that_came_months_late_proves_what_it_says() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let mut handoff = world
        .handoff(&alice, &bob, yuan("30.00"), Roles::PayeeIsCard)
        .unwrap();
    let mut bytes = 400;
    while alice.wallet().in_doubt().unwrap().is_empty() {
        handoff.tap(Frames::Extended, &mut Air::cut_after(bytes));
        bytes += 20;
    }
    let payment = alice.wallet().in_doubt().unwrap()[0].transfer;
    world.clock().advance(100 * DAY);
    sync(&world, &[&alice, &bob]);
    let amount = |phone: &Phone, transfer: &Id| proven(&world, phone, transfer).map(|proven| proven.amount);
    assert_eq!(amount(&bob, &payment), Ok(yuan("30.00")));

    world.fund(&bob, yuan("50.00")).unwrap();
    let refund = bob.wallet().refund(&payment, yuan("12.00")).unwrap();
    let mut bring = simulator::Handoff {
        payer: bob.wallet().resume(Roles::PayeeIsCard.payer()).unwrap(),
        payee: alice
            .wallet()
            .await_refund(&payment, Roles::PayeeIsCard.payee())
            .unwrap(),
    };
    bring.tap(Frames::Extended, &mut Air::perfect());
    for phone in [&alice, &bob] {
        assert_eq!(amount(phone, &refund), Ok(yuan("12.00")));
    }
}
