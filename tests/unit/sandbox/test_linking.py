"""Associations of calls are read, their types listed, and calls changed."""

from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Desk, Reply, an_input, linked

OpenDesk = Callable[..., Desk]


def read_links(desk: Desk, to: str, *ids: str, after: str | None = None) -> Reply:
    inputs = [{"id": each, "after": after} for each in ids]
    return desk.send(Endpoint.ASSOCIATIONS, {"inputs": inputs}, name=to)


def test_associations_are_read_by_the_object_at_the_other_end(desk: Desk):
    """A call with a contact has one; asked for deals it has none, and is an error."""
    (made,) = desk.create(an_input("a") | {"associations": linked(194, "17")}).results

    contacts = read_links(desk, "contacts", made["id"])
    deals = read_links(desk, "deals", made["id"], "404")

    assert contacts.status == 200
    assert contacts.results == [
        {
            "from": {"id": made["id"]},
            "to": [
                {
                    "toObjectId": 17,
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}
                    ],
                }
            ],
        }
    ]
    assert (deals.status, deals.results, len(deals.errors)) == (207, [], 2)
    assert deals.errors[0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert deals.errors[0]["context"]["fromObjectId"] == [made["id"]]


def test_many_associations_come_in_pages(desk: Desk):
    """An answer lists so many of a call, and says where to go on."""
    many = [each for n in range(501) for each in linked(194, str(n + 1))]
    (made,) = desk.create(an_input("a") | {"associations": many}).results

    (first,) = read_links(desk, "0-1", made["id"]).results
    after = first["paging"]["next"]["after"]
    (second,) = read_links(desk, "contact", made["id"], after=after).results

    assert (len(first["to"]), len(second["to"])) == (500, 1)
    assert "paging" not in second


def test_the_types_of_association_are_listed(open_desk: OpenDesk):
    """HubSpot's own and those of users, which lead to contacts; no type is refused."""
    desk = open_desk(Scenario(association_types=(77,)))

    contacts = desk.send(Endpoint.LABELS, name="contacts").results
    deals = desk.send(Endpoint.LABELS, name="deals").results
    nothing = desk.send(Endpoint.LABELS, name="planets")

    assert [each["typeId"] for each in contacts] == [194, 77]
    assert [each["typeId"] for each in deals] == [206]
    assert (nothing.status, read_links(desk, "planets", "1").status) == (400, 400)


def test_a_call_is_changed_and_says_when(desk: Desk):
    """A change shows in its properties and its time; creation stays."""
    (made,) = desk.create(an_input("a", hs_call_title="old")).results
    desk.clock.now += 60
    body: Any = {"inputs": [{"id": made["id"], "properties": {"hs_call_title": "new"}}]}
    reply = desk.send(Endpoint.UPDATE, body)
    (seen,) = desk.read(made["id"], properties=["hs_call_title"]).results

    assert reply.status == 200
    assert seen["properties"]["hs_call_title"] == "new"
    assert seen["createdAt"] == made["createdAt"]
    assert seen["updatedAt"] == seen["properties"]["hs_lastmodifieddate"]
    assert seen["updatedAt"] > made["createdAt"]


@pytest.mark.parametrize(
    ("call_id", "value", "status"), [("404", "INBOUND", 207), ("404", "UP", 400)]
)
def test_a_change_that_cannot_be(desk: Desk, call_id: str, value: str, status: int):
    """A call that is not there is an error; a bad value refuses the batch."""
    change = {"id": call_id, "properties": {"hs_call_direction": value}}
    reply = desk.send(Endpoint.UPDATE, {"inputs": [change]})

    assert reply.status == status
