//! The randomness of a plan: numbers, choices and chances out of one seed.

use protocol::Amount;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// The dice of one town. What phones and bank draw comes from other streams of the same seed.
pub(super) struct Dice(ChaCha20Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        random.set_stream(u64::MAX);
        Self(random)
    }

    /// A number below `bound`, or zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64().checked_rem(bound).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// The place of one of so many.
    pub(super) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }

    /// One of these, if there are any.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let index = self.index(of.len());
        of.get(index).copied()
    }

    /// One of these, the first if the second is as unlikely as `percent` says.
    pub(super) fn either<T>(&mut self, percent: u64, one: T, other: T) -> T {
        if self.chance(percent) { one } else { other }
    }

    /// From one fen to about `most`: mostly small, often round.
    pub(super) fn amount(&mut self, most: u64) -> Amount {
        let scale = self.below(4);
        let fen = 1 + self.below((most >> (2 * scale)).max(1));
        let fen = if self.chance(40) && fen > 100 {
            fen / 100 * 100
        } else {
            fen
        };
        Amount::from_fen(fen).unwrap_or(Amount::MAX)
    }
}

/// The seed of the town with this number in the run with that seed: far from its neighbours, and the same on every machine.
#[must_use]
pub fn town_seed(run: u64, number: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    let mixed = run
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(number.wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
