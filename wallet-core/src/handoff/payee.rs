//! The payee's part of the conversation.

use protocol::{
    RequestId,
    id::Id,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refund, Refusal, ResumeTag, ShortReceipt},
};

use super::{Outcome, Say, line::Line};
use crate::{
    error::{Fault, HandoffError, ReceiveError},
    model::{Outgoing, Purpose, SecretName},
    noise::StaticSecret,
    wallet::{
        Inner, freshness, news,
        operation::{Core, Operation},
        receipt::{Confirmed, take_receipt},
        receive::{Taken, answer_for, short, take_answer},
        refund,
        request::{at_most, payable},
    },
};

/// The payee of a handoff.
pub(super) struct Payee {
    request: RequestId,
    state: State,
    outcome: Option<Outcome>,
}

enum State {
    /// Waits for a payment of this request, or, once, for a question about others.
    Listening { expecting: RequestId, asked: bool },
    /// The payer has something that this wallet once paid, and was given back.
    AwaitingReturn { paid: Id },
    /// Has given a payment back, and waits for the payer's receipt.
    GaveBack { returned_by: Id },
    /// Has nothing more to say in this tap.
    Over,
}

impl Payee {
    pub(super) fn new(core: &Core, request: &RequestId) -> Result<Self, ReceiveError> {
        if core.store.request(request).map_err(Fault::from)?.is_none() {
            return Err(ReceiveError::UnknownRequest);
        }
        Ok(Self {
            request: *request,
            state: State::Over,
            outcome: None,
        })
    }

    /// One that only takes what is given back of a payment this wallet made. It goes by the request that was paid, which is
    /// not its own: it asks for nothing.
    pub(super) fn awaiting_refund(core: &Core, paid: &Id) -> Result<Self, ReceiveError> {
        let sent = core.store.outgoing(paid).map_err(Fault::from)?;
        match sent.map(|sent| sent.purpose) {
            Some(Purpose::Payment(request)) => Ok(Self {
                request: request.id,
                state: State::Over,
                outcome: None,
            }),
            _ => Err(ReceiveError::UnknownRequest),
        }
    }

