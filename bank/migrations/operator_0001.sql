-- The operator: its customers, the keys it certified, and the answers it gave.

CREATE TABLE customer (
    customer       INTEGER PRIMARY KEY,
    account_key    BLOB    NOT NULL UNIQUE,
    class          INTEGER NOT NULL CHECK (class BETWEEN 1 AND 4),
    name           TEXT,
    ledger_account INTEGER NOT NULL UNIQUE REFERENCES ledger_account (account),
    opened_at      INTEGER NOT NULL
) STRICT;

-- Every granted call and its answer, byte for byte.
CREATE TABLE call (
    customer        INTEGER NOT NULL REFERENCES customer (customer),
    idempotency_key BLOB    NOT NULL CHECK (length(idempotency_key) = 16),
    call            BLOB    NOT NULL CHECK (length(call) = 32), -- the id of the call, to know the same one again
    answer          BLOB    NOT NULL,
    PRIMARY KEY (customer, idempotency_key)
) STRICT, WITHOUT ROWID;

-- One holder key belongs to one customer for ever.
CREATE TABLE holder (
    holder_key BLOB    PRIMARY KEY,
    customer   INTEGER NOT NULL REFERENCES customer (customer),
    device     BLOB    NOT NULL CHECK (length(device) = 16) -- the phone it was first certified for; zeros if that gave no name
) STRICT, WITHOUT ROWID;

-- Phones that another phone of the same customer declared lost.
CREATE TABLE frozen (
    customer  INTEGER NOT NULL REFERENCES customer (customer),
    device    BLOB    NOT NULL CHECK (length(device) = 16),
    frozen_at INTEGER NOT NULL,
    told      INTEGER NOT NULL CHECK (told IN (0, 1)), -- whether it is in the mailbox
    PRIMARY KEY (customer, device)
) STRICT, WITHOUT ROWID;

-- Customers one of whose keys forked: they get no new keys until they have answered for it.
CREATE TABLE barred (
    customer  INTEGER PRIMARY KEY REFERENCES customer (customer),
    barred_at INTEGER NOT NULL
) STRICT;

CREATE INDEX holder_by_customer ON holder (customer);

-- The registry: every certificate ever handed out, written down before it was.
CREATE TABLE certificate (
    certificate   INTEGER PRIMARY KEY,
    holder_key    BLOB    NOT NULL REFERENCES holder (holder_key),
    registered_at INTEGER NOT NULL,
    signed        BLOB    NOT NULL -- Signed<HolderCertificate>
) STRICT;

CREATE INDEX certificate_by_key ON certificate (holder_key);

CREATE TRIGGER holder_stays BEFORE UPDATE ON holder
BEGIN
    SELECT RAISE(ABORT, 'a holder key never changes hands');
END;

CREATE TRIGGER holder_remains BEFORE DELETE ON holder
BEGIN
    SELECT RAISE(ABORT, 'the registry only grows');
END;

CREATE TRIGGER certificate_stays BEFORE UPDATE ON certificate
BEGIN
    SELECT RAISE(ABORT, 'the registry only grows');
END;

CREATE TRIGGER certificate_remains BEFORE DELETE ON certificate
BEGIN
    SELECT RAISE(ABORT, 'the registry only grows');
END;

CREATE TABLE policy (
    class   INTEGER NOT NULL CHECK (class BETWEEN 1 AND 4),
    version INTEGER NOT NULL,
    signed  BLOB    NOT NULL, -- Signed<Policy>
    PRIMARY KEY (class, version)
) STRICT, WITHOUT ROWID;

-- Orders to the issuer whose outcome is not yet in these books. Written before the issuer hears of them; done again at
-- the next start if anything came between.
CREATE TABLE pending_order (
    order_id        BLOB    PRIMARY KEY CHECK (length(order_id) = 16),
    customer        INTEGER NOT NULL REFERENCES customer (customer),
    idempotency_key BLOB    NOT NULL CHECK (length(idempotency_key) = 16),
    call            BLOB    NOT NULL CHECK (length(call) = 32),
    kind            TEXT    NOT NULL CHECK (kind IN ('load', 'deposit', 'refresh', 'reissue', 'report', 'closing')),
    content         BLOB    NOT NULL, -- the notes to issue, the payment to settle, both, the report to record, or the outpoint to close
    UNIQUE (customer, idempotency_key)
) STRICT, WITHOUT ROWID;

-- Which customer told of which transfer. Whoever told of it need not be told.
CREATE TABLE report (
    transfer BLOB    NOT NULL CHECK (length(transfer) = 32),
    customer INTEGER NOT NULL REFERENCES customer (customer),
    PRIMARY KEY (transfer, customer)
) STRICT, WITHOUT ROWID;

-- What customers paid, as far as it is on record: what the limits of a day and of a year are held against. What came back
-- whole counts nothing; and neither does what answers a payment to the same customer: that is a refund.
CREATE TABLE spent (
    transfer  BLOB    PRIMARY KEY CHECK (length(transfer) = 32),
    customer  INTEGER NOT NULL REFERENCES customer (customer),
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    day       INTEGER NOT NULL,
    reference BLOB    NOT NULL CHECK (length(reference) = 16) -- what it answers
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_by_customer ON spent (customer, day);

-- Every customer's mailbox: numbered without gaps from 1, and nothing is ever taken out of it, so that a phone which lost
-- its memory can collect it all again.
CREATE TABLE delivery (
    customer INTEGER NOT NULL REFERENCES customer (customer),
    number   INTEGER NOT NULL CHECK (number > 0),
    subject  BLOB    NOT NULL, -- the transfer or the outpoint it is about: each is delivered once
    content  BLOB    NOT NULL, -- Delivery
    PRIMARY KEY (customer, number),
    UNIQUE (customer, subject)
) STRICT, WITHOUT ROWID;

-- Who pays the excess of a pending or finished order. What is held stands on the ledger's account of that name until the
-- order is at its end. Whoever answers for a fork is denied what it would bring.
CREATE TABLE cover (
    cover    INTEGER PRIMARY KEY AUTOINCREMENT, -- it stands in the ledger, so none is used twice
    order_id BLOB    NOT NULL CHECK (length(order_id) = 16),
    proof    BLOB    NOT NULL CHECK (length(proof) = 32),
    source   TEXT    NOT NULL CHECK (source IN ('culprit', 'guarantee', 'denied')),
    account  INTEGER REFERENCES ledger_account (account), -- whose money it is; NULL if denied
    amount   INTEGER NOT NULL CHECK (amount > 0),
    claimed  BLOB, -- what it was paid for: the outpoint; NULL while it is held
    CHECK ((account IS NULL) = (source = 'denied'))
) STRICT;

CREATE INDEX cover_by_order ON cover (order_id);

-- Keys of which this operator stated that it never certified them. It never will.
CREATE TABLE sworn (
    holder_key BLOB PRIMARY KEY,
    sworn_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far this operator has read the issuer's list of those who answer for forks.
CREATE TABLE read_up_to (
    list   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
