//! What a wallet says to its operator, and the operator's answers. One call is one signed object.

use minicbor::{Decode, Encode};

use crate::{
    amount::Amount,
    cbor::byte_string,
    certificate::{Assurance, HolderCertificate, Name, OperatorId, StaticKeyHash, WalletClass},
    fraud::ForkProof,
    id::Id,
    key::VerifyingKey,
    message::{Refusal, ShortReceipt},
    note::Note,
    receipt::Receipt,
    signed::{Body, Signed},
    time::Timestamp,
    transfer::Outpoint,
    trust::TrustBundle,
};

byte_string! {
    /// Chosen at random by the wallet for each order: the same order under the same key gets the same answer.
    IdempotencyKey, 16
}

byte_string! {
    /// The random name of one install of a wallet, towards its operator: by it the phones of one account are told apart.
    DeviceId, 16
}

/// A call. Signed by the account key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Call {
    /// The account that calls, by its key.
    #[n(0)]
    pub account: VerifyingKey,
    /// Chosen for this order.
    #[n(1)]
    pub idempotency_key: IdempotencyKey,
    /// What is asked.
    #[n(2)]
    pub order: Order,
}

impl Body for Call {
    const TAG: &'static str = "dcep/1/call";
}

/// What a wallet can ask of its operator.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Order {
    /// Open an account of a class; merchants have a name.
    #[n(0)]
    Enrol {
        /// The class asked for.
        #[n(0)]
        class: WalletClass,
        /// A merchant's name.
        #[n(1)]
        name: Option<Name>,
    },
    /// Certify holder keys.
    #[n(1)]
    Certify {
        /// The keys, each with the proof that the wallet holds it.
        #[n(0)]
        keys: Vec<Signed<KeyApplication>>,
    },
    /// Turn account money into notes.
    #[n(2)]
    Load {
        /// How much.
        #[n(0)]
        amount: Amount,
        /// Certified keys of this wallet that the notes are spread over.
        #[n(1)]
        keys: Vec<VerifyingKey>,
    },
    /// Turn value into account money: a transfer to the operator's settlement key with the reference
    /// `Reference::to_deposit(account, idempotency key)`.
    #[n(3)]
    Deposit {
        /// A payment in its complete encoding.
        #[cbor(n(0), with = "minicbor::bytes")]
        payment: Vec<u8>,
    },
    /// How much is on the account?
    #[n(4)]
    Account,
    /// A payment that this wallet signed, or took. The operator records it and delivers it to its payee; no money moves.
    /// For the payer, being recorded ends the doubt.
    #[n(5)]
    Report {
        /// The payment in its complete encoding.
        #[cbor(n(0), with = "minicbor::bytes")]
        payment: Vec<u8>,
        /// The payee's receipt, if there is one: the evidence that it took what it was paid.
        #[n(1)]
        receipt: Option<ShortReceipt>,
    },
    /// What has come in for this account since a delivery that the wallet already has?
    #[n(6)]
    Collect {
        /// The number of the last delivery the wallet has; 0 for none.
        #[n(0)]
        after: u64,
    },
    /// "This key signed one outpoint away twice."
    #[n(7)]
    Accuse {
        /// The proof.
        #[n(0)]
        proof: Box<ForkProof>,
    },
    /// These holder keys will never sign again: the wallet was rolled back, copied or lost. What they hold is credited to
    /// the account when its claim window closes.
    #[n(8)]
    Retire {
        /// The keys.
        #[n(0)]
        keys: Vec<VerifyingKey>,
    },
    /// Which of these transfers has the bank recorded? Asked by a wallet that must not show them.
    #[n(9)]
    Inquire {
        /// The transfers.
        #[n(0)]
        transfers: Vec<Id>,
    },
    /// Turn value into fresh notes: a transfer to the operator's settlement key with the reference
    /// `Reference::to_refresh(account, idempotency key)`.
    #[n(10)]
    Refresh {
        /// A payment in its complete encoding.
        #[cbor(n(0), with = "minicbor::bytes")]
        payment: Vec<u8>,
        /// Certified keys of this wallet that the notes are spread over.
        #[n(1)]
        keys: Vec<VerifyingKey>,
    },
    /// All other phones of this account are lost: none of their keys is good for a payment any more, and none gets new ones.
    /// What they hold is credited to the account when it is claimed, or when its claim window closes.
    #[n(11)]
    Freeze {
        /// The phone that says so, and stays.
        #[n(0)]
        device: DeviceId,
    },
}

