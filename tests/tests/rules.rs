//! What no other test would miss if it went: the fine print of the nine rules of the handoff.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use protocol::{
    Algorithm, Amount, Request, StaticKeyHash, WalletClass,
    message::{PayeeMessage, PayerMessage, Recognised, ResumeTag, ShortReceipt},
};
use simulator::{Air, Frames, Handoff, Phone, Roles, World, seed_from_environment};
use tests::{
    phones::{owned, spendable, yuan},
    vaults::{self, Meddled, Meddling},
};
use wallet_core::{
    AccountWords, Consent, NewWallet, Outcome, PayError, PayeeState, PayerState, Platform, Session, Side,
    Wallet, WordCount, WordList,
    guard::MemoryGuard,
    noise::{Channel, Handshake, Pattern, StaticSecret},
    vault::{KeyVault, SignJob, VaultError},
};
use zeroize::Zeroizing;

fn world() -> World {
    World::new(seed_from_environment(13)).unwrap()
}

/// A vault that counts what it signs.
struct Counting {
    inner: Arc<dyn KeyVault>,
    signed: AtomicUsize,
}

impl Counting {
    fn signed(&self) -> usize {
        self.signed.load(Ordering::SeqCst)
    }
}

impl Meddling for Counting {
    fn vault(&self) -> &dyn KeyVault {
        &*self.inner
    }
    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.signed.fetch_add(jobs.len(), Ordering::SeqCst);
        self.inner.sign_all(jobs)
    }
}

/// A phone's wallet, opened anew with a vault that counts.
struct Counted {
    wallet: Wallet,
    vault: Arc<Meddled<Counting>>,
    platform: Platform,
}

impl Counted {
    fn new(phone: &Phone) -> Self {
        let (wallet, vault, platform) = vaults::opened(phone, |inner| Counting {
            inner,
            signed: AtomicUsize::new(0),
        });
        Self {
            wallet,
            vault,
            platform,
        }
    }

    fn restart(&mut self, phone: &Phone) {
        self.wallet.close().unwrap();
        self.wallet = Wallet::open(phone.path(), self.platform.clone()).unwrap().0;
    }
}

/// Rules 1 and 2: however often a payment and its receipt travel, each was signed once.
#[test]
fn every_signature_is_made_once_and_travels_as_often_as_it_must() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        world.fund(&alice, yuan("10.00")).unwrap();
        let (mut payer, mut payee) = (Counted::new(&alice), Counted::new(&bob));
        let amount = yuan("1.00");
        let request = payee.wallet.request(Some(amount)).unwrap().id;
        let mut taps = 0;
        for cut in (0..2_000).step_by(20) {
            let mut handoff = Handoff {
                payer: payer.wallet.pay(Consent::Exactly(amount), roles.payer()).unwrap(),
                payee: payee.wallet.receive(&request, roles.payee()).unwrap(),
            };
            let report = handoff.tap(Frames::Extended, &mut Air::cut_after(cut));
            taps += 1;
            if let Some(Outcome::Paid { mended, .. }) = report.payer {
                assert!(mended);
                break;
            }
            // A signature that is made again is often another one, and at another time is another receipt.
            world.clock().advance(60);
            payer.restart(&alice);
            payee.restart(&bob);
        }
        assert!(taps > 20, "{taps} taps");
        assert_eq!((payer.vault.0.signed(), payee.vault.0.signed()), (1, 1));
    }
}

/// The channel that a payer of the test's own making has with a payee's session, after the offer.
fn stranger_pays(payee: &mut Session) -> Channel {
    let mut handshake = Handshake::anonymous(Pattern::Nx, b"dcep/1/handoff", [3; 32]).unwrap();
    payee.begin().unwrap();
    let hello = handshake.write(&[]).unwrap();
    handshake.read(&payee.hear(&hello).unwrap().unwrap()).unwrap();
    handshake.into_channel().unwrap()
}

