//! Lost phones: what they held is in no wallet, until they turn up.

use std::collections::BTreeMap;

use super::Checker;
use crate::{
    phone::Phone,
    town::{
        cast::Who,
        violation::{Guarantee, Violation},
    },
};

impl Checker {
    /// A phone is lost, and may turn up again as it was.
    pub(in super::super) fn mislaid(&mut self, who: Who) -> Result<(), Violation> {
        let view = self.view(who)?;
        let (held, stranded) = (view.pieces.clone(), view.stranded.clone());
        let ledger = core::mem::take(&mut view.ledger);
        self.lost(who)?;
        let view = self.view(who)?;
        view.mislaid = held;
        view.stranded = stranded;
        view.ledger = ledger;
        Ok(())
    }

    /// A lost phone turned up. Nobody had it meanwhile: it holds what it held.
    pub(in super::super) fn found(&mut self, phone: &Phone, who: Who) -> Result<(), Violation> {
        let now: BTreeMap<_, _> = phone.wallet().holdings()?.pieces.into_iter().collect();
        let view = self.view(who)?;
        let held = core::mem::take(&mut view.mislaid);
        if now != held {
            let what = format!("{who} was lost with {held:?}, and turned up with {now:?}");
            return Err(Violation::new(Guarantee::AllValueAccounted, what));
        }
        view.pieces = now;
        self.truth.found(who, held.keys());
        Ok(())
    }
}
