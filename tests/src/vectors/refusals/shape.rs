//! Bytes that are CBOR, but not of the shape that objects have.

use core::num::NonZeroU32;

use protocol::{Amount, Code, Payment, Policy, Signed, WalletClass, cbor};

use super::Maker;
use crate::{hostile::items, mint::fen};

impl Maker {
    pub(super) fn shapes(&mut self) {
        let note = &self.paid.payment.notes()[0];
        let bytes = cbor::encode(note);
        let key = note.body.holder_key.to_bytes();
        let key_at = bytes
            .windows(key.len())
            .position(|window| window == key)
            .expect("the key");
        let mut other = bytes.clone();
        other[key_at] = 3;
        let description = "A key of an algorithm that is set aside.";
        self.decode(
            "signed-note",
            "unknown-algorithm",
            description,
            other,
            Code::Malformed,
        );
        let mut other = bytes.clone();
        other[key_at + 1] = 4;
        let description = "A P-256 key that is no compressed point.";
        self.decode(
            "signed-note",
            "uncompressed-point",
            description,
            other,
            Code::Malformed,
        );
        let mut other = bytes.clone();
        other[key_at] = 1;
        let description = "An Ed25519 key of 33 bytes.";
        self.decode(
            "signed-note",
            "key-of-wrong-length",
            description,
            other,
            Code::Malformed,
        );

        let encode = |amount: &[u8]| {
            let items = items(&bytes);
            // signed note, note, series, serial, issued, amount
            let amount_item = items[5];
            [&bytes[..amount_item.start], amount, &bytes[amount_item.end..]].concat()
        };
        let description = "A note of nothing.";
        self.decode(
            "signed-note",
            "zero-note",
            description,
            encode(&[0]),
            Code::Malformed,
        );
        let above = [0x1b, 0x00, 0x20, 0, 0, 0, 0, 0, 0];
        let description = "2^53 fen, one more than the largest amount.";
        self.decode(
            "signed-note",
            "amount-too-large",
            description,
            encode(&above),
            Code::Malformed,
        );
        let description = "An amount below zero.";
        self.decode(
            "signed-note",
            "negative-amount",
            description,
            encode(&[0x20]),
            Code::Malformed,
        );
        let description = "An amount in floating point.";
        let float = [0xf9, 0x3c, 0x00];
        self.decode(
            "signed-note",
            "floating-point-amount",
            description,
            encode(&float),
            Code::Malformed,
        );
        let description = "An amount as text.";
        self.decode(
            "signed-note",
            "text-amount",
            description,
            encode(&[0x61, 0x35]),
            Code::Malformed,
        );

        let mut zero = self.request.clone();
        zero.amount = Some(Amount::ZERO);
        let description = "A request for nothing; an open request has null instead.";
        self.decode(
            "request",
            "zero-request",
            description,
            cbor::encode(&zero),
            Code::Malformed,
        );

        // An array of four where three would do, with terms that say nothing.
        let request = cbor::encode(&self.request);
        let with_terms = |terms: &[u8]| [&[0x84], &request[1..], terms].concat();
        for (name, description, terms) in [
            (
                "empty-terms",
                "Terms without anything in them.",
                [0x80].as_slice(),
            ),
            (
                "null-terms",
                "Terms that say twice that there is no name.",
                &[0x81, 0xf6],
            ),
        ] {
            self.decode(
                "request",
                name,
                description,
                with_terms(terms),
                Code::NotCanonical,
            );
        }
        let description = "A demand for what every key is at least.";
        self.decode(
            "request",
            "demand-for-nothing",
            description,
            with_terms(&[0x82, 0xf6, 0x00]),
            Code::Malformed,
        );
        let description = "A demand for keys that are kept as nobody keeps them.";
        self.decode(
            "request",
            "unknown-assurance",
            description,
            with_terms(&[0x82, 0xf6, 0x03]),
            Code::Malformed,
        );

        let certificate = cbor::encode(&self.bob.certificate);
        let name = b"Bob's Noodles";
        let at = certificate
            .windows(name.len())
            .position(|window| window == name)
            .expect("the name");
        let mut control = certificate.clone();
        control[at] = 0x0a;
        let description = "A name with a line feed in it.";
        self.decode(
            "signed-certificate",
            "control-character",
            description,
            control,
            Code::Malformed,
        );
        let mut bidi = certificate.clone();
        bidi[at..at + 3].copy_from_slice("\u{202e}".as_bytes());
        let description = "A name that turns the direction of writing.";
        self.decode(
            "signed-certificate",
            "direction-change",
            description,
            bidi,
            Code::Malformed,
        );
        for (name, hidden) in [
            ("arabic-letter-mark", "\u{61c}"),
            ("soft-hyphen", "\u{ad}"),
            ("invisible-tag", "\u{e0041}"),
        ] {
            let mut bytes = certificate.clone();
            bytes[at..at + hidden.len()].copy_from_slice(hidden.as_bytes());
            let description = "A name with a mark in it that nobody sees.";
            self.decode("signed-certificate", name, description, bytes, Code::Malformed);
        }
        let mut bad_utf8 = certificate.clone();
        bad_utf8[at] = 0xff;
        let description = "A name that is not UTF-8.";
        self.decode(
            "signed-certificate",
            "not-utf-8",
            description,
            bad_utf8,
            Code::Malformed,
        );
        let mut long = certificate[..at - 1].to_vec();
        long.extend([0x78, 49]);
        long.extend([b'x'; 49]);
        long.extend(&certificate[at + name.len()..]);
        let description = "A name of 49 bytes.";
        self.decode(
            "signed-certificate",
            "long-name",
            description,
            long,
            Code::Malformed,
        );
        let mut class = cbor::encode(&self.alice.certificate);
        let class_at = items(&class)[6];
        class[class_at.start] = 5;
        let description = "A class of wallets that does not exist.";
        self.decode(
            "signed-certificate",
            "unknown-class",
            description,
            class,
            Code::Malformed,
        );

        let list = self.mint.status([self.alice.key_hash(), self.bob.key_hash()]);
        let bytes = cbor::encode(&list);
        let (first, second) = (list.body.keys()[0], list.body.keys()[1]);
        let at = bytes
            .windows(16)
            .position(|window| window == first.as_bytes())
            .expect("a key");
        let mut swapped = bytes.clone();
        swapped[at..at + 16].copy_from_slice(second.as_bytes());
        let description = "A status list that names one key twice.";
        self.decode(
            "signed-status-list",
            "status-list-repeated",
            description,
            swapped.clone(),
            Code::Malformed,
        );
        swapped[at + 17..at + 33].copy_from_slice(first.as_bytes());
        let description = "A status list in descending order.";
        self.decode(
            "signed-status-list",
            "status-list-unordered",
            description,
            swapped,
            Code::Malformed,
        );
    }

