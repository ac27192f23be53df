//! The payer's part of the conversation.

use core::cmp::Ordering;
use protocol::{
    RequestId,
    id::Id,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, ResumeTag, ShortReceipt},
};

use super::{Outcome, Say, line::Line};
use crate::{
    error::{Fault, HandoffError, PayError},
    wallet::{
        Consent, Inner, news,
        operation::{Core, Operation},
        pay::{Asked, Committed, pay, payment_of, release},
        receipt::{Confirmed, take_receipt},
    },
};

/// How many payments in doubt one tap asks about.
const TAGS: usize = 4;

/// The payer of a handoff.
pub(super) struct Payer {
    /// Used up by the first payment that is signed: one decision, one payment.
    consent: Option<Consent>,
    /// How new the payee's status list is.
    their_status: u64,
    state: State,
    outcome: Option<Outcome>,
}

enum State {
    /// Waits for the payee to say what it asks.
    Listening,
    /// Has asked whether the payee knows one of these; then the offer is dealt with.
    Resuming {
        offered: Option<Box<Asked>>,
        in_doubt: Vec<(Id, RequestId)>,
    },
    /// Has sent a payment, or a return.
    Paying { transfer: Id, mended: bool },
    /// Has paid, and asked for the payee's newer status list.
    Asking,
    /// Has nothing more to say in this tap.
    Over,
}

impl Payer {
    pub(super) const fn new(consent: Consent) -> Self {
        Self {
            consent: Some(consent),
            their_status: 0,
            state: State::Listening,
            outcome: None,
        }
    }

