//! Requests: what the payee asks for, and whom to pay.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    amount::Amount,
    cbor::byte_string,
    certificate::{HolderCertificate, StaticKeyHash, without_static_key},
    signed::{Signed, expect_array},
    transfer::Reference,
};

byte_string! {
    /// The random name of a request. Payer and payee alone know it; transfers carry its hash.
    RequestId, 16
}

/// What the payee asks. It is authenticated by the channel it travels in, or by the person who shows it.
///
/// Wire form: `[id, amount / null, certificate]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Random, used once.
    pub id: RequestId,
    /// How much is asked; `None` leaves it to the payer (a gift, a split bill).
    pub amount: Option<Amount>,
    /// The payee: its holder key receives the money.
    pub payee: Signed<HolderCertificate>,
}

impl Request {
    /// The reference that a transfer carries which answers this request.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::to_request(&self.id)
    }

    /// Writes the request as it travels inside a Noise channel: without the payee's static key.
    pub(crate) fn encode_in_channel<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
    ) -> Result<(), encode::Error<W::Error>> {
        self.encode_head(e)?;
        without_static_key::encode(&self.payee, e)
    }

    /// Reads what [`Request::encode_in_channel`] wrote; `static_key` is the hash of the key that the handshake proved.
    pub(crate) fn decode_in_channel(
        d: &mut Decoder<'_>,
        static_key: StaticKeyHash,
    ) -> Result<Self, decode::Error> {
        let (id, amount) = Self::decode_head(d)?;
        Ok(Self {
            id,
            amount,
            payee: without_static_key::decode(d, static_key)?,
        })
    }

    fn encode_head<W: encode::Write>(&self, e: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
        e.array(3)?.encode(self.id)?.encode(self.amount)?.ok()
    }

    fn decode_head(d: &mut Decoder<'_>) -> Result<(RequestId, Option<Amount>), decode::Error> {
        expect_array(d, 3)?;
        let id = d.decode()?;
        let at = d.position();
        match d.decode()? {
            Some(Amount::ZERO) => Err(decode::Error::custom(crate::AmountError::Zero).at(at)),
            amount => Ok((id, amount)),
        }
    }
}

impl<C> Encode<C> for Request {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        self.encode_head(e)?;
        self.payee.encode(e, ctx)
    }
}

impl<'b, C> Decode<'b, C> for Request {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let (id, amount) = Self::decode_head(d)?;
        Ok(Self {
            id,
            amount,
            payee: Signed::decode(d, ctx)?,
        })
    }
}
