//! The wallet: one install of the core on one device.

mod backup;
mod bank;
mod chain;
mod consent;
mod doubt;
mod export;
mod fork;
pub(crate) mod freshness;
mod history;
pub(crate) mod keys;
mod life;
mod lock;
pub(crate) mod news;
pub(crate) mod operation;
pub(crate) mod pay;
pub(crate) mod receipt;
pub(crate) mod receive;
pub(crate) mod refund;
pub(crate) mod request;
mod search;
mod slip;
mod value;
mod warn;

pub use backup::{Past, PastEntry, PastKind, RestoreError};
pub use bank::SyncReport;
pub use consent::Consent;
pub use doubt::{Doubt, Doubtful, EndsBy, Holdings, InDoubt};
pub use freshness::{Freshness, Verdict};
pub use history::{Entry, Kind, State};
pub use life::{NewWallet, OpenReport, Platform};
pub use lock::LockedWallet;
pub(crate) use operation::Inner;
pub use search::{Cursor, HistoryQuery, Page};
pub use slip::{Paid, Took};

use protocol::{Amount, Assurance, Id, Name, Request, RequestId, Signed, Slip, Timestamp, VerifyingKey};
use std::sync::Arc;

use crate::{
    balance::Balance,
    error::{Fault, HandoffError, PayError, ReceiptError, ReceiveError, RefundError},
    event::{Event, EventId},
    guard::Head,
    handoff::{PayeeState, PayerState, Session, Side},
    limits::{self, Allowances},
    model::Change,
};

/// A wallet. Cheap to clone: clones are the same wallet.
///
/// May be called from any thread; calls take turns. A call from within a callback of the platform gets
/// [`Fault::Reentrant`], one from elsewhere while the wallet waits for the platform gets [`Fault::Busy`]: never a
/// deadlock. Nothing that moves value is asynchronous, and nothing has to be saved by the caller: when a call returns,
/// what it did is on the disk.
#[derive(Clone)]
pub struct Wallet {
    inner: Arc<Inner>,
}

impl core::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Wallet(…)")
    }
}

impl Wallet {
    /// Closes the wallet: its file can be opened again, and every later call gets [`Fault::Closed`]. Closing a closed
    /// wallet does nothing.
    ///
    /// # Errors
    /// [`Fault::Reentrant`] or [`Fault::Busy`].
    pub fn close(&self) -> Result<(), Fault> {
        self.inner.close()
    }

