//! A life in which every verb of a wallet is used with secrets that are known outside, and everything that is said is kept.

use std::{fs, fs::File, io::Read as _, path::Path, sync::Arc};

use protocol::{Algorithm, Assurance, Name, RequestId, Slip, WalletClass};
use simulator::{Air, BankLine, Frames, Handoff, Roles, SeededEntropy, World};
use tests::phones::yuan;
use wallet_core::{
    AccountWords, Consent, HistoryQuery, Kind, LockedWallet, NewWallet, Outcome, Pin, PinCost, Platform,
    Wallet, guard::MemoryGuard, vault::SoftwareVault,
};
use zeroize::Zeroizing;

fn platform(world: &World, master: Zeroizing<[u8; 32]>, stream: u64) -> Platform {
    let entropy = Arc::new(SeededEntropy::new(world.seed(), stream));
    Platform {
        vault: Arc::new(SoftwareVault::new(master, entropy.clone())),
        guard: Arc::new(MemoryGuard::default()),
        clock: Arc::new(world.clock().clone()),
        entropy,
    }
}

/// The next secret from the pipe, without a buffer that would keep it.
fn receive(pipe: &mut File) -> Zeroizing<Vec<u8>> {
    let mut length = [0; 1];
    pipe.read_exact(&mut length).unwrap();
    let mut secret = Zeroizing::new(vec![0; usize::from(length[0])]);
    pipe.read_exact(&mut secret).unwrap();
    secret
}

fn cheap(typed: &[u8]) -> Pin {
    Pin::new(typed).unwrap().at_cost(PinCost::new(8, 1).unwrap())
}

/// Says where it is, and goes on when it is told.
pub(crate) fn stop(pipe: &mut File, told: &mut Vec<String>, place: &str) {
    for line in told.drain(..) {
        println!("said {line}");
    }
    println!("at {place}");
    pipe.read_exact(&mut [0; 1]).unwrap();
}

/// Overwrites what deeper calls left on the stack.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut filler = Zeroizing::new([0_u8; 512 * 1024]);
    std::hint::black_box(filler.as_mut_slice());
}

