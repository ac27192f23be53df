//! Paying: choose, sign, commit, advance the guard, and only then let the committed bytes out.
//!
//! [`Committed`] carries that order in the types: bytes leave only out of one, and the only function that makes one is
//! [`release`], which reads them from the committed row after the guard knows of it.

use protocol::{
    Amount, Body as _, Id, Outpoint, Output, Payment, Reference, Request, Signature, SignedTransfer,
    Transfer, VerifyingKey, cbor,
    message::{PayerMessage, ShortReceipt},
};

use super::{
    chain::{self, Chain},
    consent::Consent,
    freshness,
    keys::sign,
    operation::{Core, Moment, Operation},
    refund,
};
use crate::{
    balance::Balance,
    error::{Fault, PayError},
    event::{Event, EventKind},
    limits::{self, Left, Lift, Limit},
    model::{Change, Element, Outgoing, Piece, Purpose, Usage},
    purse::Purse,
    rules::{MAX_OFFLINE_BYTES, Rules},
    selection::{self, Impossible},
    spending::Decision,
    store::StoreError,
    vault::{CheckedJob, SignJob},
};

/// Bytes that may leave: they are on the disk, and the guard knows.
pub(crate) struct Committed {
    transfer: Id,
    form: Form,
    bytes: Vec<u8>,
}

/// What the committed bytes are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A payment for its payee, or a call for the bank.
    Payment,
    Return,
    Refund,
}

impl Committed {
    pub(crate) const fn transfer(&self) -> Id {
        self.transfer
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What the payer says to bring it to its payee.
    pub(crate) fn into_message(self) -> Result<PayerMessage, Fault> {
        match self.form {
            Form::Payment => Ok(PayerMessage::Payment(self.bytes)),
            Form::Return => self.into_return().map(PayerMessage::Return),
            Form::Refund => cbor::decode("refund", &self.bytes)
                .map(PayerMessage::Refund)
                .map_err(|_| Fault::Store(StoreError::Damaged)),
        }
    }

    /// The receipt with which a return leaves.
    pub(crate) fn into_return(self) -> Result<ShortReceipt, Fault> {
        cbor::decode("short receipt", &self.bytes).map_err(|_| Fault::Store(StoreError::Damaged))
    }
}

/// To whom a transfer goes, what it answers, and how its bytes are made for them.
pub(super) struct Destination {
    pub(super) payee: VerifyingKey,
    pub(super) reference: Reference,
    pub(super) amount: Amount,
    /// What pieces it may be paid with.
    pub(super) rules: Rules,
    /// The very pieces, if that is not left to the selection. Together they are enough. If one of them is gone when it is to
    /// be signed away, because its key was just found destroyed, say, the selection finds others.
    pub(super) pieces: Option<Vec<Piece>>,
    /// Under whose decision it counts as spending. `None`: under no limit, because it goes to the bank or comes back to
    /// where it was.
    pub(super) spends: Option<Decision>,
}

/// What a payee asks: a request, and the most that it may still take.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) at_most: Option<Amount>,
}

/// The payment that answers this very request, if this wallet has signed one. Its name alone is not enough: whoever saw that
/// can put it on a request of their own.
pub(crate) fn payment_of(core: &Core, request: &Request) -> Result<Option<Id>, Fault> {
    let Some(transfer) = core.store.answer_to(&request.id)? else {
        return Ok(None);
    };
    let row = core.store.outgoing(&transfer)?.ok_or(StoreError::Damaged)?;
    Ok(matches!(row.purpose, Purpose::Payment(answered) if answered == *request).then_some(transfer))
}

/// Pays a request that was not paid before.
pub(crate) fn pay(
    operation: &mut Operation<'_>,
    asked: &Asked,
    consent: Consent,
) -> Result<Committed, PayError> {
    let destination = operation.with(|core, moment| check_request(core, moment, asked, consent))?;
    let request = &asked.request;
    let transfer = sign_and_commit(operation, &destination, |_, payment, _| {
        let bytes = payment
            .encode_answer(request)
            .filter(|bytes| bytes.len() <= MAX_OFFLINE_BYTES)?;
        Some((Purpose::Payment(request.clone()), bytes))
    })?;
    release(operation, &transfer)?.ok_or(PayError::Fault(Fault::Store(StoreError::Damaged)))
}

