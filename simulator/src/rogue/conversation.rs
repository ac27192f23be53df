//! What a rogue says to phones, in either role: the words of the handoff, spoken by hand through Noise.

use protocol::{
    Body as _, Payment, Receipt, Request, Signed, StaticKeyHash, Timestamp, Transfer,
    message::{Offer, PayeeMessage, PayerMessage, Refusal, ShortReceipt},
};
use wallet_core::{
    Consent, Side,
    noise::{Channel, Handshake, NoiseError, Pattern, StaticSecret},
};

use super::Rogue;
use crate::{phone::Phone, world::WorldError};

/// Both sides of a handoff agree on what they are about to do.
const PROLOGUE: &[u8] = b"dcep/1/handoff";

/// What a phone answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// It took the payment; perhaps it gave it back at once.
    Receipt(ShortReceipt),
    /// It did not.
    Refused(Refusal),
    /// It ended the conversation.
    Nothing,
}

/// How a rogue behaves when it is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manners {
    /// It gives a receipt.
    Honest,
    /// It gives a receipt, and the money back with it.
    GivingBack,
    /// It takes the payment, and says nothing.
    Silent,
    /// It takes the payment, and says no.
    Denying(Refusal),
}

/// A payment to a rogue, and all that could be heard of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overheard {
    /// The payment.
    pub payment: Payment,
    /// What the phone said, in clear.
    pub said: Vec<Vec<u8>>,
    /// What was in the air, both ways.
    pub radio: Vec<Vec<u8>>,
}

impl Rogue {
    /// Offers a payment to a phone that asked for it.
    ///
    /// # Errors
    /// [`WorldError`], if the phone has forgotten its request, or the payment does not answer it.
    pub fn hand(&self, payment: &Payment, request: &Request, payee: &Phone) -> Result<Said, WorldError> {
        let answer = payment
            .encode_answer(request)
            .ok_or(WorldError::Rogue("the payment answers another request"))?;
        self.say(&PayerMessage::Payment(answer), request, payee)
    }

    /// Says something to a phone that asks for a payment, and hears its answer.
    ///
    /// # Errors
    /// [`WorldError`], if the phone has forgotten its request.
    pub fn say(&self, message: &PayerMessage, request: &Request, payee: &Phone) -> Result<Said, WorldError> {
        let mut session = payee.wallet().receive(&request.id, Side::Card)?;
        let noise = |_: NoiseError| WorldError::Rogue("the channel failed");
        let mut handshake =
            Handshake::anonymous(Pattern::Nx, PROLOGUE, self.entropy.bytes()).map_err(noise)?;
        session.begin()?;
        let hello = handshake.write(&[]).map_err(noise)?;
        let Some(offer) = session.hear(&hello)? else {
            return Ok(Said::Nothing);
        };
        handshake.read(&offer).map_err(noise)?;
        let mut channel = handshake.into_channel().map_err(noise)?;
        let spoken = channel.encrypt(&message.encode()).map_err(noise)?;
        let Ok(Some(answer)) = session.hear(&spoken) else {
            return Ok(Said::Nothing);
        };
        let heard = channel.decrypt(&answer).map_err(noise)?;
        Ok(match PayeeMessage::decode(&heard, static_key(&channel)?) {
            Ok(PayeeMessage::Receipt(receipt)) => Said::Receipt(receipt),
            Ok(PayeeMessage::Refusal(refusal)) => Said::Refused(refusal),
            _ => Said::Nothing,
        })
    }

    /// Has an honest phone pay a request of this rogue's, and behaves as it likes. `None` if the phone did not pay.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn be_paid(
        &self,
        request: &Request,
        payer: &Phone,
        consent: Consent,
        at: Timestamp,
        manners: Manners,
    ) -> Result<Option<Payment>, WorldError> {
        let overheard = self.overhear(request, payer, consent, at, manners)?;
        Ok(overheard.map(|overheard| overheard.payment))
    }

    /// Like [`Rogue::be_paid`], with an eye on every byte.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn overhear(
        &self,
        request: &Request,
        payer: &Phone,
        consent: Consent,
        at: Timestamp,
        manners: Manners,
    ) -> Result<Option<Overheard>, WorldError> {
        let (mut clear, mut radio) = (Vec::new(), Vec::new());
        let noise = |_: NoiseError| WorldError::Rogue("the channel failed");
        let open = self.open(&request.payee.body.holder_key)?;
        let secret = StaticSecret::from_bytes(open.secret);
        let mut session = payer.wallet().pay(consent, Side::Reader)?;
        let mut handshake =
            Handshake::authenticated(Pattern::Nx, PROLOGUE, self.entropy.bytes(), &secret).map_err(noise)?;
        let hello = session.begin()?.unwrap_or_default();
        handshake.read(&hello).map_err(noise)?;
        let offer = PayeeMessage::Offer(Offer {
            request: Some(request.clone()),
            status: 0,
            at_most: None,
        });
        let offer = handshake.write(&offer.encode()).map_err(noise)?;
        let mut channel = handshake.into_channel().map_err(noise)?;
        let mut said = session.hear(&offer)?;
        radio.extend([hello, offer]);
        // Whatever it is asked, a rogue knows nothing of it.
        for _ in 0..2 {
            let Some(bytes) = said else {
                return Ok(None);
            };
            let heard = channel.decrypt(&bytes).map_err(noise)?;
            radio.push(bytes);
            clear.push(heard.clone());
            let answer = match PayerMessage::decode(&heard) {
                Ok(PayerMessage::Payment(answer)) => {
                    let payment = Payment::decode_answer(&answer, request)
                        .map_err(|_| WorldError::Rogue("a phone pays what it was not asked"))?;
                    if let Some(reply) = reply(&open.key, &payment, at, manners) {
                        let reply = channel.encrypt(&reply.encode()).map_err(noise)?;
                        session.hear(&reply)?;
                        radio.push(reply);
                    }
                    return Ok(Some(Overheard {
                        payment,
                        said: clear,
                        radio,
                    }));
                }
                Ok(PayerMessage::Resume(_)) => PayeeMessage::Resumed(None),
                _ => return Ok(None),
            };
            let answer = channel.encrypt(&answer.encode()).map_err(noise)?;
            said = session.hear(&answer)?;
            radio.push(answer);
        }
        Ok(None)
    }
}

fn reply(
    key: &protocol::SigningKey,
    payment: &Payment,
    taken_at: Timestamp,
    manners: Manners,
) -> Option<PayeeMessage> {
    match manners {
        Manners::Honest | Manners::GivingBack => {
            let receipt = Receipt {
                transfer: payment.id(),
                taken_at,
            };
            let back = returning(payment).filter(|_| manners == Manners::GivingBack);
            Some(PayeeMessage::Receipt(ShortReceipt {
                taken_at,
                signature: Signed::sign(receipt, key).signature,
                returned: back.map(|back| key.sign(&back.message())),
            }))
        }
        Manners::Silent => None,
        Manners::Denying(refusal) => Some(PayeeMessage::Refusal(refusal)),
    }
}

/// The transfer by which all of a payment goes back to whom it came from.
fn returning(payment: &Payment) -> Option<Transfer> {
    let payer = payment.certificates().first()?.body.holder_key;
    let paid = payment.final_transfer().outputs.first()?;
    Some(Transfer::returning(payment.id(), paid.amount, payer))
}

fn static_key(channel: &Channel) -> Result<StaticKeyHash, WorldError> {
    let key = channel
        .remote_static()
        .ok_or(WorldError::Rogue("nobody is there"))?;
    Ok(StaticKeyHash::of(&key))
}
