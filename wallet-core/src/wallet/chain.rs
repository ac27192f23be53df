//! Gathering chains: the notes and transfers that prove pieces back to the issuer.

use protocol::{Id, Note, Outpoint, Signed, SignedTransfer};
use std::collections::BTreeSet;

use crate::{
    model::Element,
    store::{Store, StoreError},
};

/// Notes, and transfers in an order in which every input comes before its use.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) notes: Vec<Signed<Note>>,
    pub(super) transfers: Vec<SignedTransfer>,
}

/// Walks back from `inputs` to the issuer. What two inputs share is gathered once.
pub(super) fn gather(store: &Store, inputs: &[Outpoint]) -> Result<Chain, StoreError> {
    enum Visit {
        Enter(Id),
        Leave(SignedTransfer),
    }
    let mut chain = Chain::default();
    let mut entered = BTreeSet::new();
    let mut stack: Vec<Visit> = inputs
        .iter()
        .rev()
        .map(|input| Visit::Enter(input.origin))
        .collect();
    while let Some(visit) = stack.pop() {
        match visit {
            Visit::Leave(signed) => chain.transfers.push(signed),
            Visit::Enter(id) if !entered.insert(id) => {}
            Visit::Enter(id) => match store.element(&id)?.ok_or(StoreError::Damaged)? {
                Element::Note(note) => chain.notes.push(note),
                Element::Transfer(signed) => {
                    let parents: Vec<_> = signed.transfer.inputs.iter().map(|input| input.origin).collect();
                    stack.push(Visit::Leave(signed));
                    stack.extend(parents.into_iter().rev().map(Visit::Enter));
                }
            },
        }
    }
    Ok(chain)
}
