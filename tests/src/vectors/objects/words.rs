//! What payee and payer say to each other.

use protocol::{
    Assurance, Body as _, Code, Output, Reference, Signed, Slip, Transfer,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refund, Refusal, ResumeTag, ShortReceipt},
};

use super::{Maker, Object, money::with_terms};
use crate::{
    json::{Json, ToJson, hex},
    mint::{Piece, fen, seed_bytes, transfer},
    vectors::SEED,
};

impl Maker {
    pub(super) fn words(&self) -> Vec<Object> {
        let shop = &self.shop;
        let request = shop.request(1, Some(fen(3_745)));
        let paid = self
            .mint
            .note(&self.alice, fen(5_000))
            .pay(&request, fen(3_745))
            .payment;
        let answer = paid.encode_answer(&request).expect("it answers it");
        let receipt = shop.receipt(&paid);
        let short = ShortReceipt {
            taken_at: receipt.body.taken_at,
            signature: receipt.signature,
            returned: None,
        };
        let returning = Transfer::returning(paid.id(), fen(3_745), self.alice.verifying_key());
        let returned = ShortReceipt {
            returned: Some(shop.key.sign(&returning.message())),
            ..short
        };
        let brought = Piece::of_payment(&paid, 0, shop);
        let part = |holder_key, amount| Output {
            holder_key,
            amount: fen(amount),
        };
        let back = transfer(
            &[&brought],
            vec![
                part(self.alice.verifying_key(), 1_000),
                part(shop.verifying_key(), 2_745),
            ],
            Reference::to_return(&paid.id()),
        );
        let refund = Refund {
            receipt: short,
            payment: back.encode(),
        };
        let asking = Offer {
            request: Some(request.clone()),
            status: 3,
            at_most: None,
        };
        let on_terms = Offer {
            request: Some(with_terms(
                request.clone(),
                Some("Till 3"),
                Some(Assurance::TrustedEnvironment),
            )),
            status: 3,
            at_most: None,
        };
        let idle = Offer {
            request: None,
            status: 0,
            at_most: None,
        };
        let full = Offer {
            at_most: Some(fen(1_200)),
            ..asking.clone()
        };
        let list = self.mint.status([self.alice.key_hash()]);
        let refusal = Refusal {
            code: Code::BalanceLimit,
            at_most: Some(fen(1_200)),
        };
        let plain_refusal = Refusal {
            code: Code::UserCancelled,
            at_most: None,
        };
        let handshake_hash = seed_bytes(SEED, "handshake hash");
        let taken = Recognised {
            proof: ResumeTag::answer(&shop.request(2, None).id, &handshake_hash),
            receipt: Some(short),
        };
        let wanted = Recognised {
            proof: ResumeTag::answer(&shop.request(0, None).id, &handshake_hash),
            receipt: None,
        };
        let tags: [ResumeTag; 4] =
            [0, 1, 2, 3].map(|n| ResumeTag::question(&shop.request(n, None).id, &handshake_hash));
        let payee =
            |name: &str, description, message: PayeeMessage, kind: &'static str, content: Json| Object {
                static_key: Some(shop.certificate.body.static_key.to_json()),
                ..self.plain(
                    name,
                    "payee-message",
                    description,
                    message.encode(),
                    Json::Object(vec![(kind, content)]),
                )
            };
        let payer = |name: &str, description, message: PayerMessage, kind: &'static str, content: Json| {
            self.plain(
                name,
                "payer-message",
                description,
                message.encode(),
                Json::Object(vec![(kind, content)]),
            )
        };
        let slip = |name: &str, description, slip: Slip, kind: &'static str, content: Json| {
            self.plain(
                name,
                "slip",
                description,
                slip.encode(),
                Json::Object(vec![(kind, content)]),
            )
        };
        let on_screen = Signed::sign(request.clone(), &shop.key);
        let refund_json = || {
            Json::Object(vec![
                ("receipt", refund.receipt.to_json()),
                ("payment", hex(&refund.payment)),
            ])
        };
        vec![
            self.signed(
                "signed-request",
                "signed-request",
                "A request for a screen, signed by the key that is to be paid.",
                &on_screen,
                shop.verifying_key(),
            ),
            slip(
                "slip-request",
                "That request on a screen.",
                Slip::Request(on_screen.clone()),
                "request",
                on_screen.to_json(),
            ),
            slip(
                "slip-payment",
                "A payment on a screen: which request it answers, and the answer.",
                Slip::Payment {
                    request: request.id,
                    answer: answer.clone(),
                },
                "payment",
                Json::Object(vec![("request", request.id.to_json()), ("answer", hex(&answer))]),
            ),
            slip(
                "slip-receipt",
                "The receipt, shown back.",
                Slip::Receipt {
                    transfer: paid.id(),
                    receipt: short,
                },
                "receipt",
                Json::Object(vec![
                    ("transfer", paid.id().to_json()),
                    ("receipt", short.to_json()),
                ]),
            ),
            slip(
                "slip-return",
                "The receipt of a payee that gave everything back.",
                Slip::Receipt {
                    transfer: paid.id(),
                    receipt: returned,
                },
                "receipt",
                Json::Object(vec![
                    ("transfer", paid.id().to_json()),
                    ("receipt", returned.to_json()),
                ]),
            ),
            slip(
                "slip-refund",
                "Of what `slip-payment` paid, some is given back.",
                Slip::Refund {
                    paid: paid.id(),
                    refund: refund.clone(),
                },
                "refund",
                Json::Object(vec![("paid", paid.id().to_json()), ("refund", refund_json())]),
            ),
            payee(
                "offer",
                "A request inside a channel: the static key's hash is left out of its certificate.",
                PayeeMessage::Offer(asking.clone()),
                "offer",
                asking.to_json(),
            ),
            payee(
                "offer-at-most",
                "The payee may take less than one payment may move, or less than it once asked: it says how much.",
                PayeeMessage::Offer(full.clone()),
                "offer",
                full.to_json(),
            ),
            payee(
                "offer-nothing",
                "Nothing is asked: the payee is only here to resume. It has no status list.",
                PayeeMessage::Offer(idle.clone()),
                "offer",
                idle.to_json(),
            ),
            payee(
                "offer-with-terms",
                "A request inside a channel, with a name that a merchant gave itself beside its registered one, and a demand.",
                PayeeMessage::Offer(on_terms.clone()),
                "offer",
                on_terms.to_json(),
            ),
            payee(
                "short-receipt",
                "A receipt inside a channel: the signature is over the complete one.",
                PayeeMessage::Receipt(short),
                "receipt",
                short.to_json(),
            ),
            payee(
                "short-receipt-returned",
                "The payment of `payment-message`, taken and given back at once: the second signature is over its return.",
                PayeeMessage::Receipt(returned),
                "receipt",
                returned.to_json(),
            ),
            payee(
                "payee-refusal",
                "Too much for the payee's wallet, and how much would have fitted.",
                PayeeMessage::Refusal(refusal),
                "refusal",
                refusal.to_json(),
            ),
            payee(
                "resumed-taken",
                "The request behind the third tag is known, and its payment was taken.",
                PayeeMessage::Resumed(Some(taken)),
                "resumed",
                taken.to_json(),
            ),
            payee(
                "resumed-wanted",
                "The request behind the first tag is known, and its payment is still wanted.",
                PayeeMessage::Resumed(Some(wanted)),
                "resumed",
                wanted.to_json(),
            ),
            payee(
                "resumed-none",
                "No tag is known.",
                PayeeMessage::Resumed(None),
                "resumed",
                Json::Null,
            ),
            payee(
                "payee-news",
                "The payee's status list, because the payer asked for it.",
                PayeeMessage::News(Some(list.clone())),
                "news",
                list.to_json(),
            ),
            payee(
                "payee-no-news",
                "Nothing newer to show.",
                PayeeMessage::News(None),
                "news",
                Json::Null,
            ),
            payer(
                "payment-message",
                "An answer, as the payer sends it.",
                PayerMessage::Payment(answer.clone()),
                "payment",
                hex(answer),
            ),
            payer(
                "resume",
                "Four tags.",
                PayerMessage::Resume(tags),
                "resume",
                tags.as_slice().to_json(),
            ),
            payer(
                "payer-refusal",
                "The user cancelled: nothing to add, so the refusal has one element.",
                PayerMessage::Refusal(plain_refusal),
                "refusal",
                plain_refusal.to_json(),
            ),
            payer(
                "done",
                "Nothing more to say.",
                PayerMessage::Done,
                "done",
                Json::Null,
            ),
            payer(
                "payer-receipt",
                "The payer took what the payee gave back.",
                PayerMessage::Receipt(short),
                "receipt",
                short.to_json(),
            ),
            payer(
                "return",
                "What the other side once paid was taken, and is given back now.",
                PayerMessage::Return(returned),
                "return",
                returned.to_json(),
            ),
            payer(
                "refund",
                "Of what the other side once paid, some is given back: by a payment of its own.",
                PayerMessage::Refund(refund.clone()),
                "refund",
                refund_json(),
            ),
            payer(
                "payer-news",
                "The payer's status list, which is newer than the one in the offer.",
                PayerMessage::News(Some(list.clone())),
                "news",
                list.to_json(),
            ),
            payer(
                "payer-wants-news",
                "The list in the offer is newer: the payer asks for it.",
                PayerMessage::News(None),
                "news",
                Json::Null,
            ),
        ]
    }
}
