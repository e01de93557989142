"""No answer whatever proves what it does not name, and none raises."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from loader.hubspot.verdict import RawAnswer, judge_create, judge_read
from loader.model.verdict import Doubt, ItemCreated, Proof
from tests.conftest import records

SENT = records(6)
TRACE = "loader_trace_id"
JSON = {"content-type": "application/json"}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "results", "errors", "status", "context", "properties", TRACE,
                 "objectWriteTraceId", "category", "message"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.integers(100, 599), st.binary(max_size=60) | VALUES.map(orjson.dumps))
def test_any_answer_has_a_verdict(status: int, body: bytes):
    """Judging never raises, and noise creates nothing."""
    verdict = judge_create(RawAnswer(status, JSON, body), SENT, TRACE)
    judge_read(RawAnswer(status, JSON, body), ["a", "b"], TRACE)

    if isinstance(verdict, Proof):
        assert not any(isinstance(i, ItemCreated) for i in verdict.items.values())


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[int], list[dict[str, Any]]]:
    """Draw which records the portal made, and an answer that may lie by omission."""
    named = draw(st.lists(st.integers(0, 5), max_size=8))
    results = [
        {"id": str(100 + n), "properties": {TRACE: SENT[n].trace_id}} for n in named
    ]
    if draw(st.booleans()):
        results.append({"id": "999", "properties": {TRACE: "foreign"}})
        named.append(-1)
    return named, draw(st.permutations(results))


@given(answers())
def test_only_named_records_are_created_and_under_their_own_object(drawn):
    """Permuted, omitted, repeated or foreign results never give a false creation."""
    named, results = drawn
    body = orjson.dumps({"status": "COMPLETE", "results": results})
    verdict = judge_create(RawAnswer(207, JSON, body), SENT, TRACE)

    if len(set(named)) < len(named) or -1 in named:
        assert isinstance(verdict, Doubt)
    else:
        assert verdict == Proof({n: ItemCreated(str(100 + n)) for n in named})
