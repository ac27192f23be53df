//! Requests: what the payee asks for, and whom to pay.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    amount::Amount,
    cbor::byte_string,
    certificate::{Assurance, HolderCertificate, StaticKeyHash, without_static_key},
    payee_name::{PayeeName, UnverifiedName},
    signed::{Body, Signed},
    transfer::Reference,
};

byte_string! {
    /// The random name of a request. Payer and payee alone know it, and whoever saw it on a screen; transfers carry its hash.
    RequestId, 16
}

/// What the payee asks. It is authenticated by the channel it travels in, or signed by the payee where there is none.
///
/// Wire form: `[id, amount / null, certificate, ? terms]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Random, used once.
    pub id: RequestId,
    /// How much is asked; `None` leaves it to the payer (a gift, a split bill).
    pub amount: Option<Amount>,
    /// The payee: its holder key receives the money.
    pub payee: Signed<HolderCertificate>,
    /// What else it says. Absent when that is nothing, as usual.
    pub terms: Terms,
}

/// What a payee says beyond the amount. Nobody signs it, and no transfer or receipt carries it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Terms {
    /// What the payee calls itself. A registered name counts for more, and this is then not looked at.
    #[n(0)]
    pub name: Option<UnverifiedName>,
    /// How well the payer's keys must be kept: better than in software, or nothing is demanded. A payment by others is
    /// given back.
    #[n(1)]
    pub assurance: Option<Assurance>,
}

impl Terms {
    /// Whether there is nothing in them; then they are not sent.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.assurance.is_none()
    }
}

impl Request {
    /// The reference that a transfer carries which answers this request.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::to_request(&self.id)
    }

    /// Whom the payer is told it pays: to show *before* it confirms.
    #[must_use]
    pub fn payee_name(&self) -> PayeeName {
        match (&self.payee.body.grant.name, &self.terms.name) {
            (Some(registered), _) => PayeeName::Registered(registered.clone()),
            (None, Some(claimed)) => PayeeName::Unverified(claimed.clone()),
            (None, None) => PayeeName::Unnamed,
        }
    }

    /// Writes the request as it travels inside a Noise channel: without the payee's static key.
    pub(crate) fn encode_in_channel<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
    ) -> Result<(), encode::Error<W::Error>> {
        self.encode_head(e)?;
        without_static_key::encode(&self.payee, e)?;
        self.encode_tail(e)
    }

    /// Reads what [`Request::encode_in_channel`] wrote; `static_key` is the hash of the key that the handshake proved.
    pub(crate) fn decode_in_channel(
        d: &mut Decoder<'_>,
        static_key: StaticKeyHash,
    ) -> Result<Self, decode::Error> {
        let (id, amount, has_terms) = Self::decode_head(d)?;
        Ok(Self {
            id,
            amount,
            payee: without_static_key::decode(d, static_key)?,
            terms: Self::decode_tail(d, has_terms)?,
        })
    }

    fn encode_head<W: encode::Write>(&self, e: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
        let length = if self.terms.is_empty() { 3 } else { 4 };
        e.array(length)?.encode(self.id)?.encode(self.amount)?.ok()
    }

    fn encode_tail<W: encode::Write>(&self, e: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
        if self.terms.is_empty() {
            Ok(())
        } else {
            e.encode(&self.terms)?.ok()
        }
    }

    fn decode_head(d: &mut Decoder<'_>) -> Result<(RequestId, Option<Amount>, bool), decode::Error> {
        let at = d.position();
        let has_terms = match d.array()? {
            Some(3) => false,
            Some(4) => true,
            _ => return Err(decode::Error::message("array of another length").at(at)),
        };
        let id = d.decode()?;
        let at = d.position();
        match d.decode()? {
            Some(Amount::ZERO) => Err(decode::Error::custom(crate::AmountError::Zero).at(at)),
            amount => Ok((id, amount, has_terms)),
        }
    }

    /// Empty terms are not sent: whoever sends them is caught by the one canonical encoding.
    fn decode_tail(d: &mut Decoder<'_>, has_terms: bool) -> Result<Terms, decode::Error> {
        if !has_terms {
            return Ok(Terms::default());
        }
        let at = d.position();
        match d.decode()? {
            Terms {
                assurance: Some(Assurance::Software),
                ..
            } => Err(decode::Error::message("a demand that demands nothing").at(at)),
            terms => Ok(terms),
        }
    }
}

impl Body for Request {
    const TAG: &'static str = "dcep/1/request";
}

impl<C> Encode<C> for Request {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        self.encode_head(e)?;
        self.payee.encode(e, ctx)?;
        self.encode_tail(e)
    }
}

impl<'b, C> Decode<'b, C> for Request {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let (id, amount, has_terms) = Self::decode_head(d)?;
        Ok(Self {
            id,
            amount,
            payee: Signed::decode(d, ctx)?,
            terms: Self::decode_tail(d, has_terms)?,
        })
    }
}
