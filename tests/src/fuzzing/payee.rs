//! The payee's machine, against a payer that stops at nothing.

use std::{cell::RefCell, collections::BTreeSet};

use protocol::{
    Algorithm, Amount, Body as _, Consumed, Context, Expected, Id, Output, Payment, Receipt, Reference,
    Request, RequestId, Signed, SigningKey, StatusList, Transfer,
    message::{Offer, PayeeMessage, PayerMessage, ResumeTag, ShortReceipt},
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
use crate::mint::{Holder, Mint, NOW, Piece, Shape, TODAY, World, fen, try_transfer};

/// The payee's phone, and what others can pay it with.
struct House {
    shelf: Shelf,
    mint: Mint,
    world: World,
    pieces: Vec<Piece>,
    payers: Vec<Holder>,
    /// Asked for 37.45; left open; asked for 10.00 and paid.
    requests: Vec<Request>,
    /// What paid the last of them.
    paid: Payment,
    /// What the payee itself has paid, and has no receipt for; and what that answers.
    doubt: (Request, Payment),
}

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(House::new());
}

/// A conversation, with restarts: the first byte is the payee's side of the link, then come steps. See `Scene::step`.
///
/// The payee never has less than before. It has more only by a payment that is good in every respect, answers a request that
/// it made and still wants to be paid, and by exactly its amount; or by what it once paid, if that was given back. What it
/// gives back itself is in doubt until its payer has signed for it.
pub fn payee(data: &[u8]) {
    let _taken = taken(data);
}

/// How many payments were taken.
pub(super) fn taken(data: &[u8]) -> usize {
    HOUSE.with_borrow_mut(|house| {
        let phone = house.shelf.take();
        let (phone, taken) = converse(house, phone, Input::new(data));
        house.shelf.put(phone);
        taken
    })
}

/// For seeds: every row that this leaves in the store.
pub(super) fn remains(data: &[u8]) -> Vec<(usize, Vec<u8>)> {
    HOUSE.with_borrow_mut(|house| {
        let phone = house.shelf.take();
        converse(house, phone, Input::new(data)).0.contents()
    })
}

fn converse(house: &House, phone: Phone, mut input: Input<'_>) -> (Phone, usize) {
    let side = side(&mut input);
    let request = house.requests[0].id;
    let session = phone.wallet.receive(&request, side).expect("it made the request");
    let mut ledger = Ledger::of(&phone);
    ledger.pays(&house.doubt.1);
    let mut scene = Scene {
        house,
        session,
        channel: None,
        asks: request,
        requests: house.requests.clone(),
        closed: BTreeSet::from([house.requests[2].id]),
        seen: house.paid.consumptions().collect(),
        taken: BTreeSet::from([house.paid.id()]),
        made: vec![house.paid.clone(), house.doubt.1.clone()],
        said: Vec::new(),
        ledger,
        phone,
    };
    scene.begin();
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        scene.step(&mut input);
        scene.judge();
    }
    let taken = scene.taken.len() - 1;
    if taken > 0 {
        scene.phone.restart();
    }
    (scene.phone, taken)
}

fn side(input: &mut Input<'_>) -> Side {
    *input.one_of(&[Side::Card, Side::Reader])
}

struct Scene<'h> {
    house: &'h House,
    phone: Phone,
    session: Session,
    channel: Option<Channel>,
    /// What the session is for.
    asks: RequestId,
    /// Everything the payee ever asked.
    requests: Vec<Request>,
    /// Those that are paid, or withdrawn.
    closed: BTreeSet<RequestId>,
    /// What the payee must know of consumed outpoints.
    seen: Consumed,
    taken: BTreeSet<Id>,
    /// Payments made so far, whether or not they were any good.
    made: Vec<Payment>,
    /// The last message, in clear.
    said: Vec<u8>,
    ledger: Ledger,
}

