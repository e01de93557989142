"""What answers say of calls that are asked for, or archived, by their object ID."""

import json
from datetime import timedelta
from typing import Any

import pytest

from loader.hubspot import objects
from loader.hubspot.linked import Kind, Linked, judge_labels, judge_links, links_body
from loader.hubspot.objects import Archived, CallElement, Shown
from loader.hubspot.raw import RawAnswer
from loader.model.verdict import Failed, Halt, Unclear, Wait

JSON = {"content-type": "application/json"}
ABSENT = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "no"}


def answer(status: int, body: Any = None, **headers: str) -> RawAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawAnswer(status, JSON | headers, content)


def batch(*results: Any, errors: Any = None, **more: Any) -> dict[str, Any]:
    told = {} if errors is None else {"errors": errors, "numErrors": len(errors)}
    return {"status": "COMPLETE", "results": list(results), **told, **more}


def named(*ids: str) -> dict[str, Any]:
    return ABSENT | {"context": {"ids": list(ids)}}


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (answer(200, batch({"id": "1"}, {"id": 2})), {"1", "2"}),
        (answer(207, batch({"id": "1"}, errors=[named("2")])), {"1"}),
        (answer(200, batch({"id": "1"})), {"1"}),
        (answer(207, batch(errors=[named("1", "2")])), set()),
        (answer(200, batch()), set()),
    ],
)
def test_calls_that_are_there(told: RawAnswer, found: set[str]):
    """What is not among the results is not there, if nothing else explains it."""
    verdict = objects.judge_shown(told, ["1", "2"], archived=False)

    assert isinstance(verdict, Shown)
    assert verdict.calls.keys() == found


@pytest.mark.parametrize(
    "told",
    [
        answer(200, batch({"id": "3"})),
        answer(200, batch({"id": "1"}, {"id": "1"})),
        answer(200, batch({"id": "1"}) | {"status": "PENDING"}),
        answer(200, b'{"status":"COMPLETE","results":['),
        answer(200, b'{"status":"COMPLETE","results":[],"results":[]}'),
        answer(200, batch({"nothing": "1"})),
        answer(200, batch(), **{"content-type": "text/html"}),
        answer(207, batch({"id": "1"}, errors=[{"category": "INTERNAL_ERROR"}])),
        answer(207, batch({"id": "1"}, errors=[named("2"), "odd"])),
        answer(207, batch({"id": "1"}, numErrors=1)),
        answer(500, {"category": "X"}),
        answer(423, {"category": "X"}),
        answer(202, batch()),
    ],
)
def test_an_answer_that_proves_nothing_is_asked_for_again(told: RawAnswer):
    """A call is never called missing because of it."""
    assert isinstance(objects.judge_shown(told, ["1", "2"], archived=False), Failed)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (answer(207, batch()), Unclear),
        (answer(400, {"category": "VALIDATION_ERROR", "message": "x"}), Unclear),
        (answer(404, ABSENT), Unclear),
        (answer(429, {}), Wait),
        (answer(401, {}), Halt),
        (answer(403, {"category": "MISSING_SCOPES", "message": "x"}), Halt),
    ],
)
def test_a_batch_that_is_refused_is_asked_for_in_parts_later_or_not_at_all(
    told: RawAnswer, kind: type
):
    """One bad ID does not keep the others from being read."""
    assert isinstance(objects.judge_shown(told, ["1", "2"], archived=False), kind)


def test_one_call_that_is_not_found_alone_is_not_there():
    """A 404 for a single call says so; that it is archived, only 204 says."""
    assert objects.judge_shown(answer(404, ABSENT), ["1"], archived=False) == Shown()
    assert isinstance(objects.judge_archived(answer(404, ABSENT), ["1"]), Failed)


