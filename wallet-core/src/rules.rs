//! Which pieces one payment may be made of: what the payee holds against a piece, and the bank does not.

use protocol::{Assurance, Day, Limits};

use crate::{
    model::{HolderKey, Piece, Usage},
    purse::Purse,
};

/// Why a piece cannot be paid on offline. The bank takes it all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OnlyAtBank {
    /// Its holder key is retired: the wallet was rolled back or copied, or the platform destroyed the key.
    KeyRetired,
    /// Another phone of the account declared this one lost.
    KeyFrozen,
    /// Its series is past `spend_until`.
    SeriesExpired,
    /// It goes back to a note older than the policy permits.
    TooOld,
    /// One more transfer would be a hop too many.
    TooManyHops,
    /// Its holder key has no certificate that is valid today.
    CertificateExpired,
    /// Somebody in its history forked: see [`crate::EventKind::ForkFound`].
    Contested,
}

/// What holds for the pieces of one payment.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    today: Day,
    offline: Option<Offline>,
    /// How well the payee wants the signing keys to be kept.
    assurance: Assurance,
}

/// What a payee holds against a payment, and the bank does not.
#[derive(Clone, Copy)]
struct Offline {
    hops: u32,
    age_days: u32,
}

/// The most bytes a payment from phone to phone has. Whoever receives it must be able to pay it on, or at least to deposit it,
/// in one of at most [`protocol::Payment::MAX_BYTES`].
pub(crate) const MAX_OFFLINE_BYTES: usize = 24_000;

/// The most bytes of chains, certificates and signatures that a deposit is planned with. Every element has over 117
/// bytes, so this also keeps below [`protocol::Payment::MAX_ELEMENTS`].
pub(crate) const MAX_DEPOSIT_BYTES: usize = 29_000;

impl Rules {
    /// For paying a phone. Without a policy nothing is limited, and nothing can be paid either: see `check_request`.
    pub(crate) fn offline(today: Day, own: Option<&Limits>) -> Self {
        let unlimited = Offline {
            hops: u32::MAX,
            age_days: u32::MAX,
        };
        Self {
            today,
            offline: Some(unlimited),
            assurance: Assurance::Software,
        }
        .and(own)
    }

    /// For the bank: it takes value of any age and depth, from keys with or without a valid certificate.
    pub(crate) const fn at_bank(today: Day) -> Self {
        Self {
            today,
            offline: None,
            assurance: Assurance::Software,
        }
    }

    /// For a payee that wants the signing keys to be kept so well.
    pub(crate) fn with_assurance(mut self, demanded: Option<Assurance>) -> Self {
        self.assurance = demanded.unwrap_or(Assurance::Software);
        self
    }

    /// How well the payee wants the signing keys to be kept, if it is more than everybody's are.
    pub(crate) fn assurance(&self) -> Option<Assurance> {
        Some(self.assurance).filter(|demanded| *demanded != Assurance::Software)
    }

    /// Also within the limits of the payee's policy.
    pub(crate) fn and(mut self, limits: Option<&Limits>) -> Self {
        if let (Some(offline), Some(limits)) = (&mut self.offline, limits) {
            offline.hops = offline.hops.min(limits.offline.hops);
            offline.age_days = offline.age_days.min(limits.offline.age_days);
        }
        self
    }

    /// However far the money has come: for giving back, which is exempt from the limit on hops.
    pub(crate) const fn of_any_depth(mut self) -> Self {
        if let Some(offline) = &mut self.offline {
            offline.hops = u32::MAX;
        }
        self
    }

    /// The day on which they are asked for.
    pub(crate) const fn today(&self) -> Day {
        self.today
    }

    /// The most bytes that a payment under these rules is planned with.
    pub(crate) const fn byte_budget(&self) -> usize {
        if self.offline.is_some() {
            MAX_OFFLINE_BYTES
        } else {
            MAX_DEPOSIT_BYTES
        }
    }
}

impl Purse {
    /// The rules for paying a phone that has the same limits.
    pub(crate) fn rules(&self, today: Day) -> Rules {
        Rules::offline(today, self.limits())
    }

    /// Whether a piece can be paid under these rules, and if not, why.
    pub(crate) fn check(&self, piece: &Piece, rules: &Rules) -> Result<(), OnlyAtBank> {
        let key = self
            .key(&piece.owner)
            .filter(|key| key.usage != Usage::Retired)
            .ok_or(OnlyAtBank::KeyRetired)?;
        let Some(offline) = rules.offline else {
            return Ok(());
        };
        if key.usage == Usage::Frozen {
            return Err(OnlyAtBank::KeyFrozen);
        }
        if rules.today > piece.spend_until {
            return Err(OnlyAtBank::SeriesExpired);
        }
        if rules.today.since(piece.issued) > offline.age_days {
            return Err(OnlyAtBank::TooOld);
        }
        if piece.hops >= offline.hops {
            return Err(OnlyAtBank::TooManyHops);
        }
        if !self.certified(key, rules.today) {
            return Err(OnlyAtBank::CertificateExpired);
        }
        if piece.contested {
            return Err(OnlyAtBank::Contested);
        }
        Ok(())
    }

    /// Whether a piece can be paid under these rules, to this payee.
    pub(crate) fn payable(&self, piece: &Piece, rules: &Rules) -> bool {
        let kept = |key| kept(key, rules.assurance);
        self.check(piece, rules).is_ok() && self.key(&piece.owner).is_some_and(kept)
    }

    /// Whether any key that can sign today is kept so well.
    pub(crate) fn reaches(&self, assurance: Assurance, today: Day) -> bool {
        let live = |key: &&HolderKey| key.usage != Usage::Retired && self.certified(key, today);
        self.keys().filter(live).any(|key| kept(key, assurance))
    }
}

/// Whether a key is kept so well, as its operator says. Least of all is everything.
fn kept(key: &HolderKey, demanded: Assurance) -> bool {
    let certificate = key.certificate.as_ref();
    demanded == Assurance::Software
        || certificate.is_some_and(|certificate| certificate.body.grant.assurance >= demanded)
}