impl Scene<'_> {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.byte() % 13 {
            0 => {
                let _answer = self.session.hear(input.chunk());
            }
            1 => self.say(input.chunk().to_vec()),
            2 => {
                let message = self.payment(input);
                self.say(message);
            }
            3 => {
                let tags = [0; 4].map(|_: u8| self.tag(input));
                self.say(PayerMessage::Resume(tags).encode());
            }
            4 => {
                let message = self.receipt(input);
                self.say(message);
            }
            5 => self.begin(),
            6 => {
                let other = self.requests.len();
                self.asks = self.requests[input.below(other)].id;
                self.phone.restart();
                self.renew(input);
            }
            7 => self.phone.sleep(u64::from(input.byte()) * 2),
            8 => self.say(self.said.clone()),
            9 => {
                let message = self.news(input);
                self.say(message);
            }
            10 => {
                let amount = [None, Some(fen(1)), Some(fen(u64::from(input.number())))];
                if let Ok(request) = self.phone.wallet.request(*input.one_of(&amount)) {
                    self.asks = request.id;
                    self.requests.push(request);
                    self.renew(input);
                }
            }
            11 => {
                let request = input.one_of(&self.requests).id;
                if self.phone.wallet.withdraw(&request).is_ok() {
                    self.closed.insert(request);
                }
            }
            _ => self.say(PayerMessage::Done.encode()),
        }
    }

    /// Another session for what is asked now.
    fn renew(&mut self, input: &mut Input<'_>) {
        let session = self.phone.wallet.receive(&self.asks, side(input));
        self.session = session.expect("it made the request");
        self.begin();
    }

    /// Another tap, up to the payee's offer.
    fn begin(&mut self) {
        self.channel = None;
        let Ok(first) = self.session.begin() else { return };
        let pattern = if first.is_none() { Pattern::Nx } else { Pattern::Xn };
        let mut handshake = Handshake::anonymous(pattern, PROLOGUE, [3; 32]).expect("a handshake");
        if let Some(first) = first {
            handshake.read(&first).expect("the payee's first message");
        }
        let mine = handshake.write(&[]).expect("the payer's message");
        let Ok(Some(offer)) = self.session.hear(&mine) else {
            return;
        };
        handshake.read(&offer).expect("the payee's offer");
        self.channel = handshake.into_channel().ok();
    }

    /// Says it inside the channel; what comes back goes unheard, but for the channel's sake.
    fn say(&mut self, message: Vec<u8>) {
        self.said = message;
        let Some(channel) = &mut self.channel else { return };
        let Ok(sealed) = channel.encrypt(&self.said) else {
            return;
        };
        match self.session.hear(&sealed) {
            Ok(Some(answer)) => {
                channel.decrypt(&answer).expect("the payee's answer");
            }
            Ok(None) | Err(_) => self.channel = None,
        }
    }

    /// A payment that somebody signed, good or not, perhaps with some bytes changed afterwards.
    fn payment(&mut self, input: &mut Input<'_>) -> Vec<u8> {
        let request = input.one_of(&self.requests).clone();
        let first = input.one_of(&self.house.pieces);
        let second = input.one_of(&self.house.pieces);
        let shape = input.byte();
        let pieces = if shape & 1 == 0 {
            vec![first]
        } else {
            vec![first, second]
        };
        let total: u64 = pieces.iter().map(|piece| piece.amount().fen()).sum();
        let asked = request.amount.map_or(1_000, Amount::fen);
        let amount = match input.below(5) {
            0 => asked,
            1 => asked + 1,
            2 => asked - 1,
            3 => total,
            _ => u64::from(input.number()),
        };
        let payee = request.payee.body.holder_key;
        let own = first.owner().verifying_key();
        let mut outputs = vec![Output {
            holder_key: if shape & 2 == 0 { payee } else { own },
            amount: fen(amount.max(1)),
        }];
        let mut change = total.saturating_sub(amount);
        if shape & 4 != 0 && change > 1 {
            change -= 1;
            outputs.push(Output {
                holder_key: payee,
                amount: fen(1),
            });
        }
        if change > 0 {
            outputs.push(Output {
                holder_key: own,
                amount: fen(change),
            });
        }
        let reference = if shape & 8 == 0 {
            request.reference()
        } else {
            Reference::to_return(&self.made[0].id())
        };
        let Ok(payment) = try_transfer(&pieces, outputs, reference) else {
            return PayerMessage::Done.encode();
        };
        let bytes = payment.encode_answer(&request);
        let mut bytes = bytes.unwrap_or_else(|| payment.encode());
        self.made.push(payment);
        for _ in 0..input.below(4) {
            let at = usize::from(input.number()) % bytes.len();
            bytes[at] ^= input.byte();
        }
        PayerMessage::Payment(bytes).encode()
    }

    fn tag(&self, input: &mut Input<'_>) -> ResumeTag {
        let known: Vec<_> = self.requests.iter().chain([&self.house.doubt.0]).collect();
        let number = input.below(known.len() + 1);
        match (known.get(number), &self.channel) {
            (Some(request), Some(channel)) => ResumeTag::question(&request.id, channel.handshake_hash()),
            _ => ResumeTag::from_bytes([input.byte(); 8]),
        }
    }

    /// A receipt for the return of a payment, or for a payment, perhaps given back: by whom it should be, or by somebody else.
    fn receipt(&self, input: &mut Input<'_>) -> Vec<u8> {
        let payment = input.one_of(&self.made);
        let signer = input.one_of(&self.house.payers);
        let manner = input.byte();
        let amount = payment.final_transfer().outputs[0].amount;
        let payer = payment.certificates()[0].body.holder_key;
        let returning = Transfer::returning(payment.id(), amount, payer);
        let receipt = Receipt {
            transfer: if manner & 1 == 0 {
                returning.id()
            } else {
                payment.id()
            },
            taken_at: NOW,
        };
        let short = ShortReceipt {
            taken_at: NOW,
            signature: Signed::sign(receipt, &signer.key).signature,
            returned: (manner & 2 == 0).then(|| Signed::sign(returning, &signer.key).signature),
        };
        if manner & 4 == 0 {
            PayerMessage::Receipt(short).encode()
        } else {
            PayerMessage::Return(short).encode()
        }
    }

    /// A newer status list that may name a payer, or the payee's own keys.
    fn news(&self, input: &mut Input<'_>) -> Vec<u8> {
        let version = u64::from(input.byte());
        let revoked = match input.below(3) {
            0 => None,
            1 => Some(input.one_of(&self.house.payers).key_hash()),
            _ => Some(self.requests[0].payee.body.holder_key.hash()),
        };
        let mint = &self.house.mint;
        let signers = [&mint.status_key, &mint.root];
        let list = Signed::sign(
            StatusList::new(version, NOW, revoked),
            input.one_of::<&SigningKey>(&signers),
        );
        PayerMessage::News(Some(list)).encode()
    }

    /// What the payee has now must follow from what was said.
    fn judge(&mut self) {
        let (owned, doubt) = (self.phone.owned(), self.phone.in_doubt());
        if (owned, doubt) == (self.ledger.owned, self.ledger.doubt) {
            return;
        }
        assert!(owned >= self.ledger.owned, "a payee never has less");
        match PayerMessage::decode(&self.said) {
            Ok(PayerMessage::Payment(answer)) => self.judge_payment(&answer, owned, doubt),
            Ok(PayerMessage::Receipt(receipt) | PayerMessage::Return(receipt)) => {
                self.ledger.settles(&self.phone, Some(receipt));
            }
            _ => panic!("money came or went for nothing"),
        }
    }

    /// A payment was taken, and kept or given back.
    fn judge_payment(&mut self, answer: &[u8], owned: Amount, doubt: Amount) {
        let kept = doubt == self.ledger.doubt;
        let context = Context {
            now: self.phone.wallet.now().expect("a time"),
            consumed: &self.seen,
            ..self.house.world.context()
        };
        let mut requests = self.requests.iter();
        let good = requests.find_map(|request| {
            let payment = Payment::decode_answer(answer, request).ok()?;
            let verified = verify(payment, &Expected::from(request), &context).ok()?;
            Some((request.id, verified))
        });
        let (request, verified) = good.expect("only a good payment is taken");
        let payment = verified.payment();
        let before = if kept {
            self.ledger.owned
        } else {
            self.ledger.doubt
        };
        let now = if kept { owned } else { doubt };
        assert_eq!(before.checked_add(verified.amount()), Some(now));
        assert!(self.taken.insert(payment.id()), "a payment was taken twice");
        assert_eq!(
            kept,
            !self.closed.contains(&request),
            "what is not wanted is given back"
        );
        consume(&mut self.seen, payment);
        self.closed.insert(request);
        if !kept {
            self.ledger.gives_back(payment);
        }
        (self.ledger.owned, self.ledger.doubt) = (owned, doubt);
    }
}