/// Something that has come in for an account.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Delivery {
    /// Somebody reported a payment to a key of this account. Its signatures were checked, its final signers are certified,
    /// and it is recorded.
    #[n(0)]
    Payment {
        /// In its complete encoding.
        #[cbor(n(0), with = "minicbor::bytes")]
        payment: Vec<u8>,
    },
    /// The claim window of value on a key of this account has closed, and its worth was credited to the account.
    #[n(1)]
    Closed {
        /// The value. Nobody can pay with it any more.
        #[n(0)]
        outpoint: Outpoint,
        /// How much was credited.
        #[n(1)]
        amount: Amount,
    },
    /// Another phone of this account declared these lost.
    #[n(2)]
    Frozen {
        /// Those that were not declared lost before.
        #[n(0)]
        devices: Vec<DeviceId>,
    },
}

/// "Certify this key for me." Signed by the very key: nobody can have a key certified that is not theirs.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct KeyApplication {
    /// The account it is for.
    #[n(0)]
    pub account: VerifyingKey,
    /// The holder key.
    #[n(1)]
    pub holder_key: VerifyingKey,
    /// The payee's Noise key that goes with it.
    #[n(2)]
    pub static_key: StaticKeyHash,
    /// Where the holder key lives, as the wallet says.
    #[n(3)]
    pub assurance: Assurance,
    /// The phone it is on.
    #[n(4)]
    pub device: Option<DeviceId>,
}

impl Body for KeyApplication {
    const TAG: &'static str = "dcep/1/key-application";
}

/// What comes back. Signed by the operator's certifying key: a line that drops or delays answers cannot make one up, and
/// least of all a refusal of what was carried out.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Reply {
    /// Who answers.
    #[n(0)]
    pub operator: OperatorId,
    /// The id of the call that is answered; all zeros if what came was no call.
    #[n(1)]
    pub call: Id,
    /// The operator's time.
    #[n(2)]
    pub at: Timestamp,
    /// The answer.
    #[n(3)]
    pub answer: Answer,
}

impl Body for Reply {
    const TAG: &'static str = "dcep/1/reply";
}

/// What the operator answers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Answer {
    /// Not done, and nothing has changed.
    #[n(0)]
    Refused(#[n(0)] Refusal),
    /// The account is open.
    #[n(1)]
    Enrolled {
        /// Whom to believe from now on.
        #[n(0)]
        trust: TrustBundle,
    },
    /// In the order of the applications.
    #[n(2)]
    Certified {
        /// The certificates.
        #[n(0)]
        certificates: Vec<Signed<HolderCertificate>>,
    },
    /// Fresh notes that add up to the order.
    #[n(3)]
    Loaded {
        /// The notes.
        #[n(0)]
        notes: Vec<Signed<Note>>,
    },
    /// Settled, and credited to the account.
    #[n(4)]
    Deposited {
        /// Signed by the operator's settlement key.
        #[n(0)]
        receipt: Signed<Receipt>,
    },
    /// What the account holds.
    #[n(5)]
    Account {
        /// Its balance.
        #[n(0)]
        balance: Amount,
    },
    /// The reported payment is on record, for good.
    #[n(6)]
    Recorded,
    /// What came in, in the order of arrival.
    #[n(7)]
    Delivered {
        /// As many as fit.
        #[n(0)]
        deliveries: Vec<Delivery>,
        /// The number of the last of them, or `after` again if there is none.
        #[n(1)]
        last: u64,
        /// Whether there is more to collect.
        #[n(2)]
        more: bool,
    },
    /// The fraud proof is on file.
    #[n(8)]
    Accused,
    /// The keys are retired.
    #[n(9)]
    Retired,
    /// What is on record of what was asked about.
    #[n(10)]
    Known {
        /// Those that are recorded.
        #[n(0)]
        transfers: Vec<Id>,
    },
    /// Settled, and issued anew. If no notes can be issued, the answer is `Deposited`: the worth is on the account.
    #[n(11)]
    Refreshed {
        /// Signed by the operator's settlement key.
        #[n(0)]
        receipt: Signed<Receipt>,
        /// Fresh notes of exactly the same sum.
        #[n(1)]
        notes: Vec<Signed<Note>>,
    },
    /// The other phones of the account are frozen.
    #[n(12)]
    Frozen,
}
