//! A wallet by itself, without a bank: birth, waking, ownership, damage, rollback, callbacks.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use protocol::{Algorithm, SigningKey, Timestamp};
use tempfile::TempDir;
use wallet_core::{
    AccountWords, Fault, NewWallet, OpenError, Platform, ReceiveError, StoreError, Wallet, WordCount,
    WordList,
    guard::{GuardUnavailable, Head, MemoryGuard, RollbackGuard, WalletId},
    platform::{Clock, ClockUnavailable, Entropy, EntropyUnavailable},
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

/// Counts, which is random enough for a test.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for chunk in buffer.chunks_mut(8) {
            let count = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            chunk.copy_from_slice(&count.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        Ok(Timestamp::from_seconds(20_781 * 86_400 + 43_200))
    }
}

fn platform(master: u8) -> Platform {
    let entropy = Arc::new(Counting::default());
    Platform {
        vault: Arc::new(SoftwareVault::new(Zeroizing::new([master; 32]), entropy.clone())),
        guard: Arc::new(MemoryGuard::default()),
        clock: Arc::new(Noon),
        entropy,
    }
}

fn create(path: &Path, platform: &Platform) -> Result<Wallet, OpenError> {
    let words =
        AccountWords::from_entropy(&Zeroizing::new([5; 32]), WordCount::Twelve, WordList::English).unwrap();
    let root = SigningKey::from_seed(Algorithm::Ed25519, &[8; 32])
        .unwrap()
        .verifying_key();
    Wallet::create(
        path,
        platform.clone(),
        &NewWallet {
            words: &words,
            root,
            algorithm: Algorithm::Ed25519,
        },
    )
}

#[test]
fn born_closed_and_opened_again() {
    let folder = TempDir::new().unwrap();
    let (path, platform) = (folder.path().join("w"), platform(1));
    assert_eq!(
        Wallet::open(&path, platform.clone()).err(),
        Some(OpenError::NoWallet)
    );
    let wallet = create(&path, &platform).unwrap();
    let account = wallet.account().unwrap();
    assert_eq!(create(&path, &platform).err(), Some(OpenError::AlreadyOpen));
    wallet.close().unwrap();
    wallet.close().unwrap();
    assert_eq!(wallet.balance().err(), Some(Fault::Closed));
    assert_eq!(create(&path, &platform).err(), Some(OpenError::WalletExists));
    let (wallet, report) = Wallet::open(&path, platform).unwrap();
    assert_eq!(wallet.account().unwrap(), account);
    assert!(!report.rolled_back);
    assert_eq!(
        wallet.request(None).err(),
        Some(ReceiveError::Fault(Fault::NotEnrolled))
    );
}

#[test]
fn another_vault_does_not_open_it_and_harms_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, own) = (folder.path().join("w"), platform(1));
    create(&path, &own).unwrap().close().unwrap();
    assert_eq!(Wallet::open(&path, platform(2)).err(), Some(OpenError::WrongKey));
    assert!(Wallet::open(&path, own).is_ok());
}

#[test]
fn a_damaged_row_is_reported_with_a_copy() {
    let folder = TempDir::new().unwrap();
    let (path, platform) = (folder.path().join("w"), platform(1));
    create(&path, &platform).unwrap().close().unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute("UPDATE setting SET content = zeroblob(length(content))", [])
        .unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let Err(OpenError::Damaged { copy: Some(copy) }) = Wallet::open(&path, platform) else {
        panic!()
    };
    assert!(copy.exists());
    assert_eq!(fs::read(&path).unwrap(), before, "the original is left as it was");
}

