"""Properties and groups are listed, found and added."""

from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from loader.sandbox.rule import Rule
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import KEY, Desk, an_input

OpenDesk = Callable[..., Desk]


def a_property(name: str = KEY, **more: Any) -> dict[str, Any]:
    """Return a definition as an administrator asks for it."""
    return {
        "name": name,
        "label": "Trace",
        "type": "string",
        "fieldType": "text",
        "groupName": "call",
        "hasUniqueValue": True,
        **more,
    }


def add(desk: Desk, wanted: dict[str, Any]) -> Any:
    """Ask for a property."""
    return desk.send(Endpoint.ADD_PROPERTY, wanted)


def names(desk: Desk) -> set[str]:
    """List the portal's properties."""
    listed = desk.send(Endpoint.LIST_PROPERTIES).results
    return {each["name"] for each in listed}


def test_list(desk: Desk) -> None:
    """Every definition has what a client needs to check its input."""
    listed = {
        each["name"]: each for each in desk.send(Endpoint.LIST_PROPERTIES).results
    }

    assert len(listed) == 27
    assert listed["hs_timestamp"]["type"] == "datetime"
    direction = listed["hs_call_direction"]
    assert [each["value"] for each in direction["options"]] == ["INBOUND", "OUTBOUND"]
    assert direction["hubspotDefined"] is True
    assert direction["calculated"] is False
    metadata = listed["hs_createdate"]["modificationMetadata"]
    assert metadata == {
        "readOnlyValue": True,
        "readOnlyDefinition": True,
        "archivable": False,
    }
    assert not any(each["hasUniqueValue"] for each in listed.values())


def test_get(desk: Desk) -> None:
    """A definition is found by its name."""
    found = desk.send(Endpoint.GET_PROPERTY, name="hs_unique_id")

    assert found.status == 200
    assert found.body["hasUniqueValue"] is False
    assert found.body["modificationMetadata"]["readOnlyValue"] is False


def test_get_unknown(desk: Desk) -> None:
    """A name without a property is not found."""
    found = desk.send(Endpoint.GET_PROPERTY, name="nonsense")

    assert (found.status, found.body["category"]) == (404, "OBJECT_NOT_FOUND")


def test_add(desk: Desk) -> None:
    """A new property is there at once, and keeps its values unique."""
    reply = add(desk, a_property())

    assert reply.status == 201
    assert reply.body["hasUniqueValue"] is True
    assert reply.body["hubspotDefined"] is False
    assert desk.send(Endpoint.GET_PROPERTY, name=KEY).body == reply.body
    twice = (an_input("a", **{KEY: "v"}), an_input("b", **{KEY: "v"}))
    assert desk.create(*twice).status == 207


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ({"type": "bool", "fieldType": "booleancheckbox"}, "true", "yes"),
        ({"type": "date", "fieldType": "date"}, "2024-02-29", "2023-02-29"),
        (
            {
                "type": "enumeration",
                "fieldType": "checkbox",
                "options": [
                    {"label": "A", "value": "a"},
                    {"label": "B", "value": "b"},
                ],
            },
            "b;a",
            "a;c",
        ),
    ],
)
def test_add_other_types(
    desk: Desk, kind: dict[str, Any], right: str, wrong: str
) -> None:
    """A new property of any type takes what its type allows."""
    add(desk, a_property("extra", hasUniqueValue=False, **kind))

    reply = desk.create(an_input("a", extra=right), an_input("b", extra=wrong))

    assert [each["properties"]["extra"] for each in reply.results] == [right]
    assert [each["context"] for each in reply.errors] == [{"objectWriteTraceId": ["b"]}]


def test_add_again(desk: Desk) -> None:
    """A name is given once."""
    add(desk, a_property())

    reply = add(desk, a_property())

    assert (reply.status, reply.body["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert reply.body["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (a_property("Trace"), "lower-case"),
        (a_property(groupName="nonsense"), "Property group 'nonsense' does not exist."),
        (a_property(type="datetime", fieldType="date"), "cannot have unique values"),
        (a_property(type="enumeration", hasUniqueValue=False), "needs options"),
        ({"name": KEY}, "Some required fields were not set: [label]"),
        (a_property(type="nonsense"), "Invalid input JSON"),
    ],
)
def test_wrong_definition(desk: Desk, wanted: dict[str, Any], message: str) -> None:
    """A definition that breaks the rules is refused."""
    reply = add(desk, wanted)

    assert reply.status == 400
    assert message in reply.body["message"]
    assert KEY not in names(desk)


