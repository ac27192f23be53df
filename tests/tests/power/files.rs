//! Some of the same on real files, where SQLite uses the system's own file system and shared memory.

use std::{fs, path::Path, sync::Arc};

use protocol::Amount;
use simulator::{Air, Roles, World, seed_from_environment};
use tempfile::TempDir;
use tests::phones::{owned, yuan};
use wallet_core::{
    OpenReport, Platform, Wallet,
    guard::{Head, MemoryGuard, RollbackGuard as _},
};

use crate::stand::{Case, in_doubt, tap};

const LOG_HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// A wallet's files as they were at one moment, while it was open.
struct Copy {
    file: Vec<u8>,
    log: Vec<u8>,
    head: Head,
    guarded: Head,
    owned: Amount,
    in_doubt: usize,
}

/// Opens files, with a guard that holds this.
fn open(folder: &Path, file: &[u8], log: &[u8], guarded: Head, platform: &Platform) -> (Wallet, OpenReport) {
    let path = folder.join("w");
    let _ = fs::remove_file(folder.join("w-shm"));
    fs::write(&path, file).unwrap();
    fs::write(folder.join("w-wal"), log).unwrap();
    let guard = MemoryGuard::default();
    guard.advance(None, &guarded).unwrap();
    let platform = Platform {
        guard: Arc::new(guard),
        ..platform.clone()
    };
    Wallet::open(&path, platform).unwrap()
}

#[test]
fn real_files_of_a_killed_app_open_where_it_was_and_cut_off_ones_at_an_earlier_commit() {
    let mut world = World::new(seed_from_environment(9)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let mut wal = alice.path().as_os_str().to_owned();
    wal.push("-wal");
    let mut copies = Vec::new();
    let mut look = || {
        let head = alice.wallet().journal_head().unwrap();
        copies.push(Copy {
            file: fs::read(alice.path()).unwrap(),
            log: fs::read(&wal).unwrap(),
            head,
            guarded: alice.platform().guard.read(&head.wallet).unwrap().unwrap(),
            owned: owned(&alice),
            in_doubt: in_doubt(alice.wallet()),
        });
    };
    for roles in Roles::ALL {
        look();
        let amount = yuan("10.00");
        let request = bob.wallet().request(Some(amount)).unwrap().id;
        let meet = |mut air| tap(alice.wallet(), bob.wallet(), &request, amount, roles, &mut air).unwrap();
        let torn = (0..).find(|cut| {
            meet(Air::cut_after(*cut));
            in_doubt(alice.wallet()) == 1
        });
        assert!(torn.is_some());
        look();
        assert!(meet(Air::perfect()).completed());
        look();
    }

    let folder = TempDir::new().unwrap();
    for copy in &copies {
        let (wallet, report) = open(
            folder.path(),
            &copy.file,
            &copy.log,
            copy.guarded,
            &alice.platform(),
        );
        assert!(!report.rolled_back);
        assert_eq!(report.guard_caught_up, copy.guarded != copy.head);
        assert_eq!(report.in_doubt, copy.in_doubt);
        assert_eq!(wallet.journal_head().unwrap(), copy.head);
    }

    let last = copies.last().unwrap();
    let frames = (last.log.len() - LOG_HEADER) / FRAME;
    let (mut cases, mut rollbacks) = (0, 0);
    // From the first copy on, the log only grew.
    for frame in copies[0].log.len().saturating_sub(LOG_HEADER) / FRAME..=frames {
        for cut in [0, 1, 2].map(|byte| LOG_HEADER + frame * FRAME + byte - 1) {
            let _case = Case(cut);
            let log = &last.log[..cut.min(last.log.len())];
            let (wallet, report) = open(folder.path(), &last.file, log, last.guarded, &alice.platform());
            let number = wallet.journal_head().unwrap().number - u64::from(report.rolled_back);
            assert_eq!(report.rolled_back, number < last.guarded.number);
            if let Some(then) = copies.iter().find(|copy| copy.head.number == number) {
                let balance = wallet.balance().unwrap();
                let owned = balance.spendable.checked_add(balance.only_at_bank);
                assert_eq!((owned, report.in_doubt), (Some(then.owned), then.in_doubt));
            }
            cases += 1;
            rollbacks += usize::from(report.rolled_back);
        }
    }
    println!(
        "power: {} copies of real files, and a log of {frames} frames cut at {cases} places, {rollbacks} of them rollbacks",
        copies.len()
    );
    assert!(rollbacks > 0 && rollbacks < cases);
}
