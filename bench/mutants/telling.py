"""Mistakes in what is reported: I2, I3, section 7."""

import sqlite3

import msgspec

from loader.ledger import projection
from loader.ledger.projection import Counts
from loader.ledger.sql import BatchRow
from loader.model.outcome import State
from loader.model.result import Result

from .switch import Swap, Swaps, Way, mistake


def _shown(old: State, new: State) -> Swaps:
    """Let a state be shown as another, in the rows alone."""
    right: Way = projection._results_of

    def results_of(connection: sqlite3.Connection, batch: BatchRow) -> list[Result]:
        rows: list[Result] = list(right(connection, batch))
        return [
            msgspec.structs.replace(row, state=new) if row.state is old else row
            for row in rows
        ]

    return [Swap(projection, "_results_of", results_of)]


@mistake("I2: what is reported created is on the portal")
def in_doubt_is_shown_as_created() -> Swaps:
    """Results show records in doubt as created."""
    return _shown(State.IN_DOUBT, State.CREATED)


@mistake("I2: what is reported created was made by this load")
def existing_is_shown_as_created() -> Swaps:
    """Results show as created what the portal had before, and repeated lines."""
    return _shown(State.EXISTING, State.CREATED)


@mistake("I3: counts add up to the lines of the source")
def held_is_not_counted() -> Swaps:
    """The counts leave out the records that are held in doubt."""
    right: Way = projection.counts

    def wrong(connection: sqlite3.Connection) -> Counts:
        counts: Counts = right(connection)
        return msgspec.structs.replace(counts, in_doubt=0)

    return [Swap(projection, "counts", wrong)]


@mistake("I3: counts add up to the lines of the source")
def repeated_lines_are_not_counted() -> Swaps:
    """The counts leave out the lines that repeat an earlier one."""

    def wrong(connection: sqlite3.Connection) -> dict[str, int]:
        del connection
        return {}

    return [Swap(projection, "_count_duplicates", wrong)]
