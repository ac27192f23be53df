//! A door for the fuzzer: rows that no wallet would write, read as every row is read.
//!
//! Whoever can write into the file of a wallet and has no key plants [`Content::Raw`]; whoever has the key too, or a later
//! version of this software, [`Content::Sealed`]. Neither may do more than be reported as damage.

use minicbor::Encode;
use protocol::{Algorithm, Amount, Day, Id, Outpoint, RequestId, SigningKey, bank::DeviceId, cbor};
use rusqlite::params;
use std::path::Path;

use super::{
    OpenError, Store, StoreError, Unopened,
    rows::{PROFILE, TRUST, Table},
};
use crate::{
    balance::Balance,
    guard::WalletId,
    model::{Change, Device, Profile, SecretName, Standing},
    purse::Purse,
    rules::Rules,
    seal::Place,
    selection,
    vault::KeyVault,
};

/// How many kinds of sealed rows there are: one to a table, but for the settings, which are two.
pub const KINDS: usize = Table::ALL.len() + 1;

const DATA_KEY: [u8; 32] = [1; 32];
const ORIGIN: Id = Id::from_bytes([2; 32]);
const OUTPOINT: Outpoint = Outpoint {
    origin: ORIGIN,
    output: 0,
};
const REQUEST: RequestId = RequestId::from_bytes([3; 16]);

/// A row to be planted.
#[derive(Clone, Copy, Debug)]
pub struct Planted<'a> {
    /// What kind of row it is, below [`KINDS`].
    pub kind: usize,
    /// What stands in it.
    pub content: Content<'a>,
}

/// What stands in a planted row.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// This, properly sealed.
    Sealed(&'a [u8]),
    /// This, as it is.
    Raw(&'a [u8]),
}

/// What the rows of one kind read as, written again.
pub type Read = Result<Vec<Vec<u8>>, StoreError>;

/// Every sealed row of the wallet at `path`, which is closed: its kind, and its content in clear. For seeds.
///
/// # Errors
/// [`OpenError`].
pub fn contents(path: &Path, vault: &dyn KeyVault) -> Result<Vec<(usize, Vec<u8>)>, OpenError> {
    let unopened = Unopened::new(&path.into())?;
    let found = unopened.find()?.ok_or(OpenError::NoWallet)?;
    let data_key = vault.unwrap(&found.envelope.wrapped)?;
    let store = unopened.unlock(found.wallet, &data_key)?;
    let trust = store.sealer.name(Table::Setting.name(), TRUST);
    let read = |kind: usize, table: Table| -> Result<Vec<(usize, Vec<u8>)>, StoreError> {
        let mut statement = store.db.prepare(table.all())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.map(|row| {
            let (name, version, content): (_, i64, Vec<u8>) = row?;
            let place = Place {
                table: table.name(),
                name: &name,
                version: version.unsigned_abs(),
            };
            let content = store.sealer.open(&place, &content).ok_or(StoreError::Damaged)?;
            let kind = if name == trust { KINDS - 1 } else { kind };
            Ok((kind, content.to_vec()))
        })
        .collect()
    };
    let tables: Result<Vec<_>, _> = Table::ALL
        .iter()
        .enumerate()
        .map(|(kind, table)| read(kind, *table))
        .collect();
    Ok(tables.map_err(|_| OpenError::Unavailable)?.concat())
}

/// Of these rows, the contents of those that are secrets.
#[must_use]
pub fn secrets(rows: Vec<(usize, Vec<u8>)>) -> Vec<Vec<u8>> {
    let secret = |kind: usize| Table::ALL.get(kind) == Some(&Table::Secret);
    let secrets = rows.into_iter().filter(|(kind, _)| secret(*kind));
    secrets.map(|(_, content)| content).collect()
}

/// A store with a newborn wallet in it.
pub struct Soil(Store);

/// Says nothing of what is in it.
impl core::fmt::Debug for Soil {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Soil(…)")
    }
}

