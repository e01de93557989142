"""Executioners with real files, for what no simulated run passes through.

Each says what it found wrong, or None; of the product itself, every one says None.
"""

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from loader.assembly.load import load
from loader.errors import LedgerFailed, LedgerMismatch, Owned, SourceChanged
from loader.ledger import lock, store
from loader.ledger.writer import Writer
from loader.model.batch import Batch
from loader.model.frontier import Frontier
from loader.model.load import LoadIdentity
from loader.model.record import Span
from loader.model.settings import Settings
from loader.pipeline.channel import Window
from loader.report import files

_OLD = b"old\n"
#: a row whose commit fails, although it can be inserted
_TABLES = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
)
_GOOD = "INSERT INTO child VALUES (NULL)"
_BAD = "INSERT INTO child VALUES (1)"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def a_failing_commit() -> str | None:
    """Rows count only once they are committed; after a failure nothing is taken."""
    with _folder() as folder:
        acknowledged = asyncio.run(_acknowledged(folder / "ledger.db"))
        with contextlib.closing(sqlite3.connect(folder / "ledger.db")) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM child").fetchone()
    if acknowledged == [True, False, False] and kept == 1:
        return None
    return f"acknowledged {acknowledged}, but {kept} rows are there"


async def _acknowledged(path: Path) -> list[bool]:
    """Write a good row, one whose commit fails, and a good one."""
    with contextlib.closing(store.connect(path)) as connection:
        for statement in _TABLES:
            connection.execute(statement)
        async with Writer(connection) as writer:
            return [await _is_taken(writer, each) for each in (_GOOD, _BAD, _GOOD)]


async def _is_taken(writer: Writer, statement: str) -> bool:
    try:
        await writer.run(lambda connection: connection.execute(statement))
    except LedgerFailed:
        return False
    return True


def a_second_owner() -> str | None:
    """A load that somebody owns has no second owner."""
    with _folder() as folder, lock.owned(folder / "lock"):
        try:
            with lock.owned(folder / "lock"):
                return "two owners at once"
        except Owned:
            return None


def another_portal() -> str | None:
    """A ledger of one portal is not taken for another."""
    with (
        _folder() as folder,
        contextlib.closing(store.connect(folder / "ledger.db")) as connection,
    ):
        for portal_id in ("1", "2"):
            identity = LoadIdentity("calls.ndjson", "0" * 12, portal_id, "trace", None)
            try:
                store.bind(connection, identity, created_at="2026-01-01T00:00:00+00:00")
            except LedgerMismatch:
                return None
    return "a ledger of portal 1 is loaded into portal 2"


def a_half_written_file() -> str | None:
    """A result file is the old one until the new one is whole."""
    with _folder() as folder:
        path = folder / "rejected.ndjson"
        path.write_bytes(_OLD)
        with contextlib.suppress(ValueError), files.replaced(path) as file:
            file.write(b"ne")
            raise ValueError
        found = path.read_bytes()
    return None if found == _OLD else f"a broken write left {found!r}"


def a_changed_source() -> str | None:
    """A source whose loaded part has changed is refused."""
    with _folder() as folder:
        path = folder / "calls.ndjson"
        path.write_bytes(b"".join(_line(number) for number in range(1, 31)))
        _load(path)
        path.write_bytes(path.read_bytes().replace(b"call 3 ", b"call 4 "))
        try:
            _load(path)
        except SourceChanged:
            return None
    return "a changed source was taken for the one before"


def _line(number: int) -> bytes:
    properties = b'{"hs_timestamp":"17000000000%02d","hs_call_title":"call %d "}'
    return b'{"properties":' + properties % (number, number) + b"}\n"


def _load(path: Path) -> None:
    settings = Settings(rate="none", batch_size=10)
    asyncio.run(load(path, settings=settings, sandbox=True))


def a_stuck_batch() -> str | None:
    """One stuck batch stops the reader, not memory."""
    return asyncio.run(_read_on())


async def _read_on() -> str | None:
    window = Window(Frontier(0), size=2)
    for start in (10, 20):
        span = Span(start, start + 10)
        window.settle(Batch(span, 1, 2, (), (), (), digest=b""))
    try:
        async with asyncio.timeout(0):
            await window.room()
    except TimeoutError:
        return None
    return f"the reader goes on with {window.frontier.waiting} spans ahead"
