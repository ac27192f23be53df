//! The payer's machine, against a payee that stops at nothing.

use std::{cell::RefCell, collections::BTreeMap};

use protocol::{
    Amount, Body as _, Consumed, Context, Expected, Id, Payment, Receipt, Request, RequestId, Signature,
    Signed, SigningKey, StaticKeyHash, StatusList, Transfer, VerifyingKey, WalletClass,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refusal, ResumeTag, ShortReceipt},
    verify,
};
use wallet_core::{
    Consent, Session, Side,
    noise::{Channel, Handshake, Pattern},
};

use super::{
    house::{PROLOGUE, Phone, SEED, Shelf, holders, static_secret},
    input::Input,
    ledger::{Ledger, consume},
};
use crate::mint::{Holder, Mint, NOW, World, fen};

/// The payer's phone, and who may ask it for money.
struct House {
    shelf: Shelf,
    mint: Mint,
    world: World,
    payees: Vec<Holder>,
}

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(House::new());
}

/// A conversation, with restarts: the first bytes are the payer's side of the link and its consent, then come steps. See
/// `Scene::step`.
///
/// Whatever is said, value is the payer's or in doubt until the payee has signed a receipt for it, and comes back once if the
/// payee has signed that too. No session pays twice or
/// more than was agreed to. Whatever is sent is a good payment; the same request gets the same bytes again, and no outpoint
/// is ever signed away twice.
pub fn payer(data: &[u8]) {
    let _paid = paid(data);
}

/// How many payments were signed, and how many receipted.
pub(super) fn paid(data: &[u8]) -> (usize, usize) {
    HOUSE.with_borrow_mut(|house| {
        let phone = house.shelf.take();
        let (phone, paid) = converse(house, phone, Input::new(data));
        house.shelf.put(phone);
        paid
    })
}

/// For seeds: every row that this leaves in the store.
pub(super) fn remains(data: &[u8]) -> Vec<(usize, Vec<u8>)> {
    HOUSE.with_borrow_mut(|house| {
        let phone = house.shelf.take();
        converse(house, phone, Input::new(data)).0.contents()
    })
}

fn converse(house: &House, phone: Phone, mut input: Input<'_>) -> (Phone, (usize, usize)) {
    let side = side(&mut input);
    let consent = consent(&mut input);
    let session = phone.wallet.pay(consent, side).expect("a session");
    let ledger = Ledger::of(&phone);
    let mut scene = Scene {
        house,
        session,
        consent,
        signed: 0,
        line: Line::Closed,
        offered: BTreeMap::new(),
        sent: Vec::new(),
        consumed: Consumed::new(),
        ledger,
        said: Vec::new(),
        phone,
    };
    scene.begin(0);
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        scene.step(&mut input);
        scene.judge();
    }
    let signed = scene.sent.len();
    let receipted = scene.ledger.receipted();
    if signed > 0 {
        scene.phone.restart();
    }
    (scene.phone, (signed, receipted))
}

fn side(input: &mut Input<'_>) -> Side {
    *input.one_of(&[Side::Reader, Side::Card])
}

fn consent(input: &mut Input<'_>) -> Consent {
    let amount = fen(u64::from(input.number()));
    match input.below(4) {
        0 => Consent::UpTo(amount),
        1 => Consent::Exactly(amount),
        3 => Consent::Unconfirmed,
        _ => Consent::To(request_id(input.below(8)), amount),
    }
}

fn request_id(number: usize) -> RequestId {
    RequestId::from_bytes([u8::try_from(number).expect("a small number"); 16])
}

/// The payee's end of the line.
enum Line {
    Closed,
    /// It is the payee's turn to finish the handshake, with its first message inside.
    Handshake(Box<Handshake>),
    Open(Channel),
}

/// A payment that came out of the phone.
struct Sent {
    request: RequestId,
    bytes: Vec<u8>,
    transfer: Id,
    amount: Amount,
    payer: VerifyingKey,
    payee: VerifyingKey,
}

struct Scene<'h> {
    house: &'h House,
    phone: Phone,
    session: Session,
    consent: Consent,
    /// How many payments this session has signed.
    signed: usize,
    line: Line,
    /// What was asked under each id last.
    offered: BTreeMap<RequestId, Vec<Request>>,
    sent: Vec<Sent>,
    /// Every consumption that the phone ever signed.
    consumed: Consumed,
    ledger: Ledger,
    /// The last message, in clear.
    said: Vec<u8>,
}

