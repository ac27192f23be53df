//! The status list travels from phone to phone, after the money.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use bank::issuer::api::IssuerApi as _;
use protocol::{Algorithm, SigningKey};
use simulator::{Air, Frames, Phone, Roles, TapReport, World, seed_from_environment};
use tests::phones::yuan;

/// The bank puts a key of nobody's on the list.
fn publish(world: &World, seed: u8) {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[seed; 32])
        .unwrap()
        .verifying_key();
    world.bank().issuer().revoke(&[key]).unwrap();
}

fn pay(world: &World, payer: &Phone, payee: &Phone, roles: Roles, frames: Frames) -> TapReport {
    let mut handoff = world.handoff(payer, payee, yuan("1.00"), roles).unwrap();
    let report = handoff.tap(frames, &mut Air::perfect());
    assert!(report.completed(), "{report:?}");
    report
}

#[test]
fn whoever_has_the_newer_list_shows_it_and_nobody_pays_for_it_otherwise() {
    for roles in Roles::ALL {
        for frames in Frames::ALL {
            let mut world = World::new(seed_from_environment(12)).unwrap();
            let alice = world.phone("Alice").unwrap();
            let bob = world.phone("Bob").unwrap();
            world.fund(&alice, yuan("100.00")).unwrap();
            let usual = pay(&world, &alice, &bob, roles, frames).traffic.commands;

            for (seed, informed) in [(41, &alice), (42, &bob)] {
                let before = informed.wallet().status_version().unwrap();
                publish(&world, seed);
                informed.wallet().sync(&world.line()).unwrap();
                let version = informed.wallet().status_version().unwrap();
                assert!(version > before);
                let told = pay(&world, &alice, &bob, roles, frames).traffic.commands;
                for phone in [&alice, &bob] {
                    assert_eq!(phone.wallet().status_version().unwrap(), version);
                }
                assert!((usual..=usual + 2).contains(&told), "{told} commands");
                let after = pay(&world, &alice, &bob, roles, frames).traffic.commands;
                assert_eq!(after, usual);
            }
        }
    }
}
