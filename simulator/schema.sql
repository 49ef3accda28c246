-- The payers' own book. Moments are whole microseconds since 1970 UTC, days are ISO text, money is cents.
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
    at INTEGER NOT NULL, verdict TEXT NOT NULL, claims INTEGER NOT NULL, cents INTEGER NOT NULL,
    UNIQUE (account, sha256)
);
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES files (id), account TEXT NOT NULL,
    payer TEXT NOT NULL, pcn TEXT NOT NULL, fingerprint INTEGER NOT NULL, attempt INTEGER NOT NULL,
    at INTEGER NOT NULL, received_on TEXT NOT NULL, charge INTEGER NOT NULL, frequency TEXT NOT NULL,
    fate TEXT NOT NULL, reason TEXT NOT NULL, cause TEXT NOT NULL, icn TEXT NOT NULL,
    replaces INTEGER -- the decision that a corrected or void claim takes the place of
);
CREATE INDEX IF NOT EXISTS ix_submissions_fingerprint ON submissions (fingerprint);
CREATE INDEX IF NOT EXISTS ix_submissions_replaces ON submissions (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_submissions_pcn ON submissions (pcn);
CREATE TABLE IF NOT EXISTS acks (
    submission_id INTEGER NOT NULL REFERENCES submissions (id), source TEXT NOT NULL, category TEXT NOT NULL,
    code TEXT NOT NULL, entity TEXT NOT NULL, due_at INTEGER NOT NULL, PRIMARY KEY (submission_id, source)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payees (
    account TEXT NOT NULL, npi TEXT NOT NULL, name TEXT NOT NULL, first TEXT NOT NULL, tax_id TEXT NOT NULL,
    street TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL, zip TEXT NOT NULL, PRIMARY KEY (account, npi)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS remits (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, payer TEXT NOT NULL, payee TEXT NOT NULL, trace TEXT NOT NULL UNIQUE,
    cents INTEGER NOT NULL, forwarded INTEGER NOT NULL, claims INTEGER NOT NULL, run_on TEXT NOT NULL, paid_on TEXT NOT NULL,
    due_at INTEGER NOT NULL, answer_id INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY, submission_id INTEGER NOT NULL REFERENCES submissions (id), account TEXT NOT NULL, payer TEXT NOT NULL,
    payee TEXT NOT NULL, pcn TEXT NOT NULL, icn TEXT NOT NULL, status TEXT NOT NULL, charge INTEGER NOT NULL,
    allowed INTEGER NOT NULL, paid INTEGER NOT NULL, patient INTEGER NOT NULL, cause TEXT NOT NULL,
    received_on TEXT NOT NULL, run_on TEXT NOT NULL, due_at INTEGER NOT NULL, remit_id INTEGER REFERENCES remits (id),
    filing_code TEXT NOT NULL, place TEXT NOT NULL, frequency TEXT NOT NULL, member TEXT NOT NULL,
    last TEXT NOT NULL, first TEXT NOT NULL, own_last TEXT NOT NULL, own_first TEXT NOT NULL, rendering TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_decisions_open ON decisions (account, due_at) WHERE remit_id IS NULL;
CREATE INDEX IF NOT EXISTS ix_decisions_icn ON decisions (icn);
CREATE INDEX IF NOT EXISTS ix_decisions_remit ON decisions (remit_id);
CREATE TABLE IF NOT EXISTS decision_lines (
    decision_id INTEGER NOT NULL, line INTEGER NOT NULL, code TEXT NOT NULL, qualifier TEXT NOT NULL,
    modifiers TEXT NOT NULL, units TEXT NOT NULL, date_from TEXT NOT NULL, date_to TEXT NOT NULL, control TEXT NOT NULL,
    charge INTEGER NOT NULL, allowed INTEGER NOT NULL, paid INTEGER NOT NULL, remarks TEXT NOT NULL,
    cause TEXT NOT NULL, PRIMARY KEY (decision_id, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS adjustments (
    decision_id INTEGER NOT NULL, line INTEGER NOT NULL, place INTEGER NOT NULL, grp TEXT NOT NULL,
    carc TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (decision_id, line, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS services (
    payer TEXT NOT NULL, member TEXT NOT NULL, service TEXT NOT NULL, pcn TEXT NOT NULL,
    PRIMARY KEY (payer, member, service)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accumulators (
    payer TEXT NOT NULL, member TEXT NOT NULL, year INTEGER NOT NULL, deductible INTEGER NOT NULL,
    PRIMARY KEY (payer, member, year)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balances (
    account TEXT NOT NULL, payer TEXT NOT NULL, payee TEXT NOT NULL, cents INTEGER NOT NULL,
    PRIMARY KEY (account, payer, payee)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    due_at INTEGER NOT NULL, content BLOB NOT NULL, offered_at INTEGER, taken_at INTEGER
);
CREATE INDEX IF NOT EXISTS ix_answers_waiting ON answers (account, due_at) WHERE taken_at IS NULL;