#[test]
fn an_older_copy_of_the_file_or_a_copy_on_another_device_is_found_out() {
    let folder = TempDir::new().unwrap();
    let (path, own) = (folder.path().join("w"), platform(1));
    let wallet = create(&path, &own).unwrap();
    wallet.close().unwrap();
    let snapshot = fs::read(&path).unwrap();

    // Opening twice commits nothing, so the same file is no rollback.
    let (wallet, report) = Wallet::open(&path, own.clone()).unwrap();
    assert!(!report.rolled_back);
    let head = wallet.journal_head().unwrap();
    wallet.close().unwrap();

    // The guard moves on (as a payment would move it), the file does not.
    own.guard
        .advance(
            Some(&head),
            &Head {
                number: head.number + 1,
                digest: [9; 32],
                ..head
            },
        )
        .unwrap();
    let (wallet, report) = Wallet::open(&path, own.clone()).unwrap();
    assert!(report.rolled_back);
    wallet.close().unwrap();
    let (wallet, report) = Wallet::open(&path, own.clone()).unwrap();
    assert!(!report.rolled_back, "it has been dealt with");
    wallet.close().unwrap();

    // The old file again: the journal went another way since.
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    fs::write(&path, &snapshot).unwrap();
    let (wallet, report) = Wallet::open(&path, own.clone()).unwrap();
    assert!(report.rolled_back);
    wallet.close().unwrap();

    // On another device the guard knows nothing of this wallet.
    let elsewhere = Platform {
        guard: Arc::new(MemoryGuard::default()),
        ..own
    };
    let (_, report) = Wallet::open(&path, elsewhere).unwrap();
    assert!(report.rolled_back);
}

/// Calls back into the wallet from wherever it is called.
#[derive(Default)]
struct Meddler {
    wallet: OnceLock<Wallet>,
    meddling: AtomicBool,
    met: Mutex<Vec<(Option<Fault>, Option<Fault>)>>,
}

impl Clock for Meddler {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        // Once: the call from the other thread asks for the time too.
        if let Some(wallet) = self.wallet.get()
            && !self.meddling.swap(true, Ordering::SeqCst)
        {
            let here = wallet.balance().err();
            let elsewhere = std::thread::scope(|s| s.spawn(|| wallet.balance().err()).join().unwrap());
            self.met.lock().unwrap().push((here, elsewhere));
        }
        Noon.now()
    }
}

#[test]
fn a_callback_that_calls_the_wallet_is_turned_away() {
    let folder = TempDir::new().unwrap();
    let meddler = Arc::new(Meddler::default());
    let platform = Platform {
        clock: meddler.clone(),
        ..platform(1)
    };
    let wallet = create(&folder.path().join("w"), &platform).unwrap();
    meddler.wallet.set(wallet.clone()).unwrap();
    assert!(wallet.balance().is_ok());
    assert_eq!(*meddler.met.lock().unwrap(), [(Some(Fault::Reentrant), None)]);
}

/// A second place that is out of order.
struct Unreadable;

impl RollbackGuard for Unreadable {
    fn read(&self, _: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        Err(GuardUnavailable)
    }
    fn advance(&self, _: Option<&Head>, _: &Head) -> Result<Head, GuardUnavailable> {
        Err(GuardUnavailable)
    }
}

#[test]
fn an_unreadable_guard_is_not_an_empty_one() {
    let folder = TempDir::new().unwrap();
    let (path, own) = (folder.path().join("w"), platform(1));
    let broken = Platform {
        guard: Arc::new(Unreadable),
        ..own.clone()
    };
    assert_eq!(
        create(&path, &broken).err(),
        Some(OpenError::Guard(GuardUnavailable))
    );
    create(&path, &own).unwrap().close().unwrap();
    assert_eq!(
        Wallet::open(&path, broken).err(),
        Some(OpenError::Guard(GuardUnavailable))
    );
    assert!(!Wallet::open(&path, own).unwrap().1.rolled_back);
}

#[test]
fn nothing_secret_is_printed_or_written_in_clear() {
    let folder = TempDir::new().unwrap();
    let (path, platform) = (folder.path().join("w"), platform(1));
    let wallet = create(&path, &platform).unwrap();
    assert_eq!(format!("{wallet:?}"), "Wallet(…)");
    wallet.close().unwrap();
    let words =
        AccountWords::from_entropy(&Zeroizing::new([5; 32]), WordCount::Twelve, WordList::English).unwrap();
    let disk = fs::read(&path).unwrap();
    for secret in [[1; 32].as_slice(), &[5; 32], words.reveal().as_bytes()] {
        assert!(!disk.windows(secret.len()).any(|window| window == secret));
    }
    assert_eq!(StoreError::Damaged.to_string(), "the store is damaged");
}
