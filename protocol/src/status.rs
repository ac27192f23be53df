//! The status list: holder keys from which nobody may accept a payment any more.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    certificate::Validity,
    key::{KeyHash, VerifyingKey},
    signed::{Body, expect_array},
    time::Timestamp,
};

/// The key that signs status lists. Signed by the root.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct StatusAuthority {
    /// Counts up whenever the key changes; the highest counts.
    #[n(0)]
    pub version: u64,
    /// Signs status lists.
    #[n(1)]
    pub key: VerifyingKey,
    /// Days on which its signatures count.
    #[n(2)]
    pub validity: Validity,
}

impl Body for StatusAuthority {
    const TAG: &'static str = "dcep/1/status-authority";
}

/// The list itself, by key hash. Signed by the [`StatusAuthority`].
///
/// Wire form: `[version, issued_at, keys]`, the key hashes in ascending order, none twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusList {
    /// Counts up; the highest counts.
    pub version: u64,
    /// When it was made.
    pub issued_at: Timestamp,
    keys: Vec<KeyHash>,
}

impl StatusList {
    /// A list of these keys.
    #[must_use]
    pub fn new(version: u64, issued_at: Timestamp, keys: impl IntoIterator<Item = KeyHash>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self {
            version,
            issued_at,
            keys,
        }
    }

    /// Whether payments signed by this key must be refused.
    #[must_use]
    pub fn contains(&self, key: &VerifyingKey) -> bool {
        self.keys.binary_search(&key.hash()).is_ok()
    }

    /// The listed keys, in ascending order.
    #[must_use]
    pub fn keys(&self) -> &[KeyHash] {
        &self.keys
    }
}

impl Body for StatusList {
    const TAG: &'static str = "dcep/1/status-list";
}

impl<C> Encode<C> for StatusList {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(3)?.u64(self.version)?;
        self.issued_at.encode(e, ctx)?;
        self.keys.encode(e, ctx)
    }
}

impl<'b, C> Decode<'b, C> for StatusList {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        expect_array(d, 3)?;
        let (version, issued_at) = (d.u64()?, Timestamp::decode(d, ctx)?);
        let at = d.position();
        let keys = Vec::<KeyHash>::decode(d, ctx)?;
        if !keys.is_sorted_by(|a, b| a < b) {
            return Err(decode::Error::message("status list is not in ascending order").at(at));
        }
        Ok(Self {
            version,
            issued_at,
            keys,
        })
    }
}
