//! A receipt that a third person can check, with nothing but the issuer's root.
//!
//! The file holds the payment, the payee's receipt for it, the payee's certificate, and of the trust bundle what is needed to
//! get from the root to all three. [`ReceiptFile::verify`] says who was paid, how much and when. The payment is in it with
//! its whole history, so that whoever is shown it can see that the money was real: it is for showing to those who
//! may know that, such as a court or a bank.
//!
//! Nothing is believed about today: holder certificates have to be from before the payment was taken. Some of them may have
//! ended by then, since what goes through the bank is taken months later, and a refund goes to a key however old. An operator's
//! own certificate is renewed in the course of the years, so that its key counts and not its days; and the status list is of
//! no concern, as keys may have been lost since.

use minicbor::{Decode, Encode};

use crate::{
    amount::Amount,
    cbor::{self, DecodeError},
    certificate::{HolderCertificate, Name, OperatorCertificate, Validity},
    code::{Code, Coded},
    id::Id,
    key::VerifyingKey,
    payment::{Payment, PaymentDecodeError},
    receipt::Receipt,
    signed::Signed,
    time::{Day, Timestamp},
    trust::{CertificateError, Trust, TrustBundle, TrustError},
    verify::{VerifyError, check_signatures},
};

/// The parts of a receipt file. Unchecked.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptFile {
    /// [`ReceiptFile::VERSION`].
    #[n(0)]
    pub version: u8,
    /// In its complete encoding, with the certificates of its signers.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub payment: Vec<u8>,
    /// Signed by the key that was paid.
    #[n(2)]
    pub receipt: Signed<Receipt>,
    /// Of the key that was paid.
    #[n(3)]
    pub payee: Signed<HolderCertificate>,
    /// Operators and series, as far as they are needed.
    #[n(4)]
    pub trust: TrustBundle,
}

/// What a receipt file proves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// By which transfer.
    pub transfer: Id,
    /// How much was paid.
    pub amount: Amount,
    /// When the payee took it, by its clock.
    pub taken_at: Timestamp,
    /// The key that was paid.
    pub payee_key: VerifyingKey,
    /// The payee's registered name, if it is a merchant.
    pub payee: Option<Name>,
    /// The registered name of the operator that certified the payee.
    pub operator: Name,
    /// The key that paid, the first if several did.
    pub payer_key: VerifyingKey,
}

/// Why a receipt file proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptFileError {
    /// Not a receipt file.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Written by other software than this.
    #[error("receipt files of version {version} are not known here")]
    UnknownVersion {
        /// Its version.
        version: u8,
    },
    /// What should be the payment is none.
    #[error(transparent)]
    Payment(#[from] PaymentDecodeError),
    /// Its trust parts do not lead to the root.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A note or a transfer is not validly signed.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The certificate of the payee, or of a payer, is none, or from after the payment.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The receipt is of another transfer, or the certificate of another payee.
    #[error("the receipt and the certificate are not of this payment")]
    Mismatch,
    /// The key that was paid did not sign the receipt.
    #[error("the receipt is not signed by the key that was paid")]
    Forged,
}

impl Coded for ReceiptFileError {
    fn code(&self) -> Code {
        match self {
            Self::Decode(error) => error.code(),
            Self::UnknownVersion { .. } => Code::ReceiptFileUnknown,
            Self::Payment(error) => error.code(),
            Self::Trust(error) => error.code(),
            Self::Verify(error) => error.code(),
            Self::Certificate(error) => error.code(),
            Self::Mismatch => Code::ReceiptFileMismatch,
            Self::Forged => Code::ReceiptForged,
        }
    }
}

impl ReceiptFile {
    /// The version that this software writes and reads.
    pub const VERSION: u8 = 1;

    /// No file is larger: a payment, and some certificates.
    pub const MAX_BYTES: usize = 65_536;

    /// Puts a file together; of `trust` it takes what is needed.
    #[must_use]
    pub fn new(
        payment: &Payment,
        receipt: Signed<Receipt>,
        payee: Signed<HolderCertificate>,
        trust: &Trust,
    ) -> Self {
        let all = trust.bundle();
        let signers = payment.certificates().iter().chain([&payee]);
        let operators: Vec<_> = signers.map(|signer| signer.body.grant.operator).collect();
        let series: Vec<_> = payment.notes().iter().map(|note| note.body.series).collect();
        Self {
            version: Self::VERSION,
            payment: payment.encode(),
            receipt,
            trust: TrustBundle {
                operators: all
                    .operators
                    .into_iter()
                    .filter(|operator| operators.contains(&operator.body.operator))
                    .collect(),
                series: all
                    .series
                    .into_iter()
                    .filter(|known| series.contains(&known.body.series))
                    .collect(),
                ..TrustBundle::default()
            },
            payee,
        }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads a file, and believes nothing in it.
    ///
    /// # Errors
    /// [`ReceiptFileError::Decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptFileError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(DecodeError::TooLarge {
                object: "receipt file",
                limit: Self::MAX_BYTES,
            }
            .into());
        }
        Ok(cbor::decode("receipt file", bytes)?)
    }

    /// What this file proves to somebody who believes in `root` alone.
    ///
    /// # Errors
    /// [`ReceiptFileError`].
    pub fn verify(&self, root: VerifyingKey) -> Result<Proven, ReceiptFileError> {
        if self.version != Self::VERSION {
            return Err(ReceiptFileError::UnknownVersion {
                version: self.version,
            });
        }
        let payment = Payment::decode(&self.payment)?;
        let mut trust = Trust::new(root);
        trust.merge(&self.trust)?;
        check_signatures(&payment, &trust)?;

        let paid = payment.final_transfer().outputs.first();
        let paid = paid.ok_or(ReceiptFileError::Mismatch)?;
        let Receipt { transfer, taken_at } = self.receipt.body;
        if transfer != payment.id() || self.payee.body.holder_key != paid.holder_key {
            return Err(ReceiptFileError::Mismatch);
        }
        self.receipt
            .verify(&paid.holder_key)
            .map_err(|_| ReceiptFileError::Forged)?;
        for signer in payment.certificates() {
            certified_by(&trust, signer, taken_at.day())?;
        }
        let operator = certified_by(&trust, &self.payee, taken_at.day())?;
        let payer = payment.certificates().first();
        Ok(Proven {
            transfer,
            amount: paid.amount,
            taken_at,
            payee_key: paid.holder_key,
            payee: self.payee.body.grant.name.clone(),
            operator: operator.name.clone(),
            payer_key: payer.ok_or(ReceiptFileError::Mismatch)?.body.holder_key,
        })
    }
}

/// The operator that certified a key, for this day or for days before.
fn certified_by<'a>(
    trust: &'a Trust,
    certificate: &Signed<HolderCertificate>,
    day: Day,
) -> Result<&'a OperatorCertificate, CertificateError> {
    let grant = &certificate.body.grant;
    let unknown = CertificateError::UnknownOperator {
        operator: grant.operator,
    };
    let operator = trust.operator(grant.operator).ok_or(unknown)?;
    let Validity { from, until } = grant.validity;
    if from > day {
        let today = day;
        return Err(CertificateError::NotValidToday { from, until, today });
    }
    certificate
        .verify(&operator.certifying_key)
        .map_err(|_| CertificateError::BadSignature)?;
    Ok(operator)
}
