//! The one encoding: deterministic CBOR (RFC 8949, section 4.2.1).
//!
//! An object is accepted only if encoding what was understood gives back the very bytes that
//! came in. That single rule refuses every other spelling at once: longer integers than
//! needed, indefinite lengths, trailing bytes, ignored extra elements, `undefined` for `null`.

use minicbor::{Decode, Encode};

/// Why bytes are not the object they were taken for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not CBOR, cut short, or not of the shape the object has.
    #[error("malformed {object}: {reason}")]
    Malformed {
        /// What the bytes were taken for.
        object: &'static str,
        /// What the decoder stumbled over; never a part of the input.
        reason: String,
    },
    /// Understood, but not spelled in the one accepted way.
    #[error("{object} is not in canonical form")]
    NotCanonical {
        /// What the bytes were taken for.
        object: &'static str,
    },
    /// More bytes, or more parts, than the object may have.
    #[error("{object} is larger than permitted ({limit})")]
    TooLarge {
        /// What the bytes were taken for.
        object: &'static str,
        /// The largest permitted size, in the unit of the check (bytes or parts).
        limit: usize,
    },
}

impl DecodeError {
    pub(crate) fn malformed(object: &'static str, error: &minicbor::decode::Error) -> Self {
        Self::Malformed {
            object,
            reason: error.to_string(),
        }
    }
}

/// The canonical bytes of an object.
#[must_use]
pub fn encode<T: Encode<()>>(object: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail, and no encoder of this crate refuses its object.
    let written = minicbor::encode(object, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// The object whose canonical bytes these are; `name` says in errors what was expected.
///
/// # Errors
/// [`DecodeError`], for every other sequence of bytes.
pub fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(
    name: &'static str,
    bytes: &[u8],
) -> Result<T, DecodeError> {
    let object = minicbor::decode(bytes).map_err(|e| DecodeError::malformed(name, &e))?;
    if encode(&object) == bytes {
        Ok(object)
    } else {
        Err(DecodeError::NotCanonical { object: name })
    }
}

/// Defines a newtype over a byte array: CBOR byte string of exactly that length, printed as hex.
macro_rules! byte_string {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// From its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        /// Lowercase hexadecimal digits.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                <[u8; $length]>::try_from(d.bytes()?).map(Self).map_err(|_| {
                    minicbor::decode::Error::message(concat!(stringify!($name), " has another length")).at(at)
                })
            }
        }
    };
}
pub(crate) use byte_string;