#[inline(never)]
pub(crate) fn live(world: &World, folder: &Path, pipe: &mut File, told: &mut Vec<String>) {
    let line = world.line();
    let mut master = Zeroizing::new([0; 32]);
    master.copy_from_slice(&receive(pipe));
    let mine = platform(world, master.clone(), 1_001);
    drop(master);
    let path = folder.join("wallet.sqlite");
    let wallet = {
        let words = AccountWords::parse(&receive(pipe)).unwrap();
        told.push(format!("{words:?}"));
        let new = NewWallet {
            words: &words,
            root: world.bank().root(),
            algorithm: Algorithm::P256,
        };
        told.push(format!("{new:?}"));
        Wallet::create(&path, mine.clone(), &new).unwrap()
    };
    wallet.enrol(&line, WalletClass::I, None).unwrap();
    world
        .bank()
        .pay_in(&wallet.account().unwrap(), yuan("100.00"))
        .unwrap();
    wallet.load(&line, yuan("50.00")).unwrap();

    let other_words = AccountWords::from_entropy(
        &Zeroizing::new([9; 32]),
        wallet_core::WordCount::Twelve,
        wallet_core::WordList::English,
    )
    .unwrap();
    let new = NewWallet {
        words: &other_words,
        root: world.bank().root(),
        algorithm: Algorithm::Ed25519,
    };
    let theirs = platform(world, Zeroizing::new([8; 32]), 1_002);
    let other = Wallet::create(folder.join("other.sqlite"), theirs, &new).unwrap();
    other.enrol(&line, WalletClass::I, None).unwrap();
    tap(&wallet, &other, told);
    tap(&other, &wallet, told);
    wallet.deposit(&line, Some(yuan("5.00"))).unwrap();
    told.push(format!("{:?}", wallet.sync(&line)));
    told.push(format!("{:?} {:?}", wallet.history(), wallet.balance()));
    while let Some(event) = wallet.next_event().unwrap() {
        wallet.acknowledge_event(event.id).unwrap();
        told.push(format!("{event:?}"));
    }
    by_codes(&wallet, &other, told);
    money_back(&wallet, &other, folder, told);
    look(&wallet, &line, told);
    let backup = wallet.backup().unwrap();
    fs::write(folder.join("backup"), &backup).unwrap();
    restore(world, &receive(pipe), &backup, folder, told);
    wipe_stack();
    stop(pipe, told, "open");

    {
        let pin = cheap(&receive(pipe));
        told.push(format!("{pin:?}"));
        wallet.set_pin(&pin).unwrap();
        let locked = wallet.lock().unwrap();
        told.push(format!("{locked:?}"));
        let wrong = cheap(&receive(pipe));
        let error = locked.unlock(&wrong).err().unwrap();
        told.push(format!("{error} {error:?}"));
        locked.unlock(&pin).unwrap();
        told.push(format!(
            "{:?} {:?}",
            wallet.check_pin(&wrong),
            wallet.check_pin(&pin)
        ));
        told.push(format!("{:?}", wallet.change_pin(&wrong, &pin)));
        wallet.change_pin(&pin, &wrong).unwrap();
        told.push(format!("{:?} {:?}", wallet.has_pin(), wallet.remove_pin(&pin)));
        wallet.remove_pin(&wrong).unwrap();
        wallet.set_pin(&pin).unwrap();
    }
    wallet.load(&line, yuan("1.00")).unwrap();
    wipe_stack();
    stop(pipe, told, "unlocked");

    let locked = wallet.lock().unwrap();
    told.push(format!("{:?} {:?}", wallet.balance(), locked.wait()));
    wipe_stack();
    stop(pipe, told, "locked");
    locked.close().unwrap();
    told.push(format!("{:?}", Wallet::open(&path, mine.clone()).err()));
    let locked = LockedWallet::open(&path, mine).unwrap();
    let (wallet, report) = locked.unlock(&cheap(&receive(pipe))).unwrap();
    told.push(format!("{report:?}"));
    wallet.close().unwrap();
    told.push(format!("{:?}", wallet.balance()));
}

/// Requests, and a part of what was paid goes back.
fn money_back(wallet: &Wallet, other: &Wallet, folder: &Path, told: &mut Vec<String>) {
    wallet.demand_assurance(Some(Assurance::SecureElement)).unwrap();
    told.push(format!("{:?}", wallet.demanded_assurance()));
    let name = Name::new("Alice").unwrap();
    let request = wallet.request_as(None, name).unwrap();
    wallet.demand_assurance(None).unwrap();
    told.push(format!("{request:?} {:?}", wallet.open_requests()));
    wallet.withdraw(&request.id).unwrap();
    told.push(format!("{:?}", wallet.withdraw(&RequestId::from_bytes([0; 16]))));

    let history = wallet.history().unwrap();
    let received = history.iter().find(|entry| entry.kind == Kind::Received).unwrap();
    let taken = received.transfer.unwrap();
    told.push(format!("{:?}", wallet.payee_state(&taken)));
    told.push(format!("{:?}", wallet.refund(&taken, yuan("10.01"))));
    told.push(format!("{:?}", wallet.refundable(&taken)));
    let refund = wallet.refund(&taken, yuan("4.00")).unwrap();
    told.push(format!(
        "{:?} {:?}",
        wallet.in_doubt(),
        wallet.payer_state(&refund)
    ));
    told.push(format!("{:?}", wallet.export_receipt(&refund)));
    let roles = Roles::PayeeIsCard;
    let mut handoff = Handoff {
        payer: wallet.resume(roles.payer()).unwrap(),
        payee: other.await_refund(&taken, roles.payee()).unwrap(),
    };
    let report = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert!(
        matches!(report.payer, Some(Outcome::Refunded { .. })),
        "{report:?}"
    );
    told.push(format!("{report:?}"));
    fs::write(folder.join("receipt"), wallet.export_receipt(&refund).unwrap()).unwrap();
}

