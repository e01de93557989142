"""Calls are read by ID or unique value, live or archived, and archived."""

from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from tests.unit.sandbox.desk import KEY, Clock, Desk, an_input, keyed

OpenDesk = Callable[..., Desk]


def test_read_by_id(desk: Desk) -> None:
    """A call is read by its ID, with the properties asked for; unset ones are null."""
    (made,) = desk.create(an_input("a", hs_call_title="T", hs_call_body="B")).results

    reply = desk.read(made["id"], properties=["hs_call_title", "hs_call_status", "no"])

    assert reply.status == 200
    (result,) = reply.results
    assert result["properties"] == {
        "hs_createdate": made["createdAt"],
        "hs_lastmodifieddate": made["createdAt"],
        "hs_object_id": made["id"],
        "hs_call_title": "T",
        "hs_call_status": None,
    }


def test_read_by_unique_value(open_desk: OpenDesk) -> None:
    """A call is read by a unique value; what is missing is an error that names it."""
    desk = open_desk(Scenario(installed=(KEY,)))
    desk.create(keyed("a"), keyed("b"))

    reply = desk.read("a", "x", "b", "y", by=KEY, properties=[KEY])

    assert reply.status == 207
    assert {each["properties"][KEY] for each in reply.results} == {"a", "b"}
    (error,) = reply.errors
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["context"] == {"ids": ["x", "y"]}
    assert reply.body["numErrors"] == 1


@pytest.mark.parametrize(
    ("how", "status", "results"), [("omit", 200, 1), ("empty", 207, 0)]
)
def test_missing(open_desk: OpenDesk, how: Any, status: int, results: int) -> None:
    """A scenario leaves missing calls out, or empties the answer because of them."""
    desk = open_desk(Scenario(installed=(KEY,), read_missing=how))
    desk.create(keyed("a"))

    reply = desk.read("a", "x", by=KEY)

    assert (reply.status, len(reply.results)) == (status, results)
    assert "errors" not in reply.body


@pytest.mark.parametrize("name", ["hs_object_id", "hs_call_title", "nonsense"])
def test_property_that_is_not_unique(desk: Desk, name: str) -> None:
    """Reading by a property that is not unique is refused."""
    reply = desk.read("a", by=name)

    assert reply.status == 400
    assert reply.body["message"] == (
        f"Unable to perform read by non-unique 0-48 property {name} "
        f"in portal ID {desk.portal.portal_id}"
    )


@pytest.mark.parametrize("odd", ["x", "-1", "1" * 30, "\u0661"])
def test_impossible_id(desk: Desk, odd: str) -> None:
    """An ID that no call can have is simply missing."""
    assert desk.read(odd).errors[0]["context"] == {"ids": [odd]}


def test_archive(open_desk: OpenDesk) -> None:
    """An archived call is seen among the archived only."""
    desk = open_desk(Scenario(installed=(KEY,)))
    (made,) = desk.create(keyed("a")).results
    desk.clock.now += 60

    reply = desk.archive(made["id"], "999", "x")

    assert (reply.status, reply.body) == (204, b"")
    assert desk.read(made["id"]).results == []
    assert desk.read("a", by=KEY).results == []
    (archived,) = desk.read("a", by=KEY, archived=True).results
    assert archived["id"] == made["id"]
    assert archived["archived"] is True
    assert archived["archivedAt"] == archived["updatedAt"] > made["createdAt"]


def test_archive_frees_unique_values(open_desk: OpenDesk) -> None:
    """A unique value can be taken again when its call is archived."""
    desk = open_desk(Scenario(installed=(KEY,)))
    (first,) = desk.create(keyed("a")).results
    desk.archive(first["id"])

    (second,) = desk.create(keyed("a")).results

    assert desk.read("a", by=KEY).results[0]["id"] == second["id"]
    assert desk.read("a", by=KEY, archived=True).results[0]["id"] == first["id"]
    assert desk.audit().by_value == {KEY: {"a": 2}}


def test_archive_again(desk: Desk) -> None:
    """Archiving an archived call changes nothing."""
    (made,) = desk.create(an_input("a")).results
    desk.archive(made["id"])
    before = desk.read(made["id"], archived=True).results
    desk.clock.now += 60

    desk.archive(made["id"])

    assert desk.read(made["id"], archived=True).results == before


@pytest.mark.parametrize("action", ["read", "archive"])
def test_no_inputs(desk: Desk, action: str) -> None:
    """A batch without inputs is refused."""
    reply = getattr(desk, action)()

    assert reply.status == 400
    assert reply.body["message"] == (
        "Batch input provided should have at least one object."
    )


def test_read_lag(open_desk: OpenDesk) -> None:
    """A scenario hides new calls from batch/read for a while."""
    clock = Clock()
    desk = open_desk(Scenario(read_lag_ms=500), clock=clock)
    (made,) = desk.create(an_input("a")).results

    clock.now += 0.499
    early = desk.read(made["id"])
    clock.now += 0.001
    late = desk.read(made["id"])

    assert (early.results, len(late.results)) == ([], 1)