    /// Days after which trust is stale.
    pub(super) fn terms_of_trust(&mut self) {
        let policy = Policy {
            stale_after_days: Some(NonZeroU32::MIN),
            ..self.mint.policy(WalletClass::Iv)
        };
        let mut bytes = cbor::encode(&Signed::sign(policy, &self.mint.certifying));
        // One day, and a signature of 64 bytes with its head.
        let at = bytes.len() - 67;
        assert_eq!(bytes[at], 1);
        bytes[at] = 0;
        let description =
            "A policy after which trust is stale at once; one without such a term leaves it out.";
        self.decode(
            "signed-policy",
            "stale-at-once",
            description,
            bytes,
            Code::Malformed,
        );
    }

    pub(super) fn structures(&mut self) {
        let complete = self.complete();
        let items = items(&complete);
        // The order of the items is that of the worked example, with a P-256 key for Alice.
        let find = |start: usize| {
            items
                .iter()
                .position(|item| item.start == start)
                .expect("an item")
        };
        let transfers = items
            .iter()
            .position(|item| item.start == items[2].end)
            .expect("the transfers");
        let [transfer, inputs, outputs] =
            [transfers + 1, transfers + 2, transfers + 4].map(|index| items[index]);
        let splice =
            |from: usize, to: usize, with: &[u8]| [&complete[..from], with, &complete[to..]].concat();

        let description = "An input that lies before the beginning.";
        let bytes = splice(inputs.head_end, inputs.end, &[1]);
        self.decode(
            "payment",
            "unknown-input",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let bytes = splice(
            inputs.head_end,
            inputs.end,
            &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255],
        );
        let description = "An input at the greatest distance.";
        self.decode(
            "payment",
            "distant-input",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let description = "A transfer without inputs.";
        let bytes = splice(inputs.start, inputs.end, &[0x80]);
        self.decode("payment", "no-inputs", description, bytes, Code::SumsDiffer);
        let description = "A transfer that names its only input twice.";
        let bytes = splice(inputs.start, inputs.end, &[0x82, 0, 0]);
        self.decode(
            "payment",
            "repeated-input",
            description,
            bytes,
            Code::IllFormedHistory,
        );

        let amount = items[find(outputs.head_end) + 1];
        for (name, description, larger) in [
            (
                "outputs-exceed-inputs",
                "Output 0 alone is more than the input.",
                vec![0x19, 0x13, 0x89],
            ),
            (
                "implied-zero",
                "Output 0 takes everything, and nothing is left for output 1.",
                vec![0x19, 0x13, 0x88],
            ),
        ] {
            let bytes = splice(amount.start, amount.end, &larger);
            self.decode("payment", name, description, bytes, Code::SumsDiffer);
        }
        let description = "Output 0 is of nothing.";
        let bytes = splice(amount.start, amount.end, &[0]);
        self.decode("payment", "zero-output", description, bytes, Code::Malformed);
        let description = "A transfer without outputs.";
        let bytes = splice(outputs.start, outputs.end, &[0x80]);
        self.decode("payment", "no-outputs", description, bytes, Code::Malformed);
        let mut explicit = complete[outputs.head_end..outputs.end].to_vec();
        explicit.splice(0..0, [0x84]);
        explicit.extend([0x19, 0x04, 0xe7]);
        let description = "The last amount is written out.";
        let bytes = splice(outputs.start, outputs.end, &explicit);
        self.decode(
            "payment",
            "explicit-last-amount",
            description,
            bytes,
            Code::Malformed,
        );

        let signatures = items
            .iter()
            .rfind(|item| item.end == transfer.end && item.major == 2)
            .expect("signatures");
        let mut two = complete[signatures.head_end..signatures.end].to_vec();
        two.extend_from_within(..);
        two.splice(0..0, [0x58, 128]);
        let description = "Two signatures for one owner.";
        let bytes = splice(signatures.start, signatures.end, &two);
        self.decode(
            "payment",
            "signature-count",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let description = "No signature.";
        let bytes = splice(signatures.start, signatures.end, &[0x40]);
        self.decode("payment", "no-signature", description, bytes, Code::Malformed);
        let description = "A signature of 63 bytes.";
        let short = [&[0x58, 63], &complete[signatures.head_end..signatures.end - 1]].concat();
        let bytes = splice(signatures.start, signatures.end, &short);
        self.decode("payment", "short-signature", description, bytes, Code::Malformed);

        let certificates = items[find(items[transfers].end)];
        let description = "No certificate.";
        let bytes = splice(certificates.start, certificates.end, &[0x80]);
        self.decode(
            "payment",
            "no-certificate",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let mut two = complete[certificates.head_end..].to_vec();
        two.extend_from_within(..);
        two.splice(0..0, [0x82]);
        let description = "Two certificates for one signer.";
        let bytes = splice(certificates.start, certificates.end, &two);
        self.decode(
            "payment",
            "certificate-count",
            description,
            bytes,
            Code::IllFormedHistory,
        );

        let notes = items[1];
        let description = "No note.";
        let bytes = splice(notes.start, notes.end, &[0x80]);
        self.decode("payment", "no-notes", description, bytes, Code::IllFormedHistory);
        let description = "No transfer.";
        let bytes = [&complete[..items[transfers].start], &[0x80, 0x80]].concat();
        self.decode(
            "payment",
            "no-transfers",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let mut twice = complete[notes.head_end..notes.end].to_vec();
        twice.extend_from_within(..);
        twice.splice(0..0, [0x82]);
        let description = "One note twice.";
        let bytes = splice(notes.start, notes.end, &twice);
        self.decode(
            "payment",
            "repeated-note",
            description,
            bytes,
            Code::IllFormedHistory,
        );
        let stray = self
            .mint
            .note(&self.alice, fen(1))
            .pay(&self.request, fen(1))
            .payment;
        let mut stray = cbor::encode(&stray.notes()[0]);
        stray.splice(0..0, [0x82]);
        stray.extend(&complete[notes.head_end..notes.end]);
        let description = "A note that no transfer consumes.";
        let bytes = splice(notes.start, notes.end, &stray);
        self.decode(
            "payment",
            "superfluous-note",
            description,
            bytes,
            Code::IllFormedHistory,
        );

        let description = "More than 32,768 bytes.";
        let bytes = vec![0x83; Payment::MAX_BYTES + 1];
        self.decode("payment", "oversized", description, bytes, Code::TooLarge);
        let description = "A list of notes that claims to have 2^64 - 1 elements.";
        let bytes = [&[0x83, 0x9b][..], &[0xff; 8]].concat();
        self.decode("payment", "boundless-notes", description, bytes, Code::Malformed);
        let description = "A complete payment where an answer is expected.";
        self.decode(
            "answer",
            "complete-for-answer",
            description,
            complete.clone(),
            Code::Malformed,
        );
        let answer = self
            .paid
            .payment
            .encode_answer(&self.request)
            .expect("it answers it");
        let description = "An answer where a complete payment is expected.";
        self.decode(
            "payment",
            "answer-for-complete",
            description,
            answer,
            Code::Malformed,
        );
    }
}
