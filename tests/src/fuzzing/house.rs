//! A wallet that stands on a shelf: furnished once, and brought back to that state for every input.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use protocol::{
    Algorithm, Amount, HolderCertificate, Note, Signed, Timestamp, WalletClass,
    bank::{Answer, Call, Order, Reply},
    cbor,
    message::Refusal,
};
use simulator::{SeededEntropy, VirtualClock};
use tempfile::TempDir;
use wallet_core::{
    AccountWords, NewWallet, Platform, Wallet, WordCount, WordList,
    guard::{Head, MemoryGuard},
    noise::StaticSecret,
    platform::{BankTransport, TransportError},
    store::fuzzing::contents,
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

use crate::mint::{CLASS, Holder, Mint, NOW, OPERATOR, SERIES, TODAY};

/// The seed of the mint behind every wallet here.
pub(super) const SEED: u64 = 11;

/// What both sides of a handoff put in front of their handshake.
pub(super) const PROLOGUE: &[u8] = b"dcep/1/handoff";

/// A counter of the mint: it opens accounts, certifies and loads, as a bank would, and says no to all else.
struct Counter(Mutex<(Mint, u64)>);

impl BankTransport for Counter {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        let (mint, serial) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let call: Signed<Call> = cbor::decode("call", call).expect("a wallet's call is well formed");
        let id = protocol::Body::id(&call.body);
        let answer = match call.body.order {
            Order::Enrol { .. } => Answer::Enrolled { trust: mint.bundle() },
            Order::Certify { keys } => {
                let certify = |application: Signed<protocol::bank::KeyApplication>| {
                    let body = HolderCertificate {
                        holder_key: application.body.holder_key,
                        static_key: application.body.static_key,
                        grant: mint.grant(None),
                    };
                    Signed::sign(body, &mint.certifying)
                };
                Answer::Certified {
                    certificates: keys.into_iter().map(certify).collect(),
                }
            }
            Order::Load { amount, keys } => {
                *serial += 1;
                let note = Note {
                    series: SERIES,
                    serial: *serial,
                    issued: TODAY,
                    amount,
                    holder_key: keys[0],
                };
                Answer::Loaded {
                    notes: vec![Signed::sign(note, &mint.note_key)],
                }
            }
            _ => Answer::Refused(Refusal {
                code: protocol::Code::BankFailed,
                at_most: None,
            }),
        };
        let reply = Reply {
            operator: OPERATOR,
            call: id,
            at: NOW,
            answer,
        };
        Ok(cbor::encode(&Signed::sign(reply, &mint.certifying)))
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        let (mint, _) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(cbor::encode(&mint.bundle()))
    }
}

/// A furnished wallet, and a phone that it is on.
pub(super) struct Shelf {
    folder: TempDir,
    file: Vec<u8>,
    head: Head,
    /// As the last input left it.
    phone: Option<Phone>,
}

/// A phone with a wallet of the mint's.
pub(super) struct Phone {
    pub(super) wallet: Wallet,
    pub(super) clock: VirtualClock,
    platform: Platform,
    path: PathBuf,
}

impl Shelf {
    /// Puts a wallet there that is enrolled and holds a note of each amount.
    pub(super) fn new(amounts: &[Amount], furnish: impl FnOnce(&Phone)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("wallet.sqlite");
        let (platform, clock) = platform();
        let words =
            AccountWords::from_entropy(&Zeroizing::new([9; 32]), WordCount::Twelve, WordList::English);
        let new = NewWallet {
            words: &words.expect("words"),
            root: Mint::new(SEED).root.verifying_key(),
            algorithm: Algorithm::Ed25519,
        };
        let wallet = Wallet::create(&path, platform.clone(), &new).expect("a wallet");
        let counter = Counter(Mutex::new((Mint::new(SEED), 0)));
        wallet.enrol(&counter, CLASS, None).expect("enrolled");
        for amount in amounts {
            wallet.load(&counter, *amount).expect("loaded");
        }
        let phone = Phone {
            wallet,
            clock,
            platform,
            path: path.clone(),
        };
        furnish(&phone);
        let head = phone.wallet.journal_head().expect("a head");
        phone.wallet.close().expect("closed");
        Self {
            file: fs::read(path).expect("the file"),
            folder,
            head,
            phone: None,
        }
    }

