//! The two tiers behind the wallets: an issuer, an operator, and the settlement between them.
//!
//! Start with [`Bank`]: it opens both, takes encoded calls and gives encoded answers. Below it:
//!
//! 1. [`environment`] — the time and the randomness that come in from outside.
//! 2. `ledger` — double entry on SQLite; a debit without its credit cannot be written down.
//! 3. [`issuer`] — notes against reserves, settlement, the status list. [`issuer::api`] is its boundary.
//! 4. [`operator`] — accounts, certificates, policies, loads and deposits.
//! 5. [`books`] — what both say, and whether it agrees.
//!
//! Nothing here reads a clock, draws a random number or opens a socket by itself; with the feature `http`, the module
//! `http` serves a bank, and the binary `dcep-bank` is the program around it.

mod bank;
pub mod books;
pub mod environment;
#[cfg(feature = "http")]
pub mod http;
pub mod issuer;
mod keys;
mod ledger;
pub mod operator;
mod sql;
mod store;

pub use bank::{Bank, BankConfig, BankError, Fault, MAX_CALL_BYTES};
pub use books::Books;
pub use environment::{Clock, ClockError, Entropy, EntropyError};
pub use ledger::{LedgerError, LedgerFault};
pub use store::{Place, StoreError};
