//! What a wallet remembers, and the only ways in which that can change.
//!
//! Every write is a list of [`Change`]s that are committed together or not at all. The store
//! writes them down, the [`crate::purse::Purse`] follows them in memory.

use minicbor::{Decode, Encode};
use protocol::{
    Algorithm, Amount, Assurance, Body as _, Day, ForkProof, HolderCertificate, Id, Note, Outpoint, Request,
    RequestId, Signature, Signed, SignedTransfer, Timestamp, VerifyingKey,
    bank::{DeviceId, IdempotencyKey},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    event::{Event, EventId},
    purse::sum,
    spending::Spending,
    vault::KeyHandle,
    wallet::{Past, operation::Moment},
};

/// One step of a wallet's life.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Who this wallet is to its operator, and the newest time it has seen.
    Profile(Profile),
    /// The checked trust bundle.
    Trust(protocol::TrustBundle),
    /// A holder key is new, certified, used or retired.
    Key(HolderKey),
    /// Which phone of its account this wallet is on.
    Device(Device),
    /// What a backup told of an earlier phone.
    Past(Box<Past>),
    /// A secret of this wallet's own. It is read when it is needed, and stays in memory no longer than that.
    Secret(SecretName, Secret),
    /// A note or transfer that some chain of ours needs.
    Element(Element),
    /// Somebody consumed an outpoint.
    Consumed(Outpoint, Id),
    /// We own an outpoint.
    Gained(Piece),
    /// We signed an outpoint away.
    Spent(Outpoint),
    /// A request of ours is open, paid, or withdrawn.
    Request(OwnRequest),
    /// A transfer of ours was signed, receipted, given back, recorded.
    Outgoing(Outgoing),
    /// A payment to us was taken, or recorded.
    Incoming(Incoming),
    /// Two transfers of one outpoint have met here, and the bank is to know.
    Proof(ForkProof),
    /// The bank knows.
    ProofDone(ProofKey),
    /// Something happened that the holder should hear of.
    Event(Event),
    /// The holder has heard of it, or need not any more.
    EventDone(EventId),
    /// A call to the bank that must be repeated until it is answered.
    Order(Order),
    /// That call was answered.
    OrderDone(IdempotencyKey),
    /// Notes were loaded.
    Load(Load),
    /// The bank credited value whose claim window had closed.
    Closing(Closing),
    /// How well the keys must be kept of whoever pays this wallet.
    Demand(Option<Assurance>),
    /// The holder was told that the pool has run out; or it was filled again.
    RanOut(bool),
    /// The bank has said, at this time of its own, that this is the newest trust bundle.
    TrustSeen(Timestamp),
    /// More of a payment was given back.
    Refunds(Refunds),
    /// Something was paid that counts under the limits, or counts no longer.
    Spending(Spending),
    /// The bank told the time, and the device's clock was found right or wrong.
    DeviceClock(DeviceClock),
}

/// Who this wallet is to its operator.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Profile {
    /// The account key. Its secret is [`SecretName::Account`].
    #[n(0)]
    pub(crate) account: VerifyingKey,
    /// The pinned root of the issuer.
    #[n(1)]
    pub(crate) root: VerifyingKey,
    /// Which algorithm new holder keys have.
    #[n(2)]
    pub(crate) algorithm: Algorithm,
    /// The newest time that the bank ever signed.
    #[n(3)]
    pub(crate) time_floor: Timestamp,
    /// The last delivery that was collected from the bank.
    #[n(4)]
    pub(crate) collected: u64,
    /// Keys were retired, and the bank has not been told yet.
    #[n(5)]
    pub(crate) retirement_undeclared: bool,
    /// Until which `spend_until` the holder was warned of series that expire.
    #[n(6)]
    pub(crate) warned_until: Day,
    /// It was rolled back or copied once: what it gave back of payments on keys of before, it may have forgotten.
    #[cbor(n(7), default)]
    pub(crate) rolled_back: bool,
}

impl Profile {
    /// That of a wallet that has not dealt with anybody yet.
    pub(crate) fn new(account: VerifyingKey, root: VerifyingKey, algorithm: Algorithm) -> Self {
        Self {
            account,
            root,
            algorithm,
            time_floor: Timestamp::default(),
            collected: 0,
            retirement_undeclared: false,
            warned_until: Day::default(),
            rolled_back: false,
        }
    }
}

/// One of the phones of an account.
#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Device {
    /// Its random name towards the operator.
    #[n(0)]
    pub(crate) id: DeviceId,
    /// How it stands to the others.
    #[n(1)]
    pub(crate) standing: Standing,
    /// Under which key it last asked the bank to freeze the others: repeated, it is the same wish, and means nobody who came
    /// since.
    #[n(2)]
    pub(crate) wish: Option<IdempotencyKey>,
}

/// How a phone stands to the others of its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Standing {
    /// As good as any other.
    #[n(0)]
    Good,
    /// It declares the others lost, and the bank has not confirmed that yet.
    #[n(1)]
    Freezing,
    /// Another one declared it lost.
    #[n(2)]
    Frozen,
}

/// Which secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SecretName {
    /// The seed of the account key.
    Account,
    /// The X25519 key that goes with a holder key. It is in software, because no phone's hardware has Curve25519.
    Static(VerifyingKey),
}

/// A secret on its way to or from its row. Wiped when dropped, never printed; and in a box, because a list that grows leaves
/// its old place as it was.
#[derive(Clone)]
pub(crate) struct Secret(Box<Zeroizing<[u8; 32]>>);

