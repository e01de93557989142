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


@pytest.mark.parametrize(
    ("raw", "reason", "words"),
    [
        (b'{"a":\xff}', "NOT_UTF8", "byte 6"),
        (b'{"properties":{"hs_timestamp":"1"},"b":"\xe9"}', "NOT_UTF8", "byte 41"),
        (with_value('"\\"')[:-2] + b"\xed\xa0\x80", "NOT_UTF8", "byte"),
        (b'{"bad', "NOT_JSON", "column"),
        (b"{}{}", "NOT_JSON", "column 3"),
        (b'{"a":1}\x00', "NOT_JSON", "column"),
        (b"[1,]", "NOT_JSON", "column"),
        (b'{"bad"\r\n', "NOT_JSON", "column 7"),
        (b"{}\x0b\n", "NOT_JSON", "column 3"),
        (b'{"a":"tab\t"}', "NOT_JSON", "control character"),
        (with_value("NaN"), "NOT_JSON", "column"),
        (with_value("-Infinity"), "NOT_JSON", "column"),
        (with_value("1e999"), "NUMBER_OUT_OF_RANGE", "column"),
        (with_value("-1e999"), "NUMBER_OUT_OF_RANGE", "column"),
        (with_value("9" * 5000), "NUMBER_OUT_OF_RANGE", "column"),
        (with_value('"\\ud800"'), "LONE_SURROGATE", "column"),
        (with_value('"\\ud800\\u0041"'), "LONE_SURROGATE", "column"),
        (with_value('"\\udc00 and so on"'), "LONE_SURROGATE", "column"),
        (b'{"\\ud800":1}', "LONE_SURROGATE", "column"),
        (b"[" * 200_000, "TOO_DEEP", "100"),
        (b'{"a":' * 50_000, "TOO_DEEP", "100"),
        (with_value("[" * 100 + "]" * 100), "TOO_DEEP", "100"),
        (with_value("[" * 99 + "]" * 98), "NOT_JSON", "column"),
        (with_value("[" * 98 + "]" * 98), "PROPERTY_TYPE", "array"),
        (b"[1]", "NOT_AN_OBJECT", "an array"),
        (b'"text"', "NOT_AN_OBJECT", "a string"),
        (b"17", "NOT_AN_OBJECT", "a number"),
        (b"1.5", "NOT_AN_OBJECT", "a number"),
        (b"true", "NOT_AN_OBJECT", "a boolean"),
        (b"null", "NOT_AN_OBJECT", "null"),
    ],
)
def test_bytes_that_are_no_object(raw, reason, words):
    """Encoding, JSON, depth and numbers; the place is told."""
    item = rejected(raw)

    assert item.reason == reason
    assert words in item.message


@pytest.mark.parametrize(
    ("line", "reason", "words"),
    [
        ({}, "NO_PROPERTIES", "properties is missing"),
        ({"properties": None}, "NO_PROPERTIES", "missing"),
        ({"properties": []}, "NO_PROPERTIES", "an array"),
        ({"properties": "{}"}, "NO_PROPERTIES", "a string"),
        ({"properties": {"a": {"b": 1}}}, "PROPERTY_TYPE", "properties.a is an object"),
        ({"properties": {"a": []}}, "PROPERTY_TYPE", "properties.a is an array"),
        ({"properties": TIME | {"": "v"}}, "PROPERTY_TYPE", "empty name"),
        ({"properties": TIME | {"": None}}, "PROPERTY_TYPE", "empty name"),
        ({"properties": TIME | {"a": "é" * 65_537}}, "PROPERTY_TOO_LONG", "65,537"),
        ({"properties": {}}, "NO_TIMESTAMP", "hs_timestamp"),
        ({"properties": {"hs_timestamp": None}}, "NO_TIMESTAMP", "hs_timestamp"),
        ({"properties": {"hs_timestamp": ""}}, "NO_TIMESTAMP", "hs_timestamp"),
    ],
)
def test_properties(line, reason, words):
    """The name of the property is told, never its value."""
    item = rejected(line)

    assert item.reason == reason
    assert words in item.message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "associations is an object"),
        ("x", "associations is a string of 1 characters"),
        ([1], "associations[0] is a number"),
        ([None], "associations[0] is missing"),
        ([{}], "associations[0].to is missing"),
        ([{"to": "5"}], "associations[0].to is a string"),
        ([{"to": {}, "types": [TYPE]}], "associations[0].to.id is missing"),
        ([{"to": {"id": ""}, "types": [TYPE]}], ".to.id is a string of 0"),
        ([{"to": {"id": "9" * 65}, "types": [TYPE]}], ".to.id is a string of 65"),
        ([{"to": {"id": True}, "types": [TYPE]}], ".to.id is a boolean"),
        ([{"to": {"id": 1.0}, "types": [TYPE]}], ".to.id is a number"),
        ([{"to": {"id": -1}, "types": [TYPE]}], ".to.id is a number"),
        ([{"to": {"id": 2**63}, "types": [TYPE]}], ".to.id is a number"),
        ([{"to": {"id": 1, "x": 1}, "types": [TYPE]}], ".to.x is no field"),
        ([{"to": {"id": 1}, "types": [TYPE], "y": 1}], "[0].y is no field"),
        ([{"to": {"id": 1}}], "associations[0].types is missing"),
        ([{"to": {"id": 1}, "types": []}], "associations[0].types is empty"),
        ([{"to": {"id": 1}, "types": [1]}], "types[0] is a number"),
        ([{"to": {"id": 1}, "types": [TYPE, TYPE | {"z": 1}]}], "types[1].z is no"),
        ([{"to": {"id": 1}, "types": [TYPE] * 101}], "has 101 items"),
        ([{"to": {"id": 1}, "types": [TYPE]}] * 1001, "has 1,001 items"),
    ],
)
def test_associations(given, words):
    """The place is told, down to the field."""
    item = rejected({"properties": TIME, "associations": given})

    assert item.reason == "ASSOCIATION_SHAPE"
    assert words in item.message


@pytest.mark.parametrize("number", [None, "194", 1.0, -1, 2**31, True])
def test_association_types_are_int32(number):
    """A type ID in quotes is a slip that HubSpot would answer with 400."""
    given = [{"to": {"id": 1}, "types": [TYPE | {"associationTypeId": number}]}]
    item = rejected({"properties": TIME, "associations": given})

    assert item.reason == "ASSOCIATION_SHAPE"
    assert "associations[0].types[0].associationTypeId" in item.message


@pytest.mark.parametrize("category", ["MINE", "work", "", None, 1])
def test_association_categories(category):
    """The four that HubSpot knows are told."""
    given = [{"to": {"id": 1}, "types": [TYPE | {"associationCategory": category}]}]
    item = rejected({"properties": TIME, "associations": given})

    assert item.reason == "ASSOCIATION_CATEGORY"
    assert "USER_DEFINED" in item.message


@pytest.mark.parametrize("own", ["", " a", "a ", "ü", "a\n", "x" * 256, 7, True, {}])
def test_ids_that_cannot_be_one(own):
    """The line is not given another one behind its back."""
    item = rejected({"properties": TIME, "objectWriteTraceId": own})

    assert item.reason == "TRACE_ID_FORMAT"
    assert item.trace_id is None


@pytest.mark.parametrize("value", [{}, {"ref": None}, {"ref": ""}])
def test_a_line_without_its_key(value):
    """It cannot be identified, so it is not sent."""
    assert rejected({"properties": TIME | value}, key="ref").reason == "KEY_MISSING"


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
