"""A decoder for lines that are looked at refuses what the other one refuses."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.model.record import Blank, CallRecord, Malformed, SeenRecord
from loader.source.decode import DecodeOptions, Decoder
from loader.source.sight import SeeingDecoder
from tests.conftest import a_line, call
from tests.corpora.bad_json import JSON
from tests.corpora.bad_values import VALUES
from tests.corpora.good_lines import GOOD
from tests.corpora.lines import TRACE


def both(raw: bytes, key: str | None = None) -> tuple[Any, Any]:
    """Decode a line for sending, and for looking."""
    options = DecodeOptions(key=key, trace_property=TRACE)
    decoders = Decoder("abc", options), SeeingDecoder("abc", options)
    sent, seen = (each.decode(raw, line=3, offset=7) for each in decoders)
    return sent, seen


def agree(sent: Any, seen: Any) -> None:
    """Check that both say the same of a line."""
    if isinstance(sent, CallRecord):
        assert isinstance(seen, SeenRecord)
        content = json.loads(sent.content)
        assert content["properties"] == seen.properties
        assert len(content["associations"]) == len(seen.associations)
        assert (sent.line, sent.offset, sent.raw, sent.named) == (
            seen.line, seen.offset, seen.raw, seen.named,
        )  # fmt: skip
        if sent.named:
            assert (sent.trace_id, sent.content) == (seen.trace_id, seen.content)
    elif isinstance(sent, Malformed):
        nameless = msgspec.structs.replace(sent, trace_id=seen.trace_id)
        assert nameless == seen
    else:
        assert isinstance(sent, Blank)
        assert sent == seen


@pytest.mark.parametrize("line", [*JSON, *VALUES, *GOOD], ids=str)
def test_every_line_of_the_tables_fares_the_same(line: Any):
    """Bad ones with the same words, odd ones with the same values."""
    agree(*both(line.line + b"\n", getattr(line, "key", None)))


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["properties", "hs_timestamp", "associations", "to", "id"]),
        inner,
    ),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_line_fares_the_same(raw: bytes):
    """Whatever a file holds."""
    agree(*both(raw))


def test_what_only_sending_needs_is_left_out():
    """No ID is derived and nothing encoded, unless an ID may come twice."""
    _, seen = both(a_line(1))
    _, named = both(json.dumps(call(1) | {"objectWriteTraceId": "x"}).encode())

    assert (seen.trace_id, seen.content) == ("", b"")
    assert named.trace_id == "x"
    assert named.content.startswith(b'{"associations"')
