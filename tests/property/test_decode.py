"""Any bytes: a record, a reason, or a blank line; never an exception."""

import json
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from loader.model.record import CallRecord, Malformed
from loader.source import reasons
from loader.source.decode import DecodeOptions, Decoder, as_text
from loader.source.identity import is_usable
from loader.source.writing import written

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


@given(_json | st.binary() | st.text() | st.floats())
def test_whatever_a_program_gives_is_one_line(record):
    """The same line each time, since a second run checks its digest."""
    line = written(record)

    assert line.raw.endswith(b"\n")
    assert line.raw.count(b"\n") == 1
    assert written(record).raw == line.raw