/// Everything that a wallet shows, and what it refuses.
fn look(wallet: &Wallet, line: &BankLine, told: &mut Vec<String>) {
    told.push(format!("{:?} {:?}", wallet.limits(), wallet.freshness()));
    told.push(format!(
        "{:?} {:?}",
        wallet.holdings(),
        wallet.search(&HistoryQuery::default())
    ));
    told.push(format!(
        "{:?} {:?}",
        wallet.account(),
        wallet.account_balance(line)
    ));
    told.push(format!(
        "{:?} {:?}",
        wallet.journal_head(),
        wallet.status_version()
    ));
    told.push(format!(
        "{:?} {:?} {:?}",
        wallet.now(),
        wallet.past(),
        wallet.refresh(line)
    ));
    told.push(format!("{:?}", wallet.freeze_others(line)));
    told.push(format!("{:?}", wallet.newest_event()));
    told.push(format!("{:?}", wallet.load(line, yuan("9000.00"))));
    told.push(format!("{:?}", wallet.deposit(line, Some(yuan("9000.00")))));
    told.push(format!("{:?}", wallet.request(Some(yuan("9000000.00")))));
}

/// The account on another phone. The first one does not notice, and that one is closed again.
fn restore(world: &World, words: &[u8], backup: &[u8], folder: &Path, told: &mut Vec<String>) {
    let next = platform(world, Zeroizing::new([7; 32]), 1_003);
    let words = AccountWords::parse(words).unwrap();
    let new = NewWallet {
        words: &words,
        root: world.bank().root(),
        algorithm: Algorithm::Ed25519,
    };
    let path = folder.join("next.sqlite");
    let damaged = Wallet::restore(&path, next.clone(), &new, Some(&backup[1..])).err();
    told.push(format!("{damaged:?}"));
    let wallet = Wallet::restore(&path, next.clone(), &new, Some(backup)).unwrap();
    wallet.enrol(&world.line(), WalletClass::I, None).unwrap();
    told.push(format!("{:?}", wallet.past()));
    wallet.close().unwrap();
    let (wallet, report) = Wallet::open(&path, next).unwrap();
    told.push(format!("{report:?}"));
    wallet.close().unwrap();
}

fn tap(payer: &Wallet, payee: &Wallet, told: &mut Vec<String>) {
    let request = payee.request(Some(yuan("10.00"))).unwrap();
    let roles = Roles::PayeeIsCard;
    let mut handoff = Handoff {
        payer: payer.pay(Consent::Exactly(yuan("10.00")), roles.payer()).unwrap(),
        payee: payee.receive(&request.id, roles.payee()).unwrap(),
    };
    let report = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert!(report.completed());
    told.push(format!("{request:?} {report:?} {:?}", handoff.payee));
}

/// Every verb of paying by codes.
fn by_codes(payer: &Wallet, payee: &Wallet, told: &mut Vec<String>) {
    let asked = payee.request(Some(yuan("1.00"))).unwrap();
    let shown = payee.request_slip(&asked.id).unwrap();
    told.push(format!("{shown:?}"));
    let Slip::Request(asked) = shown else { panic!() };
    payer.check_request(&asked).unwrap();
    told.push(format!("{:?}", payee.check_request(&asked)));
    let paid = payer.pay_request(&asked, Consent::Exactly(yuan("1.00"))).unwrap();
    told.push(format!("{paid:?} {:?}", payer.slip_of(&paid.transfer)));
    let took = payee.take(&paid.slip).unwrap();
    told.push(format!(
        "{took:?} {:?}",
        payer.take(&took.answer.clone().unwrap())
    ));
}
