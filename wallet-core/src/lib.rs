//! What a phone holds: keys, a store, and the machines that hand money from phone to phone.
//!
//! - [`Wallet`] is the whole of it for an app: open, enrol, load, request, pay, receive, deposit.
//! - [`handoff`] says why no fen is lost when a tap tears, and [`link`] carries it over NFC frames.
//! - [`vault`], [`guard`] and [`platform`] are what the device lends to it.
//! - [`store`] keeps it; [`selection`](crate::Balance) and balance tell what can be done with it.
//!
//! Synchronous and sans-IO: bytes in, bytes out. The crate knows of no phone, no HTTP and no UniFFI; time,
//! randomness, keys and the bank's address come in from outside.

mod account;
mod balance;
mod error;
mod event;
mod gate;
pub mod guard;
pub mod handoff;
mod limits;
pub mod link;
mod lock;
mod model;
pub mod noise;
pub mod platform;
mod purse;
mod rules;
mod seal;
mod selection;
mod spending;
pub mod store;
pub mod vault;
mod wallet;

pub use account::{AccountWords, BadWords, WordCount, WordList};
pub use balance::{Balance, LargestBecause};
pub use error::{
    BankError, Fault, HandoffError, PayError, ReceiptError, ReceiveError, RefundError, TapError,
};
pub use event::{Event, EventId, EventKind, ReturnReason};
pub use handoff::{Outcome, PayeeState, PayerState, Session, Side};
pub use limits::{Allowance, Allowances, Lift, Limit, Quantity};
pub use lock::{BadPin, Pin, PinCost, PinError};
pub use rules::OnlyAtBank;
pub use store::{Location, OpenError, StoreError};
pub use wallet::{
    Consent, Cursor, Doubt, Doubtful, EndsBy, Entry, Freshness, HistoryQuery, Holdings, InDoubt, Kind,
    LockedWallet, NewWallet, OpenReport, Page, Paid, Platform, State, SyncReport, Took, Verdict, Wallet,
};
pub use wallet::{Past, PastEntry, PastKind, RestoreError};
