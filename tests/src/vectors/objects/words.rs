//! What payee and payer say to each other.

use protocol::{
    Code,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refusal, ResumeTag, ShortReceipt},
};

use super::{Maker, Object};
use crate::{
    json::{Json, ToJson, hex},
    mint::{fen, seed_bytes},
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
        vec![
            payee(
                "offer",
                "A request inside a channel: the static key's hash is left out of its certificate.",
                PayeeMessage::Offer(Offer {
                    request: Some(request.clone()),
                    status: 3,
                }),
                "offer",
                request.to_json(),
            ),
            payee(
                "offer-nothing",
                "Nothing is asked: the payee is only here to resume.",
                PayeeMessage::Offer(Offer {
                    request: None,
                    status: 0,
                }),
                "offer",
                Json::Null,
            ),
            payee(
                "short-receipt",
                "A receipt inside a channel: the signature is over the complete one.",
                PayeeMessage::Receipt(short),
                "receipt",
                short.to_json(),
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
        ]
    }
}
