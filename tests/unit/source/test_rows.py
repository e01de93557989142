"""Result files are sources again: the record is taken out of its row."""

import json
from typing import Any

import pytest

from loader.model.record import CallRecord
from loader.source.decode import DecodeOptions, Decoder
from loader.source.rows import record_of, rows_of, tidied

RECORD = {"properties": {"hs_timestamp": "1", "a": "b"}}
ROW = {"line": 3, "offset": 9, "state": "rejected", "objectWriteTraceId": "row-3"}


def decode(row: Any) -> Any:
    """Decode a row of a result file as line 7."""
    decoder = Decoder("abc", DecodeOptions())
    return decoder.decode(json.dumps(row).encode(), line=7, offset=70)


@pytest.mark.parametrize("record", [RECORD, json.dumps(RECORD)])
def test_a_row_gives_its_record(record):
    """As an object or as the text of the line; the ID stays the same."""
    item = decode(ROW | {"record": record})

    assert isinstance(item, CallRecord)
    assert (item.trace_id, item.named) == ("row-3", True)
    assert item.content == decode(RECORD).content


def test_the_fields_of_a_row_are_not_ignored_fields():
    """They are the row's, and no part of the record."""
    decoder = Decoder("abc", DecodeOptions())
    row = ROW | {"record": RECORD | {"id": "1"}}
    decoder.decode(json.dumps(row).encode(), line=7, offset=70)

    assert decoder.ignored_fields == {"id": 1}


def test_the_records_own_id_comes_before_the_rows():
    """A person may have corrected it."""
    row = ROW | {"record": RECORD | {"objectWriteTraceId": "own"}}

    assert decode(row).trace_id == "own"


def test_a_row_without_an_id_leaves_it_to_the_line():
    """It was rejected before it had one."""
    item = decode(ROW | {"objectWriteTraceId": None, "record": RECORD})

    assert item.trace_id.startswith("abc-7-")
    assert not item.named


def test_a_row_of_a_row_gives_the_innermost_record():
    """What is rejected from a corrected file is a row around a row."""
    inner = ROW | {"objectWriteTraceId": None, "record": RECORD}
    outer = ROW | {"objectWriteTraceId": "outer", "record": json.dumps(inner)}

    assert decode(outer).trace_id == "outer"
    assert decode(outer).content == decode(RECORD).content


def test_the_text_of_a_first_line_may_begin_with_a_byte_order_mark():
    """It was the first line of a Windows export."""
    item = decode(ROW | {"record": "\ufeff" + json.dumps(RECORD)})

    assert isinstance(item, CallRecord)


@pytest.mark.parametrize(
    ("row", "reason", "words"),
    [
        (ROW | {"record": None}, "NOT_AN_OBJECT", "too long to keep"),
        (ROW | {"record": [RECORD]}, "NOT_AN_OBJECT", "record is an array"),
        (ROW | {"record": "17"}, "NOT_AN_OBJECT", "record is a number"),
        (ROW | {"record": '{"bad'}, "NOT_JSON", "column"),
        (ROW | {"record": "[" * 500 + "]" * 500}, "TOO_DEEP", "levels"),
        (ROW | {"record": {}}, "NO_PROPERTIES", "missing"),
        (
            ROW | {"record": RECORD, "objectWriteTraceId": 1},
            "TRACE_ID_FORMAT",
            "a number",
        ),
    ],
)
def test_a_row_that_is_still_wrong(row, reason, words):
    """It is rejected like any line, and goes into the next result file."""
    item = decode(row)

    assert item.reason == reason
    assert words in item.message


def test_a_line_with_properties_is_no_row():
    """A field called record has no place, and is left out."""
    item = decode(RECORD | {"record": {"properties": {"hs_timestamp": "2"}}})

    assert json.loads(item.content)["properties"]["hs_timestamp"] == "1"


def test_a_row_without_an_id_gives_one_of_the_source_it_comes_from():
    """So that copies of a copy agree, wherever the row stands in them."""
    row = ROW | {"source": "0123456789ab", "objectWriteTraceId": None, "record": RECORD}
    one, other = decode(row), decode({"record": dict(row), "line": 1})

    assert one.trace_id.startswith("0123456789ab-3-")
    assert other.trace_id == one.trace_id
    assert one.named


@pytest.mark.parametrize("field", [{"line": True}, {"line": 0}, {"source": "x"}])
def test_a_row_with_an_odd_origin_has_none(field):
    """Somebody edited it; the line names the record."""
    row = ROW | {"source": "0123456789ab", "objectWriteTraceId": None}

    assert decode(row | field | {"record": RECORD}).trace_id.startswith("abc-7-")


def test_rows_are_found_within_rows():
    """The innermost is of the first load; what somebody broke is passed over."""
    inner = ROW | {"load": "/a", "source": "0123456789ab", "record": RECORD}
    broken = {"line": "x", "record": json.dumps(inner)}
    outer = ROW | {"line": 1, "load": "/b", "source": "b", "record": broken}
    raw = json.dumps(outer).encode()

    assert [row.load for row in rows_of(raw)] == ["/b", "/a"]
    assert json.loads(record_of(raw)) == RECORD
    assert [*rows_of(b"nothing")] == [*rows_of(b'{"properties": {}}')] == []


def test_a_record_that_is_missing_is_empty():
    """The line was too long to keep."""
    assert record_of(b'{"line": 1, "record": null}') == b""


def test_rows_that_an_editor_spread_are_put_together():
    """Each ends where its own brace closes; a broken neighbour costs nothing."""
    rows = [{"a": {"b": [1, {}]}}, {"c": "}\n{"}]
    for indent in (2, "\t"):
        spread = "".join(json.dumps(row, indent=indent) + "\n" for row in rows)
        for text in (spread, '{"broken\n' + spread, json.dumps(rows, indent=indent)):
            lines = [*tidied(text.encode().splitlines(keepends=True))]
            found = [json.loads(x) for x in lines if x.strip() and b"broken" not in x]

            assert found == rows


def test_an_object_that_never_closes_is_left_as_it_was():
    """It is rejected line by line, and nothing is lost."""
    lines = [b"{\n", b'"a": 1\n']

    assert [*tidied(lines)] == lines
    endless = [b"{\n", *[b"x" * (1 << 20)] * 6]
    assert b"".join(tidied(endless)) == b"".join(endless)
