//! A rogue: somebody who has an account like everybody, and no wallet of ours. The keys are in the open, transfers are
//! written by hand, and so is every word said to a phone or to the bank.
//!
//! Nothing here checks anything. What a rogue should not do, others must catch.

mod conversation;
mod value;

pub use conversation::{Manners, Overheard, Said};
pub use value::{RoguePiece, Split};

use std::sync::Arc;

use bank::Bank;
use protocol::{
    Algorithm, Amount, Assurance, HolderCertificate, Payment, Reference, Request, RequestId, Signed,
    SigningKey, StaticKeyHash, Terms, VerifyingKey, WalletClass,
    bank::{Answer, Call, IdempotencyKey, KeyApplication, Order, Reply},
    cbor,
};
use wallet_core::{noise::StaticSecret, platform::BankTransport as _};

use crate::{environment::SeededEntropy, line::BankLine, world::WorldError};

/// A key that lies in the open.
struct OpenKey {
    key: SigningKey,
    secret: [u8; 32],
    certificate: Option<Signed<HolderCertificate>>,
}

impl OpenKey {
    fn static_key(&self) -> StaticKeyHash {
        StaticKeyHash::of(&StaticSecret::from_bytes(self.secret).public())
    }
}

/// Somebody with an account and no wallet of ours.
pub struct Rogue {
    bank: Arc<Bank>,
    line: BankLine,
    account: SigningKey,
    keys: Vec<OpenKey>,
    entropy: SeededEntropy,
}

impl core::fmt::Debug for Rogue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Rogue(…)")
    }
}

impl Rogue {
    /// Opens an account.
    pub(crate) fn new(bank: Arc<Bank>, entropy: SeededEntropy) -> Result<Self, WorldError> {
        let account =
            SigningKey::from_seed(Algorithm::Ed25519, &entropy.bytes()).map_err(|_| WorldError::Words)?;
        let line = BankLine::new(Arc::clone(&bank));
        let rogue = Self {
            bank,
            line,
            account,
            keys: Vec::new(),
            entropy,
        };
        let enrol = Order::Enrol {
            class: WalletClass::Ii,
            name: None,
        };
        rogue.call(enrol)?;
        Ok(rogue)
    }

    /// The account, by its key.
    #[must_use]
    pub fn account(&self) -> VerifyingKey {
        self.account.verifying_key()
    }

    /// The line over which it calls the bank.
    #[must_use]
    pub const fn line(&self) -> &BankLine {
        &self.line
    }

    /// Makes a key that nobody knows of.
    ///
    /// # Errors
    /// Never for Ed25519.
    pub fn secret_key(&mut self) -> Result<VerifyingKey, WorldError> {
        let key = SigningKey::from_seed(Algorithm::Ed25519, &self.entropy.bytes())
            .map_err(|_| WorldError::Words)?;
        let public = key.verifying_key();
        self.keys.push(OpenKey {
            key,
            secret: self.entropy.bytes(),
            certificate: None,
        });
        Ok(public)
    }

    /// Makes a key, and has it certified like everybody.
    ///
    /// # Errors
    /// [`WorldError::Bank`].
    pub fn certified_key(&mut self) -> Result<VerifyingKey, WorldError> {
        let public = self.secret_key()?;
        let open = self.open(&public)?;
        let application = KeyApplication {
            account: self.account(),
            holder_key: public,
            static_key: open.static_key(),
            assurance: Assurance::Software,
            device: None,
        };
        let keys = vec![Signed::sign(application, &open.key)];
        let Answer::Certified { certificates } = self.call(Order::Certify { keys })? else {
            return Err(WorldError::Bank("the key was not certified".to_owned()));
        };
        if let Some(open) = self.keys.last_mut() {
            open.certificate = certificates.into_iter().next();
        }
        Ok(public)
    }

    /// Brings cash to the counter, and has it turned into notes on one key.
    ///
    /// # Errors
    /// [`WorldError::Bank`].
    pub fn load(&mut self, amount: Amount, key: &VerifyingKey) -> Result<Vec<RoguePiece>, WorldError> {
        let paid_in = self.bank.pay_in(&self.account(), amount);
        paid_in.map_err(|error| WorldError::Bank(error.to_string()))?;
        let keys = vec![*key];
        match self.call(Order::Load { amount, keys })? {
            Answer::Loaded { notes } => Ok(notes.into_iter().map(RoguePiece::of_note).collect()),
            other => Err(WorldError::Bank(format!("{other:?}"))),
        }
    }

    /// Signs a transfer of these pieces to whomever, and keeps nothing in mind: the same pieces can be passed on again.
    ///
    /// # Errors
    /// [`WorldError::Rogue`], if a key is not this rogue's or the sums do not match.
    pub fn pass(
        &self,
        pieces: &[&RoguePiece],
        to: &[(VerifyingKey, Amount)],
        reference: Reference,
    ) -> Result<Split, WorldError> {
        value::pass(pieces, to, reference, |owner| Ok(&self.open(owner)?.key))
    }

