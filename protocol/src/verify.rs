//! Verifying a payment: what a payee checks before it takes anything.
//!
//! Pure functions. Time, trust and the memory of what was seen are arguments; the answer is a
//! [`Verified`] payment, which cannot be made in any other way, or a [`VerifyError`].

use std::collections::BTreeMap;

use crate::{
    amount::Amount,
    certificate::HolderCertificate,
    id::Id,
    key::VerifyingKey,
    note::SeriesId,
    payment::Payment,
    policy::Limits,
    request::Request,
    signed::{Body, message},
    time::{Day, Timestamp},
    transfer::{Outpoint, Reference, Transfer},
    trust::{CertificateError, Trust},
};

/// Which transfer consumed an outpoint, of everything ever seen. Only a *different* transfer is a conflict: the same
/// history may well arrive twice, when Alice pays Bob twice from one note's change or Bob pays Alice back.
pub type Consumed = BTreeMap<Outpoint, Id>;

/// What the payee expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Its own key, which the final transfer must pay.
    pub payee: VerifyingKey,
    /// What the final transfer must answer.
    pub reference: Reference,
    /// The asked amount; `None` accepts any within the limits.
    pub amount: Option<Amount>,
}

impl From<&Request> for Expected {
    fn from(request: &Request) -> Self {
        Self {
            payee: request.payee.body.holder_key,
            reference: request.reference(),
            amount: request.amount,
        }
    }
}

/// What a payment is held against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Now; the caller sees to it that this never runs backwards.
    pub now: Timestamp,
    /// Whom to believe.
    pub trust: &'a Trust,
    /// What was seen before; at least the outpoints of [`Payment::consumptions`] must have been looked up.
    pub consumed: &'a Consumed,
    /// The limits of the payee's own wallet. Those of the payer's are found through its certificate.
    pub limits: &'a Limits,
}

/// A payment that was verified, and the outpoint it gives the payee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    payment: Payment,
    outpoint: Outpoint,
    amount: Amount,
}

impl Verified {
    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &Payment {
        &self.payment
    }

    /// What the payee now owns.
    #[must_use]
    pub const fn outpoint(&self) -> Outpoint {
        self.outpoint
    }

    /// How much that is.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }
}

/// Why a payment must not be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VerifyError {
    /// The series is not in the trust bundle.
    #[error("a note comes from an unknown {series}")]
    UnknownSeries {
        /// The series it names.
        series: SeriesId,
    },
    /// Too late to be paid on offline; the bank still takes it.
    #[error("a note of {series} could be paid on until {spend_until}, and it is {today}")]
    SeriesExpired {
        /// The series.
        series: SeriesId,
        /// Its last day.
        spend_until: Day,
        /// The day it was offered.
        today: Day,
    },
    /// The series key did not sign the note.
    #[error("the issuer did not sign a note of {series}")]
    NoteForged {
        /// The series it names.
        series: SeriesId,
    },
    /// An owner of its inputs did not sign a transfer.
    #[error("an owner of its inputs did not sign transfer {transfer}")]
    TransferForged {
        /// The transfer.
        transfer: Id,
    },
    /// The first output goes to somebody else, or more than one goes to the payee.
    #[error("the payment goes to another payee")]
    WrongPayee,
    /// It answers something else.
    #[error("the payment answers another request")]
    WrongRequest,
    /// Not what was asked.
    #[error("asked for {asked}, offered {offered}")]
    WrongAmount {
        /// What was asked.
        asked: Amount,
        /// What the payment would give.
        offered: Amount,
    },
    /// Too long a history.
    #[error("the payment has {hops} hops, {limit} are permitted")]
    TooManyHops {
        /// Transfers on the longest path.
        hops: u32,
        /// The policy's limit.
        limit: u32,
    },
    /// Too old a history.
    #[error("the payment goes back {age_days} days, {limit_days} are permitted")]
    TooOld {
        /// Days since the oldest note's issue.
        age_days: u32,
        /// The policy's limit.
        limit_days: u32,
    },
    /// More than the payer's or the payee's policy permits in one payment.
    #[error("the payment is of {amount}, {limit} is permitted at once")]
    PaymentLimit {
        /// What the payment would give.
        amount: Amount,
        /// The lower of the two limits.
        limit: Amount,
    },
    /// The operator's policy for the payer's class is not known.
    #[error("no policy is known for the payer's wallet")]
    UnknownPolicy,
    /// A signer of the final transfer must not be relied on.
    #[error("a signer of the payment: {0}")]
    Certificate(#[from] CertificateError),
    /// One outpoint, two different transfers: one of them is a fork, and its signer did it.
    #[error("an output was consumed by two different transfers")]
    ConsumedTwice {
        /// The outpoint.
        outpoint: Outpoint,
        /// The transfer seen first.
        first: Id,
        /// The transfer seen second.
        second: Id,
    },
}

/// Checks a payment in every respect; see the fields of [`Context`] and [`Expected`], and the cases of [`VerifyError`].
///
/// Cheap checks come before signatures, and conflicts last: a [`VerifyError::ConsumedTwice`] is only reported of
/// transfers that are truly signed.
///
/// # Errors
/// The first check that failed.
pub fn verify(payment: Payment, expected: &Expected, context: &Context<'_>) -> Result<Verified, VerifyError> {
    let (outpoint, amount) = check_expected(&payment, expected)?;
    check_limits(&payment, amount, context)?;
    check_dates(&payment, context.trust, context.now.day())?;
    for certificate in payment.certificates() {
        let holder = context.trust.check(certificate, context.now.day())?;
        check_payer_limit(holder, amount, context.trust)?;
    }
    check_signatures(&payment, context.trust)?;
    check_conflicts(&payment, context.consumed)?;
    Ok(Verified {
        payment,
        outpoint,
        amount,
    })
}

