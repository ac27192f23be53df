use protocol::bank::DeviceId;
use protocol::{
    Algorithm, Assurance, Day, Grant, HolderCertificate, Id, OperatorId, Outpoint, Signature, Signed,
    SigningKey, StaticKeyHash, Trust, Validity, WalletClass,
};

use super::*;
use crate::{
    model::{Change, Device, HolderKey, Profile, Standing, Usage},
    vault::KeyHandle,
};

const DEVICE: Device = Device {
    id: DeviceId::from_bytes([0; 16]),
    standing: Standing::Good,
    wish: None,
};

const TODAY: Day = Day::from_number(20_781);

fn key(number: u8) -> VerifyingKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[number + 1; 32])
        .unwrap()
        .verifying_key()
}

/// A purse of `(fen, owner, chain bytes)`.
fn purse(pieces: &[(u64, u8, u32)]) -> Purse {
    let profile = Profile::new(key(99), key(99), Algorithm::Ed25519);
    let mut purse = Purse::new(profile, Trust::new(key(99)), DEVICE);
    for (number, (fen, owner, chain_bytes)) in (0_u32..).zip(pieces) {
        let mut origin = [0; 32];
        origin[..4].copy_from_slice(&number.to_be_bytes());
        purse.apply(&Change::Gained(Piece {
            outpoint: Outpoint {
                origin: Id::from_bytes(origin),
                output: 0,
            },
            amount: Amount::from_fen(*fen).unwrap(),
            owner: key(*owner),
            hops: 0,
            issued: TODAY,
            spend_until: TODAY,
            chain_bytes: *chain_bytes,
            unsettled: false,
            contested: false,
        }));
        let validity = Validity {
            from: TODAY,
            until: TODAY,
        };
        let grant = Grant {
            operator: OperatorId(1),
            class: WalletClass::Ii,
            assurance: Assurance::Software,
            validity,
            name: None,
        };
        let body = HolderCertificate {
            holder_key: key(*owner),
            static_key: StaticKeyHash::of(&[0; 32]),
            grant,
        };
        purse.apply(&Change::Key(HolderKey {
            public: key(*owner),
            handle: KeyHandle(vec![]),
            assurance: Assurance::Software,
            usage: Usage::Used,
            certificate: Some(Signed {
                body,
                signature: Signature::from_bytes([0; 64]),
            }),
        }));
    }
    purse
}

fn selected(pieces: &[(u64, u8, u32)], fen: u64) -> Result<Vec<u64>, Impossible> {
    let (purse, rules) = (purse(pieces), Rules::at_bank(TODAY));
    let chosen = select(&purse, Amount::from_fen(fen).unwrap(), &rules)?;
    Ok(chosen.into_iter().map(|piece| piece.amount.fen()).collect())
}

#[test]
fn one_piece_if_one_is_enough_and_the_cheapest_of_those() {
    let pieces = [(100, 0, 120), (200, 1, 120), (500, 2, 120)];
    assert_eq!(selected(&pieces, 200), Ok(vec![200]), "no change");
    assert_eq!(selected(&pieces, 150), Ok(vec![200]), "little change");
    assert_eq!(selected(&pieces, 201), Ok(vec![500]));
    // Change is cheaper than a long history.
    assert_eq!(selected(&[(200, 0, 1_300), (500, 1, 120)], 200), Ok(vec![500]));
    // And it costs more than a little history.
    assert_eq!(selected(&[(200, 0, 150), (500, 1, 120)], 200), Ok(vec![200]));
    // And a long history is cheaper than nothing.
    assert_eq!(selected(&[(200, 0, 1_300)], 200), Ok(vec![200]));
}

#[test]
fn several_pieces_of_one_key_rather_than_of_several() {
    // 300 + 250 would be two pieces of two keys; 250 + 250 are two pieces of one.
    let pieces = [(300, 0, 120), (250, 1, 120), (250, 1, 120), (10, 2, 120)];
    assert_eq!(selected(&pieces, 500), Ok(vec![250, 250]));
    // However many larger ones other keys have.
    let pieces = [
        (400, 0, 120),
        (390, 1, 120),
        (380, 2, 120),
        (250, 3, 120),
        (250, 3, 120),
    ];
    assert_eq!(selected(&pieces, 500), Ok(vec![250, 250]));
}

#[test]
fn the_last_piece_is_the_smallest_that_does() {
    let pieces = [(400, 0, 120), (300, 0, 120), (100, 0, 120), (60, 0, 120)];
    assert_eq!(selected(&pieces, 450), Ok(vec![400, 60]));
    // Not if it has a longer history, or another key has to sign.
    for small in [(60, 0, 9_000), (60, 1, 120)] {
        let pieces = [(400, 0, 120), (300, 0, 120), small];
        assert_eq!(selected(&pieces, 450), Ok(vec![400, 300]), "{small:?}");
    }
}

