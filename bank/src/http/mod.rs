//! A bank on HTTP. Calls and answers are the canonical bytes of [`protocol::bank`]; everything for people and programs
//! beside the wallets is JSON. The contract is `openapi.json`, and a test holds the two together.
//!
//! There is no TLS here and no limit on how slow a caller may be: put it behind a proxy that has both. Calls authenticate
//! themselves, so the proxy needs not be trusted with money.

mod handlers;
mod problem;
mod server;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, get, post},
};

use crate::{Bank, MAX_CALL_BYTES};

pub use server::{Server, serve};

/// The contract.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// Every route: path, method, and what answers.
fn routes() -> [(&'static str, &'static str, MethodRouter<Arc<Bank>>); 6] {
    [
        ("/v1/calls", "post", post(handlers::calls)),
        ("/v1/trust", "get", get(handlers::trust)),
        ("/v1/root", "get", get(handlers::root)),
        ("/v1/books", "get", get(handlers::books)),
        ("/v1/health", "get", get(handlers::health)),
        ("/openapi.json", "get", get(handlers::openapi)),
    ]
}

/// The service, to be served here or nested elsewhere.
pub fn router(bank: Arc<Bank>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, _, handler)| {
            router.route(path, handler)
        })
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_CALL_BYTES))
        .with_state(bank)
}

#[cfg(test)]
mod tests;