/// The committed bytes of a transfer, once the guard knows of it; `None` if this wallet never signed it.
pub(crate) fn release(operation: &mut Operation<'_>, transfer: &Id) -> Result<Option<Committed>, Fault> {
    operation.advance_guard()?;
    match operation.with(|core, _| core.store.outgoing(transfer).map_err(Fault::from))? {
        Some(outgoing) if outgoing.frozen => Err(Fault::RolledBack),
        row => Ok(row.map(|outgoing| Committed {
            transfer: outgoing.transfer,
            form: match outgoing.purpose {
                Purpose::Payment(_) | Purpose::Deposit(_) | Purpose::Refresh(_) => Form::Payment,
                Purpose::Return { .. } => Form::Return,
                Purpose::Refund { .. } => Form::Refund,
            },
            bytes: outgoing.bytes,
        })),
    }
}

/// Everything a payer checks before it chooses: the payee, the consent, the limits of both.
fn check_request(
    core: &Core,
    moment: &Moment,
    asked: &Asked,
    consent: Consent,
) -> Result<Destination, PayError> {
    if let Some(age_days) = freshness::too_old(core, moment.now) {
        return Err(PayError::TrustTooOld { age_days });
    }
    let request = &asked.request;
    let payee = core.purse.trust.check(&request.payee, moment.now.day())?;
    if core.purse.key(&payee.holder_key).is_some() {
        return Err(PayError::OwnRequest);
    }
    if core.store.answer_to(&request.id).map_err(Fault::from)?.is_some() {
        return Err(PayError::RequestForged);
    }
    let own = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    let free = limits::without_confirmation(own, core.purse.spending());
    let (amount, decision) = consent.amount(request, free)?;
    if amount.is_zero() {
        return Err(PayError::Zero);
    }
    let grant = &payee.grant;
    let theirs = core
        .purse
        .trust
        .limits(grant.operator, grant.class)
        .ok_or(PayError::UnknownPolicy)?;
    let room = asked.at_most.unwrap_or(Amount::MAX);
    let tightest = [
        limits::tightest(own, core.purse.spending(), moment.now.day()),
        Left::always(Limit::PerPayment, theirs.per_payment, Lift::SmallerAmount),
        Left::of(
            Limit::PayeeBalance,
            theirs.balance,
            theirs.balance.saturating_sub(room),
            Lift::PayeeSpending,
        ),
    ]
    .into_iter()
    .min_by_key(|left| left.left);
    if let Some(tightest) = tightest.filter(|tightest| amount > tightest.left) {
        return Err(tightest.exceeded(amount));
    }
    let demanded = request.terms.assurance;
    if let Some(demanded) = demanded.filter(|demanded| !core.purse.reaches(*demanded, moment.now.day())) {
        return Err(PayError::AssuranceTooLow { demanded });
    }
    let rules = Rules::offline(moment.now.day(), Some(own))
        .and(Some(theirs))
        .with_assurance(demanded);
    Ok(Destination {
        payee: payee.holder_key,
        reference: request.reference(),
        amount,
        rules,
        pieces: None,
        spends: Some(decision),
    })
}

/// What was chosen, before it is signed.
struct Plan {
    pieces: Vec<Piece>,
    /// Owners of the pieces, in the order of signatures.
    signers: Vec<VerifyingKey>,
    chain: Chain,
    transfer: Transfer,
}

