//! What a verified payment leaves on this disk: its history, and the piece it brings.

use protocol::{
    Amount, Body as _, HolderCertificate, Id, Outpoint, Payment, SeriesId, Signed, SignedTransfer,
    VerifyingKey,
};

use super::operation::Core;
use crate::{
    error::Fault,
    model::{Change, Element, Incoming, Piece, Usage},
    store::StoreError,
};

/// About how many bytes a return adds to a history: its outputs, its reference, its input and a signature.
const RETURN_BYTES: u32 = 190;

/// The notes and transfers of a payment, and what they consumed.
pub(super) fn history(payment: &Payment) -> impl Iterator<Item = Change> + '_ {
    let notes = payment.notes().iter().cloned().map(Element::Note);
    let transfers = payment.transfers().iter().cloned().map(Element::Transfer);
    let consumed = payment
        .consumptions()
        .map(|(outpoint, by)| Change::Consumed(outpoint, by));
    notes.chain(transfers).map(Change::Element).chain(consumed)
}

/// Output 0 of a payment's final transfer, now ours.
pub(super) fn piece(
    core: &Core,
    payment: &Payment,
    owner: VerifyingKey,
    amount: Amount,
) -> Result<Piece, Fault> {
    let spend_until = |series: SeriesId| core.purse.trust.series(series).map(|series| series.spend_until);
    let dates = payment
        .notes()
        .iter()
        .map(|note| Some((note.body.issued, spend_until(note.body.series)?)));
    let dates: Vec<_> = dates.collect::<Option<_>>().ok_or(StoreError::Damaged)?;
    Ok(Piece {
        outpoint: Outpoint {
            origin: payment.id(),
            output: 0,
        },
        amount,
        owner,
        hops: payment.hops(),
        issued: dates.iter().map(|(issued, _)| *issued).min().unwrap_or_default(),
        spend_until: dates.iter().map(|(_, until)| *until).min().unwrap_or_default(),
        chain_bytes: u32::try_from(payment.encode().len()).unwrap_or(u32::MAX),
        unsettled: true,
        contested: false,
    })
}

/// What came back when the payee of our `payment` returned it.
pub(super) fn returned_piece(
    core: &Core,
    payment: &Payment,
    returned_by: Id,
    owner: VerifyingKey,
    amount: Amount,
) -> Result<Piece, Fault> {
    let paid = piece(core, payment, owner, amount)?;
    Ok(Piece {
        outpoint: Outpoint {
            origin: returned_by,
            output: 0,
        },
        hops: paid.hops.saturating_add(1),
        chain_bytes: paid.chain_bytes.saturating_add(RETURN_BYTES),
        ..paid
    })
}

/// One transfer more in our history.
pub(super) fn transfer(signed: &SignedTransfer) -> impl Iterator<Item = Change> + '_ {
    let id = signed.transfer.id();
    let inputs = signed.transfer.inputs.iter();
    core::iter::once(Change::Element(Element::Transfer(signed.clone())))
        .chain(inputs.map(move |input| Change::Consumed(*input, id)))
}

/// A key that was fresh is in a payment now.
pub(super) fn used(core: &Core, keys: impl IntoIterator<Item = VerifyingKey>) -> Vec<Change> {
    keys.into_iter()
        .filter_map(|key| core.purse.key(&key))
        .filter(|key| key.usage == Usage::Fresh)
        .map(|key| {
            let mut key = key.clone();
            key.usage = Usage::Used;
            Change::Key(key)
        })
        .collect()
}

/// The bank has a payment to this wallet on record: so it has what that brought, if it is still here.
pub(super) fn on_record(core: &Core, taken: &Incoming) -> Vec<Change> {
    let brought = |piece: &&Piece| piece.outpoint.origin == taken.transfer && piece.unsettled;
    let settled = core.purse.pieces().filter(brought).map(|piece| {
        Change::Gained(Piece {
            unsettled: false,
            ..piece.clone()
        })
    });
    let taken = Incoming {
        recorded: true,
        ..taken.clone()
    };
    settled.chain([Change::Incoming(taken)]).collect()
}

/// The complete payment that a transfer of this store ends, with the certificates that came along.
pub(super) fn rebuild(
    core: &Core,
    transfer: &Id,
    certificates: Vec<Signed<HolderCertificate>>,
) -> Result<Payment, Fault> {
    let outpoint = Outpoint {
        origin: *transfer,
        output: 0,
    };
    let super::chain::Chain { notes, transfers } = super::chain::gather(&core.store, &[outpoint])?;
    Ok(Payment::new(notes, transfers, certificates).map_err(|_| StoreError::Damaged)?)
}
