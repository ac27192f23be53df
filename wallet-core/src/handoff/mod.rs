//! The handoff: one payment from first contact to receipt, over any link, in as many taps as it takes.
//!
//! # Why no fen is lost
//!
//! Bytes leave only after what they say is on the disk, and a signed transfer is never taken back. So wherever the
//! link tears or the power fails, both sides are in a row of this table, and the last column says how it goes on. The rows
//! are [`PayerState`] and [`PayeeState`]; the state model in the tests explores the same ones.
//!
//! **Payer**
//!
//! | state | on disk | may have left | a crash, or a torn tap, here leads to |
//! | --- | --- | --- | --- |
//! | choosing | nothing of this payment | nothing | nothing: the money was never touched |
//! | signed | nothing of this payment | nothing | nothing: the signature is dropped |
//! | committed | the transfer, its bytes, the change, the event *in doubt*; the inputs are gone | nothing: the guard comes first | *in doubt*; `open` brings the guard up |
//! | in doubt | the same | the payment, any number of times, always the same bytes | *in doubt*; the next tap with this payee sends the same bytes, in either role and over any link; a sync reports it |
//! | frozen | the same, and that the file was rolled back or copied | the payment, before that | *frozen*: never sent again; a sync asks the bank, which ends it: it has it on record, or pays the inputs back. If a twin has spent the inputs otherwise, neither comes to pass, and it stays listed |
//! | receipted | the same and the receipt; the event *paid* instead of *in doubt* | the payment | *receipted*; a payee that asks again gets the same bytes; a sync reports it, so that a payee that lost its memory loses no money |
//! | returned | receipt, return, and the piece that came back | the payment, and the receipt for the return | *returned*; a repeated return gets the same receipt and credits nothing |
//! | recorded | the same, and that the bank has it on record | the payment | *recorded*: the end |
//!
//! **Payee**
//!
//! | state | on disk | may have left | a crash, or a torn tap, here leads to |
//! | --- | --- | --- | --- |
//! | asking | the request | the request | the request still stands and can be paid |
//! | verified | the request | the request | the payment is forgotten; the payer is in doubt and sends it again |
//! | signed | the request | the request | the receipt (and the return) is dropped; the payer is in doubt and sends the payment again |
//! | taken | the payment, its chain and evidence, the receipt, the event *received*; the request is paid | the receipt, any number of times, always the same | the same payment gets the same receipt, and nothing is credited twice |
//! | returned | the payment, the receipt, and the return, which consumes what came in | after the guard: receipt and return, any number of times, always the same | the return is *in doubt* like a payment of the payee's: the same payment gets the same answer, and any tap with the payer, or a sync, brings it |
//! | recorded | the same, and that the bank has it on record | the same | *recorded*: the end |
//!
//! In doubt ends with the receipt, or with the bank; no clock ever ends it, and nobody can. A payee that does not want a payment
//! (its request was paid by somebody else meanwhile, or withdrawn, or the wallet may not hold so much) takes it and gives it
//! back in the same tap.
//!
//! Through the bank the same states are reached: a payment that the payer reports is *recorded*, and delivered to the payee,
//! which verifies it like one from a tap and goes to *taken* or *returned*.
//!
//! # The conversation
//!
//! [`protocol::message`] has the words. The payee speaks first, because it has to prove who it is before the payer shows
//! anything; the two then take turns, whichever of them is the NFC reader:
//!
//! | payee is the card (Noise NX) | payer is the card (Noise XN) |
//! | --- | --- |
//! | `e` → `e, ee, s, es` + offer | `e` → `e, ee` |
//! | payment → receipt | `s, se` + offer → payment |
//! | | receipt → done |
//!
//! A *refund* is given back later, by the payee's decision: a payment of its own to the key that paid. It is in doubt and
//! resumed like any other, by the tags of the request that was paid; only the roles have changed, and the one who paid is
//! the payee now. It brings the receipt for what was paid along, so that it leaves no doubt behind.
//!
//! A resuming tap may take one exchange more (*resume* → *resumed*), and so may one in which money is given back (the payer's
//! receipt for it) or in which one side's status list is newer (*news*).
//!
//! A [`Session`] is sans-IO: bytes in, bytes out. [`Tap`] carries it over APDUs; a socket does as well.
//!
//! # Without a conversation
//!
//! Over a one-way link, a code on a screen or a file, the same objects travel as [slips](protocol::slip), and the states and the
//! order of writes are the same: a request is shown and paid ([`crate::Wallet::pay_request`]), the payment is shown and taken, the
//! receipt is shown and ends the doubt (both [`crate::Wallet::take`]). A slip that nobody reads is a torn tap: it can be shown
//! again ([`crate::Wallet::slip_of`]), a tap with the same payee resumes it, and so does the bank.