impl Scene<'_> {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.byte() % 11 {
            0 => {
                let _answer = self.session.hear(input.chunk());
            }
            1 => self.say(input.chunk().to_vec()),
            2 => {
                let message = self.offer(input);
                self.say(message);
            }
            3 => {
                let receipt = self.receipt(input);
                self.say(PayeeMessage::Receipt(receipt).encode());
            }
            4 => {
                let message = self.resumed(input);
                self.say(message);
            }
            5 => {
                let payee = input.below(self.house.payees.len());
                self.begin(payee);
            }
            6 => {
                self.phone.restart();
                self.consent = consent(input);
                self.signed = 0;
                self.session = self
                    .phone
                    .wallet
                    .pay(self.consent, side(input))
                    .expect("a session");
                self.begin(0);
            }
            7 => self.phone.sleep(u64::from(input.byte()) * 2),
            8 => self.say(self.said.clone()),
            9 => {
                let message = self.news(input);
                self.say(message);
            }
            _ => {
                let refusal = Refusal {
                    code: *input.one_of(protocol::Code::ALL),
                    at_most: None,
                };
                self.say(PayeeMessage::Refusal(refusal).encode());
            }
        }
    }

    /// Another tap, up to where the payee speaks.
    fn begin(&mut self, payee: usize) {
        self.line = Line::Closed;
        let Ok(first) = self.session.begin() else { return };
        let secret = static_secret(&self.house.payees[payee]);
        let pattern = if first.is_none() { Pattern::Xn } else { Pattern::Nx };
        let handshake = Handshake::authenticated(pattern, PROLOGUE, [3; 32], &secret);
        let mut handshake = handshake.expect("a handshake");
        let theirs = match first {
            Some(first) => first,
            None => {
                let mine = handshake.write(&[]).expect("the payee's first message");
                let Ok(Some(theirs)) = self.session.hear(&mine) else {
                    return;
                };
                theirs
            }
        };
        handshake.read(&theirs).expect("the payer's message");
        self.line = Line::Handshake(Box::new(handshake));
    }

    /// Says it, at the end of the handshake or after, and hears what comes back.
    fn say(&mut self, message: Vec<u8>) {
        self.said = message;
        let sealed = match std::mem::replace(&mut self.line, Line::Closed) {
            Line::Closed => return,
            Line::Handshake(mut handshake) => {
                let sealed = handshake.write(&self.said);
                if let Ok(channel) = handshake.into_channel() {
                    self.line = Line::Open(channel);
                }
                sealed
            }
            Line::Open(mut channel) => {
                let sealed = channel.encrypt(&self.said);
                self.line = Line::Open(channel);
                sealed
            }
        };
        let Ok(sealed) = sealed else {
            self.line = Line::Closed;
            return;
        };
        match (self.session.hear(&sealed), &mut self.line) {
            (Ok(Some(answer)), Line::Open(channel)) => {
                let heard = channel.decrypt(&answer).expect("the payer's answer");
                let heard = PayerMessage::decode(&heard).expect("a payer says what a payer says");
                if let PayerMessage::Payment(answer) = heard {
                    self.paid(answer);
                }
            }
            _ => self.line = Line::Closed,
        }
    }

    fn offer(&mut self, input: &mut Input<'_>) -> Vec<u8> {
        let payee = input.one_of(&self.house.payees);
        let id = request_id(input.below(8));
        let amounts = [
            None,
            Some(fen(1_000)),
            Some(fen(u64::from(input.number()).max(1))),
        ];
        let request = Request {
            id,
            amount: *input.one_of(&amounts),
            payee: payee.certificate.clone(),
        };
        let status = u64::from(input.byte() % 4);
        let asked = (input.byte() % 8 != 7).then(|| request.clone());
        if asked.is_some() {
            self.offered.entry(id).or_default().push(request);
        }
        PayeeMessage::Offer(Offer {
            request: asked,
            status,
            at_most: None,
        })
        .encode()
    }

    /// A receipt, honest or not, for something the payer sent or never did.
    fn receipt(&self, input: &mut Input<'_>) -> ShortReceipt {
        let number = input.below(self.sent.len() + 1);
        let signer = input.one_of(&self.house.payees);
        let manner = input.byte();
        let mut short = ShortReceipt {
            taken_at: NOW,
            signature: Signature::from_bytes([manner; 64]),
            returned: None,
        };
        let Some(sent) = self.sent.get(number) else {
            return short;
        };
        // Most of the time the payee itself.
        let payee = self
            .house
            .payees
            .iter()
            .find(|payee| payee.verifying_key() == sent.payee);
        let signer = payee.filter(|_| manner < 192).unwrap_or(signer);
        let body = Receipt {
            transfer: sent.transfer,
            taken_at: NOW,
        };
        if manner % 4 != 3 {
            short.signature = Signed::sign(body, &signer.key).signature;
        }
        if manner % 4 == 1 {
            let returning = Transfer::returning(sent.transfer, sent.amount, sent.payer);
            short.returned = Some(signer.key.sign(&returning.message()));
        }
        if manner % 4 == 2 {
            short.returned = Some(Signature::from_bytes([manner; 64]));
        }
        short
    }

    /// "I know that one", truly or not, with or without its receipt.
    fn resumed(&self, input: &mut Input<'_>) -> Vec<u8> {
        let id = request_id(input.below(9));
        let proof = match &self.line {
            Line::Open(channel) if input.byte() % 4 != 3 => ResumeTag::answer(&id, channel.handshake_hash()),
            _ => ResumeTag::from_bytes([input.byte(); 8]),
        };
        let receipt = (input.byte() % 2 == 1).then(|| self.receipt(input));
        let recognised = Recognised { proof, receipt };
        PayeeMessage::Resumed((input.byte() % 8 != 7).then_some(recognised)).encode()
    }

    /// A newer status list that may name a payee.
    fn news(&self, input: &mut Input<'_>) -> Vec<u8> {
        let version = u64::from(input.byte());
        let revoked = input.one_of(&self.house.payees).key_hash();
        let revoked = (input.byte() % 2 == 1).then_some(revoked);
        let mint = &self.house.mint;
        let signers = [&mint.status_key, &mint.root];
        let list = Signed::sign(
            StatusList::new(version, NOW, revoked),
            input.one_of::<&SigningKey>(&signers),
        );
        PayeeMessage::News(Some(list)).encode()
    }

    /// A payment came out: it must be one that the payee can take, or the very one that came out before.
    fn paid(&mut self, bytes: Vec<u8>) {
        if self.sent.iter().any(|sent| sent.bytes == bytes) {
            return;
        }
        let context = Context {
            now: self.phone.wallet.now().expect("a time"),
            consumed: &self.consumed,
            ..self.house.world.context()
        };
        let mut offered = self
            .offered
            .iter()
            .flat_map(|(id, all)| all.iter().map(move |one| (id, one)));
        let good = offered.find_map(|(id, request)| {
            let payment = Payment::decode_answer(&bytes, request).ok()?;
            let verified = verify(payment, &Expected::from(request), &context).ok()?;
            Some((*id, verified))
        });
        let (request, verified) = good.expect("a payer sends nothing but good payments");
        let payment = verified.payment();
        let again = self.sent.iter().any(|sent| sent.request == request);
        assert!(!again, "a request was paid twice");
        self.signed += 1;
        assert_eq!(self.signed, 1, "a session paid twice");
        let most = match self.consent {
            Consent::UpTo(most) | Consent::Exactly(most) | Consent::To(_, most) => most,
            Consent::Unconfirmed => self.house.mint.policy(WalletClass::Ii).limits.unconfirmed_each,
        };
        assert!(verified.amount() <= most, "more was paid than was agreed to");
        consume(&mut self.consumed, payment);
        self.sent.push(Sent {
            request,
            transfer: payment.id(),
            amount: verified.amount(),
            payer: payment.certificates()[0].body.holder_key,
            payee: payment.final_transfer().outputs[0].holder_key,
            bytes,
        });
        self.ledger.pays(payment);
    }

    /// What the payer has now must follow from what was said.
    fn judge(&mut self) {
        let (owned, doubt) = (self.phone.owned(), self.phone.in_doubt());
        if (owned, doubt) == (self.ledger.owned, self.ledger.doubt) {
            return;
        }
        if let Some(paid) = self
            .ledger
            .owned
            .checked_sub(owned)
            .filter(|paid| !paid.is_zero())
        {
            let sent = self.sent.last().expect("what is signed away is sent");
            assert_eq!(sent.amount, paid);
            assert_eq!(self.ledger.doubt.checked_add(paid), Some(doubt));
            (self.ledger.owned, self.ledger.doubt) = (owned, doubt);
            return;
        }
        let static_key = StaticKeyHash::from_bytes([0; 16]);
        let receipt = match PayeeMessage::decode(&self.said, static_key) {
            Ok(PayeeMessage::Receipt(receipt)) => Some(receipt),
            Ok(PayeeMessage::Resumed(Some(recognised))) => recognised.receipt,
            _ => None,
        };
        self.ledger.settles(&self.phone, receipt);
    }
}

impl House {
    fn new() -> Self {
        let mint = Mint::new(SEED);
        let amounts = [fen(10_000), fen(5_000), fen(2_000), fen(1)];
        Self {
            shelf: Shelf::new(&amounts, |_| {}),
            world: mint.world(),
            payees: holders(&mint),
            mint,
        }
    }
}
