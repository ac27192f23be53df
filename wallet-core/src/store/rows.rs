//! Which table a change goes to, under which name, and how rows are read back.

use minicbor::{Decode, Encode};
use protocol::{Id, Outpoint, RequestId, bank::IdempotencyKey, cbor};
use zeroize::Zeroizing;

use super::{Store, StoreError};
use crate::{
    model::{
        Change, Element, HolderKey, Incoming, Load, Order, Outgoing, OwnRequest, Piece, Profile, Purpose,
    },
    seal::Place,
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
            const fn all(self) -> &'static str {
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
    PaidRequest "paid_request"
    InDoubt "in_doubt"
    Outgoing "outgoing"
    Answer "answer"
    Incoming "incoming"
    Order "bank_order"
    Load "load"
}

/// A row to write; without content, one to delete.
pub(super) struct Row {
    pub(super) table: Table,
    pub(super) key: Vec<u8>,
    pub(super) content: Option<Zeroizing<Vec<u8>>>,
}

pub(super) const PROFILE: &[u8] = b"profile";
pub(super) const TRUST: &[u8] = b"trust";

fn put<T: Encode<()>>(table: Table, key: impl Into<Vec<u8>>, content: &T) -> Row {
    Row {
        table,
        key: key.into(),
        content: Some(Zeroizing::new(cbor::encode(content))),
    }
}

fn delete(table: Table, key: impl Into<Vec<u8>>) -> Row {
    Row {
        table,
        key: key.into(),
        content: None,
    }
}

/// Where a change is written, and what: one row, or two where something goes over from
/// what is live into history, or has to be found again under another name.
pub(super) fn rows(change: &Change) -> Vec<Row> {
    vec![match change {
        Change::Profile(profile) => put(Table::Setting, PROFILE, profile),
        Change::Trust(bundle) => put(Table::Setting, TRUST, bundle),
        Change::Key(key) => put(Table::HolderKey, key.public.to_bytes(), key),
        Change::Element(element) => put(Table::Element, *element.id().as_bytes(), element),
        Change::Consumed(outpoint, by) => put(Table::Consumed, cbor::encode(outpoint), by),
        Change::Gained(piece) => put(Table::Piece, cbor::encode(&piece.outpoint), piece),
        Change::Spent(outpoint) => delete(Table::Piece, cbor::encode(outpoint)),
        Change::Request(own) => {
            let key = *own.request.id.as_bytes();
            if own.paid_by.is_some() {
                return vec![delete(Table::OpenRequest, key), put(Table::PaidRequest, key, own)];
            }
            put(Table::OpenRequest, key, own)
        }
        Change::Outgoing(outgoing) => {
            let key = *outgoing.transfer.as_bytes();
            if outgoing.receipt.is_some() {
                return vec![delete(Table::InDoubt, key), put(Table::Outgoing, key, outgoing)];
            }
            let row = put(Table::InDoubt, key, outgoing);
            match &outgoing.purpose {
                Purpose::Payment(request) => {
                    return vec![
                        row,
                        put(Table::Answer, *request.id.as_bytes(), &outgoing.transfer),
                    ];
                }
                Purpose::Deposit(_) => row,
            }
        }
        Change::Incoming(incoming) => put(Table::Incoming, *incoming.transfer.as_bytes(), incoming),
        Change::Order(order) => put(Table::Order, *order.key.as_bytes(), order),
        Change::OrderDone(key) => delete(Table::Order, *key.as_bytes()),
        Change::Load(load) => put(Table::Load, *load.key.as_bytes(), load),
    }]
}

/// Reading. A row that does not open, or does not decode, is damage.
impl Store {
    pub(crate) fn profile(&self) -> Result<Profile, StoreError> {
        self.get(Table::Setting, PROFILE)?.ok_or(StoreError::Damaged)
    }

    pub(crate) fn trust(&self) -> Result<protocol::TrustBundle, StoreError> {
        Ok(self.get(Table::Setting, TRUST)?.unwrap_or_default())
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
            None => self.get(Table::PaidRequest, id.as_bytes()),
            open => Ok(open),
        }
    }

    pub(crate) fn open_requests(&self) -> Result<Vec<OwnRequest>, StoreError> {
        self.all(Table::OpenRequest)
    }

    pub(crate) fn paid_requests(&self) -> Result<Vec<OwnRequest>, StoreError> {
        self.all(Table::PaidRequest)
    }

    pub(crate) fn outgoing(&self, transfer: &Id) -> Result<Option<Outgoing>, StoreError> {
        match self.get(Table::InDoubt, transfer.as_bytes())? {
            None => self.get(Table::Outgoing, transfer.as_bytes()),
            in_doubt => Ok(in_doubt),
        }
    }

    /// The transfer of this wallet that answered a payee's request.
    pub(crate) fn answer_to(&self, request: &RequestId) -> Result<Option<Id>, StoreError> {
        self.get(Table::Answer, request.as_bytes())
    }

    pub(crate) fn in_doubt(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.all(Table::InDoubt)
    }

    pub(crate) fn receipted(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.all(Table::Outgoing)
    }

    pub(crate) fn incoming(&self, transfer: &Id) -> Result<Option<Incoming>, StoreError> {
        self.get(Table::Incoming, transfer.as_bytes())
    }

    pub(crate) fn all_incoming(&self) -> Result<Vec<Incoming>, StoreError> {
        self.all(Table::Incoming)
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

    fn get<T>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
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
            rows.push(self.unseal(
                table,
                &name,
                row.get(1)?,
                row.get_ref(2)?.as_blob().unwrap_or_default(),
            )?);
        }
        Ok(rows)
    }

    fn unseal<T>(&self, table: Table, name: &[u8; 16], version: i64, content: &[u8]) -> Result<T, StoreError>
    where
        T: for<'b> Decode<'b, ()>,
    {
        let version = u64::try_from(version).map_err(|_| StoreError::Damaged)?;
        let place = Place {
            table: table.name(),
            name,
            version,
        };
        let content = self.sealer.open(&place, content).ok_or(StoreError::Damaged)?;
        minicbor::decode(&content).map_err(|_| StoreError::Damaged)
    }
}
