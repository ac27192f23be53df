//! Objects as JSON for people and for other languages. Never the canonical form: that is CBOR alone.
//!
//! Byte strings become lowercase hexadecimal digits, numbers stay numbers (a note's serial, which may exceed
//! 2^53, becomes decimal digits), absent things become null. Members keep the order of the wire format.

use core::num::NonZeroU32;

use data_encoding::HEXLOWER;
use protocol::{
    Amount, Attribution, ForkProof, Grant, HolderCertificate, Limits, Note, OfflineLimits,
    OperatorCertificate, Outpoint, Output, Payment, Policy, Receipt, Request, Series, Signed, SignedTransfer,
    StatusAuthority, StatusList, Terms, Transfer, TrustBundle, UnverifiedName, Validity, VerifyingKey,
    attribution::{Act, Basis, NeverCertified, Taking},
    bank::{Call, Delivery, KeyApplication, Reply},
    fraud::{Branch, Origin},
    message::{Offer, Recognised, Refusal, ShortReceipt},
};
use serde::{Serialize, Serializer};

/// A JSON value whose objects keep their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number below 2^53.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Members in their order.
    Object(Vec<(&'static str, Json)>),
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => s.serialize_unit(),
            Self::Bool(bool) => s.serialize_bool(*bool),
            Self::Number(number) => s.serialize_u64(*number),
            Self::Text(text) => s.serialize_str(text),
            Self::List(list) => s.collect_seq(list),
            Self::Object(members) => s.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// Hexadecimal digits.
#[must_use]
pub fn hex(bytes: impl AsRef<[u8]>) -> Json {
    Json::Text(HEXLOWER.encode(bytes.as_ref()))
}

/// What can be shown as JSON.
pub trait ToJson {
    /// It as JSON.
    fn to_json(&self) -> Json;
}

impl ToJson for Json {
    fn to_json(&self) -> Json {
        self.clone()
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, ToJson::to_json)
    }
}

impl<T: ToJson> ToJson for [T] {
    fn to_json(&self) -> Json {
        Json::List(self.iter().map(ToJson::to_json).collect())
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Json {
        self.as_slice().to_json()
    }
}

macro_rules! number {
    ($($type:ty: $value:expr),* $(,)?) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Json {
                let value: fn(&$type) -> u64 = $value;
                Json::Number(value(self))
            }
        }
    )*};
}

number! {
    u8: |n| (*n).into(),
    u32: |n| (*n).into(),
    NonZeroU32: |n| n.get().into(),
    u64: |n| *n,
    Amount: |amount| amount.fen(),
    protocol::Code: |code| *code as u64,
    protocol::Day: |day| day.number().into(),
    protocol::OperatorId: |id| id.0.into(),
    protocol::SeriesId: |id| id.0.into(),
    protocol::Timestamp: |time| time.seconds(),
    protocol::WalletClass: |class| match class {
        protocol::WalletClass::I => 1,
        protocol::WalletClass::Ii => 2,
        protocol::WalletClass::Iii => 3,
        protocol::WalletClass::Iv => 4,
    },
    protocol::Assurance: |assurance| match assurance {
        protocol::Assurance::Software => 0,
        protocol::Assurance::TrustedEnvironment => 1,
        protocol::Assurance::SecureElement => 2,
    },
}

macro_rules! byte_string {
    ($($type:ty),* $(,)?) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Json {
                hex(self.as_bytes())
            }
        }
    )*};
}

byte_string!(
    protocol::Id,
    protocol::Reference,
    protocol::RequestId,
    protocol::Signature,
    protocol::StaticKeyHash,
    protocol::bank::DeviceId,
    protocol::bank::IdempotencyKey,
    protocol::key::KeyHash,
    protocol::message::ResumeTag,
);

impl ToJson for VerifyingKey {
    fn to_json(&self) -> Json {
        hex(self.to_bytes())
    }
}

impl ToJson for protocol::Name {
    fn to_json(&self) -> Json {
        Json::Text(self.to_string())
    }
}

/// An object out of the fields of the same names.
macro_rules! fields {
    ($($type:ty: $($field:ident)*;)*) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Json {
                Json::Object(vec![$((stringify!($field), self.$field.to_json())),*])
            }
        }
    )*};
}

