//! Who lives in a town.

use core::fmt;

use protocol::{Algorithm, Amount, Id, RequestId, WalletClass};

use crate::{
    air::Air,
    handoff::Handoff,
    phone::{Phone, PhoneOptions, Snapshot},
    rogue::Rogue,
    town::dice::Dice,
};

/// A phone of a town, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Who(pub usize);

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phone {}", self.0)
    }
}

/// How a phone is treated by its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Character {
    /// Nothing happens to it but what happens to everybody.
    Careful,
    /// Its app dies at every bad moment, and its guard is out of order now and then.
    Crashing,
    /// Its files are put back to an earlier state now and then.
    Restoring,
    /// Its files are copied to other devices now and then.
    Cloning,
    /// It is rooted: when its files are put back, its guard says what it said then. The wallet's own code then forks, and knows
    /// nothing of it.
    Rooted,
}

impl Character {
    /// Everybody.
    pub const ALL: [Self; 5] = [
        Self::Careful,
        Self::Crashing,
        Self::Restoring,
        Self::Cloning,
        Self::Rooted,
    ];

    /// Whether its hardware keeps to the rules.
    #[must_use]
    pub const fn is_honest(self) -> bool {
        !matches!(self, Self::Rooted)
    }
}

/// A phone that takes part, and what its owner kept.
pub(super) struct Person {
    pub(super) phone: Phone,
    pub(super) character: Character,
    /// Copies of all of the app's files, the newest last.
    pub(super) snapshots: Vec<Snapshot>,
    /// The last backup that its owner put away.
    pub(super) backup: Option<Vec<u8>>,
    /// It lies at the bottom of a lake, or under a sofa.
    pub(super) gone: bool,
    /// What the owner of a rooted phone also has: keys in the open, and no wallet of ours between them and the world.
    pub(super) rogue: Option<Rogue>,
}

impl Person {
    pub(super) fn new(phone: Phone, character: Character) -> Self {
        Self {
            phone,
            character,
            snapshots: Vec::new(),
            backup: None,
            gone: false,
            rogue: None,
        }
    }
}

/// What kind of phone somebody buys.
pub(super) fn options(dice: &mut Dice) -> PhoneOptions {
    PhoneOptions {
        algorithm: if dice.chance(20) {
            Algorithm::P256
        } else {
            Algorithm::Ed25519
        },
        class: if dice.chance(20) {
            WalletClass::Iv
        } else {
            WalletClass::Ii
        },
        merchant: None,
    }
}

/// A handoff that did not come to its end, and may be gone on with.
pub(super) struct Encounter {
    pub(super) payer: Who,
    pub(super) payee: Who,
    pub(super) request: RequestId,
    /// What the payer agreed to.
    pub(super) amount: Amount,
    /// The two sessions, as long as neither app was killed.
    pub(super) handoff: Option<Handoff>,
    /// What still hangs in the air.
    pub(super) air: Air,
}

impl Encounter {
    pub(super) fn concerns(&self, who: Who) -> bool {
        self.payer == who || self.payee == who
    }
}

/// A payment that was taken, and might be given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sold {
    pub(super) payer: Who,
    pub(super) payee: Who,
    pub(super) transfer: Id,
}

/// A refund that was signed, and is to be brought to who paid.
#[derive(Clone, Copy)]
pub(super) struct Owed {
    pub(super) sold: Sold,
    pub(super) refund: Id,
}
