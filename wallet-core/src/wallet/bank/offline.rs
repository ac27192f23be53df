//! The end of being offline: when the bank knows of every payment, what may be paid without it begins anew.

use protocol::Id;

use super::super::Inner;
use crate::{
    error::Fault,
    model::{Change, Outgoing, Purpose},
    spending::Spending,
};

/// Begins anew if the bank has answered to every payment of this wallet: it has it on record, or it is one of those that it
/// has `refused` for good. A payment that was made while the sync went on is still to be reported, and so is what may be
/// paid: the next sync begins anew.
pub(super) fn end(inner: &Inner, refused: &[Id]) -> Result<(), Fault> {
    inner.operation()?.with(|core, moment| {
        let spending = core.purse.spending();
        if !spending.is_offline() {
            return Ok(());
        }
        let unanswered = |sent: &Outgoing| {
            matches!(sent.purpose, Purpose::Payment(_)) && !sent.frozen && !refused.contains(&sent.transfer)
        };
        if core.store.in_doubt()?.iter().any(unanswered) || core.store.receipted()?.iter().any(unanswered) {
            return Ok(());
        }
        let anew: Spending = spending.synced(core.next_commit());
        Ok(core.commit(vec![Change::Spending(anew)], moment)?)
    })
}
