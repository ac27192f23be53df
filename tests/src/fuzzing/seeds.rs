//! Seeds: what every corpus begins with. Out of the frozen vectors, and out of taps that go well.

use std::{collections::BTreeSet, fs};

use data_encoding::HEXLOWER;
use protocol::{
    Amount, RequestId, Signed, Slip,
    bank::{Call, Order},
    cbor,
    message::PayeeMessage,
};
use serde_json::Value;
use simulator::{Air, Frames, Roles, World};
use wallet_core::{handoff::Direction, link::qr::Frames as Codes, store::fuzzing::KINDS as KINDS_OF_ROWS};

use super::{
    input::Script,
    payee::{self, good_message},
    payer,
};
use crate::{mint::fen, vectors::folder, wire::KINDS};

/// A seed.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Whose.
    pub target: &'static str,
    /// A file name.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// All of them.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let (payee, payer) = (payee_seeds(), payer_seeds());
    let rows = rows(&payee, &payer);
    [decoders(), codes(), link(), payee, payer, rows, bank()].concat()
}

fn seed(target: &'static str, name: impl Into<String>, Script(bytes): Script) -> Seed {
    Seed {
        target,
        name: name.into(),
        bytes,
    }
}

fn vectors(file: &str) -> Value {
    let text = fs::read_to_string(folder().join(file)).expect("frozen vectors");
    serde_json::from_str(&text).expect("JSON of our own")
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().expect("a string");
    HEXLOWER.decode(digits.as_bytes()).expect("digits")
}

fn list<'v>(file: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    file[name].as_array().expect("a list").iter()
}

/// Every object, every payment in both encodings, every refusal.
fn decoders() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut push = |name: &str, kind: &str, request: usize, bytes: Vec<u8>| {
        let kind = KINDS.iter().position(|other| *other == kind).expect("a kind");
        let head = [kind, request].map(|number| u8::try_from(number).expect("few"));
        seeds.push(seed(
            "decoders",
            name,
            Script::default().bytes(&head).bytes(&bytes),
        ));
    };
    for (file, list_name) in [("objects.json", "objects"), ("refusals.json", "refusals")] {
        for object in list(&vectors(file), list_name) {
            let text = |name: &str| object[name].as_str().expect("a string");
            push(text("name"), text("type"), 0, hex(&object["hex"]));
        }
    }
    let file = vectors("payment.json");
    for (number, case) in list(&file, "payments").enumerate() {
        for kind in ["payment", "answer"] {
            let name = format!("{}-{kind}", case["name"].as_str().expect("a name"));
            push(&name, kind, number, hex(&case[kind]));
        }
    }
    for fork in list(&file, "forks") {
        push(
            fork["name"].as_str().expect("a name"),
            "fork-proof",
            0,
            hex(&fork["proof"]),
        );
    }
    seeds
}

/// The codes of every slip of the vectors, and of one that takes many.
fn codes() -> Vec<Seed> {
    let file = vectors("objects.json");
    let slips = list(&file, "objects").filter(|object| object["type"] == "slip");
    let mut slips: Vec<_> = slips
        .map(|object| {
            let name = object["name"].as_str().expect("a name").to_owned();
            (name, Slip::decode(&hex(&object["hex"])).expect("a slip"))
        })
        .collect();
    let long = Slip::Payment {
        request: RequestId::from_bytes([7; 16]),
        answer: vec![7; 700],
    };
    slips.push(("slip-long".to_owned(), long));
    let texts = |slip: &Slip| {
        let frames = Codes::of(slip).expect("a slip of the vectors is small");
        // The first in order, then one that is mixed.
        let texts = (0..=frames.count()).map(|number| frames.text(number).to_owned());
        texts.collect::<Vec<_>>().join("\n")
    };
    let seeds = slips
        .iter()
        .map(|(name, slip)| seed("codes", name, Script::default().bytes(texts(slip).as_bytes())));
    seeds.collect()
}

