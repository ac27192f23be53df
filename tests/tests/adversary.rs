//! Attempts to fork, to lose, to steal and to deceive, each of which once worked or might have.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use protocol::{
    Algorithm, Amount, Code, Request, StaticKeyHash, Timestamp, WalletClass,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, ResumeTag},
};
use simulator::{
    Air, BankLine, Frames, Handoff, Phone, Roles, SeededEntropy, TapReport, VirtualClock, World,
    seed_from_environment,
};
use tempfile::TempDir;
use tests::phones::{spendable, yuan};
use wallet_core::{
    AccountWords, Consent, Fault, HandoffError, LargestBecause, NewWallet, OnlyAtBank, OpenError, Outcome,
    PayError, Platform, Session, Side, StoreError, TapError, Wallet, WordCount, WordList,
    guard::{GuardUnavailable, Head, MemoryGuard, RollbackGuard, WalletId},
    noise::{Channel, Handshake, Pattern, StaticSecret},
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

const PROLOGUE: &[u8] = b"dcep/1/handoff";

fn world() -> World {
    World::new(seed_from_environment(3)).unwrap()
}

fn pay(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> TapReport {
    let mut handoff = world
        .handoff(payer, payee, yuan(amount), Roles::PayeeIsCard)
        .unwrap();
    handoff.tap(Frames::Extended, &mut Air::perfect())
}

/// `wallet` pays `payee`, by a tap of its own.
fn pay_from(wallet: &Wallet, payee: &Phone, amount: &str) -> TapReport {
    let amount = yuan(amount);
    let request = payee.wallet().request(Some(amount)).unwrap();
    let mut handoff = Handoff {
        payer: wallet.pay(Consent::Exactly(amount), Side::Reader).unwrap(),
        payee: payee.wallet().receive(&request.id, Side::Card).unwrap(),
    };
    handoff.tap(Frames::Extended, &mut Air::perfect())
}

/// The payer has signed for the payee's request, and nothing of it has arrived.
fn in_doubt(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> Request {
    let amount = yuan(amount);
    let request = payee.wallet().request(Some(amount)).unwrap();
    let mut handoff = world
        .handoff_for(
            payer,
            payee,
            &request.id,
            Consent::Exactly(amount),
            Roles::PayeeIsCard,
        )
        .unwrap();
    let hello = handoff.payer.begin().unwrap().unwrap();
    handoff.payee.begin().unwrap();
    let offer = handoff.payee.hear(&hello).unwrap().unwrap();
    handoff.payer.hear(&offer).unwrap().unwrap();
    request
}

/// A payer of the test's own making on the other end of a payee's session.
fn raw_payer(payee: &mut Session) -> (Channel, Option<Request>) {
    let mut handshake = Handshake::anonymous(Pattern::Nx, PROLOGUE, [3; 32]).unwrap();
    payee.begin().unwrap();
    let hello = handshake.write(&[]).unwrap();
    let offer = handshake.read(&payee.hear(&hello).unwrap().unwrap()).unwrap();
    let channel = handshake.into_channel().unwrap();
    match PayeeMessage::decode(&offer, static_key(&channel)).unwrap() {
        PayeeMessage::Offer(offer) => (channel, offer.request),
        other => panic!("{other:?}"),
    }
}

fn static_key(channel: &Channel) -> StaticKeyHash {
    StaticKeyHash::of(&channel.remote_static().unwrap())
}

fn say(channel: &mut Channel, payee: &mut Session, message: &PayerMessage) -> PayeeMessage {
    let answer = payee
        .hear(&channel.encrypt(&message.encode()).unwrap())
        .unwrap()
        .unwrap();
    PayeeMessage::decode(&channel.decrypt(&answer).unwrap(), static_key(channel)).unwrap()
}

/// A payee of the test's own making, without any certificate, on the other end of a payer's session.
fn raw_payee(payer: &mut Session) -> (Channel, PayerMessage) {
    let hello = payer.begin().unwrap().unwrap();
    let secret = StaticSecret::from_bytes([7; 32]);
    let mut handshake = Handshake::authenticated(Pattern::Nx, PROLOGUE, [9; 32], &secret).unwrap();
    handshake.read(&hello).unwrap();
    let offer = handshake
        .write(
            &PayeeMessage::Offer(Offer {
                request: None,
                status: 0,
                at_most: None,
            })
            .encode(),
        )
        .unwrap();
    let mut channel = handshake.into_channel().unwrap();
    let said = payer.hear(&offer).unwrap().unwrap();
    let said = PayerMessage::decode(&channel.decrypt(&said).unwrap()).unwrap();
    (channel, said)
}

/// The bytes of the payment in doubt, as its payee would get them: the test knows the request.
fn payment_bytes(payer: &Phone, request: &Request) -> Vec<u8> {
    let mut session = payer
        .wallet()
        .pay(Consent::UpTo(yuan("0.01")), Side::Reader)
        .unwrap();
    let (mut channel, said) = raw_payee(&mut session);
    assert!(matches!(said, PayerMessage::Resume(_)));
    let proof = ResumeTag::answer(&request.id, channel.handshake_hash());
    let known = PayeeMessage::Resumed(Some(Recognised { proof, receipt: None }));
    let said = session
        .hear(&channel.encrypt(&known.encode()).unwrap())
        .unwrap()
        .unwrap();
    match PayerMessage::decode(&channel.decrypt(&said).unwrap()).unwrap() {
        PayerMessage::Payment(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stranger_is_not_sent_the_payment_in_doubt() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = in_doubt(&world, &alice, &bob, "50.00");
    assert!(
        !payment_bytes(&alice, &request).is_empty(),
        "who knows the request is sent it"
    );

    let mut session = alice
        .wallet()
        .pay(Consent::UpTo(yuan("99.00")), Side::Reader)
        .unwrap();
    let (mut channel, said) = raw_payee(&mut session);
    let PayerMessage::Resume(tags) = said else {
        panic!("{said:?}")
    };
    // Four tags whatever is in doubt, and none that can be sent back as the proof.
    for proof in tags.into_iter().chain([ResumeTag::from_bytes([0; 8])]) {
        let guess = PayeeMessage::Resumed(Some(Recognised { proof, receipt: None }));
        let bytes = channel.encrypt(&guess.encode()).unwrap();
        assert!(
            !matches!(session.hear(&bytes), Ok(Some(_))),
            "nothing more is said"
        );
    }
}

#[test]
fn yesterdays_payment_is_not_todays() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let first = in_doubt(&world, &alice, &bob, "50.00");
    let bytes = payment_bytes(&alice, &first);
    let mut session = bob.wallet().receive(&first.id, Side::Card).unwrap();
    let (mut channel, _) = raw_payer(&mut session);
    let taken = say(&mut channel, &mut session, &PayerMessage::Payment(bytes.clone()));
    assert!(matches!(taken, PayeeMessage::Receipt(_)));
    let received = session.outcome().cloned();
    assert!(matches!(&received, Some(Outcome::Received { request, .. }) if *request == first.id));
    // Nothing that comes after it takes it back.
    let nonsense = say(&mut channel, &mut session, &PayerMessage::Payment(vec![1, 2, 3]));
    assert!(matches!(nonsense, PayeeMessage::Refusal(_)));
    assert_eq!(session.outcome().cloned(), received);

    // Tomorrow, another coffee at the same price, and the same payment once more.
    world.clock().advance(86_400);
    let second = bob.wallet().request(Some(yuan("50.00"))).unwrap();
    let mut session = bob.wallet().receive(&second.id, Side::Card).unwrap();
    let (mut channel, offered) = raw_payer(&mut session);
    assert_eq!(offered.unwrap().id, second.id);
    let tag = ResumeTag::question(&first.id, channel.handshake_hash());
    say(&mut channel, &mut session, &PayerMessage::Resume([tag; 4]));
    say(&mut channel, &mut session, &PayerMessage::Payment(bytes));
    assert_eq!(session.outcome(), None, "nothing was paid today");
    assert_eq!(bob.wallet().open_requests().unwrap().len(), 1);
    // And a payer asks once in a tap.
    let again = channel.encrypt(&PayerMessage::Resume([tag; 4]).encode()).unwrap();
    assert_eq!(session.hear(&again).err(), Some(HandoffError::OutOfOrder));
}

#[test]
fn of_two_copies_that_are_open_at_once_only_one_can_pay() {
    let mut world = world();
    let (alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    alice.wallet().close().unwrap();
    let copy = alice.path().with_file_name("copy.sqlite");
    fs::copy(alice.path(), &copy).unwrap();
    let (one, _) = Wallet::open(alice.path(), alice.platform()).unwrap();
    let (other, _) = Wallet::open(&copy, alice.platform()).unwrap();
    assert!(pay_from(&one, &bob, "80.00").completed());
    let second = pay_from(&other, &carol, "80.00");
    let stopped = HandoffError::Fault(Fault::RolledBack);
    assert_eq!(second.result.err(), Some(TapError::Handoff(stopped)));
    assert_eq!(other.balance().err(), Some(Fault::Closed));
    // Opened again, it has retired its keys, and what it signed stays where it is.
    let (other, report) = Wallet::open(&copy, alice.platform()).unwrap();
    assert!(report.rolled_back);
    assert_eq!(report.in_doubt, 1);
    let tap = pay_from(&other, &carol, "1.00");
    assert!(
        matches!(tap.declined(), Some(PayError::NotEnough { .. })),
        "{tap:?}"
    );
    assert_eq!(
        (spendable(&bob), spendable(&carol)),
        (yuan("80.00"), Amount::ZERO)
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_the_file_is_the_file() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let link = alice.path().with_file_name("link.sqlite");
    std::os::unix::fs::symlink(alice.path(), &link).unwrap();
    assert_eq!(
        Wallet::open(&link, alice.platform()).err(),
        Some(OpenError::AlreadyOpen)
    );
}

/// A guard that can be out of order, or worse.
struct Moody {
    inner: Arc<dyn RollbackGuard>,
    broken: AtomicBool,
    panics: bool,
}

impl RollbackGuard for Moody {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        self.inner.read(wallet)
    }
    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        match (self.broken.load(Ordering::SeqCst), self.panics) {
            (true, true) => panic!("the platform fell over"),
            (true, false) => Err(GuardUnavailable),
            _ => self.inner.advance(known, head),
        }
    }
}

#[test]
fn what_a_rolled_back_wallet_had_signed_never_leaves_it() {
    let mut world = world();
    let (alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    alice.wallet().close().unwrap();
    let guard = Arc::new(Moody {
        inner: alice.platform().guard,
        broken: false.into(),
        panics: false,
    });
    let platform = Platform {
        guard: guard.clone(),
        ..alice.platform()
    };
    let restore = |bytes: &[u8]| {
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", alice.path().display()));
        }
        fs::write(alice.path(), bytes).unwrap();
    };
    let before = fs::read(alice.path()).unwrap();

    // Signed for Bob; the guard is out of order, so nothing leaves; the app dies.
    let (wallet, _) = Wallet::open(alice.path(), platform.clone()).unwrap();
    guard.broken.store(true, Ordering::SeqCst);
    let stopped = TapError::Handoff(HandoffError::Fault(Fault::Guard(GuardUnavailable)));
    assert_eq!(pay_from(&wallet, &bob, "80.00").result.err(), Some(stopped));
    assert_eq!(spendable(&bob), Amount::ZERO);
    wallet.close().unwrap();
    guard.broken.store(false, Ordering::SeqCst);
    let signed = fs::read(alice.path()).unwrap();

    // The older file is genuine, as far as anybody can tell: it pays Carol.
    restore(&before);
    let (wallet, report) = Wallet::open(alice.path(), platform.clone()).unwrap();
    assert!(!report.rolled_back);
    assert!(pay_from(&wallet, &carol, "80.00").completed());
    wallet.close().unwrap();

    // The newer file is not genuine any more, and what it signed for Bob stays in it.
    restore(&signed);
    let (wallet, report) = Wallet::open(alice.path(), platform).unwrap();
    assert!(report.rolled_back);
    let request = bob.wallet().open_requests().unwrap().remove(0);
    let mut handoff = Handoff {
        payer: wallet.pay(Consent::UpTo(yuan("0.01")), Side::Reader).unwrap(),
        payee: bob.wallet().receive(&request.id, Side::Card).unwrap(),
    };
    let tap = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert_eq!(
        tap.result.err(),
        Some(TapError::Handoff(HandoffError::Fault(Fault::RolledBack)))
    );
    assert_eq!(
        (spendable(&bob), spendable(&carol)),
        (Amount::ZERO, yuan("80.00"))
    );
}

#[test]
fn a_retired_wallet_sends_no_deposit_and_asks_for_nothing_under_old_keys() {
    let mut world = world();
    let (alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    for phone in [&alice, &bob] {
        world.fund(phone, yuan("100.00")).unwrap();
    }
    bob.wallet()
        .deposit(&BankLine::offline(), Some(yuan("10.00")))
        .unwrap_err();
    let request = bob.wallet().request(Some(yuan("50.00"))).unwrap();
    let head = bob.wallet().journal_head().unwrap();
    let guard = bob.platform().guard;
    let known = guard.read(&head.wallet).unwrap();
    guard
        .advance(
            known.as_ref(),
            &Head {
                number: head.number + 1,
                digest: [9; 32],
                ..head
            },
        )
        .unwrap();
    assert!(bob.restart().unwrap().rolled_back);

    assert_eq!(bob.wallet().open_requests().unwrap(), []);
    let mut handoff = world
        .handoff_for(
            &alice,
            &bob,
            &request.id,
            Consent::Exactly(yuan("50.00")),
            Roles::PayeeIsCard,
        )
        .unwrap();
    let tap = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert!(matches!(tap.declined(), Some(PayError::NothingAsked)), "{tap:?}");
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, Amount::ZERO);
    assert_eq!(bob.wallet().sync(&world.line()).unwrap().answered, 0);
    let balance = bob.wallet().balance().unwrap();
    assert_eq!(balance.reasons, [(OnlyAtBank::KeyRetired, yuan("90.00"))]);
    assert_eq!(balance.in_doubt, yuan("10.00"));
    // And it goes on at once, with new keys.
    assert!(pay(&world, &alice, &bob, "5.00").completed());
    assert_eq!(spendable(&bob), yuan("5.00"));
}

#[test]
fn what_is_too_old_to_pay_with_is_deposited_at_par() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    world.clock().advance(31 * 86_400);
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(
        (balance.spendable, balance.only_at_bank),
        (Amount::ZERO, yuan("100.00"))
    );
    assert_eq!(balance.reasons, [(OnlyAtBank::TooOld, yuan("100.00"))]);
    assert_eq!(
        alice
            .wallet()
            .deposit(&world.line(), Some(yuan("10.00")))
            .unwrap(),
        yuan("10.00")
    );
    assert_eq!(
        alice.wallet().deposit(&world.line(), None).unwrap(),
        yuan("90.00")
    );
    assert_eq!(
        alice.wallet().account_balance(&world.line()).unwrap(),
        yuan("100.00")
    );
}

#[test]
fn many_payments_with_some_history_can_all_be_paid_on_and_deposited() {
    let mut world = world();
    let phones: Vec<_> = (0..5)
        .map(|number| world.phone(&format!("phone-{number}")).unwrap())
        .collect();
    for _ in 0..40 {
        world.fund(&phones[0], yuan("9.99")).unwrap();
        for pair in phones.windows(2) {
            assert!(pay(&world, &pair[0], &pair[1], "9.99").completed());
        }
    }
    let (shop, supplier) = (&phones[4], &phones[0]);
    let balance = shop.wallet().balance().unwrap();
    assert_eq!(balance.spendable, yuan("399.60"));
    assert!(balance.largest_payment < balance.spendable && balance.largest_payment >= yuan("50.00"));
    assert!(
        matches!(balance.because, LargestBecause::TooFragmented { .. }),
        "{balance:?}"
    );
    let largest = balance.largest_payment.to_string();
    assert!(pay(&world, shop, supplier, &largest).completed());
    let tap = pay(&world, shop, supplier, "200.00");
    assert!(
        matches!(tap.declined(), Some(PayError::TooFragmented { .. })),
        "{tap:?}"
    );
    let rest = spendable(shop);
    assert_eq!(shop.wallet().deposit(&world.line(), None).unwrap(), rest);
    assert!(world.books().unwrap().balanced);
}

/// A wallet by itself, with a clock of its own.
fn lone_wallet(world: &World, folder: &TempDir, clock: &VirtualClock) -> Wallet {
    let entropy = Arc::new(SeededEntropy::new(99, 77));
    let platform = Platform {
        vault: Arc::new(SoftwareVault::new(Zeroizing::new([4; 32]), entropy.clone())),
        guard: Arc::new(MemoryGuard::default()),
        clock: Arc::new(clock.clone()),
        entropy,
    };
    let words =
        AccountWords::from_entropy(&Zeroizing::new([6; 32]), WordCount::Twelve, WordList::English).unwrap();
    let new = NewWallet {
        words: &words,
        root: world.bank().root(),
        algorithm: Algorithm::Ed25519,
    };
    Wallet::create(folder.path().join("w"), platform, &new).unwrap()
}

#[test]
fn one_wrong_clock_does_not_lock_the_wallet_out() {
    let (world, folder) = (world(), TempDir::new().unwrap());
    let now = world.clock().now().seconds();
    let clock = VirtualClock::at(Timestamp::from_seconds(now + 10 * 365 * 86_400));
    let wallet = lone_wallet(&world, &folder, &clock);
    assert!(wallet.enrol(&world.line(), WalletClass::Ii, None).is_err());
    clock.set(world.clock().now());
    wallet.enrol(&world.line(), WalletClass::Ii, None).unwrap();
    assert!(wallet.request(None).is_ok());
    // But what the bank has signed is a floor.
    clock.set(Timestamp::from_seconds(now - 400 * 86_400));
    assert_eq!(wallet.now().unwrap(), world.clock().now());
    assert!(wallet.request(None).is_ok());
}

#[test]
fn enrolment_survives_a_day_that_begins_meanwhile() {
    let (world, folder) = (world(), TempDir::new().unwrap());
    let wallet = lone_wallet(&world, &folder, world.clock());
    wallet.sync(&world.line()).unwrap_err();
    world.clock().advance(86_400);
    wallet.enrol(&world.line(), WalletClass::Ii, None).unwrap();
    assert!(wallet.request(None).is_ok());
}

#[test]
fn a_spent_piece_that_is_put_back_is_damage_and_no_fork() {
    let mut world = world();
    let (mut alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    let meddle = |sql: &str| {
        rusqlite::Connection::open(alice.path())
            .unwrap()
            .execute_batch(sql)
            .unwrap()
    };
    meddle("CREATE TABLE keep AS SELECT * FROM piece");
    assert!(pay(&world, &alice, &bob, "80.00").completed());
    meddle("INSERT OR REPLACE INTO piece SELECT * FROM keep; DROP TABLE keep");
    alice.restart().unwrap();
    let tap = pay(&world, &alice, &carol, "80.00");
    let damaged = Fault::Store(StoreError::Damaged);
    assert_eq!(
        tap.result.err(),
        Some(TapError::Handoff(HandoffError::Fault(damaged)))
    );
    assert_eq!(spendable(&carol), Amount::ZERO);
}

#[test]
fn a_file_that_somebody_else_wrote_to_is_not_written_to_again() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let journal = rusqlite::Connection::open(alice.path()).unwrap();
    journal
        .execute(
            "UPDATE journal SET digest = zeroblob(32) WHERE number = (SELECT max(number) FROM journal)",
            [],
        )
        .unwrap();
    let tap = pay(&world, &alice, &bob, "10.00");
    let overtaken = Fault::Store(StoreError::Overtaken);
    assert_eq!(
        tap.result.err(),
        Some(TapError::Handoff(HandoffError::Fault(overtaken)))
    );
}

#[test]
fn a_decision_is_used_up_even_if_the_platform_falls_over() {
    let mut world = world();
    let (alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    alice.wallet().close().unwrap();
    let guard = Arc::new(Moody {
        inner: alice.platform().guard,
        broken: false.into(),
        panics: true,
    });
    let platform = Platform {
        guard: guard.clone(),
        ..alice.platform()
    };
    let (wallet, _) = Wallet::open(alice.path(), platform).unwrap();
    let amount = yuan("10.00");
    let payee = |phone: &Phone| {
        let request = phone.wallet().request(Some(amount)).unwrap();
        phone.wallet().receive(&request.id, Side::Card).unwrap()
    };
    let mut handoff = Handoff {
        payer: wallet.pay(Consent::Exactly(amount), Side::Reader).unwrap(),
        payee: payee(&bob),
    };
    guard.broken.store(true, Ordering::SeqCst);
    assert!(
        catch_unwind(AssertUnwindSafe(
            || handoff.tap(Frames::Extended, &mut Air::perfect())
        ))
        .is_err()
    );
    guard.broken.store(false, Ordering::SeqCst);
    assert_eq!(wallet.balance().unwrap().in_doubt, amount);
    handoff.payee = payee(&carol);
    let tap = handoff.tap(Frames::Extended, &mut Air::perfect());
    let Some(reason) = tap.declined() else {
        panic!("{tap:?}")
    };
    assert_eq!(reason, PayError::ConfirmOnDevice { amount });
    assert_eq!(spendable(&carol), Amount::ZERO);
    assert!(matches!(tap.payee, Some(Outcome::Refused { refusal }) if refusal.code == Code::ConfirmOnDevice));
}

#[test]
fn a_payee_that_lost_its_memory_is_paid_once() {
    let mut world = world();
    let (alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = bob.wallet().request(Some(yuan("30.00"))).unwrap();
    let consent = Consent::Exactly(yuan("30.00"));
    bob.wallet().close().unwrap();
    let before = fs::read(bob.path()).unwrap();
    bob.restart().unwrap();
    let tap = |bob: &Phone| {
        let mut handoff = world
            .handoff_for(&alice, bob, &request.id, consent, Roles::PayeeIsCard)
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::perfect())
    };
    assert!(tap(&bob).completed());
    // A payee signs nothing away, so its guard has not moved: yesterday's file is as good as today's, but for the money.
    bob.wallet().close().unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", bob.path().display()));
    }
    fs::write(bob.path(), before).unwrap();
    bob.restart().unwrap();
    assert_eq!(spendable(&bob), Amount::ZERO);
    // The same request again: the same bytes, whatever the consent says.
    let again = tap(&bob);
    assert!(
        matches!(again.payer, Some(Outcome::Paid { mended: true, .. })),
        "{again:?}"
    );
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (yuan("70.00"), yuan("30.00"))
    );
}

#[test]
fn two_threads_that_only_look_are_never_turned_away() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| (0..500).for_each(|_| drop(alice.wallet().balance().unwrap())));
        }
    });
}

