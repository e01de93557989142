"""Who is let in: a token, its scopes, and the media type."""

import json
from collections.abc import Callable

import pytest

from loader.sandbox import QuotaSettings, Scenario
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Desk, an_input

OpenDesk = Callable[..., Desk]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_no_bearer(desk: Desk, authorization: str) -> None:
    """Without a bearer nothing is done."""
    reply = desk.send(Endpoint.DETAILS, authorization=authorization)

    assert (reply.status, reply.body["category"]) == (401, "INVALID_AUTHENTICATION")


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer pat-1", 200), ("bearer pat-1", 200), ("Bearer pat-2", 401)],
)
def test_token(open_desk: OpenDesk, authorization: str, status: int) -> None:
    """Where a token is set, no other is known."""
    desk = open_desk(token="pat-1")

    assert desk.send(Endpoint.DETAILS, authorization=authorization).status == status


@pytest.mark.parametrize("text", [False, True])
def test_scopes(open_desk: OpenDesk, text: bool) -> None:
    """A scope that is missing is named, as an object or as JSON in a string."""
    scope = "crm.objects.contacts.write"
    desk = open_desk(Scenario(missing_scopes=(scope,), context_as_text=text))

    reply = desk.create(an_input("a"))

    assert (reply.status, reply.body["category"]) == (403, "MISSING_SCOPES")
    context = reply.body["errors"][0]["context"]
    assert isinstance(context, str) is text
    context = json.loads(context) if text else context
    assert context == {"requiredGranularScopes": [scope]}
    assert desk.audit().objects == 0
    assert desk.read("1").status == 207


def test_media_type(desk: Desk) -> None:
    """A body is JSON and says so."""
    reply = desk.send(Endpoint.CREATE, {}, content_type="text/plain")

    assert reply.status == 415


def test_refused_at_the_gate(open_desk: OpenDesk) -> None:
    """What the gate refuses uses up no allowance."""
    desk = open_desk(Scenario(quota=QuotaSettings(limit=1)), token="t")
    desk.send(Endpoint.DETAILS, authorization="Bearer x")

    assert desk.send(Endpoint.DETAILS, authorization="Bearer t").status == 200
