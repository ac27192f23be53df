//! The mix of amounts that a load comes in.
//!
//! Each note is the largest of 1, 2, 5, 10, 20, 50, ... fen that is at most *half* of what is left. So every note is at
//! most as large as all smaller ones together and a fen, and therefore **every amount up to the load can be paid exactly**
//! with some of its notes: as long as the notes last, nobody needs change.
//!
//! That takes about four notes for each factor of ten. A load has at most [`MAX_NOTES`]; the last one is then whatever
//! is left, and exactness is down to that amount: 24 notes reach from 5,000 yuan down to a fen, and from 500,000 yuan
//! down to a yuan.

use protocol::Amount;

/// The most notes in one load.
pub const MAX_NOTES: usize = 24;

/// Splits a load into notes, the largest first. Nothing splits into nothing.
#[must_use]
pub fn split(amount: Amount) -> Vec<Amount> {
    let mut notes = Vec::new();
    let mut left = amount;
    while !left.is_zero() {
        let note = if notes.len() + 1 == MAX_NOTES {
            left
        } else {
            round_at_most_half(left)
        };
        notes.push(note);
        left = left.saturating_sub(note);
    }
    notes
}

/// The largest of 1, 2, 5, 10, ... fen that is at most half of `amount`; a single fen stays whole.
fn round_at_most_half(amount: Amount) -> Amount {
    let half = (amount.fen() / 2).max(1);
    let (mut largest, mut decade) = (1, 1_u64);
    while decade <= half {
        for step in [1, 2, 5] {
            if decade * step <= half {
                largest = decade * step;
            }
        }
        decade *= 10;
    }
    Amount::from_fen(largest).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn fen(fen: u64) -> Amount {
        Amount::from_fen(fen).unwrap()
    }

    #[test]
    fn five_hundred_yuan_in_notes() {
        let notes: Vec<_> = split(fen(50_000)).into_iter().map(Amount::fen).collect();
        assert_eq!(
            notes,
            [
                20_000, 10_000, 10_000, 5_000, 2_000, 1_000, 1_000, 500, 200, 100, 100, 50, 20, 10, 10, 5, 2,
                1, 1, 1
            ]
        );
    }

    #[test]
    fn notes_add_up_and_are_never_too_many() {
        let amounts = (0..3_000).chain((0..53).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]));
        for amount in amounts.map(fen).chain([Amount::MAX]) {
            let notes = split(amount);
            assert_eq!(Amount::checked_sum(notes.iter().copied()), Some(amount));
            assert!(notes.len() <= MAX_NOTES, "{amount}: {notes:?}");
            assert!(notes.iter().all(|note| !note.is_zero()));
        }
    }

    #[test]
    fn every_amount_up_to_the_load_can_be_paid_exactly() {
        for load in [1, 2, 3, 7, 99, 1_000, 3_745, 50_000] {
            let mut payable = BTreeSet::from([0]);
            for note in split(fen(load)) {
                payable = payable.iter().flat_map(|sum| [*sum, sum + note.fen()]).collect();
            }
            assert_eq!(payable, (0..=load).collect(), "a load of {load} fen");
        }
    }
}
