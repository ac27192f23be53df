//! The worked example of the wire specification: canonical bytes, one item a line, each with its meaning.

use core::fmt::Write as _;

use data_encoding::HEXLOWER;
use protocol::{Algorithm, Body, Payment, Request, cbor};

use super::payment::{Made, cases};
use crate::hostile::items;

/// Stands before the worked example in `docs/wire-format.md`.
pub const BEGIN: &str = "<!-- worked example: written by make-vectors -->";

/// Stands behind it.
pub const END: &str = "<!-- end of the worked example -->";

/// Bytes of one line of a long string.
const WIDTH: usize = 24;

/// Bytes as lines of hexadecimal digits, one CBOR item a line, with one label an item, in the order in which they begin.
///
/// # Panics
/// If there are more or fewer labels than items.
#[must_use]
pub fn annotate(bytes: &[u8], labels: &[String]) -> String {
    let items = items(bytes);
    assert_eq!(items.len(), labels.len(), "one label an item: {labels:#?}");
    let mut text = String::new();
    for (item, label) in items.iter().zip(labels) {
        let indent = item.depth * 2;
        let end = if item.major == 4 { item.head_end } else { item.end };
        let (head, content) = if end - item.start <= WIDTH {
            (&bytes[item.start..end], &[][..])
        } else {
            bytes[item.start..end].split_at(item.head_end - item.start)
        };
        let mut lines = vec![HEXLOWER.encode(head)];
        lines.extend(
            content
                .chunks(WIDTH)
                .map(|chunk| format!("  {}", HEXLOWER.encode(chunk))),
        );
        for (number, line) in lines.iter().enumerate() {
            let line = format!("{:indent$}{line}", "");
            if number == 0 {
                writeln!(text, "{line:<58}# {label}").expect("a string");
            } else {
                writeln!(text, "{line}").expect("a string");
            }
        }
    }
    text
}

/// The section of the wire specification between [`BEGIN`] and [`END`], both included.
#[must_use]
pub fn worked_example() -> String {
    let case = cases(Algorithm::Ed25519).swap_remove(0);
    let Made { request, payment } = case.made;
    let complete = payment.encode();
    let answer = payment.encode_answer(&request).expect("it answers its request");
    let transfer = cbor::encode(payment.final_transfer());
    let dump = |title: &str, bytes: &[u8], labels: &[String]| {
        format!(
            "{title} ({} bytes):\n\n```text\n{}```\n",
            bytes.len(),
            annotate(bytes, labels)
        )
    };
    [
        BEGIN.to_owned() + "\n",
        dump("The request, in its complete form", &cbor::encode(&request), &request_labels(&request)),
        dump(
            "The payment, as the answer to that request: what travels in a tap",
            &answer,
            &payment_labels(&payment, true),
        ),
        dump("The same payment in its complete form", &complete, &payment_labels(&payment, false)),
        dump(
            "Its final transfer as it is hashed; these bytes never travel in a payment",
            &transfer,
            &transfer_labels(),
        ),
        format!(
            "Its id is `SHA-256(\"{}\" || 00 || those bytes)`:\n\n```text\n{}\n```\n\nand what Alice signs is `\"{}\" || 00 || id`.\n",
            protocol::Transfer::TAG,
            payment.id(),
            protocol::Transfer::TAG,
        ),
        END.to_owned(),
    ]
    .join("\n")
}

fn labels<const N: usize>(texts: [&str; N]) -> impl Iterator<Item = String> + use<N> {
    texts.map(str::to_owned).into_iter()
}

fn grant_labels(name: Option<&str>) -> Vec<String> {
    let mut all: Vec<_> = labels([
        "grant",
        "operator",
        "class II",
        "assurance: secure element",
        "validity",
        "from",
        "until",
    ])
    .collect();
    all.extend(name.map(|name| format!("name: {name}")));
    all
}

fn request_labels(request: &Request) -> Vec<String> {
    let name = request.payee.body.grant.name.as_ref().map(protocol::Name::as_str);
    labels([
        "request",
        "id",
        "amount: 37.45",
        "payee: signed certificate",
        "certificate",
        "holder key: 01 is Ed25519",
        "hash of the static key",
    ])
    .chain(grant_labels(name))
    .chain(labels(["signature of the operator"]))
    .collect()
}

fn payment_labels(payment: &Payment, answer: bool) -> Vec<String> {
    let name = payment.certificates()[0].body.grant.name.as_ref();
    let head = [
        "payment",
        "notes: one",
        "signed note",
        "note",
        "series",
        "serial",
        "issued",
        "amount: 50.00",
        "holder key: Alice",
        "signature of the series' note key",
        "transfers: one",
    ];
    let transfer: &[&str] = if answer {
        &[
            "the paying transfer: no reference",
            "inputs",
            "distance 0: the output just before, the note's",
            "outputs: no payee key",
            "amount of output 0: 37.45",
            "key of output 1: Alice, change; its amount is implied, 12.55",
            "signatures: Alice's",
        ]
    } else {
        &[
            "transfer",
            "inputs",
            "distance 0: the output just before, the note's",
            "outputs",
            "key of output 0: Bob",
            "amount of output 0: 37.45",
            "key of output 1: Alice, change; its amount is implied, 12.55",
            "reference: hash of the request's id",
            "signatures: Alice's",
        ]
    };
    labels(head)
        .chain(transfer.iter().map(|text| (*text).to_owned()))
        .chain(labels([
            "certificates: one signer",
            "certificate without the holder key",
            "hash of the static key",
        ]))
        .chain(grant_labels(name.map(protocol::Name::as_str)))
        .chain(labels(["signature of the operator"]))
        .collect()
}

fn transfer_labels() -> Vec<String> {
    labels([
        "transfer",
        "inputs",
        "outpoint",
        "origin: the note's id",
        "output 0",
        "outputs",
        "output 0",
        "holder key: Bob",
        "amount: 37.45",
        "output 1",
        "holder key: Alice",
        "amount: 12.55",
        "reference",
    ])
    .collect()
}
