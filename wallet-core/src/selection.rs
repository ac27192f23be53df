//! Choosing what to pay with: the fewest bytes on the air, then the least history shown.
//!
//! What pieces cost in a payment: their chains; a certificate and a signature for every key that has
//! to sign; one more output if there is change. Finding the very cheapest set of pieces is a
//! knapsack problem, so a bounded number of good candidates is compared by that cost:
//!
//! A key that has signed a payment before counts as a few bytes more: two payments with one key are known for one wallet's.
//!
//! - every single piece among the next few by size, the exact amount first;
//! - if no single piece is enough: the largest pieces first, once over the whole purse, and once for each of the
//!   keys that own the largest pieces, that key's own pieces before all others. The last piece is then exchanged for
//!   the smallest that still does.
//!
//! Each step looks at a bounded number of pieces in an ordered index, so a purse of 100,000 pieces
//! is as quick as one of 100.

use protocol::{Amount, VerifyingKey};

use crate::{
    model::Piece,
    purse::{Purse, sum},
    rules::Rules,
};

/// The most pieces one payment carries: at about 300 bytes each, well inside the largest payment.
pub(crate) const MAX_INPUTS: usize = 32;

/// How many single pieces are compared.
const SINGLES: usize = 16;

/// Among how many of the largest pieces other pieces of one key are looked for.
const LARGEST: usize = 64;

/// A certificate without its holder key, and a signature.
const SIGNER_BYTES: usize = 180;

/// A holder key and an amount.
const CHANGE_BYTES: usize = 40;

/// The final transfer, its inputs and its change.
const TRANSFER_BYTES: usize = 200;

/// How many bytes more are worth it not to sign with a key that has signed a payment before, by which the two would be known
/// for one wallet's. More than change, less than another signer.
const LINK_BYTES: usize = 64;

/// There is no way to pay this amount in one payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    rules: &Rules,
) -> Result<Vec<&'a Piece>, Impossible> {
    let payable = |piece: &&Piece| purse.payable(piece, rules);
    let single = purse
        .from(amount)
        .filter(payable)
        .take(SINGLES)
        .map(|piece| vec![piece]);
    let cheapest = single.min_by_key(|pieces| cost(purse, pieces, amount));
    if let Some(pieces) = cheapest.filter(|pieces| bytes(pieces) <= rules.byte_budget()) {
        return Ok(pieces);
    }
    let largest = window(purse, rules);
    let mut preferences: Vec<Option<VerifyingKey>> = vec![None];
    for piece in &largest {
        if !preferences.contains(&Some(piece.owner)) {
            preferences.push(Some(piece.owner));
        }
    }
    let several = preferences.into_iter().filter_map(|owner| {
        let (own, others): (Vec<&Piece>, Vec<&Piece>) =
            largest.iter().partition(|piece| Some(piece.owner) == owner);
        let mut pieces = enough(own.into_iter().chain(others), amount, rules)?;
        exchange_last(&mut pieces, purse, amount, rules);
        Some(pieces)
    });
    several
        .min_by_key(|pieces| cost(purse, pieces, amount))
        .ok_or_else(|| {
            let spendable = sum(purse.pieces().filter(payable).map(|piece| piece.amount));
            if spendable >= amount {
                Impossible::TooFragmented
            } else {
                Impossible::NotEnough
            }
        })
}

/// The most that [`select`] can find pieces for.
pub(crate) fn largest(purse: &Purse, rules: &Rules) -> Amount {
    total(&carried(window(purse, rules).into_iter(), rules))
}

/// The largest pieces that can be paid under these rules.
fn window<'a>(purse: &'a Purse, rules: &Rules) -> Vec<&'a Piece> {
    purse
        .largest()
        .filter(|piece| purse.payable(piece, rules))
        .take(LARGEST)
        .collect()
}

/// Of the pieces in the given order, those that fit into one payment. One that is too long is passed over.
pub(crate) fn carried<'a>(pieces: impl Iterator<Item = &'a Piece>, rules: &Rules) -> Vec<&'a Piece> {
    let mut carried = Vec::new();
    for piece in pieces {
        carried.push(piece);
        if carried.len() > MAX_INPUTS || bytes(&carried) > rules.byte_budget() {
            carried.pop();
        }
    }
    carried
}

/// About how many bytes these pieces put into a payment, at most: what they share is counted twice.
fn bytes(pieces: &[&Piece]) -> usize {
    let mut owners: Vec<VerifyingKey> = pieces.iter().map(|piece| piece.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let chains: usize = pieces.iter().map(|piece| piece.chain_bytes as usize).sum();
    chains + owners.len() * SIGNER_BYTES + TRANSFER_BYTES
}

/// Bytes first, among them what a link between two payments is worth; what they show breaks ties, and the outpoints make the choice the same every time.
fn cost(purse: &Purse, pieces: &[&Piece], amount: Amount) -> impl Ord + use<> {
    let change = if total(pieces) > amount { CHANGE_BYTES } else { 0 };
    let hops: u32 = pieces.iter().map(|piece| piece.hops).sum();
    let outpoints: Vec<_> = pieces.iter().map(|piece| piece.outpoint).collect();
    let shown = pieces.iter().filter(|piece| purse.is_shown(&piece.owner));
    let mut shown: Vec<_> = shown.map(|piece| piece.owner).collect();
    shown.sort_unstable();
    shown.dedup();
    let links = shown.len() * LINK_BYTES;
    (bytes(pieces) + change + links, hops, total(pieces), outpoints)
}

fn total(pieces: &[&Piece]) -> Amount {
    sum(pieces.iter().map(|piece| piece.amount))
}

/// Pieces in the given order until they are enough; `None` if they do not fit into one payment.
fn enough<'a>(
    pieces: impl Iterator<Item = &'a Piece>,
    amount: Amount,
    rules: &Rules,
) -> Option<Vec<&'a Piece>> {
    let mut chosen = carried(pieces, rules);
    let mut reached = Amount::ZERO;
    let count = 1 + chosen.iter().position(|piece| {
        reached = sum([reached, piece.amount].into_iter());
        reached >= amount
    })?;
    chosen.truncate(count);
    Some(chosen)
}

/// The last piece was the one that made it enough. A smaller one of the same key may do as well, with less change.
fn exchange_last<'a>(pieces: &mut Vec<&'a Piece>, purse: &'a Purse, amount: Amount, rules: &Rules) {
    let Some(last) = pieces.pop() else { return };
    let missing = amount.saturating_sub(total(pieces));
    let fits = |other: &&Piece| {
        other.owner == last.owner
            && other.chain_bytes <= last.chain_bytes
            && purse.payable(other, rules)
            && pieces.iter().all(|taken| taken.outpoint != other.outpoint)
    };
    let smaller = purse.from(missing).take(SINGLES).find(fits).unwrap_or(last);
    pieces.push(smaller);
}

#[cfg(test)]
mod tests;