    /// One that pays nothing new.
    pub(super) const fn resuming() -> Self {
        Self {
            consent: None,
            their_status: 0,
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
        if self.has_paid() {
            return Err(HandoffError::Closed);
        }
        self.state = State::Listening;
        self.outcome = None;
        Ok(())
    }

    /// Whether this session has come to its end: one decision of the holder, one payment.
    pub(super) const fn has_paid(&self) -> bool {
        matches!(
            self.outcome,
            Some(Outcome::Paid { .. } | Outcome::Returned { .. } | Outcome::Refunded { .. })
        )
    }

    pub(super) fn hear(&mut self, inner: &Inner, heard: &[u8], line: &Line) -> Result<Say, HandoffError> {
        let message = PayeeMessage::decode(heard, line.payee_key()?)?;
        let mut operation = inner.operation()?;
        match (core::mem::replace(&mut self.state, State::Over), message) {
            (
                State::Listening,
                PayeeMessage::Offer(Offer {
                    request,
                    status,
                    at_most,
                }),
            ) => {
                self.their_status = status;
                let offered = request.map(|request| Asked { request, at_most });
                self.offered(&mut operation, offered, line)
            }
            (State::Resuming { offered, .. }, PayeeMessage::Resumed(None)) => {
                self.answer(&mut operation, offered.map(|asked| *asked))
            }
            (State::Resuming { in_doubt, .. }, PayeeMessage::Resumed(Some(recognised))) => {
                self.resumed(&mut operation, &in_doubt, recognised, line)
            }
            (State::Paying { transfer, mended }, PayeeMessage::Receipt(receipt)) => {
                self.receipted(&mut operation, transfer, receipt, mended)
            }
            (State::Asking, PayeeMessage::News(list)) => {
                if let Some(list) = list {
                    news::learn(&mut operation, list)?;
                }
                Ok(Say::Courtesy(PayerMessage::Done.encode()))
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
    ///
    /// Who has not proven to be a payee learns nothing of all that: it gets the refusal that it would get from a phone that
    /// never paid anybody; and who asks nothing is asked back by every phone.
    fn offered(
        &mut self,
        operation: &mut Operation<'_>,
        offered: Option<Asked>,
        line: &Line,
    ) -> Result<Say, HandoffError> {
        let signed = match &offered {
            Some(asked) => operation.with(|core, _| payment_of(core, &asked.request))?,
            None => None,
        };
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
        if let Some(Asked { request, .. }) = &offered {
            let plain = signed.is_none() && in_doubt.is_empty();
            if plain || !operation.with(|core, _| Ok::<_, Fault>(is_payee(core, request)))? {
                return self.answer(operation, offered);
            }
        }
        if let Some(transfer) = signed {
            return self.send_again(operation, transfer);
        }
        let hash = line.handshake_hash()?;
        let tags = core::array::from_fn(|number| match in_doubt.get(number) {
            Some((_, request)) => ResumeTag::question(request, &hash),
            None => ResumeTag::from_bytes(operation.moment.draw()),
        });
        self.state = State::Resuming {
            offered: offered.map(Box::new),
            in_doubt,
        };
        Ok(Say::Speak(PayerMessage::Resume(tags).encode()))
    }

    /// Nothing to resume: pays what is asked, or says why not.
    fn answer(&mut self, operation: &mut Operation<'_>, offered: Option<Asked>) -> Result<Say, HandoffError> {
        // Taken before anything is signed: if a callback of the platform panics, the decision is used up all the same.
        let consent = self.consent.take();
        let paid = match (&offered, consent) {
            (None, _) => Err(PayError::NothingAsked),
            // This session has signed a payment before, and this is another request.
            (Some(Asked { request, .. }), None) => Err(PayError::ConfirmOnDevice {
                amount: request.amount.unwrap_or_default(),
            }),
            (Some(asked), Some(consent)) => pay(operation, asked, consent),
        };
        let signed = match (&paid, &offered) {
            // Whoever cannot find out takes it for signed.
            (Err(_), Some(Asked { request, .. })) => {
                operation.with(|core, _| payment_of(core, request)) != Ok(None)
            }
            (paid, _) => paid.is_ok(),
        };
        if !signed {
            self.consent = consent;
        }
        match paid {
            Ok(committed) => self.send(committed, false),
            Err(PayError::Fault(fault)) => Err(fault.into()),
            Err(reason) => {
                self.outcome = Some(Outcome::Declined {
                    reason,
                    request: offered.map(|asked| asked.request),
                });
                Ok(Say::Speak(PayerMessage::Refusal(reason.refusal()).encode()))
            }
        }
    }

    /// The payee knows one of the payments in doubt. Only who knows the request can name it back: nobody else is sent
    /// anything.
    fn resumed(
        &mut self,
        operation: &mut Operation<'_>,
        in_doubt: &[(Id, RequestId)],
        recognised: Recognised,
        line: &Line,
    ) -> Result<Say, HandoffError> {
        let hash = line.handshake_hash()?;
        let known = |(_, request): &&(Id, RequestId)| ResumeTag::answer(request, &hash) == recognised.proof;
        let (transfer, _) = *in_doubt.iter().find(known).ok_or(HandoffError::OutOfOrder)?;
        let Some(receipt) = recognised.receipt else {
            return self.send_again(operation, transfer);
        };
        match self.receipted(operation, transfer, receipt, true) {
            // It is for somebody else's payment of the same request: ours is still to come, and comes back.
            Err(HandoffError::ReceiptForged) => self.send_again(operation, transfer),
            said => said,
        }
    }

    fn send_again(&mut self, operation: &mut Operation<'_>, transfer: Id) -> Result<Say, HandoffError> {
        self.consent = None;
        let committed = release(operation, &transfer)?.ok_or(HandoffError::OutOfOrder)?;
        self.send(committed, true)
    }

    fn send(&mut self, committed: Committed, mended: bool) -> Result<Say, HandoffError> {
        self.state = State::Paying {
            transfer: committed.transfer(),
            mended,
        };
        Ok(Say::Speak(committed.into_message()?.encode()))
    }

    /// The payee has signed that it took the money. Perhaps it gave it back: then it gets a receipt too.
    fn receipted(
        &mut self,
        operation: &mut Operation<'_>,
        transfer: Id,
        receipt: ShortReceipt,
        mended: bool,
    ) -> Result<Say, HandoffError> {
        match take_receipt(operation, &transfer, receipt, mended)? {
            Confirmed::Taken => self.paid(operation, transfer, mended),
            Confirmed::GivenBack { amount, receipt, .. } => {
                self.consent = None;
                self.outcome = Some(Outcome::Returned { transfer, amount });
                Ok(Say::Speak(PayerMessage::Receipt(receipt).encode()))
            }
        }
    }

    fn paid(
        &mut self,
        operation: &mut Operation<'_>,
        transfer: Id,
        mended: bool,
    ) -> Result<Say, HandoffError> {
        let (row, our_status) = operation.with(|core, _| {
            let row = core.store.outgoing(&transfer)?;
            Ok::<_, Fault>((row, core.purse.status_version()))
        })?;
        let row = row.ok_or(HandoffError::OutOfOrder)?;
        self.consent = None;
        self.outcome = Some(Outcome::settled(row, mended).ok_or(HandoffError::OutOfOrder)?);
        self.part(operation, our_status)
    }

    /// The money is where it belongs. Before they part, whoever has the newer status list shows it.
    fn part(&mut self, operation: &mut Operation<'_>, our_status: u64) -> Result<Say, HandoffError> {
        let news = match our_status.cmp(&self.their_status) {
            Ordering::Equal => None,
            Ordering::Less => {
                self.state = State::Asking;
                Some(PayerMessage::News(None))
            }
            Ordering::Greater => news::to_show(operation)?.map(|list| PayerMessage::News(Some(list))),
        };
        Ok(match news {
            Some(news) => Say::Speak(news.encode()),
            None => Say::Courtesy(PayerMessage::Done.encode()),
        })
    }
}

/// Whether an operator ever certified whoever asks: also long ago, since old doubts end too. The channel has bound the
/// certificate to the key that was proven in the handshake.
fn is_payee(core: &Core, request: &protocol::Request) -> bool {
    let payee = &request.payee;
    let operator = core.purse.trust.operator(payee.body.grant.operator);
    operator.is_some_and(|operator| payee.verify(&operator.certifying_key).is_ok())
}
