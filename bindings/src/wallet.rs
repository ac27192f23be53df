//! The wallet.

use std::{sync::Arc, time::SystemTime};
use wallet_core::NewWallet;

use crate::{
    AccountWords, Algorithm, Allowances, Amount, Assurance, Balance, Consent, Event, Freshness, Handoff,
    HistoryPage, HistoryQuery, InDoubt, OpenReport, Past, PaymentRequest, Pin, Side, SyncReport, WalletClass,
    error::{
        BankError, OpenError, PinError, ReceiptError, ReceiveError, RefundError, RestoreError, WalletError,
    },
    input,
    observer::{Alarm, EventObserver},
    platform::{BankTransport, Lent, Platform},
};

/// A wallet: one install on one device.
///
/// Every call is synchronous: when it returns, what it did is on the disk, and nothing has to be saved by the app. Calls
/// may come from any thread, and take turns; keep them off the main thread, for the disk, the vault or the bank may take
/// their time. A call from within a callback of the platform gets `Reentrant`, one from elsewhere while the wallet waits
/// for the platform gets `Busy`: never a deadlock.
#[derive(uniffi::Object)]
pub struct Wallet {
    wallet: wallet_core::Wallet,
    bank: Arc<dyn BankTransport>,
    alarm: Arc<Alarm>,
    report: OpenReport,
}

impl Wallet {
    fn new(
        wallet: wallet_core::Wallet,
        bank: Arc<dyn BankTransport>,
        alarm: Arc<Alarm>,
        report: OpenReport,
    ) -> Self {
        Self {
            wallet,
            bank,
            alarm,
            report,
        }
    }

    /// One that is open already.
    #[cfg(feature = "sandbox")]
    pub(crate) fn of(wallet: wallet_core::Wallet, bank: Arc<dyn BankTransport>) -> Self {
        Self::new(wallet, bank, Arc::default(), OpenReport::default())
    }

    fn bank(&self) -> Lent<dyn BankTransport> {
        Lent(Arc::clone(&self.bank))
    }

    pub(crate) const fn core(&self) -> &wallet_core::Wallet {
        &self.wallet
    }

    fn handoff(&self, session: wallet_core::Session) -> Arc<Handoff> {
        Arc::new(Handoff::new(&self.wallet, &self.alarm, session))
    }

    /// Passes on what a call came to. Whoever wants to know what has happened is told first: a call that failed may have
    /// brought something all the same.
    pub(crate) fn told<T>(&self, result: T) -> T {
        self.alarm.ring(&self.wallet);
        result
    }
}

/// Opening and closing.
#[uniffi::export]
impl Wallet {
    /// Makes a wallet in a new file at `path`, for the account of these words. `root` is the issuer's root key as it comes
    /// with the app, such as `ed25519:9f2c…`; `algorithm` is what the vault's hardware signs with.
    #[uniffi::constructor]
    pub fn create(
        path: String,
        platform: Platform,
        words: &AccountWords,
        root: &str,
        algorithm: Algorithm,
    ) -> Result<Self, OpenError> {
        let new = new_wallet(words, root, algorithm)?;
        let (platform, bank) = platform.lend();
        let wallet = wallet_core::Wallet::create(file(path), platform, &new)?;
        Ok(Self::new(wallet, bank, Arc::default(), OpenReport::default()))
    }

    /// Opens the wallet at `path`, and brings it back to a sound state after any crash: `open_report` says what was found.
    /// `PinRequired` if it has a PIN: then open it as a `LockedWallet`.
    #[uniffi::constructor]
    pub fn open(path: String, platform: Platform) -> Result<Self, OpenError> {
        let (platform, bank) = platform.lend();
        let (wallet, report) = wallet_core::Wallet::open(file(path), platform)?;
        Ok(Self::new(wallet, bank, Arc::default(), report.into()))
    }

    /// Makes a wallet on a new device from the account's words, and takes in a backup if there is one. What comes next is
    /// `enrol`, which finds the account again with all the money on it; and `freeze_others`, if the old phone is lost. The
    /// cash on the old device is in no words and in no backup: the bank pays it out.
    #[uniffi::constructor]
    pub fn restore(
        path: String,
        platform: Platform,
        words: &AccountWords,
        root: &str,
        algorithm: Algorithm,
        backup: Option<Vec<u8>>,
    ) -> Result<Self, RestoreError> {
        let new = new_wallet(words, root, algorithm)?;
        let (platform, bank) = platform.lend();
        let wallet = wallet_core::Wallet::restore(file(path), platform, &new, backup.as_deref())?;
        Ok(Self::new(wallet, bank, Arc::default(), OpenReport::default()))
    }

