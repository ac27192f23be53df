//! Who is who: the issuer's root certifies operators, operators certify holder keys under pseudonyms.

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    cbor::byte_string,
    id::truncated_hash,
    key::VerifyingKey,
    signed::{Body, Signed, expect_array},
    time::Day,
};

/// The number under which the issuer registered an operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct OperatorId(#[n(0)] pub u32);

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operator {}", self.0)
    }
}

/// What the issuer's root says of an operator. Signed by the root.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OperatorCertificate {
    /// Its number.
    #[n(0)]
    pub operator: OperatorId,
    /// Counts up whenever this certificate changes; the highest counts.
    #[n(1)]
    pub version: u64,
    /// Its registered name.
    #[n(2)]
    pub name: Name,
    /// Signs holder certificates and policies.
    #[n(3)]
    pub certifying_key: VerifyingKey,
    /// Owns what customers deposit: the payee key of deposits and refreshes.
    #[n(4)]
    pub settlement_key: VerifyingKey,
    /// First and last day on which its signatures count.
    #[n(5)]
    pub validity: Validity,
}

impl Body for OperatorCertificate {
    const TAG: &'static str = "dcep/1/operator";
}

/// What an operator says of one holder key of one wallet. Signed by the operator's certifying key.
///
/// The parts that a receiver may already hold stand in front: a payment elides `holder_key` (the
/// owner of the inputs), a request inside a Noise channel elides `static_key` (just received).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct HolderCertificate {
    /// The pseudonym: it owns notes and signs transfers.
    #[n(0)]
    pub holder_key: VerifyingKey,
    /// The hash of the X25519 key with which this holder authenticates itself as a payee in Noise.
    #[n(1)]
    pub static_key: StaticKeyHash,
    /// What is said of the two.
    #[n(2)]
    pub grant: Grant,
}

impl Body for HolderCertificate {
    const TAG: &'static str = "dcep/1/holder";
}

/// The statement inside a [`HolderCertificate`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Grant {
    /// Who says it.
    #[n(0)]
    pub operator: OperatorId,
    /// The class of the wallet, which selects the operator's policy for it.
    #[n(1)]
    pub class: WalletClass,
    /// How well the holder key is kept.
    #[n(2)]
    pub assurance: Assurance,
    /// First and last day on which the holder may sign new transfers.
    #[n(3)]
    pub validity: Validity,
    /// The registered name of a merchant; persons have none. Absent, not null, when there is none.
    #[n(4)]
    pub name: Option<Name>,
}

/// A stretch of days, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Validity {
    /// First day.
    #[n(0)]
    pub from: Day,
    /// Last day.
    #[n(1)]
    pub until: Day,
}

impl Validity {
    /// Whether `day` lies inside.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        (self.from..=self.until).contains(&day)
    }
}

/// Wallet classes of the e-CNY kind: the better the holder is known, the wider the limits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum WalletClass {
    /// Opened in person at the counter.
    #[n(1)]
    I,
    /// Identity document and bank account checked remotely.
    #[n(2)]
    Ii,
    /// Identity document checked remotely.
    #[n(3)]
    Iii,
    /// A phone number only: anonymous towards the issuer.
    #[n(4)]
    Iv,
}

/// Where a holder key lives, as the operator saw it attested.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Assurance {
    /// In the app's memory.
    #[n(0)]
    Software,
    /// In a trusted execution environment.
    #[n(1)]
    TrustedEnvironment,
    /// In a security chip: StrongBox or Secure Enclave.
    #[n(2)]
    SecureElement,
}

byte_string! {
    /// The 16-byte hash of an X25519 public key.
    StaticKeyHash, 16
}

impl StaticKeyHash {
    /// The hash of this X25519 public key.
    #[must_use]
    pub fn of(static_key: &[u8; 32]) -> Self {
        Self::from_bytes(truncated_hash("dcep/1/static-key", &[static_key]))
    }
}

/// A name to show to people: 1 to [`Name::MAX_BYTES`] bytes of UTF-8 without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// The text is empty, too long, or has control or invisible formatting characters in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a name has 1 to {} bytes and no control or direction-changing characters",
    Name::MAX_BYTES
)]
pub struct BadName;

impl Name {
    /// What a first-hop payment has room for (see the byte budget in `bench/README.md`).
    pub const MAX_BYTES: usize = 48;

    /// The name, checked.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
        let text = text.into();
        // Marks that reorder or hide text let one merchant's name look like another's.
        let deceptive = |c: char| {
            c.is_control()
                || matches!(
                    c,
                    '\u{ad}'
                        | '\u{61c}'
                        | '\u{180e}'
                        | '\u{200b}'..='\u{200f}'
                        | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{206f}'
                        | '\u{feff}'
                        | '\u{fff9}'..='\u{fffb}'
                        | '\u{e0000}'..='\u{e007f}'
                )
        };
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        if fits && !text.contains(deceptive) {
            Ok(Self(text))
        } else {
            Err(BadName)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl<C> Encode<C> for Name {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Name {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        Self::new(d.str()?).map_err(|e| decode::Error::custom(e).at(at))
    }
}

/// A holder certificate as a payment carries it: without `holder_key`, which the payment's inputs name.
/// Wire form: `[static_key, grant, signature]`.
pub(crate) mod without_holder_key {
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    use super::{HolderCertificate, Signed, VerifyingKey, expect_array};

    pub(crate) fn encode<W: Write>(
        Signed { body, signature }: &Signed<HolderCertificate>,
        e: &mut Encoder<W>,
    ) -> Result<(), EncodeError<W::Error>> {
        e.array(3)?
            .encode(body.static_key)?
            .encode(&body.grant)?
            .encode(signature)?
            .ok()
    }

    pub(crate) fn decode(
        d: &mut Decoder<'_>,
        holder_key: VerifyingKey,
    ) -> Result<Signed<HolderCertificate>, DecodeError> {
        expect_array(d, 3)?;
        let body = HolderCertificate {
            static_key: d.decode()?,
            grant: d.decode()?,
            holder_key,
        };
        Ok(Signed {
            body,
            signature: d.decode()?,
        })
    }
}

/// A holder certificate as a request carries it inside a channel: without `static_key`, which the handshake has just
/// authenticated. Wire form: `[holder_key, grant, signature]`.
pub(crate) mod without_static_key {
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    use super::{HolderCertificate, Signed, StaticKeyHash, expect_array};

    pub(crate) fn encode<W: Write>(
        Signed { body, signature }: &Signed<HolderCertificate>,
        e: &mut Encoder<W>,
    ) -> Result<(), EncodeError<W::Error>> {
        e.array(3)?
            .encode(body.holder_key)?
            .encode(&body.grant)?
            .encode(signature)?
            .ok()
    }

    pub(crate) fn decode(
        d: &mut Decoder<'_>,
        static_key: StaticKeyHash,
    ) -> Result<Signed<HolderCertificate>, DecodeError> {
        expect_array(d, 3)?;
        let body = HolderCertificate {
            holder_key: d.decode()?,
            static_key,
            grant: d.decode()?,
        };
        Ok(Signed {
            body,
            signature: d.decode()?,
        })
    }
}