impl House {
    fn new() -> Self {
        let mint = Mint::new(SEED);
        let payers = holders(&mint);
        let mut made = None;
        let shelf = Shelf::new(&[fen(10_000)], |phone| {
            made = Some(furnish(phone, &mint, &payers[0]))
        });
        let (requests, paid, doubt) = made.expect("it was furnished");
        Self {
            shelf,
            world: mint.world(),
            pieces: pieces(&mint, &payers),
            mint,
            payers,
            requests,
            paid,
            doubt,
        }
    }
}

/// Three requests, the last of them paid; and a payment of the wallet's own, in doubt.
fn furnish(phone: &Phone, mint: &Mint, other: &Holder) -> (Vec<Request>, Payment, (Request, Payment)) {
    let wallet = &phone.wallet;
    let asked = [Some(fen(3_745)), None, Some(fen(1_000))];
    let requests = asked.map(|amount| wallet.request(amount).expect("a request"));
    let paid = mint.note(other, fen(1_000)).pay(&requests[2], fen(1_000)).payment;
    let answer = paid.encode_answer(&requests[2]).expect("it answers");
    take(
        wallet.receive(&requests[2].id, Side::Card).expect("a session"),
        answer,
    );
    let request = other.request(1, Some(fen(2_000)));
    let session = wallet.pay(Consent::Exactly(fen(2_000)), Side::Card);
    let answer = pay(session.expect("a session"), other, &request);
    let own = Payment::decode_answer(&answer, &request).expect("a payment");
    assert_eq!((phone.owned(), phone.in_doubt()), (fen(9_000), fen(2_000)));
    (requests.into(), paid, (request, own))
}

