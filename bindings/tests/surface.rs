//! The whole product through the surface that other languages see: conversions lose nothing, and nothing unchecked
//! comes in.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it is wrong"
)]

use dcep_wallet::{
    AccountWords, Algorithm, Amount, AmountError, BankError, BankTransport, Consent, EventKind,
    EventObserver, FrameSize, Handoff, HandoffOutcome, HistoryQuery, KeyVault as _, LockedWallet,
    MemoryGuard, ObserverError, OpenError, PayError, PayeeName, Pin, PinError, Platform, ReceiveError,
    Sandbox, Side, SoftwareVault, TransportError, VaultError, Wallet, WalletClass, WalletError, WordCount,
    WordList, parse_amount, simulated_tap, unarmed_response, verify_receipt,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

struct Scene {
    sandbox: Sandbox,
    folder: TempDir,
}

struct Person {
    wallet: Arc<Wallet>,
    words: AccountWords,
    platform: Platform,
    path: String,
}

fn fen(fen: u64) -> Amount {
    Amount { fen }
}

impl Scene {
    fn new(seed: u64) -> Self {
        Self {
            sandbox: Sandbox::new(seed).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn platform(&self) -> Platform {
        Platform {
            vault: Arc::new(SoftwareVault::new(vec![7; 32]).unwrap()),
            guard: Arc::new(MemoryGuard::new()),
            bank: self.sandbox.bank().unwrap(),
            clock: Some(self.sandbox.clock().unwrap()),
        }
    }

    fn root(&self) -> String {
        self.sandbox.root().unwrap()
    }

    fn person(&self, name: &str, algorithm: Algorithm) -> Person {
        let words = AccountWords::generate(WordCount::Twelve, WordList::English).unwrap();
        let platform = self.platform();
        let path = self.folder.path().join(name).display().to_string();
        let wallet = Wallet::create(path.clone(), platform.clone(), &words, &self.root(), algorithm).unwrap();
        wallet.enrol(WalletClass::Ii, None).unwrap();
        Person {
            wallet: Arc::new(wallet),
            words,
            platform,
            path,
        }
    }

    fn fund(&self, person: &Person, amount: Amount) {
        let account = person.wallet.account().unwrap();
        self.sandbox.pay_in(&account, amount).unwrap();
        person.wallet.load(amount).unwrap();
    }
}

/// Holds two phones together; they slip apart when more than so many bytes would have passed.
fn tap(reader: &Handoff, card: &Handoff, tear_after: Option<u64>) -> bool {
    simulated_tap(reader, card, FrameSize::Extended, tear_after)
        .unwrap()
        .completed
}

#[test]
fn a_payment_a_torn_tap_and_a_refund() {
    let scene = Scene::new(1);
    let alice = scene.person("alice", Algorithm::Ed25519);
    let bob = scene.person("bob", Algorithm::P256);
    scene.fund(&alice, fen(10_000));
    let (alice, bob) = (&alice.wallet, &bob.wallet);

    let request = bob
        .request(
            Some(parse_amount("37.45").unwrap()),
            Some("Bob's stall".to_owned()),
        )
        .unwrap();
    assert_eq!(request.amount, Some(fen(3_745)));
    assert_eq!(request.payee.to_string(), "unverified “Bob's stall”");
    assert_eq!(bob.open_requests().unwrap().first(), Some(&request));

    let card = bob.receive(&request.id, Side::Card).unwrap();
    let reader = alice
        .pay(Consent::Exactly { amount: fen(3_745) }, Side::Reader)
        .unwrap();
    assert!(!tap(&reader, &card, Some(700)), "the link tears on the receipt");
    let doubts = alice.in_doubt().unwrap();
    assert_eq!((doubts.len(), doubts[0].amount), (1, fen(3_745)));
    assert_eq!(alice.balance().unwrap().in_doubt, fen(3_745));

    assert!(tap(&reader, &card, None));
    let Some(HandoffOutcome::Paid {
        transfer,
        mended: true,
        payee: PayeeName::Unverified { .. },
        ..
    }) = reader.outcome().unwrap()
    else {
        panic!("{:?}", reader.outcome());
    };
    assert_eq!(bob.balance().unwrap().spendable, fen(3_745));
    assert_eq!(reader.begin_tap(FrameSize::Short).map(drop), Ok(()));

    // The receipt convinces a third person, and only with the right root.
    let file = alice.export_receipt(&transfer).unwrap();
    let proven = verify_receipt(file.clone(), &scene.root()).unwrap();
    assert_eq!((proven.amount, &proven.transfer), (fen(3_745), &transfer));
    let other_root = format!("ed25519:{}", "ab".repeat(32));
    assert!(verify_receipt(file, &other_root).is_err());

    // A part comes back.
    assert_eq!(bob.refundable(&transfer).unwrap(), fen(3_745));
    bob.refund(&transfer, fen(745)).unwrap();
    let card = alice.await_refund(&transfer, Side::Card).unwrap();
    let reader = bob.resume(Side::Reader).unwrap();
    assert!(tap(&reader, &card, None));
    assert_eq!(
        card.outcome()
            .unwrap()
            .map(|outcome| matches!(outcome, HandoffOutcome::Refunded { .. })),
        Some(true)
    );
    assert_eq!(alice.balance().unwrap().spendable, fen(7_000));

    // The history, one line at a time.
    let all = alice.history(HistoryQuery::default()).unwrap();
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = alice
            .history(HistoryQuery {
                after,
                limit: Some(1),
                ..HistoryQuery::default()
            })
            .unwrap();
        paged.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, all.entries);
    assert_eq!(paged.len(), 3, "a load, a payment, a refund");

    // Everything goes home.
    assert_eq!(bob.deposit(None).unwrap(), fen(3_000));
    alice.sync().unwrap();
    assert_eq!(alice.limits().unwrap().profile, "cn-2020");
    assert_eq!(bob.account_balance().unwrap(), fen(3_000));
}

#[test]
fn above_the_threshold_the_payer_is_asked_and_the_same_request_is_paid() {
    let scene = Scene::new(2);
    let alice = scene.person("alice", Algorithm::Ed25519);
    let bob = scene.person("bob", Algorithm::Ed25519);
    scene.fund(&alice, fen(200_000));
    let request = bob.wallet.request(Some(fen(150_000)), None).unwrap();
    let reader = alice.wallet.pay(Consent::Unconfirmed, Side::Reader).unwrap();
    let card = bob.wallet.receive(&request.id, Side::Card).unwrap();
    assert!(tap(&reader, &card, None));
    let Some(HandoffOutcome::Declined {
        error: PayError::ConfirmOnDevice { amount },
        request: Some(shown),
    }) = reader.outcome().unwrap()
    else {
        panic!("{:?}", reader.outcome());
    };
    assert_eq!((amount, &shown.id), (fen(150_000), &request.id));
    let consent = Consent::To {
        request: shown.id,
        amount,
    };
    let reader = alice.wallet.pay(consent, Side::Reader).unwrap();
    let card = bob.wallet.receive(&request.id, Side::Card).unwrap();
    assert!(tap(&reader, &card, None));
    assert_eq!(bob.wallet.balance().unwrap().spendable, amount);
}

/// Counts, and calls the wallet: it is called outside of all locks.
struct Bell {
    rung: AtomicU32,
    wallet: Mutex<Option<Arc<Wallet>>>,
}

impl EventObserver for Bell {
    fn events_waiting(&self) -> Result<(), ObserverError> {
        self.rung.fetch_add(1, Ordering::Relaxed);
        let wallet = self.wallet.lock().unwrap().clone().unwrap();
        assert!(wallet.next_event().unwrap().is_some());
        Ok(())
    }
}

#[test]
fn the_observer_is_woken_once_for_what_is_new() {
    let scene = Scene::new(3);
    let alice = scene.person("alice", Algorithm::Ed25519);
    let bob = scene.person("bob", Algorithm::Ed25519);
    scene.fund(&alice, fen(10_000));
    let bell = Arc::new(Bell {
        rung: AtomicU32::new(0),
        wallet: Mutex::new(Some(Arc::clone(&bob.wallet))),
    });
    bob.wallet.set_observer(Some(Arc::clone(&bell) as _)).unwrap();
    assert_eq!(bell.rung.load(Ordering::Relaxed), 0);
    let request = bob.wallet.request(Some(fen(1)), None).unwrap();
    let card = bob.wallet.receive(&request.id, Side::Card).unwrap();
    let reader = alice
        .wallet
        .pay(Consent::UpTo { amount: fen(1) }, Side::Reader)
        .unwrap();
    assert!(tap(&reader, &card, None));
    assert_eq!(bell.rung.load(Ordering::Relaxed), 1);
    bob.wallet.sync().unwrap();
    assert_eq!(bell.rung.load(Ordering::Relaxed), 1);
    let event = bob.wallet.next_event().unwrap().unwrap();
    assert!(matches!(event.kind, EventKind::Received { .. }));
    bob.wallet.acknowledge_event(event.id).unwrap();
    assert_eq!(bob.wallet.next_event().unwrap(), None);
    *bell.wallet.lock().unwrap() = None;
}

/// A line on which the trust bundle never arrives, so that every sync fails in one of its steps.
struct HalfALine(Arc<dyn BankTransport>);

impl BankTransport for HalfALine {
    fn call(&self, call: Vec<u8>) -> Result<Vec<u8>, TransportError> {
        self.0.call(call)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        Err(TransportError::Unreachable)
    }
}

#[test]
fn the_observer_is_woken_for_what_a_call_that_failed_has_brought() {
    let scene = Scene::new(6);
    let alice = scene.person("alice", Algorithm::Ed25519);
    let bob = scene.person("bob", Algorithm::Ed25519);
    scene.fund(&alice, fen(10_000));
    let request = bob.wallet.request(Some(fen(1)), None).unwrap();
    let card = bob.wallet.receive(&request.id, Side::Card).unwrap();
    let consent = Consent::UpTo { amount: fen(1) };
    let reader = alice.wallet.pay(consent, Side::Reader).unwrap();
    let torn_at = (400..700).step_by(20).find(|bytes| {
        assert!(!tap(&reader, &card, Some(*bytes)));
        !alice.wallet.in_doubt().unwrap().is_empty()
    });
    assert!(torn_at.is_some());
    alice.wallet.sync().unwrap();
    bob.wallet.shut_down().unwrap();

    let platform = Platform {
        bank: Arc::new(HalfALine(scene.sandbox.bank().unwrap())),
        ..bob.platform
    };
    let wallet = Arc::new(Wallet::open(bob.path, platform).unwrap());
    assert_eq!(wallet.next_event().unwrap(), None);
    let bell = Arc::new(Bell {
        rung: AtomicU32::new(0),
        wallet: Mutex::new(Some(Arc::clone(&wallet))),
    });
    wallet.set_observer(Some(Arc::clone(&bell) as _)).unwrap();
    let failed = BankError::Transport {
        error: TransportError::Unreachable,
    };
    assert_eq!(wallet.sync(), Err(failed));
    assert_eq!(bell.rung.load(Ordering::Relaxed), 1);
    assert_eq!(wallet.balance().unwrap().spendable, fen(1));
    *bell.wallet.lock().unwrap() = None;
}

#[test]
fn a_pin_a_lock_a_restart_and_a_restore() {
    let scene = Scene::new(4);
    let alice = scene.person("alice", Algorithm::Ed25519);
    scene.fund(&alice, fen(10_000));
    let pin = |typed: &str| Pin::at_cost(typed.as_bytes().to_vec(), 8, 1).unwrap();
    alice.wallet.set_pin(&pin("271828")).unwrap();
    let locked = alice.wallet.lock().unwrap();
    assert_eq!(alice.wallet.balance(), Err(WalletError::Locked));
    assert!(matches!(
        locked.unlock(&pin("314159")),
        Err(PinError::Wrong { failed: 1, wait: 0 })
    ));
    let wallet = locked.unlock(&pin("271828")).unwrap();
    assert_eq!(alice.wallet.balance(), wallet.balance());
    let backup = wallet.backup().unwrap();
    wallet.shut_down().unwrap();
    assert_eq!(alice.wallet.balance(), Err(WalletError::Closed));

    let refused = Wallet::open(alice.path.clone(), alice.platform.clone());
    assert_eq!(refused.err(), Some(OpenError::PinRequired));
    let locked = LockedWallet::open(alice.path.clone(), alice.platform.clone()).unwrap();
    assert_eq!(locked.seconds_until_try().unwrap(), 0);
    let wallet = locked.unlock(&pin("271828")).unwrap();
    assert!(wallet.open_report().unwrap().pieces > 0);
    wallet.remove_pin(&pin("271828")).unwrap();
    wallet.shut_down().unwrap();
    let wallet = Wallet::open(alice.path, alice.platform).unwrap();
    wallet.shut_down().unwrap();

    let path = scene.folder.path().join("new").display().to_string();
    let restored = Wallet::restore(
        path,
        scene.platform(),
        &alice.words,
        &scene.root(),
        Algorithm::P256,
        Some(backup),
    )
    .unwrap();
    restored.enrol(WalletClass::Ii, None).unwrap();
    let past = restored.past().unwrap().unwrap();
    assert_eq!(
        (past.entries.len(), past.wallet_class),
        (1, Some(WalletClass::Ii))
    );
    restored.freeze_others().unwrap();
}

#[test]
fn nothing_unchecked_comes_in() {
    let scene = Scene::new(5);
    let alice = scene.person("alice", Algorithm::Ed25519);
    let wallet = &alice.wallet;
    let head = wallet.history(HistoryQuery::default()).unwrap();
    let too_large = fen(1 << 53);
    let bad = |error: &WalletError| *error == WalletError::InvalidAmount;
    assert!(
        matches!(wallet.request(Some(too_large), None), Err(ReceiveError::Wallet { error }) if bad(&error))
    );
    assert!(matches!(wallet.load(too_large), Err(BankError::Wallet { error }) if bad(&error)));
    assert!(matches!(wallet.deposit(Some(too_large)), Err(BankError::Wallet { error }) if bad(&error)));
    for consent in [
        Consent::UpTo { amount: too_large },
        Consent::Exactly { amount: too_large },
        Consent::To {
            request: "00".repeat(16),
            amount: too_large,
        },
    ] {
        assert_eq!(
            wallet.pay(consent, Side::Card).err(),
            Some(WalletError::InvalidAmount)
        );
    }
    for id in ["", "0", "zz", &"00".repeat(15), &"00".repeat(17), &"é".repeat(16)] {
        let receive = wallet.receive(id, Side::Card).map(drop);
        let unknown = ReceiveError::Wallet {
            error: WalletError::InvalidIdentifier,
        };
        assert_eq!(receive, Err(unknown), "{id:?}");
        assert!(wallet.export_receipt(id).is_err());
        let after = Some(id.to_owned());
        let query = HistoryQuery {
            after,
            ..HistoryQuery::default()
        };
        assert_eq!(wallet.history(query), Err(WalletError::InvalidIdentifier));
    }
    assert_eq!(
        wallet.receive(&"00".repeat(16), Side::Card).map(drop),
        Err(ReceiveError::UnknownRequest)
    );
    for name in ["", &"x".repeat(49), "a\u{202e}b"] {
        let named = wallet.request(None, Some(name.to_owned()));
        assert_eq!(
            named,
            Err(ReceiveError::Wallet {
                error: WalletError::InvalidName
            })
        );
    }
    for root in [
        "",
        "ed25519:",
        "ed25519:00",
        &"00".repeat(32),
        &format!("p256:{}", "00".repeat(32)),
    ] {
        let path = scene.folder.path().join("other").display().to_string();
        let made = Wallet::create(path, scene.platform(), &alice.words, root, Algorithm::P256);
        assert_eq!(made.err(), Some(OpenError::InvalidRoot), "{root}");
    }
    assert_eq!(SoftwareVault::new(vec![0; 31]).err(), Some(VaultError::WrongKey));
    assert_eq!(parse_amount("37.4"), Err(AmountError::Malformed));
    assert_eq!(Amount { fen: u64::MAX }.to_string(), "184467440737095516.15");
    assert!(!alice.words.matches(b"abandon".to_vec()).unwrap());
    assert!(alice.words.matches(alice.words.reveal().unwrap()).unwrap());
    assert_eq!(wallet.history(HistoryQuery::default()).unwrap(), head);
    assert_eq!(unarmed_response(vec![0, 0xa4, 4, 0]), [0x6a, 0x82]);
    let vault = SoftwareVault::new(vec![1; 32]).unwrap();
    assert!(vault.create_key(vec![0; 15], Algorithm::P256).is_err());
}
