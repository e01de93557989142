"""Any bytes: a record, a reason, or a blank line; never an exception."""

import io
import json
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loader.hubspot.codec import create_body
from loader.model.record import CallRecord, Malformed
from loader.source import reasons
from loader.source.decode import DecodeOptions, Decoder, as_text
from loader.source.identity import is_usable
from loader.source.lines import LineReader
from loader.source.writing import written
from tests.conftest import a_line

OPTIONS = st.sampled_from(
    [
        DecodeOptions(),
        DecodeOptions(key="k"),
        DecodeOptions(key="k", trace_property="t"),
        DecodeOptions(trace_property="t"),
    ]
)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_number = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_value = st.none() | st.booleans() | _number | _text
_json = st.recursive(
    _value, lambda inner: st.lists(inner) | st.dictionaries(_text, inner), max_leaves=8
)
_association = st.fixed_dictionaries(
    {
        "to": st.fixed_dictionaries(
            {"id": st.integers(0, 2**63 - 1) | st.text("0123456789", min_size=1)}
        ),
        "types": st.lists(
            st.fixed_dictionaries(
                {
                    "associationCategory": st.sampled_from(["WORK", "HUBSPOT_DEFINED"]),
                    "associationTypeId": st.integers(0, 2**31 - 1),
                }
            ),
            min_size=1,
            max_size=3,
        ),
    }
)
_names = st.sampled_from(["k", "t", "a"]) | _text.filter(bool)
_good = st.fixed_dictionaries(
    {
        "properties": st.dictionaries(_names, _value).map(
            lambda properties: properties | {"hs_timestamp": "1"}
        )
    },
    optional={
        "associations": st.lists(_association, max_size=3) | st.none(),
        "objectWriteTraceId": st.none() | st.sampled_from(["a", "own-1"]),
    },
)
#: nearly right: some field is replaced by anything
_nearly = st.builds(
    lambda good, name, value: good | {name: value},
    _good,
    st.sampled_from(["properties", "associations", "objectWriteTraceId", "record"]),
    _json | _good,
)


def decode(raw: bytes, options: DecodeOptions) -> Any:
    """Decode bytes as a line somewhere."""
    return Decoder("abc", options).decode(raw, line=7, offset=70)


def check(raw: bytes, options: DecodeOptions) -> None:
    """Check what holds for every line."""
    item = decode(raw, options)
    assert (item.line, item.offset, item.size, item.raw) == (7, 70, len(raw), raw)
    if isinstance(item, CallRecord):
        assert is_usable(item.trace_id)
        content = orjson.loads(item.content)
        assert list(content) == ["associations", "properties"]
        assert content["properties"]["hs_timestamp"]
        assert all(isinstance(each, str) for each in content["properties"].values())
    if isinstance(item, Malformed):
        assert item.reason in (reasons.__doc__ or "")
        assert item.trace_id is None or is_usable(item.trace_id)
        assert item.message.isprintable()


@given(st.binary(), OPTIONS)
@example(b"[" * 100_000, DecodeOptions())
@example(b'{"properties":' * 30_000, DecodeOptions())
@example(b'{"record":"' * 10_000, DecodeOptions())
def test_no_bytes_raise(raw, options):
    """Whatever a file holds, a line costs no neighbour."""
    check(raw, options)


@given(_nearly | _json, OPTIONS)
def test_no_json_raises(value, options):
    """Also what is nearly right."""
    check(json.dumps(value).encode(), options)
    check(orjson.dumps(str(value)), options)