/// A tap in which the wallet takes a payment.
fn take(mut session: Session, answer: Vec<u8>) {
    session.begin().expect("a tap");
    let mut handshake = Handshake::anonymous(Pattern::Nx, PROLOGUE, [3; 32]).expect("a handshake");
    let hello = handshake.write(&[]).expect("a message");
    let offer = session.hear(&hello).expect("an answer").expect("an offer");
    handshake.read(&offer).expect("an offer");
    let mut channel = handshake.into_channel().expect("a channel");
    let message = channel.encrypt(&PayerMessage::Payment(answer).encode());
    session.hear(&message.expect("a message")).expect("taken");
}

/// A tap in which it pays, and gets no receipt.
fn pay(mut session: Session, payee: &Holder, request: &Request) -> Vec<u8> {
    session.begin().expect("a tap");
    let handshake = Handshake::authenticated(Pattern::Xn, PROLOGUE, [3; 32], &static_secret(payee));
    let mut handshake = handshake.expect("a handshake");
    let hello = handshake.write(&[]).expect("a message");
    let theirs = session.hear(&hello).expect("an answer").expect("a message");
    handshake.read(&theirs).expect("a message");
    let offer = PayeeMessage::Offer(Offer {
        request: Some(request.clone()),
        status: 1,
        at_most: None,
    });
    let offer = handshake.write(&offer.encode()).expect("a message");
    let mut channel = handshake.into_channel().expect("a channel");
    let said = session.hear(&offer).expect("an answer").expect("a payment");
    match PayerMessage::decode(&channel.decrypt(&said).expect("an answer")) {
        Ok(PayerMessage::Payment(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

/// Fresh notes of everybody, one too old and one of the future, change, chains, and a note that no series signed.
fn pieces(mint: &Mint, payers: &[Holder]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for payer in payers {
        pieces.push(mint.note(payer, fen(5_000)));
        pieces.push(mint.note(payer, fen(100_000)));
    }
    let day =
        |offset: i32| protocol::Day::from_number(TODAY.number().checked_add_signed(offset).expect("a day"));
    pieces.extend([-29, -31, 30].map(|offset| mint.note_issued(&payers[0], fen(5_000), day(offset))));
    let paid = mint
        .note(&payers[0], fen(9_000))
        .pay(&payers[1].request(1, None), fen(4_000));
    pieces.push(paid.received_by(&payers[1]));
    pieces.extend(paid.change);
    for hops in [10, 64] {
        pieces.push(mint.chain(Algorithm::Ed25519, hops, Shape::Whole).received);
    }
    let forger = Mint::new(SEED + 1);
    pieces.push(forger.note(&payers[0], fen(5_000)));
    pieces
}

/// For seeds: what a payer says in a tap that goes well.
pub(super) fn good_message() -> Vec<u8> {
    HOUSE.with_borrow(|house| {
        let request = &house.requests[0];
        let payment = house.pieces[0].pay(request, fen(3_745)).payment;
        PayerMessage::Payment(payment.encode_answer(request).expect("it answers")).encode()
    })
}
