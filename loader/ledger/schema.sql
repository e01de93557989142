-- The ledger, version 3. Offsets are bytes, lines count from 1.
-- A row per batch with packed records, and a row only for the exceptional record,
-- keep a million records near 15 MB. Every row carries row_sum of its other columns,
-- blake2b-64: SQLite itself does not notice a flipped bit inside a value.

-- What this ledger belongs to; one row.
CREATE TABLE load (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    source_name     TEXT NOT NULL,
    source_digest   TEXT NOT NULL,
    object_type     TEXT NOT NULL,
    portal_id       TEXT NOT NULL,
    trace_property  TEXT,
    key_property    TEXT,
    created_at      TEXT NOT NULL,
    checksum        BLOB NOT NULL
) STRICT;

-- A contiguous span of lines. Inserted before its first request (armed), updated when
-- outcomes are known (settled), closed when every record has one. The payload is
-- hashed by what decides it: the digest of the span, and the IDs of what was sent.
CREATE TABLE batch (
    start_offset  INTEGER PRIMARY KEY,
    end_offset    INTEGER NOT NULL CHECK (end_offset > start_offset),
    first_line    INTEGER NOT NULL,
    end_line      INTEGER NOT NULL,
    lines         INTEGER NOT NULL,           -- lines that are not blank
    inputs        INTEGER NOT NULL,           -- records to send
    created       INTEGER NOT NULL DEFAULT 0, -- of these: created by this load
    doubts        INTEGER NOT NULL DEFAULT 0, -- of these: sent, and without outcome
    attempt       INTEGER NOT NULL DEFAULT 0, -- requests armed so far
    keyed         INTEGER NOT NULL DEFAULT 0, -- sent with the trace property
    open          INTEGER NOT NULL,           -- some record has no outcome yet
    digest        BLOB NOT NULL,              -- blake2b-64 of the span's bytes
    payload       BLOB,                       -- blake2b-64 of the body last armed
    records       BLOB NOT NULL,              -- packed lines, offsets and IDs
    doubted       BLOB,                       -- packed positions sent without outcome
    objects       BLOB,                       -- packed object IDs of the created
    checksum      BLOB                        -- set by the same transaction
) STRICT;

-- Everything a resumed run asks of every batch, without touching the wide rows.
CREATE UNIQUE INDEX batch_span ON batch
    (start_offset, end_offset, first_line, end_line, lines, open, digest);
CREATE INDEX batch_line ON batch (first_line);

-- A record that is not simply created.
CREATE TABLE exception (
    line            INTEGER PRIMARY KEY,
    offset          INTEGER NOT NULL,
    trace_id        TEXT,
    state           TEXT NOT NULL CHECK
        (state IN ('existing', 'rejected', 'in_doubt', 'duplicate')),
    object_id       TEXT,
    category        TEXT,
    message         TEXT,
    correlation_id  TEXT,
    duplicate_of    INTEGER,                  -- line of the first with this ID
    keyed           INTEGER NOT NULL DEFAULT 0,
    raw             BLOB,                     -- the line as it was
    checksum        BLOB NOT NULL
) STRICT;
CREATE INDEX exception_state ON exception (state, line);

-- IDs that come from the line itself, so that the second is found however far away.
CREATE TABLE identity (
    id       BLOB PRIMARY KEY,                -- blake2b-128 of the trace ID
    line     INTEGER NOT NULL,                -- first line that has it
    content  BLOB NOT NULL,                   -- blake2b-64 of that record's content
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What all runs of this load have cost; one row.
CREATE TABLE tally (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    requests   INTEGER NOT NULL DEFAULT 0,
    throttled  INTEGER NOT NULL DEFAULT 0,
    retried    INTEGER NOT NULL DEFAULT 0,
    seconds    REAL NOT NULL DEFAULT 0,
    finished   INTEGER NOT NULL DEFAULT 0,
    checksum   BLOB                           -- set by the same transaction
) STRICT;

-- Which ledger this is, and how far it has come; one row. The seal beside the ledger
-- has the same, so that an older copy or another ledger in its place is noticed.
CREATE TABLE mark (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    ledger      TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    rebuilding  INTEGER NOT NULL,             -- ask for every record before it is sent
    unkeyed     INTEGER NOT NULL,             -- some may be on the portal without ID
    undone      INTEGER NOT NULL,             -- an undo of this load was begun
    checksum    BLOB                          -- set by the same transaction
) STRICT;

-- How far the created records were read back and compared; one row, once it was begun.
CREATE TABLE verification (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    begun_at  TEXT NOT NULL,
    ended_at  TEXT,
    frontier  INTEGER NOT NULL,               -- everything before it is compared
    compared  INTEGER NOT NULL,               -- created records before it
    requests  INTEGER NOT NULL,
    checksum  BLOB NOT NULL
) STRICT;

-- A created record that the portal does not have as its line says.
CREATE TABLE finding (
    line       INTEGER PRIMARY KEY,
    offset     INTEGER NOT NULL,
    trace_id   TEXT NOT NULL,
    object_id  TEXT NOT NULL,
    standing   TEXT NOT NULL CHECK
        (standing IN ('different', 'missing', 'archived', 'unanswered')),
    details    BLOB NOT NULL,                 -- packed differences
    checksum   BLOB NOT NULL
) STRICT;

-- What is archived of this load, and how far that has come; one row, once confirmed.
CREATE TABLE undo (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    begun_at  TEXT NOT NULL,
    ended_at  TEXT,
    digest    TEXT NOT NULL,                  -- what was confirmed
    calls     INTEGER NOT NULL,               -- to archive
    archived  INTEGER NOT NULL,               -- of these: archived
    frontier  INTEGER NOT NULL,               -- everything before it is archived
    checksum  BLOB NOT NULL
) STRICT;

-- A created record that an undo leaves alone.
CREATE TABLE spared (
    line       INTEGER PRIMARY KEY,
    object_id  TEXT NOT NULL,
    reason     TEXT NOT NULL,
    checksum   BLOB NOT NULL
) STRICT;