@given(_nearly, st.data())
def test_no_broken_json_raises(value, data):
    """A byte changed, or the end cut off."""
    raw = bytearray(json.dumps(value, ensure_ascii=False).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    check(bytes(raw[:at]), DecodeOptions())
    raw[at] = data.draw(st.integers(0, 255))
    check(bytes(raw), DecodeOptions())


@given(_good)
def test_what_is_sent_is_what_the_line_says(value):
    """Parsed again, the content has the line's texts, numbers and associations."""
    item = decode(json.dumps(value).encode(), DecodeOptions())

    assert isinstance(item, CallRecord), item
    content = json.loads(item.content)
    assert content["properties"] == {
        name: each if isinstance(each, str) else as_text(each)
        for name, each in value["properties"].items()
        if each is not None
    }
    assert content["associations"] == [
        each | {"to": {"id": str(each["to"]["id"])}}
        for each in value.get("associations") or ()
    ]


@given(_number)
def test_numbers_keep_their_value(number):
    """Every digit of an integer, every bit of a double."""
    assert type(number)(as_text(number)) == number


@given(_nearly, OPTIONS)
def test_the_close_look_agrees_with_the_fast_way(value, options):
    """A field without a place changes the way a line is read, not what comes of it."""
    if "record" in value:
        del value["record"]
    plain = decode(json.dumps(value).encode(), options)
    extra = decode(json.dumps(value | {"x": 1}).encode(), options)

    assert type(plain) is type(extra)
    if isinstance(plain, CallRecord):
        assert plain.content == extra.content
        assert plain.named == extra.named
    else:
        assert (plain.reason, plain.message) == (extra.reason, extra.message)


@given(_good, OPTIONS)
def test_a_row_gives_what_its_record_gives(value, options):
    """As an object and as text, under the same ID."""
    plain = decode(json.dumps(value).encode(), options)
    for record in (value, json.dumps(value)):
        row = decode(json.dumps({"line": 1, "record": record}).encode(), options)
        assert type(row) is type(plain)
        if isinstance(plain, CallRecord):
            assert row.content == plain.content


#: values as they are written in a line, and others that cannot be sent
_fine = st.sampled_from(
    ["1", "-0", "1.50", "1e2", "true", "null", '""', '"x"', r'"\u0061"', '"\u2028"']
)
_poor = st.sampled_from(
    ["{}", "[1]", '{"a":1,"a":2}', "1e999", "NaN", r'"\ud800"', "é"]
)
_written_names = st.sampled_from(
    ['"hs_timestamp"', r'"hs_time\u0073tamp"', '"k"', '"t"', '"x"']
)
_pairs = st.lists(st.tuples(_written_names, _fine | _fine | _poor), max_size=4)
_target = '{"to":{"id":1,"id":"2"},"types":[{"associationCategory":"WORK",'
_target += '"associationTypeId":1}]}'
_fields = [("properties", "{}"), ("properties", "7"), ("associations", "[1]")]
_fields += [("associations", "null"), ("associations", f"[{_target}]"), ("y", "{}")]
_fields += [("objectWriteTraceId", '"a"'), ("objectWriteTraceId", "7")]


@st.composite
def _repeating(draw: st.DrawFn) -> bytes:
    """Draw a line in which names repeat, good values more often behind poor ones."""
    pairs = [*draw(_pairs), ('"hs_timestamp"', '"1"')]
    pairs += draw(st.sampled_from([[], [('"x"', "1"), ('"k"', "2")]]))
    good = "{" + ",".join(f"{name}:{value}" for name, value in pairs) + "}"
    fields = draw(st.lists(st.sampled_from(_fields), max_size=3))
    fields += draw(st.sampled_from([[], [("properties", good)]]))
    fields += draw(st.sampled_from([[], [("objectWriteTraceId", '"B 1"')]]))
    fields += [("properties", good)] if not fields else []
    return (
        "{" + ",".join(f'"{name}":{value}' for name, value in fields) + "}"
    ).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


@settings(max_examples=250)
@given(st.binary(max_size=20) | _repeating() | _repeating(), OPTIONS)
def test_a_line_among_others_is_sent_as_another_parser_reads_it_or_told(raw, options):
    """Its neighbours are what they are; of names that repeat the last is meant."""
    before, line = a_line(1, k="1"), raw.replace(b"\n", b"") + b"\n"
    source = before + line + a_line(3, k="3")
    reader = LineReader(io.BytesIO(source), Decoder("a", options), max_line_bytes=9999)
    items = [*reader.chunk(), *reader.chunk()]

    assert [(each.line, each.size) for each in items] == [
        (1, len(before)), (2, len(line)), (3, len(before))
    ]  # fmt: skip
    records = [each for each in items if isinstance(each, CallRecord)]
    assert [each.line for each in records if each.line != 2] == [1, 3]
    body = json.loads(
        create_body(records, options.trace_property), object_pairs_hook=_once
    )
    assert len(body["inputs"]) == len(records)
    if len(records) < 3:
        return
    given, sent = json.loads(line), body["inputs"][1]
    values = given["properties"]
    properties = {
        name: value if isinstance(value, str) else as_text(value)
        for name, value in values.items()
        if value is not None
    }
    if options.trace_property is not None:
        properties[options.trace_property] = records[1].trace_id
    linked = [json.loads(_target)] if given.get("associations") else []
    assert sent == {
        "objectWriteTraceId": records[1].trace_id,
        "associations": linked,
        "properties": properties,
    }
    assert given.get("objectWriteTraceId") in (None, records[1].trace_id)


@given(_json | st.binary() | st.text() | st.floats())
def test_whatever_a_program_gives_is_one_line(record):
    """The same line each time, since a second run checks its digest."""
    line = written(record)

    assert line.raw.endswith(b"\n")
    assert line.raw.count(b"\n") == 1
    assert written(record).raw == line.raw
