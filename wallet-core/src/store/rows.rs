//! Which table a change goes to, under which name, and how rows are read back.

use minicbor::{Decode, Encode};
use protocol::{Assurance, ForkProof, Id, Outpoint, RequestId, Timestamp, bank::IdempotencyKey, cbor};
use zeroize::Zeroizing;

use super::{Store, StoreError};
use crate::{
    event::Event,
    model::{
        Change, Closing, Device, DeviceClock, Element, HolderKey, Incoming, Load, Order, Outgoing,
        OwnRequest, Piece, Profile, ProofKey, Purpose, Refunds, Secret, SecretName, proof_key,
    },
    seal::Place,
    spending::Spending,
    wallet::Past,
};

macro_rules! tables {
    ($($variant:ident $name:literal)*) => {
        /// The sealed tables.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Table { $($variant),* }

        impl Table {
            #[cfg(feature = "fuzzing")]
            pub(super) const ALL: &[Self] = &[$(Self::$variant),*];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
            pub(super) const fn put(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("INSERT OR REPLACE INTO ", $name, " (name, version, content) VALUES (?1, ?2, ?3)"),)*
                }
            }
            pub(super) const fn delete(self) -> &'static str {
                match self { $(Self::$variant => concat!("DELETE FROM ", $name, " WHERE name = ?1"),)* }
            }
            const fn get(self) -> &'static str {
                match self { $(Self::$variant => concat!("SELECT version, content FROM ", $name, " WHERE name = ?1"),)* }
            }
            const fn count(self) -> &'static str {
                match self { $(Self::$variant => concat!("SELECT count(*) FROM ", $name),)* }
            }
            pub(super) const fn all(self) -> &'static str {
                match self { $(Self::$variant => concat!("SELECT name, version, content FROM ", $name),)* }
            }
        }
    };
}

tables! {
    Setting "setting"
    HolderKey "holder_key"
    Element "element"
    Consumed "consumed"
    Piece "piece"
    OpenRequest "open_request"
    ClosedRequest "closed_request"
    InDoubt "in_doubt"
    Receipted "receipted"
    Outgoing "outgoing"
    Answer "answer"
    Taken "taken"
    Incoming "incoming"
    Proof "proof"
    Event "event"
    Order "bank_order"
    Load "load"
    Closing "closing"
    Refunds "refunds"
    Secret "secret"
}

/// A row to write; without content, one to delete.
pub(super) struct Row {
    pub(super) table: Table,
    pub(super) key: Vec<u8>,
    pub(super) content: Option<Zeroizing<Vec<u8>>>,
}

/// What waits for the bank, and for the holder.
pub(crate) struct Waiting {
    /// Payments, made and taken, that the bank does not know of.
    pub(crate) unrecorded: usize,
    /// Fraud proofs.
    pub(crate) proofs: usize,
    /// Events.
    pub(crate) events: usize,
}

pub(super) const PROFILE: &[u8] = b"profile";
pub(super) const TRUST: &[u8] = b"trust";
const DEMAND: &[u8] = b"demand";
const RAN_OUT: &[u8] = b"ran-out";
const TRUST_SEEN: &[u8] = b"trust seen";
const SPENDING: &[u8] = b"spending";
const DEVICE_CLOCK: &[u8] = b"device clock";
const DEVICE: &[u8] = b"device";
const PAST: &[u8] = b"past";

fn put<T: Encode<()>>(table: Table, key: impl Into<Vec<u8>>, content: &T) -> Row {
    Row {
        table,
        key: key.into(),
        content: Some(Zeroizing::new(cbor::encode(content))),
    }
}

/// Without an encoding, so that no copy of it is left where a buffer grew.
fn put_secret(name: &SecretName, secret: &Secret) -> Row {
    Row {
        table: Table::Secret,
        key: secret_key(name),
        content: Some(Zeroizing::new(secret.expose().to_vec())),
    }
}

fn secret_key(name: &SecretName) -> Vec<u8> {
    match name {
        SecretName::Account => b"account".to_vec(),
        SecretName::Static(key) => key.to_bytes().to_vec(),
    }
}

fn delete(table: Table, key: impl Into<Vec<u8>>) -> Row {
    Row {
        table,
        key: key.into(),
        content: None,
    }
}