def test_a_call_that_is_archived_is_not_among_the_live_ones():
    """A portal may not heed what was asked for, and show it all the same."""
    told = answer(200, batch({"id": "1", "archived": True}, {"id": "2"}))

    live = objects.judge_shown(told, ["1", "2"], archived=False)
    archived = objects.judge_shown(told, ["1", "2"], archived=True)

    assert isinstance(live, Shown)
    assert isinstance(archived, Shown)
    assert set(live.calls) == {"2"}
    assert set(archived.calls) == {"1", "2"}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (answer(204), Archived),
        (answer(200, batch()), Failed),
        (answer(202), Failed),
        (answer(500, b"<html>"), Failed),
        (answer(400, {"category": "VALIDATION_ERROR", "message": "x"}), Unclear),
        (answer(404, ABSENT), Unclear),
        (answer(404, b"<html>"), Halt),
        (answer(429, {}), Wait),
        (answer(403, {"category": "MISSING_SCOPES", "message": "x"}), Halt),
    ],
)
def test_only_204_proves_that_calls_are_archived(told: RawAnswer, kind: type):
    """Whatever else comes is asked for again, in parts, or ends it."""
    assert isinstance(objects.judge_archived(told, ["1", "2"]), kind)


@pytest.mark.parametrize(
    ("created", "updated", "changed"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:59.9Z", False),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:01:00.1Z", True),
        ("2026-01-01T00:00:00Z", None, True),
        ("soon", "2026-01-01T00:00:00Z", True),
        ("2026-01-01", "2026-01-01T00:00:00Z", True),
    ],
)
def test_a_call_changed_if_it_was_updated_later_than_made(
    created: str, updated: str | None, changed: bool
):
    """The portal's own first touches do not count; what it does not say may be."""
    call = CallElement("1", createdAt=created, updatedAt=updated)

    assert call.changed_by(timedelta(seconds=60)) is changed


CONTACT = {"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}


def link(call: str, *to: str, after: str | None = None) -> dict[str, Any]:
    paging = {} if after is None else {"paging": {"next": {"after": after}}}
    targets = [{"toObjectId": int(each), "associationTypes": [CONTACT]} for each in to]
    return {"from": {"id": call}, "to": targets, **paging}


def test_associations_by_call_and_record_and_where_there_is_more():
    """A call without any is an error that says so, and has none."""
    nothing = ABSENT | {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
    told = answer(207, batch(link("1", "7", "8", after="x"), errors=[nothing]))

    verdict = judge_links(told, ["1", "2"], "contacts")

    kinds = frozenset({Kind("HUBSPOT_DEFINED", 194)})
    assert verdict == Linked({"1": {"7": kinds, "8": kinds}}, {"1": "x"})
    assert links_body(["1", "2"], {"1": "x"}) == {
        "inputs": [{"id": "1", "after": "x"}, {"id": "2"}]
    }


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (answer(200, batch(link("3", "7"))), Failed),
        (answer(200, batch(link("1", "7"), link("1", "7"))), Failed),
        (answer(207, batch(errors=[{"category": "INTERNAL_ERROR"}])), Failed),
        (answer(200, batch() | {"status": "PENDING"}), Failed),
        (answer(503, {}), Failed),
        (answer(400, {"category": "VALIDATION_ERROR", "message": "x"}), Unclear),
        (answer(429, {}), Wait),
        (answer(403, {"category": "MISSING_SCOPES", "message": "x"}), Halt),
    ],
)
def test_associations_that_an_answer_does_not_tell(told: RawAnswer, kind: type):
    """No association is called missing because of it."""
    assert isinstance(judge_links(told, ["1", "2"], "contacts"), kind)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (answer(200, {"results": [CONTACT]}), {Kind("HUBSPOT_DEFINED", 194)}),
        (answer(400, {}), frozenset()),
        (answer(404, b"<html>"), frozenset()),
    ],
)
def test_types_of_association_are_listed_where_there_are_any(
    told: RawAnswer, expected: Any
):
    """An account need not have every object."""
    assert judge_labels(told) == expected


@pytest.mark.parametrize(
    ("told", "kind"),
    [(answer(200, b"{"), Failed), (answer(500, {}), Failed), (answer(429, {}), Wait)],
)
def test_a_list_of_types_that_does_not_come(told: RawAnswer, kind: type):
    """It is asked for again."""
    assert isinstance(judge_labels(told), kind)
