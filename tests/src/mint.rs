//! A mint without a bank: deterministic roots, operators, notes, holders and payments.
//!
//! Everything follows from a seed and from labels, so two runs make the same bytes. Nothing is
//! stored and nothing is checked beyond what [`Payment::new`] checks: a test that wants something
//! false signs it here.
//!
//! ```
//! use protocol::{Algorithm, Expected, verify};
//! use tests::mint::{Mint, fen};
//!
//! let mint = Mint::new(7);
//! let alice = mint.holder(Algorithm::P256, "Alice");
//! let bob = mint.merchant(Algorithm::Ed25519, "Bob", "Bob's Noodles");
//!
//! let note = mint.note(&alice, fen(5_000));
//! let request = bob.request(1, Some(fen(3_745)));
//! let paid = note.pay(&request, fen(3_745));
//! let change = paid.change.unwrap();
//! assert_eq!(change.amount(), fen(1_255));
//!
//! let world = mint.world();
//! verify(paid.payment, &Expected::from(&request), &world.context()).unwrap();
//! ```

use std::{cell::Cell, collections::BTreeSet};

use protocol::{
    Algorithm, Amount, Assurance, Body, Consumed, Context, Day, Grant, HolderCertificate, Id, Limits, Name,
    Note, OfflineLimits, OperatorCertificate, OperatorId, Outpoint, Output, Payment, Policy, Receipt,
    Reference, Request, RequestId, Series, SeriesId, Signed, SignedTransfer, SigningKey, StaticKeyHash,
    StatusAuthority, StatusList, StructureError, Terms, Timestamp, Transfer, Trust, TrustBundle, Validity,
    VerifyingKey, WalletClass, key::KeyHash,
};
use sha2::{Digest as _, Sha256};

/// The day on which everything of a mint happens, unless it says otherwise: 2026-11-24.
pub const TODAY: Day = Day::from_number(20_781);

/// Noon of [`TODAY`].
pub const NOW: Timestamp = Timestamp::from_seconds(20_781 * 86_400 + 43_200);

/// The operator that certifies a mint's holders.
pub const OPERATOR: OperatorId = OperatorId(42);

/// The series of a mint's notes.
pub const SERIES: SeriesId = SeriesId(7);

/// The class of wallet that a mint certifies, unless told otherwise.
pub const CLASS: WalletClass = WalletClass::Ii;

/// An amount of so many fen.
#[must_use]
pub fn fen(fen: u64) -> Amount {
    Amount::from_fen(fen).expect("a test amount is in range")
}

/// Issuer and operator, as far as signatures go.
#[derive(Debug)]
pub struct Mint {
    seed: u64,
    /// Signs operators, series and the status authority.
    pub root: SigningKey,
    /// The operator's: signs holder certificates and policies.
    pub certifying: SigningKey,
    /// The operator's: owns what is deposited.
    pub settlement: SigningKey,
    /// Signs the notes of [`SERIES`].
    pub note_key: SigningKey,
    /// Signs status lists.
    pub status_key: SigningKey,
    next_serial: Cell<u64>,
}

