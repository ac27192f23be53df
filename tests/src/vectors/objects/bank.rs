//! What a wallet and its operator say to each other.

use protocol::{
    Assurance, Body, Code, ForkProof, Id, Name, Outpoint, Output, Receipt, Reference, Signed, WalletClass,
    bank::{Answer, Call, Delivery, DeviceId, IdempotencyKey, KeyApplication, Order, Reply},
    cbor,
    message::{Refusal, ShortReceipt},
};

use super::{Maker, Object};
use crate::{
    json::{self, Json, ToJson, hex},
    mint::{NOW, OPERATOR, fen, transfer},
};

impl Maker {
    pub(super) fn bank(&self) -> Vec<Object> {
        let alice = &self.alice;
        let account = self.account.verifying_key();
        let application = Signed::sign(
            KeyApplication {
                account,
                holder_key: alice.verifying_key(),
                static_key: alice.certificate.body.static_key,
                assurance: Assurance::SecureElement,
                device: None,
            },
            &alice.key,
        );
        let devices = [[6; 16], [7; 16]].map(DeviceId::from_bytes);
        let of_a_phone = KeyApplication {
            device: Some(devices[0]),
            ..application.body.clone()
        };
        let of_a_phone = Signed::sign(of_a_phone, &alice.key);
        let note = self.mint.note(alice, fen(5_000));
        let key = IdempotencyKey::from_bytes([5; 16]);
        let deposit = transfer(
            &[&note],
            vec![Output {
                holder_key: self.mint.settlement_key(),
                amount: fen(5_000),
            }],
            Reference::to_deposit(&account, key.as_bytes()),
        );
        let refresh = transfer(
            &[&note],
            vec![Output {
                holder_key: self.mint.settlement_key(),
                amount: fen(5_000),
            }],
            Reference::to_refresh(&account, key.as_bytes()),
        );
        let request = self.shop.request(1, Some(fen(3_745)));
        let paid = note.pay(&request, fen(3_745)).payment;
        let elsewhere = note.pay(&alice.request(1, None), fen(5_000)).payment;
        let fork = ForkProof::find(&paid, &elsewhere, &note.outpoint()).expect("a fork");
        let receipt = self.shop.receipt(&paid);
        let short = ShortReceipt {
            taken_at: receipt.body.taken_at,
            signature: receipt.signature,
            returned: None,
        };
        let name = Name::new("Alice's Bakery").expect("a name");
        let orders = [
            (
                "enrol",
                Order::Enrol {
                    class: WalletClass::Iv,
                    name: None,
                },
                Json::Object(vec![("class", WalletClass::Iv.to_json()), ("name", Json::Null)]),
            ),
            (
                "enrol-merchant",
                Order::Enrol {
                    class: WalletClass::I,
                    name: Some(name.clone()),
                },
                Json::Object(vec![
                    ("class", WalletClass::I.to_json()),
                    ("name", name.to_json()),
                ]),
            ),
            (
                "certify",
                Order::Certify {
                    keys: vec![application.clone()],
                },
                Json::Object(vec![("keys", vec![application.clone()].to_json())]),
            ),
            (
                "load",
                Order::Load {
                    amount: fen(50_000),
                    keys: vec![alice.verifying_key()],
                },
                Json::Object(vec![
                    ("amount", fen(50_000).to_json()),
                    ("keys", vec![alice.verifying_key()].to_json()),
                ]),
            ),
            (
                "deposit",
                Order::Deposit {
                    payment: deposit.encode(),
                },
                Json::Object(vec![("payment", hex(deposit.encode()))]),
            ),
            ("account", Order::Account, Json::Object(vec![])),
            (
                "report",
                Order::Report {
                    payment: paid.encode(),
                    receipt: None,
                },
                Json::Object(vec![("payment", hex(paid.encode())), ("receipt", Json::Null)]),
            ),
            (
                "report-receipted",
                Order::Report {
                    payment: paid.encode(),
                    receipt: Some(short),
                },
                Json::Object(vec![
                    ("payment", hex(paid.encode())),
                    ("receipt", short.to_json()),
                ]),
            ),
            (
                "collect",
                Order::Collect { after: 17 },
                Json::Object(vec![("after", Json::Number(17))]),
            ),
            (
                "accuse",
                Order::Accuse {
                    proof: Box::new(fork.clone()),
                },
                Json::Object(vec![("proof", fork.to_json())]),
            ),
            (
                "retire",
                Order::Retire {
                    keys: vec![alice.verifying_key()],
                },
                Json::Object(vec![("keys", vec![alice.verifying_key()].to_json())]),
            ),
            (
                "inquire",
                Order::Inquire {
                    transfers: vec![paid.id(), elsewhere.id()],
                },
                Json::Object(vec![("transfers", vec![paid.id(), elsewhere.id()].to_json())]),
            ),
            (
                "freeze",
                Order::Freeze { device: devices[0] },
                Json::Object(vec![("device", hex(devices[0].as_bytes()))]),
            ),
            (
                "refresh",
                Order::Refresh {
                    payment: refresh.encode(),
                    keys: vec![alice.verifying_key()],
                },
                Json::Object(vec![
                    ("payment", hex(refresh.encode())),
                    ("keys", vec![alice.verifying_key()].to_json()),
                ]),
            ),
        ];
        let applications = [
            ("key-application", &application),
            ("key-application-of-a-phone", &of_a_phone),
        ];
        let mut all: Vec<_> = applications
            .into_iter()
            .map(|(name, application)| {
                self.signed(
                    name,
                    "signed-key-application",
                    "The wallet's wish for a certificate, signed by the very key.",
                    application,
                    alice.verifying_key(),
                )
            })
            .collect();
        let mut call_id = Id::from_bytes([0; 32]);
        // The replies below answer the last of these.
        for (what, order, fields) in orders {
            let call = Call {
                account,
                idempotency_key: key,
                order,
            };
            let call = Signed::sign(call, &self.account);
            call_id = call.body.id();
            let kind = what.split('-').next().expect("a word");
            let kind: &'static str = match kind {
                "enrol" => "enrol",
                "certify" => "certify",
                "load" => "load",
                "deposit" => "deposit",
                "report" => "report",
                "collect" => "collect",
                "accuse" => "accuse",
                "retire" => "retire",
                "inquire" => "inquire",
                "refresh" => "refresh",
                "freeze" => "freeze",
                _ => "account",
            };
            let fields = json::call(&call, Json::Object(vec![(kind, fields)]));
            all.push(Object {
                id: Some(call.body.id().to_json()),
                message: Some(hex(call.body.message())),
                signer: Some(account.to_json()),
                ..self.plain(
                    &format!("call-{what}"),
                    "signed-call",
                    "A call to the operator, signed by the account key.",
                    cbor::encode(&call),
                    fields,
                )
            });
        }