/// The frames of real taps, each side's for the other.
fn link() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut world = World::new(1).expect("a world");
    let (alice, bob) = (
        world.phone("Alice").expect("a phone"),
        world.phone("Bob").expect("a phone"),
    );
    let amount: Amount = fen(3_745);
    for (number, (roles, frames)) in [
        (Roles::PayeeIsCard, Frames::Extended),
        (Roles::PayerIsCard, Frames::Short),
    ]
    .into_iter()
    .enumerate()
    {
        world.fund(&alice, fen(5_000)).expect("money");
        let mut air = Air::perfect();
        let mut handoff = world.handoff(&alice, &bob, amount, roles).expect("a handoff");
        assert!(handoff.tap(frames, &mut air).completed());
        let mut card = Script::default().bytes(&[0, 0]);
        let mut reader = Script::default().bytes(&[u8::from(frames == Frames::Extended), 0]);
        for (direction, frame) in air.transcript() {
            match direction {
                Direction::ToCard => card = card.bytes(&[0]).chunk(frame),
                Direction::ToReader => reader = reader.bytes(&[7]).chunk(frame),
            }
        }
        seeds.push(seed("apdu_card", format!("tap-{number}"), card));
        seeds.push(seed("apdu_reader", format!("tap-{number}"), reader));
    }
    let words: &[&[u8]] = &[
        // select, a short exchange, a chain of two, the rest of a long reply, an extended one, deselected
        &[
            0, 0, 1, 2, 0, 0, 0, 3, 1, 2, 3, 3, 1, 9, 0, 2, 4, 5, 2, 1, 9, 0, 1, 6, 6, 1, 2, 2, 0, 0, 1, 7,
            5, 4, 3, 0, 0, 0, 7,
        ],
        &[2, 0, 1, 0, 0, 5, 0x80, 0x50, 0, 0, 0],
    ];
    for (number, bytes) in words.iter().enumerate() {
        seeds.push(seed(
            "apdu_card",
            format!("steps-{number}"),
            Script::default().bytes(bytes),
        ));
    }
    // select, selected, send, a part of the reply, its end, send too much
    let steps = [
        1, 0, 2, 1, 1, 1, 1, 0, 0, 3, 1, 2, 3, 3, 2, 0, 1, 9, 4, 0, 0, 1, 9, 1, 199, 1, 0,
    ];
    let script = Script::default().bytes(&steps).bytes(&[5; 256]);
    seeds.push(seed("apdu_reader", "steps", script));
    seeds
}

/// A payment, again, after a restart; a fork; resuming; news; another request.
fn payee_seeds() -> Vec<Seed> {
    let pay = |request: u8, piece: u8, amount: u8| [2, request, piece, 0, 0, amount, 0];
    let script = || Script::default().bytes(&[0]);
    let raw = Script::default().bytes(&[0, 1]).chunk(&good_message());
    vec![
        seed("payee", "literal", raw),
        seed(
            "payee",
            "withdrawn-and-given-back",
            script()
                .bytes(&[11, 0])
                .bytes(&pay(0, 1, 0))
                .bytes(&[4, 2, 0, 0, 5]),
        ),
        seed(
            "payee",
            "own-payment-comes-back-from-another",
            script().bytes(&[3, 3, 3, 3, 3]).bytes(&[4, 1, 1, 5]),
        ),
        seed(
            "payee",
            "own-payment-comes-back",
            script().bytes(&[3, 3, 3, 3, 3]).bytes(&[4, 1, 0, 5]),
        ),
        seed(
            "payee",
            "pay-again-restart",
            script()
                .bytes(&pay(0, 0, 0))
                .bytes(&[8, 6, 0, 1])
                .bytes(&pay(0, 0, 0)),
        ),
        seed(
            "payee",
            "fork",
            script()
                .bytes(&pay(0, 0, 0))
                .bytes(&[6, 1, 0])
                .bytes(&pay(1, 0, 0)),
        ),
        seed(
            "payee",
            "as-reader",
            Script::default().bytes(&[1]).bytes(&pay(0, 2, 0)).bytes(&[12]),
        ),
        seed(
            "payee",
            "resume",
            script().bytes(&[3, 1, 1, 1, 4, 7]).bytes(&pay(1, 4, 3)),
        ),
        seed(
            "payee",
            "asked-again",
            script()
                .bytes(&[6, 2, 0])
                .bytes(&pay(2, 1, 0))
                .bytes(&[4, 1, 0, 1, 0]),
        ),
        seed(
            "payee",
            "news",
            script()
                .bytes(&[9, 7, 1, 0, 0])
                .bytes(&pay(0, 0, 0))
                .bytes(&[9, 8, 2, 0]),
        ),
        seed(
            "payee",
            "new-request",
            script()
                .bytes(&[10, 1, 200, 2, 0])
                .bytes(&pay(3, 1, 0))
                .bytes(&[7, 40]),
        ),
        seed(
            "payee",
            "changed-bytes",
            script().bytes(&[2, 0, 0, 0, 0, 0, 1, 0, 60, 1]),
        ),
        seed(
            "payee",
            "two-pieces",
            script()
                .bytes(&[2, 0, 0, 2, 1, 0, 0])
                .bytes(&[5])
                .bytes(&[0, 0, 3, 1, 2, 3]),
        ),
    ]
}

