//! Trust only grows, part by part, and all or nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use protocol::{
    Algorithm, Body, Signed, SigningKey, StatusList, Trust, TrustBundle, TrustError, WalletClass, cbor,
};
use tests::mint::{CLASS, Mint, NOW, OPERATOR, fen, signing_key, trust};

fn only() -> TrustBundle {
    TrustBundle::default()
}

fn bad(part: &'static str) -> Result<bool, TrustError> {
    Err(TrustError::BadSignature { part })
}

/// The mint's policy for a class, in another version.
fn policy(mint: &Mint, key: &SigningKey, version: u64, per_payment: u64) -> Signed<protocol::Policy> {
    let mut policy = mint.policy(CLASS);
    policy.version = version;
    policy.limits.per_payment = fen(per_payment);
    Signed::sign(policy, key)
}

#[test]
fn a_bundle_is_merged_once_and_handed_on() {
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let mint = Mint::with_authorities(1, algorithm);
        let mut known = Trust::new(mint.root.verifying_key());
        assert_eq!(known.bundle(), only());
        assert_eq!(known.merge(&mint.bundle()), Ok(true));
        assert_eq!(known.merge(&mint.bundle()), Ok(false), "no news");
        assert_eq!(known.merge(&only()), Ok(false));
        assert_eq!(known.operator(OPERATOR), Some(&mint.operator()));
        assert_eq!(known.limits(OPERATOR, CLASS), Some(&mint.policy(CLASS).limits));
        assert_eq!(known.all_series().collect::<Vec<_>>(), [&mint.series()]);
        assert_eq!(known.status_authority(), Some(&mint.authority()));
        // What is known can be handed on.
        let bytes = cbor::encode(&known.bundle());
        assert_eq!(
            trust(
                mint.root.verifying_key(),
                &cbor::decode("bundle", &bytes).unwrap()
            ),
            known
        );
    }
}

#[test]
fn another_root_is_not_believed() {
    let (mint, other) = (Mint::new(1), Mint::new(2));
    let mut known = Trust::new(other.root.verifying_key());
    assert_eq!(known.merge(&mint.bundle()), bad("operator certificate"));
    assert_eq!(known, Trust::new(other.root.verifying_key()));
}

#[test]
fn every_part_must_be_signed_by_its_own_signer() {
    let mint = Mint::new(1);
    let usual = mint.bundle();
    let keys = [
        &mint.root,
        &mint.certifying,
        &mint.settlement,
        &mint.note_key,
        &mint.status_key,
    ];
    for (signer, key) in keys.into_iter().enumerate() {
        let resigned: [(TrustBundle, &str, usize); 5] = [
            (
                TrustBundle {
                    operators: vec![Signed::sign(mint.operator(), key)],
                    ..usual.clone()
                },
                "operator certificate",
                0,
            ),
            (
                TrustBundle {
                    series: vec![Signed::sign(mint.series(), key)],
                    ..usual.clone()
                },
                "series",
                0,
            ),
            (
                TrustBundle {
                    policies: vec![Signed::sign(mint.policy(CLASS), key)],
                    ..usual.clone()
                },
                "policy",
                1,
            ),
            (
                TrustBundle {
                    authority: vec![Signed::sign(mint.authority(), key)],
                    ..usual.clone()
                },
                "status authority",
                0,
            ),
            (
                TrustBundle {
                    status: vec![Signed::sign(StatusList::new(1, NOW, []), key)],
                    ..usual.clone()
                },
                "status list",
                4,
            ),
        ];
        for (bundle, part, rightful) in resigned {
            let expected = if signer == rightful { Ok(true) } else { bad(part) };
            assert_eq!(
                Trust::new(mint.root.verifying_key()).merge(&bundle),
                expected,
                "{part} by {signer}"
            );
        }
    }
}

#[test]
fn a_signature_by_another_operator_does_not_count() {
    let (mint, other) = (Mint::new(1), Mint::new(2));
    let mut second = other.operator();
    second.operator.0 += 1;
    let mut bundle = mint.bundle();
    bundle.operators.push(Signed::sign(second, &mint.root));
    bundle.policies = vec![Signed::sign(mint.policy(CLASS), &other.certifying)];
    assert_eq!(
        Trust::new(mint.root.verifying_key()).merge(&bundle),
        bad("policy")
    );
}

#[test]
fn newer_parts_replace_and_older_ones_are_ignored() {
    let mint = Mint::new(1);
    let mut known = mint.trust();
    for (version, per_payment, news, holds) in [
        (3, 300, true, 300),
        (2, 200, false, 300),
        (3, 300, false, 300),
        (4, 400, true, 400),
        (u64::MAX, 500, true, 500),
        (0, 0, false, 500),
    ] {
        let bundle = TrustBundle {
            policies: vec![policy(&mint, &mint.certifying, version, per_payment)],
            ..only()
        };
        assert_eq!(known.merge(&bundle), Ok(news), "version {version}");
        assert_eq!(known.limits(OPERATOR, CLASS).unwrap().per_payment, fen(holds));
    }
    // Within one bundle the order does not matter.
    let two = [7, 6].map(|version| Signed::sign(StatusList::new(version, NOW, []), &mint.status_key));
    let bundle = TrustBundle {
        status: two.to_vec(),
        ..only()
    };
    assert_eq!(known.merge(&bundle), Ok(true));
    assert_eq!(known.status().unwrap().version, 7);
}