impl Mint {
    /// The mint of this seed, its own keys Ed25519.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_authorities(seed, Algorithm::Ed25519)
    }

    /// The mint of this seed, its own keys of this algorithm.
    #[must_use]
    pub fn with_authorities(seed: u64, algorithm: Algorithm) -> Self {
        let key = |role: &str| signing_key(seed, algorithm, role);
        Self {
            seed,
            root: key("root"),
            certifying: key("operator/certifying"),
            settlement: key("operator/settlement"),
            note_key: key("series/note"),
            status_key: key("status"),
            next_serial: Cell::new(0),
        }
    }

    /// The operator's certificate, valid for a year before and after [`TODAY`].
    #[must_use]
    pub fn operator(&self) -> OperatorCertificate {
        OperatorCertificate {
            operator: OPERATOR,
            version: 1,
            name: name("Bank of Examples"),
            certifying_key: self.certifying.verifying_key(),
            settlement_key: self.settlement.verifying_key(),
            validity: around_today(365),
        }
    }

    /// The series: issued for a year, spendable for a year from [`TODAY`], claimable for half a year more.
    #[must_use]
    pub fn series(&self) -> Series {
        Series {
            series: SERIES,
            note_key: self.note_key.verifying_key(),
            issue: Validity {
                from: day(-30),
                until: day(335),
            },
            spend_until: day(365),
            claim_until: day(545),
        }
    }

    /// The policy for a class: the published profile `cn-2021`, with offline limits wide enough for long chains.
    #[must_use]
    pub fn policy(&self, class: WalletClass) -> Policy {
        let (balance, per_payment, per_day, per_year) = match class {
            WalletClass::I => (100_0000, 100_000, 200_000, None),
            WalletClass::Ii => (500_000, 5_0000, 100_000, None),
            WalletClass::Iii => (20_000, 5_000, 10_000, None),
            WalletClass::Iv => (10_000, 2_000, 5_000, Some(5_0000)),
        };
        let yuan = |yuan: u64| fen(yuan * 100);
        Policy {
            operator: OPERATOR,
            class,
            version: 1,
            profile: name("cn-2021"),
            limits: Limits {
                balance: yuan(balance),
                per_payment: yuan(per_payment),
                per_day: yuan(per_day),
                per_year: per_year.map(yuan),
                offline: OfflineLimits {
                    total: yuan(per_day),
                    payments: 100,
                    hops: 64,
                    age_days: 90,
                },
                unconfirmed_each: yuan(500),
                unconfirmed_total: yuan(1_000),
            },
            stale_after_days: None,
        }
    }

    /// The authority for status lists.
    #[must_use]
    pub fn authority(&self) -> StatusAuthority {
        StatusAuthority {
            version: 1,
            key: self.status_key.verifying_key(),
            validity: around_today(365),
        }
    }

    /// Version 1 of the status list, with these keys on it.
    #[must_use]
    pub fn status(&self, revoked: impl IntoIterator<Item = KeyHash>) -> Signed<StatusList> {
        Signed::sign(StatusList::new(1, NOW, revoked), &self.status_key)
    }

    /// Everything a wallet must believe: nobody is revoked.
    #[must_use]
    pub fn bundle(&self) -> TrustBundle {
        self.bundle_revoking([])
    }

    /// Everything a wallet must believe, with these keys revoked.
    #[must_use]
    pub fn bundle_revoking(&self, revoked: impl IntoIterator<Item = KeyHash>) -> TrustBundle {
        let classes = [WalletClass::I, WalletClass::Ii, WalletClass::Iii, WalletClass::Iv];
        TrustBundle {
            operators: vec![Signed::sign(self.operator(), &self.root)],
            series: vec![Signed::sign(self.series(), &self.root)],
            policies: classes
                .map(|class| Signed::sign(self.policy(class), &self.certifying))
                .to_vec(),
            authority: vec![Signed::sign(self.authority(), &self.root)],
            status: vec![self.status(revoked)],
        }
    }

    /// [`Mint::bundle`], checked.
    #[must_use]
    pub fn trust(&self) -> Trust {
        trust(self.root.verifying_key(), &self.bundle())
    }

    /// What a payee of this mint holds payments against.
    #[must_use]
    pub fn world(&self) -> World {
        World {
            now: NOW,
            trust: self.trust(),
            consumed: Consumed::new(),
            limits: self.policy(CLASS).limits,
        }
    }

    /// A person. The label names the keys: the same label, the same holder.
    #[must_use]
    pub fn holder(&self, algorithm: Algorithm, label: &str) -> Holder {
        self.certified(algorithm, label, self.grant(None))
    }

    /// A merchant, with a name to show.
    #[must_use]
    pub fn merchant(&self, algorithm: Algorithm, label: &str, shown: &str) -> Holder {
        self.certified(algorithm, label, self.grant(Some(name(shown))))
    }

    /// What [`Mint::holder`] and [`Mint::merchant`] say of a holder.
    #[must_use]
    pub fn grant(&self, name: Option<Name>) -> Grant {
        Grant {
            operator: OPERATOR,
            class: CLASS,
            assurance: Assurance::SecureElement,
            validity: Validity {
                from: day(-7),
                until: day(30),
            },
            name,
        }
    }

    /// A holder with another grant than usual.
    #[must_use]
    pub fn certified(&self, algorithm: Algorithm, label: &str, grant: Grant) -> Holder {
        let key = signing_key(self.seed, algorithm, &format!("holder/{label}"));
        let static_secret = seed_bytes(self.seed, &format!("static/{label}"));
        let static_key =
            x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(static_secret)).to_bytes();
        let body = HolderCertificate {
            holder_key: key.verifying_key(),
            static_key: StaticKeyHash::of(&static_key),
            grant,
        };
        Holder {
            key,
            static_secret,
            static_key,
            certificate: Signed::sign(body, &self.certifying),
        }
    }

    /// The operator as a payee: whom deposits are paid to.
    #[must_use]
    pub fn settlement_key(&self) -> VerifyingKey {
        self.settlement.verifying_key()
    }

    /// A fresh note, issued on [`TODAY`].
    #[must_use]
    pub fn note(&self, holder: &Holder, amount: Amount) -> Piece {
        self.note_issued(holder, amount, TODAY)
    }

    /// A fresh note, issued on another day.
    #[must_use]
    pub fn note_issued(&self, holder: &Holder, amount: Amount, issued: Day) -> Piece {
        let number = self.next_serial.get();
        self.next_serial.set(number + 1);
        let serial = seed_bytes(self.seed, &format!("serial/{number}"));
        let body = Note {
            series: SERIES,
            serial: u64::from_be_bytes(*serial.first_chunk().expect("a hash has 32 bytes")),
            issued,
            amount,
            holder_key: holder.verifying_key(),
        };
        Piece::of_note(Signed::sign(body, &self.note_key), holder)
    }

    /// A payment of `hops` transfers by as many holders, all of one algorithm. Value passes on whole, or each holder keeps
    /// some change.
    #[must_use]
    pub fn chain(&self, algorithm: Algorithm, hops: u32, shape: Shape) -> Chain {
        assert!(hops > 0, "a payment has at least one hop");
        let holders: Vec<_> = (0..=hops)
            .map(|n| self.holder(algorithm, &format!("{hops}-chain/{n}")))
            .collect();
        let mut amount = fen(100_000);
        let mut piece = self.note(&holders[0], amount);
        let mut last = None;
        for (number, payee) in holders.iter().enumerate().skip(1) {
            if shape == Shape::Change {
                amount = amount.checked_sub(fen(10)).expect("few enough hops");
            }
            let request = payee.request(number as u64, Some(amount));
            let paid = piece.pay(&request, amount);
            piece = paid.received_by(payee);
            last = Some((request, paid.payment));
        }
        let (request, payment) = last.expect("at least one hop");
        Chain {
            request,
            payment,
            received: piece,
        }
    }
}

