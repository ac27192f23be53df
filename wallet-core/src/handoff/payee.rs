//! The payee's part of the conversation.

use protocol::{
    RequestId,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refusal, ResumeTag},
};

use super::{Outcome, Say, line::Line};
use crate::{
    error::{Fault, HandoffError, ReceiveError},
    noise::StaticSecret,
    wallet::{
        Inner,
        operation::{Core, Operation},
        receive::{Taken, payable, short, take},
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
    /// Waits for a payment of this request, or, once, for a question about others.
    Listening { expecting: RequestId, asked: bool },
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
            secret: StaticSecret::from_bytes(key.static_secret),
            state: State::Over,
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
            asked: false,
        };
        if !self.has_received() {
            self.outcome = None;
        }
    }

    /// What it asks: its request, unless that has been paid or can no longer be.
    pub(super) fn offer(&self, inner: &Inner) -> Result<Vec<u8>, HandoffError> {
        let offer = inner.operation()?.with(|core, _| {
            let own = core
                .store
                .request(&self.request)?
                .filter(|own| payable(core, own));
            Ok::<_, Fault>(Offer {
                request: own.map(|own| own.request),
                status: core.purse.status_version(),
            })
        })?;
        Ok(PayeeMessage::Offer(offer).encode())
    }

    pub(super) fn hear(&mut self, inner: &Inner, heard: &[u8], line: &Line) -> Result<Say, HandoffError> {
        let mut operation = inner.operation()?;
        match (
            core::mem::replace(&mut self.state, State::Over),
            PayerMessage::decode(heard)?,
        ) {
            (State::Listening { expecting, .. }, PayerMessage::Payment(answer)) => {
                self.take(&mut operation, expecting, &answer)
            }
            (
                State::Listening {
                    expecting,
                    asked: false,
                },
                PayerMessage::Resume(tags),
            ) => {
                let recognised = recognise(&mut operation, &tags, &line.handshake_hash()?)?;
                let expecting = recognised.as_ref().map_or(expecting, |(request, _)| *request);
                self.state = State::Listening {
                    expecting,
                    asked: true,
                };
                Ok(Say::Speak(
                    PayeeMessage::Resumed(recognised.map(|(_, answer)| answer)).encode(),
                ))
            }
            (State::Listening { .. }, PayerMessage::Refusal(refusal)) => {
                self.refused(refusal);
                Ok(Say::Nothing)
            }
            (State::Listening { .. }, PayerMessage::Done) => Ok(Say::Nothing),
            _ => Err(HandoffError::OutOfOrder),
        }
    }

    fn take(
        &mut self,
        operation: &mut Operation<'_>,
        expecting: RequestId,
        answer: &[u8],
    ) -> Result<Say, HandoffError> {
        let say = match take(operation, &expecting, answer) {
            Ok(Taken {
                incoming,
                receipt,
                repeated,
            }) => {
                // A payment of another request that was taken before is no news, and above all not the money asked for now.
                if !repeated || incoming.request == self.request {
                    self.outcome = Some(Outcome::Received {
                        request: incoming.request,
                        transfer: incoming.transfer,
                        amount: incoming.amount,
                    });
                }
                PayeeMessage::Receipt(receipt)
            }
            Err(ReceiveError::Fault(fault)) => return Err(fault.into()),
            Err(reason) => {
                self.refused(reason.refusal());
                PayeeMessage::Refusal(reason.refusal())
            }
        };
        self.state = State::Listening {
            expecting,
            asked: true,
        };
        Ok(Say::Speak(say.encode()))
    }

    /// Nothing that comes after success takes it back.
    fn refused(&mut self, refusal: Refusal) {
        if !self.has_received() {
            self.outcome = Some(Outcome::Refused { refusal });
        }
    }

    const fn has_received(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Received { .. }))
    }
}

/// Finds the request behind one of the tags, and the receipt if its payment was taken.
fn recognise(
    operation: &mut Operation<'_>,
    tags: &[ResumeTag],
    hash: &[u8; 32],
) -> Result<Option<(RequestId, Recognised)>, Fault> {
    operation.with(|core, _| {
        let mut requests = core.purse.all_requests(&core.store)?;
        let Some(request) = requests.find(|request| tags.contains(&ResumeTag::question(request, hash)))
        else {
            return Ok(None);
        };
        drop(requests);
        let paid_by = core.store.request(&request)?.and_then(|own| own.paid_by);
        let taken = paid_by
            .map(|transfer| core.store.incoming(&transfer))
            .transpose()?
            .flatten();
        let receipt = taken.map(|incoming| short(&incoming.receipt));
        Ok(Some((
            request,
            Recognised {
                proof: ResumeTag::answer(&request, hash),
                receipt,
            },
        )))
    })
}
