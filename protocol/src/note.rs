//! Notes: value signed by the issuer to a holder key, in series with printed dates.

use core::fmt;

use minicbor::{Decode, Encode};

use crate::{amount::Amount, certificate::Validity, key::VerifyingKey, signed::Body, time::Day};

/// The number of a series.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct SeriesId(#[n(0)] pub u32);

impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "series {}", self.0)
    }
}

/// A series of notes: the key that signs them and the days that are printed on them. Signed by the root, never changed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Series {
    /// Its number.
    #[n(0)]
    pub series: SeriesId,
    /// Signs the notes of this series.
    #[n(1)]
    pub note_key: VerifyingKey,
    /// Days on which notes of this series are issued.
    #[n(2)]
    pub issue: Validity,
    /// Last day on which value of this series may be paid on offline.
    #[n(3)]
    pub spend_until: Day,
    /// Last day on which a claim is certain; months after `spend_until`.
    #[n(4)]
    pub claim_until: Day,
}

impl Body for Series {
    const TAG: &'static str = "dcep/1/series";
}

/// Value signed by the issuer to a holder key. Signed by the note key of its series.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Note {
    /// The series.
    #[n(0)]
    pub series: SeriesId,
    /// Unique within the series, and random: it tells nobody how many notes there are.
    #[n(1)]
    pub serial: u64,
    /// The day of issue, from which its age counts.
    #[n(2)]
    pub issued: Day,
    /// Never zero.
    #[cbor(n(3), with = "crate::amount::positive")]
    pub amount: Amount,
    /// The first owner.
    #[n(4)]
    pub holder_key: VerifyingKey,
}

impl Body for Note {
    const TAG: &'static str = "dcep/1/note";
}