mod line;
mod payee;
mod payer;
mod states;
mod tap;

pub use states::{PayeeState, PayerState};
pub use tap::{Direction, Tap, connect};

use protocol::{Amount, Id, PayeeName, Request, RequestId, message::Refusal};
use std::sync::Arc;

use self::{line::Line, payee::Payee, payer::Payer};
use crate::{
    error::{Fault, HandoffError, PayError, ReceiveError},
    model::{Outgoing, Purpose},
    noise::Pattern,
    wallet::{Consent, Inner},
};

/// Who opens each exchange on the link.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// This device is the reader: it speaks first.
    Reader,
    /// This device is the card: it answers.
    Card,
}

/// What a handoff came to, as far as this device knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Paid and receipted.
    Paid {
        /// The transfer.
        transfer: Id,
        /// How much.
        amount: Amount,
        /// The payee's name.
        payee: PayeeName,
        /// The payment had been signed in an earlier tap; nothing was paid twice.
        mended: bool,
    },
    /// Taken, and on the disk. If the payer resumed an earlier payment, `request` is that earlier one.
    Received {
        /// The request that is paid now.
        request: RequestId,
        /// The transfer.
        transfer: Id,
        /// How much.
        amount: Amount,
    },
    /// Taken by the payee, and given back at once, so that in the end nobody has paid anybody: the request had been paid by
    /// another payment, or withdrawn, or the payee may not hold so much. Both sides get this outcome.
    Returned {
        /// The payment; on the side that only brings an earlier return, the return.
        transfer: Id,
        /// How much.
        amount: Amount,
    },
    /// Of an earlier payment this much was given back, because its payee decided so, and the payer has it. Both sides get
    /// this outcome.
    Refunded {
        /// The payment.
        paid: Id,
        /// The transfer that gives back.
        transfer: Id,
        /// How much.
        amount: Amount,
    },
    /// This wallet does not pay what is asked. Nothing was signed.
    Declined {
        /// Why.
        reason: PayError,
        /// What was asked: to show with [`Request::payee_name`], and to confirm with [`Consent::To`].
        request: Option<Request>,
    },
    /// The other device said no. If a payment had been sent, it stays in doubt.
    Refused {
        /// Its reason.
        refusal: Refusal,
    },
}

impl Outcome {
    /// For whoever signed a transfer, once its receipt is there. `None` for what goes to the bank.
    pub(crate) fn settled(sent: Outgoing, mended: bool) -> Option<Self> {
        let Outgoing {
            transfer,
            amount,
            purpose,
            returned_by,
            ..
        } = sent;
        match purpose {
            Purpose::Payment(_) if returned_by.is_some() => Some(Self::Returned { transfer, amount }),
            Purpose::Payment(request) => Some(Self::Paid {
                transfer,
                amount,
                payee: request.payee_name(),
                mended,
            }),
            // What was given back has arrived: nobody has gained anything.
            Purpose::Return { .. } => Some(Self::Returned { transfer, amount }),
            Purpose::Refund { paid, .. } => Some(Self::Refunded {
                paid,
                transfer,
                amount,
            }),
            Purpose::Deposit(_) | Purpose::Refresh(_) => None,
        }
    }
}

/// One side of a handoff. Lives through torn taps: every tap begins the conversation anew.
pub struct Session {
    inner: Arc<Inner>,
    side: Side,
    line: Line,
    party: Party,
}

#[allow(
    clippy::large_enum_variant,
    reason = "a session holds one, and there are few sessions"
)]
enum Party {
    Payer(Payer),
    Payee(Payee),
}

/// What a party wants to say when it has listened.
pub(crate) enum Say {
    /// This, and then it listens.
    Speak(Vec<u8>),
    /// This, if there is a turn to say it in; it is done.
    Courtesy(Vec<u8>),
    /// Nothing: it is done.
    Nothing,
}

impl Session {
    pub(crate) fn payer(inner: Arc<Inner>, consent: Consent, side: Side) -> Result<Self, Fault> {
        consent.ask_holder(&inner)?;
        Ok(Self::of(inner, side, Party::Payer(Payer::new(consent))))
    }

    pub(crate) fn resuming(inner: Arc<Inner>, side: Side) -> Result<Self, Fault> {
        drop(inner.operation()?);
        Ok(Self::of(inner, side, Party::Payer(Payer::resuming())))
    }