/// Whether a chain passes its value on whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Each holder pays everything it got.
    Whole,
    /// Each holder keeps change.
    Change,
}

/// What [`Mint::chain`] makes.
#[derive(Debug)]
pub struct Chain {
    /// What the last payee asked.
    pub request: Request,
    /// What it got.
    pub payment: Payment,
    /// What it may now pay on.
    pub received: Piece,
}

/// What a payee holds a payment against. Owns what a [`Context`] borrows.
#[derive(Clone, Debug)]
pub struct World {
    /// Now.
    pub now: Timestamp,
    /// Whom to believe.
    pub trust: Trust,
    /// What was seen.
    pub consumed: Consumed,
    /// The payee's own limits.
    pub limits: Limits,
}

impl World {
    /// To verify with.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            trust: &self.trust,
            consumed: &self.consumed,
            limits: &self.limits,
        }
    }

    /// Remembers what a payment consumes.
    pub fn remember(&mut self, payment: &Payment) {
        self.consumed.extend(payment.consumptions());
    }
}

/// Somebody with a holder key and a certificate for it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Signs transfers and receipts.
    pub key: SigningKey,
    /// The X25519 secret of its side of a Noise handshake.
    pub static_secret: [u8; 32],
    /// The public half.
    pub static_key: [u8; 32],
    /// By the mint's operator.
    pub certificate: Signed<HolderCertificate>,
}