/// A payment and its receipt; one that is torn and resumed; forged receipts; refusals; news.
fn payer_seeds() -> Vec<Seed> {
    let script = |side: u8| Script::default().bytes(&[side, 0x20, 0, 0]);
    let offer = |payee: u8, id: u8, amount: u8| [2, payee, id, 0, 100, amount, 3, 0];
    vec![
        seed(
            "payer",
            "pay",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 0, 0]),
        ),
        seed(
            "payer",
            "pay-as-card",
            script(1)
                .bytes(&[5, 1])
                .bytes(&offer(1, 2, 2))
                .bytes(&[3, 0, 1, 0]),
        ),
        seed(
            "payer",
            "torn-and-resumed",
            script(0)
                .bytes(&offer(0, 1, 1))
                .bytes(&[6, 0x20, 0, 0, 1, 5, 0])
                .bytes(&offer(0, 2, 1))
                .bytes(&[4, 1, 0, 0, 0, 3, 0, 0, 0]),
        ),
        seed(
            "payer",
            "receipt-of-another",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 1, 0, 5, 1]),
        ),
        seed(
            "payer",
            "receipted-then-returned",
            script(0)
                .bytes(&offer(0, 1, 1))
                .bytes(&[3, 0, 0, 0])
                .bytes(&[6, 0x20, 0, 0, 0])
                .bytes(&offer(0, 1, 1))
                .bytes(&[3, 0, 0, 1]),
        ),
        seed(
            "payer",
            "receipt-forged",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 1, 192]),
        ),
        seed(
            "payer",
            "receipt-made-up",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 0, 3]),
        ),
        seed(
            "payer",
            "return-forged",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 0, 2]),
        ),
        seed(
            "payer",
            "returned",
            script(0).bytes(&offer(0, 1, 1)).bytes(&[3, 0, 0, 1]),
        ),
        seed(
            "payer",
            "refused",
            script(0)
                .bytes(&offer(0, 1, 1))
                .bytes(&[10, 3, 5, 0])
                .bytes(&offer(0, 1, 1)),
        ),
        seed(
            "payer",
            "news",
            script(0)
                .bytes(&offer(0, 1, 1))
                .bytes(&[3, 0, 0, 0, 9, 9, 0, 1, 0]),
        ),
        seed(
            "payer",
            "literal",
            script(0).bytes(&[1]).chunk(&PayeeMessage::Resumed(None).encode()),
        ),
    ]
}

