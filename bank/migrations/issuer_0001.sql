-- The issuer: whom its root certifies, which notes it signed, and which transfer consumed each piece of value.

CREATE TABLE operator (
    operator        INTEGER PRIMARY KEY,
    reserve_account INTEGER NOT NULL UNIQUE REFERENCES ledger_account (account),
    version         INTEGER NOT NULL,
    valid_until     INTEGER NOT NULL,
    certificate     BLOB    NOT NULL -- Signed<OperatorCertificate>, the newest
) STRICT;

CREATE TABLE series (
    series      INTEGER PRIMARY KEY,
    issue_from  INTEGER NOT NULL,
    issue_until INTEGER NOT NULL,
    signed      BLOB    NOT NULL -- Signed<Series>
) STRICT;

CREATE TABLE status_authority (
    version     INTEGER PRIMARY KEY,
    valid_until INTEGER NOT NULL,
    signed      BLOB    NOT NULL -- Signed<StatusAuthority>
) STRICT;

CREATE TABLE status_list (
    version INTEGER PRIMARY KEY,
    signed  BLOB    NOT NULL -- Signed<StatusList>
) STRICT;

-- Every order for notes, by the id its operator chose. A refusal is final: what comes late cannot be carried out twice.
CREATE TABLE issue_order (
    operator INTEGER NOT NULL REFERENCES operator (operator),
    order_id BLOB    NOT NULL CHECK (length(order_id) = 16),
    outputs  BLOB    NOT NULL, -- what was ordered, to know the same order again
    state    TEXT    NOT NULL CHECK (state IN ('issued', 'refused')),
    total    INTEGER NOT NULL CHECK (total > 0),
    PRIMARY KEY (operator, order_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
    id       BLOB    PRIMARY KEY CHECK (length(id) = 32),
    operator INTEGER NOT NULL,
    order_id BLOB    NOT NULL,
    position INTEGER NOT NULL,
    series   INTEGER NOT NULL REFERENCES series (series),
    serial   INTEGER NOT NULL, -- the 64 bits, read as a signed number
    amount   INTEGER NOT NULL CHECK (amount > 0),
    signed   BLOB    NOT NULL, -- Signed<Note>
    UNIQUE (series, serial),
    UNIQUE (operator, order_id, position),
    FOREIGN KEY (operator, order_id) REFERENCES issue_order (operator, order_id)
) STRICT;

-- Every payment that was ever reported or claimed, whole: it is the evidence against whoever forks a part of it.
CREATE TABLE evidence (
    evidence INTEGER PRIMARY KEY,
    transfer BLOB    NOT NULL UNIQUE CHECK (length(transfer) = 32),
    shown_at INTEGER NOT NULL,
    payment  BLOB    NOT NULL
) STRICT;

-- Which transfers were seen to consume an outpoint, and the payment that showed each of them first. More than one is a
-- fork. Seeing moves no money.
CREATE TABLE seen (
    origin   BLOB    NOT NULL CHECK (length(origin) = 32),
    output   INTEGER NOT NULL,
    transfer BLOB    NOT NULL CHECK (length(transfer) = 32),
    evidence INTEGER NOT NULL REFERENCES evidence (evidence),
    PRIMARY KEY (origin, output, transfer)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_by_transfer ON seen (transfer);

-- Who signed for what it was paid.
CREATE TABLE receipt (
    transfer BLOB PRIMARY KEY CHECK (length(transfer) = 32),
    signed   BLOB NOT NULL -- Signed<Receipt>
) STRICT, WITHOUT ROWID;

-- Every payment that was settled.
CREATE TABLE claim (
    claim      INTEGER PRIMARY KEY,
    transfer   BLOB    NOT NULL UNIQUE REFERENCES evidence (transfer),
    operator   INTEGER NOT NULL REFERENCES operator (operator),
    order_id   BLOB    NOT NULL CHECK (length(order_id) = 16),
    credited   INTEGER NOT NULL CHECK (credited >= 0), -- out of circulation; the rest is covered
    settled_at INTEGER NOT NULL,
    UNIQUE (operator, order_id)
) STRICT;

-- Which transfer consumed an outpoint, and the claim that showed it first. The primary key is what stops a double spend.
CREATE TABLE consumed (
    origin   BLOB    NOT NULL CHECK (length(origin) = 32),
    output   INTEGER NOT NULL,
    transfer BLOB    NOT NULL CHECK (length(transfer) = 32),
    claim    INTEGER REFERENCES claim (claim), -- NULL: the closing of a claim window
    PRIMARY KEY (origin, output)
) STRICT, WITHOUT ROWID;

-- Every piece of value that was ever heard of.
CREATE TABLE outpoint (
    origin      BLOB    NOT NULL CHECK (length(origin) = 32),
    output      INTEGER NOT NULL,
    holder_key  BLOB    NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount > 0),
    claim_until INTEGER NOT NULL, -- the earliest day of its ancestors
    evidence    INTEGER REFERENCES evidence (evidence), -- the payment that showed it; NULL: a note
    PRIMARY KEY (origin, output)
) STRICT, WITHOUT ROWID;

CREATE INDEX outpoint_by_day ON outpoint (claim_until);

-- Value that nobody claimed in time: credited to the latest holder that was known.
CREATE TABLE closing (
    origin     BLOB    NOT NULL CHECK (length(origin) = 32),
    output     INTEGER NOT NULL,
    operator   INTEGER NOT NULL REFERENCES operator (operator),
    order_id   BLOB    NOT NULL CHECK (length(order_id) = 16),
    holder_key BLOB    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    credited   INTEGER NOT NULL CHECK (credited >= 0), -- out of circulation; the rest is covered
    closed_at  INTEGER NOT NULL,
    PRIMARY KEY (origin, output),
    UNIQUE (operator, order_id)
) STRICT, WITHOUT ROWID;

-- Fraud proofs. The first of an outpoint shows two branches, every later one a further branch.
CREATE TABLE fork (
    fork     INTEGER PRIMARY KEY,
    origin   BLOB    NOT NULL,
    output   INTEGER NOT NULL,
    first    BLOB    NOT NULL,
    second   BLOB    NOT NULL,
    found_at INTEGER NOT NULL,
    proof    BLOB    NOT NULL, -- ForkProof
    UNIQUE (origin, output, second)
) STRICT;

-- What of a claim or a closing circulation did not owe, because it was paid out before: each fen with its fraud proof,
-- or with the closing that a late claim reverses.
CREATE TABLE cover (
    subject  BLOB    NOT NULL, -- the transfer that claimed, or the outpoint that was closed
    position INTEGER NOT NULL,
    origin   BLOB    NOT NULL CHECK (length(origin) = 32),
    output   INTEGER NOT NULL,
    transfer BLOB    NOT NULL CHECK (length(transfer) = 32), -- the branch
    fork     INTEGER REFERENCES fork (fork), -- NULL: the closing of the outpoint
    amount   INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (subject, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX cover_by_outpoint ON cover (origin, output);