fn say(channel: &mut Channel, payee: &mut Session, message: &PayerMessage) -> PayeeMessage {
    let said = channel.encrypt(&message.encode()).unwrap();
    let answer = channel.decrypt(&payee.hear(&said).unwrap().unwrap()).unwrap();
    let key = StaticKeyHash::of(&channel.remote_static().unwrap());
    PayeeMessage::decode(&answer, key).unwrap()
}

/// A payment that is signed, and as it goes over the line: the test plays a payee that knows the request.
fn signed_payment(payer: &Wallet, request: &Request) -> Vec<u8> {
    let mut session = payer.pay(Consent::UpTo(Amount::ZERO), Side::Reader).unwrap();
    let hello = session.begin().unwrap().unwrap();
    let secret = StaticSecret::from_bytes([7; 32]);
    let mut handshake = Handshake::authenticated(Pattern::Nx, b"dcep/1/handoff", [9; 32], &secret).unwrap();
    handshake.read(&hello).unwrap();
    let nothing = PayeeMessage::Offer(protocol::message::Offer {
        request: None,
        status: 0,
        at_most: None,
    });
    let offer = handshake.write(&nothing.encode()).unwrap();
    let mut channel = handshake.into_channel().unwrap();
    let asked = session.hear(&offer).unwrap().unwrap();
    let asked = PayerMessage::decode(&channel.decrypt(&asked).unwrap()).unwrap();
    assert!(matches!(asked, PayerMessage::Resume(_)));
    let known = PayeeMessage::Resumed(Some(Recognised {
        proof: ResumeTag::answer(&request.id, channel.handshake_hash()),
        receipt: None,
    }));
    let said = session.hear(&channel.encrypt(&known.encode()).unwrap());
    let said = channel.decrypt(&said.unwrap().unwrap()).unwrap();
    match PayerMessage::decode(&said).unwrap() {
        PayerMessage::Payment(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

/// `payer` has signed for a request of `payee`, and nothing has arrived.
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

/// Rules 1 and 2, in bytes: the same payment leaves, and the same receipt, hours and restarts later.
#[test]
fn payment_and_receipt_are_the_same_bytes_every_time() {
    let mut world = world();
    let (mut alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    let request = in_doubt(&world, &alice, &bob, "3.00");
    let payment = signed_payment(alice.wallet(), &request);
    let transfer = alice.wallet().in_doubt().unwrap()[0].transfer;
    world.clock().advance(3_600);
    alice.restart().unwrap();
    assert_eq!(signed_payment(alice.wallet(), &request), payment);

    let mut receipts: Vec<ShortReceipt> = Vec::new();
    for _ in 0..3 {
        let mut session = bob.wallet().receive(&request.id, Side::Card).unwrap();
        let mut channel = stranger_pays(&mut session);
        match say(
            &mut channel,
            &mut session,
            &PayerMessage::Payment(payment.clone()),
        ) {
            PayeeMessage::Receipt(receipt) => receipts.push(receipt),
            other => panic!("{other:?}"),
        }
        let mut channel = stranger_pays(&mut session);
        let tag = ResumeTag::question(&request.id, channel.handshake_hash());
        match say(&mut channel, &mut session, &PayerMessage::Resume([tag; 4])) {
            PayeeMessage::Resumed(Some(known)) => receipts.extend(known.receipt),
            other => panic!("{other:?}"),
        }
        world.clock().advance(3_600);
        bob.restart().unwrap();
    }
    assert_eq!(receipts.len(), 6);
    assert!(
        receipts.iter().all(|receipt| *receipt == receipts[0]),
        "{receipts:?}"
    );
    assert_eq!(spendable(&bob), yuan("3.00"), "and credited once");
    assert_eq!(
        bob.wallet().payee_state(&transfer),
        Ok(PayeeState::Taken),
        "by taps alone the bank never hears of it"
    );
}

/// Rule 4: neither a week nor a decade ends a doubt, frees its money or forgets whom it is owed.
#[test]
fn no_clock_ends_a_doubt() {
    let mut world = world();
    let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    let request = in_doubt(&world, &alice, &bob, "3.00");
    let payment = signed_payment(alice.wallet(), &request);
    let doubt = alice.wallet().in_doubt().unwrap().remove(0);
    for days in [1, 30, 400, 3_650, 36_500] {
        world.clock().advance(days * 86_400);
        alice.restart().unwrap();
        let balance = alice.wallet().balance().unwrap();
        assert_eq!(balance.in_doubt, yuan("3.00"), "after {days} days more");
        assert_eq!(owned(&alice), yuan("7.00"));
        let doubts = alice.wallet().in_doubt().unwrap();
        assert_eq!(doubts.len(), 1);
        assert_eq!(
            (doubts[0].transfer, doubts[0].since),
            (doubt.transfer, doubt.since)
        );
        assert!(doubts[0].age >= days * 86_400);
        assert_eq!(signed_payment(alice.wallet(), &request), payment);
    }
}

/// Rule 4: a doubt of three weeks ago ends like one of three seconds ago.
#[test]
fn an_old_doubt_is_mended_by_a_tap() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    in_doubt(&world, &alice, &bob, "3.00");
    let transfer = alice.wallet().in_doubt().unwrap()[0].transfer;
    assert_eq!(spendable(&bob), Amount::ZERO);
    world.clock().advance(21 * 86_400);
    // Today's coffee: what is older comes first.
    let report = world
        .handoff(&alice, &bob, yuan("1.00"), Roles::PayerIsCard)
        .unwrap()
        .tap(Frames::Short, &mut Air::perfect());
    assert!(
        matches!(report.payer, Some(Outcome::Paid { transfer: paid, mended: true, .. }) if paid == transfer),
        "{report:?}"
    );
    assert!(
        matches!(report.payee, Some(Outcome::Received { transfer: taken, .. }) if taken == transfer),
        "Bob hears of money that he did not ask for now: {report:?}"
    );
    assert_eq!(alice.wallet().payer_state(&transfer), Ok(PayerState::Receipted));
    assert_eq!(bob.wallet().payee_state(&transfer), Ok(PayeeState::Taken));
    assert_eq!(spendable(&bob), yuan("3.00"));
}

/// Rule 9: a decision is used up by a payment, and by nothing else. Who had too little loads, and taps again.
#[test]
fn a_decision_outlives_a_tap_in_which_nothing_was_signed() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        let mut handoff = world.handoff(&alice, &bob, yuan("3.00"), roles).unwrap();
        let report = handoff.tap(Frames::Extended, &mut Air::perfect());
        assert!(
            matches!(report.declined(), Some(PayError::NotEnough { .. })),
            "{report:?}"
        );
        world.fund(&alice, yuan("10.00")).unwrap();
        let report = handoff.tap(Frames::Extended, &mut Air::perfect());
        assert!(report.completed(), "{report:?}");
        assert_eq!(spendable(&bob), yuan("3.00"));
    }
}

/// Rules 6 and 7: a crash between the commit and the guard is told, mended, and no rollback.
#[test]
fn a_crash_between_commit_and_guard_is_no_rollback() {
    let mut world = world();
    let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    in_doubt(&world, &alice, &bob, "3.00");
    // What is committed and signs nothing away waits for the guard: a request, say, and what is acknowledged.
    let guard = alice.platform().guard;
    while let Some(event) = alice.wallet().next_event().unwrap() {
        alice.wallet().acknowledge_event(event.id).unwrap();
    }
    let head = alice.wallet().journal_head().unwrap();
    let behind = guard.read(&head.wallet).unwrap().unwrap();
    assert!(behind.number < head.number);
    let report = alice.restart().unwrap();
    assert!(report.guard_caught_up && !report.rolled_back, "{report:?}");
    assert_eq!(report.in_doubt, 1);
    assert_eq!(guard.read(&head.wallet).unwrap(), Some(head));
    let report = alice.restart().unwrap();
    assert!(!report.guard_caught_up && !report.rolled_back, "{report:?}");
    assert_eq!(owned(&alice), yuan("7.00"));
}

/// Rule 6: whoever has the files and even the keys, but not the place where the journal's head is kept, has a copy. And a
/// new wallet on the same phone is no rollback of the old one.
#[test]
fn a_copy_on_another_phone_is_known_and_a_new_wallet_is_not_taken_for_one() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("10.00")).unwrap();
    alice.wallet().close().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("copy.sqlite");
    fs::copy(alice.path(), &elsewhere).unwrap();
    let other_phone = Platform {
        guard: Arc::new(MemoryGuard::default()),
        ..alice.platform()
    };
    let (copy, report) = Wallet::open(&elsewhere, other_phone).unwrap();
    assert!(report.rolled_back);
    assert_eq!(copy.balance().unwrap().spendable, Amount::ZERO);
    copy.close().unwrap();

    let words = AccountWords::from_entropy(&Zeroizing::new([6; 32]), WordCount::Twelve, WordList::English);
    let new = NewWallet {
        words: &words.unwrap(),
        root: world.bank().root(),
        algorithm: Algorithm::Ed25519,
    };
    let reinstalled = folder.path().join("new.sqlite");
    let wallet = Wallet::create(&reinstalled, alice.platform(), &new).unwrap();
    wallet.enrol(&world.line(), WalletClass::Ii, None).unwrap();
    wallet.close().unwrap();
    let (_new, report) = Wallet::open(&reinstalled, alice.platform()).unwrap();
    assert!(!report.rolled_back);
    // And the old one is what it was.
    let (old, report) = Wallet::open(alice.path(), alice.platform()).unwrap();
    assert!(!report.rolled_back);
    assert_eq!(old.balance().unwrap().spendable, yuan("10.00"));
}