impl Holder {
    /// The pseudonym.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.certificate.body.holder_key
    }

    /// The hash under which a status list names it.
    #[must_use]
    pub fn key_hash(&self) -> KeyHash {
        self.verifying_key().hash()
    }

    /// A request to be paid. Its id follows from the number.
    #[must_use]
    pub fn request(&self, number: u64, amount: Option<Amount>) -> Request {
        let id = seed_bytes(number, &format!("request/{}", self.key_hash()));
        Request {
            id: RequestId::from_bytes(*id.first_chunk().expect("a hash has 32 bytes")),
            amount,
            payee: self.certificate.clone(),
            terms: Terms::default(),
        }
    }

    /// The receipt for a payment, taken at [`NOW`].
    #[must_use]
    pub fn receipt(&self, payment: &Payment) -> Signed<Receipt> {
        let body = Receipt {
            transfer: payment.id(),
            taken_at: NOW,
        };
        Signed::sign(body, &self.key)
    }
}

/// One output and the history that proves it, in the hands of its owner.
#[derive(Clone, Debug)]
pub struct Piece {
    notes: Vec<Signed<Note>>,
    transfers: Vec<SignedTransfer>,
    outpoint: Outpoint,
    amount: Amount,
    owner: Holder,
}

impl Piece {
    /// Output 0 of a note, and its only one.
    #[must_use]
    pub fn of_note(note: Signed<Note>, owner: &Holder) -> Self {
        Self {
            outpoint: Outpoint {
                origin: note.body.id(),
                output: 0,
            },
            amount: note.body.amount,
            notes: vec![note],
            transfers: Vec::new(),
            owner: owner.clone(),
        }
    }

    /// Output `output` of a payment's final transfer.
    #[must_use]
    pub fn of_payment(payment: &Payment, output: u8, owner: &Holder) -> Self {
        Self {
            notes: payment.notes().to_vec(),
            transfers: payment.transfers().to_vec(),
            outpoint: Outpoint {
                origin: payment.id(),
                output,
            },
            amount: payment.final_transfer().outputs[usize::from(output)].amount,
            owner: owner.clone(),
        }
    }

    /// The same value, its owner under another certificate for the same key.
    #[must_use]
    pub fn held_by(mut self, owner: &Holder) -> Self {
        self.owner = owner.clone();
        self
    }

    /// What it is worth.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// Its name.
    #[must_use]
    pub const fn outpoint(&self) -> Outpoint {
        self.outpoint
    }

    /// Who may pay with it.
    #[must_use]
    pub const fn owner(&self) -> &Holder {
        &self.owner
    }

    /// Answers a request with this piece alone. Change goes back to its owner.
    #[must_use]
    pub fn pay(&self, request: &Request, amount: Amount) -> Paid {
        pay(&[self], request, amount)
    }
}

/// A payment just made.
#[derive(Clone, Debug)]
pub struct Paid {
    /// What the payee gets.
    pub payment: Payment,
    /// What the payer keeps.
    pub change: Option<Piece>,
}

impl Paid {
    /// What the payee may now pay on.
    #[must_use]
    pub fn received_by(&self, payee: &Holder) -> Piece {
        Piece::of_payment(&self.payment, 0, payee)
    }
}

