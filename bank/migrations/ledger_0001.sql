-- A double-entry ledger. One row of `ledger_entry` moves one amount from one account to another: there is no
-- way to write down a debit without its credit. Entries are never changed and never removed.

CREATE TABLE ledger_account (
    account INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE,
    -- The side on which the account grows: assets and expenses on the debit side, liabilities and capital on the
    -- credit side. No account of ours may ever stand on the other side of zero.
    side    TEXT    NOT NULL CHECK (side IN ('debit', 'credit')),
    debits  INTEGER NOT NULL DEFAULT 0 CHECK (debits >= 0),
    credits INTEGER NOT NULL DEFAULT 0 CHECK (credits >= 0),
    CHECK (CASE side WHEN 'debit' THEN debits >= credits ELSE credits >= debits END)
) STRICT;

CREATE TABLE ledger_entry (
    entry  INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    debit  INTEGER NOT NULL REFERENCES ledger_account (account),
    credit INTEGER NOT NULL REFERENCES ledger_account (account),
    amount INTEGER NOT NULL CHECK (amount > 0),
    -- Why, and the id of what caused it. One cause moves money once.
    reason TEXT    NOT NULL,
    cause  BLOB    NOT NULL,
    CHECK (debit <> credit),
    UNIQUE (reason, cause)
) STRICT;

CREATE TRIGGER ledger_entry_counts AFTER INSERT ON ledger_entry
BEGIN
    UPDATE ledger_account SET debits  = debits  + NEW.amount WHERE account = NEW.debit;
    UPDATE ledger_account SET credits = credits + NEW.amount WHERE account = NEW.credit;
END;

CREATE TRIGGER ledger_entry_stays BEFORE UPDATE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'a ledger entry is never changed');
END;

CREATE TRIGGER ledger_entry_remains BEFORE DELETE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'a ledger entry is never removed');
END;

-- The secret keys of this house, as 32-byte seeds.
CREATE TABLE secret_key (
    purpose TEXT PRIMARY KEY,
    seed    BLOB NOT NULL CHECK (length(seed) = 32)
) STRICT, WITHOUT ROWID;
