//! Whom a payer is told it pays: a registered name, one that somebody gave itself, or none.

use core::fmt;

use minicbor::{Decode, Encode};

use crate::certificate::Name;

/// A name that somebody gave itself. Nobody has checked it, and it may well be somebody else's.
///
/// Text made of it carries a mark, in front, where no name can hide it. There is no way to take it for a registered
/// [`Name`]: who wants the bare one asks for what is [`claimed`](Self::claimed), and says so in the code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct UnverifiedName(#[n(0)] Name);

impl UnverifiedName {
    /// The mark.
    pub const MARK: &'static str = "unverified";

    /// A name as its bearer claims it.
    #[must_use]
    pub const fn new(claimed: Name) -> Self {
        Self(claimed)
    }

    /// What is claimed, without the mark: to be searched for, or for an interface that marks it in its own way.
    #[must_use]
    pub const fn claimed(&self) -> &Name {
        &self.0
    }
}

/// The mark, and the name in quotation marks.
impl fmt::Display for UnverifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} “{}”", Self::MARK, self.0)
    }
}

/// The name of a payee, and what it is worth.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum PayeeName {
    /// It has none: a person.
    #[n(0)]
    Unnamed,
    /// A merchant's, registered with its operator and in its certificate.
    #[n(1)]
    Registered(#[n(0)] Name),
    /// One that the payee gave itself.
    #[n(2)]
    Unverified(#[n(0)] UnverifiedName),
}

impl PayeeName {
    /// The registered name, if there is one.
    #[must_use]
    pub const fn registered(&self) -> Option<&Name> {
        match self {
            Self::Registered(name) => Some(name),
            Self::Unverified(_) | Self::Unnamed => None,
        }
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub const fn is_unnamed(&self) -> bool {
        matches!(self, Self::Unnamed)
    }
}

/// What a certificate says: a registered name, or none.
impl From<Option<Name>> for PayeeName {
    fn from(registered: Option<Name>) -> Self {
        registered.map_or(Self::Unnamed, Self::Registered)
    }
}

/// A registered name as it is, an unverified one with its mark, and nothing for who has none.
impl fmt::Display for PayeeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered(name) => name.fmt(f),
            Self::Unverified(name) => name.fmt(f),
            Self::Unnamed => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_hide_the_mark() {
        for claimed in [
            "Noodles",
            "“Noodles” registered",
            "Noodles” (registered) “",
            "unverified",
        ] {
            let name = UnverifiedName::new(Name::new(claimed).unwrap());
            let shown = PayeeName::Unverified(name.clone()).to_string();
            assert!(shown.starts_with("unverified “"), "{shown}");
            assert_ne!(shown, PayeeName::Registered(name.claimed().clone()).to_string());
        }
    }
}
