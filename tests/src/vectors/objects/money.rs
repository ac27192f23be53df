//! Notes, transfers and what is made of them.

use protocol::{
    Amount, Assurance, Body, ForkProof, Name, Outpoint, ReceiptFile, Request, Terms, Transfer,
    UnverifiedName, cbor,
};

use super::{Maker, Object};
use crate::{
    json::{Json, ToJson, hex},
    mint::{Holder, Piece, fen, pay},
};

/// The request, on these terms.
pub(super) fn with_terms(request: Request, name: Option<&str>, assurance: Option<Assurance>) -> Request {
    let name = name.map(|name| UnverifiedName::new(Name::new(name).expect("a name")));
    Request {
        terms: Terms { name, assurance },
        ..request
    }
}

impl Maker {
    pub(super) fn money(&self) -> Vec<Object> {
        let mint = &self.mint;
        let (alice, shop) = (&self.alice, &self.shop);
        let note = mint.note(alice, fen(5_000));
        let largest = mint.note(alice, Amount::MAX);
        let request = shop.request(1, Some(fen(3_745)));
        let paid = note.pay(&request, fen(3_745)).payment;
        let elsewhere = note.pay(&alice.request(1, None), fen(5_000)).payment;
        let other = mint.note(alice, fen(100));
        let merged = pay(&[&note, &other], &shop.request(2, None), fen(5_100)).payment;
        let receipt = shop.receipt(&paid);
        let outpoint = note.outpoint();
        let fork = ForkProof::find(&paid, &elsewhere, &outpoint).expect("a fork");
        let second_hop = |to: &Holder| {
            let piece = Piece::of_payment(&paid, 0, shop);
            piece.pay(&to.request(3, None), fen(3_745)).payment
        };
        let (one, two) = (second_hop(alice), second_hop(shop));
        let deeper = Outpoint {
            origin: paid.id(),
            output: 0,
        };
        let fork_of_transfer = ForkProof::find(&one, &two, &deeper).expect("a fork");
        let file = ReceiptFile::new(&paid, receipt.clone(), shop.certificate.clone(), &mint.trust());
        let proven = file.verify(mint.root.verifying_key()).expect("it proves it");
        assert_eq!(proven.amount, fen(3_745));
        let note_key = mint.note_key.verifying_key();
        let transfer = |name: &str, description, payment: &protocol::Payment| Object {
            id: Some(payment.id().to_json()),
            message: Some(hex(payment.final_transfer().message())),
            ..self.plain(
                name,
                "transfer",
                description,
                cbor::encode(payment.final_transfer()),
                payment.final_transfer().to_json(),
            )
        };
        let named = with_terms(alice.request(5, None), Some("Alice"), None);
        let demanding = with_terms(
            shop.request(6, Some(fen(100))),
            None,
            Some(Assurance::SecureElement),
        );
        let returning = Transfer::returning(paid.id(), fen(3_745), alice.verifying_key());
        let signed_transfer = &paid.transfers()[0];
        vec![
            self.signed("note", "signed-note", "Fifty yuan.", &paid.notes()[0], note_key),
            self.signed(
                "note-largest",
                "signed-note",
                "The largest amount there is, 2^53 - 1 fen.",
                &largest.pay(&request, fen(1)).payment.notes()[0],
                note_key,
            ),
            transfer(
                "transfer",
                "One input; the payee's output and change. This form is hashed, it does not travel in payments.",
                &paid,
            ),
            transfer(
                "transfer-two-inputs",
                "Two inputs of one owner, no change.",
                &merged,
            ),
            Object {
                id: Some(returning.id().to_json()),
                message: Some(hex(returning.message())),
                ..self.plain(
                    "transfer-returning",
                    "transfer",
                    "The return of everything that `transfer` paid: all of it follows from what it returns.",
                    cbor::encode(&returning),
                    returning.to_json(),
                )
            },
            Object {
                signer: Some(alice.verifying_key().to_json()),
                id: Some(paid.id().to_json()),
                message: Some(hex(paid.final_transfer().message())),
                ..self.plain(
                    "signed-transfer",
                    "signed-transfer",
                    "A transfer and its signatures, outside a payment.",
                    cbor::encode(signed_transfer),
                    signed_transfer.to_json(),
                )
            },
            self.plain(
                "request",
                "request",
                "A request for an amount, in its complete form.",
                cbor::encode(&request),
                request.to_json(),
            ),
            self.plain(
                "request-open",
                "request",
                "A request that leaves the amount to the payer.",
                cbor::encode(&alice.request(4, None)),
                alice.request(4, None).to_json(),
            ),
            self.plain(
                "request-named",
                "request",
                "A request by a name that the payee gave itself, in its terms.",
                cbor::encode(&named),
                named.to_json(),
            ),
            self.plain(
                "request-demanding",
                "request",
                "A request with terms that give no name, and demand keys in a security chip.",
                cbor::encode(&demanding),
                demanding.to_json(),
            ),
            self.plain(
                "payment",
                "payment",
                "A payment in its complete form. The fields show it with every elision undone.",
                paid.encode(),
                paid.to_json(),
            ),
            Object {
                request: Some(hex(cbor::encode(&request))),
                ..self.plain(
                    "answer",
                    "answer",
                    "The same payment as the answer to its request.",
                    paid.encode_answer(&request).expect("it answers it"),
                    paid.to_json(),
                )
            },
            self.signed(
                "receipt",
                "signed-receipt",
                "The payee's receipt in its complete form.",
                &receipt,
                shop.verifying_key(),
            ),
            self.plain(
                "receipt-file",
                "receipt-file",
                "The receipt, with everything that a third person needs to check it.",
                file.encode(),
                Json::Object(vec![
                    ("version", Json::Number(1)),
                    ("payment", hex(&file.payment)),
                    ("receipt", file.receipt.to_json()),
                    ("payee", file.payee.to_json()),
                    ("trust", file.trust.to_json()),
                ]),
            ),
            self.plain(
                "fork-proof-note",
                "fork-proof",
                "Two transfers of one note.",
                cbor::encode(&fork),
                fork.to_json(),
            ),
            self.plain(
                "fork-proof-transfer",
                "fork-proof",
                "Two transfers of one output of a transfer.",
                cbor::encode(&fork_of_transfer),
                fork_of_transfer.to_json(),
            ),
        ]
    }
}
