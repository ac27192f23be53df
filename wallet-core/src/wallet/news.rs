//! News that two wallets pass on at the end of a tap: the newer of their two status lists.
//!
//! The list is signed, so it does not matter who brings it. One that is not newer, not signed, or larger than a tap should
//! carry is passed over in silence: it is no part of the payment.

use protocol::{Signed, StatusList, TrustBundle, cbor};

use super::operation::Operation;
use crate::{error::Fault, model::Change};

/// The most bytes of a list that one tap carries: under a second on the slowest link. The bank has longer ones.
const MAX_BYTES: usize = 4_096;

/// Our list, if it is short enough to be shown.
pub(crate) fn to_show(operation: &mut Operation<'_>) -> Result<Option<Signed<StatusList>>, Fault> {
    operation.with(|core, _| {
        let list = core.purse.trust.bundle().status.into_iter().next();
        Ok(list.filter(|list| cbor::encode(list).len() <= MAX_BYTES))
    })
}

/// Takes over a list that is newer than ours.
pub(crate) fn learn(operation: &mut Operation<'_>, list: Signed<StatusList>) -> Result<(), Fault> {
    operation.with(|core, moment| {
        let news = TrustBundle {
            status: vec![list],
            ..TrustBundle::default()
        };
        let mut trust = core.purse.trust.clone();
        if trust.merge(&news) == Ok(true) {
            core.commit(vec![Change::Trust(trust.bundle())], moment)?;
        }
        Ok(())
    })
}
