//! The payee's machine, against a payer that stops at nothing.

use std::{cell::RefCell, collections::BTreeSet};

use protocol::{
    Algorithm, Amount, Consumed, Context, Expected, Id, Output, Payment, Receipt, Reference, Request,
    RequestId, Signed, SigningKey, StatusList, Transfer, cbor,
    message::{PayerMessage, ResumeTag, ShortReceipt},
    verify,
};
use wallet_core::{
    Session, Side,
    noise::{Channel, Handshake, Pattern},
};

use super::{
    house::{PROLOGUE, Phone, SEED, Shelf, holders},
    input::Input,
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
}

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(House::new());
}

/// A conversation, with restarts: the first byte is the payee's side of the link, then come steps. See [`Scene::step`].
///
/// The payee never has less than before. It has more only by a payment that is good in every respect, answers a request that
/// it made and that was not paid before, and by exactly its amount.
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

fn converse(house: &House, phone: Phone, mut input: Input<'_>) -> (Phone, usize) {
    let side = side(&mut input);
    let request = house.requests[0].id;
    let session = phone.wallet.receive(&request, side).expect("it made the request");
    let owned = phone.owned();
    let mut scene = Scene {
        house,
        session,
        channel: None,
        asks: request,
        requests: house.requests.clone(),
        answered: BTreeSet::from([house.requests[2].id]),
        seen: house.paid.consumptions().collect(),
        taken: BTreeSet::from([house.paid.id()]),
        made: vec![house.paid.clone()],
        said: Vec::new(),
        owned,
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
    answered: BTreeSet<RequestId>,
    /// What the payee must know of consumed outpoints.
    seen: Consumed,
    taken: BTreeSet<Id>,
    /// Payments made so far, whether or not they were any good.
    made: Vec<Payment>,
    /// The last message, in clear.
    said: Vec<u8>,
    owned: Amount,
}

impl Scene<'_> {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.byte() % 12 {
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
        let number = input.below(self.requests.len() + 1);
        match (self.requests.get(number), &self.channel) {
            (Some(request), Some(channel)) => ResumeTag::question(&request.id, channel.handshake_hash()),
            _ => ResumeTag::from_bytes([input.byte(); 8]),
        }
    }

    /// A receipt for the return of a payment: by its payer, or by somebody else.
    fn receipt(&self, input: &mut Input<'_>) -> Vec<u8> {
        let payment = input.one_of(&self.made);
        let signer = input.one_of(&self.house.payers);
        let amount = payment.final_transfer().outputs[0].amount;
        let returning = Transfer::returning(payment.id(), amount, signer.verifying_key());
        let receipt = Receipt {
            transfer: protocol::Body::id(&returning),
            taken_at: NOW,
        };
        let short = ShortReceipt {
            taken_at: NOW,
            signature: Signed::sign(receipt, &signer.key).signature,
            returned: (input.byte() % 2 == 1).then(|| Signed::sign(returning, &signer.key).signature),
        };
        let words = [PayerMessage::Receipt(short), PayerMessage::Return(short)];
        input.one_of(&words).encode()
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
        let owned = self.phone.owned();
        if owned == self.owned {
            return;
        }
        let gained = owned.checked_sub(self.owned).expect("a payee never has less");
        let Ok(PayerMessage::Payment(answer)) = PayerMessage::decode(&self.said) else {
            panic!("{gained} came out of nothing");
        };
        let context = Context {
            now: self.phone.wallet.now().expect("a time"),
            consumed: &self.seen,
            ..self.house.world.context()
        };
        let open = |request: &&Request| !self.answered.contains(&request.id);
        let good = self.requests.iter().filter(open).find_map(|request| {
            let payment = Payment::decode_answer(&answer, request).ok()?;
            let verified = verify(payment, &Expected::from(request), &context).ok()?;
            (verified.amount() == gained).then_some((request.id, verified))
        });
        let (request, verified) = good.expect("only a good payment brings money");
        let payment = verified.payment();
        assert!(self.taken.insert(payment.id()), "a payment was credited twice");
        self.seen.extend(payment.consumptions());
        self.answered.insert(request);
        self.owned = owned;
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
        let (requests, paid) = made.expect("it was furnished");
        Self {
            shelf,
            world: mint.world(),
            pieces: pieces(&mint, &payers),
            mint,
            payers,
            requests,
            paid,
        }
    }
}

/// Three requests, the last of them paid.
fn furnish(phone: &Phone, mint: &Mint, payer: &Holder) -> (Vec<Request>, Payment) {
    let wallet = &phone.wallet;
    let requests =
        [Some(fen(3_745)), None, Some(fen(1_000))].map(|amount| wallet.request(amount).expect("a request"));
    let paid = mint.note(payer, fen(1_000)).pay(&requests[2], fen(1_000)).payment;
    let answer = paid.encode_answer(&requests[2]).expect("it answers");
    let mut session = wallet.receive(&requests[2].id, Side::Card).expect("a session");
    session.begin().expect("a tap");
    let mut handshake = Handshake::anonymous(Pattern::Nx, PROLOGUE, [3; 32]).expect("a handshake");
    let hello = handshake.write(&[]).expect("a message");
    let offer = session.hear(&hello).expect("an answer").expect("an offer");
    handshake.read(&offer).expect("an offer");
    let mut channel = handshake.into_channel().expect("a channel");
    let message = channel.encrypt(&PayerMessage::Payment(answer).encode());
    session.hear(&message.expect("a message")).expect("taken");
    assert_eq!(phone.owned(), fen(11_000));
    (requests.into(), paid)
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

/// For seeds: a request as it is stored.
pub(super) fn request_bytes() -> Vec<u8> {
    HOUSE.with_borrow(|house| cbor::encode(&house.requests[0]))
}
