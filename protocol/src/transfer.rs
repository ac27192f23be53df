//! Transfers: a holder's signed statement that passes value on.
//!
//! There is one kind. A payment, a return, a deposit and a refresh differ only in whom they name
//! and in what their [`Reference`] is the hash of.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    amount::Amount,
    cbor::byte_string,
    id::{Id, truncated_hash},
    key::{Signature, VerifyingKey},
    request::RequestId,
    signed::Body,
};

/// One piece of value: an output of a note (always number 0) or of a transfer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Outpoint {
    /// The note or transfer that created it.
    #[n(0)]
    pub origin: Id,
    /// The output number there.
    #[n(1)]
    pub output: u8,
}

/// Value created for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Output {
    /// Who may pass it on.
    #[n(0)]
    pub holder_key: VerifyingKey,
    /// Never zero.
    #[cbor(n(1), with = "crate::amount::positive")]
    pub amount: Amount,
}

byte_string! {
    /// What a transfer answers: a 16-byte hash that means something only to those who know what was hashed.
    Reference, 16
}

impl Reference {
    /// The answer to a payee's request.
    #[must_use]
    pub fn to_request(request: &RequestId) -> Self {
        Self::from_bytes(truncated_hash("dcep/1/reference/request", &[request.as_bytes()]))
    }

    /// A return of what the transfer `paid` brought, or of part of it, to the key that paid it.
    #[must_use]
    pub fn to_return(paid: &Id) -> Self {
        Self::from_bytes(truncated_hash("dcep/1/reference/return", &[paid.as_bytes()]))
    }

    /// A deposit by the holder of `account`, under an order number of its choice: nobody can claim it for another account.
    #[must_use]
    pub fn to_deposit(account: &VerifyingKey, order: &[u8; 16]) -> Self {
        Self::from_bytes(truncated_hash(
            "dcep/1/reference/deposit",
            &[order, &account.to_bytes()],
        ))
    }

    /// A refresh by the holder of `account`, under an order number of its choice.
    #[must_use]
    pub fn to_refresh(account: &VerifyingKey, order: &[u8; 16]) -> Self {
        Self::from_bytes(truncated_hash(
            "dcep/1/reference/refresh",
            &[order, &account.to_bytes()],
        ))
    }
}

/// Consumes outputs and creates outputs of exactly the same sum. Signed by the owner of every input.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Transfer {
    /// What it consumes: at least one, none twice.
    #[n(0)]
    pub inputs: Vec<Outpoint>,
    /// What it creates: output 0 is the payee's, further ones are change.
    #[n(1)]
    pub outputs: Vec<Output>,
    /// What it answers.
    #[n(2)]
    pub reference: Reference,
}

impl Transfer {
    /// No transfer has more inputs, or more outputs, than this.
    pub const MAX_PARTS: usize = 64;

    /// The return of everything that the transfer `paid` brought its payee: output 0 of it, whole, to `payer`, which must be
    /// a key that paid. Nothing in it is left to choose, so only its signature has to travel.
    #[must_use]
    pub fn returning(paid: Id, amount: Amount, payer: VerifyingKey) -> Self {
        Self {
            inputs: vec![Outpoint {
                origin: paid,
                output: 0,
            }],
            outputs: vec![Output {
                holder_key: payer,
                amount,
            }],
            reference: Reference::to_return(&paid),
        }
    }
}

impl Body for Transfer {
    const TAG: &'static str = "dcep/1/transfer";
}

/// A transfer with the signatures of its inputs' owners: one per distinct key, in the order in which the inputs first name them.
///
/// Wire form outside a payment: `[transfer, signatures]`, the signatures concatenated in one byte string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedTransfer {
    /// What is signed.
    pub transfer: Transfer,
    /// One per distinct owner.
    pub signatures: Vec<Signature>,
}

impl<C> Encode<C> for SignedTransfer {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        self.transfer.encode(e, ctx)?;
        encode_signatures(&self.signatures, e)
    }
}

impl<'b, C> Decode<'b, C> for SignedTransfer {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        crate::signed::expect_array(d, 2)?;
        Ok(Self {
            transfer: Transfer::decode(d, ctx)?,
            signatures: decode_signatures(d)?,
        })
    }
}

pub(crate) fn encode_signatures<W: encode::Write>(
    signatures: &[Signature],
    e: &mut Encoder<W>,
) -> Result<(), encode::Error<W::Error>> {
    let all: Vec<u8> = signatures.iter().flat_map(|s| *s.as_bytes()).collect();
    e.bytes(&all)?.ok()
}

pub(crate) fn decode_signatures(d: &mut Decoder<'_>) -> Result<Vec<Signature>, decode::Error> {
    let at = d.position();
    let (signatures, rest) = d.bytes()?.as_chunks::<64>();
    if signatures.is_empty() || !rest.is_empty() {
        return Err(decode::Error::message("signatures are not a multiple of 64 bytes").at(at));
    }
    Ok(signatures
        .iter()
        .map(|bytes| Signature::from_bytes(*bytes))
        .collect())
}
