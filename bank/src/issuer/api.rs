//! The boundary between the tiers: everything an operator ever asks of the issuer. It could be a network.

use protocol::{
    Amount, Code, Coded, ForkProof, ForkProofError, Id, Name, Note, OperatorId, Outpoint, Output, Payment,
    Receipt, Signed, TrustBundle, VerifyError, VerifyingKey,
};

pub use super::{
    close::Closing,
    cover::{Because, Cover},
    outpoints::Expired,
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

/// A payment to an operator, settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settlement {
    /// The transfer that was settled.
    pub transfer: Id,
    /// What it brought to the operator's reserve, out of circulation.
    pub credited: Amount,
    /// The rest of the claim, which was paid out before, and to which the operator has to hold whoever had too much.
    pub covers: Vec<Cover>,
}

/// What the issuer's books say about an operator, for comparison with its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The operator's reserve.
    pub reserve: Amount,
    /// Of the orders asked about: the sum of the notes that were issued.
    pub issued: Amount,
    /// Of the orders asked about: the sum of the payments that were settled.
    pub settled: Amount,
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

    /// Settles a payment to the operator's settlement key: the first valid claim of every outpoint in it wins.
    ///
    /// A payment that was settled before is settled still, whatever id it comes under, and is credited once. What of it was
    /// paid out before (another branch of a fork was claimed first, or a claim window closed) has to be covered:
    /// `promised` is the most that the operator covers.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn settle(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        promised: Amount,
    ) -> Result<Settlement, IssuerError>;

    /// Everything whose claim window has closed and that is not paid out, whoever's customer its holder is.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn expired(&self) -> Result<Vec<Expired>, IssuerError>;

    /// Pays out one of these to the operator whose customer its holder is. Under `promised` as in [`IssuerApi::settle`]; the
    /// same again has the same outcome.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn close(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: &Outpoint,
        promised: Amount,
    ) -> Result<Closing, IssuerError>;

    /// Puts a payment on record, with its receipt if there is one: all its transfers are *seen* from then on. No money
    /// moves. Returns every fraud proof about an outpoint in its history. The same payment again changes nothing.
    ///
    /// # Errors
    /// [`IssuerError`].
    fn record(
        &self,
        payment: &Payment,
        receipt: Option<&Signed<Receipt>>,
    ) -> Result<Vec<ForkProof>, IssuerError>;

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
    /// The claim window of this outpoint has not closed, or somebody is known to have passed it on.
    #[error("the claim window has not closed")]
    NotExpired,
    /// A part of it was paid out before, and more cover is needed than was promised. Nothing has moved.
    #[error("a part of the claim was paid out before")]
    NotCovered {
        /// What has to be covered.
        covers: Vec<Cover>,
    },
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
            Self::NotExpired => Code::ClaimClosed,
            Self::NotCovered { .. } => Code::CoverExhausted,
        }
    }
}
