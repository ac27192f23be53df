//! Both tiers under one roof: what tests, the simulator, the command line and the HTTP service talk to.

use std::sync::Arc;

use protocol::{
    Amount, Attribution, Body as _, Code, Coded, DecodeError, Id, Name, OperatorId, Signed, TrustBundle,
    VerifyingKey,
    bank::{Answer, Call},
    cbor,
};

use crate::{
    books::Books,
    environment::{Clock, Entropy},
    issuer::{Issuer, IssuerConfig, IssuerFailure, IssuerFault, api::IssuerError},
    operator::{
        Breach, CallError, Closings, Operator, OperatorConfig, OperatorFault,
        policies::{OfflineRules, Profile},
    },
    store::Place,
};

/// The most bytes one call may have.
pub const MAX_CALL_BYTES: usize = 256 * 1024;

/// Under this name the reserve is paid up, once in the life of a bank.
const INITIAL_RESERVE: &[u8] = b"initial reserve";

/// What can be chosen about a bank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankConfig {
    /// Where the books are.
    pub place: Place,
    /// The issuer.
    pub issuer: IssuerConfig,
    /// The operator.
    pub operator: OperatorConfig,
    /// What the operator's owners pay up at the issuer when the bank is opened for the first time.
    pub initial_reserve: Amount,
}

impl BankConfig {
    /// A bank with the default limits, in this place, under this name.
    #[must_use]
    pub fn new(place: Place, name: Name) -> Self {
        Self {
            place,
            issuer: IssuerConfig::default(),
            operator: OperatorConfig {
                operator: OperatorId(1),
                name,
                profile: Profile::default(),
                rules: OfflineRules::default(),
                certificate_days: 90,
                welcome: None,
                // A million yuan.
                guarantee: Amount::from_fen(100_000_000).unwrap_or(Amount::MAX),
            },
            // A hundred million yuan.
            initial_reserve: Amount::from_fen(10_000_000_000).unwrap_or(Amount::MAX),
        }
    }
}

/// An issuer and one operator.
pub struct Bank {
    issuer: Arc<Issuer>,
    operator: Operator,
}