#[test]
fn impossible_says_why() {
    assert_eq!(selected(&[(1, 0, 120)], 2), Err(Impossible::NotEnough));
    let dust = vec![(1, 0, 120); MAX_INPUTS + 8];
    assert_eq!(selected(&dust, MAX_INPUTS as u64).unwrap().len(), MAX_INPUTS);
    assert_eq!(
        selected(&dust, MAX_INPUTS as u64 + 1),
        Err(Impossible::TooFragmented)
    );
    assert_eq!(selected(&dust, MAX_INPUTS as u64 + 9), Err(Impossible::NotEnough));
}

#[test]
fn the_largest_payment_is_exactly_what_can_be_selected() {
    for seed in (0_u64..40).step_by(3) {
        let pieces: Vec<_> = (0..seed)
            .map(|n| {
                (
                    1 + seed.wrapping_mul(n).wrapping_mul(2_654_435_761) % 900,
                    u8::try_from(n % 5).unwrap(),
                    120,
                )
            })
            .collect();
        let purse = purse(&pieces);
        let rules = Rules::at_bank(TODAY);
        let largest = largest(&purse, &rules);
        for fen in (1..=largest.fen() + 1).rev().step_by(13) {
            let amount = Amount::from_fen(fen).unwrap();
            let chosen = select(&purse, amount, &rules);
            assert_eq!(
                chosen.is_ok(),
                amount <= largest,
                "seed {seed}, {fen} fen of {pieces:?}"
            );
            let Ok(chosen) = chosen else { continue };
            assert!(chosen.len() <= MAX_INPUTS && total(&chosen) >= amount);
            let mut outpoints: Vec<_> = chosen.iter().map(|piece| piece.outpoint).collect();
            outpoints.sort_unstable();
            outpoints.dedup();
            assert_eq!(outpoints.len(), chosen.len(), "no piece twice");
        }
    }
}

#[test]
fn long_histories_are_not_carried_together() {
    // Each fits by itself; three of them do not fit into one payment.
    let pieces = [(500, 0, 9_000), (400, 0, 9_000), (300, 0, 9_000), (10, 0, 9_000)];
    assert_eq!(selected(&pieces, 900), Ok(vec![500, 400]));
    let (purse, rules) = (purse(&pieces), Rules::at_bank(TODAY));
    let most = largest(&purse, &rules);
    assert_eq!(selected(&pieces, most.fen() + 1), Err(Impossible::TooFragmented));
    // One that is too long by itself is passed over.
    assert_eq!(
        selected(&[(500, 0, 40_000), (300, 0, 120), (200, 0, 120)], 500),
        Ok(vec![300, 200])
    );
}

#[test]
fn a_payment_is_filled_to_the_last_byte() {
    let rules = Rules::at_bank(TODAY);
    let most = |pieces: &[(u64, u8, u32)]| largest(&purse(pieces), &rules).fen();
    let room = u32::try_from(rules.byte_budget() - TRANSFER_BYTES - SIGNER_BYTES).unwrap();
    let signer = u32::try_from(SIGNER_BYTES).unwrap();
    assert_eq!(most(&[(500, 0, room)]), 500);
    assert_eq!(most(&[(500, 0, room + 1)]), 0);
    assert_eq!(most(&[(300, 0, room - 100), (200, 0, 100)]), 500);
    assert_eq!(most(&[(300, 0, room - 100), (200, 0, 101)]), 300);
    assert_eq!(most(&[(300, 0, room - signer - 100), (200, 1, 100)]), 500);
    assert_eq!(most(&[(300, 0, room - signer - 100), (200, 1, 101)]), 300);
}

#[test]
fn a_key_that_has_signed_before_is_worth_some_bytes_to_avoid() {
    let chosen = |other_chain: u32| {
        let mut purse = purse(&[(200, 0, 120), (200, 1, other_chain)]);
        let mut shown = purse.key(&key(0)).unwrap().clone();
        shown.usage = Usage::Shown;
        purse.apply(&Change::Key(shown));
        let pieces = select(&purse, Amount::from_fen(200).unwrap(), &Rules::at_bank(TODAY)).unwrap();
        pieces.into_iter().map(|piece| piece.owner).collect::<Vec<_>>()
    };
    let worth = u32::try_from(LINK_BYTES).unwrap();
    assert_eq!(chosen(120 + worth - 1), [key(1)]);
    assert_eq!(chosen(120 + worth + 1), [key(0)]);
}
