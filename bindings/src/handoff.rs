//! One payment from first contact to receipt.

use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use wallet_core::{
    Outcome, Session,
    handoff::Tap,
    link::apdu::{Card, Unarmed},
};

use crate::{
    Amount, FrameSize, PayeeName, PaymentRequest, Side,
    error::{PayError, Reason, TapError, WalletError},
    input,
    observer::Alarm,
};

/// What the holder of the payer agrees to.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Consent {
    /// To no amount in particular: the holder holds out the phone. What the policy permits without confirmation is paid;
    /// above that the outcome is `Declined` with `ConfirmOnDevice`, and `To` pays the very same request in the next tap.
    Unconfirmed,
    /// To pay whatever is asked, up to this amount; an open request is not paid.
    UpTo {
        /// The most.
        amount: Amount,
    },
    /// To pay exactly this, whether the request names it or leaves it open.
    Exactly {
        /// How much.
        amount: Amount,
    },
    /// To pay this very request, shown and confirmed after an earlier tap.
    To {
        /// Its id.
        request: String,
        /// How much.
        amount: Amount,
    },
}

impl TryFrom<Consent> for wallet_core::Consent {
    type Error = WalletError;

    fn try_from(consent: Consent) -> Result<Self, WalletError> {
        Ok(match consent {
            Consent::Unconfirmed => Self::Unconfirmed,
            Consent::UpTo { amount } => Self::UpTo(amount.try_into()?),
            Consent::Exactly { amount } => Self::Exactly(amount.try_into()?),
            Consent::To { request, amount } => Self::To(input::request(&request)?, amount.try_into()?),
        })
    }
}

/// What a handoff came to, as far as this device knows. Whatever it says is on the disk.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum HandoffOutcome {
    /// Paid and receipted.
    Paid {
        /// The transfer.
        transfer: String,
        /// How much.
        amount: Amount,
        /// The payee.
        payee: PayeeName,
        /// The payment had been signed in an earlier tap; nothing was paid twice.
        mended: bool,
    },
    /// Taken. If the payer resumed an earlier payment, `request` is that earlier one.
    Received {
        /// The request that is paid now.
        request: String,
        /// The transfer.
        transfer: String,
        /// How much.
        amount: Amount,
    },
    /// Taken by the payee, and given back at once, so that in the end nobody has paid anybody. Both sides get this outcome.
    Returned {
        /// The payment; on the side that only brings an earlier return, the return.
        transfer: String,
        /// How much.
        amount: Amount,
    },
    /// Of an earlier payment this much was given back, and the payer has it. Both sides get this outcome.
    Refunded {
        /// The payment.
        paid: String,
        /// The transfer that gives back.
        transfer: String,
        /// How much.
        amount: Amount,
    },
    /// This wallet does not pay what is asked. Nothing was signed.
    Declined {
        /// Why.
        error: PayError,
        /// What was asked: to show, and to confirm with `Consent.To`.
        request: Option<PaymentRequest>,
    },
    /// The other device said no. If a payment had been sent, it stays in doubt.
    Refused {
        /// Its reason.
        reason: Reason,
        /// The most that it would have taken, where the reason is an amount.
        at_most: Option<Amount>,
    },
}

impl From<Outcome> for HandoffOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Paid {
                transfer,
                amount,
                payee,
                mended,
            } => Self::Paid {
                transfer: transfer.to_string(),
                amount: amount.into(),
                payee: payee.into(),
                mended,
            },
            Outcome::Received {
                request,
                transfer,
                amount,
            } => Self::Received {
                request: request.to_string(),
                transfer: transfer.to_string(),
                amount: amount.into(),
            },
            Outcome::Returned { transfer, amount } => Self::Returned {
                transfer: transfer.to_string(),
                amount: amount.into(),
            },
            Outcome::Refunded {
                paid,
                transfer,
                amount,
            } => Self::Refunded {
                paid: paid.to_string(),
                transfer: transfer.to_string(),
                amount: amount.into(),
            },
            Outcome::Declined { reason, request } => Self::Declined {
                error: reason.into(),
                request: request.map(Into::into),
            },
            Outcome::Refused { refusal } => Self::Refused {
                reason: refusal.code.into(),
                at_most: refusal.at_most.map(Into::into),
            },
        }
    }
}

