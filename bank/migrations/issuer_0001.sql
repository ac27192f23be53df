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
    claim_until INTEGER NOT NULL,
    -- Whether its notes that never moved were looked through after the claim window closed.
    swept       INTEGER NOT NULL DEFAULT 0 CHECK (swept IN (0, 1)),
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
    -- The next day on which the claim window of something in it has closed; NULL when there is none.
    sweep_on INTEGER,
    payment  BLOB    NOT NULL
) STRICT;

CREATE INDEX evidence_to_sweep ON evidence (sweep_on) WHERE sweep_on IS NOT NULL;

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

-- Every payment that was settled. `redeemed` is what it took out of circulation; the rest of what it credited is late or
-- excess.
CREATE TABLE claim (
    claim      INTEGER PRIMARY KEY,
    transfer   BLOB    NOT NULL UNIQUE REFERENCES evidence (transfer),
    operator   INTEGER NOT NULL REFERENCES operator (operator),
    order_id   BLOB    NOT NULL CHECK (length(order_id) = 16),
    credited   INTEGER NOT NULL CHECK (credited > 0),
    redeemed   INTEGER NOT NULL CHECK (redeemed >= 0),
    settled_at INTEGER NOT NULL,
    UNIQUE (operator, order_id)
) STRICT;

-- Value that nobody presented, credited to its holder when its claim window had closed.
CREATE TABLE closing (
    origin     BLOB    NOT NULL CHECK (length(origin) = 32),
    output     INTEGER NOT NULL,
    operator   INTEGER NOT NULL REFERENCES operator (operator),
    order_id   BLOB    NOT NULL CHECK (length(order_id) = 16),
    holder_key BLOB    NOT NULL,
    credited   INTEGER NOT NULL CHECK (credited > 0),
    redeemed   INTEGER NOT NULL CHECK (redeemed >= 0),
    evidence   INTEGER REFERENCES evidence (evidence), -- NULL for a note that never moved
    closed_at  INTEGER NOT NULL,
    PRIMARY KEY (origin, output),
    UNIQUE (operator, order_id)
) STRICT, WITHOUT ROWID;

-- Value whose claim window has closed, and that waits for the operator of its holder.
CREATE TABLE due (
    origin     BLOB    NOT NULL CHECK (length(origin) = 32),
    output     INTEGER NOT NULL,
    holder_key BLOB    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    evidence   INTEGER REFERENCES evidence (evidence),
    PRIMARY KEY (origin, output)
) STRICT, WITHOUT ROWID;

-- Every fen of a note has a number, from 0. Which of them came home, and with what: output 0 of a claim's transfer, or the
-- outpoint of a closing. No fen comes home twice; that is what makes a double spend worthless.
CREATE TABLE fen (
    note   BLOB    NOT NULL REFERENCES note (id),
    first  INTEGER NOT NULL CHECK (first >= 0),
    until  INTEGER NOT NULL CHECK (until > first), -- the first fen that is not in the run
    origin BLOB    NOT NULL CHECK (length(origin) = 32),
    output INTEGER NOT NULL,
    place  INTEGER NOT NULL CHECK (place >= 0), -- where the run stands in that output
    PRIMARY KEY (note, first)
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
    -- Who answers for it. 'taken' is for as long as nobody shows a certificate of the key that forked.
    state    TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'certified')),
    basis    BLOB, -- attribution::Basis
    UNIQUE (origin, output, second),
    CHECK ((state = 'open') = (basis IS NULL))
) STRICT;

CREATE INDEX fork_unsettled ON fork (fork) WHERE state <> 'certified';

-- Who answers for which fork, numbered in the order in which it was found out.
CREATE TABLE accused (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    fork       INTEGER NOT NULL REFERENCES fork (fork),
    holder_key BLOB    NOT NULL,
    UNIQUE (fork, holder_key)
) STRICT;

-- What the operators say of keys: a certificate, or that they never gave one.
CREATE TABLE testimony (
    holder_key BLOB    NOT NULL,
    operator   INTEGER NOT NULL REFERENCES operator (operator),
    said       BLOB    NOT NULL, -- api::Testimony
    PRIMARY KEY (holder_key, operator)
) STRICT, WITHOUT ROWID;

-- Of what was claimed or closed: fen that had come home before by another branch of a fork, each booked against its proof.
-- They never touch the issuer's ledger; the operator pays them.
CREATE TABLE excess (
    origin BLOB    NOT NULL CHECK (length(origin) = 32),
    output INTEGER NOT NULL,
    fork   INTEGER NOT NULL REFERENCES fork (fork),
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (origin, output, fork)
) STRICT, WITHOUT ROWID;

-- Of what was claimed or closed: fen that had come home when an earlier holder's window closed.
CREATE TABLE late (
    origin        BLOB    NOT NULL CHECK (length(origin) = 32),
    output        INTEGER NOT NULL,
    closed_origin BLOB    NOT NULL,
    closed_output INTEGER NOT NULL,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (origin, output, closed_origin, closed_output),
    FOREIGN KEY (closed_origin, closed_output) REFERENCES closing (origin, output)
) STRICT, WITHOUT ROWID;
