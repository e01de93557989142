"""What the portal remembers: one SQLite file, or memory.

Every request is one transaction, committed before its answer leaves. The journal is a
write-ahead log with ``synchronous=NORMAL``: a killed process loses nothing, a power cut
may cost the last moments, which is enough for a rehearsal.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from .schema import Property
from .wire import Association

_NAMED = re.compile(
    r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL
)
_SQL: dict[str, str] = dict(
    _NAMED.findall(
        files("loader.sandbox").joinpath("store.sql").read_text(encoding="utf-8")
    )
)
_FIRST_ID = 60_000_000_001
_MOST_TO_WAIT_S = 10.0


class StateError(ValueError):
    """The state file is not one of a portal."""


class Group(msgspec.Struct, frozen=True, rename="camel"):
    """A group of properties."""

    name: str
    label: str
    display_order: int = -1
    archived: bool = False


class Call(NamedTuple):
    """A row of ``call``."""

    id: int
    trace_id: str | None
    #: JSON, as are the associations
    properties: str
    associations: str
    created_at: int
    archived_at: int | None
    #: None: not since it was made
    updated_at: int | None

    def read_properties(self) -> dict[str, str]:
        """Return the values by name."""
        return msgspec.json.decode(self.properties, type=dict[str, str])

    def read_associations(self) -> tuple[Association, ...]:
        """Return what the call was associated with."""
        return msgspec.json.decode(self.associations, type=tuple[Association, ...])


class Late(NamedTuple):
    """A request that is performed later."""

    place: int
    endpoint: str
    body: bytes


class Store:
    """The state of one portal; one method, one statement."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path | None) -> "Store":
        """Open the state of a portal, or begin one; None keeps it in memory.

        Raises:
            StateError: the file is there, and is something else.
        """
        connection = _connect(":memory:" if path is None else str(path))
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SQL["tables"])
        except sqlite3.Error as error:
            connection.close()
            raise StateError(f"{path}: not the state of a portal: {error}") from error
        return cls(connection)

    @classmethod
    def look(cls, path: Path) -> "Store":
        """Open the state of a portal for reading, also while it is being served.

        Raises:
            StateError: there is none.
        """
        connection = _connect(f"{path.resolve().as_uri()}?mode=ro")
        store = cls(connection)
        try:
            store.portal_id()
        except (sqlite3.Error, TypeError) as error:
            connection.close()
            raise StateError(f"{path}: not the state of a portal: {error}") from error
        return store

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything within durable together, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def begin(self, portal_id: int, now: int) -> None:
        """Give a new portal its ID; an old one has it."""
        self._run("insert_portal", portal_id, _FIRST_ID, now)

    def portal_id(self) -> int:
        """Tell which portal this is."""
        return int(self._run("read_portal").fetchone()[0])

    def take_ids(self, count: int) -> range:
        """Reserve IDs that no call has had."""
        (end,) = self._run("take_ids", count).fetchone()
        return range(end - count, end)

    def insert_calls(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add calls."""
        self._connection.executemany(_SQL["insert_call"], rows)

    def insert_unique_values(self, rows: Iterable[Sequence[Any]]) -> None:
        """Note unique values: property, value, call."""
        self._connection.executemany(_SQL["insert_unique_value"], rows)

    def holders(
        self, name: str, values: Sequence[str], *, archived: bool = False
    ) -> Iterator[tuple[str, int]]:
        """Give the values of a unique property that are taken, and by which calls."""
        wanted = msgspec.json.encode(values).decode()
        yield from self._run("holders", name, wanted, archived)

    def calls(
        self, ids: Sequence[int], *, archived: bool, until: int
    ) -> Iterator[Call]:
        """Give the calls with these IDs that were there at a moment."""
        wanted = msgspec.json.encode(ids).decode()
        return map(Call._make, self._run("calls", wanted, archived, until))

    def live_calls(self, until: int) -> Iterator[Call]:
        """Give the calls that were there at a moment and are not archived."""
        return map(Call._make, self._run("live_calls", until))

    def all_calls(self) -> Iterator[Call]:
        """Give every call there is or was."""
        return map(Call._make, self._run("all_calls"))

    def update(self, call_id: int, properties: dict[str, str], now: int) -> None:
        """Replace the properties of a call."""
        self._run("update_call", msgspec.json.encode(properties).decode(), call_id)
        self._run("note_change", now, call_id)

    def archive(self, ids: Iterable[int], now: int) -> None:
        """Take calls out of sight, and free their unique values."""
        rows = [(each,) for each in ids]
        stamped = [(now, *row) for row in rows]
        self._connection.executemany(_SQL["archive_call"], stamped)
        self._connection.executemany(_SQL["archive_values"], rows)

    def insert_property(self, new: Property, visible_from: int) -> None:
        """Add a custom property."""
        definition = msgspec.json.encode(new).decode()
        self._run("insert_property", new.name, definition, visible_from)

    def properties(self) -> list[tuple[Property, int]]:
        """Give the custom properties, each with the time from which it is seen."""
        return [
            (msgspec.json.decode(definition, type=Property), visible_from)
            for definition, visible_from in self._run("properties")
        ]

    def insert_group(self, new: Group) -> bool:
        """Add a group; False when there is one of that name."""
        definition = msgspec.json.encode(new).decode()
        return self._run("insert_group", new.name, definition).rowcount > 0

    def groups(self) -> list[Group]:
        """Give the custom groups."""
        return [
            msgspec.json.decode(each, type=Group) for (each,) in self._run("groups")
        ]

    def insert_late(self, due: int, endpoint: str, body: bytes) -> None:
        """Put a request off."""
        self._run("insert_late", due, endpoint, body)

    def take_due(self, now: int) -> Late | None:
        """Take the next request whose time has come."""
        row = self._run("due", now).fetchone()
        if row is None:
            return None
        late = Late._make(row)
        self._run("delete_late", late.place)
        return late

    def waiting(self) -> tuple[int | None, int]:
        """Tell when the next late request is due, and how many there are."""
        due, count = self._run("next_due").fetchone()
        return due, count

    def read_day(self, day: str) -> int:
        """Tell how many requests a day has had."""
        row = self._run("read_day", day).fetchone()
        return 0 if row is None else row[0]

    def write_day(self, day: str, requests: int) -> None:
        """Note how many requests a day has had."""
        self._run("write_day", day, requests)

    def count(self) -> tuple[int, int]:
        """Count all calls, and the archived among them."""
        total, archived = self._run("count").fetchone()
        return total, archived

    def unique_names(self) -> tuple[str, ...]:
        """List the unique properties that any call has."""
        return tuple(name for (name,) in self._run("unique_names"))

    def by_trace_id(self) -> dict[str, int]:
        """Count calls per trace ID that they were created with."""
        return dict(self._run("by_trace_id"))

    def by_value(self, name: str) -> dict[str, int]:
        """Count calls per value of a property."""
        return dict(self._run("by_value", _json_path(name)))

    def ids_of_trace_id(self, trace_id: str) -> tuple[int, ...]:
        """List the calls that were created with a trace ID."""
        return tuple(each for (each,) in self._run("ids_of_trace_id", trace_id))

    def ids_of_value(self, name: str, value: str) -> tuple[int, ...]:
        """List the calls that have a value."""
        found = self._run("ids_of_value", _json_path(name), value)
        return tuple(each for (each,) in found)

    def _run(self, name: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(_SQL[name], values)


def _connect(address: str) -> sqlite3.Connection:
    """Connect; transactions are ours to begin and end."""
    try:
        return sqlite3.connect(
            address,
            isolation_level=None,
            timeout=_MOST_TO_WAIT_S,
            uri=address.startswith("file:"),
        )
    except sqlite3.Error as error:
        raise StateError(f"{address}: {error}") from error


def _json_path(name: str) -> str:
    return f'$."{name}"'
