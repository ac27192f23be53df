//! Slips: what one device shows and another reads, where nobody can answer at once: a code on a screen, a file.
//!
//! They carry the objects of a handoff in clear, each complete without a channel: a request goes to the payer, a payment
//! to the payee, a receipt back. Nobody is authenticated by how a slip came, and nobody need be: a request is signed by the
//! key that it wants to be paid to, a payment is bound to its request and to its payee's key, a receipt to its transfer.
//!
//! ```text
//! slip = [0, signed-request] / [1, request id, answer] / [2, transfer, short-receipt] / [3, paid, refund]
//! ```
//!
//! `answer` is a byte string: what is in it only the payee can read, who knows its request.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    cbor::{self, DecodeError},
    id::Id,
    message::{Refund, ShortReceipt},
    request::{Request, RequestId},
    signed::Signed,
};

/// What one device shows and another reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Slip {
    /// What a payee asks: for the payer. Signed by the key that is to be paid, so that nobody else asks in its name.
    Request(Signed<Request>),
    /// A payment: for the payee.
    Payment {
        /// Which of the payee's requests it answers.
        request: RequestId,
        /// See [`crate::Payment::encode_answer`].
        answer: Vec<u8>,
    },
    /// A receipt, perhaps with a return in it: for whoever sent that transfer.
    Receipt {
        /// The transfer that was taken.
        transfer: Id,
        /// The rest of its receipt.
        receipt: ShortReceipt,
    },
    /// Money back, by the payee's decision: for whoever paid.
    Refund {
        /// The transfer that paid.
        paid: Id,
        /// What is given back of it.
        refund: Refund,
    },
}

impl Slip {
    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads a slip. What a payment holds is not looked into: that takes the request it answers.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("slip", bytes)
    }
}

impl<C> Encode<C> for Slip {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Request(request) => e.array(2)?.u8(0)?.encode_with(request, ctx)?.ok(),
            Self::Payment { request, answer } => {
                e.array(3)?.u8(1)?.encode_with(request, ctx)?.bytes(answer)?.ok()
            }
            Self::Receipt { transfer, receipt } => {
                let e = e.array(3)?.u8(2)?;
                e.encode_with(transfer, ctx)?.encode_with(receipt, ctx)?.ok()
            }
            Self::Refund { paid, refund } => {
                let e = e.array(3)?.u8(3)?;
                e.encode_with(paid, ctx)?.encode_with(refund, ctx)?.ok()
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Slip {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        let length = d.array()?;
        Ok(match (length, d.u8()?) {
            (Some(2), 0) => Self::Request(d.decode_with(ctx)?),
            (Some(3), 1) => Self::Payment {
                request: d.decode_with(ctx)?,
                answer: d.bytes()?.to_vec(),
            },
            (Some(3), 2) => Self::Receipt {
                transfer: d.decode_with(ctx)?,
                receipt: d.decode_with(ctx)?,
            },
            (Some(3), 3) => Self::Refund {
                paid: d.decode_with(ctx)?,
                refund: d.decode_with(ctx)?,
            },
            _ => return Err(decode::Error::message("unknown kind").at(at)),
        })
    }
}
