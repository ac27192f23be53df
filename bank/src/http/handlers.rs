//! What answers each route. SQLite blocks, so every handler that touches the books does it on a thread made for that.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use protocol::cbor;
use serde::Serialize;
use serde_json::json;

use super::{OPENAPI, problem::Problem};
use crate::{Bank, BankError};

const CBOR: &str = "application/cbor";
const JSON: &str = "application/json";

/// A signed call in, an answer out. Status 200 says that the body is a signed reply, be it a refusal.
pub(super) async fn calls(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if headers.get(CONTENT_TYPE).is_none_or(|found| found != CBOR) {
        return Err(Problem::content_type());
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::broken_body(),
    })?;
    let answer = blocking(move || Ok(bank.handle_call(&body))).await?;
    Ok(body_of(CBOR, answer))
}

/// Everything a wallet must believe.
pub(super) async fn trust(State(bank): State<Arc<Bank>>) -> Result<Response, Problem> {
    let bundle = blocking(move || bank.trust_bundle()).await?;
    Ok(body_of(CBOR, cbor::encode(&bundle)))
}

/// The root key, for demos. Whoever asks the bank whom to believe believes whoever answers: real wallets come with the
/// key built in.
pub(super) async fn root(State(bank): State<Arc<Bank>>) -> Response {
    let root = bank.root();
    let hex: String = root.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    json(&json!({ "root_key": root.to_string(), "root_key_bytes": hex }))
}

/// The books.
pub(super) async fn books(State(bank): State<Arc<Bank>>) -> Result<Response, Problem> {
    let books = blocking(move || bank.books()).await?;
    Ok(json(&books))
}

/// Whether the books can be read.
pub(super) async fn health(State(bank): State<Arc<Bank>>) -> Result<Response, Problem> {
    blocking(move || bank.trust_bundle()).await?;
    Ok(json(
        &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }),
    ))
}

/// The contract.
pub(super) async fn openapi() -> Response {
    body_of(JSON, OPENAPI.into())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BankError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Problem::unavailable(&error)),
        Err(_) => Err(Problem::internal()),
    }
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => body_of(JSON, bytes),
        Err(_) => Problem::internal().into_response(),
    }
}

fn body_of(content_type: &'static str, bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, content_type)], bytes).into_response()
}