/// Rows as wallets write them: of each kind the shortest, the longest, and all kinds together.
fn rows(payee_seeds: &[Seed], payer_seeds: &[Seed]) -> Vec<Seed> {
    let left = payee_seeds.iter().map(|seed| payee::remains(&seed.bytes));
    let left = left.chain(payer_seeds.iter().map(|seed| payer::remains(&seed.bytes)));
    let mut kinds: Vec<BTreeSet<(usize, Vec<u8>)>> = vec![BTreeSet::new(); KINDS_OF_ROWS];
    for (kind, content) in left.flatten() {
        kinds[kind].insert((content.len(), content));
    }
    let sealed = |script: Script, kind: usize, content: &[u8]| {
        script
            .bytes(&[u8::try_from(kind).expect("few kinds"), 1])
            .chunk(content)
    };
    let mut seeds = Vec::new();
    let mut all = Script::default();
    for (kind, rows) in kinds.iter().enumerate() {
        let ends: BTreeSet<_> = rows.first().into_iter().chain(rows.last()).collect();
        for (number, (_, content)) in ends.into_iter().enumerate() {
            let one = sealed(Script::default(), kind, content);
            seeds.push(seed("rows", format!("{kind}-{number}"), one));
            all = sealed(all, kind, content);
        }
    }
    seeds.push(seed("rows", "all", all));
    seeds.push(seed(
        "rows",
        "raw",
        Script::default().bytes(&[4, 0]).chunk(&[0; 60]),
    ));
    seeds
}

/// Calls of every kind, and those of the frozen vectors as they came.
fn bank() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for object in list(&vectors("objects.json"), "objects") {
        if object["type"] == "signed-call" {
            let name = object["name"].as_str().expect("a name");
            let bytes = hex(&object["hex"]);
            seeds.push(seed(
                "bank",
                format!("raw-{name}"),
                Script::default().bytes(&[0]).bytes(&bytes),
            ));
            let call: Signed<Call> = cbor::decode("call", &bytes).expect("a call");
            let order = cbor::encode::<Order>(&call.body.order);
            let script = Script::default().bytes(&[1, 0, 0, 0, 0, 0, 0]).chunk(&order);
            seeds.push(seed("bank", format!("signed-{name}"), script));
        }
    }
    for order in 1..12_u8 {
        // Customer, account, idempotency key, amount, order; then a key and a count, or a payment of two notes.
        let script = Script::default().bytes(&[1, order % 2, 0, order % 4, 3, 232, order]);
        let script = script.bytes(&[0, 1, 0, 3, 232, 0, 1, 0, 2]);
        seeds.push(seed("bank", format!("order-{order}"), script));
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::bank;

    fn bytes(seeds: &[Seed], name: &str) -> Vec<u8> {
        let seed = seeds.iter().find(|seed| seed.name == name);
        seed.unwrap_or_else(|| panic!("{name}")).bytes.clone()
    }

    #[test]
    fn payees_are_paid() {
        let seeds = payee_seeds();
        for (name, taken) in [
            ("literal", 1),
            ("pay-again-restart", 1),
            ("fork", 1),
            ("as-reader", 1),
            ("resume", 1),
            ("asked-again", 1),
            ("withdrawn-and-given-back", 1),
            ("own-payment-comes-back", 0),
            ("new-request", 1),
            ("changed-bytes", 0),
            ("two-pieces", 1),
        ] {
            assert_eq!(payee::taken(&bytes(&seeds, name)), taken, "{name}");
        }
    }

    #[test]
    fn payers_pay_and_are_receipted() {
        let seeds = payer_seeds();
        for (name, paid) in [
            ("pay", (1, 1)),
            ("pay-as-card", (1, 1)),
            ("torn-and-resumed", (1, 1)),
            ("receipt-of-another", (1, 1)),
            ("receipt-forged", (1, 0)),
            ("receipt-made-up", (1, 0)),
            ("return-forged", (1, 0)),
            ("returned", (1, 1)),
            ("receipted-then-returned", (1, 1)),
            ("refused", (1, 0)),
            ("literal", (0, 0)),
        ] {
            assert_eq!(payer::paid(&bytes(&seeds, name)), paid, "{name}");
        }
    }

    #[test]
    fn the_bank_grants_what_it_can() {
        let seeds = super::bank();
        for (order, granted) in [(1, false), (2, true), (3, true), (4, true), (11, true)] {
            let name = format!("order-{order}");
            assert_eq!(bank::changed(&bytes(&seeds, &name)), granted, "{name}");
        }
    }
}