    pub(crate) fn payee(inner: Arc<Inner>, request: &RequestId, side: Side) -> Result<Self, ReceiveError> {
        let payee = inner.operation()?.with(|core, _| Payee::new(core, request))?;
        Ok(Self::of(inner, side, Party::Payee(payee)))
    }

    pub(crate) fn awaiting_refund(inner: Arc<Inner>, paid: &Id, side: Side) -> Result<Self, ReceiveError> {
        let payee = inner
            .operation()?
            .with(|core, _| Payee::awaiting_refund(core, paid))?;
        Ok(Self::of(inner, side, Party::Payee(payee)))
    }

    const fn of(inner: Arc<Inner>, side: Side, party: Party) -> Self {
        Self {
            inner,
            side,
            line: Line::Closed,
            party,
        }
    }

    /// Reader or card.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Whether this device is the one that is paid.
    #[must_use]
    pub const fn is_payee(&self) -> bool {
        matches!(self.party, Party::Payee(_))
    }

    /// What has come of it so far; `None` while nothing is decided.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.party {
            Party::Payer(payer) => payer.outcome(),
            Party::Payee(payee) => payee.outcome(),
        }
    }

    /// A tap begins. The reader gets the first message to send; the card waits for one and gets nothing.
    ///
    /// # Errors
    /// [`HandoffError::Closed`] once this session has paid: another payment takes another session, and so another
    /// decision of the holder.
    pub fn begin(&mut self) -> Result<Option<Vec<u8>>, HandoffError> {
        self.line = Line::Closed;
        let seed = self.inner.operation().map_err(HandoffError::from)?.moment.draw();
        let pattern = self.pattern();
        let secret = match &mut self.party {
            Party::Payer(payer) => {
                payer.restart()?;
                None
            }
            Party::Payee(payee) => {
                payee.restart();
                Some(payee.static_secret(&self.inner)?)
            }
        };
        self.line = Line::open(pattern, seed, secret.as_ref())?;
        match self.side {
            Side::Reader => Ok(Some(self.line.write(&[])?)),
            Side::Card => Ok(None),
        }
    }

    /// Listens to the other side's message, and answers. `None`: nothing to say, the conversation is over.
    ///
    /// # Errors
    /// [`HandoffError`]. The tap is over, and another may begin; whatever was committed stays so.
    pub fn hear(&mut self, message: &[u8]) -> Result<Option<Vec<u8>>, HandoffError> {
        let answer = self.listen(message);
        if !matches!(answer, Ok(Some(_))) {
            self.line = Line::Closed;
        }
        answer
    }

    fn listen(&mut self, message: &[u8]) -> Result<Option<Vec<u8>>, HandoffError> {
        if self.is_over() {
            return Ok(None);
        }
        let heard = self.line.read(message)?;
        if self.line.in_handshake() {
            // Before the payee is authenticated nobody has anything to say but the handshake itself.
            if !heard.is_empty() {
                return Err(HandoffError::OutOfOrder);
            }
            let offer = match &mut self.party {
                Party::Payer(_) => Vec::new(),
                Party::Payee(payee) => payee.offer(&self.inner)?,
            };
            return Ok(Some(self.line.write(&offer)?));
        }
        let say = match &mut self.party {
            Party::Payer(payer) => payer.hear(&self.inner, &heard, &self.line)?,
            Party::Payee(payee) => payee.hear(&self.inner, &heard, &self.line)?,
        };
        match (say, self.side) {
            (Say::Speak(message), _) | (Say::Courtesy(message), Side::Card) => {
                Ok(Some(self.line.write(&message)?))
            }
            (Say::Courtesy(_), Side::Reader) | (Say::Nothing, _) => Ok(None),
        }
    }

    /// Whether this is a payer's session that has come to its end.
    const fn is_spent(&self) -> bool {
        matches!(&self.party, Party::Payer(payer) if payer.has_paid())
    }

    const fn is_over(&self) -> bool {
        match &self.party {
            Party::Payer(payer) => payer.is_over(),
            Party::Payee(payee) => payee.is_over(),
        }
    }

    const fn pattern(&self) -> Pattern {
        match (&self.party, self.side) {
            (Party::Payee(_), Side::Card) | (Party::Payer(_), Side::Reader) => Pattern::Nx,
            (Party::Payee(_), Side::Reader) | (Party::Payer(_), Side::Card) => Pattern::Xn,
        }
    }
}

/// Says only which side it is.
impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("side", &self.side)
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}