/// The heart of paying. `bytes` makes what will leave out of the finished payment; `None` if that would be too large.
pub(super) fn sign_and_commit(
    operation: &mut Operation<'_>,
    destination: &Destination,
    bytes: impl FnOnce(&Core, &Payment, &mut Moment) -> Option<(Purpose, Vec<u8>)>,
) -> Result<Id, PayError> {
    loop {
        let (plan, jobs) = operation.with(|core, _| {
            let plan = plan(core, destination)?;
            let jobs = jobs(core, &plan)?;
            Ok::<_, PayError>((plan, jobs))
        })?;
        // One call for all signatures. If it fails, or anything after it before the commit, they are dropped.
        if let Some(signatures) = sign(operation, jobs)? {
            return operation.with(|core, moment| commit(core, moment, plan, signatures, destination, bytes));
        }
        // Each time around there is a key less to plan with.
    }
}

fn plan(core: &Core, destination: &Destination) -> Result<Plan, PayError> {
    let Destination {
        payee,
        reference,
        amount,
        rules,
        pieces: given,
        ..
    } = destination;
    let (payee, reference, amount) = (*payee, *reference, *amount);
    let purse = &core.purse;
    let still_there = |piece: &Piece| purse.holds(&piece.outpoint) && purse.check(piece, rules).is_ok();
    let pieces: Vec<Piece> = match given {
        Some(given) if given.iter().all(still_there) => given.clone(),
        _ => match selection::select(purse, amount, rules) {
            Ok(pieces) => pieces.into_iter().cloned().collect(),
            Err(impossible) => return Err(explain(impossible, amount, purse, rules)),
        },
    };
    let mut signers: Vec<VerifyingKey> = Vec::new();
    for piece in &pieces {
        // A row of a piece that was put back after it was spent is damage, and must not become a fork.
        if core
            .store
            .consumer(&piece.outpoint)
            .map_err(Fault::from)?
            .is_some()
        {
            return Err(Fault::Store(StoreError::Damaged).into());
        }
        if !signers.contains(&piece.owner) {
            signers.push(piece.owner);
        }
    }
    let change = crate::purse::sum(pieces.iter().map(|piece| piece.amount)).saturating_sub(amount);
    let mut outputs = vec![Output {
        holder_key: payee,
        amount,
    }];
    if let (false, Some(owner)) = (change.is_zero(), signers.first()) {
        // Change shares its ancestor with what it is changed from, so a key of its own would hide nothing more.
        outputs.push(Output {
            holder_key: *owner,
            amount: change,
        });
    }
    let inputs: Vec<Outpoint> = pieces.iter().map(|piece| piece.outpoint).collect();
    let chain = chain::gather(&core.store, &inputs).map_err(Fault::from)?;
    Ok(Plan {
        pieces,
        signers,
        chain,
        transfer: Transfer {
            inputs,
            outputs,
            reference,
        },
    })
}

fn explain(impossible: Impossible, asked: Amount, purse: &Purse, rules: &Rules) -> PayError {
    // What is missing may only be kept too badly for this payee.
    if let Some(demanded) = rules.assurance()
        && selection::select(purse, asked, &rules.with_assurance(None)).err() != Some(impossible)
    {
        return PayError::AssuranceTooLow { demanded };
    }
    match impossible {
        Impossible::NotEnough => {
            let balance = Balance::of(purse, rules);
            PayError::NotEnough {
                asked,
                spendable: balance.spendable,
                in_doubt: balance.in_doubt,
                only_at_bank: balance.only_at_bank,
            }
        }
        Impossible::TooFragmented => PayError::TooFragmented {
            asked,
            largest: selection::largest(purse, rules),
        },
    }
}

fn jobs(core: &Core, plan: &Plan) -> Result<Vec<CheckedJob>, PayError> {
    let message = plan.transfer.message();
    let job = |public: &VerifyingKey| {
        let handle = core.purse.key(public)?.handle.clone();
        Some(CheckedJob {
            public: *public,
            job: SignJob {
                key: handle,
                message: message.clone(),
            },
        })
    };
    plan.signers
        .iter()
        .map(job)
        .collect::<Option<_>>()
        .ok_or(PayError::Fault(Fault::Store(StoreError::Damaged)))
}

