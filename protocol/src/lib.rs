//! What crosses a wire: the objects of digital cash, their one encoding, how they are signed and verified.
//!
//! Read the modules in this order, and you know the money:
//!
//! 1. [`amount`] — fen, never a fraction. [`time`] — moments and days. [`key`] — keys and signatures.
//! 2. [`id`], [`cbor`], [`signed`] — how anything is encoded, named and signed; [`signing`] does it in software.
//! 3. [`certificate`], [`trust`], [`policy`], [`status`] — who is who, whom to believe, what is permitted.
//! 4. [`note`] — value as the issuer makes it. [`transfer`] — value as holders pass it on.
//! 5. [`request`], [`payee_name`], [`payment`], [`payment_wire`], [`receipt`] — what payee and payer exchange.
//!    [`receipt_file`] — a receipt that anybody can check.
//! 6. [`mod@verify`] — what a payee checks. [`fraud`] — what betrays a cheat. [`attribution`] — who answers for it.
//! 7. [`message`] — the words of a handoff; [`slip`] — the same on a screen or in a file. [`bank`] — the words to an operator. [`code`] — every error there is;
//!    [`sentence`] — what its holder reads.
//!
//! The crate is pure: no clock, no I/O, no randomness, no storage. Every byte from
//! outside is hostile, and gets a typed error.

pub mod amount;
pub mod attribution;
pub mod bank;
pub mod cbor;
pub mod certificate;
pub mod code;
mod coded;
pub mod fraud;
pub mod id;
pub mod key;
pub mod message;
pub mod note;
pub mod payee_name;
pub mod payment;
pub mod payment_wire;
pub mod policy;
pub mod receipt;
pub mod receipt_file;
pub mod request;
pub mod sentence;
pub mod signed;
pub mod signing;
pub mod slip;
pub mod status;
pub mod time;
pub mod transfer;
pub mod trust;
pub mod verify;

pub use amount::{Amount, AmountError};
pub use attribution::{Attribution, AttributionError};
pub use cbor::DecodeError;
pub use certificate::{
    Assurance, Grant, HolderCertificate, Name, OperatorCertificate, OperatorId, StaticKeyHash, Validity,
    WalletClass,
};
pub use code::{Code, Coded, Retry};
pub use fraud::{ForkProof, ForkProofError};
pub use id::Id;
pub use key::{Algorithm, Signature, VerifyingKey};
pub use note::{Note, Series, SeriesId};
pub use payee_name::{PayeeName, UnverifiedName};
pub use payment::{Payment, PaymentDecodeError, StructureError};
pub use policy::{Limits, OfflineLimits, Policy};
pub use receipt::Receipt;
pub use receipt_file::{Proven, ReceiptFile, ReceiptFileError};
pub use request::{Request, RequestId, Terms};
pub use sentence::Language;
pub use signed::{Body, Signed};
pub use signing::SigningKey;
pub use slip::Slip;
pub use status::{StatusAuthority, StatusList};
pub use time::{Day, Timestamp};
pub use transfer::{Outpoint, Output, Reference, SignedTransfer, Transfer};
pub use trust::{CertificateError, Trust, TrustBundle, TrustError};
pub use verify::{Consumed, Context, Expected, Verified, VerifyError, verify, verify_recorded};
