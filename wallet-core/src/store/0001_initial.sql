-- The first schema. Every row but `wallet` and `journal` is sealed: `name` is a keyed hash of what
-- the row is about, `version` the number of the commit that wrote it, `content` an AEAD box in which
-- table, name and version are associated data.

CREATE TABLE wallet (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    wallet_id   BLOB NOT NULL CHECK (length(wallet_id) = 16),
    wrapped_key BLOB NOT NULL, -- by the vault: the data key, or, with a PIN, one of its two halves
    pin         BLOB           -- the other half, and what a guess costs: see `wallet_core::lock`
) STRICT;

-- One row per commit since the last one the rollback guard is known to hold.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE TABLE setting        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE holder_key     (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE element        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE consumed       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Live value only: what is spent leaves.
CREATE TABLE piece          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- What `open` must know is kept apart from what is only history, so that opening does not grow slower with age.
CREATE TABLE open_request   (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closed_request (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- A transfer of ours wanders from one of these three to the next: signed; confirmed by the payee; known to the bank.
CREATE TABLE in_doubt       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE receipted      (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outgoing       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Which transfer answered a payee's request: so that no request is ever paid twice.
CREATE TABLE answer         (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- A payment to us wanders from the first to the second when the bank has it on record.
CREATE TABLE taken          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE incoming       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Until the bank has it, and until the holder has heard of it.
CREATE TABLE proof          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bank_order     (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE load           (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closing        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Secrets of this wallet's own, each in a row of its own, so that it is read when it is needed and only then.
CREATE TABLE secret         (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- What was given back of which payment.
CREATE TABLE refunds        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
