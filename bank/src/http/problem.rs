//! Everything that is not an answer, as RFC 9457 has it: `application/problem+json`.

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use protocol::{Code, Coded as _};
use serde_json::json;

use crate::{BankError, MAX_CALL_BYTES};

/// A problem: a status, a row of the table of errors, and a line about it.
pub(super) struct Problem {
    status: StatusCode,
    code: Code,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
        }
    }

    pub(super) fn content_type() -> Self {
        let detail = "a call is sent as application/cbor";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::Malformed, detail)
    }

    pub(super) fn too_large() -> Self {
        let detail = format!("a call has at most {MAX_CALL_BYTES} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, detail)
    }

    pub(super) fn broken_body() -> Self {
        let detail = "the call did not arrive in whole";
        Self::new(StatusCode::BAD_REQUEST, Code::Malformed, detail)
    }

    /// The bank cannot read its books now. What exactly it suffers from is for its own log, not for callers.
    pub(super) fn unavailable(error: &BankError) -> Self {
        let detail = format!("the bank has a fault of its own: {}", error.code());
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::BankFailed, detail)
    }

    pub(super) fn internal() -> Self {
        let detail = "the bank has a fault of its own";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::BankFailed, detail)
    }
}

/// No such path.
pub(super) async fn not_found() -> Problem {
    let detail = "there is nothing here; see /openapi.json";
    Problem::new(StatusCode::NOT_FOUND, Code::Malformed, detail)
}

/// A path with another method.
pub(super) async fn method_not_allowed() -> Problem {
    let detail = "this path has another method; see /openapi.json";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::Malformed, detail)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code.name(),
        });
        let header = [(CONTENT_TYPE, "application/problem+json")];
        (self.status, header, body.to_string()).into_response()
    }
}
