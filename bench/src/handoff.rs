//! The time of whole handoffs: both sides, real SQLite files, real encryption, perfect air.

use std::error::Error;

use protocol::{Algorithm, Amount};
use serde::Serialize;
use simulator::{Air, Frames, PhoneOptions, Roles, World};

use crate::{
    primitives::handoff_floor,
    timing::{median, milliseconds},
};

const RUNS: usize = 101;

#[derive(Serialize)]
pub(crate) struct Handoffs {
    /// One first-hop payment, from SELECT to the stored receipt, both sides, storage included. Budget 5.
    handoff_ms_both_sides: f64,
    /// Its signatures and key agreements alone; see `primitives`.
    crypto_floor_ms: f64,
}

pub(crate) fn measure(algorithm: Algorithm) -> Result<Handoffs, Box<dyn Error>> {
    let mut world = World::new(3)?;
    let options = PhoneOptions {
        algorithm,
        ..PhoneOptions::default()
    };
    let alice = world.phone_with("Alice", &options)?;
    let bob = world.phone_with("Bob", &options)?;
    let amount: Amount = "1.00".parse()?;
    // Of every load, the largest note is half: exactly the payment, so every payment is a first hop with one note.
    let load: Amount = "2.00".parse()?;
    let handoffs = (0..=RUNS)
        .map(|_| {
            world.fund(&alice, load)?;
            world.handoff(&alice, &bob, amount, Roles::PayeeIsCard)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut handoffs = handoffs.into_iter();
    let time = median(RUNS, || {
        let report = handoffs
            .next()
            .ok_or("no more handoffs")?
            .tap(Frames::Extended, &mut Air::perfect());
        if report.completed() {
            Ok(())
        } else {
            Err(format!("the tap did not complete: {report:?}"))
        }
    })?;
    Ok(Handoffs {
        handoff_ms_both_sides: milliseconds(time),
        crypto_floor_ms: milliseconds(handoff_floor(algorithm)?),
    })
}