fn commit(
    core: &mut Core,
    moment: &mut Moment,
    plan: Plan,
    signatures: Vec<Signature>,
    destination: &Destination,
    bytes: impl FnOnce(&Core, &Payment, &mut Moment) -> Option<(Purpose, Vec<u8>)>,
) -> Result<Id, PayError> {
    let damaged = PayError::Fault(Fault::Store(StoreError::Damaged));
    let Plan {
        pieces,
        signers,
        chain: Chain { notes, mut transfers },
        transfer,
    } = plan;
    let signed = SignedTransfer { transfer, signatures };
    transfers.push(signed.clone());
    let certificates: Option<Vec<_>> = signers
        .iter()
        .map(|key| core.purse.key(key)?.certificate.clone())
        .collect();
    let certificates = certificates.ok_or(damaged)?;
    // Selection plans well inside the limits of a payment; what still does not fit is too much for one.
    let made = Payment::new(notes, transfers, certificates)
        .ok()
        .and_then(|payment| {
            let (purpose, bytes) = bytes(core, &payment, moment)?;
            Some((payment, purpose, bytes))
        });
    let Some((payment, purpose, bytes)) = made else {
        let largest = selection::largest(&core.purse, &destination.rules);
        return Err(PayError::TooFragmented {
            asked: destination.amount,
            largest,
        });
    };

    let id = payment.id();
    let mut changes = Vec::new();
    if let Purpose::Payment(request) = &purpose {
        changes.push(Change::Event(Event::new(
            moment.now,
            EventKind::InDoubt {
                transfer: id,
                amount: destination.amount,
                payee: request.payee_name(),
            },
        )));
    }
    if let Purpose::Refund { paid, .. } = &purpose {
        let refunds = refund::and_another(core, paid, id, destination.amount);
        changes.push(Change::Refunds(refunds.map_err(Fault::from)?));
    }
    changes.push(Change::Outgoing(Outgoing::signed(
        id,
        purpose,
        destination.amount,
        moment.now,
        bytes,
        core.next_commit(),
    )));
    changes.push(Change::Element(Element::Transfer(signed.clone())));
    for piece in &pieces {
        changes.push(Change::Spent(piece.outpoint));
        changes.push(Change::Consumed(piece.outpoint, id));
    }
    changes.extend(change_piece(&signed.transfer, id, &pieces).map(Change::Gained));
    for key in signers
        .iter()
        .filter_map(|key| core.purse.key(key))
        .filter(|key| matches!(key.usage, Usage::Fresh | Usage::Used))
    {
        let mut key = key.clone();
        key.usage = Usage::Shown;
        changes.push(Change::Key(key));
    }
    // What is signed counts, in doubt or not: it is in the very commit that signs it.
    changes.extend(destination.spends.map(|decision| {
        let (today, floor) = (moment.now.day(), core.purse.profile.time_floor.day());
        let spending = core.purse.spending();
        Change::Spending(spending.with(destination.amount, decision, today, floor, core.next_commit()))
    }));
    core.commit(changes, moment).map_err(Fault::from)?;
    core.guard_is_behind = true;
    Ok(id)
}

/// The second output, if there is one: this wallet's change.
fn change_piece(transfer: &Transfer, id: Id, consumed: &[Piece]) -> Option<Piece> {
    let output = transfer.outputs.get(1)?;
    Some(Piece {
        outpoint: Outpoint {
            origin: id,
            output: 1,
        },
        amount: output.amount,
        owner: output.holder_key,
        hops: consumed.iter().map(|piece| piece.hops).max()?.saturating_add(1),
        issued: consumed.iter().map(|piece| piece.issued).min()?,
        spend_until: consumed.iter().map(|piece| piece.spend_until).min()?,
        // Outputs and reference; and for every input a distance, and perhaps a signature.
        chain_bytes: consumed.iter().fold(110, |bytes: u32, piece| {
            bytes.saturating_add(piece.chain_bytes).saturating_add(70)
        }),
        unsettled: consumed.iter().any(|piece| piece.unsettled),
        contested: consumed.iter().any(|piece| piece.contested),
    })
}
