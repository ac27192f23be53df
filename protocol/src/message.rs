//! What payer and payee say to each other inside the channel. The two take turns; the payee speaks first.
//!
//! | payee | payer |
//! | --- | --- |
//! | *offer*: this is who I am and what I ask | *payment* |
//! | *receipt*: taken; perhaps taken and given back | *return*: what you once paid, given back |
//! | | *refund*: of what you once paid, this much |
//! | *resumed*: I know that one | *resume*: do you know one of these? |
//! | *refusal* | *refusal* |
//! | *news*: the newer status list | *news*: the same, or the wish for it |
//! | | *receipt*: I took what you gave back |
//! | | *done*: the receipt is stored |
//!
//! News are for after the money: two devices whose status lists are of one age, as usual, never say it.
//!
//! A message is a CBOR sequence (RFC 8742): its kind, then its content.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    amount::Amount,
    cbor::{DecodeError, byte_string},
    certificate::StaticKeyHash,
    code::Code,
    id::hmac_sha256,
    key::Signature,
    request::{Request, RequestId},
    signed::Signed,
    status::StatusList,
    time::Timestamp,
};

byte_string! {
    /// A request, named so that only those who know its id recognise it: the first 8 bytes of HMAC-SHA-256, keyed with
    /// the request id, over a domain tag, a zero byte and the handshake hash. To everybody else it is noise that never
    /// repeats.
    ResumeTag, 8
}

impl ResumeTag {
    /// The payer's question in the session with this handshake hash (domain tag `dcep/1/resume`).
    #[must_use]
    pub fn question(request: &RequestId, handshake_hash: &[u8; 32]) -> Self {
        Self::new(b"dcep/1/resume\0", request, handshake_hash)
    }

    /// The payee's answer, which proves that it knows the request too (domain tag `dcep/1/resumed`).
    #[must_use]
    pub fn answer(request: &RequestId, handshake_hash: &[u8; 32]) -> Self {
        Self::new(b"dcep/1/resumed\0", request, handshake_hash)
    }

    fn new(tag: &[u8], request: &RequestId, handshake_hash: &[u8; 32]) -> Self {
        let mac = hmac_sha256(request.as_bytes(), &[tag, handshake_hash]);
        let mut short = [0; 8];
        short.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        Self::from_bytes(short)
    }
}

/// A refusal: why, and for limits how much would have been possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Refusal {
    /// The row of the table of errors.
    #[n(0)]
    pub code: Code,
    /// The most that would have been accepted, where the reason is an amount. Absent otherwise.
    #[n(1)]
    pub at_most: Option<Amount>,
}

/// A receipt inside a channel, where the transfer it speaks of is known: `[taken_at, signature, ? returned]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ShortReceipt {
    /// When the payee took the payment, by its clock.
    #[n(0)]
    pub taken_at: Timestamp,
    /// Over the complete [`crate::Receipt`].
    #[n(1)]
    pub signature: Signature,
    /// If the payee gave everything back at once: its signature over [`crate::Transfer::returning`] of the payment. All
    /// else in that transfer the payer knows. Absent otherwise.
    #[n(2)]
    pub returned: Option<Signature>,
}

/// Money back, decided on after the payment was taken: a payment of its own, to the key that paid.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Refund {
    /// The receipt for what was paid: whoever gets money back for it is in no doubt about it any more.
    #[n(0)]
    pub receipt: ShortReceipt,
    /// In its complete encoding. Its final transfer has the reference [`crate::Reference::to_return`] of what was paid.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub payment: Vec<u8>,
}

/// "I know the request behind one of these tags", with the proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Recognised {
    /// [`ResumeTag::answer`] for that request: it says which one, and proves that the payee knows it. Without the proof a
    /// stranger could answer, and be sent the payment.
    #[n(0)]
    pub proof: ResumeTag,
    /// The receipt, if that request's payment was already taken; absent if it is still wanted.
    #[n(1)]
    pub receipt: Option<ShortReceipt>,
}

/// What a payee asks, how new its status list is, and what it may still take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// What it asks; nothing, if it is only here to resume.
    pub request: Option<Request>,
    /// The version of its status list; 0 if it has none.
    pub status: u64,
    /// The most it may take, where that is less than anybody would think who knows what it asks and its policy: less than
    /// the amount it asks, or than one payment may move. Absent otherwise, as usual.
    pub at_most: Option<Amount>,
}

/// What the payee says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PayeeMessage {
    /// `0, request / null, status version, ? at most`: what it asks.
    Offer(Offer),
    /// `1, short-receipt`: it took the payment.
    Receipt(ShortReceipt),
    /// `2, refusal`: it did not.
    Refusal(Refusal),
    /// `3, recognised / null`: the answer to `Resume`.
    Resumed(Option<Recognised>),
    /// `4, signed status list / null`: the answer to `News`; null if there is nothing newer to show.
    News(Option<Signed<StatusList>>),
}

