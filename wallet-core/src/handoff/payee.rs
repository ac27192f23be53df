//! The payee's part of the conversation.

use protocol::{
    RequestId,
    message::{PayeeMessage, PayerMessage, Recognised, Refusal, ResumeTag, ShortReceipt},
};

use super::{Outcome, Say, line::Line, static_secret};
use crate::{
    error::{Fault, HandoffError, ReceiveError},
    noise::StaticSecret,
    wallet::{
        Inner,
        operation::{Core, Operation},
        receive::take,
    },
};

/// The payee of a handoff.
pub(super) struct Payee {
    request: RequestId,
    secret: StaticSecret,
    state: State,
    outcome: Option<Outcome>,
}

enum State {
    /// Waits for a payment of this request, or for a question about another.
    Listening { expecting: RequestId },
    /// Has nothing more to say in this tap.
    Over,
}

impl Payee {
    pub(super) fn new(core: &Core, request: &RequestId) -> Result<Self, ReceiveError> {
        let own = core
            .store
            .request(request)
            .map_err(Fault::from)?
            .ok_or(ReceiveError::UnknownRequest)?;
        let key = core
            .purse
            .key(&own.request.payee.body.holder_key)
            .ok_or(ReceiveError::UnknownRequest)?;
        Ok(Self {
            request: *request,
            secret: static_secret(&key.static_secret),
            state: State::Listening { expecting: *request },
            outcome: None,
        })
    }

    pub(super) const fn static_secret(&self) -> &StaticSecret {
        &self.secret
    }

    pub(super) const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Another tap. After success it asks for nothing more, and only repeats receipts.
    pub(super) fn restart(&mut self) {
        self.state = State::Listening {
            expecting: self.request,
        };
        if !matches!(self.outcome, Some(Outcome::Received { .. })) {
            self.outcome = None;
        }
    }

    /// What it asks: its request, unless that has been paid.
    pub(super) fn offer(&self, inner: &Inner) -> Result<Vec<u8>, HandoffError> {
        let own = inner
            .operation()?
            .with(|core, _| core.store.request(&self.request).map_err(Fault::from))?;
        let open = own.filter(|own| own.paid_by.is_none()).map(|own| own.request);
        Ok(PayeeMessage::Offer(open).encode())
    }

    pub(super) fn hear(&mut self, inner: &Inner, heard: &[u8], line: &Line) -> Result<Say, HandoffError> {
        let mut operation = inner.operation()?;
        match (
            core::mem::replace(&mut self.state, State::Over),
            PayerMessage::decode(heard)?,
        ) {
            (State::Listening { expecting }, PayerMessage::Payment(answer)) => {
                self.take(&mut operation, &expecting, &answer)
            }
            (State::Listening { expecting }, PayerMessage::Resume(tags)) => {
                let recognised = recognise(&mut operation, &tags, &line.handshake_hash()?)?;
                let expecting = recognised.as_ref().map_or(expecting, |(request, _)| *request);
                self.state = State::Listening { expecting };
                Ok(Say::Speak(
                    PayeeMessage::Resumed(recognised.map(|(_, answer)| answer)).encode(),
                ))
            }
            (State::Listening { .. }, PayerMessage::Refusal(refusal)) => {
                if self.outcome.is_none() {
                    self.outcome = Some(Outcome::Refused { refusal });
                }
                Ok(Say::Nothing)
            }
            (State::Listening { .. }, PayerMessage::Done) => Ok(Say::Nothing),
            (State::Over, _) => Err(HandoffError::OutOfOrder),
        }
    }

    fn take(
        &mut self,
        operation: &mut Operation<'_>,
        expecting: &RequestId,
        answer: &[u8],
    ) -> Result<Say, HandoffError> {
        match take(operation, expecting, answer) {
            Ok((incoming, receipt)) => {
                self.outcome = Some(Outcome::Received {
                    transfer: incoming.transfer,
                    amount: incoming.amount,
                });
                self.state = State::Listening {
                    expecting: *expecting,
                };
                Ok(Say::Speak(PayeeMessage::Receipt(receipt).encode()))
            }
            Err(ReceiveError::Fault(fault)) => Err(fault.into()),
            Err(refused) => {
                let refusal = refused.refusal();
                self.outcome = Some(Outcome::Refused {
                    refusal: Refusal { ..refusal },
                });
                self.state = State::Listening {
                    expecting: *expecting,
                };
                Ok(Say::Speak(PayeeMessage::Refusal(refusal).encode()))
            }
        }
    }
}

/// Finds the request behind one of the tags, and the receipt if its payment was taken.
fn recognise(
    operation: &mut Operation<'_>,
    tags: &[ResumeTag],
    hash: &[u8; 32],
) -> Result<Option<(RequestId, Recognised)>, Fault> {
    operation.with(|core, _| {
        let mut found = None;
        for request in core.purse.all_requests(&core.store)? {
            let own = ResumeTag::new(&request, hash);
            if let Some((number, _)) = (0_u8..).zip(tags).find(|(_, tag)| **tag == own) {
                found = Some((request, number));
                break;
            }
        }
        let Some((request, tag)) = found else {
            return Ok(None);
        };
        let paid_by = core.store.request(&request)?.and_then(|own| own.paid_by);
        let taken = paid_by
            .map(|transfer| core.store.incoming(&transfer))
            .transpose()?
            .flatten();
        let receipt = taken.map(|incoming| ShortReceipt {
            taken_at: incoming.receipt.taken_at,
            signature: incoming.receipt.signature,
        });
        Ok(Some((request, Recognised { tag, receipt })))
    })
}
