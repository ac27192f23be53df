//! Choosing what to pay with: the fewest bytes on the air, then the least history shown.
//!
//! What a piece costs in a payment: its chain; about 180 bytes of certificate and signature for
//! every further key that has to sign; about 40 bytes for change, if there is any. So, in order:
//!
//! 1. one piece of exactly the amount; among several, the cheapest chain;
//! 2. one larger piece, and change; among the next few by size, the cheapest chain;
//! 3. the largest pieces first until they suffice, then the last one exchanged for the smallest
//!    that still does.
//!
//! Each step looks at a bounded number of pieces in an ordered index, so a purse of 100,000 pieces
//! is as quick as one of 100.

use protocol::Amount;

use crate::{
    model::Piece,
    purse::{Purse, Rules},
};

/// The most pieces one payment carries: at about 300 bytes each, well inside the largest payment.
pub(crate) const MAX_INPUTS: usize = 32;

/// How many alternatives a step compares.
const ALTERNATIVES: usize = 16;

/// There is no way to pay this amount in one payment.
pub(crate) enum Impossible {
    /// All that is spendable is less.
    NotEnough,
    /// There is enough, but in more pieces than one payment carries.
    TooFragmented,
}

/// The pieces to consume for a payment of `amount`, which is more than zero.
pub(crate) fn select<'a>(
    purse: &'a Purse,
    amount: Amount,
    rules: &Rules<'_>,
) -> Result<Vec<&'a Piece>, Impossible> {
    one(purse, amount, rules)
        .map(|piece| vec![piece])
        .or_else(|| several(purse, amount, rules))
        .ok_or_else(|| {
            if spendable_reaches(purse, amount, rules) {
                Impossible::TooFragmented
            } else {
                Impossible::NotEnough
            }
        })
}

/// The most that [`select`] can find pieces for.
pub(crate) fn largest(purse: &Purse, rules: &Rules<'_>) -> Amount {
    crate::purse::sum(
        payable(purse.largest(), purse, rules)
            .take(MAX_INPUTS)
            .map(|piece| piece.amount),
    )
}

fn payable<'a, 'r>(
    pieces: impl Iterator<Item = &'a Piece>,
    purse: &'r Purse,
    rules: &'r Rules<'_>,
) -> impl Iterator<Item = &'a Piece> {
    pieces.filter(move |piece| purse.check(piece, rules).is_ok())
}

fn one<'a>(purse: &'a Purse, amount: Amount, rules: &Rules<'_>) -> Option<&'a Piece> {
    let cheapest = |pieces: &mut dyn Iterator<Item = &'a Piece>| {
        pieces
            .take(ALTERNATIVES)
            .min_by_key(|piece| (piece.chain_bytes, piece.hops, piece.amount, piece.outpoint))
    };
    cheapest(&mut payable(
        purse.from(amount).take_while(|piece| piece.amount == amount),
        purse,
        rules,
    ))
    .or_else(|| cheapest(&mut payable(purse.from(amount), purse, rules)))
}

/// Called when no single piece reaches `amount`.
fn several<'a>(purse: &'a Purse, amount: Amount, rules: &Rules<'_>) -> Option<Vec<&'a Piece>> {
    let mut chosen: Vec<&Piece> = Vec::new();
    let mut missing = amount;
    for piece in payable(purse.largest(), purse, rules).take(MAX_INPUTS) {
        if piece.amount < missing {
            missing = missing.saturating_sub(piece.amount);
            chosen.push(piece);
            continue;
        }
        // This one would do; so might a smaller one further down, with less change or none.
        let smallest = payable(purse.from(missing), purse, rules)
            .take(ALTERNATIVES)
            .find(|other| chosen.iter().all(|taken| taken.outpoint != other.outpoint));
        chosen.push(smallest.unwrap_or(piece));
        return Some(chosen);
    }
    None
}

fn spendable_reaches(purse: &Purse, amount: Amount, rules: &Rules<'_>) -> bool {
    crate::purse::sum(payable(purse.pieces(), purse, rules).map(|piece| piece.amount)) >= amount
}
