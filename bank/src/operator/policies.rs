//! The published wallet classes as policies. The publications disagree, so both are here under their names; a policy
//! is signed data, and an operator may sign another one at any time.

use core::num::NonZeroU32;

use protocol::{Amount, Limits, Name, OfflineLimits, OperatorId, Policy, WalletClass, certificate::BadName};

/// A published set of limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// The bank test app of August 2020, as reported.
    #[default]
    Cn2020,
    /// The Lujiazui forum of June 2021, as reported; class III from later pilots.
    Cn2021,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cn2020, Self::Cn2021];

    /// The name it is published under in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cn2020 => "cn-2020",
            Self::Cn2021 => "cn-2021",
        }
    }

    /// The profile of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    const fn table(self) -> &'static [ClassLimits; 4] {
        match self {
            Self::Cn2020 => &CN_2020,
            Self::Cn2021 => &CN_2021,
        }
    }
}

/// One row of a published table, in yuan.
struct ClassLimits {
    class: WalletClass,
    balance: u64,
    per_payment: u64,
    per_day: u64,
    per_year: Option<u64>,
}

const fn row(
    class: WalletClass,
    balance: u64,
    per_payment: u64,
    per_day: u64,
    per_year: Option<u64>,
) -> ClassLimits {
    ClassLimits {
        class,
        balance,
        per_payment,
        per_day,
        per_year,
    }
}

/// `cn-2020`.
const CN_2020: [ClassLimits; 4] = [
    row(WalletClass::I, 500_000, 50_000, 100_000, Some(500_000)),
    row(WalletClass::Ii, 10_000, 5_000, 10_000, Some(300_000)),
    row(WalletClass::Iii, 2_000, 2_000, 2_000, Some(50_000)),
    row(WalletClass::Iv, 1_000, 500, 1_000, Some(10_000)),
];

/// `cn-2021`. Its class I is "set by the operator": this operator sets ten times class II.
const CN_2021: [ClassLimits; 4] = [
    row(WalletClass::I, 5_000_000, 500_000, 1_000_000, None),
    row(WalletClass::Ii, 500_000, 50_000, 100_000, None),
    row(WalletClass::Iii, 20_000, 5_000, 10_000, None),
    row(WalletClass::Iv, 10_000, 2_000, 5_000, Some(50_000)),
];

/// What the published tables leave open: limits on what happens out of the operator's sight, and narrower ones than the
/// published. They hold for every class, and never exceed what the class permits anyway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfflineRules {
    /// See [`OfflineLimits`].
    pub offline: OfflineLimits,
    /// The most one payment may move without the holder's confirmation.
    pub unconfirmed_each: Amount,
    /// And all such payments since the last confirmation.
    pub unconfirmed_total: Amount,
    /// The most a wallet may pay in a day, if that is to be less than its class permits.
    pub per_day: Option<Amount>,
    /// And in a year.
    pub per_year: Option<Amount>,
    /// See [`Policy`].
    pub stale_after_days: Option<NonZeroU32>,
}

impl Default for OfflineRules {
    /// - *5,000 yuan in 10 payments*: the published ceiling of no-network payments, 500 yuan each and ten of them.
    /// - *10 hops*: at 128 bytes a hop such a chain still taps in half a second, and a forged start is found within ten hands.
    /// - *30 days*: value goes past a bank once a month, which bounds how long a fork stays unseen.
    /// - *90 days without news*: as long as a certificate lasts, so that no key is trusted longer than it was vouched for.
    /// - *200 yuan without confirmation, 1,000 in all*: what somebody who finds a phone can take.
    fn default() -> Self {
        Self {
            offline: OfflineLimits {
                total: yuan(5_000),
                payments: 10,
                hops: 10,
                age_days: 30,
            },
            unconfirmed_each: yuan(200),
            unconfirmed_total: yuan(1_000),
            per_day: None,
            per_year: None,
            stale_after_days: NonZeroU32::new(90),
        }
    }
}