/// Where a change is written, and what: one row, or more where something goes over from what is live into history, or has
/// to be found again under another name.
pub(super) fn rows(change: &Change) -> Vec<Row> {
    vec![match change {
        Change::Profile(profile) => put(Table::Setting, PROFILE, profile),
        Change::Device(device) => put(Table::Setting, DEVICE, device),
        Change::Past(past) => put(Table::Setting, PAST, &**past),
        Change::Trust(bundle) => put(Table::Setting, TRUST, bundle),
        Change::TrustSeen(at) => put(Table::Setting, TRUST_SEEN, at),
        Change::Key(key) => put(Table::HolderKey, key.public.to_bytes(), key),
        Change::Secret(name, secret) => put_secret(name, secret),
        Change::Element(element) => put(Table::Element, *element.id().as_bytes(), element),
        Change::Consumed(outpoint, by) => put(Table::Consumed, cbor::encode(outpoint), by),
        Change::Gained(piece) => put(Table::Piece, cbor::encode(&piece.outpoint), piece),
        Change::Spent(outpoint) => delete(Table::Piece, cbor::encode(outpoint)),
        Change::Request(own) => {
            let key = *own.request.id.as_bytes();
            if own.is_open() {
                put(Table::OpenRequest, key, own)
            } else {
                return vec![
                    delete(Table::OpenRequest, key),
                    put(Table::ClosedRequest, key, own),
                ];
            }
        }
        Change::Outgoing(outgoing) => return outgoing_rows(outgoing),
        Change::Incoming(incoming) => {
            let key = *incoming.transfer.as_bytes();
            if incoming.recorded {
                return vec![delete(Table::Taken, key), put(Table::Incoming, key, incoming)];
            }
            put(Table::Taken, key, incoming)
        }
        Change::Proof(proof) => put(Table::Proof, *proof_key(proof).as_bytes(), proof),
        Change::ProofDone(key) => delete(Table::Proof, *key.as_bytes()),
        Change::Event(event) => put(Table::Event, event.id.to_bytes(), event),
        Change::EventDone(id) => delete(Table::Event, id.to_bytes()),
        Change::Order(order) => put(Table::Order, *order.key.as_bytes(), order),
        Change::OrderDone(key) => delete(Table::Order, *key.as_bytes()),
        Change::Load(load) => put(Table::Load, *load.key.as_bytes(), load),
        Change::Closing(closing) => put(Table::Closing, cbor::encode(&closing.outpoint), closing),
        Change::Demand(assurance) => put(Table::Setting, DEMAND, assurance),
        Change::RanOut(told) => put(Table::Setting, RAN_OUT, told),
        Change::Refunds(refunds) => put(Table::Refunds, *refunds.paid.as_bytes(), refunds),
        Change::Spending(spending) => put(Table::Setting, SPENDING, spending),
        Change::DeviceClock(clock) => put(Table::Setting, DEVICE_CLOCK, clock),
    }]
}

/// A transfer of ours wanders from `in_doubt` over `receipted` to `outgoing`, and is in one of them.
fn outgoing_rows(outgoing: &Outgoing) -> Vec<Row> {
    let key = *outgoing.transfer.as_bytes();
    if outgoing.end.is_some() {
        return vec![
            delete(Table::InDoubt, key),
            delete(Table::Receipted, key),
            put(Table::Outgoing, key, outgoing),
        ];
    }
    if outgoing.receipt.is_some() {
        return vec![delete(Table::InDoubt, key), put(Table::Receipted, key, outgoing)];
    }
    let mut rows = vec![put(Table::InDoubt, key, outgoing)];
    if let Purpose::Payment(request) = &outgoing.purpose {
        rows.push(put(Table::Answer, *request.id.as_bytes(), &outgoing.transfer));
    }
    rows
}

/// Reading. A row that does not open, or does not decode, is damage.
impl Store {
    pub(crate) fn profile(&self) -> Result<Profile, StoreError> {
        self.get(Table::Setting, PROFILE)?.ok_or(StoreError::Damaged)
    }