/// One side of one payment. It lives through torn taps: hold the phones together again, and every tap begins the
/// conversation anew; nothing is paid twice. Another payment takes another handoff.
///
/// Bytes in, bytes out, and no thread of its own. May be called from any thread; while one call is under way, another one
/// gets `Busy`.
#[derive(uniffi::Object)]
pub struct Handoff {
    wallet: wallet_core::Wallet,
    alarm: Arc<Alarm>,
    talk: Mutex<Talk>,
}

struct Talk {
    session: Session,
    tap: Option<Tap>,
    card: Card,
}

impl Handoff {
    pub(crate) fn new(wallet: &wallet_core::Wallet, alarm: &Arc<Alarm>, session: Session) -> Self {
        Self {
            wallet: wallet.clone(),
            alarm: Arc::clone(alarm),
            talk: Mutex::new(Talk {
                session,
                tap: None,
                card: Card::default(),
            }),
        }
    }

    /// Never waits: a callback of the platform that came back here would wait for itself.
    fn talk(&self) -> Result<MutexGuard<'_, Talk>, WalletError> {
        match self.talk.try_lock() {
            Ok(talk) => Ok(talk),
            // Whatever panicked has left the money alone, and the next tap begins anew.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(WalletError::Busy),
        }
    }

    /// Passes on what a call came to, see `Wallet::told`.
    fn told<T>(&self, result: T) -> T {
        self.alarm.ring(&self.wallet);
        result
    }
}

#[uniffi::export]
impl Handoff {
    /// Whether this device is the reader or the card.
    pub fn side(&self) -> Result<Side, TapError> {
        Ok(self.talk()?.session.side().into())
    }

    /// Whether this device is the one that is paid.
    pub fn is_payee(&self) -> Result<bool, TapError> {
        Ok(self.talk()?.session.is_payee())
    }

    /// What has come of it so far; `None` while nothing is decided.
    pub fn outcome(&self) -> Result<Option<HandoffOutcome>, TapError> {
        Ok(self.talk()?.session.outcome().cloned().map(Into::into))
    }

    /// Reader: a tap begins. Returns the first command to transmit; the card's response goes to `receive`. `Short` frames
    /// pass everywhere; `Extended` ones where the reader says so.
    pub fn begin_tap(&self, frames: FrameSize) -> Result<Vec<u8>, TapError> {
        let mut talk = self.talk()?;
        let (tap, select) = Tap::begin(&talk.session, frames.into())?;
        talk.tap = Some(tap);
        Ok(select)
    }

    /// Reader: takes the card's response, and returns the next command to transmit; `None` when the handoff is over. After
    /// an error the tap is over, and another may begin.
    pub fn receive(&self, response: Vec<u8>) -> Result<Option<Vec<u8>>, TapError> {
        let mut talk = self.talk()?;
        let Talk { session, tap, .. } = &mut *talk;
        let next = match tap {
            Some(tap) => tap.receive(session, &response),
            None => return Err(TapError::NoTap),
        };
        if !matches!(next, Ok(Some(_))) {
            talk.tap = None;
        }
        drop(talk);
        Ok(self.told(next)?)
    }

    /// Card: answers a command, whatever it is. A reader that is not a wallet's learns nothing.
    pub fn process(&self, command: Vec<u8>) -> Result<Vec<u8>, TapError> {
        let mut talk = self.talk()?;
        let Talk { session, card, .. } = &mut *talk;
        let response = card.process(session, &command);
        drop(talk);
        Ok(self.told(response))
    }

    /// A link without frames of its own, such as a socket: a tap begins. The reader gets the first message to send, the card
    /// `None`.
    pub fn begin(&self) -> Result<Option<Vec<u8>>, TapError> {
        Ok(self.talk()?.session.begin()?)
    }

    /// The same link: takes the other side's message, and returns the answer to send; `None` when there is nothing more to
    /// say.
    pub fn hear(&self, message: Vec<u8>) -> Result<Option<Vec<u8>>, TapError> {
        let answer = self.talk()?.session.hear(&message);
        Ok(self.told(answer)?)
    }
}

/// What a phone answers to a command while its holder has not armed it: what a phone without a wallet answers.
#[uniffi::export]
#[must_use]
pub fn unarmed_response(command: Vec<u8>) -> Vec<u8> {
    Card::default().process(&mut Unarmed, &command)
}
