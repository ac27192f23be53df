//! Signed objects: a body, and a signature over the body's id under the body's domain tag.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    cbor,
    id::{Id, id},
    key::{BadSignature, Signature, VerifyingKey},
    signing::SigningKey,
};

/// What can be signed. The tag keeps a signature made for one kind of object from ever being good for another.
pub trait Body: Encode<()> + for<'b> Decode<'b, ()> {
    /// The domain tag: `dcep/1/` and the object's name.
    const TAG: &'static str;

    /// The object's id: a hash over tag and canonical bytes.
    fn id(&self) -> Id {
        id(Self::TAG, &[&cbor::encode(self)])
    }

    /// The message that is signed: tag, zero byte, id. It begins with the tag, so that a key vault can see what it signs.
    fn message(&self) -> Vec<u8> {
        message(Self::TAG, &self.id())
    }
}

/// The message that stands for the object `id` of the kind `tag`. See [`Body::message`].
pub(crate) fn message(tag: &str, id: &Id) -> Vec<u8> {
    [tag.as_bytes(), &[0], id.as_bytes()].concat()
}

/// A body and the signature over it. Wire form: `[body, signature]`.
///
/// Holding one proves nothing yet: call [`Signed::verify`] with the key that ought to have signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed<T> {
    /// What is signed.
    pub body: T,
    /// By a key that the context tells.
    pub signature: Signature,
}

impl<T: Body> Signed<T> {
    /// Signs `body` with a key in software.
    #[must_use]
    pub fn sign(body: T, key: &SigningKey) -> Self {
        let signature = key.sign(&body.message());
        Self { body, signature }
    }

    /// The body, once its signature is shown to be `key`'s.
    ///
    /// # Errors
    /// [`BadSignature`] if it is not.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&T, BadSignature> {
        key.verify(&self.body.message(), &self.signature)?;
        Ok(&self.body)
    }
}

impl<C, T: Encode<C>> Encode<C> for Signed<T> {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        self.body.encode(e, ctx)?;
        self.signature.encode(e, ctx)
    }
}

impl<'b, C, T: Decode<'b, C>> Decode<'b, C> for Signed<T> {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        expect_array(d, 2)?;
        Ok(Self {
            body: T::decode(d, ctx)?,
            signature: Signature::decode(d, ctx)?,
        })
    }
}

/// Reads the head of an array that must have exactly `length` elements.
pub(crate) fn expect_array(d: &mut Decoder<'_>, length: u64) -> Result<(), decode::Error> {
    let at = d.position();
    if d.array()? == Some(length) {
        Ok(())
    } else {
        Err(decode::Error::message("array of another length").at(at))
    }
}
