//! `payment.json`: complete worked payments.

use protocol::{
    Algorithm, Amount, Expected, ForkProof, Payment, Request, cbor,
    message::{Offer, PayeeMessage, ShortReceipt},
    verify,
};
use serde::Serialize;

use super::{SEED, algorithm_name, world_json};
use crate::{
    json::{Json, ToJson, hex},
    mint::{Holder, Mint, Piece, World, fen, pay},
};

#[derive(Serialize)]
pub(super) struct File {
    description: &'static str,
    world: Json,
    payments: Vec<Case>,
    forks: Vec<Fork>,
}

/// One payment in every form it takes.
#[derive(Clone, Serialize)]
pub(super) struct Case {
    pub(super) name: String,
    description: &'static str,
    algorithm: &'static str,
    /// In its complete form.
    request: Json,
    /// The payee's offer, as it travels inside a channel.
    request_in_channel: Json,
    /// What the payee proves in the handshake.
    static_key: Json,
    /// The payment as the answer to the request.
    answer: Json,
    /// The payment in its complete form.
    payment: Json,
    /// The id of its final transfer.
    id: Json,
    amount: Json,
    hops: Json,
    fields: Json,
    /// In its complete form.
    receipt: Json,
    /// The payee's message that carries it inside a channel.
    receipt_in_channel: Json,
    #[serde(skip)]
    pub(super) made: Made,
}

/// The objects of a case.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) request: Request,
    pub(super) payment: Payment,
}

/// Two payments, and the proof that one key signed both.
#[derive(Serialize)]
struct Fork {
    name: String,
    algorithm: &'static str,
    first_payment: Json,
    second_payment: Json,
    proof: Json,
    /// What it shows.
    outpoint: Json,
    culprit: Json,
}

pub(super) fn file() -> File {
    let mint = Mint::new(SEED);
    let both = [Algorithm::Ed25519, Algorithm::P256];
    File {
        description: "Complete worked payments. The issuer and the operator sign with Ed25519, the holders with the algorithm named.",
        world: world_json(&mint, &mint.world()),
        payments: both.into_iter().flat_map(cases).collect(),
        forks: both.into_iter().flat_map(forks).collect(),
    }
}

/// The cases for one algorithm; the first is the first-hop payment with change.
pub(super) fn cases(algorithm: Algorithm) -> Vec<Case> {
    let mint = Mint::new(SEED);
    let world = mint.world();
    let alice = mint.holder(algorithm, "Alice");
    let bob = mint.merchant(algorithm, "Bob", "Bob's Noodles");
    let carol = mint.holder(algorithm, "Carol");
    let dave = mint.holder(algorithm, "Dave");
    let mut cases = Vec::new();
    let mut case = |name: &str, description, payee: &Holder, request: Request, payment: Payment| {
        cases.push(make(
            algorithm,
            &world,
            name,
            description,
            payee,
            request,
            payment,
        ));
    };

    let note = mint.note(&alice, fen(5_000));
    let to_bob = bob.request(1, Some(fen(3_745)));
    let first = note.pay(&to_bob, fen(3_745));
    case(
        "first-hop-with-change",
        "Alice pays Bob's shop 37.45 out of a note of 50.00, and keeps 12.55.",
        &bob,
        to_bob,
        first.payment.clone(),
    );

    let to_carol = carol.request(2, Some(fen(5_000)));
    let whole = mint.note(&alice, fen(5_000)).pay(&to_carol, fen(5_000)).payment;
    case(
        "first-hop-whole",
        "Alice pays Carol a whole note.",
        &carol,
        to_carol,
        whole,
    );

    let open = carol.request(3, None);
    let gift = first.change.as_ref().expect("change").pay(&open, fen(1_000));
    case(
        "open-request",
        "Carol left the amount open, and Alice gives her 10.00 of her change: two hops.",
        &carol,
        open,
        gift.payment.clone(),
    );

    let second_key = mint.holder(algorithm, "Alice's second key");
    let (one, two) = (mint.note(&alice, fen(2_000)), mint.note(&second_key, fen(2_000)));
    let to_bob = bob.request(4, Some(fen(3_300)));
    let merged = pay(&[&one, &two], &to_bob, fen(3_300)).payment;
    case(
        "two-notes-two-signers",
        "Two notes under two keys of Alice's: two signatures, two certificates.",
        &bob,
        to_bob,
        merged,
    );

    let received = first.received_by(&bob);
    let to_carol = carol.request(5, Some(fen(3_000)));
    let second = received.pay(&to_carol, fen(3_000));
    let to_dave = dave.request(6, Some(fen(2_500)));
    let third = second.received_by(&carol).pay(&to_dave, fen(2_500));
    case(
        "three-hops-with-change",
        "What Bob got goes on to Carol and from her to Dave, with change each time.",
        &dave,
        to_dave,
        third.payment,
    );

    // Alice's change and Carol's gift meet again: the histories share Alice's first transfer.
    let change = gift.change.expect("change");
    let back = alice.request(7, Some(fen(1_200)));
    let pieces = [&gift.payment].map(|payment| Piece::of_payment(payment, 0, &carol));
    let joined = pay(&[&pieces[0], &change], &back, fen(1_200)).payment;
    case(
        "shared-history",
        "Two outputs of one transfer are paid together: their common history is carried once.",
        &alice,
        back,
        joined,
    );

    let chain = mint.chain(algorithm, 10, crate::mint::Shape::Whole);
    let last = mint.holder(algorithm, "10-chain/10");
    case(
        "ten-hops-whole",
        "Value passed on whole ten times.",
        &last,
        chain.request,
        chain.payment,
    );
    cases
}

