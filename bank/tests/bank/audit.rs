//! The schema refuses what the code never does, and the audit finds what went past the schema.

use crate::common::{Piece, World, answer, config, fen};
use bank::{Bank, Fault, LedgerFault, Place, issuer::IssuerFault, operator::OperatorFault};
use protocol::{Reference, bank::Answer};
use rusqlite::Connection;

/// A bank on disk, with something of everything in its books, and closed.
fn closed_books() -> (tempfile::TempDir, World) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(1, config(Place::Folder(folder.path().to_path_buf())));
    let (alice, bob) = (world.customer(2, 10_000), world.customer(1, 0));
    let mut pieces = alice.load(&world.bank, 5_000);
    let twice = pieces.remove(0);
    for _ in 0..2 {
        let reference = Reference::from_bytes(world.random.bytes());
        let paid = alice.pay(std::slice::from_ref(&twice), bob.key(0), 1_000, reference);
        let (key, order) = bob.deposit(&world.bank, &[Piece::of_payment(&paid, 0)]);
        let answered = answer(&world.bank.handle_call(&bob.call(key, order)));
        assert!(matches!(answered, Answer::Deposited { .. }));
    }
    let to_bob = alice.pay(&pieces[..1], bob.key(0), 1, Reference::from_bytes([1; 16]));
    let receipt = Some(bob.receipt(&to_bob));
    assert_eq!(alice.report(&world.bank, &to_bob, receipt), Answer::Recorded);
    let books = world.bank.books().unwrap();
    assert_eq!(
        (books.forks, books.excess, books.excess_paid),
        (1, fen(1_000), fen(1_000))
    );
    world.check();
    (folder, world)
}

/// What the audit says after `sql` was done to a database file behind the bank's back.
fn after(file: &str, sql: &str) -> Result<(), Fault> {
    let (folder, World { bank, clock, random }) = closed_books();
    drop(bank);
    let database = Connection::open(folder.path().join(file)).unwrap();
    database.execute_batch(sql).unwrap();
    drop(database);
    let place = Place::Folder(folder.path().to_path_buf());
    Bank::open(config(place), clock, random).unwrap().audit().unwrap()
}

#[test]
fn books_are_the_same_after_they_were_closed() {
    assert_eq!(after("issuer.sqlite", ""), Ok(()));
}

#[test]
fn the_audit_finds_every_fen() {
    let ledger = |fault: LedgerFault| Err(Fault::Issuer(fault.into()));
    for (sql, fault) in [
        (
            "UPDATE ledger_account SET debits = debits - 1 WHERE name = 'circulation'",
            ledger(LedgerFault::TotalsDiffer),
        ),
        (
            "UPDATE ledger_account SET credits = credits + 1 WHERE name = 'reserve/1'",
            ledger(LedgerFault::TotalsDiffer),
        ),
        (
            "DROP TRIGGER ledger_entry_stays; UPDATE ledger_entry SET amount = amount + 1 WHERE reason = 'issue'",
            ledger(LedgerFault::TotalsDiffer),
        ),
        (
            "UPDATE note SET amount = amount + 1 WHERE position = 3",
            Err(Fault::Issuer(IssuerFault::Note)),
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM note WHERE position = 3",
            Err(Fault::Issuer(IssuerFault::Order)),
        ),
        (
            "UPDATE claim SET credited = credited - 1",
            Err(Fault::Issuer(IssuerFault::Claim)),
        ),
        (
            "UPDATE evidence SET payment = x'80'",
            Err(Fault::Issuer(IssuerFault::Evidence)),
        ),
        ("DELETE FROM seen", Err(Fault::Issuer(IssuerFault::Seen))),
        (
            "UPDATE receipt SET transfer = zeroblob(32)",
            Err(Fault::Issuer(IssuerFault::Receipt)),
        ),
        (
            "UPDATE excess SET amount = amount - 1",
            Err(Fault::Issuer(IssuerFault::Claim)),
        ),
        (
            "UPDATE fen SET until = until - 1",
            Err(Fault::Issuer(IssuerFault::Fen)),
        ),
        (
            "INSERT INTO fen SELECT note, first + 1, until, origin, output, place + 1 FROM fen",
            Err(Fault::Issuer(IssuerFault::Fen)),
        ),
        (
            "PRAGMA foreign_keys = OFF; INSERT INTO excess VALUES (zeroblob(32), 0, 1, 7)",
            Err(Fault::Issuer(IssuerFault::Excess)),
        ),
        (
            "UPDATE fork SET second = zeroblob(32)",
            Err(Fault::Issuer(IssuerFault::Fork)),
        ),
        (
            "UPDATE fork SET basis = CAST(substr(basis, 1, length(basis) - 1) || x'00' AS BLOB)",
            Err(Fault::Issuer(IssuerFault::Attribution)),
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM fen; DELETE FROM excess; DELETE FROM claim",
            Err(Fault::Issuer(IssuerFault::Sums)),
        ),
    ] {
        assert_eq!(after("issuer.sqlite", sql), fault, "{sql}");
    }
    for (sql, fault) in [
        (
            "DROP TRIGGER certificate_stays; UPDATE certificate SET holder_key =
                (SELECT holder_key FROM holder WHERE holder_key <> certificate.holder_key LIMIT 1)",
            Err(Fault::Operator(OperatorFault::Certificate)),
        ),
        (
            "INSERT INTO ledger_entry (at, debit, credit, amount, reason, cause)
             SELECT 0, d.account, c.account, 7, 'load-ordered', x'00' FROM ledger_account AS d, ledger_account AS c
             WHERE d.name LIKE 'customer/%' AND d.credits - d.debits > 7 AND c.name = 'loads in flight' LIMIT 1",
            Err(Fault::Operator(OperatorFault::InFlight)),
        ),
        ("DELETE FROM cover", Err(Fault::Operator(OperatorFault::Excess))),
        (
            "UPDATE cover SET proof = zeroblob(32)",
            Err(Fault::Operator(OperatorFault::Excess)),
        ),
        (
            "UPDATE cover SET claimed = NULL",
            Err(Fault::Operator(OperatorFault::CoversInFlight)),
        ),
        (
            "UPDATE delivery SET content = x'80'",
            Err(Fault::Operator(OperatorFault::Delivery)),
        ),
        (
            "INSERT INTO ledger_entry (at, debit, credit, amount, reason, cause)
             SELECT 0, d.account, c.account, 7, 'closing', x'00' FROM ledger_account AS d, ledger_account AS c
             WHERE d.name = 'cash' AND c.name = 'capital'",
            Err(Fault::Operator(OperatorFault::Closing)),
        ),
        (
            "INSERT INTO ledger_entry (at, debit, credit, amount, reason, cause)
             SELECT 0, d.account, c.account, 7, 'redemption', x'00' FROM ledger_account AS d, ledger_account AS c
             WHERE d.name = 'reserve' AND c.name = 'capital'",
            Err(Fault::Books {
                equation: "operator reserve + settled of pending = issuer's reserve + issued of pending",
            }),
        ),
    ] {
        assert_eq!(after("operator.sqlite", sql), fault, "{sql}");
    }
}