    /// What opening this wallet found and did.
    pub fn open_report(&self) -> Result<OpenReport, WalletError> {
        Ok(self.report)
    }

    /// Gives the file back: it can be opened again, and every later call of every handle gets `Closed`. To shut down twice
    /// does nothing. (The `close` of Kotlin and the end of an object only give back a handle.)
    pub fn shut_down(&self) -> Result<(), WalletError> {
        Ok(self.wallet.close()?)
    }

    /// Who is woken when `next_event` has something new; `None`: nobody.
    pub fn set_observer(&self, observer: Option<Arc<dyn EventObserver>>) -> Result<(), WalletError> {
        self.alarm.set(observer);
        self.told(Ok(()))
    }
}

/// The PIN and the lock.
#[uniffi::export]
impl Wallet {
    /// Locks the wallet with its PIN: it forgets its keys and all that it knows of its money, and keeps its file. Until it is
    /// unlocked, every other call of every handle gets `Locked`. Drop a handoff that is under way.
    pub fn lock(&self) -> Result<Arc<LockedWallet>, PinError> {
        let locked = self.wallet.lock()?;
        Ok(Arc::new(LockedWallet {
            locked,
            bank: Arc::clone(&self.bank),
            alarm: Arc::clone(&self.alarm),
        }))
    }

    /// Whether the wallet has a PIN.
    pub fn has_pin(&self) -> Result<bool, WalletError> {
        Ok(self.wallet.has_pin()?)
    }

    /// Gives the wallet a PIN. From then on it takes both to open it, the device's vault and the PIN; whoever forgets it
    /// restores the account from its words.
    pub fn set_pin(&self, pin: &Pin) -> Result<(), PinError> {
        Ok(self.wallet.set_pin(&pin.pin)?)
    }

    /// Puts a new PIN in the place of the old one, which must be given once more.
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<(), PinError> {
        Ok(self.wallet.change_pin(&old.pin, &new.pin)?)
    }

    /// Asks whether this is the PIN, before something that the holder is to agree to. It is a try like any other: a wrong one
    /// is counted, and may have to wait.
    pub fn check_pin(&self, pin: &Pin) -> Result<(), PinError> {
        Ok(self.wallet.check_pin(&pin.pin)?)
    }

    /// Removes the PIN: the vault alone opens the wallet again.
    pub fn remove_pin(&self, pin: &Pin) -> Result<(), PinError> {
        Ok(self.wallet.remove_pin(&pin.pin)?)
    }
}

/// The money, and what happened to it.
#[uniffi::export]
impl Wallet {
    /// The money, by what can be done with it.
    pub fn balance(&self) -> Result<Balance, WalletError> {
        Ok(self.wallet.balance()?.into())
    }

    /// Every limit of the policy: how much it permits, how much of that is used and left, and what gives more.
    /// `NotEnrolled` while the wallet has no policy.
    pub fn limits(&self) -> Result<Allowances, WalletError> {
        Ok(self.wallet.limits()?.into())
    }

    /// What is signed, possibly sent, and confirmed by nobody, newest first. Nothing has to be done about it but to hold the
    /// phones together again, or to sync.
    pub fn in_doubt(&self) -> Result<Vec<InDoubt>, WalletError> {
        Ok(self.wallet.in_doubt()?.into_iter().map(Into::into).collect())
    }

    /// What of the history matches, newest first, a page at a time.
    pub fn history(&self, query: HistoryQuery) -> Result<HistoryPage, WalletError> {
        Ok(self.wallet.search(&query.try_into()?)?.into())
    }

    /// The oldest thing that happened and was not acknowledged: the same one again and again, over any number of restarts,
    /// until it is. `None`: there is nothing new.
    pub fn next_event(&self) -> Result<Option<Event>, WalletError> {
        Ok(self.wallet.next_event()?.map(Into::into))
    }

    /// The holder has heard of it. Acknowledging twice, or what never was, does nothing.
    pub fn acknowledge_event(&self, id: u64) -> Result<(), WalletError> {
        let event = wallet_core::EventId::from_number(id);
        Ok(self.wallet.acknowledge_event(event)?)
    }

    /// A receipt as a file that a third person checks with `verify_receipt`: for every payment, return and refund of this
    /// wallet that is receipted. It shows the whole history of the money, so it is not for everybody.
    pub fn export_receipt(&self, transfer: &str) -> Result<Vec<u8>, ReceiptError> {
        Ok(self.wallet.export_receipt(&input::transfer(transfer)?)?)
    }

    /// How old is what the wallet believes about keys and policies, and what that means.
    pub fn freshness(&self) -> Result<Freshness, WalletError> {
        Ok(self.wallet.freshness()?.into())
    }