/// Rule 8: a session that has signed for one payee signs for no other, though nothing has arrived and the amount is the
/// same.
#[test]
fn one_decision_is_one_payment_whoever_comes_next() {
    for roles in Roles::ALL {
        let mut world = world();
        let [alice, bob, carol] = ["Alice", "Bob", "Carol"].map(|name| world.phone(name).unwrap());
        world.fund(&alice, yuan("10.00")).unwrap();
        let mut handoff = world.handoff(&alice, &bob, yuan("1.00"), roles).unwrap();
        for cut in (0..2_000).step_by(20) {
            handoff.tap(Frames::Extended, &mut Air::cut_after(cut));
            if !alice.wallet().in_doubt().unwrap().is_empty() {
                break;
            }
        }
        assert_eq!(alice.wallet().in_doubt().unwrap().len(), 1);
        let request = carol.wallet().request(Some(yuan("1.00"))).unwrap().id;
        handoff.payee = carol.wallet().receive(&request, roles.payee()).unwrap();
        for _ in 0..2 {
            let report = handoff.tap(Frames::Extended, &mut Air::perfect());
            let Some(reason) = report.declined() else {
                panic!("{report:?}")
            };
            let amount = yuan("1.00");
            assert_eq!(reason, PayError::ConfirmOnDevice { amount });
        }
        assert_eq!((owned(&alice), owned(&carol)), (yuan("9.00"), Amount::ZERO));
    }
}

/// Rule 9: what was confirmed is one request, of one amount. Another one of the same amount is another decision.
#[test]
fn a_confirmation_is_for_the_request_that_was_shown() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    let amount = yuan("2.00");
    let [shown, other] = [(); 2].map(|()| bob.wallet().request(Some(amount)).unwrap().id);
    for (asked, confirmed) in [
        (other, Consent::To(shown, amount)),
        (shown, Consent::To(shown, yuan("1.99"))),
        (shown, Consent::Exactly(yuan("2.01"))),
        (shown, Consent::UpTo(yuan("1.99"))),
    ] {
        let report = world
            .handoff_for(&alice, &bob, &asked, confirmed, Roles::PayeeIsCard)
            .unwrap()
            .tap(Frames::Extended, &mut Air::perfect());
        let Some(reason) = report.declined() else {
            panic!("{report:?}")
        };
        assert_eq!(reason, PayError::ConfirmOnDevice { amount });
    }
    assert_eq!(spendable(&alice), yuan("10.00"));
    let report = world
        .handoff_for(
            &alice,
            &bob,
            &shown,
            Consent::To(shown, amount),
            Roles::PayeeIsCard,
        )
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    assert!(report.completed(), "{report:?}");
}
