"""The durable journal: what was armed, what was settled, and nothing else is the truth.

::

    pipeline ──arm, settle──> journal ──operations──> writer thread ──commit──> SQLite
    results  <──projection── own connection, when nobody owns the load
    resume   <──recovery──── spans from the covering index
    verify   <──sheaf─────── created records in order; undo walks them too

Invariants

* A request's row is committed before its first byte leaves (``arm``).
* A settlement merges into what is there; an object ID is never replaced by another.
* The frontier is not stored: it is the first gap in the spans, so it cannot disagree.
* Every row carries a checksum, and all are compared at opening: a flipped bit is
  damage, never an answer.
* A ledger older than its seal, or another than the seal names, is refused.
* After a failed commit the writer refuses everything (``LedgerFailed``): SQLite has
  rolled it back, and the next commit would succeed without it.

Decisions

* *A row per batch with packed records, a row only for the exceptional record*: a
  million records in about 25 MB; instead of a row per record, which is ten times that
  and bounds the rate by the disk.
* *One connection on one writer thread with group commit*: operations that wait while a
  commit runs share the next one; instead of a commit each, ten times slower, or a pool,
  which SQLite serialises anyway.
* *WAL with* ``synchronous=FULL``: every commit is flushed; ``NORMAL`` may lose commits
  that were acknowledged when the power goes.
* *Exclusive locking mode, set before WAL*: no shared-memory file, and nobody else can
  open a live ledger; others read ``status.json``. Readers of a ledger that nobody owns
  open it in the normal mode, beside each other.
* *A checksum a row, compared at opening*: a microsecond a row, where a row is a batch;
  instead of a page's (SQLite's own extension for that is not in Python's), or of
  comparing rows as they are used, which would notice when something was sent already.
* *A seal beside the ledger* (``seal.py``): what is lost cannot say that it is lost.
* *What is refused is decided at opening*: another source, portal or key, damage, or a
  newer version, each with both names in the message.
"""
