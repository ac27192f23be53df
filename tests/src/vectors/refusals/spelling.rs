//! Bytes that are no CBOR, or not the one accepted CBOR.

use protocol::{
    Code, cbor,
    message::{Offer, PayeeMessage, PayerMessage, Refusal},
};

use super::Maker;
use crate::{
    hostile::respellings,
    wire::{Known, recode},
};

impl Maker {
    pub(super) fn spellings(&mut self) {
        let complete = self.complete();
        let answer = self
            .paid
            .payment
            .encode_answer(&self.request)
            .expect("it answers it");
        let note = cbor::encode(&self.paid.payment.notes()[0]);
        let request = cbor::encode(&self.request);
        for (kind, bytes) in [
            ("payment", &complete),
            ("answer", &answer),
            ("signed-note", &note),
            ("request", &request),
        ] {
            self.decode(
                kind,
                &format!("{kind}-empty"),
                "No bytes at all.",
                Vec::new(),
                Code::Malformed,
            );
            let cut = bytes[..bytes.len() - 1].to_vec();
            self.decode(
                kind,
                &format!("{kind}-truncated"),
                "The last byte is missing.",
                cut,
                Code::Malformed,
            );
            let half = bytes[..bytes.len() / 2].to_vec();
            self.decode(
                kind,
                &format!("{kind}-half"),
                "The second half is missing.",
                half,
                Code::Malformed,
            );
            let longer = [bytes.as_slice(), &[0]].concat();
            let description = "A byte follows.";
            self.decode(
                kind,
                &format!("{kind}-trailing"),
                description,
                longer,
                Code::NotCanonical,
            );
        }
        // Every other spelling of one small object; the payment's own readers refuse most of them as malformed.
        for (what, bytes) in respellings(&note) {
            let code = recode("signed-note", &bytes, &Known::default()).expect_err("not canonical");
            let name = format!("signed-note-{}", what.replace(' ', "-"));
            self.decode(
                "signed-note",
                &name,
                "Another spelling of a signed note.",
                bytes,
                code,
            );
        }
        for (what, bytes) in respellings(&complete).into_iter().filter(|(what, _)| {
            what.starts_with("extra zero")
                || what.starts_with("indefinite")
                || what.starts_with("longer head of 8")
        }) {
            let code = recode("payment", &bytes, &Known::default()).expect_err("not canonical");
            let name = format!("payment-{}", what.replace(' ', "-"));
            self.decode("payment", &name, "Another spelling of a payment.", bytes, code);
        }
        let mut undefined = cbor::encode(&self.bob.request(2, None));
        let at = undefined.iter().position(|byte| *byte == 0xf6).expect("a null");
        undefined[at] = 0xf7;
        let description = "Undefined where there should be null.";
        self.decode(
            "request",
            "request-undefined",
            description,
            undefined,
            Code::Malformed,
        );
    }

    pub(super) fn messages(&mut self) {
        let refusal = Refusal {
            code: Code::UserCancelled,
            at_most: None,
        };
        let payer = |message: PayerMessage| message.encode();
        let description = "A message of no kind.";
        self.decode(
            "payer-message",
            "payer-no-kind",
            description,
            Vec::new(),
            Code::Malformed,
        );
        self.decode(
            "payee-message",
            "payee-no-kind",
            description,
            Vec::new(),
            Code::Malformed,
        );
        let description = "A kind that does not exist.";
        self.decode(
            "payer-message",
            "payer-unknown-kind",
            description,
            vec![8],
            Code::Malformed,
        );
        self.decode(
            "payee-message",
            "payee-unknown-kind",
            description,
            vec![5, 0xf6],
            Code::Malformed,
        );
        let mut null = payer(PayerMessage::Refusal(refusal));
        null[1] = 0x82;
        null.push(0xf6);
        let description = "Null where an absent limit is left out.";
        self.decode(
            "payer-message",
            "refusal-explicit-null",
            description,
            null,
            Code::NotCanonical,
        );
        let description = "A refusal for a reason that is not in the table.";
        let unknown = vec![2, 0x81, 0x19, 0x03, 0xe7];
        self.decode(
            "payer-message",
            "unknown-code",
            description,
            unknown,
            Code::Malformed,
        );
        let description = "Three tags instead of four.";
        let three = [&[1, 0x83][..], &[&[0x48][..], &[7; 8]].concat().repeat(3)].concat();
        self.decode("payer-message", "three-tags", description, three, Code::Malformed);
        let description = "Done, and something more.";
        self.decode(
            "payer-message",
            "done-and-more",
            description,
            vec![3, 0xf6],
            Code::NotCanonical,
        );
        let offer = PayeeMessage::Offer(Offer {
            request: Some(self.request.clone()),
            status: 3,
            at_most: None,
        })
        .encode();
        let description = "An offer cut short.";
        let cut = offer[..offer.len() - 1].to_vec();
        self.decode(
            "payee-message",
            "offer-truncated",
            description,
            cut,
            Code::Malformed,
        );
        let complete = [&[0][..], &cbor::encode(&self.request)].concat();
        let description = "A request in its complete form inside a channel.";
        self.decode(
            "payee-message",
            "offer-complete",
            description,
            complete,
            Code::Malformed,
        );
    }
}