/// Checks a payment that the payee's operator has recorded and delivered. What bounds the risk of being offline (limits, age,
/// certificates) no longer matters: the bank takes it. Conflicts are left to [`check_conflicts`]; they are no reason
/// not to own the value, and a good one to take it nowhere but to the bank.
///
/// # Errors
/// The first check that failed.
pub fn verify_recorded(
    payment: Payment,
    expected: &Expected,
    trust: &Trust,
) -> Result<Verified, VerifyError> {
    let (outpoint, amount) = check_expected(&payment, expected)?;
    check_signatures(&payment, trust)?;
    Ok(Verified {
        payment,
        outpoint,
        amount,
    })
}

/// Output 0 of the final transfer, and it alone, pays the payee what it asked.
fn check_expected(payment: &Payment, expected: &Expected) -> Result<(Outpoint, Amount), VerifyError> {
    let Transfer {
        outputs, reference, ..
    } = payment.final_transfer();
    let (paid, change) = outputs.split_first().ok_or(VerifyError::WrongPayee)?;
    if paid.holder_key != expected.payee || change.iter().any(|output| output.holder_key == expected.payee) {
        return Err(VerifyError::WrongPayee);
    }
    if *reference != expected.reference {
        return Err(VerifyError::WrongRequest);
    }
    match expected.amount {
        Some(asked) if asked != paid.amount => Err(VerifyError::WrongAmount {
            asked,
            offered: paid.amount,
        }),
        _ => Ok((
            Outpoint {
                origin: payment.id(),
                output: 0,
            },
            paid.amount,
        )),
    }
}

fn check_limits(payment: &Payment, amount: Amount, context: &Context<'_>) -> Result<(), VerifyError> {
    let limits = context.limits;
    if amount > limits.per_payment {
        return Err(VerifyError::PaymentLimit {
            amount,
            limit: limits.per_payment,
        });
    }
    let hops = payment.hops();
    if hops > limits.offline.hops {
        return Err(VerifyError::TooManyHops {
            hops,
            limit: limits.offline.hops,
        });
    }
    let today = context.now.day();
    let age_days = payment
        .notes()
        .iter()
        .map(|note| today.since(note.body.issued))
        .max()
        .unwrap_or_default();
    if age_days > limits.offline.age_days {
        return Err(VerifyError::TooOld {
            age_days,
            limit_days: limits.offline.age_days,
        });
    }
    Ok(())
}

fn check_payer_limit(payer: &HolderCertificate, amount: Amount, trust: &Trust) -> Result<(), VerifyError> {
    let grant = &payer.grant;
    let limit = trust
        .limits(grant.operator, grant.class)
        .ok_or(VerifyError::UnknownPolicy)?
        .per_payment;
    if amount > limit {
        Err(VerifyError::PaymentLimit { amount, limit })
    } else {
        Ok(())
    }
}

fn check_dates(payment: &Payment, trust: &Trust, today: Day) -> Result<(), VerifyError> {
    payment.notes().iter().try_for_each(|note| {
        let name = note.body.series;
        let series = trust
            .series(name)
            .ok_or(VerifyError::UnknownSeries { series: name })?;
        if today > series.spend_until {
            return Err(VerifyError::SeriesExpired {
                series: name,
                spend_until: series.spend_until,
                today,
            });
        }
        Ok(())
    })
}

/// Every note is signed by its series, every transfer by every owner of its inputs.
///
/// The bank calls this too, for claims of any age.
///
/// # Errors
/// [`VerifyError::UnknownSeries`], [`VerifyError::NoteForged`], [`VerifyError::TransferForged`].
pub fn check_signatures(payment: &Payment, trust: &Trust) -> Result<(), VerifyError> {
    for note in payment.notes() {
        let name = note.body.series;
        let series = trust
            .series(name)
            .ok_or(VerifyError::UnknownSeries { series: name })?;
        // A series key that signs outside its days of issue, say after it was stolen, makes no money.
        if !series.issue.contains(note.body.issued) || note.verify(&series.note_key).is_err() {
            return Err(VerifyError::NoteForged { series: name });
        }
    }
    for (signed, step) in payment.transfers().iter().zip(&payment.resolved.steps) {
        let message = message(Transfer::TAG, &step.id);
        for (owner, signature) in step.owners.iter().zip(&signed.signatures) {
            owner
                .verify(&message, signature)
                .map_err(|_| VerifyError::TransferForged { transfer: step.id })?;
        }
    }
    Ok(())
}

/// No outpoint is consumed by two different transfers, neither within the payment nor together with what was seen.
///
/// # Errors
/// [`VerifyError::ConsumedTwice`].
pub fn check_conflicts(payment: &Payment, consumed: &Consumed) -> Result<(), VerifyError> {
    let mut within = Consumed::new();
    for (outpoint, second) in payment.consumptions() {
        let earlier = within
            .insert(outpoint, second)
            .or_else(|| consumed.get(&outpoint).copied());
        if let Some(first) = earlier.filter(|first| *first != second) {
            return Err(VerifyError::ConsumedTwice {
                outpoint,
                first,
                second,
            });
        }
    }
    Ok(())
}