#[test]
fn an_older_list_cannot_pardon_anybody() {
    let mint = Mint::new(1);
    let mallory = mint.holder(Algorithm::P256, "Mallory");
    let mut known = mint.trust();
    let newer = Signed::sign(StatusList::new(2, NOW, [mallory.key_hash()]), &mint.status_key);
    let with = |list: &Signed<StatusList>| TrustBundle {
        status: vec![list.clone()],
        ..only()
    };
    assert_eq!(known.merge(&with(&newer)), Ok(true));
    assert_eq!(known.merge(&mint.bundle()), Ok(false));
    assert!(known.status().unwrap().contains(&mallory.verifying_key()));
}

#[test]
fn contradictions_are_refused_and_nothing_of_their_bundle_is_taken_over() {
    let mint = Mint::new(1);
    let known = mint.trust();
    let contradiction = |part| Err(TrustError::Contradiction { part });

    let mut operator = mint.operator();
    operator.validity.until = operator.validity.until.plus(1);
    let mut series = mint.series();
    series.spend_until = series.spend_until.plus(1);
    let mut authority = mint.authority();
    authority.validity.until = authority.validity.until.plus(1);
    let news = policy(&mint, &mint.certifying, 9, 900);
    let bundles = [
        (
            TrustBundle {
                operators: vec![Signed::sign(operator, &mint.root)],
                ..only()
            },
            "operator certificate",
        ),
        (
            TrustBundle {
                series: vec![Signed::sign(series, &mint.root)],
                ..only()
            },
            "series",
        ),
        (
            TrustBundle {
                authority: vec![Signed::sign(authority, &mint.root)],
                ..only()
            },
            "status authority",
        ),
        (
            TrustBundle {
                status: vec![mint.status([mint.holder(Algorithm::P256, "Mallory").key_hash()])],
                ..only()
            },
            "status list",
        ),
        (
            TrustBundle {
                policies: vec![policy(&mint, &mint.certifying, 1, 1)],
                ..only()
            },
            "policy",
        ),
    ];
    for (mut bundle, part) in bundles {
        bundle.policies.push(news.clone());
        let mut mine = known.clone();
        assert_eq!(mine.merge(&bundle), contradiction(part));
        assert_eq!(mine, known, "{part}: not even the newer policy");
    }
    // A bundle may contradict itself.
    let bundle = TrustBundle {
        policies: vec![news, policy(&mint, &mint.certifying, 9, 901)],
        ..only()
    };
    let mut mine = known.clone();
    assert_eq!(mine.merge(&bundle), contradiction("policy"));
    assert_eq!(mine, known);
}

#[test]
fn parts_of_unknown_signers_are_refused() {
    let mint = Mint::new(1);
    let unknown = |part| Err(TrustError::UnknownSigner { part });
    let usual = mint.bundle();
    let policies = TrustBundle {
        policies: usual.policies.clone(),
        ..only()
    };
    let status = TrustBundle {
        status: usual.status.clone(),
        ..only()
    };
    let mut known = Trust::new(mint.root.verifying_key());
    assert_eq!(known.merge(&policies), unknown("policy"));
    assert_eq!(known.merge(&status), unknown("status list"));
    // Once the signers are known, parts may come one by one.
    let signers = TrustBundle {
        policies: Vec::new(),
        status: Vec::new(),
        ..usual
    };
    assert_eq!(known.merge(&signers), Ok(true));
    assert_eq!(known.merge(&policies), Ok(true));
    assert_eq!(known.merge(&status), Ok(true));
    assert_eq!(known, mint.trust());
}

/// An operator or an authority that changes its key brings along what it signs; older bundles stay harmless.
#[test]
fn signers_may_change_their_keys() {
    let mint = Mint::new(1);
    let root = mint.root.verifying_key();
    let key = |role| signing_key(1, Algorithm::P256, role);
    let (certifying, status_key) = (key("certifying, second"), key("status, second"));

    let mut operator = mint.operator();
    operator.version = 2;
    operator.certifying_key = certifying.verifying_key();
    let mut authority = mint.authority();
    authority.version = 2;
    authority.key = status_key.verifying_key();
    let signers = TrustBundle {
        operators: vec![Signed::sign(operator, &mint.root)],
        authority: vec![Signed::sign(authority, &mint.root)],
        ..only()
    };
    let classes = [WalletClass::I, WalletClass::Ii, WalletClass::Iii, WalletClass::Iv];
    let complete = TrustBundle {
        policies: classes
            .map(|class| Signed::sign(mint.policy(class), &certifying))
            .to_vec(),
        status: vec![Signed::sign(StatusList::new(1, NOW, []), &status_key)],
        ..signers.clone()
    };

    // Without what they sign, nothing would stand under them any more.
    let mut known = mint.trust();
    let before = known.clone();
    assert_eq!(known.merge(&signers), bad("policy"));
    let authority_only = TrustBundle {
        operators: Vec::new(),
        ..signers.clone()
    };
    assert_eq!(known.merge(&authority_only), bad("status list"));
    assert_eq!(known, before);

    // With it, the same statements under the new keys are taken over.
    assert_eq!(known.merge(&complete), Ok(true));
    assert_eq!(
        trust(root, &known.bundle()),
        known,
        "it can be handed on, and read again after a restart"
    );
    for policy in known.bundle().policies {
        assert!(policy.verify(&certifying.verifying_key()).is_ok());
    }
    // A bundle from before the change is old news, not an attack.
    let after = known.clone();
    assert_eq!(known.merge(&mint.bundle()), Ok(false));
    assert_eq!(known, after);
    assert!(mint.operator().message().starts_with(b"dcep/1/operator\0"));
}
