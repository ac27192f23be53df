//! What a purse says of its pieces and keys, to the day, the hop and the fen.

use protocol::bank::{DeviceId, IdempotencyKey};
use protocol::{
    Algorithm, Assurance, HolderCertificate, Name, OfflineLimits, OperatorCertificate, OperatorId, Policy,
    Request, SigningKey, StaticKeyHash, TrustBundle, Validity, WalletClass,
};

use super::*;
use crate::{
    model::{End, OwnRequest, Purpose, Standing},
    rules::{MAX_DEPOSIT_BYTES, MAX_OFFLINE_BYTES, OnlyAtBank, Rules},
    vault::KeyHandle,
};

const DEVICE: Device = Device {
    id: DeviceId::from_bytes([0; 16]),
    standing: Standing::Good,
    wish: None,
};

const TODAY: Day = Day::from_number(20_781);
const OPERATOR: OperatorId = OperatorId(1);

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[number; 32]).unwrap()
}

fn fen(fen: u64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn days(from: u32, until: u32) -> Validity {
    Validity {
        from: Day::from_number(from),
        until: Day::from_number(until),
    }
}

fn limits(hops: u32, age_days: u32) -> Limits {
    Limits {
        balance: fen(100_000),
        per_payment: fen(10_000),
        per_day: fen(10_000),
        per_year: None,
        offline: OfflineLimits {
            total: fen(10_000),
            payments: 10,
            hops,
            age_days,
        },
        unconfirmed_each: fen(100),
        unconfirmed_total: fen(100),
    }
}

/// An empty purse that trusts one operator, whose class II may go five hops and thirty days.
fn purse() -> Purse {
    let root = signing_key(99);
    let certifying = signing_key(98);
    let operator = OperatorCertificate {
        operator: OPERATOR,
        version: 1,
        name: Name::new("Bank").unwrap(),
        certifying_key: certifying.verifying_key(),
        settlement_key: signing_key(97).verifying_key(),
        validity: days(0, 100_000),
    };
    let policy = Policy {
        operator: OPERATOR,
        class: WalletClass::Ii,
        version: 1,
        profile: Name::new("test").unwrap(),
        limits: limits(5, 30),
        stale_after_days: None,
    };
    let mut trust = Trust::new(root.verifying_key());
    let bundle = TrustBundle {
        operators: vec![Signed::sign(operator, &root)],
        policies: vec![Signed::sign(policy, &certifying)],
        ..TrustBundle::default()
    };
    assert_eq!(trust.merge(&bundle), Ok(true));
    let profile = Profile::new(root.verifying_key(), root.verifying_key(), Algorithm::Ed25519);
    Purse::new(profile, trust, DEVICE)
}

/// A key of the wallet, certified for these days.
fn key(number: u8, usage: Usage, validity: Validity) -> HolderKey {
    let public = signing_key(number).verifying_key();
    let body = HolderCertificate {
        holder_key: public,
        static_key: StaticKeyHash::of(&[0; 32]),
        grant: Grant {
            operator: OPERATOR,
            class: WalletClass::Ii,
            assurance: Assurance::Software,
            validity,
            name: None,
        },
    };
    HolderKey {
        public,
        handle: KeyHandle(vec![number]),
        assurance: Assurance::Software,
        usage,
        certificate: Some(Signed::sign(body, &signing_key(98))),
    }
}

/// A piece of key 1 that can be paid today, and only just.
fn piece() -> Piece {
    Piece {
        outpoint: Outpoint {
            origin: Id::from_bytes([1; 32]),
            output: 0,
        },
        amount: fen(100),
        owner: signing_key(1).verifying_key(),
        hops: 4,
        issued: Day::from_number(TODAY.number() - 30),
        spend_until: TODAY,
        chain_bytes: 100,
        unsettled: false,
        contested: false,
    }
}

fn today() -> Validity {
    days(TODAY.number(), TODAY.number())
}

#[test]
fn a_piece_is_payable_up_to_every_limit_and_not_beyond() {
    let mut purse = purse();
    purse.apply(&Change::Key(key(1, Usage::Used, today())));
    let rules = purse.rules(TODAY);
    let check = |piece: &Piece| purse.check(piece, &rules);
    assert_eq!(check(&piece()), Ok(()), "the last day, the last hop");
    let yesterday = Day::from_number(TODAY.number() - 1);
    for (worse, why) in [
        (
            Piece {
                spend_until: yesterday,
                ..piece()
            },
            OnlyAtBank::SeriesExpired,
        ),
        (
            Piece {
                issued: Day::from_number(TODAY.number() - 31),
                ..piece()
            },
            OnlyAtBank::TooOld,
        ),
        (Piece { hops: 5, ..piece() }, OnlyAtBank::TooManyHops),
        (
            Piece {
                contested: true,
                ..piece()
            },
            OnlyAtBank::Contested,
        ),
        (
            Piece {
                owner: signing_key(2).verifying_key(),
                ..piece()
            },
            OnlyAtBank::KeyRetired,
        ),
    ] {
        assert_eq!(check(&worse), Err(why));
        let at_bank = purse.check(&worse, &Rules::at_bank(TODAY));
        let known = why != OnlyAtBank::KeyRetired;
        assert_eq!(
            at_bank.is_ok(),
            known,
            "the bank takes it from a key that can sign"
        );
    }
    let better = Piece {
        spend_until: TODAY.plus(2),
        issued: TODAY,
        hops: 0,
        ..piece()
    };
    assert_eq!(check(&better), Ok(()));
    let tomorrow = purse.rules(TODAY.plus(1));
    assert_eq!(
        purse.check(&better, &tomorrow),
        Err(OnlyAtBank::CertificateExpired)
    );
    purse.apply(&Change::Key(key(1, Usage::Retired, today())));
    for rules in [purse.rules(TODAY), Rules::at_bank(TODAY)] {
        assert_eq!(purse.check(&better, &rules), Err(OnlyAtBank::KeyRetired));
    }
}

#[test]
fn the_narrower_of_two_policies_counts() {
    let mut purse = purse();
    purse.apply(&Change::Key(key(1, Usage::Used, today())));
    let with = |theirs: &Limits| purse.check(&piece(), &purse.rules(TODAY).and(Some(theirs)));
    assert_eq!(with(&limits(6, 31)), Ok(()));
    assert_eq!(with(&limits(4, 31)), Err(OnlyAtBank::TooManyHops));
    assert_eq!(with(&limits(6, 29)), Err(OnlyAtBank::TooOld));
    let unlimited = Rules::offline(TODAY, None);
    assert_eq!(purse.check(&piece(), &unlimited), Ok(()));
    assert_eq!(unlimited.byte_budget(), MAX_OFFLINE_BYTES);
    assert_eq!(Rules::at_bank(TODAY).byte_budget(), MAX_DEPOSIT_BYTES);
}

#[test]
fn a_payee_may_demand_better_keys_than_everybody_has() {
    let rules = Rules::offline(TODAY, None);
    assert_eq!(rules.assurance(), None);
    for (demanded, above) in [
        (Assurance::Software, None),
        (Assurance::TrustedEnvironment, Some(Assurance::TrustedEnvironment)),
        (Assurance::SecureElement, Some(Assurance::SecureElement)),
    ] {
        assert_eq!(rules.with_assurance(Some(demanded)).assurance(), above);
    }

    let kept = |number: u8, assurance: Assurance, usage: Usage| {
        let mut key = key(number, usage, today());
        if let Some(certificate) = &mut key.certificate {
            certificate.body.grant.assurance = assurance;
        }
        key
    };
    let mut purse = purse();
    let reaches = |purse: &Purse, assurance| purse.reaches(assurance, TODAY);
    purse.apply(&Change::Key(kept(1, Assurance::Software, Usage::Used)));
    purse.apply(&Change::Key(kept(2, Assurance::SecureElement, Usage::Retired)));
    assert!(reaches(&purse, Assurance::Software));
    assert!(
        !reaches(&purse, Assurance::TrustedEnvironment),
        "a retired key signs nothing"
    );
    let demanding = rules.with_assurance(Some(Assurance::TrustedEnvironment));
    assert!(purse.payable(&piece(), &rules) && !purse.payable(&piece(), &demanding));
    purse.apply(&Change::Key(kept(1, Assurance::SecureElement, Usage::Used)));
    assert!(purse.payable(&piece(), &demanding));
    assert!(reaches(&purse, Assurance::SecureElement));
    assert!(
        !purse.reaches(Assurance::SecureElement, TODAY.plus(1)),
        "its certificate is over"
    );
    // The bank takes what a key holds that it never certified.
    let mut uncertified = key(1, Usage::Used, today());
    uncertified.certificate = None;
    purse.apply(&Change::Key(uncertified));
    assert!(purse.payable(&piece(), &Rules::at_bank(TODAY)));
    assert!(!purse.payable(&piece(), &rules));
}

/// What the bank will send counts against what the wallet may hold. What it may be sent back some day does not.
#[test]
fn what_is_refreshed_is_expected_and_what_is_paid_is_not() {
    let transfer = |purpose: Purpose, frozen: bool| Outgoing {
        frozen,
        ..Outgoing::signed(
            Id::from_bytes([1; 32]),
            purpose,
            fen(30),
            Timestamp::default(),
            Vec::new(),
            1,
        )
    };
    let call = IdempotencyKey::from_bytes([1; 16]);
    for (outgoing, coming) in [
        (transfer(Purpose::Deposit(call), false), 0),
        (transfer(Purpose::Refresh(call), false), 30),
        (transfer(Purpose::Refresh(call), true), 0),
    ] {
        let mut purse = purse();
        purse.apply(&Change::Gained(piece()));
        purse.apply(&Change::Outgoing(outgoing.clone()));
        assert_eq!((purse.total(), purse.expected()), (fen(100), fen(100 + coming)));
        purse.apply(&Change::Outgoing(Outgoing {
            end: Some(End::Deposited),
            ..outgoing
        }));
        assert_eq!(purse.expected(), fen(100));
    }
}

#[test]
fn the_key_that_was_shown_least_is_shown_next() {
    let mut purse = purse();
    let until_tomorrow = days(TODAY.number(), TODAY.number() + 1);
    purse.apply(&Change::Key(key(1, Usage::Used, today())));
    purse.apply(&Change::Key(key(2, Usage::Fresh, today())));
    purse.apply(&Change::Key(key(3, Usage::Fresh, until_tomorrow)));
    purse.apply(&Change::Key(key(4, Usage::Retired, today())));
    let mut uncertified = key(5, Usage::Fresh, today());
    uncertified.certificate = None;
    purse.apply(&Change::Key(uncertified));
    assert_eq!(purse.fresh_keys(TODAY), 2);
    assert_eq!(purse.fresh_keys(TODAY.plus(1)), 1);
    let shown = |purse: &Purse, today: Day| -> Vec<VerifyingKey> {
        purse.keys_to_show(today).map(|key| key.public).collect()
    };
    let [used, one, other] = [1, 2, 3].map(|number| signing_key(number).verifying_key());
    let all = shown(&purse, TODAY);
    assert_eq!(all.len(), 3);
    assert_eq!(all[2], used);
    assert_eq!(shown(&purse, TODAY.plus(1)), [other]);
    purse.apply(&Change::Key(key(6, Usage::Shown, days(0, 0))));
    assert!(purse.is_shown(&signing_key(6).verifying_key()));
    assert!(![used, one, other].iter().any(|key| purse.is_shown(key)));

    // A key in an open request comes after those that are in none; when that is closed, it is as before.
    let mut own = OwnRequest {
        request: Request {
            id: RequestId::from_bytes([1; 16]),
            amount: None,
            payee: key(2, Usage::Fresh, today()).certificate.clone().unwrap(),
            terms: protocol::Terms::default(),
        },
        created: Timestamp::default(),
        paid_by: None,
        withdrawn: false,
    };
    purse.apply(&Change::Request(own.clone()));
    assert_eq!(shown(&purse, TODAY), [other, one, used]);
    own.withdrawn = true;
    purse.apply(&Change::Request(own));
    assert_eq!(shown(&purse, TODAY), all);
}

#[test]
fn the_newest_certificate_says_who_the_wallet_is() {
    let mut purse = purse();
    assert_eq!(purse.grant(), None);
    assert_eq!(purse.limits(), None);
    assert_eq!(purse.status_version(), 0);
    let newest = days(TODAY.number() + 7, TODAY.number() + 9);
    for (number, validity) in [(1, today()), (2, newest), (3, days(1, 100_000))] {
        purse.apply(&Change::Key(key(number, Usage::Used, validity)));
    }
    assert_eq!(purse.grant().unwrap().validity, newest);
    assert_eq!(purse.limits(), Some(&limits(5, 30)));
    assert_eq!(purse.keys().count(), 3);
}

#[test]
fn pieces_come_by_size_until_they_are_spent() {
    let mut purse = purse();
    let pieces = [3, 1, 2].map(|number: u8| Piece {
        outpoint: Outpoint {
            origin: Id::from_bytes([number; 32]),
            output: number,
        },
        amount: fen(100 * u64::from(number)),
        ..piece()
    });
    for piece in &pieces {
        purse.apply(&Change::Gained(piece.clone()));
    }
    let sizes = |pieces: &mut dyn Iterator<Item = &Piece>| -> Vec<u64> {
        pieces.map(|piece| piece.amount.fen()).collect()
    };
    assert_eq!(sizes(&mut purse.largest()), [300, 200, 100]);
    assert_eq!(sizes(&mut purse.from(fen(200))), [200, 300]);
    assert_eq!(purse.total(), fen(600));
    assert!(pieces.iter().all(|piece| purse.holds(&piece.outpoint)));
    purse.apply(&Change::Spent(pieces[0].outpoint));
    assert!(!purse.holds(&pieces[0].outpoint) && purse.holds(&pieces[1].outpoint));
    assert_eq!(sizes(&mut purse.largest()), [200, 100]);
    assert_eq!(sizes(&mut purse.from(fen(201))), []);
    assert_eq!((purse.total(), purse.pieces().count()), (fen(300), 2));
}
