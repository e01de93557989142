"""The loader as a process of its own, with something put into it from outside.

``python -m bench.crash.victim PLAN run SOURCE …``, PLAN being a ``Plan`` as JSON.
"""

import os
import secrets
import sqlite3
import sys
from pathlib import Path
from typing import Any

import msgspec

from loader.cli import main
from loader.ledger import store
from loader.ledger.journal import Journal
from loader.model.batch import Batch
from loader.model.outcome import Settlement

from .failpoints import Passages, install
from .marks import Mark

#: ends the names of files that are not complete yet, in place of chance
DRAFT = "draft"


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is put into the process."""

    #: the failpoint that kills it, and at which passage
    deadly: str | None = None
    nth: int = 1
    #: gets the passages of every failpoint, as JSON, at a regular end
    counts: str | None = None
    #: gets a line for each acknowledged write of the ledger
    marks: str | None = None
    #: the ledger's pragmas, in place of the product's
    synchronous: str | None = None
    checkpoint_pages: int | None = None
    #: whether files are really flushed by the product's own code (not SQLite's)
    flushed: bool = True


def arguments(plan: Plan, *rest: str | Path) -> list[str]:
    """Return the command line of a victim."""
    text = msgspec.json.encode(plan).decode()
    return [sys.executable, "-m", "bench.crash.victim", text, *map(str, rest)]


def _prepare(plan: Plan) -> Passages:
    passages = Passages(plan.deadly, plan.nth)
    install(passages)
    secrets.token_hex = _fixed_name
    if plan.marks is not None:
        _mark(os.open(plan.marks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    if not plan.flushed:
        os.fsync = lambda _: None  # type: ignore[assignment]
    _configure(plan)
    return passages


def _fixed_name(nbytes: int | None = None) -> str:
    """Name drafts so that a tracer knows them."""
    del nbytes
    return DRAFT


def _configure(plan: Plan) -> None:
    original = store._configure

    def configure(connection: sqlite3.Connection, *, shared: bool = False) -> None:
        original(connection, shared=shared)
        if plan.synchronous is not None:
            connection.execute(f"PRAGMA synchronous = {plan.synchronous}")
        if plan.checkpoint_pages is not None:
            connection.execute(f"PRAGMA wal_autocheckpoint = {plan.checkpoint_pages}")

    store._configure = configure


def _mark(fd: int) -> None:
    """Write a line once a write of the ledger has been acknowledged."""
    arm, settle = Journal.arm, Journal.settle

    async def armed(self: Journal, batch: Batch, **named: Any) -> None:  # noqa: ANN401 - as the original
        await arm(self, batch, **named)
        local = {each.line: ("rejected", None) for each in batch.malformed}
        mark = Mark(batch.span.start, named["attempt"], local)
        os.write(fd, msgspec.json.encode(mark) + b"\n")

    async def settled(self: Journal, batch: Batch, settlement: Settlement) -> None:
        await settle(self, batch, settlement)
        outcomes = {
            batch.records[position].line: (
                type(outcome).__name__.lower(),
                getattr(outcome, "object_id", None),
            )
            for position, outcome in settlement.outcomes.items()
        }
        mark = Mark(settlement.start, None, outcomes)
        os.write(fd, msgspec.json.encode(mark) + b"\n")

    Journal.arm, Journal.settle = armed, settled  # type: ignore[method-assign]


def _run() -> None:
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    passages = _prepare(plan)
    try:
        main(sys.argv[2:])
    finally:
        if plan.counts is not None:
            Path(plan.counts).write_bytes(msgspec.json.encode(passages.counts))


if __name__ == "__main__":
    _run()
