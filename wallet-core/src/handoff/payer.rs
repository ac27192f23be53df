//! The payer's part of the conversation.

use protocol::{
    Request, RequestId,
    id::Id,
    message::{PayeeMessage, PayerMessage, ResumeTag},
};

use super::{Outcome, Say, line::Line};
use crate::{
    error::{Fault, HandoffError, PayError},
    model::{Outgoing, Purpose},
    wallet::{
        Consent, Inner,
        operation::Operation,
        pay::{Committed, pay, release, take_receipt},
    },
};

/// How many payments in doubt one tap asks about.
const TAGS: usize = 4;

/// The payer of a handoff.
pub(super) struct Payer {
    /// Used up by the first payment that is signed: one decision, one payment.
    consent: Option<Consent>,
    state: State,
    outcome: Option<Outcome>,
}

enum State {
    /// Waits for the payee to say what it asks.
    Listening,
    /// Has asked whether the payee knows one of these; then the offer is dealt with.
    Resuming {
        offered: Option<Request>,
        in_doubt: Vec<(Id, RequestId)>,
    },
    /// Has sent a payment.
    Paying { transfer: Id, mended: bool },
    /// Has nothing more to say in this tap.
    Over,
}

impl Payer {
    pub(super) const fn new(consent: Consent) -> Self {
        Self {
            consent: Some(consent),
            state: State::Listening,
            outcome: None,
        }
    }

    pub(super) const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Another tap; not after success.
    pub(super) fn restart(&mut self) -> Result<(), HandoffError> {
        if matches!(self.outcome, Some(Outcome::Paid { .. })) {
            return Err(HandoffError::Closed);
        }
        self.state = State::Listening;
        self.outcome = None;
        Ok(())
    }

    pub(super) fn hear(&mut self, inner: &Inner, heard: &[u8], line: &Line) -> Result<Say, HandoffError> {
        let message = PayeeMessage::decode(heard, line.payee_key()?)?;
        let mut operation = inner.operation()?;
        match (core::mem::replace(&mut self.state, State::Over), message) {
            (State::Listening, PayeeMessage::Offer(offer)) => {
                self.offered(&mut operation, offer.request, line)
            }
            (State::Resuming { offered, in_doubt }, PayeeMessage::Resumed(recognised)) => {
                let Some(recognised) = recognised else {
                    return self.answer(&mut operation, offered);
                };
                // Only who knows the request can name it back: nobody else is sent anything.
                let hash = line.handshake_hash()?;
                let known =
                    |(_, request): &&(Id, RequestId)| ResumeTag::answer(request, &hash) == recognised.proof;
                let (transfer, _) = *in_doubt.iter().find(known).ok_or(HandoffError::OutOfOrder)?;
                match recognised.receipt {
                    Some(receipt) => {
                        take_receipt(&mut operation, &transfer, receipt)?;
                        self.paid(&mut operation, transfer, true)
                    }
                    None => self.send_again(&mut operation, transfer),
                }
            }
            (State::Paying { transfer, mended }, PayeeMessage::Receipt(receipt)) => {
                take_receipt(&mut operation, &transfer, receipt)?;
                self.paid(&mut operation, transfer, mended)
            }
            (
                State::Paying { .. } | State::Listening | State::Resuming { .. },
                PayeeMessage::Refusal(refusal),
            ) => {
                self.outcome = Some(Outcome::Refused { refusal });
                Ok(Say::Courtesy(PayerMessage::Done.encode()))
            }
            _ => Err(HandoffError::OutOfOrder),
        }
    }