    /// The money, by what can be done with it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn balance(&self) -> Result<Balance, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| Ok(Balance::of(&core.purse, &core.purse.rules(moment.now.day()))))
    }

    /// Every limit of the wallet's policy: how much it permits, how much of that is used and left, and what gives more.
    ///
    /// # Errors
    /// [`Fault::NotEnrolled`] while the wallet has no policy; [`Fault`].
    pub fn limits(&self) -> Result<Allowances, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| limits::all(&core.purse, moment.now.day()).ok_or(Fault::NotEnrolled))
    }

    /// Makes a request for `amount`, or for whatever the payer chooses to give, and stores it.
    ///
    /// # Errors
    /// [`ReceiveError`], among others when the wallet may not hold that much more.
    pub fn request(&self, amount: Option<Amount>) -> Result<Request, ReceiveError> {
        request::request(&self.inner, amount, None)
    }

    /// Like [`Wallet::request`], by a name that the holder chose. Whoever pays sees it before confirming, marked as
    /// unverified. A wallet with a registered name shows that, and no other.
    ///
    /// # Errors
    /// [`ReceiveError`], as for [`Wallet::request`].
    pub fn request_as(&self, amount: Option<Amount>, name: Name) -> Result<Request, ReceiveError> {
        request::request(&self.inner, amount, Some(name))
    }

    /// From now on requests demand that the payer's keys are kept at least so well; `None`, or software, demands nothing. A
    /// payer whose keys are not is told before it signs; what is paid all the same is given back. Kept over restarts.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn demand_assurance(&self, least: Option<Assurance>) -> Result<(), Fault> {
        request::demand(&self.inner, least)
    }

    /// What requests demand of the payer's keys.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn demanded_assurance(&self) -> Result<Option<Assurance>, Fault> {
        self.inner.operation()?.with(|core, _| Ok(core.purse.demand))
    }

    /// The requests of this wallet that nobody has paid yet, newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn open_requests(&self) -> Result<Vec<Request>, Fault> {
        request::open_requests(&self.inner)
    }

    /// Asks for this no more. If somebody has signed a payment of it already, it is taken when it comes, and given back in
    /// the same tap: nobody can take back a signature.
    ///
    /// # Errors
    /// [`ReceiveError::UnknownRequest`], [`ReceiveError::RequestPaid`], [`Fault`].
    pub fn withdraw(&self, request: &RequestId) -> Result<(), ReceiveError> {
        request::withdraw(&self.inner, request)
    }

    /// A session in which a payer can pay this request, or resume a payment of an earlier one.
    ///
    /// A request that was paid already is not asked for again; the session then only repeats receipts.
    ///
    /// # Errors
    /// [`ReceiveError::UnknownRequest`], [`Fault`].
    pub fn receive(&self, request: &RequestId, side: Side) -> Result<Session, ReceiveError> {
        Session::payee(Arc::clone(&self.inner), request, side)
    }

    /// A session in which this wallet pays what a payee asks, within the holder's consent, or resumes a payment in
    /// doubt.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn pay(&self, consent: Consent, side: Side) -> Result<Session, Fault> {
        Session::payer(Arc::clone(&self.inner), consent, side)
    }

    /// A session as the payer that pays nothing new: it brings what is in doubt, a payment, a return or a refund, to whom it
    /// is for.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn resume(&self, side: Side) -> Result<Session, Fault> {
        Session::resuming(Arc::clone(&self.inner), side)
    }

    /// Gives back `amount` of a payment that this wallet took, to the key that paid it: never to whoever shows a receipt. May
    /// be done several times, until the payment is given back in whole, and also if the payment came through the bank and
    /// the goods never changed hands. Returns the transfer. After a rollback nothing is left to give back of what was paid
    /// before it: the wallet may have given it back, and have forgotten.
    ///
    /// The refund is signed, and in doubt like a payment, until the one who paid has it: hold the phones together in a
    /// [`Wallet::resume`] here and a [`Wallet::await_refund`] there (or in any session in which that phone is paid), or sync.
    ///
    /// # Errors
    /// [`RefundError`].
    pub fn refund(&self, paid: &Id, amount: Amount) -> Result<Id, RefundError> {
        refund::refund(&self.inner, paid, amount)
    }

    /// How much of a payment that this wallet took can still be given back.
    ///
    /// # Errors
    /// [`RefundError::UnknownPayment`], [`RefundError::Fault`].
    pub fn refundable(&self, paid: &Id) -> Result<Amount, RefundError> {
        refund::refundable(&self.inner, paid)
    }

    /// A session as the payee that asks for nothing: it takes what is given back of the payment `paid` that this wallet made.
    ///
    /// # Errors
    /// [`ReceiveError::UnknownRequest`] if this wallet made no such payment; [`Fault`].
    pub fn await_refund(&self, paid: &Id, side: Side) -> Result<Session, ReceiveError> {
        Session::awaiting_refund(Arc::clone(&self.inner), paid, side)
    }

    /// A request of this wallet, to show it to a payer, signed by the key that is to be paid. It travels in clear, and whoever
    /// sees it can pay it: once.
    ///
    /// # Errors
    /// [`ReceiveError`]: also if it was paid, withdrawn, or can no longer be receipted.
    pub fn request_slip(&self, request: &RequestId) -> Result<Slip, ReceiveError> {
        slip::of_request(&self.inner, request)
    }

    /// Whether a request that came without a channel is its payee's own, and the payee certified by a known operator: to be
    /// asked before a name is shown to the holder.
    ///
    /// # Errors
    /// [`PayError`], as for paying it.
    pub fn check_request(&self, request: &Signed<Request>) -> Result<(), PayError> {
        slip::check_request(&self.inner, request)
    }

    /// Pays a request that came without a channel, as a code or a file, and returns the payment to show. It is in doubt from
    /// then on, until a receipt comes back, a tap with the payee, or a sync. A request that was paid before gets the same
    /// payment again, and nothing is paid twice.
    ///
    /// # Errors
    /// [`PayError`]; then nothing was signed. After [`Fault::Guard`] it was, and nothing has left: it is in doubt, and
    /// [`Wallet::slip_of`] shows it once the guard answers.
    pub fn pay_request(&self, request: &Signed<Request>, consent: Consent) -> Result<Paid, PayError> {
        slip::pay(&self.inner, request, consent)
    }

    /// What this wallet once signed for somebody, to show it to them: a payment, a return or a refund, always the same
    /// bytes. `None` if there is no such transfer, or it is for the bank.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn slip_of(&self, transfer: &Id) -> Result<Option<Slip>, Fault> {
        slip::of(&self.inner, transfer)
    }

    /// Takes a payment of one of this wallet's requests, or a receipt for what it signed, or a refund; and returns what to show
    /// in answer, if there is something. The same slip again changes nothing and gets the same answer.
    ///
    /// # Errors
    /// [`HandoffError`]; [`HandoffError::OutOfOrder`] for a request, which is paid and not taken, and for a receipt of what this
    /// wallet never signed, or signed for the bank; [`Fault::RolledBack`] for one of what it signed before it was rolled back.
    pub fn take(&self, slip: &Slip) -> Result<Took, HandoffError> {
        slip::take(&self.inner, slip)
    }

    /// What is signed, possibly sent, and confirmed by nobody, newest first; with what will end it. Nothing has to be done
    /// about it but to hold the phones together again, or to sync.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn in_doubt(&self) -> Result<Vec<InDoubt>, Fault> {
        doubt::in_doubt(&self.inner)
    }

    /// The oldest thing that happened and was not acknowledged: the same one again and again, over any number of restarts,
    /// until [`Wallet::acknowledge_event`]. `None`: there is nothing new.
    ///
    /// That value will soon be past its last day is found out here and in [`Wallet::newest_event`] too, by the wallet's time: no
    /// sync is needed to hear of it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_event(&self) -> Result<Option<Event>, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| {
            warn::if_it_can_be_written(core, moment);
            Ok(core.purse.next_event(&core.store)?)
        })
    }

    /// The newest thing that happened and was not acknowledged, by its id: who remembers it knows later whether there is
    /// something new to hear.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn newest_event(&self) -> Result<Option<EventId>, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| {
            warn::if_it_can_be_written(core, moment);
            Ok(core.purse.newest_event(&core.store)?)
        })
    }

    /// The holder has heard of it. Acknowledging twice, or what never was, does nothing.
    ///
    /// # Errors
    /// [`Fault`]; then the event comes again.
    pub fn acknowledge_event(&self, event: EventId) -> Result<(), Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| Ok(core.commit(vec![Change::EventDone(event)], moment)?))
    }

    /// What the wallet holds, piece by piece: for audits and simulations.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn holdings(&self) -> Result<Holdings, Fault> {
        doubt::holdings(&self.inner)
    }

    /// Where a transfer of this wallet stands; `Choosing` if this wallet has signed none of this id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn payer_state(&self, transfer: &Id) -> Result<PayerState, Fault> {
        doubt::payer_state(&self.inner, transfer)
    }

    /// Where a payment to this wallet stands; `Asking` if this wallet has taken none of this id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn payee_state(&self, transfer: &Id) -> Result<PayeeState, Fault> {
        doubt::payee_state(&self.inner, transfer)
    }

    /// Payments, receipts, loads and deposits, newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn history(&self) -> Result<Vec<Entry>, Fault> {
        history::history(&self.inner)
    }

    /// What of the history matches, newest first, a page at a time.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn search(&self, query: &HistoryQuery) -> Result<Page, Fault> {
        search::search(&self.inner, query)
    }

    /// A receipt as a file that a third person can check with nothing but the issuer's root: see
    /// [`protocol::ReceiptFile`]. There is one for every payment, return and refund that this wallet made or took, once it is
    /// receipted. It shows the whole history of the money, so it is not for everybody.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn export_receipt(&self, transfer: &Id) -> Result<Vec<u8>, ReceiptError> {
        export::receipt(&self.inner, transfer)
    }

    /// The account towards the operator, by its key.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn account(&self) -> Result<VerifyingKey, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, _| Ok(core.account()))
    }

    /// The head of the journal: how many commits there were, and their digest.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn journal_head(&self) -> Result<Head, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, _| Ok(core.store.head()))
    }

    /// How new the list of revoked keys is that this wallet goes by; 0 if it has none. Wallets pass a newer one on at the
    /// end of a tap.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn status_version(&self) -> Result<u64, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, _| Ok(core.purse.status_version()))
    }

    /// How old the trust bundle and the status list are, and what that means by the policy.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn freshness(&self) -> Result<Freshness, Fault> {
        freshness::freshness(&self.inner)
    }

    /// The time the wallet goes by: the device's, but never before a time it has already seen.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn now(&self) -> Result<Timestamp, Fault> {
        Ok(self.inner.operation()?.moment.now)
    }
}
