//! Phones, a link that tears, a virtual clock and a bank, all in one process and all out of one seed.
//!
//! One seed determines everything: keys, amounts of noise, what the air does. A run that fails
//! prints its seed; set `DCEP_SEED` to it, and the same run happens again.
//!
//! ```
//! use simulator::{Air, Frames, Roles, World};
//!
//! let mut world = World::new(1).unwrap();
//! let alice = world.phone("Alice").unwrap();
//! let bob = world.phone("Bob").unwrap();
//! world.fund(&alice, "100.00".parse().unwrap()).unwrap();
//!
//! let amount = "37.45".parse().unwrap();
//! let mut handoff = world.handoff(&alice, &bob, amount, Roles::PayeeIsCard).unwrap();
//! let report = handoff.tap(Frames::Extended, &mut Air::perfect());
//! assert!(report.completed());
//! assert_eq!(bob.wallet().balance().unwrap().spendable, amount);
//! ```

mod air;
pub mod disk;
mod environment;
mod handoff;
mod line;
mod phone;
mod rogue;
pub mod town;
mod world;

pub use air::{Air, Mishap, Traffic};
pub use environment::{DeviceClock, SeededEntropy, VirtualClock};
pub use handoff::{Frames, Handoff, Link, Roles, TapReport};
pub use line::{BankLine, Exchange, LineTrouble};
pub use phone::{
    Device, DeviceGuard, GuardTrouble, Hardware, Owner, Phone, PhoneOptions, Snapshot, WitnessedVault,
};
pub use rogue::{Manners, Rogue, RoguePiece, Said, Split};
pub use world::{Books, Rules, Storage, World, WorldError, WorldOptions, seed_from_environment};

/// The README's Rust is compiled and run with the doctests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