fn make(
    algorithm: Algorithm,
    world: &World,
    name: &str,
    description: &'static str,
    payee: &Holder,
    request: Request,
    payment: Payment,
) -> Case {
    // The shared history pays Alice from her own change; everybody else is paid by others.
    let verified = verify(payment.clone(), &Expected::from(&request), &world.context());
    let amount: Amount = verified
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .amount();
    let receipt = payee.receipt(&payment);
    let short = ShortReceipt {
        taken_at: receipt.body.taken_at,
        signature: receipt.signature,
        returned: None,
    };
    Case {
        name: format!("{name}-{}", algorithm_name(algorithm)),
        description,
        algorithm: algorithm_name(algorithm),
        request: hex(cbor::encode(&request)),
        request_in_channel: hex(PayeeMessage::Offer(Offer {
            request: Some(request.clone()),
            status: 3,
            at_most: None,
        })
        .encode()),
        static_key: hex(payee.static_key),
        answer: hex(payment.encode_answer(&request).expect("it answers the request")),
        payment: hex(payment.encode()),
        id: payment.id().to_json(),
        amount: amount.to_json(),
        hops: payment.hops().to_json(),
        fields: payment.to_json(),
        receipt: hex(cbor::encode(&receipt)),
        receipt_in_channel: hex(PayeeMessage::Receipt(short).encode()),
        made: Made { request, payment },
    }
}

fn forks(algorithm: Algorithm) -> Vec<Fork> {
    let mint = Mint::new(SEED);
    let [alice, bob, carol] = ["Alice", "Bob", "Carol"].map(|label| mint.holder(algorithm, label));
    let note = mint.note(&alice, fen(5_000));
    let to_bob = note.pay(&bob.request(1, None), fen(5_000));
    let to_carol = note.pay(&carol.request(1, None), fen(5_000));
    let received = to_bob.received_by(&bob);
    let on = received.pay(&alice.request(2, None), fen(4_000)).payment;
    let elsewhere = received.pay(&carol.request(2, None), fen(5_000)).payment;
    let fork = |name: &str, one: &Payment, other: &Payment, piece: &Piece| {
        let outpoint = piece.outpoint();
        let proof = ForkProof::find(one, other, &outpoint).expect("a fork");
        let shown = proof.verify().expect("a valid proof");
        Fork {
            name: format!("{name}-{}", algorithm_name(algorithm)),
            algorithm: algorithm_name(algorithm),
            first_payment: hex(one.encode()),
            second_payment: hex(other.encode()),
            proof: hex(cbor::encode(&proof)),
            outpoint: shown.outpoint.to_json(),
            culprit: shown.culprit.to_json(),
        }
    };
    vec![
        fork("note-forked", &to_bob.payment, &to_carol.payment, &note),
        fork("transfer-output-forked", &on, &elsewhere, &received),
    ]
}