    /// A secret, for as long as it is needed.
    pub(crate) fn secret(&self, name: &SecretName) -> Result<Secret, StoreError> {
        let content = self.content(Table::Secret, &secret_key(name))?;
        let bytes = content.as_deref().map(Vec::as_slice).map(TryInto::try_into);
        match bytes {
            Some(Ok(bytes)) => Ok(Secret::new(bytes)),
            Some(Err(_)) | None => Err(StoreError::Damaged),
        }
    }

    pub(crate) fn device(&self) -> Result<Device, StoreError> {
        self.get(Table::Setting, DEVICE)?.ok_or(StoreError::Damaged)
    }

    pub(crate) fn past(&self) -> Result<Option<Past>, StoreError> {
        self.get(Table::Setting, PAST)
    }

    pub(crate) fn trust(&self) -> Result<protocol::TrustBundle, StoreError> {
        Ok(self.get(Table::Setting, TRUST)?.unwrap_or_default())
    }

    /// How well the keys must be kept of whoever pays this wallet.
    pub(crate) fn demand(&self) -> Result<Option<Assurance>, StoreError> {
        Ok(self.get::<Option<Assurance>>(Table::Setting, DEMAND)?.flatten())
    }

    /// Whether the holder was told that the pool has run out.
    pub(crate) fn ran_out(&self) -> Result<bool, StoreError> {
        Ok(self.get(Table::Setting, RAN_OUT)?.unwrap_or_default())
    }

    pub(crate) fn trust_seen(&self) -> Result<Timestamp, StoreError> {
        Ok(self.get(Table::Setting, TRUST_SEEN)?.unwrap_or_default())
    }

    pub(crate) fn spending(&self) -> Result<Spending, StoreError> {
        Ok(self.get(Table::Setting, SPENDING)?.unwrap_or_default())
    }

    pub(crate) fn device_clock(&self) -> Result<DeviceClock, StoreError> {
        Ok(self.get(Table::Setting, DEVICE_CLOCK)?.unwrap_or_default())
    }

    pub(crate) fn keys(&self) -> Result<Vec<HolderKey>, StoreError> {
        self.all(Table::HolderKey)
    }

    pub(crate) fn element(&self, id: &Id) -> Result<Option<Element>, StoreError> {
        self.get(Table::Element, id.as_bytes())
    }

    pub(crate) fn consumer(&self, outpoint: &Outpoint) -> Result<Option<Id>, StoreError> {
        self.get(Table::Consumed, &cbor::encode(outpoint))
    }

    pub(crate) fn pieces(&self) -> Result<Vec<Piece>, StoreError> {
        self.all(Table::Piece)
    }

    pub(crate) fn request(&self, id: &RequestId) -> Result<Option<OwnRequest>, StoreError> {
        match self.get(Table::OpenRequest, id.as_bytes())? {
            None => self.get(Table::ClosedRequest, id.as_bytes()),
            open => Ok(open),
        }
    }

    pub(crate) fn open_requests(&self) -> Result<Vec<OwnRequest>, StoreError> {
        self.all(Table::OpenRequest)
    }

    /// Requests that were paid or withdrawn.
    pub(crate) fn closed_requests(&self) -> Result<Vec<OwnRequest>, StoreError> {
        self.all(Table::ClosedRequest)
    }

    pub(crate) fn outgoing(&self, transfer: &Id) -> Result<Option<Outgoing>, StoreError> {
        for table in [Table::InDoubt, Table::Receipted, Table::Outgoing] {
            if let Some(outgoing) = self.get(table, transfer.as_bytes())? {
                return Ok(Some(outgoing));
            }
        }
        Ok(None)
    }

    /// The transfer of this wallet that answered a payee's request.
    pub(crate) fn answer_to(&self, request: &RequestId) -> Result<Option<Id>, StoreError> {
        self.get(Table::Answer, request.as_bytes())
    }

    pub(crate) fn in_doubt(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.all(Table::InDoubt)
    }

    /// Confirmed by the payee, and not known to the bank yet.
    pub(crate) fn receipted(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.all(Table::Receipted)
    }

    /// At an end.
    pub(crate) fn ended(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.all(Table::Outgoing)
    }

    pub(crate) fn incoming(&self, transfer: &Id) -> Result<Option<Incoming>, StoreError> {
        match self.get(Table::Taken, transfer.as_bytes())? {
            None => self.get(Table::Incoming, transfer.as_bytes()),
            taken => Ok(taken),
        }
    }