impl Soil {
    /// A store in a file of this folder.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn new(folder: &Path) -> Result<Self, OpenError> {
        let mut store =
            Unopened::new(&folder.join("soil.sqlite").into())?.unborn(WalletId([4; 16]), &DATA_KEY);
        let root = SigningKey::from_seed(Algorithm::Ed25519, &[5; 32]).map_err(|_| OpenError::Unavailable)?;
        let profile = Profile::new(root.verifying_key(), root.verifying_key(), Algorithm::Ed25519);
        let device = Device {
            id: DeviceId::from_bytes([7; 16]),
            standing: Standing::Good,
            wish: None,
        };
        store
            .found(
                b"wrapped",
                &[Change::Profile(profile), Change::Device(device)],
                &mut || [0; 24],
            )
            .map_err(|_| OpenError::Unavailable)?;
        Ok(Self(store))
    }

    /// Plants these rows, reads those of every kind, then does with what was read what `open` and the first payments do. The rows
    /// are gone afterwards.
    ///
    /// # Errors
    /// [`StoreError`] if the rows cannot even be planted.
    pub fn read(&self, rows: &[Planted<'_>]) -> Result<Vec<Read>, StoreError> {
        let uncommitted = self.0.db.unchecked_transaction()?;
        for (number, row) in rows.iter().enumerate() {
            self.plant(number, row)?;
        }
        let mut read: Vec<Read> = Table::ALL.iter().map(|table| self.table(*table)).collect();
        read.push(self.0.trust().map(|trust| vec![cbor::encode(&trust)]));
        self.live();
        uncommitted.rollback()?;
        Ok(read)
    }

    fn plant(&self, number: usize, row: &Planted<'_>) -> Result<(), StoreError> {
        let table = Table::ALL.get(row.kind).copied();
        let (table, key) = table.map_or((Table::Setting, TRUST.to_vec()), |table| {
            (table, key(table, number))
        });
        let sealer = &self.0.sealer;
        let name = sealer.name(table.name(), &key);
        let version = 7;
        let place = Place {
            table: table.name(),
            name: &name,
            version,
        };
        let content = match row.content {
            Content::Sealed(content) => &sealer.seal(&place, [0; 24], content),
            Content::Raw(content) => content,
        };
        self.0.db.prepare_cached(table.put())?.execute(params![
            name,
            i64::try_from(version).unwrap_or_default(),
            content
        ])?;
        Ok(())
    }

    /// A new table is not forgotten here: without its arm this does not compile.
    fn table(&self, table: Table) -> Read {
        let store = &self.0;
        match table {
            Table::Setting => Ok(vec![cbor::encode(&store.profile()?)]),
            Table::HolderKey => written(store.keys()),
            Table::Element => written(store.element(&ORIGIN)),
            Table::Consumed => written(store.consumer(&OUTPOINT)),
            Table::Piece => written(store.pieces()),
            Table::OpenRequest => written(store.open_requests()),
            Table::ClosedRequest => written(store.closed_requests()),
            Table::InDoubt => written(store.in_doubt()),
            Table::Receipted => written(store.receipted()),
            Table::Outgoing => written(store.ended()),
            Table::Answer => written(store.answer_to(&REQUEST)),
            Table::Taken => written(store.taken()),
            Table::Incoming => written(store.recorded_incoming()),
            Table::Proof => written(store.proofs()),
            Table::Event => written(store.events()),
            Table::Closing => written(store.closings()),
            Table::Refunds => written(store.refunds()),
            Table::Order => written(store.orders()),
            Table::Load => written(store.loads()),
            Table::Secret => store
                .secret(&SecretName::Account)
                .map(|secret| vec![secret.expose().to_vec()]),
        }
    }

    /// The rows become a purse, if they do at all, and the purse is asked what it can pay.
    fn live(&self) {
        let Ok(purse) = Purse::load(&self.0) else { return };
        for day in [0, 20_781, u32::MAX].map(Day::from_number) {
            for rules in [purse.rules(day), Rules::at_bank(day)] {
                let balance = Balance::of(&purse, &rules);
                for amount in [balance.largest_payment, balance.spendable, Amount::MAX] {
                    if !amount.is_zero() {
                        let _chosen = selection::select(&purse, amount, &rules);
                    }
                }
            }
            let _shown = purse.keys_to_show(day).count();
        }
    }
}

/// A table of many rows takes any key; of one that is asked for single rows, this one is asked for.
fn key(table: Table, number: usize) -> Vec<u8> {
    match table {
        Table::Setting => PROFILE.to_vec(),
        Table::Secret => b"account".to_vec(),
        Table::Element => ORIGIN.as_bytes().to_vec(),
        Table::Consumed => cbor::encode(&OUTPOINT),
        Table::Answer => REQUEST.as_bytes().to_vec(),
        _ => number.to_be_bytes().to_vec(),
    }
}

fn written<T: Encode<()>>(rows: Result<impl IntoIterator<Item = T>, StoreError>) -> Read {
    Ok(rows?.into_iter().map(|row| cbor::encode(&row)).collect())
}