/// Nothing that a ledger or a registry forbids gets past the schema, whatever the code above it may do one day.
#[test]
fn the_schema_refuses() {
    let (folder, World { bank, .. }) = closed_books();
    drop(bank);
    let database = Connection::open(folder.path().join("operator.sqlite")).unwrap();
    database.pragma_update(None, "foreign_keys", true).unwrap();
    let account = |name: &str| -> i64 {
        let query = "SELECT account FROM ledger_account WHERE name LIKE ?1";
        database.query_row(query, [name], |row| row.get(0)).unwrap()
    };
    let (cash, capital, gifts) = (account("cash"), account("capital"), account("gifts"));
    let entry = |debit: i64, credit: i64, amount: i64, cause: &str| {
        format!(
            "INSERT INTO ledger_entry (at, debit, credit, amount, reason, cause)
             VALUES (0, {debit}, {credit}, {amount}, 'test', x'{cause}')"
        )
    };
    database.execute_batch(&entry(cash, capital, 5, "01")).unwrap();
    for (why, sql) in [
        ("one cause moves money once", entry(cash, capital, 5, "01")),
        ("nothing moves", entry(cash, capital, 0, "02")),
        ("backwards", entry(cash, capital, -5, "03")),
        ("to itself", entry(cash, cash, 5, "04")),
        ("to nowhere", entry(cash, 999, 5, "05")),
        ("more than there is", entry(capital, gifts, 1, "06")),
        (
            "a fraction",
            entry(cash, capital, 5, "07").replace(", 5,", ", 0.5,"),
        ),
        ("changed", "UPDATE ledger_entry SET amount = 6".into()),
        ("removed", "DELETE FROM ledger_entry".into()),
        ("a key changes hands", "UPDATE holder SET customer = 1".into()),
        ("a key is forgotten", "DELETE FROM holder".into()),
        (
            "a certificate is changed",
            "UPDATE certificate SET registered_at = 0".into(),
        ),
        ("a certificate is forgotten", "DELETE FROM certificate".into()),
    ] {
        assert!(database.execute_batch(&sql).is_err(), "{why}: {sql}");
    }
}

/// A database of a version to come is left alone.
#[test]
fn newer_books_are_not_touched() {
    let (folder, World { bank, clock, random }) = closed_books();
    drop(bank);
    let database = Connection::open(folder.path().join("operator.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let place = Place::Folder(folder.path().to_path_buf());
    let refused = Bank::open(config(place), clock, random).err().unwrap();
    assert_eq!(protocol::Coded::code(&refused), protocol::Code::StoreTooNew);
}
