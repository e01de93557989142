"""A line to a record, or to a reason a person can act on."""

import json
import sys
import tracemalloc
from typing import Any

import pytest

from loader.model.record import Blank, CallRecord
from loader.source.decode import MAX_PROPERTY_CHARACTERS, DecodeOptions, Decoder
from loader.source.identity import key_trace_id, line_trace_id, source_digest
from tests.conftest import call


def decode(raw: bytes | dict[str, Any], **options: Any) -> Any:
    line = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return Decoder("abc", DecodeOptions(**options)).decode(line, line=7, offset=70)


def content(raw: bytes | dict[str, Any], **options: Any) -> Any:
    record = decode(raw, **options)
    assert isinstance(record, CallRecord), record
    return json.loads(record.content)


TIME = b'"hs_timestamp":"1"'


def test_reasons_never_quote_a_value():
    """Values are personal data; messages name properties and types."""
    rejected = decode(b'{"properties":{%b,"x":["+49 151 secret"]}}' % TIME)

    assert "secret" not in rejected.message


@pytest.mark.parametrize("raw", [b"", b"\n", b"  \t\r\n"])
def test_blank_lines_are_no_records(raw):
    """They are skipped, and counted nowhere."""
    assert isinstance(decode(raw), Blank)


def test_what_is_sent_is_what_was_validated():
    """Of duplicate keys the last wins, and only that one is sent."""
    raw = b'{"properties":{%b,"a":{"bad":1},"a":"good"}}' % TIME

    assert content(raw)["properties"] == {"hs_timestamp": "1", "a": "good"}


def test_a_content_takes_no_more_memory_than_its_bytes():
    """Thousands of records are alive at a time."""
    lines = [json.dumps(call(number)).encode() for number in range(100)]
    decode(lines[0])
    tracemalloc.start()
    records = [decode(line) for line in lines]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    needed = sum(
        sys.getsizeof(each) + sys.getsizeof(each.trace_id) + sys.getsizeof(each.content)
        for each in records
    )
    assert taken < 1.1 * needed + 10_000


def test_values_become_strings_as_hubspots_schema_has_them():
    """Numbers keep their digits, booleans are lower case, null is left out."""
    big = 123456789012345678901234567890
    given = call(1) | {
        "properties": {"hs_timestamp": 1, "b": True, "f": 1.5, "n": None, "big": big}
    }

    assert content(given)["properties"] == {
        "hs_timestamp": "1",
        "b": "true",
        "f": "1.5",
        "big": str(big),
    }


def test_the_longest_property_that_hubspot_takes_is_sent():
    """The limit counts characters, not bytes."""
    given = call(1, hs_call_body="ü" * MAX_PROPERTY_CHARACTERS)

    assert len(content(given)["properties"]["hs_call_body"]) == 65_536


def test_a_number_as_an_associations_target_becomes_a_string():
    """HubSpot's schema has strings there; exports have numbers."""
    given = call(1)
    given["associations"][0]["to"]["id"] = 42

    assert content(given)["associations"][0]["to"]["id"] == "42"


def test_fields_that_have_no_place_are_left_out_and_counted():
    """Told to the user, never sent, and no reason to reject."""
    decoder = Decoder("abc", DecodeOptions())
    for line in (1, 2):
        raw = json.dumps(call(1) | {"id": "5"}).encode()
        record = decoder.decode(raw, line=line, offset=0)
        assert isinstance(record, CallRecord)
        assert "id" not in json.loads(record.content)

    assert decoder.ignored_fields == {"id": 2}


def test_a_row_of_a_result_file_is_again_a_line():
    """The record is taken out of it, and keeps its ID."""
    row = {"line": 3, "objectWriteTraceId": "old-3", "state": "rejected"}
    as_object = decode(row | {"record": call(1)})
    as_text = decode(row | {"record": json.dumps(call(1))})

    assert as_object.trace_id == as_text.trace_id == "old-3"
    assert as_object.content == as_text.content


def test_a_lines_own_id_is_used_as_it_is():
    """It names the record in the source system."""
    record = decode(call(1) | {"objectWriteTraceId": "Own-1"}, key="hs_call_title")

    assert (record.trace_id, record.named) == ("Own-1", True)


def test_a_key_gives_the_same_id_wherever_the_line_stands():
    """A file that is sorted anew keeps its IDs."""
    record = decode(call(1, ref="A1"), key="ref")

    assert record.trace_id == key_trace_id("ref", "A1")
    assert record.trace_id.startswith("key-")


def test_a_line_without_its_key_is_rejected():
    """It cannot be identified, so it is not sent."""
    assert decode(call(1), key="ref").reason == "KEY_MISSING"


def test_else_the_id_tells_source_line_and_content():
    """A person can read the line number off it."""
    raw = json.dumps(call(1)).encode()
    record = decode(raw)

    assert record.trace_id == line_trace_id("abc", 7, raw)
    assert record.trace_id.startswith("abc-7-")
    assert not record.named


def test_line_endings_do_not_change_an_id():
    """A file that went through Windows has the same content."""
    assert line_trace_id("d", 1, b"{}\r\n") == line_trace_id("d", 1, b"{}\n")
    assert source_digest(b"{}\r\n") == source_digest(b"{}")


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    """Windows exports begin with one; it is accepted there and nowhere else."""
    raw = b"\xef\xbb\xbf" + json.dumps(call(1)).encode()
    first = Decoder("abc", DecodeOptions()).decode(raw, line=1, offset=0)

    assert isinstance(first, CallRecord)
    assert decode(raw).reason == "NOT_JSON"


def test_a_line_may_not_set_the_trace_property_to_something_of_its_own():
    """The wire adds it; the same value is simply left to the wire."""
    own = {"objectWriteTraceId": "a", "properties": {"hs_timestamp": "1", "t": "a"}}
    other = {"objectWriteTraceId": "a", "properties": {"hs_timestamp": "1", "t": "b"}}

    assert content(own, trace_property="t")["properties"] == {"hs_timestamp": "1"}
    assert decode(other, trace_property="t").reason == "TRACE_PROPERTY_SET"