    /// The time the wallet goes by: the device's, but never before a time it has already seen.
    pub fn now(&self) -> Result<SystemTime, WalletError> {
        Ok(input::system_time(self.wallet.now()?))
    }

    /// The account towards the operator, by its public key: `ed25519:…`. No secret.
    pub fn account(&self) -> Result<String, WalletError> {
        Ok(self.wallet.account()?.to_string())
    }
}

/// Being paid.
#[uniffi::export]
impl Wallet {
    /// Makes a request for `amount`, or for whatever the payer chooses to give, and stores it. `name` is what the holder
    /// calls itself, and is shown marked as unverified; a wallet with a registered name shows that, and no other.
    pub fn request(
        &self,
        amount: Option<Amount>,
        name: Option<String>,
    ) -> Result<PaymentRequest, ReceiveError> {
        let amount = input::optional(amount)?;
        let request = match name {
            None => self.wallet.request(amount),
            Some(name) => self.wallet.request_as(amount, input::name(name)?),
        };
        Ok(self.told(request)?.into())
    }

    /// The requests of this wallet that nobody has paid yet, newest first.
    pub fn open_requests(&self) -> Result<Vec<PaymentRequest>, WalletError> {
        Ok(self.wallet.open_requests()?.into_iter().map(Into::into).collect())
    }

    /// Asks for this no more. A payment that is signed already is taken when it comes, and given back in the same tap.
    pub fn withdraw(&self, request: &str) -> Result<(), ReceiveError> {
        Ok(self.wallet.withdraw(&input::request(request)?)?)
    }

    /// A handoff in which a payer can pay this request, or resume a payment of an earlier one. A request that was paid
    /// already is not asked for again: the handoff then only repeats receipts.
    pub fn receive(&self, request: &str, side: Side) -> Result<Arc<Handoff>, ReceiveError> {
        let session = self.wallet.receive(&input::request(request)?, side.into())?;
        Ok(self.handoff(session))
    }

    /// From now on requests demand that the payer's keys are kept at least so well; `None` demands nothing. Kept over
    /// restarts.
    pub fn demand_assurance(&self, least: Option<Assurance>) -> Result<(), WalletError> {
        Ok(self.wallet.demand_assurance(least.map(Into::into))?)
    }

    /// What requests demand of the payer's keys.
    pub fn demanded_assurance(&self) -> Result<Option<Assurance>, WalletError> {
        Ok(self.wallet.demanded_assurance()?.map(Into::into))
    }
}

/// Paying, and giving back.
#[uniffi::export]
impl Wallet {
    /// A handoff in which this wallet pays what a payee asks, within the holder's consent, or resumes a payment in doubt. If
    /// there is a consent to an amount, the vault asks the holder now: `WalletError.Vault` if it says no.
    pub fn pay(&self, consent: Consent, side: Side) -> Result<Arc<Handoff>, WalletError> {
        let session = self.wallet.pay(consent.try_into()?, side.into())?;
        Ok(self.handoff(session))
    }

    /// A handoff as the payer that pays nothing new: it brings what is in doubt, a payment, a return or a refund, to whom it
    /// is for.
    pub fn resume(&self, side: Side) -> Result<Arc<Handoff>, WalletError> {
        Ok(self.handoff(self.wallet.resume(side.into())?))
    }

    /// Gives back `amount` of a payment that this wallet took, to the key that paid it. Returns the transfer, which is in doubt
    /// until the one who paid has it: hold the phones together in a `resume` here and an `await_refund` there, or sync.
    pub fn refund(&self, paid: &str, amount: Amount) -> Result<String, RefundError> {
        let refund = self.wallet.refund(&input::transfer(paid)?, amount.try_into()?);
        Ok(self.told(refund)?.to_string())
    }

    /// How much of a payment that this wallet took can still be given back.
    pub fn refundable(&self, paid: &str) -> Result<Amount, RefundError> {
        Ok(self.wallet.refundable(&input::transfer(paid)?)?.into())
    }

    /// A handoff as the payee that asks for nothing: it takes what is given back of the payment `paid` that this wallet made.
    pub fn await_refund(&self, paid: &str, side: Side) -> Result<Arc<Handoff>, ReceiveError> {
        let session = self.wallet.await_refund(&input::transfer(paid)?, side.into())?;
        Ok(self.handoff(session))
    }
}

/// Dealing with the operator. Each of these asks the `BankTransport`, and payments go on meanwhile.
#[uniffi::export]
impl Wallet {
    /// Opens the account, or finds it again, and fetches certified keys. A merchant gives its registered name.
    pub fn enrol(&self, wallet_class: WalletClass, name: Option<String>) -> Result<(), BankError> {
        let name = name.map(input::name).transpose()?;
        let enrolled = self.wallet.enrol(&self.bank(), wallet_class.into(), name);
        Ok(self.told(enrolled)?)
    }

