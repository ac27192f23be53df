//! The service, over real sockets, against its contract.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
};

use protocol::{
    Code, Name, Signed, SigningKey, Timestamp, Trust, TrustBundle, WalletClass,
    bank::{Answer, Call, IdempotencyKey, Order},
    cbor,
    key::Algorithm,
};
use serde_json::Value;

use super::{OPENAPI, Server, routes};
use crate::{Bank, BankConfig, Clock, ClockError, Entropy, EntropyError, MAX_CALL_BYTES, Place};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Ok(Timestamp::from_seconds(20_781 * 86_400 + 43_200))
    }
}

/// Counts, which is random enough for one bank.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        Ok(())
    }
}

fn served_bank() -> (Server, Arc<Bank>) {
    let config = BankConfig::new(Place::Memory, Name::new("Bank of Tests").unwrap());
    let bank = Arc::new(Bank::open(config, Arc::new(Noon), Arc::new(Counting(1.into()))).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (Server::start(bank.clone(), listener).unwrap(), bank)
}

/// What came back.
struct Reply {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn send(address: SocketAddr, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: bank\r\nconnection: close\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A server that has heard enough may hang up before the end of an oversized body.
    drop(stream.write_all(body));
    let mut reply = Vec::new();
    drop(stream.read_to_end(&mut reply));
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(reply[..end].to_vec())
        .unwrap()
        .to_ascii_lowercase();
    Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        content_type: head
            .lines()
            .find_map(|line| line.strip_prefix("content-type: "))
            .unwrap_or_default()
            .to_string(),
        body: reply[end + 4..].to_vec(),
    }
}

fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, "", b"")
}

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

/// The reply is one of those that the document has for this operation, and its JSON is of the documented shape.
fn assert_documented(document: &Value, path: &str, method: &str, reply: &Reply) {
    let responses = &document["paths"][path][method]["responses"];
    let response = &responses[reply.status.to_string()];
    assert!(
        response.is_object(),
        "{method} {path}: status {} is not documented",
        reply.status
    );
    let content = &response["content"][&reply.content_type];
    assert!(
        content.is_object(),
        "{method} {path} {}: content type {:?} is not documented",
        reply.status,
        reply.content_type
    );
    if reply.content_type.ends_with("json") {
        assert_shape(document, &content["schema"], &reply.json(), path);
    }
}

/// As much of JSON Schema as the document uses.
fn assert_shape(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let referred = document.pointer(reference.strip_prefix('#').unwrap());
        return assert_shape(document, referred.unwrap(), value, at);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => panic!("{at}: a schema without a type"),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(
        kinds.contains(&kind),
        "{at}: {kind} where the document has {kinds:?}"
    );
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        assert_shape(document, &schema["items"], item, &format!("{at}/{number}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(name.as_str().unwrap()).is_some(),
            "{at}: {name} is missing"
        );
    }
    for (name, item) in value.as_object().into_iter().flatten() {
        let property = &schema["properties"][name];
        if property.is_object() {
            assert_shape(document, property, item, &format!("{at}/{name}"));
        } else {
            assert_ne!(
                schema["additionalProperties"], false,
                "{at}: {name} is not documented"
            );
        }
    }
}

fn account_key() -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap()
}

fn call(number: u8, order: Order) -> Vec<u8> {
    let key = account_key();
    let call = Call {
        account: key.verifying_key(),
        idempotency_key: IdempotencyKey::from_bytes([number; 16]),
        order,
    };
    cbor::encode(&Signed::sign(call, &key))
}

#[test]
fn document_and_router_name_the_same_routes() {
    let document = document();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(|method| (path.clone(), method.clone()))
        })
        .collect();
    let routed = routes().map(|(path, method, _)| (path.to_string(), method.to_string()));
    assert_eq!(documented, routed.into_iter().collect());
}

#[test]
fn every_operation_answers_as_documented() {
    let (server, _bank) = served_bank();
    let document = document();
    for (path, method, _) in routes() {
        let body = if method == "post" {
            call(1, Order::Account)
        } else {
            Vec::new()
        };
        let reply = send(
            server.address(),
            &method.to_ascii_uppercase(),
            path,
            "application/cbor",
            &body,
        );
        assert_eq!(reply.status, 200, "{method} {path}");
        assert_documented(&document, path, method, &reply);

        let other = if method == "post" { "GET" } else { "POST" };
        let reply = send(server.address(), other, path, "application/cbor", b"");
        assert_eq!(reply.status, 405, "{other} {path}");
        assert_documented(&document, path, method, &reply);
    }
    let reply = get(server.address(), "/v2/calls");
    assert_eq!(
        (reply.status, reply.content_type.as_str()),
        (404, "application/problem+json")
    );
}

fn answer(reply: &[u8]) -> Answer {
    cbor::decode::<Signed<protocol::bank::Reply>>("reply", reply)
        .unwrap()
        .body
        .answer
}

#[test]
fn what_is_no_call_is_a_documented_problem_or_a_refusal() {
    let (server, _bank) = served_bank();
    let document = document();
    let post = |content_type: &str, body: &[u8]| {
        let reply = send(server.address(), "POST", "/v1/calls", content_type, body);
        assert_documented(&document, "/v1/calls", "post", &reply);
        reply
    };
    assert_eq!(post("application/json", b"{}").status, 415);
    assert_eq!(post("", &call(1, Order::Account)).status, 415);
    let too_large = post("application/cbor", &vec![0; MAX_CALL_BYTES + 1]);
    assert_eq!(too_large.status, 413);
    assert_eq!(too_large.json()["code"], Code::TooLarge.name());

    let garbage = post("application/cbor", &[0xff; 64]);
    assert_eq!(garbage.status, 200);
    let Answer::Refused(refusal) = answer(&garbage.body) else {
        panic!()
    };
    assert_eq!(refusal.code, Code::Malformed);
}

#[test]
fn a_wallet_gets_from_the_root_key_to_an_account() {
    let (server, bank) = served_bank();
    let root = get(server.address(), "/v1/root").json();
    assert_eq!(root["root_key"], bank.root().to_string());

    let bundle: TrustBundle = cbor::decode("trust bundle", &get(server.address(), "/v1/trust").body).unwrap();
    Trust::new(bank.root()).merge(&bundle).unwrap();

    let enrol = Order::Enrol {
        class: WalletClass::Iv,
        name: None,
    };
    for _ in 0..2 {
        let reply = send(
            server.address(),
            "POST",
            "/v1/calls",
            "application/cbor",
            &call(1, enrol.clone()),
        );
        let answer = answer(&reply.body);
        assert!(matches!(answer, Answer::Enrolled { .. }), "{answer:?}");
    }
    bank.pay_in(
        &account_key().verifying_key(),
        protocol::Amount::from_fen(500).unwrap(),
    )
    .unwrap();
    let books = get(server.address(), "/v1/books").json();
    assert_eq!(books["customer_deposits"], 500);
    assert_eq!(books["cash"], 500);
    assert_eq!(books["balanced"], true);
}

#[test]
fn a_server_that_is_dropped_lets_go_of_its_port_and_its_bank() {
    let (server, bank) = served_bank();
    let address = server.address();
    assert_eq!(get(address, "/v1/health").status, 200);
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(Arc::strong_count(&bank), 1);
}
