"""Mistakes in who a record is, and what a line is: section 2."""

import secrets
from collections.abc import Sequence

from loader.ledger import journal
from loader.ledger.journal import Journal
from loader.model.batch import Batch
from loader.model.record import Blank, CallRecord, Chunk, Item, Malformed
from loader.pipeline import batcher
from loader.source import decode, identity

from .switch import Swap, Swaps, Way, mistake


@mistake("section 2: never of chance or time")
def trace_id_of_chance() -> Swaps:
    """A line gets a random trace ID each time it is read."""

    def wrong(digest: str, line: int, raw: bytes) -> str:
        del raw
        return f"{digest}-{line}-{secrets.token_hex(8)}"

    return [Swap(identity, "line_trace_id", wrong)]


@mistake("section 2: never of the batch")
def trace_id_of_the_batch() -> Swaps:
    """A line's trace ID counts the lines since the run began, not those of the file."""
    right: Way = identity.line_trace_id
    numbers: dict[str, int] = {}

    def wrong(digest: str, line: int, raw: bytes) -> str:
        del line
        numbers[digest] = numbers.get(digest, 0) + 1
        made: str = right(digest, numbers[digest], raw)
        return made

    return [Swap(identity, "line_trace_id", wrong)]


@mistake("section 2: the same ID twice is one record")
def duplicates_are_sent() -> Swaps:
    """A line that repeats an ID is sent like any other."""

    async def wrong(self: Journal, records: Sequence[CallRecord]) -> list[Item]:
        del self
        return list(records)

    return [Swap(Journal, "claim", wrong)]


@mistake("section 2: the same ID with other content is rejected")
def other_content_is_a_duplicate() -> Swaps:
    """A line with an earlier ID and other content counts as a repetition."""
    return [Swap(journal, "_clash", journal._duplicate)]


@mistake("section 2: the same content is one record, reported as a duplicate")
def duplicate_is_rejected() -> Swaps:
    """A line that says the same as an earlier one is rejected."""
    return [Swap(journal, "_duplicate", journal._clash)]


@mistake("section 2: the line's own ID comes first")
def own_id_is_ignored() -> Swaps:
    """The trace ID that a line brings is not used."""

    def wrong(value: object) -> None:
        del value

    return [Swap(decode, "checked_id", wrong)]


@mistake("contract: a line that cannot be sent never costs a neighbour")
def malformed_costs_its_neighbour() -> Swaps:
    """The line after one that cannot be sent is left out of its batch."""
    right: Way = batcher.batch_of

    def wrong(items: Chunk) -> Batch:
        kept = [
            Blank(each.line, each.offset, each.raw)
            if isinstance(each, CallRecord)
            and number
            and isinstance(items[number - 1], Malformed)
            else each
            for number, each in enumerate(items)
        ]
        batch: Batch = right(kept)
        return batch

    return [Swap(batcher, "batch_of", wrong)]


@mistake("I10: properties equal the line's")
def last_property_is_lost() -> Swaps:
    """Of several properties the last is not sent."""
    right: Way = decode._texts

    def wrong(properties: dict[str, object], *, line_bytes: int) -> dict[str, str]:
        texts: dict[str, str] = right(properties, line_bytes=line_bytes)
        names = [name for name in texts if name != "hs_timestamp"]
        return {name: texts[name] for name in texts if name not in names[-1:]}

    return [Swap(decode, "_texts", wrong)]


@mistake("I10: associations equal the line's")
def associations_are_lost() -> Swaps:
    """Associations are not sent."""

    def wrong(associations: object) -> list[object]:
        del associations
        return []

    return [Swap(decode, "_canonical", wrong)]
