"""The portal takes what its schema allows."""

from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from loader.sandbox.validate import MAX_TEXT
from tests.unit.sandbox.desk import Desk, an_input, linked

OpenDesk = Callable[..., Desk]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nonsense", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
        ("hs_createdate", "1700000000000", "READ_ONLY_VALUE"),
        ("hs_unique_creation_key", "x", "READ_ONLY_VALUE"),
        ("hs_call_direction", "SIDEWAYS", "INVALID_OPTION"),
        ("hs_call_direction", "INBOUND;OUTBOUND", "INVALID_OPTION"),
        ("hs_call_disposition", "busy", "INVALID_OPTION"),
        ("hs_call_duration", "long", "INVALID_INTEGER"),
        ("hs_call_duration", True, "INVALID_INTEGER"),
        ("hs_timestamp", "yesterday", "INVALID_DATE"),
        ("hs_timestamp", "9999999999999999", "INVALID_DATE"),
        ("hs_timestamp", "0001-01-01T00:00:00+05:00", "INVALID_DATE"),
        ("hs_call_body", "x" * (MAX_TEXT + 1), "VALUE_TOO_LONG"),
    ],
)
def test_wrong_value(desk: Desk, name: str, value: Any, code: str) -> None:
    """A value that the property does not allow is refused with its code."""
    (error,) = desk.create(an_input("a", **{name: value})).errors

    (detail,) = error["errors"]
    assert detail["code"] == code
    assert detail["context"] == {"propertyName": [name]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hs_timestamp", "2024-02-29T12:00:00Z"),
        ("hs_timestamp", "2024-02-29T12:00:00.123+02:00"),
        ("hs_timestamp", 1_700_000_000_000),
        ("hs_timestamp", "1700000000"),
        ("hs_call_duration", -1.5),
        ("hs_call_duration", ""),
        ("hs_call_direction", "OUTBOUND"),
        ("hs_call_disposition", "f240bbac-87c9-4f6e-bf70-924b57d47db7"),
        ("hubspot_owner_id", "12345"),
        ("hs_call_body", "<p>x</p>" * (MAX_TEXT // 8)),
        ("hs_call_title", "Grüße 📞"),
    ],
)
def test_right_value(desk: Desk, name: str, value: Any) -> None:
    """A value that the property allows is kept, as text."""
    (result,) = desk.create(an_input("a", **{name: value})).results

    assert result["properties"][name] == str(value)


@pytest.mark.parametrize("value", [None, ""])
def test_missing_timestamp(desk: Desk, value: str | None) -> None:
    """A call without a time is refused in HubSpot's words."""
    (error,) = desk.create(an_input("a", hs_timestamp=value)).errors

    assert error["message"] == (
        "Error creating CALL. Some required properties were not set."
    )
    assert error["context"]["properties"] == ["hs_timestamp"]


@pytest.mark.parametrize(
    "type_id", [194, 182, 206, 220, 597, 773, 913, 867, 891, 841, 1156, 1258]
)
def test_association(desk: Desk, type_id: int) -> None:
    """The published association types of calls are taken."""
    call = an_input("a") | {"associations": linked(type_id)}

    assert desk.create(call).status == 201


@pytest.mark.parametrize(
    "associations",
    [
        *(linked(reverse) for reverse in (193, 181, 205, 219)),
        linked(123),
        linked(194, to="seventeen"),
        linked(194, to=""),
        linked(194, category="USER_DEFINED"),
        [{"to": {"id": "17"}, "types": []}],
        [*linked(194), *linked(193)],
    ],
)
def test_wrong_association(desk: Desk, associations: list[Any]) -> None:
    """Reverse and unknown types, and targets that are no record IDs, are refused."""
    (error,) = desk.create(an_input("a") | {"associations": associations}).errors

    assert error["category"] == "VALIDATION_ERROR"
    assert error["message"] == "one or more associations are not valid"


def test_associations_of_the_scenario(open_desk: OpenDesk) -> None:
    """A scenario adds types of the portal's users, and takes records away."""
    desk = open_desk(Scenario(association_types=(33,), missing_associations=("404",)))

    reply = desk.create(
        an_input("own") | {"associations": linked(33, category="USER_DEFINED")},
        an_input("gone") | {"associations": linked(194, to="404")},
    )

    assert [each["context"] for each in reply.errors] == [
        {"objectWriteTraceId": ["gone"]}
    ]


@pytest.mark.parametrize(
    "associations",
    [{}, [{}], [{"to": {"id": "1"}}], linked(194, category="FRIEND"), linked("x")],
)
def test_misshapen_association(desk: Desk, associations: Any) -> None:
    """Associations of another shape make the body unreadable."""
    reply = desk.create(an_input("a") | {"associations": associations})

    assert reply.status == 400
    assert reply.body["message"].startswith("Invalid input JSON on line 1")


def test_dispositions_of_the_scenario(open_desk: OpenDesk) -> None:
    """A scenario adds outcomes of a call."""
    desk = open_desk(Scenario(dispositions=("own-guid",)))

    assert desk.create(an_input("a", hs_call_disposition="own-guid")).status == 201
