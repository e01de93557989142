"""A good line becomes exactly what is sent."""

import json
from typing import Any

import pytest

from loader.model.record import Blank, CallRecord, Malformed
from loader.source.decode import (
    BOM,
    MAX_IGNORED_NAMES,
    MAX_PROPERTY_CHARACTERS,
    DecodeOptions,
    Decoder,
    as_text,
)
from loader.source.identity import key_trace_id, line_trace_id

TIME = {"hs_timestamp": "1"}


def decode(line: Any, *, offset: int = 70, **options: Any) -> Any:
    """Decode a value, or bytes, as line 7."""
    raw = line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
    decoder = Decoder("abc", DecodeOptions(**options))
    return decoder.decode(raw, line=7, offset=offset)


def sent(line: Any, **options: Any) -> Any:
    """Return what is sent of a good line."""
    record = decode(line, **options)
    assert isinstance(record, CallRecord), record
    return json.loads(record.content)


def association(target: Any = "5", **fields: Any) -> dict[str, Any]:
    """Return an association with a target, its type changed by fields."""
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}
    return {"to": {"id": target}, "types": [kind | fields]}


def test_content_is_canonical():
    """Associations first, properties last and in the order of the line."""
    line = b'{ "properties" : {"z":"1", "hs_timestamp":"2", "a":"3"} }\n'

    assert decode(line).content == (
        b'{"associations":[],"properties":{"z":"1","hs_timestamp":"2","a":"3"}}'
    )


def test_a_record_knows_where_it_came_from():
    """Its line, its offset, and its bytes as they were read."""
    raw = b' {"properties":{"hs_timestamp":"1"}} \r\n'
    record = decode(raw)

    assert (record.line, record.offset, record.raw) == (7, 70, raw)
    assert record.size == len(raw)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-17, "-17"),
        (2**64, "18446744073709551616"),
        (-(10**300), "-1" + "0" * 300),
        (1.5, "1.5"),
        (2.0, "2.0"),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (123456789.125, "123456789.125"),
    ],
)
def test_values_go_out_as_text(value, text):
    """Integers keep every digit, others are the shortest text of their double."""
    assert as_text(value) == text
    assert sent({"properties": TIME | {"x": value}})["properties"]["x"] == text


def test_a_null_is_left_out():
    """HubSpot would read it as the wish to clear a property."""
    assert sent({"properties": TIME | {"x": None}})["properties"] == TIME


def test_text_goes_out_as_it_is():
    """Separators that are no line breaks, NUL, and pairs of escapes survive."""
    text = "a\u2028b\u0085c\x00d\U0001f600e\r\nf"

    assert sent({"properties": TIME | {"x": text}})["properties"]["x"] == text


def test_of_duplicate_keys_the_last_is_validated_and_sent():
    """What nobody looked at never reaches the portal."""
    line = (
        b'{"properties":{"x":{}},"properties":{"hs_timestamp":"0","hs_timestamp":"1"}}'
    )

    assert sent(line) == {"associations": [], "properties": TIME}


def test_the_longest_property_counts_characters():
    """Bytes would refuse half of what HubSpot takes."""
    text = "ü" * MAX_PROPERTY_CHARACTERS

    assert sent({"properties": TIME | {"x": text}})["properties"]["x"] == text


@pytest.mark.parametrize("none", [{}, {"associations": None}, {"associations": []}])
def test_no_associations_are_an_empty_list(none):
    """HubSpot's schema requires the field."""
    assert sent({"properties": TIME} | none)["associations"] == []


@pytest.mark.parametrize("category", ["INTEGRATOR_DEFINED", "USER_DEFINED", "WORK"])
def test_associations_are_sent_whole(category):
    """In HubSpot's form and the line's order; a target in numbers becomes text."""
    given = [association("9"), association(42, associationCategory=category)]

    assert sent({"properties": TIME, "associations": given})["associations"] == [
        association("9"),
        association("42", associationCategory=category),
    ]


def test_fields_without_a_place_are_left_out_and_counted():
    """An export carries id and createdAt; that is no reason to reject it."""
    decoder = Decoder("abc", DecodeOptions())
    for extra in ({"id": 1}, {"id": 2, "createdAt": "x"}, {}):
        raw = json.dumps({"properties": TIME} | extra).encode()
        record = decoder.decode(raw, line=1, offset=0)
        assert isinstance(record, CallRecord)
        assert json.loads(record.content).keys() == {"associations", "properties"}

    assert decoder.ignored_fields == {"id": 2, "createdAt": 1}


def test_the_names_of_ignored_fields_are_bounded():
    """A source of ever new names fills no memory, and no terminal with escapes."""
    decoder = Decoder("abc", DecodeOptions())
    extra = {f"\x1b{'n' * 100}{number}": 1 for number in range(200)}
    extra |= {f"{number:03}": 1 for number in range(200)}
    decoder.decode(json.dumps({"properties": TIME} | extra).encode(), line=1, offset=0)

    assert len(decoder.ignored_fields) == MAX_IGNORED_NAMES
    assert all(len(n) <= 60 and n.isprintable() for n in decoder.ignored_fields)


def test_fields_of_a_rejected_line_are_not_counted():
    """Nothing was left out of it, for nothing was sent."""
    decoder = Decoder("abc", DecodeOptions())
    decoder.decode(b'{"properties":{},"id":1}', line=1, offset=0)

    assert decoder.ignored_fields == {}


def test_a_derived_id_tells_the_line():
    """It cannot repeat, so it is not named."""
    raw = json.dumps({"properties": TIME}).encode()
    record = decode(raw)

    assert record.trace_id == line_trace_id("abc", 7, raw)
    assert not record.named


def test_a_lines_own_id_comes_first():
    """Before the key, and as it is."""
    line = {"properties": TIME | {"ref": "A"}, "objectWriteTraceId": "Own 1"}
    record = decode(line, key="ref")

    assert (record.trace_id, record.named) == ("Own 1", True)


def test_a_key_comes_before_the_line():
    """Its text as it is sent, so 17 and "17" are one call."""
    records = [decode({"properties": TIME | {"ref": v}}, key="ref") for v in (17, "17")]

    assert {r.trace_id for r in records} == {key_trace_id("ref", "17")}
    assert all(r.named for r in records)


def test_the_trace_property_is_left_to_the_wire():
    """A line that says the same is only spared saying it twice."""
    line = {"properties": TIME | {"t": "a"}, "objectWriteTraceId": "a"}

    assert sent(line, trace_property="t")["properties"] == TIME
    assert sent(line)["properties"] == TIME | {"t": "a"}


def test_a_byte_order_mark_is_accepted_where_the_source_begins():
    """Windows exports begin with one; it stays in the raw line."""
    raw = BOM + b'{"properties":{"hs_timestamp":"1"}}\n'
    record = decode(raw, offset=0)

    assert isinstance(record, CallRecord)
    assert record.raw == raw
    assert isinstance(decode(raw, offset=1), Malformed)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n", b" \t\r\n", b"   "])
def test_blank_lines_are_no_records(raw):
    """Spaces, tabs and line breaks."""
    assert decode(raw) == Blank(7, 70, raw)


def test_a_byte_order_mark_alone_is_a_blank_line():
    """An empty file, saved on Windows."""
    assert decode(BOM + b"\r\n", offset=0) == Blank(7, 0, BOM + b"\r\n")


@pytest.mark.parametrize("raw", [b"\x0b\n", b"\x0c\n", b"\xc2\xa0\n", b"\x00\n"])
def test_other_blanks_are_no_blank_lines(raw):
    """JSON does not know them."""
    assert isinstance(decode(raw), Malformed)
