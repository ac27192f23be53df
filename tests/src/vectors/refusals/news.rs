//! Malformed returns, news, reports and deliveries.

use protocol::{
    Code, Id, Signature, Signed, Timestamp,
    bank::{Answer, Call, Delivery, IdempotencyKey, Order, Reply},
    cbor,
    message::{Offer, PayeeMessage, PayerMessage, ShortReceipt},
};

use super::Maker;
use crate::mint::{NOW, OPERATOR};

impl Maker {
    pub(super) fn returns_and_news(&mut self) {
        let offer = PayeeMessage::Offer(Offer {
            request: None,
            status: 3,
            at_most: None,
        })
        .encode();
        let description = "An offer without the version of the payee's status list.";
        let cut = offer[..offer.len() - 1].to_vec();
        self.decode(
            "payee-message",
            "offer-without-version",
            description,
            cut,
            Code::Malformed,
        );
        let description = "An offer with everything it can have and something more.";
        let longer = [offer.as_slice(), &[0, 0]].concat();
        self.decode(
            "payee-message",
            "offer-and-more",
            description,
            longer,
            Code::NotCanonical,
        );
        let description = "Null where the most that the payee may take is left out.";
        let null = [offer.as_slice(), &[0xf6]].concat();
        self.decode(
            "payee-message",
            "offer-explicit-null",
            description,
            null,
            Code::Malformed,
        );

        let receipt = ShortReceipt {
            taken_at: Timestamp::from_seconds(1),
            signature: Signature::from_bytes([1; 64]),
            returned: None,
        };
        let mut null = PayeeMessage::Receipt(receipt).encode();
        null[1] = 0x83;
        null.push(0xf6);
        let description = "Null where the signature over a return is left out.";
        self.decode(
            "payee-message",
            "receipt-explicit-null",
            description,
            null,
            Code::NotCanonical,
        );
        let returned = ShortReceipt {
            returned: Some(receipt.signature),
            ..receipt
        };
        let mut fourth = PayerMessage::Return(returned).encode();
        fourth[1] = 0x84;
        fourth.push(0);
        let description = "A receipt with a fourth element.";
        self.decode(
            "payer-message",
            "return-and-more",
            description,
            fourth,
            Code::NotCanonical,
        );
        let description = "A return of nothing.";
        self.decode(
            "payer-message",
            "return-empty",
            description,
            vec![5],
            Code::Malformed,
        );

        let list = self.mint.status([self.alice.key_hash()]);
        let description = "A status list without its signature.";
        let unsigned = [&[6][..], &cbor::encode(&list.body)].concat();
        self.decode(
            "payer-message",
            "news-unsigned",
            description,
            unsigned,
            Code::Malformed,
        );
        let description = "News, and neither a list nor null.";
        self.decode(
            "payee-message",
            "news-empty",
            description,
            vec![4],
            Code::Malformed,
        );
        let description = "A status list in one more array.";
        let wrapped = [&[4, 0x81][..], &cbor::encode(&list)].concat();
        self.decode(
            "payee-message",
            "news-wrapped",
            description,
            wrapped,
            Code::Malformed,
        );
    }

    pub(super) fn dealings(&mut self) {
        let call = |order: Order| {
            let call = Call {
                account: self.alice.verifying_key(),
                idempotency_key: IdempotencyKey::from_bytes([5; 16]),
                order,
            };
            cbor::encode(&Signed::sign(call, &self.alice.key))
        };
        let report = call(Order::Report {
            payment: vec![7; 3],
            receipt: None,
        });
        // The order before the signature: 82 05 43 07 07 07.
        let order = [0x82, 5, 0x43, 7, 7, 7];
        let null = replaced(&report, &order, &[0x83, 5, 0x43, 7, 7, 7, 0xf6]);
        let retire = call(Order::Retire { keys: vec![] });
        let inquire = call(Order::Inquire {
            transfers: vec![Id::from_bytes([7; 32])],
        });
        let id = [&[0x58, 32][..], &[7; 32]].concat();
        let short = replaced(&inquire, &id, &[&[0x58, 31][..], &[7; 31]].concat());
        let reply = |answer: Answer| {
            let reply = Reply {
                operator: OPERATOR,
                call: Id::from_bytes([0; 32]),
                at: NOW,
                answer,
            };
            cbor::encode(&Signed::sign(reply, &self.mint.certifying))
        };
        let delivered = reply(Answer::Delivered {
            deliveries: vec![Delivery::Payment { payment: vec![7; 3] }],
            last: 1,
            more: false,
        });
        // The answer: 84 07, one delivery, the last number, whether there is more.
        let delivery = [0x82, 0, 0x43, 7, 7, 7];
        let more = [&[0x81][..], &delivery, &[1, 0xf4]].concat();
        let as_number = replaced(&delivered, &more, &[&[0x81][..], &delivery, &[1, 0]].concat());
        let unknown = replaced(&delivered, &delivery, &[0x82, 2, 0x43, 7, 7, 7]);

        for (kind, name, description, bytes, error) in [
            (
                "signed-call",
                "report-explicit-null",
                "Null where an absent receipt is left out.",
                null,
                Code::NotCanonical,
            ),
            (
                "signed-call",
                "unknown-order",
                "An order that does not exist.",
                replaced(&retire, &[0x82, 8, 0x80], &[0x82, 23, 0x80]),
                Code::Malformed,
            ),
            (
                "signed-call",
                "inquire-short-id",
                "An id of 31 bytes.",
                short,
                Code::Malformed,
            ),
            (
                "signed-reply",
                "delivered-number-for-boolean",
                "Zero where there should be false.",
                as_number,
                Code::Malformed,
            ),
            (
                "signed-reply",
                "unknown-delivery",
                "A delivery of no kind.",
                unknown,
                Code::Malformed,
            ),
        ] {
            self.decode(kind, name, description, bytes, error);
        }
    }
}

/// The bytes with the one place that says `from` saying `to`.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes
        .windows(from.len())
        .position(|window| window == from)
        .expect("it is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
