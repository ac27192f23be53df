//! What a wallet remembers, and the only ways in which that can change.
//!
//! Every write is a list of [`Change`]s that are committed together or not at all. The store
//! writes them down, the [`crate::purse::Purse`] follows them in memory.

use minicbor::{Decode, Encode};
use protocol::{
    Algorithm, Amount, Assurance, Body as _, Day, HolderCertificate, Id, Note, Outpoint, Request, RequestId,
    Signature, Signed, SignedTransfer, Timestamp, VerifyingKey, bank::IdempotencyKey,
};
use zeroize::Zeroize;

use crate::vault::KeyHandle;

/// One step of a wallet's life.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Who this wallet is to its operator, and the newest time it has seen.
    Profile(Profile),
    /// The checked trust bundle.
    Trust(protocol::TrustBundle),
    /// A holder key is new, certified, used or retired.
    Key(HolderKey),
    /// A note or transfer that some chain of ours needs.
    Element(Element),
    /// Somebody consumed an outpoint.
    Consumed(Outpoint, Id),
    /// We own an outpoint.
    Gained(Piece),
    /// We signed an outpoint away.
    Spent(Outpoint),
    /// A request of ours is open, or paid.
    Request(OwnRequest),
    /// A payment of ours was signed, receipted, recorded.
    Outgoing(Outgoing),
    /// A payment to us was taken.
    Incoming(Incoming),
    /// A call to the bank that must be repeated until it is answered.
    Order(Order),
    /// That call was answered.
    OrderDone(IdempotencyKey),
    /// Notes were loaded.
    Load(Load),
}

/// Who this wallet is to its operator.
#[derive(Clone, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Profile {
    /// The secret of the account key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) account_seed: [u8; 32],
    /// The pinned root of the issuer.
    #[n(1)]
    pub(crate) root: VerifyingKey,
    /// Which algorithm new holder keys have.
    #[n(2)]
    pub(crate) algorithm: Algorithm,
    /// The newest time that the bank ever signed.
    #[n(3)]
    pub(crate) time_floor: Timestamp,
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.account_seed.zeroize();
    }
}

impl core::fmt::Debug for Profile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Profile")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A key of the pool. Its secret is in the vault; the X25519 key beside it is in software, because
/// no phone's hardware has Curve25519.
#[derive(Clone, Encode, Decode)]
#[cbor(array)]
pub(crate) struct HolderKey {
    #[n(0)]
    pub(crate) public: VerifyingKey,
    #[n(1)]
    pub(crate) handle: KeyHandle,
    #[n(2)]
    pub(crate) assurance: Assurance,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) static_secret: [u8; 32],
    #[n(4)]
    pub(crate) usage: Usage,
    #[n(5)]
    pub(crate) certificate: Option<Signed<HolderCertificate>>,
}

/// What has become of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Usage {
    /// In no payment yet.
    #[n(0)]
    Fresh,
    /// In a request or a load: not to be given to anybody else while fresh ones remain.
    #[n(1)]
    Used,
    /// Never signs again: the wallet was rolled back or copied.
    #[n(2)]
    Retired,
}

impl Drop for HolderKey {
    fn drop(&mut self) {
        self.static_secret.zeroize();
    }
}

impl core::fmt::Debug for HolderKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HolderKey")
            .field("public", &self.public)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

/// A note or a transfer: a link of chains.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(flat)]
pub(crate) enum Element {
    #[n(0)]
    Note(#[n(0)] Signed<Note>),
    #[n(1)]
    Transfer(#[n(0)] SignedTransfer),
}

/// An outpoint that this wallet owns and has not signed away.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Piece {
    #[n(0)]
    pub(crate) outpoint: Outpoint,
    #[n(1)]
    pub(crate) amount: Amount,
    #[n(2)]
    pub(crate) owner: VerifyingKey,
    /// Transfers on the longest path back to a note.
    #[n(3)]
    pub(crate) hops: u32,
    /// The oldest note it goes back to.
    #[n(4)]
    pub(crate) issued: Day,
    /// The earliest `spend_until` of the notes it goes back to.
    #[n(5)]
    pub(crate) spend_until: Day,
    /// About how many bytes its chain adds to a payment.
    #[n(6)]
    pub(crate) chain_bytes: u32,
    /// Received offline, and not known to the bank yet.
    #[n(7)]
    pub(crate) unsettled: bool,
}

/// A request this wallet made.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct OwnRequest {
    #[n(0)]
    pub(crate) request: Request,
    #[n(1)]
    pub(crate) created: Timestamp,
    /// The transfer that paid it.
    #[n(2)]
    pub(crate) paid_by: Option<Id>,
}

/// A transfer this wallet signed for somebody, and the very bytes that may leave.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Outgoing {
    #[n(0)]
    pub(crate) transfer: Id,
    #[n(1)]
    pub(crate) purpose: Purpose,
    #[n(2)]
    pub(crate) amount: Amount,
    #[n(3)]
    pub(crate) signed_at: Timestamp,
    /// Never made again, always read from here.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
    /// The wallet was rolled back or copied since: these bytes never leave it again.
    #[n(5)]
    pub(crate) frozen: bool,
    #[n(6)]
    pub(crate) receipt: Option<ReceiptTaken>,
}

/// What a transfer was signed for.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(flat)]
pub(crate) enum Purpose {
    /// A payee's request; the bytes are an answer to it.
    #[n(0)]
    Payment(#[n(0)] Request),
    /// A deposit with the operator; the bytes are a signed call.
    #[n(1)]
    Deposit(#[n(0)] IdempotencyKey),
}

/// The end of doubt.
#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct ReceiptTaken {
    #[n(0)]
    pub(crate) taken_at: Timestamp,
    #[n(1)]
    pub(crate) signature: Signature,
}

/// A payment this wallet took.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Incoming {
    #[n(0)]
    pub(crate) transfer: Id,
    #[n(1)]
    pub(crate) request: RequestId,
    #[n(2)]
    pub(crate) amount: Amount,
    /// What was answered, and will be answered again.
    #[n(3)]
    pub(crate) receipt: ReceiptTaken,
    /// Who signed: the evidence that belongs to the payment.
    #[n(4)]
    pub(crate) signers: Vec<Signed<HolderCertificate>>,
}

/// A signed call to the bank that has not been answered. The same bytes are sent until it is.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Order {
    #[n(0)]
    pub(crate) key: IdempotencyKey,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) call: Vec<u8>,
}

/// Account money that became notes.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Load {
    #[n(0)]
    pub(crate) key: IdempotencyKey,
    #[n(1)]
    pub(crate) amount: Amount,
    #[n(2)]
    pub(crate) loaded_at: Timestamp,
}

impl Element {
    /// The id of the note or transfer.
    pub(crate) fn id(&self) -> Id {
        match self {
            Self::Note(note) => note.body.id(),
            Self::Transfer(signed) => signed.transfer.id(),
        }
    }
}