fields! {
    Validity: from until;
    OperatorCertificate: operator version name certifying_key settlement_key validity;
    Series: series note_key issue spend_until claim_until;
    StatusAuthority: version key validity;
    Policy: operator class version profile limits stale_after_days;
    Limits: balance per_payment per_day per_year offline unconfirmed_each unconfirmed_total;
    OfflineLimits: total payments hops age_days;
    TrustBundle: operators series policies authority status;
    HolderCertificate: holder_key static_key grant;
    Grant: operator class assurance validity name;
    Outpoint: origin output;
    Output: holder_key amount;
    Transfer: inputs outputs reference;
    SignedTransfer: transfer signatures;
    Request: id amount payee terms;
    Receipt: transfer taken_at;
    Branch: transfer signature;
    ForkProof: origin output first second;
    Offer: request status at_most;
    Attribution: proof basis;
    NeverCertified: operator holder_key at;
    Taking: path output certificate act;
    Refusal: code at_most;
    ShortReceipt: taken_at signature returned;
    Recognised: proof receipt;
    KeyApplication: account holder_key static_key assurance device;
}

impl<T: ToJson> ToJson for Signed<T> {
    fn to_json(&self) -> Json {
        Json::Object(vec![
            ("body", self.body.to_json()),
            ("signature", self.signature.to_json()),
        ])
    }
}

/// Null where they are left out.
impl ToJson for Terms {
    fn to_json(&self) -> Json {
        if self.is_empty() {
            return Json::Null;
        }
        let name = self.name.as_ref().map(UnverifiedName::claimed);
        Json::Object(vec![
            ("name", name.cloned().to_json()),
            ("assurance", self.assurance.to_json()),
        ])
    }
}

impl ToJson for StatusList {
    fn to_json(&self) -> Json {
        Json::Object(vec![
            ("version", self.version.to_json()),
            ("issued_at", self.issued_at.to_json()),
            ("keys", self.keys().to_json()),
        ])
    }
}

impl ToJson for Note {
    fn to_json(&self) -> Json {
        Json::Object(vec![
            ("series", self.series.to_json()),
            ("serial", Json::Text(self.serial.to_string())),
            ("issued", self.issued.to_json()),
            ("amount", self.amount.to_json()),
            ("holder_key", self.holder_key.to_json()),
        ])
    }
}

impl ToJson for Origin {
    fn to_json(&self) -> Json {
        Json::Object(vec![match self {
            Self::Note(note) => ("note", note.to_json()),
            Self::Transfer(transfer) => ("transfer", transfer.to_json()),
        }])
    }
}

impl ToJson for Basis {
    fn to_json(&self) -> Json {
        Json::Object(vec![match self {
            Self::Certified(certificate) => ("certified", certificate.to_json()),
            Self::Taken { statements, takings } => (
                "taken",
                Json::Object(vec![
                    ("statements", statements.to_json()),
                    ("takings", takings.to_json()),
                ]),
            ),
        }])
    }
}

impl ToJson for Act {
    fn to_json(&self) -> Json {
        Json::Object(vec![match self {
            Self::Receipt(receipt) => ("receipt", receipt.to_json()),
            Self::PaidOn(branch) => ("paid_on", branch.to_json()),
        }])
    }
}

impl ToJson for Delivery {
    fn to_json(&self) -> Json {
        Json::Object(vec![match self {
            Self::Payment { payment } => ("payment", Json::Object(vec![("payment", hex(payment))])),
            Self::Closed { outpoint, amount } => (
                "closed",
                Json::Object(vec![
                    ("outpoint", outpoint.to_json()),
                    ("amount", amount.to_json()),
                ]),
            ),
            Self::Frozen { devices } => (
                "frozen",
                Json::Object(vec![(
                    "devices",
                    Json::List(devices.iter().map(|device| hex(device.as_bytes())).collect()),
                )]),
            ),
        }])
    }
}

/// With every elision undone.
impl ToJson for Payment {
    fn to_json(&self) -> Json {
        Json::Object(vec![
            ("notes", self.notes().to_json()),
            ("transfers", self.transfers().to_json()),
            ("certificates", self.certificates().to_json()),
        ])
    }
}

/// A call, whose order is given by whoever knows it.
#[must_use]
pub fn call(call: &Signed<Call>, order: Json) -> Json {
    Json::Object(vec![
        (
            "body",
            Json::Object(vec![
                ("account", call.body.account.to_json()),
                ("idempotency_key", call.body.idempotency_key.to_json()),
                ("order", order),
            ]),
        ),
        ("signature", call.signature.to_json()),
    ])
}

/// A reply, whose answer is given by whoever knows it.
#[must_use]
pub fn reply(reply: &Signed<Reply>, answer: Json) -> Json {
    Json::Object(vec![
        (
            "body",
            Json::Object(vec![
                ("operator", reply.body.operator.to_json()),
                ("call", reply.body.call.to_json()),
                ("at", reply.body.at.to_json()),
                ("answer", answer),
            ]),
        ),
        ("signature", reply.signature.to_json()),
    ])
}
