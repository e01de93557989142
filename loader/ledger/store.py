"""The database file: made, opened, checked, bound to its source and portal."""

import contextlib
import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from loader.errors import LedgerDamaged, LedgerFailed, LedgerMismatch
from loader.model.load import LoadIdentity

from .integrity import add_row_sum, content_fault, structure_fault
from .mark import change_mark, insert_mark
from .sql import MIGRATION, QUERIES, SCHEMA, named_by, statements

#: "call" in ASCII: tells ``file`` and us whose database this is
APPLICATION_ID = 0x63616C6C
VERSION = 3
#: files that SQLite keeps beside the database
SUFFIXES = ("", "-wal", "-journal", "-shm")
#: what to do about a ledger that is lost, damaged, or an old copy
REBUILD = (
    "'run --rebuild', which asks the portal for every record before it sends one "
    "(exactly-once loads only: it needs the trace property)"
)
NEW_LOAD = "use --load-dir NEW for a new load"
_ADVICE = f"restore it from a copy, or {REBUILD}"


def connect(
    path: Path, *, rebuilding: bool = False, shared: bool = False
) -> sqlite3.Connection:
    """Open the ledger to write, making it when it is not there.

    The connection may be used from another thread, by one thread at a time.
    ``rebuilding`` marks a new ledger as one that replaces a lost one. ``shared`` is for
    readers, several of which may be there: the load's lock keeps writers away.

    Raises:
        LedgerDamaged: the file is no ledger, is damaged, or is of a newer version.
        LedgerFailed: the disk is full, or fails.
    """
    with _border(path):
        _check_files(path)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        fd = os.open(path, flags, 0o600)
        try:
            os.fchmod(fd, 0o600)
        finally:
            os.close(fd)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        try:
            add_row_sum(connection)
            _configure(connection, shared=shared)
            _check(connection, path, rebuilding=rebuilding)
        except BaseException:
            connection.close()
            raise
    return connection