/// The four policies of a profile, before they are signed. Their version is still zero.
pub(super) fn policies(
    operator: OperatorId,
    profile: Profile,
    rules: &OfflineRules,
) -> Result<Vec<Policy>, BadName> {
    let name = Name::new(profile.name())?;
    Ok(profile
        .table()
        .iter()
        .map(|row| Policy {
            operator,
            class: row.class,
            version: 0,
            profile: name.clone(),
            limits: limits(row, rules),
            stale_after_days: rules.stale_after_days,
        })
        .collect())
}

fn limits(row: &ClassLimits, rules: &OfflineRules) -> Limits {
    let (balance, per_payment) = (yuan(row.balance), yuan(row.per_payment));
    Limits {
        balance,
        per_payment,
        per_day: rules.per_day.unwrap_or(Amount::MAX).min(yuan(row.per_day)),
        per_year: row.per_year.map(yuan).into_iter().chain(rules.per_year).min(),
        offline: OfflineLimits {
            total: rules.offline.total.min(balance),
            ..rules.offline.clone()
        },
        unconfirmed_each: rules.unconfirmed_each.min(per_payment),
        unconfirmed_total: rules.unconfirmed_total.min(balance),
    }
}

const fn yuan(yuan: u64) -> Amount {
    match Amount::from_fen(yuan * 100) {
        Ok(amount) => amount,
        Err(_) => Amount::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the facts, once more, in fen.
    #[test]
    fn policies_say_what_was_published() {
        let published = |profile| -> Vec<_> {
            policies(OperatorId(1), profile, &OfflineRules::default())
                .unwrap()
                .into_iter()
                .map(|policy| {
                    let limits = policy.limits;
                    (
                        limits.balance.fen(),
                        limits.per_payment.fen(),
                        limits.per_day.fen(),
                        limits.per_year.map(Amount::fen),
                    )
                })
                .collect()
        };
        assert_eq!(
            published(Profile::Cn2020),
            [
                (50_000_000, 5_000_000, 10_000_000, Some(50_000_000)),
                (1_000_000, 500_000, 1_000_000, Some(30_000_000)),
                (200_000, 200_000, 200_000, Some(5_000_000)),
                (100_000, 50_000, 100_000, Some(1_000_000)),
            ]
        );
        assert_eq!(
            published(Profile::Cn2021)[1..],
            [
                (50_000_000, 5_000_000, 10_000_000, None),
                (2_000_000, 500_000, 1_000_000, None),
                (1_000_000, 200_000, 500_000, Some(5_000_000)),
            ]
        );
    }

    /// An operator may permit less than was published, and never more.
    #[test]
    fn days_and_years_can_be_narrower() {
        let class_ii = |day, year| {
            let rules = OfflineRules {
                per_day: Some(yuan(day)),
                per_year: Some(yuan(year)),
                ..OfflineRules::default()
            };
            let limits = |profile: Profile| {
                let limits = policies(OperatorId(1), profile, &rules).unwrap()[1]
                    .limits
                    .clone();
                (limits.per_day, limits.per_year)
            };
            [limits(Profile::Cn2020), limits(Profile::Cn2021)]
        };
        assert_eq!(class_ii(20, 80), [(yuan(20), Some(yuan(80))); 2]);
        assert_eq!(
            class_ii(1_000_000, 9_000_000),
            [
                (yuan(10_000), Some(yuan(300_000))),
                // The profile sets none, and so this is the only one.
                (yuan(100_000), Some(yuan(9_000_000))),
            ]
        );
    }

    #[test]
    fn rules_never_exceed_the_class() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_name(profile.name()), Some(profile));
            for policy in policies(OperatorId(1), profile, &OfflineRules::default()).unwrap() {
                assert!(policy.limits.offline.total <= policy.limits.balance);
                assert!(policy.limits.unconfirmed_each <= policy.limits.per_payment);
                assert!(policy.limits.unconfirmed_total <= policy.limits.balance);
            }
        }
        assert_eq!(Profile::from_name("cn-1999"), None);
    }
}