impl Secret {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        secret.0.copy_from_slice(bytes);
        secret
    }

    pub(crate) fn draw(moment: &mut Moment) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        moment.fill(secret.0.as_mut_slice());
        secret
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key of the pool. Its secret is in the vault.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct HolderKey {
    #[n(0)]
    pub(crate) public: VerifyingKey,
    #[n(1)]
    pub(crate) handle: KeyHandle,
    #[n(2)]
    pub(crate) assurance: Assurance,
    #[n(3)]
    pub(crate) usage: Usage,
    #[n(4)]
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
    /// Has signed a payment: whoever saw that one knows the next one that it signs for the same wallet's.
    #[n(3)]
    Shown,
    /// Never signs again: the wallet was rolled back or copied, or the platform destroyed the key.
    #[n(2)]
    Retired,
    /// Another phone of the account declared this one lost: pays nobody any more but the bank.
    #[n(4)]
    Frozen,
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
    /// Its history holds a fork. The bank takes it; a phone that knows of the fork does not.
    #[n(8)]
    pub(crate) contested: bool,
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
    /// The holder does not want the money any more: what still comes is given back.
    #[n(3)]
    pub(crate) withdrawn: bool,
}

impl OwnRequest {
    /// Whether it is neither paid nor withdrawn.
    pub(crate) const fn is_open(&self) -> bool {
        self.paid_by.is_none() && !self.withdrawn
    }
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
    /// The transfer by which the payee gave it all back.
    #[n(7)]
    pub(crate) returned_by: Option<Id>,
    /// How it ended, as far as the bank is concerned.
    #[n(8)]
    pub(crate) end: Option<End>,
    /// The number of the commit that stored it.
    #[n(9)]
    pub(crate) commit: u64,
}

impl Outgoing {
    /// What has just been signed, and of which nobody has said anything yet.
    pub(crate) const fn signed(
        transfer: Id,
        purpose: Purpose,
        amount: Amount,
        signed_at: Timestamp,
        bytes: Vec<u8>,
        commit: u64,
    ) -> Self {
        Self {
            transfer,
            purpose,
            amount,
            signed_at,
            bytes,
            frozen: false,
            receipt: None,
            returned_by: None,
            end: None,
            commit,
        }
    }

    /// Whether nobody has confirmed it: neither payee nor bank.
    pub(crate) const fn is_in_doubt(&self) -> bool {
        self.receipt.is_none() && self.end.is_none()
    }

    /// The event that tells of the doubt, which is taken back when the doubt ends. A payment's commit brings no other.
    pub(crate) const fn doubt_event(&self) -> Option<EventId> {
        match self.purpose {
            Purpose::Payment(_) => Some(EventId::new(self.commit, 0)),
            Purpose::Deposit(_) | Purpose::Refresh(_) | Purpose::Return { .. } | Purpose::Refund { .. } => {
                None
            }
        }
    }
}

/// How a transfer ended at the bank.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum End {
    /// It is on record there.
    #[n(0)]
    Recorded,
    /// It never came to the bank, and what it would have moved was credited to this account when its claim window closed.
    #[n(1)]
    PaidBack,
    /// A refresh for which no notes could be issued: its worth is on the account.
    #[n(2)]
    Deposited,
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
    /// Giving back what the transfer `paid` brought; the bytes are a short receipt with the signature of the return.
    #[n(2)]
    Return {
        #[n(0)]
        paid: Id,
        /// The request that `paid` answered: by it the two sides know each other again.
        #[n(1)]
        request: RequestId,
    },
    /// Giving back, by the holder's decision, what the transfer `paid` brought, or a part of it; the bytes are a
    /// [`protocol::message::Refund`].
    #[n(3)]
    Refund {
        #[n(0)]
        paid: Id,
        /// The request that `paid` answered: by it the two sides know each other again.
        #[n(1)]
        request: RequestId,
    },
    /// Fresh notes from the operator; the bytes are a signed call.
    #[n(4)]
    Refresh(#[n(0)] IdempotencyKey),
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
    /// The transfer of this wallet that gave it all back.
    #[n(5)]
    pub(crate) returned_by: Option<Id>,
    /// The bank has it on record.
    #[n(6)]
    pub(crate) recorded: bool,
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

/// Value whose claim window closed: it is account money now.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Closing {
    #[n(0)]
    pub(crate) outpoint: Outpoint,
    #[n(1)]
    pub(crate) amount: Amount,
    #[n(2)]
    pub(crate) closed_at: Timestamp,
}

/// What was given back of one payment, by whichever side of it this wallet is. Money that was given back in the tap that
/// brought it is not in here: that payment says so itself.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Refunds {
    /// The payment.
    #[n(0)]
    pub(crate) paid: Id,
    /// Its refunds, oldest first. Never more than the payment, all together.
    #[n(1)]
    pub(crate) refunds: Vec<Refund>,
}

/// One of them.
#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Refund {
    #[n(0)]
    pub(crate) transfer: Id,
    #[n(1)]
    pub(crate) amount: Amount,
}

impl Refunds {
    /// How much that is.
    pub(crate) fn total(&self) -> Amount {
        sum(self.refunds.iter().map(|refund| refund.amount))
    }
}

/// How the device's clock stood when the bank last told the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum DeviceClock {
    /// As it should.
    #[default]
    #[n(0)]
    Right,
    /// Far ahead.
    #[n(1)]
    Ahead,
    /// Far behind.
    #[n(2)]
    Behind,
}

/// The name of a fraud proof: what was forked, and by which two transfers.
pub(crate) type ProofKey = Id;

/// The name of this proof, whichever way round it shows the two.
pub(crate) fn proof_key(proof: &ForkProof) -> ProofKey {
    let (first, second) = (proof.first.transfer.id(), proof.second.transfer.id());
    let mut digest = Sha256::new();
    digest.update(first.min(second).as_bytes());
    digest.update(first.max(second).as_bytes());
    digest.update([proof.output]);
    Id::from_bytes(digest.finalize().into())
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