@contextlib.contextmanager
def _border(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        if _is_full(error):
            raise LedgerFailed(
                f"the ledger {path} could not be written ({why}); nothing was sent; "
                "free the disk and run the same command again"
            ) from error
        raise LedgerDamaged(
            f"the ledger {path} cannot be used: {why}; {_ADVICE}"
        ) from error


def _is_full(error: Exception) -> bool:
    """Tell a disk that is full or fails from a damaged ledger."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _check_files(path: Path) -> None:
    """Look at the files before SQLite does: it would follow links, and drop a log."""
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(file.lstat().st_mode):
                raise LedgerDamaged(f"{file} is no regular file; {_ADVICE}")
    log = path.with_name(path.name + "-wal")
    if _size(log) and not _size(path):
        raise LedgerDamaged(
            f"the ledger {path} is gone, but the end of its log is there; {_ADVICE}"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _configure(connection: sqlite3.Connection, *, shared: bool = False) -> None:
    # a batch's row is near 2 KB: pages of 4 KB would be half empty, and larger ones
    # would be written whole for every commit
    connection.execute("PRAGMA page_size = 8192")
    if not shared:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA journal_size_limit = 8388608")


def _check(connection: sqlite3.Connection, path: Path, *, rebuilding: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables and not version and not application:
        with _transaction(connection):
            _create(connection, rebuilding=rebuilding)
        return
    if application != APPLICATION_ID:
        raise LedgerDamaged(f"{path} is a database, but not a ledger of this program")
    if version > VERSION:
        raise LedgerDamaged(
            f"the ledger {path} has version {version}, this program writes {VERSION}; "
            "use the newer program that made it"
        )
    fault = structure_fault(connection) if version > 0 else "it has no version"
    if fault is None and version < VERSION:
        with _transaction(connection):
            _migrate(connection)
    fault = fault or content_fault(connection)
    if fault is not None:
        raise LedgerDamaged(f"the ledger {path} is damaged ({fault}); {_ADVICE}")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _create(connection: sqlite3.Connection, *, rebuilding: bool = False) -> None:
    for statement in statements(SCHEMA):
        connection.execute(statement)
    connection.execute(QUERIES["insert_tally"])
    connection.execute(QUERIES["sum_tally"])
    insert_mark(connection, rebuilding=rebuilding)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring an older ledger up to date, unless another reader just has."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 1:
        migrate_from_1(connection)
    elif version == 2:  # noqa: PLR2004 - a version has no other name
        migrate_from_2(connection)


def migrate_from_1(connection: sqlite3.Connection) -> None:
    """Give every row its checksum, and the ledger its mark."""
    for statement in statements(MIGRATION["from_1_before"]):
        connection.execute(statement)
    _create(connection)
    for statement in statements(MIGRATION["from_1_after"]):
        connection.execute(statement)
    connection.execute(QUERIES["sum_tally"])
    connection.execute(QUERIES["sum_mark"])


def migrate_from_2(connection: sqlite3.Connection) -> None:
    """Add what is kept of a verification and of an undo."""
    connection.execute(MIGRATION["from_2_before"])
    known = {name for (_, name, _, _) in connection.execute(QUERIES["schema"])}
    for statement in statements(SCHEMA):
        created = named_by(statement)
        if created not in known:
            connection.execute(statement)
    for statement in statements(MIGRATION["from_2_after"]):
        connection.execute(statement)
    connection.execute(QUERIES["sum_mark"])
    connection.execute(f"PRAGMA user_version = {VERSION}")


def read_identity(connection: sqlite3.Connection) -> LoadIdentity | None:
    """Return what the ledger belongs to, or None while it belongs to nothing."""
    row = connection.execute(QUERIES["read_load"]).fetchone()
    return None if row is None else LoadIdentity(*row)


def read_begun(connection: sqlite3.Connection) -> str:
    """Return when a load that belongs to a portal began, ISO 8601."""
    (created_at,) = connection.execute(QUERIES["read_begun"]).fetchone()
    return str(created_at)


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
        if identity.trace_property is None:
            change_mark(connection, "mark_unkeyed")
        return
    (has_lines,) = connection.execute(QUERIES["has_lines"]).fetchone()
    if not has_lines and known.source_digest != identity.source_digest:
        name = (identity.source_name, identity.source_digest)
        connection.execute(QUERIES["adopt_source"], name)
        known = replace(known, source_name=name[0], source_digest=name[1])
    check_same(known, identity)
    if known.trace_property is None and identity.trace_property is not None:
        connection.execute(QUERIES["adopt_trace_property"], (identity.trace_property,))


def check_portal(known: LoadIdentity, portal_id: str) -> None:
    """Refuse another portal than the one that a ledger belongs to; name both."""
    if known.portal_id != portal_id:
        raise LedgerMismatch(
            f"the ledger belongs to another portal: {known.portal_id}, not "
            f"{portal_id}; give the token of that portal (--sandbox, if it was a "
            f"rehearsal), or {NEW_LOAD}"
        )


def check_same(known: LoadIdentity, asked: LoadIdentity) -> None:
    """Compare what a ledger belongs to with what a run asks for.

    Raises:
        LedgerMismatch: they differ; names both.
    """
    check_portal(known, asked.portal_id)
    for what, old, new, advice in (
        (
            "source",
            f"{known.source_name} (digest {known.source_digest})",
            f"{asked.source_name} (digest {asked.source_digest})",
            NEW_LOAD if known.source_digest != asked.source_digest else "",
        ),
        ("object type", known.object_type, asked.object_type, NEW_LOAD),
        (
            "--key",
            known.key_property,
            asked.key_property,
            "its IDs derive from it: give the same --key, or " + NEW_LOAD,
        ),
        (
            "trace property",
            known.trace_property,
            asked.trace_property,
            "records sent before can only be found by it: restore it on the portal, "
            "or " + NEW_LOAD
            if known.trace_property
            else "",
        ),
    ):
        if advice and old != new:
            if what == "source" and known.source_name == asked.source_name:
                raise LedgerMismatch(
                    f"the ledger belongs to another source: {old}, as it was when it "
                    "was first loaded; its first line has changed since: restore it, "
                    f"or {NEW_LOAD}"
                )
            raise LedgerMismatch(
                f"the ledger belongs to another {what}: {old or 'none'}, "
                f"not {new or 'none'}; {advice}"
            )
