//! The trust bundle: everything a wallet must believe, each part signed and versioned by itself.
//!
//! ```text
//!   root (pinned) ──signs──> operator ──signs──> policy, holder certificates
//!                 ──signs──> series   ──signs──> notes
//!                 ──signs──> status authority ──signs──> status list
//! ```
//!
//! A [`TrustBundle`] is what travels; nothing in it is believed. [`Trust`] is what a wallet has
//! checked; it only ever grows, part by part, from bundles that anybody may hand over.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::{
    certificate::{HolderCertificate, OperatorCertificate, OperatorId, Validity, WalletClass},
    key::VerifyingKey,
    note::{Series, SeriesId},
    policy::{Limits, Policy},
    signed::{Body, Signed},
    status::{StatusAuthority, StatusList},
    time::Day,
};

/// Parts of trust on their way from one party to another. Unchecked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct TrustBundle {
    /// Signed by the root.
    #[n(0)]
    pub operators: Vec<Signed<OperatorCertificate>>,
    /// Signed by the root.
    #[n(1)]
    pub series: Vec<Signed<Series>>,
    /// Each signed by its operator.
    #[n(2)]
    pub policies: Vec<Signed<Policy>>,
    /// Signed by the root. Empty or one.
    #[n(3)]
    pub authority: Vec<Signed<StatusAuthority>>,
    /// Signed by the authority. Empty or one.
    #[n(4)]
    pub status: Vec<Signed<StatusList>>,
}

/// A part of a bundle that must not be believed. Nothing of the bundle was taken over.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TrustError {
    /// The signature over this part does not come from who ought to sign it.
    #[error("the {part} in the trust bundle is not validly signed")]
    BadSignature {
        /// The kind of part.
        part: &'static str,
    },
    /// A policy of an operator, or a status list of an authority, that is not known itself.
    #[error("the {part} in the trust bundle has an unknown signer")]
    UnknownSigner {
        /// The kind of part.
        part: &'static str,
    },
    /// Two different parts under one name and version: somebody who signs says two things at once.
    #[error("the trust bundle contradicts what is known about the {part}")]
    Contradiction {
        /// The kind of part.
        part: &'static str,
    },
}

/// What is believed: parts whose signatures were checked down from the pinned root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    root: VerifyingKey,
    operators: BTreeMap<OperatorId, Signed<OperatorCertificate>>,
    series: BTreeMap<SeriesId, Signed<Series>>,
    policies: BTreeMap<(OperatorId, WalletClass), Signed<Policy>>,
    authority: Option<Signed<StatusAuthority>>,
    status: Option<Signed<StatusList>>,
}

/// A holder certificate that must not be relied on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CertificateError {
    /// No such operator is known.
    #[error("the certificate comes from an unknown operator")]
    UnknownOperator {
        /// The operator it names.
        operator: OperatorId,
    },
    /// The operator did not sign it.
    #[error("the certificate is not validly signed")]
    BadSignature,
    /// The day lies outside its validity, or outside its operator's.
    #[error("the certificate is valid from {from} until {until}, not on {today}")]
    NotValidToday {
        /// First day.
        from: Day,
        /// Last day.
        until: Day,
        /// The day it was checked on.
        today: Day,
    },
    /// The holder key stands on the status list.
    #[error("the holder key is on the status list")]
    Revoked,
}

impl Trust {
    /// Nothing but the root, which comes with the app.
    #[must_use]
    pub const fn new(root: VerifyingKey) -> Self {
        Self {
            root,
            operators: BTreeMap::new(),
            series: BTreeMap::new(),
            policies: BTreeMap::new(),
            authority: None,
            status: None,
        }
    }

    /// The pinned root.
    #[must_use]
    pub const fn root(&self) -> &VerifyingKey {
        &self.root
    }

    /// Takes over every part of `bundle` that is newer than what is known. All or nothing.
    /// Returns whether anything changed.
    ///
    /// # Errors
    /// [`TrustError`], and then nothing has changed.
    pub fn merge(&mut self, bundle: &TrustBundle) -> Result<bool, TrustError> {
        let mut next = self.clone();
        for operator in &bundle.operators {
            let name = operator.body.operator;
            insert(
                &mut next.operators,
                name,
                operator,
                &self.root,
                "operator certificate",
            )?;
        }
        for series in &bundle.series {
            insert(&mut next.series, series.body.series, series, &self.root, "series")?;
        }
        for authority in &bundle.authority {
            replace(&mut next.authority, authority, &self.root, "status authority")?;
        }
        for policy in &bundle.policies {
            let Policy { operator, class, .. } = policy.body;
            let signer = next.policy_signer(operator)?;
            insert(&mut next.policies, (operator, class), policy, &signer, "policy")?;
        }
        for status in &bundle.status {
            let signer = next.status_signer()?;
            replace(&mut next.status, status, &signer, "status list")?;
        }
        next.check_what_rotated_signers_signed(self)?;
        let changed = next != *self;
        *self = next;
        Ok(changed)
    }

    fn policy_signer(&self, operator: OperatorId) -> Result<VerifyingKey, TrustError> {
        self.operator(operator)
            .map(|operator| operator.certifying_key)
            .ok_or(TrustError::UnknownSigner { part: "policy" })
    }

    fn status_signer(&self) -> Result<VerifyingKey, TrustError> {
        self.authority
            .as_ref()
            .map(|authority| authority.body.key)
            .ok_or(TrustError::UnknownSigner { part: "status list" })
    }

