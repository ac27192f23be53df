//! The boundary between the tiers: everything an operator ever asks of the issuer. It could be a network.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use protocol::{
    Amount, Code, Coded, ForkProof, ForkProofError, HolderCertificate, Id, Name, Note, OperatorId, Outpoint,
    Output, Payment, Receipt, Signed, TrustBundle, VerifyError, VerifyingKey, attribution::NeverCertified,
};

/// The name of an order from an operator to the issuer: 16 random bytes, chosen before the order is sent for the first
/// time. Random and not counted, so that an operator which lost its newest records never takes an old name again.
pub type OrderId = [u8; 16];

/// What an operator asks to be certified for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorApplication {
    /// The number it was admitted under.
    pub operator: OperatorId,
    /// Its registered name.
    pub name: Name,
    /// Signs holder certificates and policies.
    pub certifying_key: VerifyingKey,
    /// Owns what customers deposit.
    pub settlement_key: VerifyingKey,
}

/// Excess that an operator accepts, by [`ForkProof::id`]: it pays it, or denies it to those who answer for the fork.
pub type Accepted = BTreeMap<Id, Amount>;

/// Value that came home before, by another branch of a fork. The issuer never pays it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excess {
    /// The proof on file.
    pub proof: ForkProof,
    /// The keys that answer for the fork, as far as is known yet.
    pub accused: Vec<VerifyingKey>,
    /// How much.
    pub amount: Amount,
}

/// Value that was credited to an earlier holder, because that one's claim window had closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Late {
    /// What was closed.
    pub closed: Outpoint,
    /// Whom it was credited to.
    pub holder_key: VerifyingKey,
    /// How much of it belongs to somebody else.
    pub amount: Amount,
}

/// A payment to an operator, settled. The three amounts together are what it paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settlement {
    /// The transfer that was settled.
    pub transfer: Id,
    /// What it brought to the operator's reserve.
    pub redeemed: Amount,
    /// What this operator has to take back from earlier holders.
    pub late: Vec<Late>,
    /// What this operator has to pay by itself.
    pub excess: Vec<Excess>,
}

/// Value that was not presented in time, credited to the operator of its holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// The value.
    pub outpoint: Outpoint,
    /// As in a [`Settlement`].
    pub redeemed: Amount,
    /// As in a [`Settlement`].
    pub late: Vec<Late>,
    /// As in a [`Settlement`].
    pub excess: Vec<Excess>,
}

/// Value whose claim window has closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The value.
    pub outpoint: Outpoint,
    /// Whose it is, and how much.
    pub output: Output,
}

/// What an operator knows of a holder key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Testimony {
    /// It certified the key.
    #[n(0)]
    Certified(#[n(0)] Box<Signed<HolderCertificate>>),
    /// It never did, and never will.
    #[n(1)]
    Never(#[n(0)] Signed<NeverCertified>),
}

impl Testimony {
    /// The key it is about.
    #[must_use]
    pub const fn holder_key(&self) -> VerifyingKey {
        match self {
            Self::Certified(certificate) => certificate.body.holder_key,
            Self::Never(statement) => statement.body.holder_key,
        }
    }
}

/// Somebody who answers for a fork.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accused {
    /// Counts up.
    pub number: u64,
    /// The key.
    pub holder_key: VerifyingKey,
}

/// What the issuer's books say about an operator, for comparison with its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The operator's reserve.
    pub reserve: Amount,
    /// Of the orders asked about: the sum of the notes that were issued.
    pub issued: Amount,
    /// Of the orders asked about: what was redeemed by settling and closing.
    pub settled: Amount,
    /// Of the orders asked about: their excess.
    pub excess: Amount,
    /// The excess of all orders there ever were.
    pub excess_of_all: Amount,
}

/// What an operator asks of the issuer. Every order may be repeated under its id, and has one outcome for ever.
pub trait IssuerApi: Send + Sync {
    /// Certifies an operator's keys.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn register(&self, application: &OperatorApplication) -> Result<(), IssuerError>;

    /// Issues notes against the operator's reserve, one for each output, in their order.
    ///
    /// # Errors
    /// [`IssuerError`]. A refused order stays refused; a new one may be granted.
    fn issue(
        &self,
        order: OrderId,
        operator: OperatorId,
        outputs: &[Output],
    ) -> Result<Vec<Signed<Note>>, IssuerError>;

