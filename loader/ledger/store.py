"""The database file: made, opened, checked, bound to its source and portal."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from loader.errors import LedgerDamaged, LedgerMismatch
from loader.model.load import LoadIdentity

from .sql import QUERIES, SCHEMA

#: "call" in ASCII: tells ``file`` and us whose database this is
APPLICATION_ID = 0x63616C6C
VERSION = 1


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger to write, making it when it is not there.

    The connection may be used from another thread, by one thread at a time.

    Raises:
        LedgerDamaged: the file is no ledger, is damaged, or is of a newer version.
    """
    with _border(path):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.close(fd)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        try:
            _configure(connection)
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextlib.contextmanager
def _border(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise LedgerDamaged(
            f"the ledger {path} cannot be used: {error}; restore it from a copy, "
            "or load into a new --load-dir"
        ) from error


def _configure(connection: sqlite3.Connection) -> None:
    # a batch's row is near 2.5 KB: pages of 4 KB would be half empty
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA journal_size_limit = 8388608")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables and not version:
        _create(connection)
        return
    if application != APPLICATION_ID:
        raise LedgerDamaged(f"{path} is a database, but not a ledger of this program")
    if version > VERSION:
        raise LedgerDamaged(
            f"the ledger {path} has version {version}, this program writes {VERSION}; "
            "use the newer program that made it"
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise LedgerDamaged(
            f"the ledger {path} is damaged ({verdict}); restore it from a copy, "
            "or load into a new --load-dir"
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in _statements(SCHEMA):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """Split a script; ``executescript`` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def read_identity(connection: sqlite3.Connection) -> LoadIdentity | None:
    """Return what the ledger belongs to, or None while it belongs to nothing."""
    row = connection.execute(QUERIES["read_load"]).fetchone()
    return None if row is None else LoadIdentity(*row)


def bind(
    connection: sqlite3.Connection, identity: LoadIdentity, *, created_at: str
) -> None:
    """Bind a new ledger, or check that an old one belongs to the same things.

    A load that began without a trace property may adopt one: from then on its doubts
    can be asked for. The other way round its promise would break, so it is refused.
    A source is named by its first line, so one that was empty may still get its name.

    Raises:
        LedgerMismatch: it belongs to another source, portal, object type or key.
    """
    known = read_identity(connection)
    if known is None:
        connection.execute(
            QUERIES["insert_load"],
            (
                identity.source_name, identity.source_digest, identity.portal_id,
                identity.trace_property, identity.key_property, identity.object_type,
                created_at,
            ),
        )  # fmt: skip
        return
    (has_lines,) = connection.execute(QUERIES["has_lines"]).fetchone()
    if not has_lines and known.source_digest != identity.source_digest:
        name = (identity.source_name, identity.source_digest)
        connection.execute(QUERIES["adopt_source"], name)
        known = replace(known, source_name=name[0], source_digest=name[1])
    check_same(known, identity)
    if known.trace_property is None and identity.trace_property is not None:
        connection.execute(QUERIES["adopt_trace_property"], (identity.trace_property,))


def check_same(known: LoadIdentity, asked: LoadIdentity) -> None:
    """Compare what a ledger belongs to with what a run asks for.

    Raises:
        LedgerMismatch: they differ; names both.
    """
    new_dir = "use --load-dir NEW for a new load"
    for what, old, new, advice in (
        (
            "source",
            f"{known.source_name} (digest {known.source_digest})",
            f"{asked.source_name} (digest {asked.source_digest})",
            new_dir if known.source_digest != asked.source_digest else "",
        ),
        ("portal", known.portal_id, asked.portal_id, new_dir),
        ("object type", known.object_type, asked.object_type, new_dir),
        (
            "--key",
            known.key_property,
            asked.key_property,
            "its IDs derive from it: give the same --key, or " + new_dir,
        ),
        (
            "trace property",
            known.trace_property,
            asked.trace_property,
            "records sent before can only be found by it: restore it on the portal, "
            "or " + new_dir
            if known.trace_property
            else "",
        ),
    ):
        if advice and old != new:
            raise LedgerMismatch(
                f"the ledger belongs to another {what}: {old}, not {new}; {advice}"
            )
