"""Mistakes in reading back what was created: V1 to V3 of the simulation."""

import sqlite3
from collections.abc import Mapping, Sequence

from loader.assembly import comparing
from loader.assembly.comparing import Comparer
from loader.hubspot.comparison import Content
from loader.ledger import undoing, verification
from loader.ledger.sql import QUERIES
from loader.ledger.undoing import Undo
from loader.ledger.verification import Verification
from loader.model.proof import Counts, Finding, Made, Standing

from .switch import Swap, Swaps, Way, mistake


def _found(*standings: Standing) -> Swaps:
    """Let findings of these kinds be none."""
    right: Way = Comparer._finding

    def wrong(
        self: Comparer, made: Made, content: Content, seen: object
    ) -> Finding | None:
        found: Finding | None = right(self, made, content, seen)
        return None if found is not None and found.standing in standings else found

    return [Swap(Comparer, "_finding", wrong)]


@mistake("V3: unanswered is not equal")
def unanswered_is_equal() -> Swaps:
    """A call of which the portal says nothing is counted as equal."""
    return _found(Standing.UNANSWERED)


@mistake("V1: archived is not equal")
def archived_is_equal() -> Swaps:
    """A call that somebody archived is counted as equal."""
    return _found(Standing.ARCHIVED)


@mistake("V1: missing is not equal")
def missing_is_equal() -> Swaps:
    """A call that is not there any more is counted as equal."""
    return _found(Standing.MISSING)


@mistake("V1: all properties and associations are compared")
def links_are_not_compared() -> Swaps:
    """A verification compares properties alone."""
    return [Swap(comparing, "differing_links", lambda *_: iter(()))]


@mistake("V1: all properties and associations are compared")
def properties_are_not_compared() -> Swaps:
    """A verification compares associations alone."""
    return [Swap(comparing, "differing_properties", lambda *_: iter(()))]


@mistake("V1: what an answer left out is not missing")
def left_out_is_missing() -> Swaps:
    """A verification asks for live calls once, and then for archived ones."""

    async def wrong(
        self: Comparer,
        part: Sequence[Made],
        contents: Mapping[str, Content],
        seen: comparing._Seen,
    ) -> None:
        wanted = [each.object_id for each in part]
        names = {name for each in wanted for name in contents[each].properties}
        names.add(self.trace_property or "hs_timestamp")
        for archived in (False, True):
            missing = seen.missing(wanted)
            found, mute = await self.reader.calls(missing, names, archived=archived)
            seen.mute |= mute
            if archived:
                seen.archived |= found.keys()
            else:
                seen.live |= found

    return [Swap(Comparer, "_look", wrong)]


@mistake("V1: what was compared before an undo counts no more")
def verification_goes_on_after_an_undo() -> Swaps:
    """A verification that was cut off goes on behind what an undo has archived."""

    def wrong(connection: sqlite3.Connection, undo: Undo) -> None:
        row = (
            undo.begun_at, undo.ended_at, undo.digest, undo.calls, undo.archived,
            undo.frontier,
        )  # fmt: skip
        connection.execute(QUERIES["write_undo"], row)

    return [Swap(undoing, "_write", wrong)]


@mistake("V2: findings are kept with how far it is")
def findings_are_lost() -> Swaps:
    """A verification notes how far it is, and not what it found."""
    right: Way = verification.advance_verification

    def wrong(
        connection: sqlite3.Connection, state: Verification, findings: object
    ) -> None:
        del findings
        right(connection, state, ())

    return [Swap(verification, "advance_verification", wrong)]


@mistake("V2: counts are those of the findings")
def all_is_counted_as_equal() -> Swaps:
    """A certificate counts all that was compared as equal."""

    def wrong(connection: sqlite3.Connection, compared: int) -> Counts:
        del connection
        return Counts(equal=compared)

    return [Swap(verification, "count_findings", wrong)]