#[test]
fn a_fork_that_meets_itself_is_refused() {
    let mut world = world();
    let (alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    alice.wallet().close().unwrap();
    // A rooted phone: a copy of the file, and a guard that tells each copy what it wants to hear.
    let copy = alice.path().with_file_name("copy.sqlite");
    fs::copy(alice.path(), &copy).unwrap();
    let (one, _) = Wallet::open(alice.path(), alice.platform()).unwrap();
    let head = one.journal_head().unwrap();
    let guard = MemoryGuard::default();
    guard.advance(None, &head).unwrap();
    let (other, _) = Wallet::open(
        &copy,
        Platform {
            guard: Arc::new(guard),
            ..alice.platform()
        },
    )
    .unwrap();

    assert!(pay_from(&one, &bob, "80.00").completed());
    // The same notes to somebody else: offline, that cannot be prevented.
    assert!(pay_from(&other, &carol, "80.00").completed());
    // But when the two branches meet, they are found out: at Bob, who remembers,
    let met = pay(&world, &carol, &bob, "30.00");
    let refused = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Refused { refusal }) if refusal.code == Code::ConsumedTwice);
    assert!(refused(&met.payer) && refused(&met.payee), "{met:?}");
    assert_eq!(spendable(&bob), yuan("80.00"));
    // and at the bank, which keeps the proof.
    bob.wallet().deposit(&world.line(), None).unwrap();
    // Carol is honest, and is paid too: what circulation does not owe is covered. What Bob refused is in doubt, until her
    // report brings it to him; he can take it only to the bank, and does.
    let line = world.line();
    assert_eq!(carol.wallet().deposit(&line, None).unwrap(), yuan("50.00"));
    carol.wallet().sync(&line).unwrap();
    bob.wallet().sync(&line).unwrap();
    let reasons = bob.wallet().balance().unwrap().reasons;
    assert_eq!(reasons, [(OnlyAtBank::Contested, yuan("30.00"))]);
    assert_eq!(bob.wallet().deposit(&line, None).unwrap(), yuan("30.00"));
    for (phone, paid) in [(&bob, "110.00"), (&carol, "50.00")] {
        assert_eq!(phone.wallet().account_balance(&line).unwrap(), yuan(paid));
    }
    assert!(world.books().unwrap().balanced);
    let proofs = world.bank().issuer().fork_proofs().unwrap();
    assert!(!proofs.is_empty());
    for proof in proofs {
        proof.verify().unwrap();
    }
    assert!(world.books().unwrap().balanced);
}
