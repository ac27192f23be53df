//! The backup file, and a wallet made anew from its words.
//!
//! `version (1) ‖ salt (16) ‖ tag (8) ‖ nonce (24) ‖ sealed`. The key is HKDF-SHA-256 over the account seed with the salt, label
//! `dcep/1/backup`; version, salt and tag are associated data. The tag tells a foreign backup from a damaged one. Inside:
//! a length (4 bytes), the canonical CBOR of [`Past`] with the trust bundle, and zeros up to a multiple of 4 KiB, so that
//! the size of the file says little.

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use protocol::{
    Amount, Id, Name, Request, Timestamp, Trust, TrustBundle, VerifyingKey, WalletClass, cbor,
    code::{Code, Coded},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    NewWallet, Platform, Wallet,
    operation::{Core, Moment},
};
use crate::{
    account::account_key,
    error::Fault,
    model::{Change, Purpose, SecretName},
    store::{Location, OpenError, StoreError},
};

const VERSION: u8 = 1;
const BLOCK: usize = 4_096;

/// What a backup says of an earlier phone. It is there to be read; no money hangs on it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Past {
    /// When the backup was made.
    #[n(0)]
    pub made_at: Timestamp,
    /// The class of the wallet, to enrol with again; `None` if it was never enrolled.
    #[n(1)]
    pub class: Option<WalletClass>,
    /// A merchant's registered name, to enrol with again.
    #[n(2)]
    pub name: Option<Name>,
    /// What happened to the money, newest first.
    #[n(3)]
    pub entries: Vec<PastEntry>,
    /// Requests that nobody had paid. They name keys of the earlier phone, so what is paid for them arrives there, or at the
    /// bank.
    #[n(4)]
    pub requests: Vec<Request>,
}

/// A line of the history of an earlier phone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PastEntry {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// What.
    #[n(1)]
    pub kind: PastKind,
    /// How much.
    #[n(2)]
    pub amount: Amount,
    /// The payee's registered name, if it was a merchant.
    #[n(3)]
    pub name: Option<Name>,
    /// The transfer; a load has none.
    #[n(4)]
    pub transfer: Option<Id>,
}

/// What happened on an earlier phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum PastKind {
    /// A payment to somebody.
    #[n(0)]
    Paid,
    /// A payment from somebody.
    #[n(1)]
    Received,
    /// Account money became notes.
    #[n(2)]
    Loaded,
    /// The claim window of value closed, and the bank credited it.
    #[n(3)]
    Closed,
    /// A transfer to the bank, or giving something back.
    #[n(4)]
    Other,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Content {
    #[n(0)]
    past: Past,
    #[n(1)]
    trust: TrustBundle,
}

/// Why a wallet was not restored. Nothing has changed then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is of another account: these are not its words.
    #[error("the backup is of another account")]
    Foreign,
    /// It does not read as it was written, or it is no backup.
    #[error("the backup is damaged")]
    Damaged,
    /// A newer version wrote it.
    #[error("the backup has version {found}, this software knows {VERSION}")]
    TooNew {
        /// Its version.
        found: u8,
    },
    /// See [`OpenError`].
    #[error(transparent)]
    Open(#[from] OpenError),
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Coded for RestoreError {
    fn code(&self) -> Code {
        match self {
            Self::Foreign => Code::BackupForeign,
            Self::Damaged => Code::BackupDamaged,
            Self::TooNew { .. } => Code::BackupTooNew,
            Self::Open(error) => error.code(),
            Self::Fault(error) => error.code(),
        }
    }
}

impl Wallet {
    /// An encrypted backup of what can be backed up: the history, whom to believe about the operator, the class and name of the
    /// enrolment, and open requests. Only the account's words open it.
    ///
    /// **It holds no money and no keys.** Holder keys never leave a device, so that nobody can spend the same note on two of
    /// them; what a lost phone held comes back through the bank: see [`Wallet::freeze_others`].
    ///
    /// # Errors
    /// [`Fault`].
    pub fn backup(&self) -> Result<Vec<u8>, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, moment| {
            let content = Content {
                past: past(core, moment.now)?,
                trust: core.purse.trust.bundle(),
            };
            let seed = core.store.secret(&SecretName::Account)?;
            Ok(seal(
                seed.expose(),
                core.account(),
                moment,
                &cbor::encode(&content),
            ))
        })
    }

    /// Makes a wallet on a new device from the account's words, and takes in a backup if there is one. What comes next is
    /// [`Wallet::enrol`], which finds the account again; and, if the old phone is lost, [`Wallet::freeze_others`].
    ///
    /// Restored are the account with all the money on it, and what the backup tells ([`Wallet::past`]). Not restored is
    /// the cash on the old device: no words and no backup contain it. If the phone is lost, freeze it, and the bank credits
    /// that cash to the account when its claim window closes; if it turns up, it can deposit it at once.
    ///
    /// # Errors
    /// [`RestoreError`]. A backup that does not open leaves no wallet behind.
    pub fn restore(
        path: impl Into<Location>,
        platform: Platform,
        new: &NewWallet<'_>,
        backup: Option<&[u8]>,
    ) -> Result<Self, RestoreError> {
        let seed = new.words.account_seed();
        let content = backup.map(|backup| open(&seed, backup)).transpose()?;
        let mut trust = Trust::new(new.root);
        if let Some(content) = &content {
            trust.merge(&content.trust).map_err(|_| RestoreError::Damaged)?;
        }
        let known = content.map(|content| {
            vec![
                Change::Trust(trust.bundle()),
                Change::Past(Box::new(content.past)),
            ]
        });
        Ok(Self::create_with(
            &path.into(),
            platform,
            new,
            trust,
            known.unwrap_or_default(),
        )?)
    }

    /// What the backup told, from which this wallet was restored; `None` if it was not.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn past(&self) -> Result<Option<Past>, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, _| Ok(core.store.past()?))
    }
}

