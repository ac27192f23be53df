//! A PIN slows down whoever does not know it, destroys nothing, and survives whatever happens to the files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it went through"
)]

use simulator::{
    GuardTrouble, Phone, World,
    disk::{Kept, Trouble},
    seed_from_environment,
};
use tests::phones::yuan;
use wallet_core::{Fault, LockedWallet, OpenError, Pin, PinCost, PinError, Wallet};

fn cheap(typed: &[u8]) -> Pin {
    Pin::new(typed).unwrap().at_cost(PinCost::new(8, 1).unwrap())
}

/// Alice with 100.00.
fn world(disks: bool) -> (World, Phone) {
    let seed = seed_from_environment(42);
    let mut world = if disks {
        World::on_disks(seed)
    } else {
        World::new(seed)
    }
    .unwrap();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    (world, alice)
}

fn opened(phone: &Phone, pin: &Pin) -> Result<Wallet, PinError> {
    let locked = LockedWallet::open(phone.location(), phone.platform())?;
    Ok(locked.unlock(pin)?.0)
}

#[test]
fn an_open_wallet_asks_for_its_pin_and_counts_the_wrong_ones() {
    let (_world, alice) = world(false);
    let wallet = alice.wallet();
    assert_eq!(wallet.check_pin(&cheap(b"2718")), Err(PinError::NotSet));
    wallet.set_pin(&cheap(b"2718")).unwrap();
    for failed in 1..5 {
        let wrong = wallet.check_pin(&cheap(b"2719"));
        assert_eq!(wrong, Err(PinError::Wrong { failed, wait: 0 }));
    }
    let head = wallet.journal_head().unwrap();
    wallet.check_pin(&cheap(b"2718")).unwrap();
    assert_eq!(wallet.journal_head().unwrap(), head);
    let wrong = wallet.check_pin(&cheap(b"2719"));
    assert_eq!(
        wrong,
        Err(PinError::Wrong { failed: 1, wait: 0 }),
        "a right one clears the count"
    );
}

#[test]
fn a_locked_wallet_answers_nothing_and_an_unlocked_one_is_what_it_was() {
    let (_world, alice) = world(false);
    let wallet = alice.wallet();
    assert!(matches!(wallet.lock(), Err(PinError::NotSet)));
    let before = wallet.balance().unwrap();
    wallet.set_pin(&cheap(b"2718")).unwrap();
    assert_eq!(wallet.set_pin(&cheap(b"2718")), Err(PinError::AlreadySet));
    let locked = wallet.lock().unwrap();
    assert_eq!(wallet.balance().err(), Some(Fault::Locked));
    assert_eq!(wallet.account().err(), Some(Fault::Locked));
    assert!(matches!(
        locked.unlock(&cheap(b"2719")),
        Err(PinError::Wrong { failed: 1, wait: 0 })
    ));
    let second = LockedWallet::open(alice.location(), alice.platform());
    assert_eq!(second.err(), Some(OpenError::AlreadyOpen), "it keeps its file");
    let (again, report) = locked.unlock(&cheap(b"2718")).unwrap();
    assert!(!report.rolled_back);
    assert_eq!(again.balance().unwrap(), before);
    assert_eq!(
        wallet.balance().unwrap(),
        before,
        "an older handle is the same wallet"
    );
    assert!(matches!(locked.unlock(&cheap(b"2718")), Err(PinError::NotLocked)));

    wallet.close().unwrap();
    let open = Wallet::open(alice.location(), alice.platform());
    assert_eq!(open.err(), Some(OpenError::PinRequired));
    let wallet = opened(&alice, &cheap(b"2718")).unwrap();
    wallet.remove_pin(&cheap(b"2718")).unwrap();
    wallet.close().unwrap();
    let locked = LockedWallet::open(alice.location(), alice.platform());
    assert_eq!(locked.err(), Some(OpenError::NoPin));
    let (wallet, _) = Wallet::open(alice.location(), alice.platform()).unwrap();
    assert_eq!(wallet.balance().unwrap(), before);
}

#[test]
fn wrong_pins_wait_through_restarts_restores_and_clock_games() {
    let (world, mut alice) = world(false);
    alice.wallet().set_pin(&cheap(b"2718")).unwrap();
    // A copy from before any wrong PIN.
    let copy = alice.snapshot().unwrap();
    alice.wallet().close().unwrap();
    for failed in 1..=5 {
        // Every try is an app of its own, on the files of before.
        alice.put(&copy).unwrap();
        let wait = if failed < 5 { 0 } else { 30 };
        let error = opened(&alice, &cheap(b"0000")).err();
        assert_eq!(error, Some(PinError::Wrong { failed, wait }));
    }
    let too_soon = |wait| Some(PinError::TooSoon { wait });
    assert_eq!(
        opened(&alice, &cheap(b"2718")).err(),
        too_soon(30),
        "even the right one"
    );
    world.clock().advance(29);
    assert_eq!(opened(&alice, &cheap(b"2718")).err(), too_soon(1));
    // A clock set back begins the wait anew.
    alice.clock().jump(-86_400);
    assert_eq!(opened(&alice, &cheap(b"2718")).err(), too_soon(30));
    world.clock().advance(29);
    assert_eq!(opened(&alice, &cheap(b"2718")).err(), too_soon(1));
    world.clock().advance(1);
    assert_eq!(
        opened(&alice, &cheap(b"0000")).err(),
        Some(PinError::Wrong { failed: 6, wait: 60 })
    );
    world.clock().advance(60);
    let wallet = opened(&alice, &cheap(b"2718")).unwrap();
    assert_eq!(
        wallet.balance().unwrap().spendable,
        yuan("100.00"),
        "and nothing is lost"
    );
    // It counts anew.
    let locked = wallet.lock().unwrap();
    assert_eq!(
        locked.unlock(&cheap(b"0000")).err(),
        Some(PinError::Wrong { failed: 1, wait: 0 })
    );
}