    /// The wallet as it was furnished.
    pub(super) fn take(&mut self) -> Phone {
        let untouched = |phone: &Phone| phone.wallet.journal_head() == Ok(self.head);
        match self.phone.take() {
            Some(phone) if untouched(&phone) => {
                phone.clock.set(NOW);
                phone
            }
            used => {
                drop(used);
                self.restore()
            }
        }
    }

    /// Gives it back, in whatever state.
    pub(super) fn put(&mut self, phone: Phone) {
        self.phone = Some(phone);
    }

    fn restore(&self) -> Phone {
        let path = self.folder.path().join("wallet.sqlite");
        for suffix in ["-wal", "-shm"] {
            let _absent = fs::remove_file(path.with_extension(format!("sqlite{suffix}")));
        }
        fs::write(&path, &self.file).expect("the file");
        let (platform, clock) = platform();
        platform.guard.advance(None, &self.head).expect("a guard");
        let (wallet, report) = Wallet::open(&path, platform.clone()).expect("it opens");
        assert!(!report.rolled_back);
        Phone {
            wallet,
            clock,
            platform,
            path,
        }
    }
}

impl Phone {
    /// Kills the app and starts it again: the money is the same.
    pub(super) fn restart(&mut self) {
        let before = self.wallet.balance().expect("a balance");
        self.wallet.close().expect("closed");
        let (wallet, report) = Wallet::open(&self.path, self.platform.clone()).expect("it opens");
        assert!(!report.rolled_back, "a restart is no rollback");
        self.wallet = wallet;
        assert_eq!(self.wallet.balance(), Ok(before), "a restart moves no money");
    }

    /// Every row of its store, in clear, by kind.
    pub(super) fn contents(self) -> Vec<(usize, Vec<u8>)> {
        self.wallet.close().expect("closed");
        contents(&self.path, &*self.platform.vault).expect("it can be read")
    }

    /// What it owns, whether it can be paid on or only taken to the bank.
    pub(super) fn owned(&self) -> Amount {
        let balance = self.wallet.balance().expect("a balance");
        let owned = balance.spendable.checked_add(balance.only_at_bank);
        owned.expect("less than there is")
    }

    /// What it has signed away without a receipt.
    pub(super) fn in_doubt(&self) -> Amount {
        self.wallet.balance().expect("a balance").in_doubt
    }

    /// Days pass.
    pub(super) fn sleep(&self, days: u64) {
        let now: Timestamp = self.clock.now();
        self.clock
            .set(Timestamp::from_seconds(now.seconds() + days * 86_400));
    }
}

/// The same hardware every time: it is determined by nothing but constants.
fn platform() -> (Platform, VirtualClock) {
    let clock = VirtualClock::at(NOW);
    let entropy = Arc::new(SeededEntropy::new(SEED, 0));
    let platform = Platform {
        vault: Arc::new(SoftwareVault::new(Zeroizing::new([7; 32]), entropy.clone())),
        guard: Arc::new(MemoryGuard::default()),
        clock: Arc::new(clock.clone()),
        entropy,
    };
    (platform, clock)
}

/// Everybody else: two honest holders, one with the class of small limits, one of another mint, one whose certificate is over.
pub(super) fn holders(mint: &Mint) -> Vec<Holder> {
    let mut poor = mint.grant(None);
    poor.class = WalletClass::Iv;
    let mut late = mint.grant(None);
    late.validity.until = late.validity.from;
    vec![
        mint.merchant(Algorithm::Ed25519, "Alice", "Alice's Apples"),
        mint.holder(Algorithm::P256, "Carol"),
        mint.certified(Algorithm::Ed25519, "Peter", poor),
        Mint::new(SEED + 1).holder(Algorithm::Ed25519, "Eve"),
        mint.certified(Algorithm::Ed25519, "Lena", late),
    ]
}

/// A holder's half of the handshake.
pub(super) fn static_secret(holder: &Holder) -> StaticSecret {
    StaticSecret::from_bytes(holder.static_secret)
}
