"""Who is named by what: the finer points of proof per item."""

import msgspec
import orjson
import pytest

from loader.hubspot.verdict import RawAnswer, judge_create
from loader.model.verdict import Doubt, ErrorKind, ItemCreated, ItemError, Proof
from tests.conftest import records

TRACE = "loader_trace_id"
JSON = {"content-type": "application/json", "x-hubspot-correlation-id": "exchange"}
SENT = records(3)
IDS = [record.trace_id for record in SENT]


def judged(results, errors=(), trace_property=TRACE, sent=SENT):
    """Judge a complete answer."""
    body = {"status": "COMPLETE", "results": results, "errors": list(errors)}
    raw = RawAnswer(207, JSON, orjson.dumps(body))
    return judge_create(raw, sent, trace_property)


@pytest.mark.parametrize(
    "element",
    [
        {"id": "1"},
        {"id": "1", "properties": None},
        {"id": "1", "properties": {}},
        {"id": "1", "properties": {TRACE: None}},
        {"id": "1", "properties": {TRACE: ""}},
        {"id": "1", "properties": {TRACE: 5}},
        {"id": "1", "objectWriteTraceId": None},
        {"id": "1", "objectWriteTraceId": ""},
        {"objectWriteTraceId": IDS[0]},
        {"id": "", "objectWriteTraceId": IDS[0]},
        {"id": None, "properties": {TRACE: IDS[0]}},
    ],
)
def test_an_element_without_name_or_object_proves_nothing(element):
    """Its neighbours settle all the same."""
    good = {"id": "2", "properties": {TRACE: IDS[1]}}

    assert judged([element, good]) == Proof({1: ItemCreated("2")})


@pytest.mark.parametrize("status", [100, 202, 203, 204, 206, 208, 226, 300, 500, 524])
def test_a_complete_answer_under_any_other_status_is_in_doubt(status):
    """Only 200, 201 and 207 are answers to a batch, however good the body looks."""
    body = {
        "status": "COMPLETE",
        "results": [{"id": "1", "objectWriteTraceId": IDS[0]}],
    }

    assert judge_create(RawAnswer(status, JSON, orjson.dumps(body)), SENT, TRACE) == (
        Doubt(f"HTTP {status}")
    )


@pytest.mark.parametrize(
    "headers", [{}, {"content-type": "text/html"}, {"content-type": "text/plain"}]
)
def test_a_complete_answer_that_does_not_say_it_is_json_is_in_doubt(headers):
    """Something between us and the portal wrote it."""
    body = {
        "status": "COMPLETE",
        "results": [{"id": "1", "objectWriteTraceId": IDS[0]}],
    }
    raw = RawAnswer(201, headers, orjson.dumps(body))

    assert judge_create(raw, SENT, TRACE) == Doubt("HTTP 201 without a JSON body")


def test_in_key_mode_equal_properties_prove_nothing():
    """The trace property is ours to come back; without it there is a way to ask."""
    properties = orjson.loads(SENT[0].content)["properties"]

    assert judged([{"id": "1", "properties": properties}]) == Proof({})


def test_an_echo_is_enough_where_the_property_does_not_come_back():
    """And the property where the echo does not."""
    results = [
        {"id": "1", "objectWriteTraceId": IDS[0], "properties": {"x": "y"}},
        {"id": "2", "objectWriteTraceId": "", "properties": {TRACE: IDS[1]}},
    ]

    assert judged(results) == Proof({0: ItemCreated("1"), 1: ItemCreated("2")})


def test_one_object_twice_is_a_contradiction_also_without_names():
    """Two results that are one object cannot be two records."""
    verdict = judged([{"id": "1"}, {"id": 1}], trace_property=None)

    assert isinstance(verdict, Doubt)
    assert verdict.alarm


def test_an_error_that_names_several_is_each_ones():
    """An array of IDs is documented."""
    verdict = judged(
        [], [{"category": "V", "context": {"objectWriteTraceId": IDS[:2]}}]
    )

    assert isinstance(verdict, Proof)
    assert set(verdict.items) == {0, 1}


def test_an_error_without_correlation_id_takes_that_of_the_exchange():
    """The documented example of an item's error has none."""
    verdict = judged([], [{"context": {"objectWriteTraceId": IDS[:1]}}])

    error = ItemError(ErrorKind.INVALID, "UNKNOWN", "", "exchange")
    assert verdict == Proof({0: error})


def test_a_clash_goes_before_a_passing_trouble():
    """Asking settles a clash; sending again would only meet it again."""
    error = {
        "category": "INTERNAL_ERROR",
        "message": "12 already has that value.",
        "context": {"objectWriteTraceId": IDS[:1]},
    }
    verdict = judged([], [error])

    assert isinstance(verdict, Proof)
    item = verdict.items[0]
    assert isinstance(item, ItemError)
    assert (item.kind, item.existing_id) == (ErrorKind.CLASH, "12")


def test_names_and_likeness_go_together_where_nothing_is_echoed():
    """An error names one of two equals; the nameless result is the other."""
    twin = msgspec.structs.replace(SENT[0], trace_id="twin")
    properties = orjson.loads(SENT[0].content)["properties"]

    verdict = judged(
        [{"id": "1", "properties": properties}],
        [{"category": "V", "context": {"objectWriteTraceId": ["twin"]}}],
        trace_property=None,
        sent=[SENT[0], twin],
    )

    assert isinstance(verdict, Proof)
    assert verdict.items[0] == ItemCreated("1")
    assert isinstance(verdict.items[1], ItemError)