    /// The payee has said what it asks. A request that was ever paid gets the same bytes again; then comes what is still
    /// in doubt; then what is new.
    fn offered(
        &mut self,
        operation: &mut Operation<'_>,
        offered: Option<Request>,
        line: &Line,
    ) -> Result<Say, HandoffError> {
        if let Some(request) = &offered {
            let signed = operation.with(|core, _| core.store.answer_to(&request.id).map_err(Fault::from))?;
            if let Some(transfer) = signed {
                return self.send_again(operation, transfer);
            }
        }
        let in_doubt = operation.with(|core, _| {
            let mut doubts: Vec<_> = core
                .purse
                .in_doubt()
                .iter()
                .filter(|(_, doubt)| !doubt.frozen)
                .filter_map(|(transfer, doubt)| Some((doubt.signed_at, *transfer, doubt.request?)))
                .collect();
            // The newest ones: those that a payee still stands in front of.
            doubts.sort_by_key(|(signed_at, ..)| core::cmp::Reverse(*signed_at));
            Ok::<_, Fault>(
                doubts
                    .into_iter()
                    .take(TAGS)
                    .map(|(_, transfer, request)| (transfer, request))
                    .collect::<Vec<_>>(),
            )
        })?;
        if in_doubt.is_empty() {
            return self.answer(operation, offered);
        }
        let hash = line.handshake_hash()?;
        let tags = core::array::from_fn(|number| match in_doubt.get(number) {
            Some((_, request)) => ResumeTag::question(request, &hash),
            None => ResumeTag::from_bytes(operation.moment.draw()),
        });
        self.state = State::Resuming { offered, in_doubt };
        Ok(Say::Speak(PayerMessage::Resume(tags).encode()))
    }

    /// Nothing to resume: pays what is asked, or says why not.
    fn answer(
        &mut self,
        operation: &mut Operation<'_>,
        offered: Option<Request>,
    ) -> Result<Say, HandoffError> {
        // Taken before anything is signed: if a callback of the platform panics, the decision is used up all the same.
        let consent = self.consent.take();
        let paid = match (&offered, consent) {
            (None, _) => Err(PayError::NothingAsked),
            // This session has signed a payment before, and this is another request.
            (Some(request), None) => Err(PayError::ConfirmOnDevice {
                amount: request.amount.unwrap_or_default(),
            }),
            (Some(request), Some(consent)) => pay(operation, request, consent),
        };
        let signed = match (&paid, &offered) {
            // Whoever cannot find out takes it for signed.
            (Err(_), Some(request)) => {
                operation.with(|core, _| core.store.answer_to(&request.id).map_err(Fault::from)) != Ok(None)
            }
            (paid, _) => paid.is_ok(),
        };
        if !signed {
            self.consent = consent;
        }
        match paid {
            Ok(committed) => Ok(self.send(committed, false)),
            Err(PayError::Fault(fault)) => Err(fault.into()),
            Err(reason) => {
                self.outcome = Some(Outcome::Declined {
                    reason,
                    request: offered,
                });
                Ok(Say::Speak(PayerMessage::Refusal(reason.refusal()).encode()))
            }
        }
    }

    fn send_again(&mut self, operation: &mut Operation<'_>, transfer: Id) -> Result<Say, HandoffError> {
        self.consent = None;
        let committed = release(operation, &transfer)?.ok_or(HandoffError::OutOfOrder)?;
        Ok(self.send(committed, true))
    }

    fn send(&mut self, committed: Committed, mended: bool) -> Say {
        self.state = State::Paying {
            transfer: committed.transfer(),
            mended,
        };
        Say::Speak(PayerMessage::Payment(committed.into_bytes()).encode())
    }

    fn paid(
        &mut self,
        operation: &mut Operation<'_>,
        transfer: Id,
        mended: bool,
    ) -> Result<Say, HandoffError> {
        let row: Option<Outgoing> =
            operation.with(|core, _| core.store.outgoing(&transfer).map_err(Fault::from))?;
        let Some(Outgoing {
            purpose: Purpose::Payment(request),
            amount,
            ..
        }) = row
        else {
            return Err(HandoffError::OutOfOrder);
        };
        let payee = request.payee.body.grant.name;
        self.outcome = Some(Outcome::Paid {
            transfer,
            amount,
            payee,
            mended,
        });
        Ok(Say::Courtesy(PayerMessage::Done.encode()))
    }
}
