//! What the holder agrees to.

use protocol::{Amount, Request, RequestId};

use super::Inner;
use crate::{
    error::{Fault, PayError},
    spending::Decision,
    vault::Confirmation,
};

/// What the holder has agreed to before the tap. All but [`Consent::Unconfirmed`] are decisions: the vault is asked, before
/// there is a session, whether it is the holder who makes them (see [`crate::vault::KeyVault::authorize`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consent {
    /// To no amount in particular: the holder holds out the phone. What the policy permits without confirmation is paid;
    /// above that the answer is [`PayError::ConfirmOnDevice`], and [`Consent::To`] pays the very same request.
    Unconfirmed,
    /// To pay whatever is asked, up to this amount; an open request is not paid.
    UpTo(Amount),
    /// To pay exactly this, whether the request names it or leaves it open.
    Exactly(Amount),
    /// To pay this very request, shown and confirmed after an earlier tap.
    To(RequestId, Amount),
}

impl Consent {
    /// The prompt comes before anything is paid, and before there is a tap that it could hold up; others may use the wallet
    /// meanwhile.
    pub(crate) fn ask_holder(self, inner: &Inner) -> Result<(), Fault> {
        drop(inner.operation()?);
        let confirmation = match self {
            Self::Unconfirmed => return Ok(()),
            Self::UpTo(most) => Confirmation::UpTo(most),
            Self::Exactly(amount) => Confirmation::Exactly(amount),
            Self::To(request, amount) => Confirmation::Request(request, amount),
        };
        inner.visit(|platform| platform.vault.authorize(&confirmation))??;
        Ok(())
    }

    /// The amount to pay, if the holder has agreed to what is asked; `free` needs no confirmation.
    pub(super) fn amount(self, request: &Request, free: Amount) -> Result<(Amount, Decision), PayError> {
        let (asked, chosen) = match self {
            Self::Unconfirmed | Self::UpTo(_) => (request.amount, None),
            Self::Exactly(amount) | Self::To(_, amount) => (request.amount, Some(amount)),
        };
        let amount = asked.or(chosen).ok_or(PayError::AmountOpen)?;
        let (agreed, decision) = match self {
            Self::Unconfirmed => (amount <= free, Decision::Unconfirmed),
            Self::UpTo(most) => (amount <= most, Decision::Confirmed),
            Self::Exactly(exactly) => (amount == exactly, Decision::Confirmed),
            Self::To(id, exactly) => (id == request.id && amount == exactly, Decision::Confirmed),
        };
        if agreed {
            Ok((amount, decision))
        } else {
            Err(PayError::ConfirmOnDevice { amount })
        }
    }
}
