//! Dealing with the operator: an account, certified keys, loads, deposits.
//!
//! An order that moves money is stored before it is sent, and sent again, byte for byte, until it
//! is answered. The bank gives the same answer to the same order, so a crash or a lost answer at any
//! point costs nothing but time.

mod clock;
mod collect;
mod declare;
mod freeze;
mod load;
mod offline;
mod pool;
mod refresh;
mod report;
mod settle;
mod tidy;

use protocol::{
    Amount, Body as _, Name, Signed, SigningKey, TrustBundle, WalletClass,
    bank::{Answer, Call, IdempotencyKey, Order, Reply},
    cbor,
    message::Refusal,
};

use self::{
    collect::collect,
    declare::{accuse, inquire, retire},
    load::{finish_load, order_load},
    pool::certify,
    refresh::refresh_due,
    report::unrecorded,
    settle::{Settling, unsettled},
};
use super::{Inner, Wallet, operation::Operation, warn};
use crate::{
    error::{BankError, Fault},
    model::Change,
    platform::BankTransport,
    purse::sum,
    rules::Rules,
    selection,
    store::StoreError,
};

/// What a sync did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncReport {
    /// Orders and deposits that were sent before and are answered now.
    pub answered: usize,
    /// Holder keys that were newly certified.
    pub new_keys: usize,
    /// Whether the trust bundle had news.
    pub trust_changed: bool,
    /// Payments, made and taken, that the bank put on record.
    pub recorded: usize,
    /// Doubts that ended.
    pub doubts_ended: usize,
    /// Payments to this wallet, and returns, that others had reported.
    pub delivered: usize,
    /// Fraud proofs that were handed in.
    pub accused: usize,
    /// Whether the retirement of keys was declared.
    pub retired: bool,
    /// Keys that were deleted from the vault: retired ones, and such as a crash had left over.
    pub deleted_keys: usize,
    /// How much became fresh notes.
    pub refreshed: Amount,
}

impl Wallet {
    /// Opens the account, or finds it again, and fills the key pool. A merchant gives its registered name.
    ///
    /// # Errors
    /// [`BankError`].
    pub fn enrol(
        &self,
        bank: &dyn BankTransport,
        class: WalletClass,
        name: Option<Name>,
    ) -> Result<(), BankError> {
        match ask(&self.inner, bank, Order::Enrol { class, name })? {
            Answer::Enrolled { .. } => {
                trust_is_new(&self.inner)?;
                certify(&self.inner, bank).map(drop)
            }
            other => Err(refusal(&other)),
        }
    }

    /// Does everything that contact with the bank allows: fetches the trust bundle, declares what was retired, repeats what is
    /// unanswered, tidies up the key vault, collects what came in, reports what was paid and taken, hands in fraud proofs,
    /// fills the key pool, refreshes what needs it. Safe to call at any time and any number of times, from anywhere; payments
    /// go on meanwhile.
    ///
    /// # Errors
    /// The first [`BankError`] of any step. One step's failure keeps no other from being tried, and the next call goes
    /// on from there.
    pub fn sync(&self, bank: &dyn BankTransport) -> Result<SyncReport, BankError> {
        let inner = &*self.inner;
        let mut report = SyncReport::default();
        let mut steps = Steps::default();
        let fetched = steps.tried(fetch_trust(inner, bank));
        report.trust_changed = fetched.unwrap_or_default();
        // Before anything is ordered: no notes for keys that will never sign again.
        let inventory = tidy::find_destroyed(inner);
        report.retired = steps.tried(retire(inner, bank)).unwrap_or_default();
        let orders = inner
            .operation()?
            .with(|core, _| core.store.orders().map_err(Fault::from))?;
        for order in orders {
            let answered = steps.tried(finish_load(inner, bank, &order));
            report.answered += usize::from(answered.is_some());
        }
        let unsettled = inner
            .operation()?
            .with(|core, _| Ok::<_, Fault>(unsettled(core)))?;
        for transfer in unsettled {
            let answered = steps.tried(settle::finish(inner, bank, &transfer));
            report.answered += usize::from(answered.is_some());
        }
        steps.tried(freeze::others_if_wanted(inner, bank));
        let deleted = inventory.and_then(|inventory| tidy::delete_surplus(inner, &inventory));
        report.deleted_keys = steps.tried(deleted).unwrap_or_default();
        // What others reported comes first: some of it is given back, and that is reported next.
        let delivered = steps.tried(collect(inner, bank));
        report.delivered = delivered.unwrap_or_default();
        // The bank has told its time meanwhile.
        if fetched.is_some() && delivered.is_some() {
            trust_is_new(inner)?;
        }
        let unrecorded = inner.operation()?.with(|core, _| unrecorded(core))?;
        let mut refused = Vec::new();
        for payment in unrecorded {
            let recorded = report::report(inner, bank, &payment);
            refused.extend(
                recorded
                    .as_ref()
                    .err()
                    .and_then(|error| payment.refused_for_good(error)),
            );
            if let Some(ended) = steps.tried(recorded) {
                report.recorded += 1;
                report.doubts_ended += usize::from(ended);
            }
        }
        if delivered.is_some() {
            offline::end(inner, &refused)?;
        }
        report.doubts_ended += steps.tried(inquire(inner, bank)).unwrap_or_default();
        report.accused = steps.tried(accuse(inner, bank)).unwrap_or_default();
        report.new_keys = match certify(inner, bank) {
            // A frozen phone was told already, and brings its money home.
            Err(BankError::Fault(Fault::DeviceFrozen)) => 0,
            certified => steps.tried(certified).unwrap_or_default(),
        };
        // First the warning: whether the bank has newer notes to give is not yet known.
        inner.operation()?.with(warn::of_expiring_series)?;
        report.refreshed = steps.tried(refresh_due(inner, bank)).unwrap_or_default();
        inner.operation()?.settle_guard()?;
        steps.first_error.map_or(Ok(report), Err)
    }