        let refusal = Refusal {
            code: Code::AccountTooLow,
            at_most: Some(fen(1_000)),
        };
        let receipt = Signed::sign(
            Receipt {
                transfer: deposit.id(),
                taken_at: NOW,
            },
            &self.mint.settlement,
        );
        let deliveries = vec![
            Delivery::Payment {
                payment: paid.encode(),
            },
            Delivery::Closed {
                outpoint: Outpoint {
                    origin: paid.id(),
                    output: 1,
                },
                amount: fen(1_255),
            },
        ];
        let lost = vec![Delivery::Frozen {
            devices: devices.to_vec(),
        }];
        let bundle = self.mint.bundle();
        let certificates = vec![alice.certificate.clone()];
        let notes = deposit.notes().to_vec();
        let answers = [
            (
                "refused",
                Answer::Refused(refusal),
                vec![("refusal", refusal.to_json())],
            ),
            (
                "enrolled",
                Answer::Enrolled {
                    trust: bundle.clone(),
                },
                vec![("trust", bundle.to_json())],
            ),
            (
                "certified",
                Answer::Certified {
                    certificates: certificates.clone(),
                },
                vec![("certificates", certificates.to_json())],
            ),
            (
                "loaded",
                Answer::Loaded { notes: notes.clone() },
                vec![("notes", notes.to_json())],
            ),
            (
                "deposited",
                Answer::Deposited {
                    receipt: receipt.clone(),
                },
                vec![("receipt", receipt.to_json())],
            ),
            (
                "account",
                Answer::Account {
                    balance: fen(123_456),
                },
                vec![("balance", fen(123_456).to_json())],
            ),
            ("recorded", Answer::Recorded, vec![]),
            (
                "delivered",
                Answer::Delivered {
                    deliveries: deliveries.clone(),
                    last: 19,
                    more: true,
                },
                vec![
                    ("deliveries", deliveries.to_json()),
                    ("last", Json::Number(19)),
                    ("more", Json::Bool(true)),
                ],
            ),
            (
                "delivered-frozen",
                Answer::Delivered {
                    deliveries: lost.clone(),
                    last: 20,
                    more: false,
                },
                vec![
                    ("deliveries", lost.to_json()),
                    ("last", Json::Number(20)),
                    ("more", Json::Bool(false)),
                ],
            ),
            ("accused", Answer::Accused, vec![]),
            ("retired", Answer::Retired, vec![]),
            (
                "known",
                Answer::Known {
                    transfers: vec![paid.id()],
                },
                vec![("transfers", vec![paid.id()].to_json())],
            ),
            (
                "refreshed",
                Answer::Refreshed {
                    receipt: receipt.clone(),
                    notes: notes.clone(),
                },
                vec![("receipt", receipt.to_json()), ("notes", notes.to_json())],
            ),
            ("frozen", Answer::Frozen, vec![]),
        ];
        for (what, answer, fields) in answers {
            let reply = Reply {
                operator: OPERATOR,
                call: call_id,
                at: NOW,
                answer,
            };
            let reply = Signed::sign(reply, &self.mint.certifying);
            let kind = what.split('-').next().unwrap_or(what);
            let fields = json::reply(&reply, Json::Object(vec![(kind, Json::Object(fields))]));
            all.push(Object {
                id: Some(reply.body.id().to_json()),
                message: Some(hex(reply.body.message())),
                signer: Some(self.mint.certifying.verifying_key().to_json()),
                ..self.plain(
                    &format!("reply-{what}"),
                    "signed-reply",
                    "An answer of the operator, signed by its certifying key.",
                    cbor::encode(&reply),
                    fields,
                )
            });
        }
        all
    }
}