/// Why a bank does not open, or does not answer its own staff.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The issuer.
    #[error("the issuer: {0}")]
    Issuer(#[from] IssuerFailure),
    /// The operator, or a call to it.
    #[error("the operator: {0}")]
    Operator(#[from] CallError),
}

impl Coded for BankError {
    fn code(&self) -> Code {
        match self {
            Self::Issuer(error) => error.code(),
            Self::Operator(CallError::Failed(error)) => error.code(),
            Self::Operator(error) => error.code(),
        }
    }
}

impl From<IssuerError> for BankError {
    fn from(error: IssuerError) -> Self {
        Self::Operator(error.into())
    }
}

/// What a full audit can find.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// At the issuer.
    #[error("at the issuer: {0}")]
    Issuer(#[from] IssuerFault),
    /// At the operator.
    #[error("at the operator: {0}")]
    Operator(#[from] OperatorFault),
    /// Between the books.
    #[error("the books do not agree: {equation}")]
    Books {
        /// The equation that does not hold.
        equation: &'static str,
    },
}

impl Bank {
    /// Opens a bank; founds it the first time. Whatever a crash interrupted is finished first.
    ///
    /// # Errors
    /// [`BankError`].
    pub fn open(
        config: BankConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BankError> {
        let number = config.operator.operator;
        let issuer = Arc::new(Issuer::open(
            config.issuer,
            &config.place,
            clock.clone(),
            entropy.clone(),
        )?);
        let operator = Operator::open(config.operator, &config.place, issuer.clone(), clock, entropy)?;
        let funded = issuer.fund(number, INITIAL_RESERVE, config.initial_reserve)?;
        operator
            .record_funding(INITIAL_RESERVE, funded)
            .map_err(CallError::from)?;
        Ok(Self { issuer, operator })
    }

    /// Answers a call: the canonical bytes of a `Signed<Call>` in, those of a `Signed<Reply>` out, whatever comes in.
    #[must_use]
    pub fn handle_call(&self, bytes: &[u8]) -> Vec<u8> {
        let (call, answer) = match Self::read(bytes) {
            Ok(signed) => (signed.body.id(), self.try_call(&signed)),
            Err(error) => (Id::from_bytes([0; 32]), Err(error)),
        };
        let answer = answer.unwrap_or_else(|error| Answer::Refused(error.refusal()));
        cbor::encode(&self.operator.reply(call, answer))
    }

    fn read(bytes: &[u8]) -> Result<Signed<Call>, CallError> {
        if bytes.len() > MAX_CALL_BYTES {
            let limit = MAX_CALL_BYTES;
            return Err(DecodeError::TooLarge {
                object: "call",
                limit,
            }
            .into());
        }
        Ok(cbor::decode("call", bytes)?)
    }

    /// Answers a call, or says why it does not.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn try_call(&self, signed: &Signed<Call>) -> Result<Answer, CallError> {
        let call = signed
            .verify(&signed.body.account)
            .map_err(|_| CallError::NotSigned)?;
        Ok(cbor::decode("answer", &self.operator.answer(call)?)?)
    }

    /// The key that wallets pin. In real life it comes with the app, never from the bank's own mouth.
    #[must_use]
    pub fn root(&self) -> VerifyingKey {
        self.issuer.root()
    }

    /// Everything a wallet must believe.
    ///
    /// # Errors
    /// [`BankError`].
    pub fn trust_bundle(&self) -> Result<TrustBundle, BankError> {
        Ok(self.operator.trust_bundle()?)
    }

    /// Takes paper money over the counter and credits the account.
    ///
    /// # Errors
    /// [`BankError`]: no such account, or an amount of zero.
    pub fn pay_in(&self, account: &VerifyingKey, amount: Amount) -> Result<(), BankError> {
        Ok(self.operator.pay_in(account, amount)?)
    }

    /// What stands on an account.
    ///
    /// # Errors
    /// [`BankError`]: no such account.
    pub fn balance(&self, account: &VerifyingKey) -> Result<Amount, BankError> {
        Ok(self.operator.balance(account)?)
    }

    /// Credits customers with everything whose last day to claim has passed; see [`Operator::close_windows`].
    ///
    /// # Errors
    /// [`BankError`].
    pub fn close_windows(&self) -> Result<Closings, BankError> {
        Ok(self.operator.close_windows()?)
    }

    /// Every fork that somebody answers for, the oldest first, each in an object that anybody can check with the root.
    ///
    /// # Errors
    /// [`BankError`] if the books cannot be read.
    pub fn attributions(&self) -> Result<Vec<Attribution>, BankError> {
        Ok(self.issuer.attributions()?)
    }

    /// Payments on record that were more than their payer's policy permits.
    ///
    /// # Errors
    /// [`BankError`] if the books cannot be read.
    pub fn breaches(&self) -> Result<Vec<Breach>, BankError> {
        Ok(self.operator.breaches().map_err(CallError::from)?)
    }

    /// The books of both banks, and whether they agree.
    ///
    /// # Errors
    /// [`BankError`] if they cannot be read.
    pub fn books(&self) -> Result<Books, BankError> {
        Books::of(&self.issuer, &self.operator)
    }

    /// Checks everything there is: ledgers, notes, claims, proofs, certificates, and the books against each other.
    ///
    /// # Errors
    /// [`BankError`] if the books cannot be read; what they hold wrong is the value returned.
    pub fn audit(&self) -> Result<Result<(), Fault>, BankError> {
        if let Err(fault) = self.issuer.audit()? {
            return Ok(Err(fault.into()));
        }
        if let Err(fault) = self.operator.audit().map_err(CallError::from)? {
            return Ok(Err(fault.into()));
        }
        let books = self.books()?;
        Ok(match books.checks.iter().find(|check| !check.holds) {
            Some(check) => Err(Fault::Books {
                equation: check.equation,
            }),
            None => Ok(()),
        })
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The operator.
    #[must_use]
    pub const fn operator(&self) -> &Operator {
        &self.operator
    }
}