    /// Declares every other phone of this account lost. Their keys go on the status list, they get no new ones, and what they
    /// hold is credited to the account when it is claimed, or when its claim window closes; never earlier, because it may have
    /// been paid on. A phone that turns up again learns of it at its next sync, and can deposit at once what it still holds.
    ///
    /// The wish is stored first, and the next [`Wallet::sync`] repeats it until the bank confirms it.
    ///
    /// # Errors
    /// [`Fault::DeviceFrozen`] or [`protocol::Code::DeviceFrozen`] if another phone was faster; [`BankError`].
    pub fn freeze_others(&self, bank: &dyn BankTransport) -> Result<(), BankError> {
        freeze::order(&self.inner)?;
        freeze::others_if_wanted(&self.inner, bank)
    }

    /// Turns account money into notes on this device.
    ///
    /// # Errors
    /// [`BankError`]. Unless it is `Refused`, the order stands and the next [`Wallet::sync`] repeats it.
    pub fn load(&self, bank: &dyn BankTransport, amount: Amount) -> Result<(), BankError> {
        let order = order_load(&self.inner, amount)?;
        finish_load(&self.inner, bank, &order)
    }

    /// Turns value on this device into account money: `amount`, or everything. Returns how much was credited. The bank
    /// takes value of any age, so also what cannot be paid on offline any more.
    ///
    /// # Errors
    /// [`BankError`]. What was signed stays in doubt until the bank has answered, here or in the next [`Wallet::sync`].
    pub fn deposit(&self, bank: &dyn BankTransport, amount: Option<Amount>) -> Result<Amount, BankError> {
        let mut deposited = Amount::ZERO;
        loop {
            let next = match amount {
                Some(amount) => amount,
                // As many pieces as one transfer carries, until none is left.
                None => self.inner.operation()?.with(|core, moment| {
                    Ok::<_, Fault>(selection::largest(&core.purse, &Rules::at_bank(moment.now.day())))
                })?,
            };
            if next.is_zero() && !deposited.is_zero() {
                return Ok(deposited);
            }
            let transfer = settle::sign(&self.inner, Settling::Deposit(next))?;
            settle::finish(&self.inner, bank, &transfer)?;
            deposited = sum([deposited, next].into_iter());
            if amount.is_some() {
                return Ok(deposited);
            }
        }
    }

    /// Turns value that will soon be awkward to pay with into fresh notes of the same sum: what is close to its last day or
    /// to the policy's limits on age and hops, what has a long history, belongs to a key whose certificate ends, or lies
    /// in very many pieces. A sync does the same. Returns how much that was.
    ///
    /// # Errors
    /// [`BankError`]. What was signed stays in doubt until the bank has answered, here or in the next [`Wallet::sync`].
    pub fn refresh(&self, bank: &dyn BankTransport) -> Result<Amount, BankError> {
        refresh_due(&self.inner, bank)
    }

