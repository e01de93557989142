"""Batches of calls are created as published: each by itself, or all or none."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from loader.sandbox import Scenario
from tests.unit.sandbox.desk import KEY, Desk, an_input, keyed

OpenDesk = Callable[..., Desk]
BAD = {"missing": "x"}


def test_sound_batch(desk: Desk) -> None:
    """A batch of sound inputs is answered with 201 and the whole envelope."""
    reply = desk.create(an_input("a"), an_input("b"))

    assert reply.status == 201
    assert reply.body["status"] == "COMPLETE"
    assert {"requestedAt", "startedAt", "completedAt", "links"} <= set(reply.body)
    assert "errors" not in reply.body
    assert len(reply.results) == 2
    assert desk.audit().by_trace_id == {"a": 1, "b": 1}


def test_result(desk: Desk) -> None:
    """A result has the properties as text, and those that the portal sets."""
    (result,) = desk.create(
        an_input("a", hs_call_duration=1200, hs_call_title=None)
    ).results

    assert result["id"].isdecimal()
    assert result["createdAt"] == result["updatedAt"] == "2026-01-01T12:00:00.000Z"
    assert result["archived"] is False
    assert result["properties"] == {
        "hs_timestamp": "1700000000000",
        "hs_call_duration": "1200",
        "hs_createdate": "2026-01-01T12:00:00.000Z",
        "hs_lastmodifieddate": "2026-01-01T12:00:00.000Z",
        "hs_object_id": result["id"],
    }


def test_partial_failure(desk: Desk) -> None:
    """Inputs that each have a trace ID stand for themselves: 207."""
    reply = desk.create(an_input("a"), an_input("b", **BAD), an_input("c"))

    assert reply.status == 207
    assert reply.body["status"] == "COMPLETE"
    assert reply.body["numErrors"] == 1
    (error,) = reply.errors
    assert error["status"] == "error"
    assert error["category"] == "VALIDATION_ERROR"
    assert error["context"] == {"objectWriteTraceId": ["b"]}
    assert desk.audit().by_trace_id == {"a": 1, "c": 1}


def test_message_of_a_property(desk: Desk) -> None:
    """What is wrong with a property is JSON within the message, as published."""
    (error,) = desk.create(an_input("b", **BAD)).errors

    text, _, listed = error["message"].partition(": ")
    assert text == "Property values were not valid"
    (detail,) = json.loads(listed)
    assert detail["error"] == "PROPERTY_DOESNT_EXIST"
    assert detail["message"] == 'Property "missing" does not exist'
    assert detail["name"] == "missing"
    assert detail["isValid"] is False
    assert detail["portalId"] == desk.portal.portal_id


@pytest.mark.parametrize(
    "trace_ids", [(None, None), ("a", None), ("a", "a"), ("a", "")]
)
def test_all_or_nothing(desk: Desk, trace_ids: tuple[str | None, str | None]) -> None:
    """Without a trace ID of its own for each input, one bad input fails them all."""
    reply = desk.create(an_input(trace_ids[0]), an_input(trace_ids[1], **BAD))

    assert reply.status == 400
    assert reply.body["category"] == "VALIDATION_ERROR"
    assert reply.body["correlationId"] == "c-1"
    assert reply.body["errors"][0]["context"] == {"propertyName": ["missing"]}
    assert "objectWriteTraceId" not in json.dumps(reply.body)
    assert desk.audit().objects == 0


def test_shared_trace_id_of_sound_inputs(desk: Desk) -> None:
    """A trace ID is no key: two sound inputs with the same one make two calls."""
    reply = desk.create(an_input("a"), an_input("a"))

    assert reply.status == 201
    assert desk.audit().by_trace_id == {"a": 2}


def test_whole_batch_errors(open_desk: OpenDesk) -> None:
    """A scenario can make one bad input fail its batch although all have trace IDs."""
    desk = open_desk(Scenario(whole_batch_errors=True))

    reply = desk.create(an_input("a"), an_input("b", **BAD))

    assert reply.status == 400
    assert desk.audit().objects == 0


def test_partial_status(open_desk: OpenDesk) -> None:
    """A scenario can answer partial failures with 201, as later versions do."""
    desk = open_desk(Scenario(partial_status=201))

    reply = desk.create(an_input("a"), an_input("b", **BAD))

    assert (reply.status, reply.body["numErrors"]) == (201, 1)


def test_context_as_text(open_desk: OpenDesk) -> None:
    """A scenario can give the context of nested errors as JSON in a string."""
    desk = open_desk(Scenario(context_as_text=True))

    (error,) = desk.create(an_input("b", **BAD)).errors

    assert error["context"] == {"objectWriteTraceId": ["b"]}
    assert error["errors"][0]["context"] == '{"propertyName":["missing"]}'


def test_order(desk: Desk) -> None:
    """Results come in another order than the inputs."""
    titles = [f"call {each}" for each in range(100)]

    reply = desk.create(*(an_input(each, hs_call_title=each) for each in titles))

    shown = [each["properties"]["hs_call_title"] for each in reply.results]
    assert sorted(shown) == sorted(titles)
    assert shown != titles


def test_order_kept(open_desk: OpenDesk) -> None:
    """A scenario can keep the order."""
    desk = open_desk(Scenario(shuffle=False))
    titles = [f"call {each}" for each in range(100)]

    reply = desk.create(*(an_input(each, hs_call_title=each) for each in titles))

    assert [each["properties"]["hs_call_title"] for each in reply.results] == titles


@pytest.mark.parametrize("echo", [True, False])
def test_echo(open_desk: OpenDesk, echo: bool) -> None:
    """Results carry the trace ID if the scenario says so, and else they do not."""
    (result,) = open_desk(Scenario(echo=echo)).create(an_input("a")).results

    assert result.get("objectWriteTraceId") == ("a" if echo else None)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "Invalid input JSON on line 1, column "),
        (b"\xff", "Invalid input JSON on line 1, column "),
        (b"{}", "column 2. Some required fields were not set: [inputs]"),
        (b'{"inputs":[{}]}', "Some required fields were not set: [properties]"),
        (b'{"inputs":[{"properties":{"a":[]}}]}', "Invalid input JSON on line 1"),
        (b'{"inputs":[]}', "Batch input provided should have at least one object."),
    ],
)
def test_unreadable(desk: Desk, raw: bytes, message: str) -> None:
    """A body that is no batch is refused as a whole."""
    reply = desk.send("create", raw=raw)  # type: ignore[arg-type]

    assert reply.status == 400
    assert reply.body["category"] == "VALIDATION_ERROR"
    assert message in reply.body["message"]


def test_too_many(desk: Desk) -> None:
    """A hundred inputs are a batch, and one more is none."""
    many = [an_input(str(each)) for each in range(101)]

    assert desk.create(*many[:100]).status == 201
    assert desk.create(*many).status == 400
    assert desk.audit().objects == 100


@pytest.mark.parametrize("apart", [True, False])
def test_unique_value(open_desk: OpenDesk, apart: bool) -> None:
    """The second call with a unique value is refused, also within one batch."""
    desk = open_desk(Scenario(installed=(KEY,)))
    first, second = keyed("a"), keyed("a") | {"objectWriteTraceId": "b"}

    if apart:
        desk.create(first)
        (error,) = desk.create(second).errors
    else:
        (error,) = desk.create(first, second).errors

    (holder,) = desk.audit().by_trace_id
    assert holder == "a"
    assert error["category"] == "VALIDATION_ERROR"
    assert error["context"] == {"objectWriteTraceId": ["b"]}
    assert error["message"] == (
        f"Cannot set PropertyValueCoordinates{{portalId={desk.portal.portal_id}, "
        f"objectTypeId=0-48, propertyName={KEY}, value=a}} on 60000000002. "
        "60000000001 already has that value."
    )


def test_no_value_is_not_unique(open_desk: OpenDesk) -> None:
    """Any number of calls can be without a unique value."""
    desk = open_desk(Scenario(installed=(KEY,)))

    reply = desk.create(an_input("a"), an_input("b", **{KEY: ""}), an_input("c"))

    assert reply.status == 201


def test_refused_input_claims_nothing(open_desk: OpenDesk) -> None:
    """An input that fails leaves its unique values to the next one."""
    desk = open_desk(Scenario(installed=(KEY, "other")))
    desk.create(an_input("held", other="1"))

    reply = desk.create(
        an_input("a", **{KEY: "k", "other": "1"}),
        an_input("b", **{KEY: "k2"}, **BAD),
        an_input("c", **{KEY: "k"}),
        an_input("d", **{KEY: "k2"}),
    )

    assert [each["context"] for each in reply.errors] == [
        {"objectWriteTraceId": ["a"]},
        {"objectWriteTraceId": ["b"]},
    ]


def test_conflict_as_for_contacts(open_desk: OpenDesk) -> None:
    """A scenario can report a taken value as HubSpot does for contacts."""
    desk = open_desk(Scenario(installed=(KEY,), conflict="conflict"))
    desk.create(keyed("a"))

    (error,) = desk.create(keyed("a")).errors
    whole = desk.create(an_input(**{KEY: "a"}))

    assert error["category"] == "CONFLICT"
    assert error["message"] == "Call already exists. Existing ID: 60000000001"
    assert error["context"]["existingId"] == ["60000000001"]
    assert whole.status == 409


@pytest.mark.parametrize(("fold", "status"), [(True, 207), (False, 201)])
def test_case_of_unique_values(open_desk: OpenDesk, fold: bool, status: int) -> None:
    """Whether values that differ in case are the same is the scenario's choice."""
    desk = open_desk(Scenario(installed=(KEY,), fold_unique_values=fold))
    desk.create(keyed("abc"))

    assert desk.create(keyed("ABC")).status == status


def test_built_in_unique_id(open_desk: OpenDesk) -> None:
    """hs_unique_id is writable, and unique only if the scenario says so."""
    twice = (an_input("a", hs_unique_id="1"), an_input("b", hs_unique_id="1"))

    assert open_desk().create(*twice).status == 201
    assert open_desk(Scenario(unique_id=True)).create(*twice).status == 207


@pytest.mark.parametrize(
    ("form", "shown"),
    [("as_sent", "1700000000000"), ("iso", "2023-11-14T22:13:20.000Z")],
)
def test_form_of_dates(open_desk: OpenDesk, form: Any, shown: str) -> None:
    """Dates come back as sent, or in HubSpot's usual form."""
    (result,) = open_desk(Scenario(datetimes=form)).create(an_input("a")).results

    assert result["properties"]["hs_timestamp"] == shown
