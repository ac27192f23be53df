//! The wallet for Kotlin, Swift and Python.
//!
//! This crate converts and checks, and does nothing else: what the wallet does and promises is said in `wallet-core`. Every
//! function that touches a wallet, a link or a vault is fallible, so that a panic, should there ever be one, arrives as an
//! exception; formatting and comparing never fail.
//!
//! - [`Wallet`] and [`LockedWallet`] are the whole product; [`Handoff`] is one payment, over any link
//!   that answers; a [`Slip`] is one over a code or a file.
//! - [`Platform`] is what the device lends: a [`KeyVault`], a [`RollbackGuard`], a [`BankTransport`], a [`Clock`].
//! - Data are records, secrets are objects ([`AccountWords`], [`Pin`]), and times are the language's own.

#![allow(
    clippy::needless_pass_by_value,
    reason = "what crosses the border is handed over, and secrets among it are wiped"
)]
#![allow(
    clippy::missing_errors_doc,
    reason = "the error of every call is of its family, and says itself what it means"
)]

mod amount;
mod error;
mod event;
mod handoff;
mod history;
mod input;
mod kinds;
mod limits;
mod mirror;
mod observer;
mod platform;
mod receipt;
mod records;
#[cfg(feature = "sandbox")]
mod sandbox;
mod secrets;
mod slip;
mod software;
mod system;
mod wallet;

pub use amount::{Amount, AmountError, largest_amount, parse_amount};
pub use error::{
    BankError, OpenError, PayError, PinError, Reason, ReceiptError, ReceiveError, RefundError, RestoreError,
    SlipError, TapError, WalletError, WordsError, sentence_for,
};
pub use event::{Event, EventKind};
pub use handoff::{Consent, Handoff, HandoffOutcome, unarmed_response};
pub use history::{HistoryEntry, HistoryPage, HistoryQuery, Past, PastEntry};
pub use kinds::{
    Algorithm, Assurance, Doubtful, EndsBy, FrameSize, HistoryKind, HistoryState, Language, Limit,
    OnlyAtBank, PastKind, ReturnReason, Side, TrustVerdict, WalletClass, WordCount, WordList,
    language_for_locale,
};
pub use limits::{Allowance, Allowances, AtBank, Balance, LargestBecause, Lift, Quantity};
pub use observer::{EventObserver, ObserverError};
pub use platform::{
    BankTransport, Clock, ClockError, Confirmation, GuardError, Head, KeyVault, Platform, RollbackGuard,
    SignRequest, TransportError, VaultError, VaultKey,
};
pub use receipt::{ProvenReceipt, verify_receipt};
pub use records::{CalendarDay, Freshness, InDoubt, OpenReport, PayeeName, PaymentRequest, SyncReport};
#[cfg(feature = "sandbox")]
pub use sandbox::{
    Frame, Sandbox, SandboxBooks, SandboxError, SimulatedTap, panic_on_purpose, simulated_tap,
};
pub use secrets::{AccountWords, Pin};
pub use slip::{QrFrame, ScanProgress, Slip, SlipKind, SlipPayment, SlipScanner, TakenSlip};
pub use software::{MemoryGuard, SoftwareVault};
pub use wallet::{LockedWallet, Wallet};

uniffi::setup_scaffolding!("dcep_wallet");

/// The version of this library.
#[uniffi::export]
#[must_use]
pub fn library_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
