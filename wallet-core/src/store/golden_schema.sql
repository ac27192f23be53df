-- user_version = 1
CREATE TABLE answer         (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bank_order     (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closed_request (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closing        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE consumed       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE element        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE holder_key     (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE in_doubt       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE incoming       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;
CREATE TABLE load           (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE open_request   (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outgoing       (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE piece          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE proof          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE receipted      (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE refunds        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE secret         (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE setting        (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE taken          (name BLOB PRIMARY KEY CHECK (length(name) = 16), version INTEGER NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE wallet (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    wallet_id   BLOB NOT NULL CHECK (length(wallet_id) = 16),
    wrapped_key BLOB NOT NULL, -- by the vault: the data key, or, with a PIN, one of its two halves
    pin         BLOB           -- the other half, and what a guess costs: see `wallet_core::lock`
) STRICT