    /// How much is on the account with the operator.
    ///
    /// # Errors
    /// [`BankError`].
    pub fn account_balance(&self, bank: &dyn BankTransport) -> Result<Amount, BankError> {
        match ask(&self.inner, bank, Order::Account)? {
            Answer::Account { balance } => Ok(balance),
            other => Err(refusal(&other)),
        }
    }
}

/// The steps of a sync: the failure of one keeps no other from being tried, and the first of them is told.
#[derive(Default)]
struct Steps {
    first_error: Option<BankError>,
}

impl Steps {
    /// What a step brought, if it went well.
    fn tried<T, E: Into<BankError>>(&mut self, step: Result<T, E>) -> Option<T> {
        step.map_err(|error| self.first_error.get_or_insert(error.into()))
            .ok()
    }
}

/// A call, signed by the account key. Every call begins with the tag `dcep/1/call`.
fn sign_call(account: &SigningKey, idempotency_key: IdempotencyKey, order: Order) -> Signed<Call> {
    let call = Call {
        account: account.verifying_key(),
        idempotency_key,
        order,
    };
    Signed::sign(call, account)
}

/// Asks for something that does not move money, once.
fn ask(inner: &Inner, bank: &dyn BankTransport, order: Order) -> Result<Answer, BankError> {
    let call = inner.operation()?.with(|core, moment| {
        let key = IdempotencyKey::from_bytes(moment.draw());
        Ok::<_, Fault>(cbor::encode(&sign_call(&core.account_key()?, key, order)))
    })?;
    send(inner, bank, &call)
}

/// Sends a call, without keeping anybody else waiting, and believes the answer only if the operator signed it for this
/// call. An answer to an enrolment brings along who the operator is.
fn send(inner: &Inner, bank: &dyn BankTransport, call: &[u8]) -> Result<Answer, BankError> {
    let bytes = inner.visit(|_| bank.call(call))??;
    let reply: Signed<Reply> = cbor::decode("reply", &bytes).map_err(|_| BankError::InvalidAnswer)?;
    let call: Signed<Call> = cbor::decode("call", call).map_err(|_| Fault::Store(StoreError::Damaged))?;
    if reply.body.call != call.body.id() {
        return Err(BankError::InvalidAnswer);
    }
    let mut operation = inner.operation()?;
    if let Answer::Enrolled { trust } = &reply.body.answer {
        believe(&mut operation, trust)?;
    }
    operation.with(|core, moment| {
        let operator = core
            .purse
            .trust
            .operator(reply.body.operator)
            .ok_or(BankError::InvalidAnswer)?;
        reply
            .verify(&operator.certifying_key)
            .map_err(|_| BankError::InvalidAnswer)?;
        core.raise_time_floor(reply.body.at);
        clock::compare(core, moment, reply.body.at)?;
        Ok(reply.body.answer)
    })
}

fn refusal(answer: &Answer) -> BankError {
    match answer {
        Answer::Refused(Refusal { code, .. }) => BankError::Refused { code: *code },
        _ => BankError::InvalidAnswer,
    }
}

fn fetch_trust(inner: &Inner, bank: &dyn BankTransport) -> Result<bool, BankError> {
    let bytes = inner.visit(|_| bank.trust())??;
    let bundle = cbor::decode("trust bundle", &bytes).map_err(|_| BankError::InvalidAnswer)?;
    believe(&mut inner.operation()?, &bundle)
}

/// The bank has just handed out its trust bundle, and then signed its time: as of that time there is nothing newer.
/// Written down once a day.
fn trust_is_new(inner: &Inner) -> Result<(), Fault> {
    inner.operation()?.with(|core, moment| {
        let told = core.purse.profile.time_floor;
        if told.day() > core.purse.trust_seen().day() {
            core.commit(vec![Change::TrustSeen(told)], moment)?;
        }
        Ok(())
    })
}

/// Takes over the newer parts of a bundle that lead back to the pinned root. Returns whether there were any.
fn believe(operation: &mut Operation<'_>, bundle: &TrustBundle) -> Result<bool, BankError> {
    operation.with(|core, moment| {
        // Most of the time there is no news, and its signatures were checked when it was.
        if *bundle == core.purse.trust.bundle() {
            return Ok(false);
        }
        let mut trust = core.purse.trust.clone();
        let changed = trust.merge(bundle)?;
        if changed {
            core.commit(vec![Change::Trust(trust.bundle())], moment)
                .map_err(Fault::from)?;
        }
        Ok(changed)
    })
}