/// Answers a request with these pieces, all of them consumed. Change goes back to the owner of the first.
#[must_use]
pub fn pay(pieces: &[&Piece], request: &Request, amount: Amount) -> Paid {
    let total = Amount::checked_sum(pieces.iter().map(|piece| piece.amount)).expect("a test sum is in range");
    let left = total.checked_sub(amount).expect("the pieces suffice");
    let payer = &pieces[0].owner;
    let mut outputs = vec![Output {
        holder_key: request.payee.body.holder_key,
        amount,
    }];
    if !left.is_zero() {
        outputs.push(Output {
            holder_key: payer.verifying_key(),
            amount: left,
        });
    }
    let payment = transfer(pieces, outputs, request.reference());
    let change = (!left.is_zero()).then(|| Piece::of_payment(&payment, 1, payer));
    Paid { payment, change }
}

/// A payment out of these pieces to whatever outputs, signed by every owner.
#[must_use]
pub fn transfer(pieces: &[&Piece], outputs: Vec<Output>, reference: Reference) -> Payment {
    try_transfer(pieces, outputs, reference).expect("the payment is well formed")
}

/// Like [`transfer`], for outputs that may be impossible.
///
/// # Errors
/// Whatever [`Payment::new`] says.
pub fn try_transfer(
    pieces: &[&Piece],
    outputs: Vec<Output>,
    reference: Reference,
) -> Result<Payment, StructureError> {
    let (notes, mut transfers) = history(pieces);
    let transfer = Transfer {
        inputs: pieces.iter().map(|piece| piece.outpoint).collect(),
        outputs,
        reference,
    };
    let mut signers: Vec<&Holder> = Vec::new();
    for piece in pieces {
        if signers
            .iter()
            .all(|signer| signer.verifying_key() != piece.owner.verifying_key())
        {
            signers.push(&piece.owner);
        }
    }
    let message = transfer.message();
    transfers.push(SignedTransfer {
        signatures: signers.iter().map(|signer| signer.key.sign(&message)).collect(),
        transfer,
    });
    let certificates = signers.iter().map(|signer| signer.certificate.clone()).collect();
    Payment::new(notes, transfers, certificates)
}

/// The union of what the pieces go back to, every element once, each after those it consumes.
fn history(pieces: &[&Piece]) -> (Vec<Signed<Note>>, Vec<SignedTransfer>) {
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    let notes = pieces
        .iter()
        .flat_map(|piece| &piece.notes)
        .filter(|note| seen.insert(note.body.id()))
        .cloned()
        .collect();
    let transfers = pieces
        .iter()
        .flat_map(|piece| &piece.transfers)
        .filter(|signed| seen.insert(signed.transfer.id()))
        .cloned()
        .collect();
    (notes, transfers)
}

/// A bundle, checked down from its root.
#[must_use]
pub fn trust(root: VerifyingKey, bundle: &TrustBundle) -> Trust {
    let mut trust = Trust::new(root);
    trust.merge(bundle).expect("the mint signs what it says");
    trust
}

/// The key of a seed and a role. For every role but one in 2^32, P-256 takes the first try.
#[must_use]
pub fn signing_key(seed: u64, algorithm: Algorithm, role: &str) -> SigningKey {
    SigningKey::from_seed(algorithm, &seed_bytes(seed, role)).expect("a scalar of P-256")
}

/// 32 bytes that follow from a seed and a label.
#[must_use]
pub fn seed_bytes(seed: u64, label: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"mint without a bank\0")
        .chain_update(seed.to_be_bytes())
        .chain_update(label)
        .finalize()
        .into()
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a test name is permitted")
}

fn day(offset: i32) -> Day {
    Day::from_number(
        TODAY
            .number()
            .checked_add_signed(offset)
            .expect("a day after 1970"),
    )
}

fn around_today(days: i32) -> Validity {
    Validity {
        from: day(-days),
        until: day(days),
    }
}
