"""Whether every row is what was written: nothing damaged is ever taken for true.

SQLite finds damage to its own structure, but not a flipped bit inside a value. So each
row carries a checksum, and all are compared when a ledger is opened: about a
microsecond a row, and a row is a batch of up to 100 records. The statements that made
the tables are compared too.
"""

import hashlib
import sqlite3

import msgspec

from .sql import QUERIES, SCHEMA, statements

_encode = msgspec.msgpack.Encoder().encode
_ROWS = (
    "load", "batch", "exception", "identity", "tally", "mark",
    "verification", "finding", "undo", "spared",
)  # fmt: skip


def row_sum(*columns: bytes | str | float | None) -> bytes:
    """Hash a row's columns, in the order of their table (blake2b-64)."""
    return hashlib.blake2b(_encode(columns), digest_size=8).digest()


def add_row_sum(connection: sqlite3.Connection) -> None:
    """Give a connection the function that its statements use."""
    connection.create_function("row_sum", -1, row_sum, deterministic=True)


def structure_fault(connection: sqlite3.Connection) -> str | None:
    """Say what SQLite finds wrong with pages and indexes; None for nothing."""
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if verdict == "ok" else str(verdict)


def content_fault(connection: sqlite3.Connection) -> str | None:
    """Say what differs from what was written; None for nothing."""
    if connection.execute(QUERIES["schema"]).fetchall() != _expected_schema():
        return "its tables are not those of this version"
    for table in _ROWS:
        damaged = connection.execute(QUERIES[f"damaged_{table}"]).fetchone()
        if damaged is not None:
            return f"row {damaged[1]} of {table} is not what was written"
    if connection.execute(QUERIES["read_tally"]).fetchone() is None:
        return "the tally is gone"
    if connection.execute(QUERIES["read_mark"]).fetchone() is None:
        return "the mark is gone"
    return None


def _expected_schema() -> list[tuple[str, str, str, str]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in statements(SCHEMA):
            connection.execute(statement)
        return connection.execute(QUERIES["schema"]).fetchall()
    finally:
        connection.close()
