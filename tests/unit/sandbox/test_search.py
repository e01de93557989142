"""Live calls are searched by the values of their properties."""

from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Desk, Reply, an_input

OpenDesk = Callable[..., Desk]


def search(desk: Desk, *filters: dict[str, Any], **more: Any) -> Reply:
    """Ask for calls that fit all filters, and let a second pass."""
    desk.clock.now += 1
    groups = [{"filters": filters}] if filters else []
    properties = ["hs_call_title"]
    body = {"filterGroups": groups, "properties": properties, **more}
    return desk.send(Endpoint.SEARCH, body)


def titles(reply: Reply) -> list[str | None]:
    """List the titles of what was found."""
    return [each["properties"]["hs_call_title"] for each in reply.results]


def where(operator: str, **more: Any) -> dict[str, Any]:
    """Return a filter on titles."""
    return {"propertyName": "hs_call_title", "operator": operator, **more}


@pytest.fixture
def found(desk: Desk) -> Desk:
    """Give a portal with three calls, one of them without a title."""
    desk.create(
        an_input("a", hs_call_title="Alpha"),
        an_input("b", hs_call_title="beta"),
        an_input("c"),
    )
    return desk


@pytest.mark.parametrize(
    ("operator", "more", "expected"),
    [
        ("EQ", {"value": "beta"}, ["beta"]),
        ("EQ", {"value": "gamma"}, []),
        ("NEQ", {"value": "beta"}, ["Alpha"]),
        ("IN", {"values": ["alpha", "beta"]}, ["Alpha", "beta"]),
        ("IN", {"values": ["Alpha"]}, []),
        ("NOT_IN", {"values": ["alpha"]}, ["beta"]),
        ("HAS_PROPERTY", {}, ["Alpha", "beta"]),
        ("NOT_HAS_PROPERTY", {}, [None]),
    ],
)
def test_operators(
    found: Desk, operator: str, more: dict[str, Any], expected: list[str | None]
) -> None:
    """Each operator finds what it says; lists are in lower case."""
    assert titles(search(found, where(operator, **more))) == expected


def test_groups(found: Desk) -> None:
    """A call is found when it fits all filters of any group."""
    first = {"filters": [where("EQ", value="Alpha")]}
    second = {"filters": [where("HAS_PROPERTY"), where("EQ", value="beta")]}

    reply = search(found, filterGroups=[first, second])

    assert titles(reply) == ["Alpha", "beta"]


def test_pages(found: Desk) -> None:
    """Pages follow each other by the mark of the one before."""
    first = search(found, limit=2)
    mark = first.body["paging"]["next"]["after"]

    second = search(found, limit=2, after=mark)

    assert first.body["total"] == second.body["total"] == 3
    assert titles(first) + titles(second) == ["Alpha", "beta", None]
    assert "paging" not in second.body


def test_sort(found: Desk) -> None:
    """Results are sorted by the first order, as text."""
    order = [{"propertyName": "hs_call_title", "direction": "DESCENDING"}]

    assert titles(search(found, sorts=order)) == ["beta", "Alpha", None]


def test_archived(found: Desk) -> None:
    """Archived calls are not found."""
    found.archive(found.read("60000000001").results[0]["id"])

    assert search(found).body["total"] == 2


def test_lag(open_desk: OpenDesk) -> None:
    """The index knows new calls only after a while."""
    desk = open_desk(Scenario(search_lag_s=10))
    desk.create(an_input("a"))

    early = search(desk).body["total"]
    desk.clock.now += 9

    assert (early, search(desk).body["total"]) == (0, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"after": "x"},
        {"after": "9990", "limit": 11},
        {"filterGroups": [{"filters": [where("HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [where("HAS_PROPERTY")]}] * 6},
        {"filterGroups": [{"filters": [where("HAS_PROPERTY")] * 4}] * 5},
        {"filterGroups": [{"filters": [where("IN", values=["x" * 3000])]}]},
        {"filterGroups": [{"filters": [where("LIKE")]}]},
    ],
)
def test_limits(desk: Desk, body: dict[str, Any]) -> None:
    """A search beyond the published limits is refused."""
    assert desk.send(Endpoint.SEARCH, body).status == 400