    /// The payment that ends in a transfer of this rogue's, with the certificates of who signed it.
    ///
    /// # Errors
    /// [`WorldError::Rogue`], if one of them was never certified.
    pub fn payment(&self, split: &Split) -> Result<Payment, WorldError> {
        let certificate = |owner: &VerifyingKey| {
            let certificate = self.open(owner)?.certificate.clone();
            certificate.ok_or(WorldError::Rogue("a signer was never certified"))
        };
        let certificates = split.signers.iter().map(certificate).collect::<Result<_, _>>()?;
        split.payment(certificates)
    }

    /// Pays a request with these pieces; change goes back to the key of the first.
    ///
    /// # Errors
    /// [`WorldError::Rogue`].
    pub fn pay(
        &self,
        pieces: &[&RoguePiece],
        request: &Request,
        amount: Amount,
    ) -> Result<(Payment, Split), WorldError> {
        let split = value::with_change(pieces, request.payee.body.holder_key, amount)
            .and_then(|to| self.pass(pieces, &to, request.reference()))?;
        Ok((self.payment(&split)?, split))
    }

    /// Asks to be paid on one of its certified keys.
    ///
    /// # Errors
    /// [`WorldError::Rogue`].
    pub fn request(&self, key: &VerifyingKey, amount: Option<Amount>) -> Result<Request, WorldError> {
        let payee = self.open(key)?.certificate.clone();
        Ok(Request {
            id: RequestId::from_bytes(self.entropy.bytes()),
            amount,
            payee: payee.ok_or(WorldError::Rogue("the key was never certified"))?,
            terms: Terms::default(),
        })
    }

    /// Signs a request for a screen, whatever it says, with the key of its own that is named in it.
    ///
    /// # Errors
    /// [`WorldError::Rogue`].
    pub fn sign_request(&self, request: Request) -> Result<Signed<Request>, WorldError> {
        let open = self.open(&request.payee.body.holder_key)?;
        Ok(Signed::sign(request, &open.key))
    }

    /// Claims pieces at the bank, and returns its answer.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn deposit(&self, pieces: &[&RoguePiece]) -> Result<Answer, WorldError> {
        let (key, payment) = self.to_operator(pieces, Reference::to_deposit)?;
        self.call_with(key, Order::Deposit { payment })
    }

    /// Turns pieces into fresh notes on one of its certified keys. What it signs is its own again, by another way.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn refresh(&self, pieces: &[&RoguePiece], notes_to: VerifyingKey) -> Result<Answer, WorldError> {
        let (key, payment) = self.to_operator(pieces, Reference::to_refresh)?;
        let keys = vec![notes_to];
        self.call_with(key, Order::Refresh { payment, keys })
    }

    /// A transfer of pieces to the operator, in answer to an order of its own.
    fn to_operator(
        &self,
        pieces: &[&RoguePiece],
        reference: fn(&VerifyingKey, &[u8; 16]) -> Reference,
    ) -> Result<(IdempotencyKey, Vec<u8>), WorldError> {
        let trust = self
            .bank
            .trust_bundle()
            .map_err(|error| WorldError::Bank(error.to_string()))?;
        let operator = trust
            .operators
            .first()
            .ok_or(WorldError::Rogue("there is no bank"))?;
        let key = IdempotencyKey::from_bytes(self.entropy.bytes());
        let reference = reference(&self.account(), key.as_bytes());
        let all = Amount::checked_sum(pieces.iter().map(|piece| piece.amount)).unwrap_or(Amount::MAX);
        let split = self.pass(pieces, &[(operator.body.settlement_key, all)], reference)?;
        Ok((key, self.payment(&split)?.encode()))
    }

    /// Asks the bank for something, and returns its answer, refusals included.
    ///
    /// # Errors
    /// [`WorldError::Bank`], if it gives none.
    pub fn call(&self, order: Order) -> Result<Answer, WorldError> {
        self.call_with(IdempotencyKey::from_bytes(self.entropy.bytes()), order)
    }

    fn call_with(&self, idempotency_key: IdempotencyKey, order: Order) -> Result<Answer, WorldError> {
        let call = Call {
            account: self.account(),
            idempotency_key,
            order,
        };
        let call = cbor::encode(&Signed::sign(call, &self.account));
        let reply = self
            .line
            .call(&call)
            .map_err(|error| WorldError::Bank(error.to_string()))?;
        let reply: Signed<Reply> =
            cbor::decode("reply", &reply).map_err(|error| WorldError::Bank(error.to_string()))?;
        Ok(reply.body.answer)
    }

    /// All of its keys, certified or not.
    pub fn keys(&self) -> impl Iterator<Item = VerifyingKey> + '_ {
        self.keys.iter().map(|open| open.key.verifying_key())
    }

    fn open(&self, key: &VerifyingKey) -> Result<&OpenKey, WorldError> {
        let mine = |open: &&OpenKey| open.key.verifying_key() == *key;
        self.keys
            .iter()
            .find(mine)
            .ok_or(WorldError::Rogue("this is somebody else's key"))
    }
}