/// All that happened up to now, on this phone and on those before it.
fn past(core: &Core, now: Timestamp) -> Result<Past, StoreError> {
    let store = &core.store;
    let sent = [store.in_doubt()?, store.receipted()?, store.ended()?].concat();
    let mut entries: Vec<_> = sent
        .into_iter()
        .map(|sent| {
            let (kind, name) = match sent.purpose {
                Purpose::Payment(request) => (PastKind::Paid, request.payee.body.grant.name),
                _ => (PastKind::Other, None),
            };
            PastEntry {
                at: sent.signed_at,
                kind,
                amount: sent.amount,
                name,
                transfer: Some(sent.transfer),
            }
        })
        .collect();
    let line = |at, kind, amount, transfer| PastEntry {
        at,
        kind,
        amount,
        name: None,
        transfer,
    };
    let taken = [store.taken()?, store.recorded_incoming()?].concat();
    entries.extend(taken.iter().map(|taken| {
        let at = taken.receipt.taken_at;
        line(at, PastKind::Received, taken.amount, Some(taken.transfer))
    }));
    let loads = store.loads()?;
    entries.extend(
        loads
            .iter()
            .map(|load| line(load.loaded_at, PastKind::Loaded, load.amount, None)),
    );
    let closings = store.closings()?;
    entries.extend(closings.iter().map(|closing| {
        let origin = closing.outpoint.origin;
        line(closing.closed_at, PastKind::Closed, closing.amount, Some(origin))
    }));
    let before = store.past()?;
    entries.extend(before.iter().flat_map(|past| past.entries.iter().cloned()));
    entries.sort_by_key(|entry| (core::cmp::Reverse(entry.at), entry.transfer));
    let grant = core.purse.grant();
    let open = store.open_requests()?;
    Ok(Past {
        made_at: now,
        class: grant.map(|grant| grant.class),
        name: grant.and_then(|grant| grant.name.clone()),
        entries,
        requests: open.into_iter().map(|own| own.request).collect(),
    })
}

fn seal(seed: &[u8; 32], account: VerifyingKey, moment: &mut Moment, content: &[u8]) -> Vec<u8> {
    let (salt, nonce): ([u8; 16], [u8; 24]) = (moment.draw(), moment.draw());
    let head = [&[VERSION], salt.as_slice(), &tag(&salt, account)].concat();
    let mut padded = u32::try_from(content.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes()
        .to_vec();
    padded.extend_from_slice(content);
    padded.resize(padded.len().next_multiple_of(BLOCK), 0);
    let payload = Payload {
        msg: &padded,
        aad: &head,
    };
    match cipher(seed, &salt).encrypt(&XNonce::from(nonce), payload) {
        Ok(sealed) => [head.as_slice(), &nonce, &sealed].concat(),
        Err(_) => unreachable!("the cipher takes up to 256 GiB"),
    }
}

fn open(seed: &[u8; 32], backup: &[u8]) -> Result<Content, RestoreError> {
    let (head, rest) = backup.split_first_chunk::<25>().ok_or(RestoreError::Damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<24>().ok_or(RestoreError::Damaged)?;
    let (version, named) = head.split_first().ok_or(RestoreError::Damaged)?;
    match *version {
        VERSION => {}
        0 => return Err(RestoreError::Damaged),
        found => return Err(RestoreError::TooNew { found }),
    }
    let (salt, their_tag) = named.split_first_chunk::<16>().ok_or(RestoreError::Damaged)?;
    if their_tag != tag(salt, account_key(seed).verifying_key()) {
        return Err(RestoreError::Foreign);
    }
    let payload = Payload {
        msg: sealed,
        aad: head,
    };
    let padded = cipher(seed, salt)
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| RestoreError::Damaged)?;
    let (length, content) = padded.split_first_chunk::<4>().ok_or(RestoreError::Damaged)?;
    let content = usize::try_from(u32::from_be_bytes(*length))
        .ok()
        .and_then(|length| content.get(..length))
        .ok_or(RestoreError::Damaged)?;
    cbor::decode("backup", content).map_err(|_| RestoreError::Damaged)
}

fn tag(salt: &[u8; 16], account: VerifyingKey) -> [u8; 8] {
    let mut digest = Sha256::new();
    digest.update(b"dcep/1/backup\0");
    digest.update(salt);
    digest.update(account.to_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let mut tag = [0; 8];
    tag.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    tag
}

fn cipher(seed: &[u8; 32], salt: &[u8; 16]) -> XChaCha20Poly1305 {
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are well below HKDF's limit of 255 hashes.
    let expanded = Hkdf::<Sha256>::new(Some(salt), seed).expand(b"dcep/1/backup", key.as_mut_slice());
    debug_assert!(expanded.is_ok());
    XChaCha20Poly1305::new(&Key::from(*key))
}
