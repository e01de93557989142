"""What is sent is what was read, whatever it holds."""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from loader.hubspot.codec import create_body, read_body
from loader.model.record import CallRecord
from loader.pipeline.batcher import WIRE_OVERHEAD
from loader.source.decode import DecodeOptions, Decoder

TRACE = "loader_trace_id"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TRACE_IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
ASSOCIATIONS = st.fixed_dictionaries(
    {
        "to": st.fixed_dictionaries({"id": TEXTS.filter(bool)}),
        "types": st.lists(
            st.fixed_dictionaries(
                {
                    "associationCategory": st.just("HUBSPOT_DEFINED"),
                    "associationTypeId": st.integers(0, 2**31 - 1),
                }
            ),
            min_size=1,
            max_size=2,
        ),
    }
)
LINES = st.fixed_dictionaries(
    {
        "properties": st.dictionaries(
            TEXTS.filter(bool),
            TEXTS | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
            max_size=5,
        ).map(lambda given: given | {"hs_timestamp": "1700000000000"}),
        "associations": st.lists(ASSOCIATIONS, max_size=2),
    },
    optional={"objectWriteTraceId": TRACE_IDS},
)


def decoded(lines: list[dict[str, Any]], trace_property: str | None):
    """Read lines as a source does."""
    decoder = Decoder("0123456789ab", DecodeOptions(trace_property=trace_property))
    for number, line in enumerate(lines, 1):
        raw = json.dumps(line).encode() + b"\n"
        record = decoder.decode(raw, line=number, offset=0)
        assert isinstance(record, CallRecord)
        yield record


def expected(line: dict[str, Any], trace_id: str, trace_property: str | None):
    """Say what HubSpot should get of a line."""
    properties = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in line["properties"].items()
        if value is not None
    }
    if trace_property is not None:
        properties[trace_property] = trace_id
    return {
        "objectWriteTraceId": trace_id,
        "associations": line["associations"],
        "properties": properties,
    }


def no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dictionary, but not of names that repeat."""
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


@given(
    st.lists(LINES, min_size=1, max_size=4),
    st.sampled_from([None, TRACE, "hs_unique_id"]),
)
def test_a_body_says_what_the_lines_say(lines, trace_property):
    """Any text, any ID; the ID at its places, and no name twice."""
    records = list(decoded(lines, trace_property))
    body = create_body(records, trace_property)

    sent = json.loads(body, object_pairs_hook=no_name_twice)

    assert sent == {
        "inputs": [
            expected(line, record.trace_id, trace_property)
            for line, record in zip(lines, records, strict=True)
        ]
    }
    assert sent == orjson.loads(body)


@given(st.lists(LINES, min_size=1, max_size=4), st.integers(1, 100))
def test_a_body_is_no_larger_than_the_batcher_reckons(lines, length):
    """With IDs that we derive; the longest name of a property counts too."""
    for line in lines:
        line.pop("objectWriteTraceId", None)
    records = list(decoded(lines, None))

    body = create_body(records, "p" * length)

    reckoned = sum(len(record.content) + WIRE_OVERHEAD for record in records)
    assert len(body) <= reckoned


@given(st.lists(TRACE_IDS, max_size=5), TRACE_IDS)
def test_a_read_asks_for_each_id_as_it_is(trace_ids, trace_property):
    """In order, and escaped."""
    asked = orjson.loads(read_body(trace_ids, trace_property))

    assert [each["id"] for each in asked["inputs"]] == trace_ids
    assert asked["properties"] == [asked["idProperty"]] == [trace_property]