    /// Does everything that contact with the bank allows, and mends what was torn. Safe to call at any time, any number of
    /// times. The error is the first of any step; the other steps were tried all the same.
    pub fn sync(&self) -> Result<SyncReport, BankError> {
        let report = self.wallet.sync(&self.bank());
        Ok(self.told(report)?.into())
    }

    /// Turns account money into cash on this phone. Unless the error is `Refused`, the order stands, and the next sync
    /// repeats it.
    pub fn load(&self, amount: Amount) -> Result<(), BankError> {
        let loaded = self.wallet.load(&self.bank(), amount.try_into()?);
        Ok(self.told(loaded)?)
    }

    /// Turns cash on this phone into account money: `amount`, or everything. Returns how much was credited. What was signed
    /// stays in doubt until the bank has answered, here or in the next sync.
    pub fn deposit(&self, amount: Option<Amount>) -> Result<Amount, BankError> {
        let deposited = self.wallet.deposit(&self.bank(), input::optional(amount)?);
        Ok(self.told(deposited)?.into())
    }

    /// Turns cash that will soon be awkward to pay with into fresh cash of the same sum; a sync does the same. Returns how
    /// much that was.
    pub fn refresh(&self) -> Result<Amount, BankError> {
        let refreshed = self.wallet.refresh(&self.bank());
        Ok(self.told(refreshed)?.into())
    }

    /// How much is on the account with the operator.
    pub fn account_balance(&self) -> Result<Amount, BankError> {
        Ok(self.wallet.account_balance(&self.bank())?.into())
    }

    /// Declares every other phone of this account lost. What they hold comes back to the account when they claim it, or when
    /// its claim window closes. The wish is stored first, and the next sync repeats it until the bank confirms it.
    pub fn freeze_others(&self) -> Result<(), BankError> {
        let frozen = self.wallet.freeze_others(&self.bank());
        Ok(self.told(frozen)?)
    }

    /// An encrypted backup that only the account's words open: the history, whom to believe, the class and name of the
    /// enrolment, and open requests. It holds no money and no keys.
    pub fn backup(&self) -> Result<Vec<u8>, WalletError> {
        Ok(self.wallet.backup()?)
    }

    /// What the backup told from which this wallet was restored; `None` if it was not.
    pub fn past(&self) -> Result<Option<Past>, WalletError> {
        Ok(self.wallet.past()?.map(Into::into))
    }
}

/// A wallet that its PIN opens. It owns its file, holds no secret, and answers nothing about money.
#[derive(uniffi::Object)]
pub struct LockedWallet {
    locked: wallet_core::LockedWallet,
    bank: Arc<dyn BankTransport>,
    alarm: Arc<Alarm>,
}

#[uniffi::export]
impl LockedWallet {
    /// Takes ownership of the wallet at `path`, which has a PIN, and leaves it locked. `NoPin` if it has none.
    #[uniffi::constructor]
    pub fn open(path: String, platform: Platform) -> Result<Self, OpenError> {
        let (platform, bank) = platform.lend();
        Ok(Self {
            locked: wallet_core::LockedWallet::open(file(path), platform)?,
            bank,
            alarm: Arc::default(),
        })
    }

    /// Unlocks the wallet. All its handles are the open wallet again, also those from before it was locked. Wrong PINs slow
    /// down, and never destroy.
    pub fn unlock(&self, pin: &Pin) -> Result<Arc<Wallet>, PinError> {
        let (wallet, report) = self.locked.unlock(&pin.pin)?;
        let wallet = Wallet::new(
            wallet,
            Arc::clone(&self.bank),
            Arc::clone(&self.alarm),
            report.into(),
        );
        wallet.alarm.ring(&wallet.wallet);
        Ok(Arc::new(wallet))
    }

    /// In how many seconds a PIN may be tried; 0: now.
    pub fn seconds_until_try(&self) -> Result<u64, PinError> {
        Ok(self.locked.wait()?)
    }

    /// Gives the file back, as `Wallet.shut_down` does.
    pub fn shut_down(&self) -> Result<(), WalletError> {
        Ok(self.locked.close()?)
    }
}

fn new_wallet<'a>(
    words: &'a AccountWords,
    root: &str,
    algorithm: Algorithm,
) -> Result<NewWallet<'a>, OpenError> {
    Ok(NewWallet {
        words: &words.words,
        root: input::root(root)?,
        algorithm: algorithm.into(),
    })
}

fn file(path: String) -> std::path::PathBuf {
    path.into()
}