    /// The key it proves itself with. It is read for each tap, so that it is not in memory between taps. Whoever asks for
    /// nothing proves nothing by it, and takes any: the tags tell who it is.
    pub(super) fn static_secret(&self, inner: &Inner) -> Result<StaticSecret, Fault> {
        let mut operation = inner.operation()?;
        operation.with(|core, moment| {
            let Some(own) = core.store.request(&self.request)? else {
                return Ok(StaticSecret::from_bytes(moment.draw()));
            };
            let key = own.request.payee.body.holder_key;
            let secret = core.store.secret(&SecretName::Static(key))?;
            Ok(StaticSecret::from_bytes(*secret.expose()))
        })
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

    /// What it asks: its request, unless that has been paid or can no longer be; and how much it may take, if that is less
    /// than the payer would think.
    pub(super) fn offer(&self, inner: &Inner) -> Result<Vec<u8>, HandoffError> {
        let offer = inner.operation()?.with(|core, moment| {
            // Whoever has been offline for too long asks for nothing, and still takes what was signed for it.
            let asks = freshness::too_old(core, moment.now).is_none();
            let own = core
                .store
                .request(&self.request)?
                .filter(|own| asks && payable(core, own));
            let at_most = own.as_ref().map(|own| at_most(core, own)).transpose()?;
            Ok::<_, Fault>(Offer {
                request: own.map(|own| own.request),
                status: core.purse.status_version(),
                at_most: at_most.flatten(),
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
            ) => self.resume(&mut operation, expecting, &tags, &line.handshake_hash()?),
            (State::AwaitingReturn { paid }, PayerMessage::Return(receipt)) => {
                self.take_return(&mut operation, paid, receipt)
            }
            (State::AwaitingReturn { paid }, PayerMessage::Refund(refund)) => {
                self.take_refund(&mut operation, paid, &refund)
            }
            (State::GaveBack { returned_by }, PayerMessage::Receipt(receipt)) => {
                take_receipt(&mut operation, &returned_by, receipt, false)?;
                Ok(Say::Nothing)
            }
            (State::Listening { .. }, PayerMessage::News(Some(list))) => {
                news::learn(&mut operation, list)?;
                Ok(Say::Nothing)
            }
            (state @ State::Listening { .. }, PayerMessage::News(None)) => {
                self.state = state;
                let list = news::to_show(&mut operation)?;
                Ok(Say::Speak(PayeeMessage::News(list).encode()))
            }
            (State::Listening { .. }, PayerMessage::Refusal(refusal)) => {
                self.refused(refusal);
                Ok(Say::Nothing)
            }
            (State::Listening { .. } | State::GaveBack { .. }, PayerMessage::Done) => Ok(Say::Nothing),
            _ => Err(HandoffError::OutOfOrder),
        }
    }

    fn take(
        &mut self,
        operation: &mut Operation<'_>,
        expecting: RequestId,
        answer: &[u8],
    ) -> Result<Say, HandoffError> {
        self.state = State::Listening {
            expecting,
            asked: true,
        };
        let say = match take_answer(operation, &expecting, answer) {
            Ok(Taken {
                incoming,
                receipt,
                repeated,
            }) => {
                if let Some(returned_by) = incoming.returned_by {
                    self.state = State::GaveBack { returned_by };
                    self.settle_for(Outcome::Returned {
                        transfer: incoming.transfer,
                        amount: incoming.amount,
                    });
                } else if !repeated || incoming.request == self.request {
                    // A payment of another request that was taken before is no news, and above all not the money asked
                    // for now.
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
        Ok(Say::Speak(say.encode()))
    }

    /// One of the payer's questions may be about a request of ours; or, if the payer was once our payee, about one of
    /// theirs that we paid.
    fn resume(
        &mut self,
        operation: &mut Operation<'_>,
        expecting: RequestId,
        tags: &[ResumeTag],
        hash: &[u8; 32],
    ) -> Result<Say, HandoffError> {
        let recognised = match recognise(operation, tags, hash)? {
            Some((request, recognised)) => {
                self.state = State::Listening {
                    expecting: request,
                    asked: true,
                };
                Some(recognised)
            }
            None => match recognise_paid(operation, tags, hash)? {
                Some((paid, recognised)) => {
                    self.state = State::AwaitingReturn { paid };
                    Some(recognised)
                }
                None => {
                    self.state = State::Listening {
                        expecting,
                        asked: true,
                    };
                    None
                }
            },
        };
        Ok(Say::Speak(PayeeMessage::Resumed(recognised).encode()))
    }

    /// The other side gives back what this wallet paid: it answers with the receipt for that.
    fn take_return(
        &mut self,
        operation: &mut Operation<'_>,
        paid: Id,
        receipt: ShortReceipt,
    ) -> Result<Say, HandoffError> {
        let Confirmed::GivenBack { amount, receipt, .. } = take_receipt(operation, &paid, receipt, true)?
        else {
            return Err(HandoffError::OutOfOrder);
        };
        self.settle_for(Outcome::Returned {
            transfer: paid,
            amount,
        });
        Ok(Say::Speak(PayeeMessage::Receipt(receipt).encode()))
    }

    /// The other side gives back, by its own decision, some of what this wallet paid.
    fn take_refund(
        &mut self,
        operation: &mut Operation<'_>,
        paid: Id,
        refund: &Refund,
    ) -> Result<Say, HandoffError> {
        self.state = State::Listening {
            expecting: self.request,
            asked: true,
        };
        let say = match refund::take(operation, &paid, refund) {
            Ok(taken) => {
                self.settle_for(Outcome::Refunded {
                    paid,
                    transfer: taken.transfer,
                    amount: taken.amount,
                });
                PayeeMessage::Receipt(taken.receipt)
            }
            Err(ReceiveError::Fault(fault)) => return Err(fault.into()),
            Err(reason) => {
                self.refused(reason.refusal());
                PayeeMessage::Refusal(reason.refusal())
            }
        };
        Ok(Say::Speak(say.encode()))
    }

    fn refused(&mut self, refusal: Refusal) {
        self.settle_for(Outcome::Refused { refusal });
    }

    /// Nothing that comes after success takes it back.
    fn settle_for(&mut self, outcome: Outcome) {
        if !self.has_received() {
            self.outcome = Some(outcome);
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
        // If the payer's payment is another one than the one that was taken, it will not know this receipt, and sends it.
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

/// Finds the payment of ours behind one of the tags: the other side gave it back, and does not know that we know.
fn recognise_paid(
    operation: &mut Operation<'_>,
    tags: &[ResumeTag],
    hash: &[u8; 32],
) -> Result<Option<(Id, Recognised)>, Fault> {
    let found = operation.with(|core, _| {
        let asked_about = |outgoing: Outgoing| {
            let Purpose::Payment(request) = &outgoing.purpose else {
                return None;
            };
            let asked = tags.contains(&ResumeTag::question(&request.id, hash));
            asked.then_some((request.id, outgoing.transfer, outgoing.returned_by))
        };
        let live = [core.store.in_doubt()?, core.store.receipted()?].concat();
        let found = match live.into_iter().find_map(asked_about) {
            // Long at its end for the bank: perhaps it is refunded.
            None => core.store.ended()?.into_iter().find_map(asked_about),
            found => found,
        };
        let Some((request, paid, returned_by)) = found else {
            return Ok(None);
        };
        let known = returned_by
            .map(|transfer| core.store.incoming(&transfer))
            .transpose()?
            .flatten();
        Ok::<_, Fault>(Some((request, paid, known)))
    })?;
    let Some((request, paid, known)) = found else {
        return Ok(None);
    };
    let receipt = known
        .map(|incoming| answer_for(operation, &incoming))
        .transpose()?;
    Ok(Some((
        paid,
        Recognised {
            proof: ResumeTag::answer(&request, hash),
            receipt,
        },
    )))
}
