//! Dealing with the operator: an account, certified keys, loads, deposits.
//!
//! An order that moves money is stored before it is sent, and sent again, byte for byte, until it
//! is answered. The bank gives the same answer to the same order, so a crash or a lost answer at any
//! point costs nothing but time.

use protocol::{
    Amount, Body as _, Code, HolderCertificate, Id, Name, Note, Outpoint, Payment, Receipt, Reference,
    Signed, StaticKeyHash, TrustBundle, VerifyingKey, WalletClass,
    bank::{Answer, Call, IdempotencyKey, KeyApplication, Order as BankOrder, Reply},
    cbor,
    message::Refusal,
};
use std::collections::BTreeSet;

use super::{
    Inner, Wallet,
    operation::{Core, Moment, Operation},
    pay::{self, Destination},
};
use crate::{
    error::{BankError, Fault, PayError},
    model::{Change, Element, HolderKey, Load, Order, Piece, Purpose, ReceiptTaken, Usage},
    noise::StaticSecret,
    platform::BankTransport,
    purse::{Rules, sum},
    selection,
    store::StoreError,
    vault::{CheckedJob, KeyVault, SignJob, sign_checked},
};

/// How many fresh keys a sync fills the pool up to.
const POOL: usize = 16;

/// Over how many keys a load is spread: payments that use different ones cannot be linked by them.
const KEYS_PER_LOAD: usize = 8;

/// What a sync did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncReport {
    /// Orders and deposits that were sent before and are answered now.
    pub answered: usize,
    /// Holder keys that were newly certified.
    pub new_keys: usize,
    /// Whether the trust bundle had news.
    pub trust_changed: bool,
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
        match ask(&self.inner, bank, BankOrder::Enrol { class, name })? {
            Answer::Enrolled { .. } => certify(&self.inner, bank).map(drop),
            other => Err(refusal(&other)),
        }
    }

    /// Does everything that contact with the bank allows: fetches the trust bundle, repeats what is unanswered, fills
    /// the key pool. Safe to call at any time and any number of times, from anywhere; payments go on meanwhile.
    ///
    /// # Errors
    /// The first [`BankError`] of any step. One step's failure keeps no other from being tried, and the next call goes
    /// on from there.
    pub fn sync(&self, bank: &dyn BankTransport) -> Result<SyncReport, BankError> {
        let inner = &*self.inner;
        let mut report = SyncReport::default();
        let mut first_error = None;
        let mut note = |error: BankError| {
            first_error.get_or_insert(error);
        };
        match fetch_trust(inner, bank) {
            Ok(changed) => report.trust_changed = changed,
            Err(error) => note(error),
        }
        let orders = inner
            .operation()?
            .with(|core, _| core.store.orders().map_err(Fault::from))?;
        for order in orders {
            match finish_load(inner, bank, &order) {
                Ok(()) => report.answered += 1,
                Err(error) => note(error),
            }
        }
        let deposits = inner
            .operation()?
            .with(|core, _| Ok::<_, Fault>(deposits_in_doubt(core)))?;
        for transfer in deposits {
            match finish_deposit(inner, bank, &transfer) {
                Ok(()) => report.answered += 1,
                Err(error) => note(error),
            }
        }
        match certify(inner, bank) {
            Ok(new_keys) => report.new_keys = new_keys,
            Err(error) => note(error),
        }
        first_error.map_or(Ok(report), Err)
    }

    /// Turns account money into notes on this device.
    ///
    /// # Errors
    /// [`BankError`]. Unless it is `Refused`, the order stands and the next [`Wallet::sync`] repeats it.
    pub fn load(&self, bank: &dyn BankTransport, amount: Amount) -> Result<(), BankError> {
        let order = self.inner.operation()?.with(|core, moment| {
            if amount.is_zero() {
                return Err(BankError::Pay(PayError::Zero));
            }
            let today = moment.now.day();
            let keys: Vec<_> = core
                .purse
                .keys_to_show(today)
                .take(KEYS_PER_LOAD)
                .map(|key| key.public)
                .collect();
            if keys.is_empty() {
                return Err(Fault::NotEnrolled.into());
            }
            let key = IdempotencyKey::from_bytes(moment.draw());
            let call = cbor::encode(&sign_call(core, key, BankOrder::Load { amount, keys }));
            let order = Order { key, call };
            core.commit(vec![Change::Order(order.clone())], moment)
                .map_err(Fault::from)?;
            Ok(order)
        })?;
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
            let transfer = sign_deposit(&self.inner, next)?;
            finish_deposit(&self.inner, bank, &transfer)?;
            deposited = sum([deposited, next].into_iter());
            if amount.is_some() {
                return Ok(deposited);
            }
        }
    }

    /// How much is on the account with the operator.
    ///
    /// # Errors
    /// [`BankError`].
    pub fn account_balance(&self, bank: &dyn BankTransport) -> Result<Amount, BankError> {
        match ask(&self.inner, bank, BankOrder::Account)? {
            Answer::Account { balance } => Ok(balance),
            other => Err(refusal(&other)),
        }
    }
}

