use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    guard::WalletId,
    model::{Change, Load},
};
use protocol::{Amount, Timestamp, bank::IdempotencyKey};

const WALLET: WalletId = WalletId([3; 16]);

fn counter() -> impl FnMut() -> [u8; 24] {
    let mut count = 0_u64;
    move || {
        count += 1;
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&count.to_be_bytes());
        nonce
    }
}

fn born(folder: &TempDir) -> Store {
    let mut store = Unopened::new(&folder.path().join("w").into())
        .unwrap()
        .unborn(WALLET, &[1; 32]);
    store.found(b"wrapped", &[load(0)], &mut counter()).unwrap();
    store
}

fn load(number: u8) -> Change {
    Change::Load(Load {
        key: IdempotencyKey::from_bytes([number; 16]),
        amount: Amount::from_fen(3745).unwrap(),
        loaded_at: Timestamp::default(),
    })
}

fn reopen(folder: &TempDir) -> Result<Store, OpenError> {
    Unopened::new(&folder.path().join("w").into())?.unlock(WALLET, &[1; 32])
}

#[test]
fn the_schema_is_the_committed_one() {
    let folder = TempDir::new().unwrap();
    drop(born(&folder));
    let db = Connection::open(folder.path().join("w")).unwrap();
    let mut statement = db
        .prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name")
        .unwrap();
    let schema: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    let found = format!("-- user_version = {version}\n{}\n", schema.join(";\n"));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/golden_schema.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(golden).unwrap());
}

#[test]
fn what_was_committed_is_there_again() {
    let folder = TempDir::new().unwrap();
    let mut store = born(&folder);
    store.commit(&[load(1), load(2)], &mut counter()).unwrap();
    let head = store.head();
    assert_eq!(head.number, 2);
    drop(store);
    let store = reopen(&folder).unwrap();
    assert_eq!(store.head(), head);
    assert_eq!(store.loads().unwrap().len(), 3);
}

#[test]
fn the_journal_passes_through_every_commit_since_the_guard_and_no_other() {
    let folder = TempDir::new().unwrap();
    let mut store = born(&folder);
    let mut heads = vec![store.head()];
    for number in 1..5 {
        store.commit(&[load(number)], &mut counter()).unwrap();
        heads.push(store.head());
    }
    for head in &heads {
        assert!(store.passes_through(head).unwrap());
        assert!(
            !store
                .passes_through(&Head {
                    digest: [0; 32],
                    ..*head
                })
                .unwrap()
        );
        assert!(
            !store
                .passes_through(&Head {
                    wallet: WalletId([4; 16]),
                    ..*head
                })
                .unwrap()
        );
    }
    assert!(
        !store
            .passes_through(&Head {
                number: 9,
                ..heads[4]
            })
            .unwrap()
    );
    store.guarded(&heads[3]);
    store.commit(&[load(5)], &mut counter()).unwrap();
    assert!(store.passes_through(&heads[3]).unwrap());
    assert!(
        !store.passes_through(&heads[2]).unwrap(),
        "what the guard has left behind is pruned"
    );
}

#[test]
fn an_older_row_put_back_or_a_row_moved_does_not_open() {
    let folder = TempDir::new().unwrap();
    let mut store = born(&folder);
    store.commit(&[load(1)], &mut counter()).unwrap();
    store.commit(&[load(1)], &mut counter()).unwrap();
    drop(store);
    let db = Connection::open(folder.path().join("w")).unwrap();
    db.execute("UPDATE load SET version = version - 1 WHERE version = 3", [])
        .unwrap();
    drop(db);
    assert_eq!(reopen(&folder).unwrap().loads().err(), Some(StoreError::Damaged));
}

#[test]
fn one_owner_at_a_time() {
    let folder = TempDir::new().unwrap();
    let store = born(&folder);
    assert_eq!(reopen(&folder).err(), Some(OpenError::AlreadyOpen));
    drop(store);
    assert!(reopen(&folder).is_ok());
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let folder = TempDir::new().unwrap();
    drop(born(&folder));
    let db = Connection::open(folder.path().join("w")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(folder.path().join("w")).unwrap();
    assert_eq!(
        reopen(&folder).err(),
        Some(OpenError::TooNew { found: 99, known: 1 })
    );
    assert_eq!(std::fs::read(folder.path().join("w")).unwrap(), before);
}

#[test]
fn a_file_that_is_no_store_is_copied_aside_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("w");
    std::fs::write(&path, b"not a database at all, but somebody may still want it").unwrap();
    let Err(OpenError::Damaged { copy: Some(copy) }) = reopen(&folder) else {
        panic!()
    };
    assert_eq!(std::fs::read(&copy).unwrap(), std::fs::read(&path).unwrap());
    let again = Some(OpenError::Damaged {
        copy: Some(copy.clone()),
    });
    assert_eq!(reopen(&folder).err(), again, "one copy is enough");
    std::fs::write(&path, b"more damage").unwrap();
    let Err(OpenError::Damaged { copy: Some(second) }) = reopen(&folder) else {
        panic!()
    };
    assert_ne!(copy, second, "an earlier copy is never overwritten");
}