#[test]
fn a_try_that_cannot_be_counted_is_not_made() {
    let (_world, alice) = world(false);
    alice.wallet().set_pin(&cheap(b"2718")).unwrap();
    let locked = alice.wallet().lock().unwrap();
    for trouble in [GuardTrouble::BeforeWrite, GuardTrouble::AfterWrite] {
        alice.hardware().guard().fail_once(trouble);
        let error = locked.unlock(&cheap(b"2718")).err();
        assert!(
            matches!(error, Some(PinError::Fault(Fault::Guard(_)))),
            "{error:?}"
        );
    }
    assert!(locked.unlock(&cheap(b"2718")).is_ok());
}

#[test]
fn older_files_bring_no_older_pin_back() {
    let (_world, mut alice) = world(false);
    let without = alice.snapshot().unwrap();
    alice.wallet().set_pin(&cheap(b"1111")).unwrap();
    let with_first = alice.snapshot().unwrap();
    alice
        .wallet()
        .change_pin(&cheap(b"1111"), &cheap(b"2222"))
        .unwrap();
    let newest = alice.snapshot().unwrap();
    alice.wallet().close().unwrap();

    alice.put(&without).unwrap();
    let open = Wallet::open(alice.location(), alice.platform());
    assert_eq!(open.err(), Some(OpenError::Superseded));
    alice.put(&with_first).unwrap();
    let error = opened(&alice, &cheap(b"1111")).err();
    assert_eq!(error, Some(PinError::Open(OpenError::Superseded)));
    alice.put(&newest).unwrap();
    assert!(opened(&alice, &cheap(b"2222")).is_ok());
}

#[test]
fn a_wallet_that_was_rolled_back_while_locked_is_found_out_when_it_is_unlocked() {
    let (world, mut alice) = world(false);
    alice.wallet().set_pin(&cheap(b"2718")).unwrap();
    let copy = alice.snapshot().unwrap();
    alice.wallet().deposit(&world.line(), Some(yuan("1.00"))).unwrap();
    alice.wallet().close().unwrap();
    alice.put(&copy).unwrap();
    let locked = LockedWallet::open(alice.location(), alice.platform()).unwrap();
    let (wallet, report) = locked.unlock(&cheap(b"2718")).unwrap();
    assert!(report.rolled_back);
    assert_eq!(wallet.balance().unwrap().spendable, yuan("0.00"));
}

#[test]
fn the_price_of_a_try_goes_up_with_the_next_right_pin_and_never_down() {
    let (_world, alice) = world(false);
    let dear = |typed| Pin::new(typed).unwrap().at_cost(PinCost::new(64, 2).unwrap());
    alice.wallet().set_pin(&cheap(b"2718")).unwrap();
    let files = |phone: &Phone| {
        let db = rusqlite::Connection::open(phone.path()).unwrap();
        let read = |row: &rusqlite::Row<'_>| row.get::<_, Vec<u8>>(0);
        db.query_row("SELECT pin FROM wallet", [], read).unwrap()
    };
    let at_first = files(&alice);
    let reopened = |pin: &Pin| {
        let (wallet, _) = alice.wallet().lock().unwrap().unlock(pin).unwrap();
        assert_eq!(wallet.balance().unwrap().spendable, yuan("100.00"));
        files(&alice)
    };
    assert_eq!(reopened(&cheap(b"2718")), at_first);
    let raised = reopened(&dear(b"2718"));
    assert_ne!(raised, at_first);
    assert_eq!(reopened(&cheap(b"2718")), raised);
}

#[test]
fn a_pin_torn_at_any_operation_of_the_disk_is_the_old_one_or_the_new_one() {
    let troubles = [
        Trouble::FailsBefore,
        Trouble::FailsAfter,
        Trouble::Full,
        Trouble::PowerCut(Kept::Nothing),
        Trouble::PowerCut(Kept::Everything),
        Trouble::PowerCut(Kept::Some(1)),
    ];
    let (old, new) = (cheap(b"1111"), cheap(b"2222"));
    let (mut cases, mut kept, mut changed) = (0, 0, 0);
    for trouble in troubles {
        for after in 0.. {
            let (_world, alice) = world(true);
            alice.wallet().set_pin(&old).unwrap();
            let disk = alice.disk().unwrap().clone();
            disk.plan(trouble, after);
            let done = alice.wallet().change_pin(&old, &new);
            let over = disk.forget_plan();
            let _closed = alice.wallet().close();
            if disk.is_powered() {
                disk.power_off(Kept::Nothing);
            }
            disk.make_room();
            disk.power_on();
            let wallet = match (opened(&alice, &new), &done) {
                (Ok(wallet), _) => {
                    changed += 1;
                    wallet
                }
                (Err(PinError::Wrong { .. }), Err(_)) => {
                    kept += 1;
                    opened(&alice, &old).unwrap()
                }
                (error, done) => panic!("{trouble:?} after {after}: {error:?} {done:?}"),
            };
            assert_eq!(wallet.balance().unwrap().spendable, yuan("100.00"));
            if over {
                break;
            }
            cases += 1;
        }
    }
    assert!(cases > 10 && kept > 0 && changed > 0);
    println!("pin: {cases} torn changes, the old PIN held {kept} times");
}
