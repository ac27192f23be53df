use rusqlite::{Connection, OpenFlags};

use super::*;

/// A database as the wallet has it.
fn open(disk: &Disk) -> rusqlite::Result<Connection> {
    let place = disk.location("db");
    let db = Connection::open_with_flags_and_vfs(place.path(), OpenFlags::default(), place.vfs().unwrap())?;
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS number (n INTEGER PRIMARY KEY);",
    )?;
    Ok(db)
}

fn put(db: &Connection, number: u32) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO number VALUES (?1)", [number])
}

fn count(db: &Connection) -> u32 {
    db.query_row("SELECT count(*) FROM number", [], |row| row.get(0))
        .unwrap()
}

const ALL_KEPT: [Kept; 5] = [
    Kept::Nothing,
    Kept::Everything,
    Kept::Some(1),
    Kept::Some(2),
    Kept::Some(3),
];

#[test]
fn what_was_committed_survives_and_what_was_not_does_not_half() {
    for kept in ALL_KEPT {
        for after in 0.. {
            let disk = Disk::new().unwrap();
            let db = open(&disk).unwrap();
            put(&db, 1).unwrap();
            disk.plan(Trouble::PowerCut(kept), after);
            let second = put(&db, 2);
            let third = put(&db, 3);
            if disk.forget_plan() {
                assert!(after > 4, "a commit is more than {after} operations");
                break;
            }
            disk.power_off(kept);
            drop(db);
            disk.power_on();
            let there = count(&open(&disk).unwrap());
            let known = 1 + u32::from(second.is_ok()) + u32::from(third.is_ok());
            assert!(
                (known..=3).contains(&there),
                "{kept:?} {after}: {there} of {known}"
            );
        }
    }
}

/// The test of the tests: without a sync, a power cut takes what was written.
#[test]
fn what_was_not_synced_is_lost_in_part_or_whole() {
    let mut seen = std::collections::BTreeSet::new();
    for kept in ALL_KEPT {
        let disk = Disk::new().unwrap();
        let db = open(&disk).unwrap();
        db.execute_batch("PRAGMA synchronous = OFF;").unwrap();
        (1..=20).for_each(|number| assert_eq!(put(&db, number).unwrap(), 1));
        disk.power_off(kept);
        assert!(put(&db, 21).is_err(), "there is no power");
        drop(db);
        disk.power_on();
        seen.insert(open(&disk).map_or(0, |db| count(&db)));
    }
    assert!(
        seen.contains(&0) && seen.contains(&20) && seen.len() > 1,
        "{seen:?}"
    );
}

#[test]
fn a_failure_before_an_operation_has_no_effect_and_one_after_it_has() {
    let disk = Disk::new().unwrap();
    let db = open(&disk).unwrap();
    let before = disk.operations();
    put(&db, 1).unwrap();
    let operations = disk.operations();
    assert_eq!(operations.of(Operation::Sync) - before.of(Operation::Sync), 1);
    assert!(operations.of(Operation::Write) > before.of(Operation::Write));
    for trouble in [Trouble::FailsBefore, Trouble::FailsAfter] {
        for after in 0..operations.total() - before.total() {
            disk.plan(trouble, after);
            let number = 10 + u32::try_from(after).unwrap();
            let failed = put(&db, number).is_err();
            disk.forget_plan();
            let there: bool = db
                .query_row("SELECT count(*) FROM number WHERE n = ?1", [number], |row| {
                    row.get(0)
                })
                .unwrap();
            assert_ne!(failed, there, "{trouble:?} {after}");
            db.execute("DELETE FROM number WHERE n = ?1", [number]).unwrap();
        }
    }
}

#[test]
fn a_full_disk_takes_no_more_until_there_is_room() {
    let disk = Disk::new().unwrap();
    let db = open(&disk).unwrap();
    disk.limit_to(disk.used() + 100);
    let full = put(&db, 1).unwrap_err().sqlite_error_code();
    assert_eq!(full, Some(rusqlite::ErrorCode::DiskFull));
    disk.make_room();
    put(&db, 1).unwrap();
    disk.plan(Trouble::Full, 0);
    assert!(put(&db, 2).is_err());
    disk.make_room();
    put(&db, 2).unwrap();
    assert_eq!(count(&db), 2);
}

#[test]
fn a_snapshot_goes_back_and_on_to_another_disk_and_no_open_file_follows() {
    let disk = Disk::new().unwrap();
    let db = open(&disk).unwrap();
    put(&db, 1).unwrap();
    let snapshot = disk.snapshot();
    put(&db, 2).unwrap();
    assert!(open(&disk).is_err(), "it is open already");
    disk.restore(&snapshot);
    assert!(put(&db, 3).is_err(), "that file is gone");
    drop(db);
    assert_eq!(count(&open(&disk).unwrap()), 1);
    let other = Disk::new().unwrap();
    other.restore(&snapshot);
    let elsewhere = open(&other).unwrap();
    put(&elsewhere, 2).unwrap();
    assert_eq!(count(&elsewhere), 2);
    assert_eq!(count(&open(&disk).unwrap()), 1);
}

#[test]
fn a_socket_is_used_again_and_nothing_reaches_the_next_disk() {
    let disk = Disk::new().unwrap();
    let db = open(&disk).unwrap();
    let old = disk.location("db");
    drop(disk);
    let others: Vec<_> = (0..4).map(|_| Disk::new().unwrap()).collect();
    assert!(put(&db, 1).is_err(), "the disk is gone");
    for other in &others {
        assert_ne!(other.location("db"), old);
        assert_eq!(other.used(), 0);
    }
}