    /// Taken, and not known to the bank yet.
    pub(crate) fn taken(&self) -> Result<Vec<Incoming>, StoreError> {
        self.all(Table::Taken)
    }

    pub(crate) fn recorded_incoming(&self) -> Result<Vec<Incoming>, StoreError> {
        self.all(Table::Incoming)
    }

    /// Fraud proofs that the bank does not have yet.
    pub(crate) fn proofs(&self) -> Result<Vec<ForkProof>, StoreError> {
        self.all(Table::Proof)
    }

    pub(crate) fn has_proof(&self, key: &ProofKey) -> Result<bool, StoreError> {
        Ok(self.get::<ForkProof>(Table::Proof, key.as_bytes())?.is_some())
    }

    pub(crate) fn events(&self) -> Result<Vec<Event>, StoreError> {
        self.all(Table::Event)
    }

    pub(crate) fn closings(&self) -> Result<Vec<Closing>, StoreError> {
        self.all(Table::Closing)
    }

    /// What was given back of a payment.
    pub(crate) fn refunds_of(&self, paid: &Id) -> Result<Refunds, StoreError> {
        Ok(self.get(Table::Refunds, paid.as_bytes())?.unwrap_or(Refunds {
            paid: *paid,
            refunds: Vec::new(),
        }))
    }

    pub(crate) fn refunds(&self) -> Result<Vec<Refunds>, StoreError> {
        self.all(Table::Refunds)
    }

    pub(crate) fn order(&self, key: &IdempotencyKey) -> Result<Option<Order>, StoreError> {
        self.get(Table::Order, key.as_bytes())
    }

    pub(crate) fn orders(&self) -> Result<Vec<Order>, StoreError> {
        self.all(Table::Order)
    }

    pub(crate) fn loads(&self) -> Result<Vec<Load>, StoreError> {
        self.all(Table::Load)
    }

    /// How much waits for the bank and for the holder. Counted without being read.
    pub(crate) fn waiting(&self) -> Result<Waiting, StoreError> {
        Ok(Waiting {
            unrecorded: self.count(Table::Receipted)? + self.count(Table::Taken)?,
            proofs: self.count(Table::Proof)?,
            events: self.count(Table::Event)?,
        })
    }

    fn count(&self, table: Table) -> Result<usize, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(table.count())?
            .query_row([], |row| row.get(0))?;
        usize::try_from(count).map_err(|_| StoreError::Damaged)
    }

    fn get<T>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        let content = self.content(table, key)?;
        content.map(|content| read(&content)).transpose()
    }

    /// What stands in a row.
    fn content(&self, table: Table, key: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let name = self.sealer.name(table.name(), key);
        let mut statement = self.db.prepare_cached(table.get())?;
        let mut found = statement.query([name])?;
        found
            .next()?
            .map(|row| {
                self.unseal(
                    table,
                    &name,
                    row.get(0)?,
                    row.get_ref(1)?.as_blob().unwrap_or_default(),
                )
            })
            .transpose()
    }

    fn all<T>(&self, table: Table) -> Result<Vec<T>, StoreError>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        let mut statement = self.db.prepare_cached(table.all())?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let name = row
                .get_ref(0)?
                .as_blob()
                .ok()
                .and_then(|name| name.try_into().ok())
                .ok_or(StoreError::Damaged)?;
            let content = self.unseal(
                table,
                &name,
                row.get(1)?,
                row.get_ref(2)?.as_blob().unwrap_or_default(),
            )?;
            rows.push(read(&content)?);
        }
        Ok(rows)
    }

    fn unseal(
        &self,
        table: Table,
        name: &[u8; 16],
        version: i64,
        content: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let version = u64::try_from(version).map_err(|_| StoreError::Damaged)?;
        let place = Place {
            table: table.name(),
            name,
            version,
        };
        self.sealer.open(&place, content).ok_or(StoreError::Damaged)
    }
}

fn read<T: for<'b> Decode<'b, ()>>(content: &[u8]) -> Result<T, StoreError> {
    minicbor::decode(content).map_err(|_| StoreError::Damaged)
}