    /// Settles a payment to the operator's settlement key: of every fen in it, the first valid claim wins.
    ///
    /// A payment that was settled before is settled still, whatever id it comes under, and is credited once. If a fork in
    /// its history makes a part of it excess, nothing moves until that is `accepted`.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn settle(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        accepted: &Accepted,
    ) -> Result<Settlement, IssuerError>;

    /// What nobody claimed until its last day, of holders of any operator: a page of it, after an outpoint.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn due(&self, after: Option<Outpoint>) -> Result<Vec<Due>, IssuerError>;

    /// Redeems what is due to a holder whom the operator certified. The same outpoint is closed once.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn close(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: Outpoint,
        certificate: &Signed<HolderCertificate>,
        accepted: &Accepted,
    ) -> Result<Closing, IssuerError>;

    /// Puts a payment on record, with its receipt if there is one: all its transfers are *seen* from then on, and every
    /// fork among them is on file. No money moves. The same payment again changes nothing.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn record(&self, payment: &Payment, receipt: Option<&Signed<Receipt>>) -> Result<(), IssuerError>;

    /// Files a fraud proof that somebody else found.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn accuse(&self, proof: &ForkProof) -> Result<(), IssuerError>;

    /// Those of these transfers that are on record.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn known(&self, transfers: &[Id]) -> Result<Vec<Id>, IssuerError>;

    /// The keys of which this operator has to say what it knows, so that forks can be attributed.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn questions(&self, operator: OperatorId) -> Result<Vec<VerifyingKey>, IssuerError>;

    /// Says what an operator knows of keys. There may be further questions then.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn testify(&self, operator: OperatorId, testimonies: &[Testimony]) -> Result<(), IssuerError>;

    /// Those who answer for forks, after a number. Their keys are on the status list.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn accused(&self, after: u64) -> Result<Vec<Accused>, IssuerError>;

    /// Puts holder keys on the status list.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn revoke(&self, keys: &[VerifyingKey]) -> Result<(), IssuerError>;

    /// What the root and the status authority sign: operators, series, the status list. No policies.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn trust_bundle(&self) -> Result<TrustBundle, IssuerError>;

    /// What the issuer's books say about an operator and about these orders of it.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn statement(&self, operator: OperatorId, orders: &[OrderId]) -> Result<Statement, IssuerError>;
}

/// Why the issuer did not do as asked. The two cases call for opposite things.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// It refuses. Nothing has moved, and under this order id nothing ever will.
    #[error(transparent)]
    Refused(#[from] IssuerRefusal),
    /// It gives no answer. The order may or may not have been carried out: ask again under the same id.
    #[error("the issuer does not answer")]
    NoAnswer {
        /// The row of the error behind it.
        code: Code,
        /// The error behind it, of whatever kind a near or far issuer has.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl IssuerError {
    /// The issuer, or the way to it, failed.
    pub fn no_answer(error: impl std::error::Error + Coded + Send + Sync + 'static) -> Self {
        Self::NoAnswer {
            code: error.code(),
            source: Box::new(error),
        }
    }
}

/// Why the issuer refuses an order.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IssuerRefusal {
    /// It has admitted no such operator.
    #[error("no such operator is admitted: {operator}")]
    UnknownOperator {
        /// The operator.
        operator: OperatorId,
    },
    /// The operator is registered with other keys or under another name.
    #[error("the operator is registered with other keys or another name")]
    OperatorDiffers,
    /// The order id came before, with another order.
    #[error("the order id came before, with another order")]
    OrderDiffers,
    /// An order for nothing, or for a note of nothing.
    #[error("an order for nothing")]
    Nothing,
    /// An order for more than any amount can say, or for more notes than [`crate::issuer::MAX_NOTES`].
    #[error("an order for too much, or for too many notes")]
    TooLarge,
    /// The operator's reserve does not cover the order.
    #[error("the operator's reserve does not cover the order")]
    ReserveTooLow,
    /// The payment does not go to the operator's settlement key, or not with its first output alone.
    #[error("the payment does not go to the operator")]
    WrongPayee,
    /// A signature in the payment is not valid.
    #[error(transparent)]
    Forged(VerifyError),
    /// The receipt is of another payment, or the key that was paid did not sign it.
    #[error("the receipt is not signed by the key that was paid")]
    ReceiptForged,
    /// The fraud proof proves nothing.
    #[error(transparent)]
    ForkProof(ForkProofError),
    /// A note is truly signed, and yet the issuer never issued it: its series key is in other hands.
    #[error("a note in the payment was never issued")]
    NeverIssued,
    /// A part of the value was credited to an earlier holder by another operator, when the last day to claim had passed.
    #[error("the last day to claim the payment has passed, and another operator has credited it")]
    ClosedElsewhere,
    /// What an operator was paid has come home: nobody pays with it any more.
    #[error("the payment spends what was settled")]
    AlreadyHome,
    /// A part of the value came home before, by another branch of a fork, and the operator has not accepted to pay it.
    #[error("a part of the payment came home before, by another branch of a fork")]
    Uncovered {
        /// All of that, fork by fork.
        excess: Vec<Excess>,
    },
    /// It is not due, or not to a holder of this operator.
    #[error("the value is not due to a holder of this operator")]
    NotDue,
    /// The operator did not sign what it is to have said.
    #[error("the operator did not sign what it is to have said")]
    TestimonyForged,
}

impl Coded for IssuerError {
    fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NoAnswer { code, .. } => *code,
        }
    }
}

impl Coded for IssuerRefusal {
    fn code(&self) -> Code {
        match self {
            Self::UnknownOperator { .. } | Self::OperatorDiffers => Code::UnknownOperator,
            Self::OrderDiffers => Code::IdempotencyConflict,
            Self::Nothing => Code::AmountZero,
            Self::TooLarge => Code::AmountTooLarge,
            Self::ReserveTooLow => Code::ReserveTooLow,
            Self::WrongPayee => Code::WrongPayee,
            Self::Forged(error) => error.code(),
            Self::ReceiptForged => Code::ReceiptForged,
            Self::ForkProof(error) => error.code(),
            Self::NeverIssued => Code::NoteForged,
            Self::ClosedElsewhere => Code::ClaimClosed,
            Self::AlreadyHome => Code::ConsumedTwice,
            Self::Uncovered { .. } => Code::CoverExhausted,
            Self::NotDue | Self::TestimonyForged => Code::BankFailed,
        }
    }
}