/// What the payer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PayerMessage {
    /// `0, answer`: the payment, encoded as an answer to the request it pays.
    Payment(Vec<u8>),
    /// `1, [4 tags]`: which of my payments in doubt are yours? Always four, filled up with random bytes.
    Resume([ResumeTag; 4]),
    /// `2, refusal`: it does not pay.
    Refusal(Refusal),
    /// `3`: the receipt is stored; or there is nothing more to say.
    Done,
    /// `4, short-receipt`: it took what the payee gave back.
    Receipt(ShortReceipt),
    /// `5, short-receipt`: what the other side once paid was taken, and given back; the receipt has `returned`.
    Return(ShortReceipt),
    /// `6, signed status list / null`: here is a newer status list than yours; null asks for yours.
    News(Option<Signed<StatusList>>),
    /// `7, refund`: of what the other side once paid, this much is given back.
    Refund(Refund),
}

const NAME: &str = "message";

impl PayeeMessage {
    /// The bytes to encrypt.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        write(|e| match self {
            Self::Offer(Offer {
                request,
                status,
                at_most,
            }) => {
                e.u8(0)?;
                match request {
                    Some(request) => request.encode_in_channel(e)?,
                    None => e.null()?.ok()?,
                }
                e.u64(*status)?;
                at_most.iter().try_for_each(|at_most| e.encode(at_most)?.ok())
            }
            Self::Receipt(receipt) => e.u8(1)?.encode(receipt)?.ok(),
            Self::Refusal(refusal) => e.u8(2)?.encode(refusal)?.ok(),
            Self::Resumed(recognised) => e.u8(3)?.encode(recognised)?.ok(),
            Self::News(list) => e.u8(4)?.encode(list)?.ok(),
        })
    }

    /// Reads what a payee said over a channel in which it proved to own `static_key`.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8], static_key: StaticKeyHash) -> Result<Self, DecodeError> {
        read(bytes, Self::encode, |d| {
            Ok(match d.u8()? {
                0 => {
                    let request = if d.datatype()? == minicbor::data::Type::Null {
                        d.null()?;
                        None
                    } else {
                        Some(Request::decode_in_channel(d, static_key)?)
                    };
                    let status = d.u64()?;
                    let more = d.position() < d.input().len();
                    Self::Offer(Offer {
                        request,
                        status,
                        at_most: more.then(|| d.decode()).transpose()?,
                    })
                }
                1 => Self::Receipt(d.decode()?),
                2 => Self::Refusal(d.decode()?),
                3 => Self::Resumed(d.decode()?),
                4 => Self::News(d.decode()?),
                _ => return Err(decode::Error::message("unknown kind")),
            })
        })
    }
}

impl PayerMessage {
    /// The bytes to encrypt.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Payment(answer) => [&[0], answer.as_slice()].concat(),
            other => write(|e| match other {
                Self::Resume(tags) => e.u8(1)?.encode(tags)?.ok(),
                Self::Refusal(refusal) => e.u8(2)?.encode(refusal)?.ok(),
                Self::Done | Self::Payment(_) => e.u8(3)?.ok(),
                Self::Receipt(receipt) => e.u8(4)?.encode(receipt)?.ok(),
                Self::Return(receipt) => e.u8(5)?.encode(receipt)?.ok(),
                Self::News(list) => e.u8(6)?.encode(list)?.ok(),
                Self::Refund(refund) => e.u8(7)?.encode(refund)?.ok(),
            }),
        }
    }

    /// Reads what a payer said. The payment is not looked into: that takes the request it answers.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if let Some((0, answer)) = bytes.split_first() {
            return Ok(Self::Payment(answer.to_vec()));
        }
        read(bytes, Self::encode, |d| {
            Ok(match d.u8()? {
                1 => Self::Resume(d.decode()?),
                2 => Self::Refusal(d.decode()?),
                3 => Self::Done,
                4 => Self::Receipt(d.decode()?),
                5 => Self::Return(d.decode()?),
                6 => Self::News(d.decode()?),
                7 => Self::Refund(d.decode()?),
                _ => return Err(decode::Error::message("unknown kind")),
            })
        })
    }
}

fn write(
    content: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Result<(), encode::Error<core::convert::Infallible>>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let written = content(&mut Encoder::new(&mut bytes));
    debug_assert!(written.is_ok());
    bytes
}

fn read<T>(
    bytes: &[u8],
    encode: impl FnOnce(&T) -> Vec<u8>,
    content: impl FnOnce(&mut Decoder<'_>) -> Result<T, decode::Error>,
) -> Result<T, DecodeError> {
    let message = content(&mut Decoder::new(bytes)).map_err(|e| DecodeError::malformed(NAME, &e))?;
    if encode(&message) == bytes {
        Ok(message)
    } else {
        Err(DecodeError::NotCanonical { object: NAME })
    }
}
