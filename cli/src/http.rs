//! The line to the bank: HTTP, with a limit on everything the other end can do.

use protocol::VerifyingKey;
use serde::Deserialize;
use std::time::Duration;
use ureq::{Agent, Body, http::Response};
use wallet_core::platform::{BankTransport, TransportError};

use crate::{failure::Failure, root};

/// From the first byte sent to the last byte received.
const TIMEOUT: Duration = Duration::from_secs(30);
/// To be connected at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes an answer may have. A trust bundle with a long status list is the longest.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// The media type of calls and answers.
const CBOR: &str = "application/cbor";

/// A bank at an address.
#[derive(Clone, Debug)]
pub(crate) struct HttpBank {
    agent: Agent,
    address: String,
}

/// What `GET /v1/root` says; other members are not our business.
#[derive(Deserialize)]
struct Root {
    root_key: String,
}

impl HttpBank {
    /// The bank at this address, such as `http://127.0.0.1:7070`. Nothing is sent yet.
    pub(crate) fn at(address: &str) -> Result<Self, Failure> {
        let address = address.trim_end_matches('/');
        if !address.starts_with("http://") && !address.starts_with("https://") {
            let message = format!("{address:?} is not a bank's address, such as http://127.0.0.1:7070");
            return Err(Failure::Usage(message));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The bank is most often on this very machine, where no proxy finds it.
            .proxy(None)
            .build();
        Ok(Self {
            agent: config.new_agent(),
            address: address.to_owned(),
        })
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks it for its root key. Whoever believes the answer trusts the line this once.
    pub(crate) fn root(&self) -> Result<VerifyingKey, Failure> {
        let answer = self.get("root").map_err(wallet_core::BankError::from)?;
        serde_json::from_slice::<Root>(&answer)
            .ok()
            .and_then(|answer| root::parse(&answer.root_key))
            .ok_or(Failure::Bank(wallet_core::BankError::InvalidAnswer))
    }

    fn get(&self, what: &str) -> Result<Vec<u8>, TransportError> {
        received(self.agent.get(self.url(what)).call())
    }

    fn url(&self, what: &str) -> String {
        format!("{}/v1/{what}", self.address)
    }
}

impl BankTransport for HttpBank {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        received(
            self.agent
                .post(self.url("calls"))
                .header("content-type", CBOR)
                .send(call),
        )
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        self.get("trust")
    }
}

/// The body of a good answer.
fn received(answer: Result<Response<Body>, ureq::Error>) -> Result<Vec<u8>, TransportError> {
    let mut answer = answer.map_err(|error| transport_error(&error, 0))?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(TransportError::Status { status });
    }
    answer
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_to_vec()
        .map_err(|error| transport_error(&error, status))
}

/// `status` is what has been answered so far; 0 if not even that.
fn transport_error(error: &ureq::Error, status: u16) -> TransportError {
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => TransportError::Unreachable,
        ureq::Error::Timeout(_) => TransportError::TimedOut,
        ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) => TransportError::Status { status },
        _ => TransportError::Unreachable,
    }
}