/// A call, signed by the account key. Every call begins with the tag `dcep/1/call`.
fn sign_call(core: &Core, idempotency_key: IdempotencyKey, order: BankOrder) -> Signed<Call> {
    let key = core.account_key();
    Signed::sign(
        Call {
            account: key.verifying_key(),
            idempotency_key,
            order,
        },
        &key,
    )
}

/// Asks for something that does not move money, once.
fn ask(inner: &Inner, bank: &dyn BankTransport, order: BankOrder) -> Result<Answer, BankError> {
    let call = inner.operation()?.with(|core, moment| {
        let key = IdempotencyKey::from_bytes(moment.draw());
        Ok::<_, Fault>(cbor::encode(&sign_call(core, key, order)))
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
    operation.with(|core, _| {
        let operator = core
            .purse
            .trust
            .operator(reply.body.operator)
            .ok_or(BankError::InvalidAnswer)?;
        reply
            .verify(&operator.certifying_key)
            .map_err(|_| BankError::InvalidAnswer)?;
        core.raise_time_floor(reply.body.at);
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

/// Takes over the newer parts of a bundle that lead back to the pinned root. Returns whether there were any.
fn believe(operation: &mut Operation<'_>, bundle: &TrustBundle) -> Result<bool, BankError> {
    operation.with(|core, moment| {
        let mut trust = core.purse.trust.clone();
        let changed = trust.merge(bundle)?;
        if changed {
            core.commit(vec![Change::Trust(trust.bundle())], moment)
                .map_err(Fault::from)?;
        }
        Ok(changed)
    })
}

/// Fills the key pool. Keys that were made and not certified are forgotten: they never held anything.
fn certify(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let mut operation = inner.operation()?;
    let (missing, algorithm, account) = operation.with(|core, moment| {
        let missing = POOL.saturating_sub(core.purse.fresh_keys(moment.now.day()));
        Ok::<_, Fault>((
            missing,
            core.purse.profile.algorithm,
            core.account_key().verifying_key(),
        ))
    })?;
    if missing == 0 {
        return Ok(0);
    }
    let mut keys = Vec::new();
    for _ in 0..missing {
        let made = operation
            .outside(|platform| platform.vault.create_key(algorithm))
            .map_err(Fault::from)?;
        keys.push(HolderKey {
            public: made.public,
            handle: made.handle,
            assurance: made.assurance,
            static_secret: operation.moment.draw(),
            usage: Usage::Fresh,
            certificate: None,
        });
    }
    let applications: Vec<_> = keys
        .iter()
        .map(|key| KeyApplication {
            account,
            holder_key: key.public,
            static_key: StaticKeyHash::of(&StaticSecret::from_bytes(key.static_secret).public()),
            assurance: key.assurance,
        })
        .collect();
    let signed =
        operation.outside(|platform| sign_applications(&*platform.vault, &keys, applications.clone()))?;
    drop(operation);
    let answer = ask(inner, bank, BankOrder::Certify { keys: signed })?;
    let Answer::Certified { certificates } = answer else {
        return Err(refusal(&answer));
    };
    inner.operation()?.with(|core, moment| {
        if certificates.len() != keys.len() {
            return Err(BankError::InvalidAnswer);
        }
        let mut changes = Vec::new();
        for ((mut key, application), certificate) in keys.into_iter().zip(&applications).zip(certificates) {
            check_certificate(core, moment, application, &certificate)?;
            key.certificate = Some(certificate);
            changes.push(Change::Key(key));
        }
        let count = changes.len();
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(count)
    })
}

fn sign_applications(
    vault: &dyn KeyVault,
    keys: &[HolderKey],
    applications: Vec<KeyApplication>,
) -> Result<Vec<Signed<KeyApplication>>, Fault> {
    let job = |(key, application): (&HolderKey, &KeyApplication)| CheckedJob {
        public: key.public,
        job: SignJob {
            key: key.handle.clone(),
            message: application.message(),
        },
    };
    let signatures = sign_checked(vault, keys.iter().zip(&applications).map(job).collect())?;
    Ok(applications
        .into_iter()
        .zip(signatures)
        .map(|(body, signature)| Signed { body, signature })
        .collect())
}

fn check_certificate(
    core: &Core,
    moment: &Moment,
    application: &KeyApplication,
    certificate: &Signed<HolderCertificate>,
) -> Result<(), BankError> {
    let body = core
        .purse
        .trust
        .check(certificate, moment.now.day())
        .map_err(|_| BankError::InvalidAnswer)?;
    let same = body.holder_key == application.holder_key && body.static_key == application.static_key;
    if same {
        Ok(())
    } else {
        Err(BankError::InvalidAnswer)
    }
}

/// Sends a load order, for the first time or again, and stores the notes that answer it.
fn finish_load(inner: &Inner, bank: &dyn BankTransport, order: &Order) -> Result<(), BankError> {
    let answer = send(inner, bank, &order.call)?;
    inner.operation()?.with(|core, moment| {
        if !core
            .store
            .orders()
            .map_err(Fault::from)?
            .iter()
            .any(|open| open.key == order.key)
        {
            // Another sync was quicker.
            return Ok(());
        }
        let call: Signed<Call> =
            cbor::decode("call", &order.call).map_err(|_| Fault::Store(StoreError::Damaged))?;
        let BankOrder::Load { amount, keys } = call.body.order else {
            return Err(Fault::Store(StoreError::Damaged).into());
        };
        match answer {
            Answer::Loaded { notes } => {
                let mut changes = vec![
                    Change::OrderDone(order.key),
                    Change::Load(Load {
                        key: order.key,
                        amount,
                        loaded_at: moment.now,
                    }),
                ];
                changes.extend(accept_notes(core, amount, &keys, notes)?);
                Ok(core.commit(changes, moment).map_err(Fault::from)?)
            }
            Answer::Refused(Refusal { code, .. }) if code != Code::BankFailed => {
                // The bank has done nothing, and signs for it; the order is over.
                core.commit(vec![Change::OrderDone(order.key)], moment)
                    .map_err(Fault::from)?;
                Err(BankError::Refused { code })
            }
            // A bank that failed does not know what it has done: the order stands.
            other => Err(refusal(&other)),
        }
    })
}

/// Notes are taken only if they are the issuer's, to the keys that were named, of exactly the ordered sum, and new.
fn accept_notes(
    core: &Core,
    amount: Amount,
    keys: &[VerifyingKey],
    notes: Vec<Signed<Note>>,
) -> Result<Vec<Change>, BankError> {
    let mut seen = BTreeSet::new();
    let mut changes = Vec::new();
    if Amount::checked_sum(notes.iter().map(|note| note.body.amount)) != Some(amount) {
        return Err(BankError::InvalidAnswer);
    }
    for note in notes {
        let series = core
            .purse
            .trust
            .series(note.body.series)
            .ok_or(BankError::InvalidAnswer)?;
        note.verify(&series.note_key)
            .map_err(|_| BankError::InvalidAnswer)?;
        let id = note.body.id();
        let known = core.store.element(&id).map_err(Fault::from)?.is_some();
        if known || !seen.insert(id) || !keys.contains(&note.body.holder_key) {
            return Err(BankError::InvalidAnswer);
        }
        changes.push(Change::Gained(Piece {
            outpoint: Outpoint {
                origin: id,
                output: 0,
            },
            amount: note.body.amount,
            owner: note.body.holder_key,
            hops: 0,
            issued: note.body.issued,
            spend_until: series.spend_until,
            chain_bytes: u32::try_from(cbor::encode(&note).len()).unwrap_or(u32::MAX),
            unsettled: false,
        }));
        changes.push(Change::Element(Element::Note(note)));
    }
    // A key that notes were issued to is known to the issuer: it is used.
    for key in keys
        .iter()
        .filter_map(|key| core.purse.key(key))
        .filter(|key| key.usage == Usage::Fresh)
    {
        let mut key = key.clone();
        key.usage = Usage::Used;
        changes.push(Change::Key(key));
    }
    Ok(changes)
}

/// Signs a transfer to the operator's settlement key, and the call that brings it there.
fn sign_deposit(inner: &Inner, amount: Amount) -> Result<Id, BankError> {
    let mut operation = inner.operation()?;
    let (destination, key) = operation.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(PayError::Zero));
        }
        let operator = core
            .purse
            .grant()
            .and_then(|grant| core.purse.trust.operator(grant.operator));
        let payee = operator.ok_or(Fault::NotEnrolled)?.settlement_key;
        let key = IdempotencyKey::from_bytes(moment.draw());
        let reference = Reference::to_deposit(&core.account_key().verifying_key(), key.as_bytes());
        Ok((
            Destination {
                payee,
                reference,
                amount,
                rules: Rules::at_bank(moment.now.day()),
            },
            key,
        ))
    })?;
    Ok(pay::sign_and_commit(
        &mut operation,
        &destination,
        |core, payment: &Payment, _| {
            let bytes = payment.encode();
            let fits = bytes.len() <= Payment::MAX_BYTES;
            let call = sign_call(core, key, BankOrder::Deposit { payment: bytes });
            fits.then(|| (Purpose::Deposit(key), cbor::encode(&call)))
        },
    )?)
}

fn deposits_in_doubt(core: &Core) -> Vec<Id> {
    let in_doubt = core.purse.in_doubt().iter();
    let deposits = in_doubt.filter(|(_, doubt)| doubt.request.is_none() && !doubt.frozen);
    deposits.map(|(transfer, _)| *transfer).collect()
}

/// Sends a deposit, for the first time or again, and stores the operator's receipt.
fn finish_deposit(inner: &Inner, bank: &dyn BankTransport, transfer: &Id) -> Result<(), BankError> {
    let released = pay::release(&mut inner.operation()?, transfer)?;
    let call = released.ok_or(Fault::Store(StoreError::Damaged))?.into_bytes();
    let answer = send(inner, bank, &call)?;
    let Answer::Deposited { receipt } = answer else {
        // A refusal does not end the doubt: the transfer is signed, and stays so.
        return Err(refusal(&answer));
    };
    inner.operation()?.with(|core, moment| {
        let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
        let mut outgoing = outgoing.ok_or(Fault::Store(StoreError::Damaged))?;
        let Receipt {
            transfer: receipted,
            taken_at,
        } = receipt.body;
        let payee = settlement_key_of(core, transfer)?;
        if receipted != *transfer || receipt.verify(&payee).is_err() {
            return Err(BankError::InvalidAnswer);
        }
        outgoing.receipt = Some(ReceiptTaken {
            taken_at,
            signature: receipt.signature,
        });
        Ok(core
            .commit(vec![Change::Outgoing(outgoing)], moment)
            .map_err(Fault::from)?)
    })
}

/// Whom the deposit was signed to: the receipt must be theirs, whatever the operator's key is today.
fn settlement_key_of(core: &Core, transfer: &Id) -> Result<VerifyingKey, BankError> {
    let element = core.store.element(transfer).map_err(Fault::from)?;
    match element {
        Some(Element::Transfer(signed)) => signed.transfer.outputs.first().map(|output| output.holder_key),
        _ => None,
    }
    .ok_or(BankError::Fault(Fault::Store(StoreError::Damaged)))
}