    /// Every part stands under the signer that stands beside it, so that [`Trust::bundle`] can always be merged by somebody
    /// else, or after a restart. A signer that changes its key must therefore bring along what it signs.
    fn check_what_rotated_signers_signed(&self, before: &Self) -> Result<(), TrustError> {
        if self.operators != before.operators {
            for policy in self.policies.values() {
                check(policy, &self.policy_signer(policy.body.operator)?, "policy")?;
            }
        }
        if self.authority != before.authority
            && let Some(status) = &self.status
        {
            check(status, &self.status_signer()?, "status list")?;
        }
        Ok(())
    }

    /// Everything believed, for storing or handing on.
    #[must_use]
    pub fn bundle(&self) -> TrustBundle {
        TrustBundle {
            operators: self.operators.values().cloned().collect(),
            series: self.series.values().cloned().collect(),
            policies: self.policies.values().cloned().collect(),
            authority: self.authority.iter().cloned().collect(),
            status: self.status.iter().cloned().collect(),
        }
    }

    /// An operator's certificate.
    #[must_use]
    pub fn operator(&self, operator: OperatorId) -> Option<&OperatorCertificate> {
        self.operators.get(&operator).map(|signed| &signed.body)
    }

    /// A series.
    #[must_use]
    pub fn series(&self, series: SeriesId) -> Option<&Series> {
        self.series.get(&series).map(|signed| &signed.body)
    }

    /// The newest policy of an operator for its wallets of a class.
    #[must_use]
    pub fn policy(&self, operator: OperatorId, class: WalletClass) -> Option<&Policy> {
        self.policies.get(&(operator, class)).map(|signed| &signed.body)
    }

    /// Every series.
    pub fn all_series(&self) -> impl Iterator<Item = &Series> {
        self.series.values().map(|signed| &signed.body)
    }

    /// The limits that an operator sets for its wallets of a class.
    #[must_use]
    pub fn limits(&self, operator: OperatorId, class: WalletClass) -> Option<&Limits> {
        self.policy(operator, class).map(|policy| &policy.limits)
    }

    /// Who signs status lists, and until when.
    #[must_use]
    pub fn status_authority(&self) -> Option<&StatusAuthority> {
        self.authority.as_ref().map(|signed| &signed.body)
    }

    /// The newest status list known.
    #[must_use]
    pub fn status(&self) -> Option<&StatusList> {
        self.status.as_ref().map(|signed| &signed.body)
    }

    /// Checks a holder certificate on a day: operator, validity, status list, signature.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn check<'a>(
        &self,
        certificate: &'a Signed<HolderCertificate>,
        today: Day,
    ) -> Result<&'a HolderCertificate, CertificateError> {
        let operator = self.check_unsigned(&certificate.body, today)?;
        certificate
            .verify(&operator.certifying_key)
            .map_err(|_| CertificateError::BadSignature)
    }

    /// All of [`Trust::check`] but the signature, for a certificate whose signature was checked before; and the operator
    /// that it comes from.
    ///
    /// # Errors
    /// [`CertificateError`], except `BadSignature`.
    pub fn check_unsigned(
        &self,
        certificate: &HolderCertificate,
        today: Day,
    ) -> Result<&OperatorCertificate, CertificateError> {
        let grant = &certificate.grant;
        let unknown = CertificateError::UnknownOperator {
            operator: grant.operator,
        };
        let operator = self.operator(grant.operator).ok_or(unknown)?;
        for Validity { from, until } in [grant.validity, operator.validity] {
            if !(Validity { from, until }).contains(today) {
                return Err(CertificateError::NotValidToday { from, until, today });
            }
        }
        if self
            .status()
            .is_some_and(|list| list.contains(&certificate.holder_key))
        {
            return Err(CertificateError::Revoked);
        }
        Ok(operator)
    }
}

/// Parts that are replaced by newer ones.
trait Versioned {
    fn version(&self) -> u64;
}

macro_rules! versioned {
    ($($part:ident),*) => {$(
        impl Versioned for $part {
            fn version(&self) -> u64 {
                self.version
            }
        }
    )*};
}
versioned!(OperatorCertificate, Policy, StatusAuthority, StatusList);

/// A series never changes: a second one under its number is a contradiction.
impl Versioned for Series {
    fn version(&self) -> u64 {
        0
    }
}

fn check<T: Body>(part: &Signed<T>, signer: &VerifyingKey, name: &'static str) -> Result<(), TrustError> {
    part.verify(signer)
        .map(drop)
        .map_err(|_| TrustError::BadSignature { part: name })
}

fn insert<K: Ord, T: Body + Versioned + Clone + PartialEq>(
    known: &mut BTreeMap<K, Signed<T>>,
    key: K,
    part: &Signed<T>,
    signer: &VerifyingKey,
    name: &'static str,
) -> Result<(), TrustError> {
    let mut slot = known.remove(&key);
    let replaced = replace(&mut slot, part, signer, name);
    known.extend(slot.map(|newest| (key, newest)));
    replaced
}

/// Takes over a newer part. What is older is not even checked: its signer may have changed its key since.
fn replace<T: Body + Versioned + Clone + PartialEq>(
    known: &mut Option<Signed<T>>,
    part: &Signed<T>,
    signer: &VerifyingKey,
    name: &'static str,
) -> Result<(), TrustError> {
    if let Some(old) = known.as_ref() {
        let (old_version, version) = (old.body.version(), part.body.version());
        // The same body under another signature (ECDSA is randomised) is no news, unless its signer changed its key.
        if version < old_version || (old.body == part.body && check(old, signer, name).is_ok()) {
            return Ok(());
        }
        check(part, signer, name)?;
        if version == old_version && old.body != part.body {
            return Err(TrustError::Contradiction { part: name });
        }
    } else {
        check(part, signer, name)?;
    }
    *known = Some(part.clone());
    Ok(())
}
