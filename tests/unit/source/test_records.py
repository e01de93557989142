"""Records of a program: an async iterator is a source."""

import asyncio
import hashlib
import json
import math
from collections import ChainMap
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from loader.errors import UsageError
from loader.model.record import Blank, CallRecord, Item, Malformed, Span
from loader.source.base import Source
from loader.source.decode import DecodeOptions
from loader.source.identity import source_digest
from loader.source.streams import open_records
from tests.conftest import a_line, call

OPTIONS = DecodeOptions()


async def given(values: list[Any]) -> AsyncIterator[Any]:
    """Give values as a program would."""
    for value in values:
        yield value


async def all_items(source: Source) -> list[Item]:
    """Read chunk after chunk to the end."""
    items: list[Item] = []
    while chunk := await source.read():
        items += chunk
    return items


async def read(*values: Any, **options: Any) -> list[Any]:
    """Return the items of values."""
    made = DecodeOptions(**options)
    async with open_records(given([*values]), made, name="mine") as source:
        return await all_items(source)


async def test_a_record_is_a_mapping_or_a_line():
    """Whichever, the content is the same, and each counts as a line."""
    line = a_line(1)
    values = [call(1), MappingProxyType(call(1)), line, line.decode(), line[:-1]]
    items = await read(*values)

    assert [each.line for each in items] == [1, 2, 3, 4, 5]
    assert len({each.content for each in items}) == 1
    assert all(each.raw.endswith(b"\n") for each in items)


async def test_offsets_are_those_of_a_file_of_the_lines():
    """A ledger of records looks like any other."""
    items = await read(call(1), b"", "  ", a_line(2).rstrip())

    assert [type(each) for each in items] == [CallRecord, Blank, Blank, CallRecord]
    assert [each.offset for each in items[1:]] == [
        each.offset + each.size for each in items[:-1]
    ]


async def test_a_source_of_records_says_what_it_is():
    """It has a name, no size, cannot go back, and is named by its first record."""
    values = [b"\n", a_line(2)]
    async with open_records(given(values), OPTIONS, name="mine") as source:
        assert (source.name, source.size, source.is_seekable) == ("mine", None, False)
        assert source.digest == source_digest(a_line(2))
        with pytest.raises(UsageError, match="stream"):
            await source.digest_of(Span(0, 1))
    async with open_records(given([]), OPTIONS, name="mine") as source:
        assert await source.read() == []
        assert await source.read() == []


async def test_times_are_written_as_hubspot_reads_them():
    """A program has datetimes, a line has text."""
    when = datetime(2024, 5, 1, 12, tzinfo=UTC)
    (item,) = await read({"properties": {"hs_timestamp": when}})

    assert json.loads(item.content)["properties"] == {
        "hs_timestamp": "2024-05-01T12:00:00+00:00"
    }


class Colour(Enum):
    RED = "red"


class Loud(StrEnum):
    HEY = "hey"


@dataclass
class Pair:
    a: int
    b: int


RING: dict[str, Any] = {}
RING["properties"] = RING


async def test_a_record_loads_as_the_line_of_a_file_would():
    """Integers of any size, mappings of any kind, tuples as lists."""
    record = call(1) | {"properties": MappingProxyType(call(1)["properties"])}
    record["properties"] = ChainMap({"n": 2**70, "m": -(2**63) - 1, "t": True},
                                    dict(record["properties"]))  # fmt: skip
    record["associations"] = tuple(call(1)["associations"])
    (item,) = await read(record)
    properties = json.loads(item.content)["properties"]

    assert isinstance(item, CallRecord)
    assert properties["n"] == "1180591620717411303424"
    assert properties["m"] == "-9223372036854775809"
    assert properties["t"] == "true"
    assert json.loads(item.content)["associations"] == call(1)["associations"]


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        ({"properties": {"a": object()}}, "NOT_JSON", "object"),
        ({"properties": {"a": "\ud800"}}, "NOT_JSON", "surrogates"),
        ({"properties": {1: "a"}}, "NOT_JSON", "key"),
        ({"properties": {"a": Colour.RED}}, "NOT_JSON", "properties.a"),
        ({"properties": {"a": Loud.HEY}}, "NOT_JSON", "Loud"),
        ({"properties": {Loud.HEY: "a"}}, "NOT_JSON", "key"),
        ({"properties": {"a": Pair(1, 2)}}, "NOT_JSON", "Pair"),
        ({"properties": {"a": UUID(int=7)}}, "NOT_JSON", "UUID"),
        ({"properties": {"a": datetime(2024, 5, 1)}}, "NOT_JSON", "zone"),  # noqa: DTZ001
        ({"properties": {"a": 10**5000}}, "NUMBER_OUT_OF_RANGE", "4,300"),
        ({"properties": {"a": None, "b": (math.nan,)}}, "NUMBER_OUT_OF_RANGE", "NaN"),
        (RING, "TOO_DEEP", "100 levels"),
        ({"properties": {"a": float("nan")}}, "NUMBER_OUT_OF_RANGE", "NaN"),
        ({"properties": {"a": [float("-inf")]}}, "NUMBER_OUT_OF_RANGE", "infinite"),
        (17, "NOT_AN_OBJECT", "a number"),
        (None, "NOT_AN_OBJECT", "null"),
        ([call(1)], "NOT_AN_OBJECT", "an array"),
        ("{bad", "NOT_JSON", "column"),
        ("\ud800", "NOT_UTF8", "byte 1"),
        (b"\xff", "NOT_UTF8", "byte 1"),
        (a_line(1) + a_line(2), "NOT_JSON", "several lines"),
        (b'{"a":"b\nc"}', "NOT_JSON", "several lines"),
    ],
)
async def test_a_record_that_cannot_be_sent_is_rejected(value, reason, words):
    """It costs no neighbour, and raises nothing."""
    before, item, after = await read(call(1), value, call(3))

    assert isinstance(item, Malformed)
    assert item.reason == reason
    assert words in item.message
    assert b"\n" not in item.raw[:-1]
    assert [each.line for each in (before, item, after)] == [1, 2, 3]


