//! A phone's line to the bank, which fails in every way a line can, when a test wants it to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bank::Bank;
use protocol::cbor;
use wallet_core::platform::{BankTransport, TransportError};

/// What happens to one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineTrouble {
    /// It goes through.
    None,
    /// It never reaches the bank.
    CallLost,
    /// The bank acts on it, and its answer is lost.
    AnswerLost,
    /// It reaches the bank twice.
    CallRepeated,
    /// What comes back is an answer to an earlier call.
    OldAnswer,
    /// The last byte of the answer is missing.
    AnswerCut,
}

impl LineTrouble {
    /// Every trouble there is.
    pub const ALL: [Self; 5] = [
        Self::CallLost,
        Self::AnswerLost,
        Self::CallRepeated,
        Self::OldAnswer,
        Self::AnswerCut,
    ];
}

/// A call as it reached the bank, and the answer as it left. What became of the answer on the line is not in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The bytes of the call.
    pub call: Vec<u8>,
    /// The bytes of the reply.
    pub reply: Vec<u8>,
}

/// A line to the bank. Clones are the same line.
#[derive(Clone)]
pub struct BankLine {
    bank: Option<Arc<Bank>>,
    state: Arc<Mutex<State>>,
}

impl core::fmt::Debug for BankLine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("BankLine(…)")
    }
}

/// What the line is about to do, and what it remembers.
#[derive(Default)]
struct State {
    cut: bool,
    troubles: VecDeque<LineTrouble>,
    /// The last reply that went over it.
    old: Option<Vec<u8>>,
    /// Everything that reached the bank, if somebody listens.
    heard: Option<Vec<Exchange>>,
}

impl BankLine {
    pub(crate) fn new(bank: Arc<Bank>) -> Self {
        Self {
            bank: Some(bank),
            state: Arc::default(),
        }
    }

    /// A line that reaches nobody: the phone is offline.
    #[must_use]
    pub fn offline() -> Self {
        Self {
            bank: None,
            state: Arc::default(),
        }
    }

    /// Cuts the line, or mends it.
    pub fn set_offline(&self, offline: bool) {
        self.state().cut = offline;
    }

    /// What will happen to the next calls, one after the other; to those after them, nothing.
    pub fn expect(&self, troubles: impl IntoIterator<Item = LineTrouble>) {
        self.state().troubles = troubles.into_iter().collect();
    }

    /// From now on, everything that reaches the bank is kept for [`BankLine::heard`].
    pub fn listen(&self) {
        self.state().heard.get_or_insert_default();
    }

    /// What reached the bank since the last time, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<Exchange> {
        self.state()
            .heard
            .as_mut()
            .map(core::mem::take)
            .unwrap_or_default()
    }

    /// The bank, and what happens to this call.
    fn dial(&self) -> Result<(&Bank, LineTrouble), TransportError> {
        let mut state = self.state();
        match &self.bank {
            Some(bank) if !state.cut => Ok((bank, state.troubles.pop_front().unwrap_or(LineTrouble::None))),
            _ => Err(TransportError::Unreachable),
        }
    }

    fn ask(&self, bank: &Bank, call: &[u8]) -> Vec<u8> {
        let reply = bank.handle_call(call);
        if let Some(heard) = &mut self.state().heard {
            heard.push(Exchange {
                call: call.to_vec(),
                reply: reply.clone(),
            });
        }
        reply
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BankTransport for BankLine {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        let (bank, trouble) = self.dial()?;
        if trouble == LineTrouble::CallLost {
            return Err(TransportError::TimedOut);
        }
        let mut reply = self.ask(bank, call);
        let old = self.state().old.replace(reply.clone());
        match trouble {
            LineTrouble::AnswerLost => return Err(TransportError::TimedOut),
            LineTrouble::CallRepeated => reply = self.ask(bank, call),
            LineTrouble::OldAnswer => reply = old.unwrap_or_default(),
            LineTrouble::AnswerCut => drop(reply.pop()),
            LineTrouble::None | LineTrouble::CallLost => {}
        }
        Ok(reply)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        let (bank, trouble) = self.dial()?;
        if matches!(trouble, LineTrouble::CallLost | LineTrouble::AnswerLost) {
            return Err(TransportError::TimedOut);
        }
        let bundle = bank.trust_bundle();
        let mut bytes = bundle
            .map(|bundle| cbor::encode(&bundle))
            .map_err(|_| TransportError::Status { status: 500 })?;
        if trouble == LineTrouble::AnswerCut {
            bytes.pop();
        }
        Ok(bytes)
    }
}