def test_ten_unique_properties(open_desk: OpenDesk) -> None:
    """Ten custom properties can be unique; the built-in one is not of them."""
    desk = open_desk(Scenario(unique_id=True, installed=("first",)))

    statuses = [add(desk, a_property(f"key_{each}")).status for each in range(10)]

    assert statuses == [201] * 9 + [400]
    assert add(desk, a_property("free", hasUniqueValue=False)).status == 201


def test_no_unique_properties(open_desk: OpenDesk) -> None:
    """A scenario does not let calls have unique properties."""
    reply = add(open_desk(Scenario(unique_properties=False)), a_property())

    assert (reply.status, reply.body["category"]) == (400, "VALIDATION_ERROR")


def test_property_lag(open_desk: OpenDesk) -> None:
    """A scenario hides a new property for a while, though its name is taken."""
    desk = open_desk(Scenario(property_lag_ms=700))
    add(desk, a_property())

    before, again = KEY in names(desk), add(desk, a_property()).status
    desk.clock.now += 0.7

    assert (before, again, KEY in names(desk)) == (False, 409, True)


def test_groups(desk: Desk) -> None:
    """A new group can take properties; its name is given once."""
    group = {"name": "loading", "label": "Loading"}

    first = desk.send(Endpoint.ADD_GROUP, group)
    second = desk.send(Endpoint.ADD_GROUP, group)
    built_in = desk.send(Endpoint.ADD_GROUP, group | {"name": "call"})

    assert (first.status, second.status, built_in.status) == (201, 409, 409)
    listed = desk.send(Endpoint.LIST_GROUPS).results
    assert [each["name"] for each in listed] == ["call", "loading"]
    assert add(desk, a_property(groupName="loading")).status == 201


def test_none_is_archived(desk: Desk) -> None:
    """There are no archived properties."""
    query = {"archived": "true"}

    assert desk.send(Endpoint.LIST_PROPERTIES, query=query).results == []


RULES = Scenario(
    rule=(
        Rule("hs_call_title", "MAX_LENGTH", ("5",)),
        Rule("hs_call_title", "MIN_LENGTH", ("2",)),
        Rule("hs_call_duration", "MIN_NUMBER", ("10",)),
        Rule("hs_call_duration", "MAX_NUMBER", ("20",)),
        Rule("hs_call_to_number", "ALPHANUMERIC", ("NUMERIC_ONLY",)),
    )
)


def test_validation_rules_are_listed(open_desk: OpenDesk) -> None:
    """Property by property, as HubSpot lists them."""
    listed = open_desk(RULES).send(Endpoint.LIST_RULES).results

    assert listed[0] == {
        "propertyName": "hs_call_title",
        "propertyValidationRules": [
            {"ruleType": "MAX_LENGTH", "ruleArguments": ["5"]},
            {"ruleType": "MIN_LENGTH", "ruleArguments": ["2"]},
        ],
    }
    assert len(listed) == 3


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("hs_call_title", "title", True),
        ("hs_call_title", "a title", False),
        ("hs_call_title", "t", False),
        ("hs_call_title", "", True),
        ("hs_call_duration", "15", True),
        ("hs_call_duration", "9", False),
        ("hs_call_duration", "21", False),
        ("hs_call_to_number", "0123", True),
        ("hs_call_to_number", "+123", False),
        ("hs_call_body", "anything", True),
    ],
)
def test_a_value_obeys_its_validation_rules(
    open_desk: OpenDesk, name: str, value: str, is_taken: bool
) -> None:
    """Lengths, bounds and digits; a property without rules takes anything."""
    created = open_desk(RULES).create(an_input("a", **{name: value}))

    assert (created.status == 201) is is_taken