async def test_json_over_several_lines_becomes_one():
    """A program may have it pretty; its numbers and texts stay as they are."""
    pretty = json.dumps(call(1, hs_call_body="a\nb") | {"n": 10**30}, indent=2)
    (item,) = await read(pretty)

    assert isinstance(item, CallRecord)
    assert item.raw.count(b"\n") == 1
    assert json.loads(item.content)["properties"]["hs_call_body"] == "a\nb"


async def test_a_record_that_is_too_long_is_alone_in_its_chunk():
    """Like a line of a file."""
    long = call(2, hs_call_body="x" * 2000)
    values = [call(1), long, call(3)]
    options = DecodeOptions(max_line_bytes=1024)
    async with open_records(given(values), options, name="mine") as source:
        chunks = [await source.read() for _ in range(4)]

    item = chunks[1][0]
    assert [[each.line for each in chunk] for chunk in chunks] == [[1], [2], [3], []]
    assert isinstance(item, Malformed)
    assert (item.reason, item.raw) == ("LINE_TOO_LONG", b"")
    assert chunks[2][0].offset == item.offset + item.size


async def test_a_second_run_passes_over_what_was_loaded():
    """It gets the iterator anew, and checks by digest."""
    values = [call(number) for number in range(1, 101)]
    whole = await read(*values)
    at = whole[40]
    async with open_records(given(values), OPTIONS, name="mine") as source:
        digest = await source.skip(Span(0, at.offset), at.line)
        rest = await all_items(source)

    raw = b"".join(each.raw for each in whole[:40])
    assert digest == hashlib.blake2b(raw, digest_size=8).digest()
    assert rest == whole[40:]


async def test_nothing_is_read_beyond_an_end():
    """A known span ends where it ended."""
    values = [call(number) for number in range(1, 11)]
    end = (await read(*values))[4].offset
    async with open_records(given(values), OPTIONS, name="mine") as source:
        part = await source.read(end)
        assert await source.read(end) == []
        rest = await all_items(source)

    assert [len(part), len(rest)] == [4, 6]


async def test_records_do_not_wait_for_records_that_may_never_come():
    """A slow program is loaded as it goes."""

    async def slow() -> AsyncIterator[Any]:
        yield call(1)
        yield call(2)
        await asyncio.Event().wait()

    async with open_records(slow(), OPTIONS, name="mine") as source:
        async with asyncio.timeout(5):
            seen = [*await source.read()]
            while len(seen) < 2:
                seen += await source.read()
        read = asyncio.create_task(source.read())
        await asyncio.sleep(0)
        read.cancel()

    assert [each.line for each in seen] == [1, 2]


async def test_an_error_of_the_program_comes_after_its_records():
    """Whatever came before it is loaded; then it is raised as it is."""

    async def failing() -> AsyncIterator[Any]:
        yield call(1)
        yield call(2)
        raise KeyError("mine")

    async with open_records(failing(), OPTIONS, name="mine") as source:
        items = [*await source.read()]
        for _ in range(2):
            with pytest.raises(KeyError, match="mine"):
                items += await all_items(source)

    assert [each.line for each in items] == [1, 2]


async def test_an_endless_program_is_asked_only_so_far_ahead():
    """Memory is bounded by what waits to be taken."""
    asked: list[int] = []

    async def endless() -> AsyncIterator[Any]:
        while True:
            asked.append(1)
            yield call(len(asked))

    async with open_records(endless(), OPTIONS, name="mine") as source:
        await source.read()
        await asyncio.sleep(0.02)

    assert len(asked) < 300


async def test_fields_without_a_place_are_counted():
    """As in a file."""
    async with open_records(given([call(1) | {"id": 1}]), OPTIONS, name="m") as source:
        await source.read()
        assert source.ignored_fields == {"id": 1}
