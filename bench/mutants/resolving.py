"""Mistakes in taking a person's word: R1 to R3 of the simulation."""

import sqlite3

from loader.assembly.opened import Opened
from loader.assembly.resolve import Walk
from loader.ledger import resolution
from loader.model.doubt import Doubt, SendAgain, Skip, Word

from .switch import Swap, Swaps, Way, mistake


@mistake("R1: a call is one record's")
def any_word_is_taken() -> Swaps:
    """A person's word is taken though the call is another record's, or not there."""

    async def wrong(self: Walk, doubt: Doubt, object_id: str) -> None:
        del self, doubt, object_id

    return [Swap(Walk, "_check", wrong)]


@mistake("R2: nothing in doubt is sent again without a word")
def skipped_is_sent_again() -> Swaps:
    """A record that a person skips is sent by the next run."""
    right: Way = Walk._do

    async def wrong(self: Walk, opened: Opened, doubt: Doubt, word: Word) -> None:
        await right(self, opened, doubt, SendAgain() if word == Skip() else word)

    return [Swap(Walk, "_do", wrong)]


@mistake("R2: what he says is not there is open again")
def a_word_is_dropped() -> Swaps:
    """What a person says is to be sent again is skipped."""
    right: Way = Walk._do

    async def wrong(self: Walk, opened: Opened, doubt: Doubt, word: Word) -> None:
        await right(self, opened, doubt, Skip() if word == SendAgain() else word)

    return [Swap(Walk, "_do", wrong)]


@mistake("R3: what a person says it is is recorded so")
def a_word_settles_the_next() -> Swaps:
    """The call that a person names is recorded for the next record in doubt."""
    right: Way = resolution.settle_held

    def wrong(connection: sqlite3.Connection, line: int, object_id: str) -> bool:
        following = resolution.next_held(connection, after=line)
        chosen = following.line if following is not None else line
        return bool(right(connection, chosen, object_id))

    return [Swap(resolution, "settle_held", wrong)]
