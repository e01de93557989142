"""Which ledger this is, and how far it has come: the row that the seal repeats."""

import secrets
import sqlite3

import msgspec

from .sql import QUERIES


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The row of ``mark``."""

    #: names this ledger for ever
    ledger: str
    #: grows with every run, and every second of one
    generation: int
    #: the ledger replaces a lost one: each record is asked for before it is sent
    rebuilding: bool
    #: some records may be on the portal without the trace property
    unkeyed: bool
    #: an undo was begun: nothing is sent any more. A seal of a load that was not undone
    #: reads as before there were undos
    undone: bool = False


def insert_mark(connection: sqlite3.Connection, *, rebuilding: bool) -> None:
    """Name a new ledger."""
    connection.execute(QUERIES["insert_mark"], (secrets.token_hex(8), rebuilding))
    connection.execute(QUERIES["sum_mark"])


def read_mark(connection: sqlite3.Connection) -> Mark:
    """Return the mark of an open ledger."""
    row = connection.execute(QUERIES["read_mark"]).fetchone()
    ledger, generation, rebuilding, unkeyed, undone = row
    return Mark(ledger, generation, bool(rebuilding), bool(unkeyed), bool(undone))


def change_mark(connection: sqlite3.Connection, query: str) -> None:
    """Change the mark by a named statement, and its checksum with it."""
    connection.execute(QUERIES[query])
    connection.execute(QUERIES["sum_mark"])
