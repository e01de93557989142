"""A bad line is rejected with a code, and a sentence a person can act on."""

import json
from typing import Any

import pytest

from loader.model.record import CallRecord, Malformed
from loader.source import reasons
from loader.source.decode import DecodeOptions, Decoder
from loader.source.identity import key_trace_id

TIME = {"hs_timestamp": "1"}
TYPE = {"associationCategory": "WORK", "associationTypeId": 1}


def rejected(line: Any, **options: Any) -> Malformed:
    """Decode a bad line; its reason must be one of the documented ones."""
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    item = Decoder("abc", DecodeOptions(**options)).decode(raw, line=7, offset=70)
    assert isinstance(item, Malformed), item
    assert (item.line, item.offset, item.size, item.raw) == (7, 70, len(raw), raw)
    assert item.reason in (reasons.__doc__ or "")
    return item


def with_value(text: str) -> bytes:
    """Return a line with a property of this JSON text."""
    return b'{"properties":{"hs_timestamp":"1","x":%b}}' % text.encode()


def test_a_line_that_sets_the_trace_property():
    """It would be found under an ID that is not its own."""
    line = {"properties": TIME | {"ref": "A", "t": "mine"}}
    item = rejected(line, key="ref", trace_property="t")

    assert item.reason == "TRACE_PROPERTY_SET"
    assert item.trace_id == key_trace_id("ref", "A")


@pytest.mark.parametrize("bad", [{}, {"a": []}, {"hs_timestamp": ""}])
def test_a_rejected_line_keeps_its_own_id(bad):
    """The user finds it again in the source system."""
    item = rejected({"properties": bad, "objectWriteTraceId": "own-1", "id": "x"})

    assert item.trace_id == "own-1"


@pytest.mark.parametrize(
    "line",
    [
        {"properties": {"x": ["secret"]}},
        {"properties": TIME | {"x": "secret" * 20_000}},
        {"properties": TIME, "associations": "secret"},
        {"properties": TIME, "associations": [{"to": {"id": "secret" * 20}}]},
        {"properties": TIME, "objectWriteTraceId": " secret"},
        b'{"properties":{"x":"secret\\ud800"}}',
        b'{"properties":{"x":secret}}',
    ],
)
def test_messages_never_quote_a_value(line):
    """Values are personal data, and messages go into logs and tables."""
    assert "secret" not in rejected(line).message


def test_names_in_messages_are_short_and_printable():
    """A name may be anything, also an escape sequence for a terminal."""
    item = rejected({"properties": {"\x1b[2J" + "n" * 500: []}})

    assert "properties.?[2Jnnn" in item.message
    assert len(item.message) < 200


@pytest.mark.parametrize("reason", ["PROPERTY_TYPE", "ASSOCIATION_SHAPE", ""])
def test_the_close_look_is_as_strict_as_the_fast_way(reason):
    """A field without a place changes the way a line is read, never the answer."""
    line = {
        "PROPERTY_TYPE": {"properties": TIME | {"a": []}},
        "ASSOCIATION_SHAPE": {"properties": TIME, "associations": [0]},
        "": {"properties": TIME | {"big": 10**400, "f": 1.5}, "associations": None},
    }[reason]
    decoder = Decoder("abc", DecodeOptions(key="hs_timestamp"))
    fast, slow = (
        decoder.decode(json.dumps(each).encode(), line=1, offset=1)
        for each in (line, line | {"x": 1})
    )

    if reason:
        assert isinstance(fast, Malformed)
        assert isinstance(slow, Malformed)
        assert (fast.reason, fast.message) == (slow.reason, slow.message)
    else:
        assert isinstance(fast, CallRecord)
        assert isinstance(slow, CallRecord)
        assert fast.content == slow.content
