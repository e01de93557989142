"""Owners are listed page by page, and calls assigned to them only."""

from collections.abc import Callable

import pytest

from loader.sandbox import Scenario
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Desk, an_input

OpenDesk = Callable[..., Desk]
OWNERS = Scenario(owners=tuple(map(str, range(1, 206))), archived_owners=("900", "901"))


def ids(desk: Desk, **query: str) -> list[str]:
    """Follow the pages to their end."""
    found: list[str] = []
    while True:
        page = desk.send(Endpoint.OWNERS, query=query).body
        found += [each["id"] for each in page["results"]]
        if "paging" not in page:
            return found
        query["after"] = page["paging"]["next"]["after"]


@pytest.mark.parametrize("query", [{}, {"limit": "7"}, {"limit": "5000"}])
def test_pages_lead_to_every_owner_once(open_desk: OpenDesk, query: dict[str, str]):
    """Whatever the size of a page, which is a hundred at most."""
    desk = open_desk(OWNERS)

    assert ids(desk, **query) == list(OWNERS.owners)
    first = desk.send(Endpoint.OWNERS, query=query).body["results"]
    assert len(first) == min(int(query.get("limit", "100")), 100)


def test_deactivated_owners_are_listed_apart(open_desk: OpenDesk):
    """As with HubSpot, by archived=true."""
    page = open_desk(OWNERS).send(Endpoint.OWNERS, query={"archived": "true"}).body

    assert [each["id"] for each in page["results"]] == ["900", "901"]
    assert all(each["archived"] for each in page["results"])


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"after": "-1"}])
def test_a_page_that_cannot_be_is_refused(open_desk: OpenDesk, query: dict[str, str]):
    """400, like any question that is wrong in itself."""
    assert open_desk(OWNERS).send(Endpoint.OWNERS, query=query).status == 400


def test_a_call_is_assigned_to_an_owner_or_refused(open_desk: OpenDesk):
    """Active or not; a portal without owners takes any."""
    desk = open_desk(OWNERS)

    def created(number: str, at: Desk = desk) -> int | None:
        return at.create(an_input("a", hubspot_owner_id=number)).status

    assert created("205") == 201
    assert created("900") == 201
    assert created("") == 201
    assert created("206") == 207
    assert created("206", open_desk()) == 201
