//! A payment of 50 hops, the value passed on whole: its bytes, and the time to check every one of its signatures.

use std::error::Error;

use protocol::{Algorithm, Expected, Limits, Payment, verify};
use serde::Serialize;
use tests::mint::{Mint, Shape};

use crate::{
    primitives::Sample,
    timing::{median, milliseconds},
};

const HOPS: u32 = 50;
const RUNS: usize = 51;

#[derive(Serialize)]
pub(crate) struct Chain {
    /// From the bytes of the answer to the verified payment. Budget 5 for Ed25519.
    verify_50_hops_ms: f64,
    /// The bytes of the answer. Budget 7,000.
    verify_50_hops_bytes: usize,
    /// That time over the time of its signatures alone. Budget 1.1 for P-256.
    verify_50_hops_over_signatures: f64,
}

pub(crate) fn measure(algorithm: Algorithm) -> Result<Chain, Box<dyn Error>> {
    let mint = Mint::new(50);
    let chain = mint.chain(algorithm, HOPS, Shape::Whole);
    let answer = chain
        .payment
        .encode_answer(&chain.request)
        .ok_or("the chain does not answer its request")?;
    let mut world = mint.world();
    // No policy permits this many; the check is the same.
    let offline = protocol::OfflineLimits {
        hops: HOPS,
        ..world.limits.offline.clone()
    };
    world.limits = Limits {
        offline,
        ..world.limits
    };

    let whole = median(RUNS, || -> Result<(), Box<dyn Error>> {
        let payment = Payment::decode_answer(&answer, &chain.request)?;
        verify(payment, &Expected::from(&chain.request), &world.context())?;
        Ok(())
    })?;

    let (holder, bank) = (Sample::new(algorithm)?, Sample::new(Algorithm::Ed25519)?);
    let signatures = median(RUNS, || {
        (0..HOPS).try_for_each(|_| holder.verify())?;
        // The note's, and the last payer's certificate's.
        bank.verify()?;
        bank.verify()
    })?;
    Ok(Chain {
        verify_50_hops_ms: milliseconds(whole),
        verify_50_hops_bytes: answer.len(),
        verify_50_hops_over_signatures: (whole.as_secs_f64() / signatures.as_secs_f64() * 1e3).round() / 1e3,
    })
}
