"""The statements of ``queries.sql`` by name, and the rows they give."""

import re
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

_NAMED = re.compile(
    r"^-- name: (\w+)\n((?:--[^\n]*\n)*)(.*?)(?=^-- name: |\Z)",
    re.MULTILINE | re.DOTALL,
)


_CREATED = re.compile(r"^CREATE (?:TABLE|(?:UNIQUE )?INDEX) (\w+)", re.MULTILINE)


class ExceptionRow(NamedTuple):
    """A row of ``exceptions`` or ``exception``, in the order of their columns."""

    line: int
    offset: int
    trace_id: str | None
    state: str
    object_id: str | None
    category: str | None
    message: str | None
    correlation_id: str | None
    duplicate_of: int | None
    keyed: int


class BatchRow(NamedTuple):
    """A row of ``batches`` or ``batch_of_line``, in the order of their columns."""

    start_offset: int
    first_line: int
    end_line: int
    records: bytes
    objects: bytes | None
    doubted: bytes | None
    open: int


def read(name: str) -> str:
    """Return the text of an SQL file of this room."""
    return files("loader.ledger").joinpath(name).read_text(encoding="utf-8")


def named_queries(text: str) -> dict[str, str]:
    """Split a file of ``-- name:`` sections into its statements."""
    return {name: body.strip() for name, _, body in _NAMED.findall(text)}


def statements(script: str) -> Iterator[str]:
    """Split a script; ``executescript`` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def named_by(statement: str) -> str:
    """Return the name of the table or index that a statement creates."""
    match = _CREATED.search(statement)
    return match[1] if match is not None else ""


QUERIES = named_queries(read("queries.sql"))
SCHEMA = read("schema.sql")
MIGRATION = named_queries(read("migration.sql"))
