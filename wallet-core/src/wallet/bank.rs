//! Dealing with the operator: an account, certified keys, loads, deposits.
//!
//! An order that moves money is stored before it is sent, and sent again, byte for byte, until it
//! is answered. The bank gives the same answer to the same order, so a crash or a lost answer at any
//! point costs nothing but time.

use protocol::{
    Algorithm, Amount, Body as _, HolderCertificate, Id, Name, Note, Outpoint, Payment, Receipt, Reference,
    Signed, StaticKeyHash, TrustBundle, WalletClass,
    bank::{Answer, Call, IdempotencyKey, KeyApplication, Order as BankOrder},
    cbor,
    message::Refusal,
};
use std::collections::BTreeSet;

use super::{
    Wallet,
    operation::{Core, Moment, Operation},
    pay::{self, Committed, Destination},
};
use crate::{
    error::{BankError, Fault},
    model::{Change, Element, HolderKey, Load, Order, Piece, Purpose, ReceiptTaken, Usage},
    noise::StaticSecret,
    platform::BankTransport,
    purse::sum,
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
        let mut operation = self.inner.operation().map_err(BankError::from)?;
        let answer = ask(&mut operation, bank, BankOrder::Enrol { class, name })?;
        let Answer::Enrolled { trust } = answer else {
            return Err(refusal(&answer));
        };
        believe(&mut operation, &trust)?;
        operation.with(|core, moment| {
            let mut profile = core.purse.profile.clone();
            profile.class = Some(class);
            core.commit(vec![Change::Profile(profile)], moment)
                .map_err(Fault::from)
        })?;
        certify(&mut operation, bank).map(drop)
    }

    /// Does everything that contact with the bank allows: repeats what is unanswered, fetches the trust bundle, fills
    /// the key pool. Safe to call at any time and any number of times.
    ///
    /// # Errors
    /// [`BankError`] of the first step that failed; the next call goes on from there.
    pub fn sync(&self, bank: &dyn BankTransport) -> Result<SyncReport, BankError> {
        let mut operation = self.inner.operation().map_err(BankError::from)?;
        let bytes = operation.outside(|_| bank.trust())?;
        let bundle = cbor::decode("trust bundle", &bytes).map_err(|_| BankError::InvalidAnswer)?;
        let trust_changed = believe(&mut operation, &bundle)?;
        let mut answered = 0;
        for order in operation.with(|core, _| core.store.orders().map_err(Fault::from))? {
            finish_load(&mut operation, bank, &order)?;
            answered += 1;
        }
        for transfer in operation.with(|core, _| Ok::<_, Fault>(deposits_in_doubt(core)))? {
            finish_deposit(&mut operation, bank, &transfer)?;
            answered += 1;
        }
        let new_keys = certify(&mut operation, bank)?;
        Ok(SyncReport {
            answered,
            new_keys,
            trust_changed,
        })
    }

    /// Turns account money into notes on this device.
    ///
    /// # Errors
    /// [`BankError`]. Unless it is `Refused`, the order stands and the next [`Wallet::sync`] repeats it.
    pub fn load(&self, bank: &dyn BankTransport, amount: Amount) -> Result<(), BankError> {
        let mut operation = self.inner.operation().map_err(BankError::from)?;
        let order = operation.with(|core, moment| {
            if amount.is_zero() {
                return Err(BankError::Pay(crate::error::PayError::Zero));
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
        finish_load(&mut operation, bank, &order)
    }

    /// Turns value on this device into account money: `amount`, or everything. Returns how much was credited.
    ///
    /// # Errors
    /// [`BankError`]. What was signed stays in doubt until the bank has answered, here or in the next [`Wallet::sync`].
    pub fn deposit(&self, bank: &dyn BankTransport, amount: Option<Amount>) -> Result<Amount, BankError> {
        let mut operation = self.inner.operation().map_err(BankError::from)?;
        let mut deposited = Amount::ZERO;
        loop {
            let next = match amount {
                Some(amount) => amount,
                // As many pieces as one transfer carries, until none is left.
                None => operation.with(|core, moment| {
                    Ok::<_, Fault>(selection::largest(
                        &core.purse,
                        &core.purse.rules(moment.now.day()),
                    ))
                })?,
            };
            if next.is_zero() && !deposited.is_zero() {
                return Ok(deposited);
            }
            let transfer = sign_deposit(&mut operation, next)?;
            finish_deposit(&mut operation, bank, &transfer)?;
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
        let mut operation = self.inner.operation().map_err(BankError::from)?;
        match ask(&mut operation, bank, BankOrder::Account)? {
            Answer::Account { balance, .. } => Ok(balance),
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
fn ask(
    operation: &mut Operation<'_>,
    bank: &dyn BankTransport,
    order: BankOrder,
) -> Result<Answer, BankError> {
    let call = operation.with(|core, moment| {
        let key = IdempotencyKey::from_bytes(moment.draw());
        Ok::<_, Fault>(cbor::encode(&sign_call(core, key, order)))
    })?;
    send(operation, bank, &call)
}

fn send(operation: &mut Operation<'_>, bank: &dyn BankTransport, call: &[u8]) -> Result<Answer, BankError> {
    let bytes = operation.outside(|_| bank.call(call))?;
    cbor::decode("answer", &bytes).map_err(|_| BankError::InvalidAnswer)
}

fn refusal(answer: &Answer) -> BankError {
    match answer {
        Answer::Refused(Refusal { code, .. }) => BankError::Refused { code: *code },
        _ => BankError::InvalidAnswer,
    }
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
fn certify(operation: &mut Operation<'_>, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let (missing, algorithm, account) = operation.with(|core, moment| {
        let missing = POOL.saturating_sub(core.purse.fresh_keys(moment.now.day()));
        let algorithm = if core.purse.profile.algorithm == 2 {
            Algorithm::P256
        } else {
            Algorithm::Ed25519
        };
        Ok::<_, Fault>((missing, algorithm, core.account_key().verifying_key()))
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
    let answer = ask(operation, bank, BankOrder::Certify { keys: signed })?;
    let Answer::Certified { certificates } = answer else {
        return Err(refusal(&answer));
    };
    operation.with(|core, moment| {
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
fn finish_load(
    operation: &mut Operation<'_>,
    bank: &dyn BankTransport,
    order: &Order,
) -> Result<(), BankError> {
    let answer = send(operation, bank, &order.call)?;
    operation.with(|core, moment| {
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
            Answer::Refused(Refusal { code, .. }) => {
                // The bank has done nothing, and says so; the order is over.
                core.commit(vec![Change::OrderDone(order.key)], moment)
                    .map_err(Fault::from)?;
                Err(BankError::Refused { code })
            }
            _ => Err(BankError::InvalidAnswer),
        }
    })
}

/// Notes are taken only if they are the issuer's, to the keys that were named, of exactly the ordered sum, and new.
fn accept_notes(
    core: &Core,
    amount: Amount,
    keys: &[protocol::VerifyingKey],
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
fn sign_deposit(operation: &mut Operation<'_>, amount: Amount) -> Result<Id, BankError> {
    let (destination, key) = operation.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(crate::error::PayError::Zero));
        }
        let operator = core
            .purse
            .keys()
            .find_map(|key| Some(key.certificate.as_ref()?.body.grant.operator));
        let operator = operator
            .and_then(|id| core.purse.trust.operator(id))
            .ok_or(Fault::NotEnrolled)?;
        let key = IdempotencyKey::from_bytes(moment.draw());
        let account = core.account_key().verifying_key();
        let reference = Reference::to_deposit(&account, key.as_bytes());
        Ok((
            Destination {
                payee: operator.settlement_key,
                reference,
                amount,
            },
            key,
        ))
    })?;
    Ok(pay::sign_and_commit(
        operation,
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
    in_doubt
        .filter(|(_, doubt)| doubt.request.is_none())
        .map(|(transfer, _)| *transfer)
        .collect()
}

/// Sends a deposit, for the first time or again, and stores the operator's receipt.
fn finish_deposit(
    operation: &mut Operation<'_>,
    bank: &dyn BankTransport,
    transfer: &Id,
) -> Result<(), BankError> {
    let Committed { bytes, .. } =
        pay::release(operation, transfer)?.ok_or(Fault::Store(StoreError::Damaged))?;
    let answer = send(operation, bank, &bytes)?;
    let Answer::Deposited { receipt } = answer else {
        // A refusal does not end the doubt: the transfer is signed, and stays so.
        return Err(refusal(&answer));
    };
    operation.with(|core, moment| {
        let mut outgoing = core
            .store
            .outgoing(transfer)
            .map_err(Fault::from)?
            .ok_or(Fault::Store(StoreError::Damaged))?;
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
fn settlement_key_of(core: &Core, transfer: &Id) -> Result<protocol::VerifyingKey, BankError> {
    let element = core.store.element(transfer).map_err(Fault::from)?;
    match element {
        Some(Element::Transfer(signed)) => signed.transfer.outputs.first().map(|output| output.holder_key),
        _ => None,
    }
    .ok_or(BankError::Fault(Fault::Store(StoreError::Damaged)))
}
