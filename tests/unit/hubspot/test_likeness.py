"""Results without a name: what is surely a record, and what only looks like one."""

import orjson
import pytest

from loader.hubspot.answers import parse_answer
from loader.hubspot.likeness import instant, recognise


def content(properties, contact=""):
    """Return a record's content."""
    to = [{"to": {"id": contact}, "types": []}] if contact else []
    return orjson.dumps({"associations": to, "properties": properties})


def recognised(sent, results):
    """Match results, given as properties, with contents; object IDs count from 100."""
    waiting = {}
    for position, each in enumerate(sent):
        waiting.setdefault(each, []).append(position)
    elements = [
        {"id": str(100 + number), "properties": properties}
        for number, properties in enumerate(results)
    ]
    body = orjson.dumps({"status": "COMPLETE", "results": elements})
    return dict(recognise(waiting, parse_answer(body).results))


A = {"hs_timestamp": "1700000000000", "hs_call_title": "a"}
B = {"hs_timestamp": "1700000000000", "hs_call_title": "b"}
#: what the portal adds by itself
EXTRA = {"hs_object_id": "9", "hs_createdate": "2026-11-24T10:00:00Z", "x": None}


def test_results_are_recognised_in_any_order():
    """The portal's own properties do not matter."""
    found = recognised([content(A), content(B)], [B | EXTRA, A | EXTRA])

    assert found == {0: "101", 1: "100"}


@pytest.mark.parametrize(
    "time",
    [
        "1700000000000",
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20.000Z",
        "2023-11-14T22:13:20",
        "2023-11-14T23:13:20+01:00",
    ],
)
def test_a_time_is_the_same_in_every_form(time):
    """HubSpot takes milliseconds and gives ISO 8601."""
    assert recognised([content(A)], [A | {"hs_timestamp": time}]) == {0: "100"}
    assert recognised([content(A | {"hs_timestamp": time})], [A]) == {0: "100"}


@pytest.mark.parametrize(
    "changed",
    [
        {"hs_timestamp": "1700000000001"},
        {"hs_timestamp": "soon"},
        {"hs_timestamp": None},
        {"hs_timestamp": 1700000000000},
        {"hs_call_title": "A"},
        {"hs_call_title": "a "},
        {"hs_call_title": ""},
        {"hs_call_title": None},
        {"hs_call_title": ["a"]},
    ],
)
def test_one_property_that_differs_proves_nothing(changed):
    """Nearly equal is not equal."""
    assert recognised([content(A)], [A | changed]) == {}


def test_a_value_that_was_sent_empty_may_come_back_as_none():
    """Empty is how HubSpot writes "no value"."""
    sent = content(A | {"hs_call_body": ""})

    assert recognised([sent], [A]) == {0: "100"}
    assert recognised([sent], [A | {"hs_call_body": ""}]) == {0: "100"}
    assert recognised([sent], [A | {"hs_call_body": "x"}]) == {}


def test_a_result_with_more_than_was_sent_is_not_the_shorter_record():
    """The longer record came back trimmed; the shorter one was passed over."""
    shorter, longer = content(A), content(A | {"hs_call_body": "text "})

    assert recognised([shorter, longer], [A | {"hs_call_body": "text"}]) == {}


@pytest.mark.parametrize("body", [None, "text", "default"])
def test_a_record_and_a_longer_one_are_not_told_apart(body):
    """The portal may have left the property out, or filled it in."""
    shorter, longer = content(A), content(A | {"hs_call_body": "text"})

    assert recognised([shorter, longer], [A | {"hs_call_body": body}]) == {}


def test_a_longer_record_beside_one_that_differs_is_recognised():
    """What only others sent came back empty for each."""
    sent = [content(A | {"x": "1"}), content(B | {"y": "2"})]
    results = [B | {"y": "2", "x": None}, A | {"x": "1", "y": ""}]

    assert recognised(sent, results) == {0: "101", 1: "100"}


def test_a_result_without_properties_proves_nothing_and_harms_nobody():
    """It may be anything."""
    assert recognised([content(A), content(B)], [{}, B]) == {1: "101"}


@pytest.mark.parametrize(
    ("one", "two"),
    [("x", "x "), ("x y", "x  y"), ("x", "X"), ("60000", "60000.0"), ("7", "+7")],
)
def test_records_that_a_portal_may_make_equal_are_not_told_apart(one, two):
    """Whichever came back, it may have been the other."""
    sent = [content(A | {"n": one}), content(A | {"n": two})]

    assert recognised(sent, [A | {"n": one}, A | {"n": one}]) == {}
    assert recognised(sent, [A | {"n": one}]) == {}


def test_what_a_portal_gives_all_results_tells_nobody_apart():
    """The only result may be the second record, with x filled in for all."""
    sent = [content(A | {"x": "b"}), content(A | {"x": "a"})]

    assert recognised(sent, [A | {"x": "b"}]) == {}
    assert recognised(sent, [A | {"x": "a"}, A | {"x": "a"}]) == {}
    assert recognised(sent, [A | {"x": "a"}, A | {"x": "b"}]) == {0: "101", 1: "100"}


def test_a_property_that_all_records_were_sent_with_is_compared():
    """It is theirs, and one that came back otherwise is another's."""
    sent = [content(A | {"x": "b"}), content(B | {"x": "b"})]

    assert recognised(sent, [B | {"x": "b"}, A | {"x": "b"}]) == {0: "101", 1: "100"}
    assert recognised(sent, [B | {"x": "c"}, A | {"x": "c"}]) == {}


def test_records_that_differ_in_associations_only_are_not_told_apart():
    """No answer shows associations."""
    sent = [content(A, "1"), content(A, "2"), content(B)]

    assert recognised(sent, [A, A, B]) == {2: "102"}


def test_identical_records_are_interchangeable():
    """As many are proved as results came, and it does not matter which."""
    sent = [content(A), content(A), content(A)]

    assert recognised(sent, [A, A, A]) == {0: "100", 1: "101", 2: "102"}
    assert len(recognised(sent, [A])) == 1


def test_more_results_than_records_prove_nothing_of_them():
    """One of them is somebody else's, and nobody knows which."""
    assert recognised([content(A), content(B)], [A, A, B]) == {1: "102"}


def test_a_likeness_that_is_not_exact_counts_against_the_group():
    """Two results for one record: the loose one may be its own."""
    assert recognised([content(A)], [A, A | {"hs_call_title": "A"}]) == {}


def test_nothing_is_asked_of_contents_without_results():
    """Where everything has a name, contents are not even read."""
    assert dict(recognise({b"not json": [0]}, [])) == {}


@pytest.mark.parametrize(
    "text", ["", "x", "-5", "1" * 16, "2023-13-01", "٣", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_time_has_no_instant(text):
    """Or one before the calendar begins."""
    found = instant(text)

    assert found is None or found < 0
