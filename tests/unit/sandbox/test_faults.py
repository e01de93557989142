"""Each kind of fault does, or does not do, what is asked, and tells the client so."""

from collections.abc import Callable

import pytest

from loader.sandbox import Scenario
from loader.sandbox.fault import Fault
from loader.sandbox.faults import (
    Daily,
    DuplicateResult,
    ErrorAfter,
    ErrorBefore,
    ForeignResult,
    Hang,
    Html200,
    Latency,
    LateWrite,
    Locked,
    LostAnswer,
    LostRequest,
    Migrating,
    Omission,
    Pending,
    RefuseBatch,
    SlowDrip,
    Throttle,
    Truncated,
    Unauthorized,
)
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Desk, an_input

OpenDesk = Callable[..., Desk]


@pytest.mark.parametrize(
    ("fault", "status", "written"),
    [
        (Latency(), 201, 2),
        (Throttle(), 429, 0),
        (Daily(), 429, 0),
        (Unauthorized(), 401, 0),
        (Locked(), 423, 0),
        (Migrating(), 477, 0),
        (ErrorBefore(status=502), 502, 0),
        (ErrorAfter(status=524), 524, 2),
        (LostRequest(), None, 0),
        (LostAnswer(), None, 2),
        (LateWrite(), None, 0),
        (LateWrite(status=504), 504, 0),
        (Hang(), None, 0),
        (Hang(applied=True), None, 2),
        (RefuseBatch(), 400, 0),
        (RefuseBatch(status=409, applied=True), 409, 2),
        (Omission(), 201, 2),
        (DuplicateResult(), 201, 2),
        (ForeignResult(), 201, 2),
        (Pending(), 201, 2),
        (Truncated(), 201, 2),
        (Html200(), 200, 2),
        (SlowDrip(), 201, 2),
    ],
)
def test_kind(
    open_desk: OpenDesk, fault: Fault, status: int | None, written: int
) -> None:
    """A fault says what it says, and writes what it writes."""
    desk = open_desk(Scenario(fault=(fault,)))

    reply = desk.create(an_input("a"), an_input("b"))

    assert (reply.status, desk.audit().objects) == (status, written)


def test_retry_after(open_desk: OpenDesk) -> None:
    """Throttling can tell for how long; a migration always does."""
    faults = (
        Throttle(requests=(1,)),
        Throttle(requests=(2,), retry_after_s=3),
        Migrating(requests=(3,), retry_after_s=7),
    )
    desk = open_desk(Scenario(fault=faults))

    replies = [desk.create(an_input("a")) for _ in range(3)]

    assert [each.headers.get("Retry-After") for each in replies] == [None, "3", "7"]
    policies = [each.body.get("policyName") for each in replies]
    assert policies == ["TEN_SECONDLY_ROLLING"] * 2 + [None]


def test_refusals_use_up_nothing(open_desk: OpenDesk) -> None:
    """What a fault refuses uses up no allowance; what it loses does."""
    faults = (Throttle(requests=(1,)), LostRequest(requests=(2,)))
    desk = open_desk(Scenario(fault=faults))

    desk.create(an_input("a"))
    before = desk.portal._quota.used_today()
    desk.create(an_input("a"))

    assert (before, desk.portal._quota.used_today()) == (0, 1)


@pytest.mark.parametrize(
    ("body", "media_type"), [("json", "application/json"), ("html", "text/html")]
)
def test_error_body(open_desk: OpenDesk, body: str, media_type: str) -> None:
    """An error comes as JSON, or as a page."""
    desk = open_desk(Scenario(fault=(ErrorBefore(status=522, body=body),)))

    reply = desk.create(an_input("a"))

    assert reply.answer is not None
    assert reply.answer.content_type == media_type
    assert b"522" in reply.answer.body or reply.body["status"] == "error"


def test_omission(open_desk: OpenDesk) -> None:
    """Results are left out, and no error speaks of them."""
    desk = open_desk(Scenario(fault=(Omission(omit=2),)))

    reply = desk.create(*map(an_input, "abcde"))

    assert len(reply.results) == 3
    assert "errors" not in reply.body
    assert desk.audit().objects == 5


def test_omission_of_all(open_desk: OpenDesk) -> None:
    """No more results can be left out than there are."""
    desk = open_desk(Scenario(fault=(Omission(omit=9),)))

    assert desk.create(an_input("a")).results == []


def test_duplicate_result(open_desk: OpenDesk) -> None:
    """One result is listed twice."""
    desk = open_desk(Scenario(fault=(DuplicateResult(),)))

    ids = [each["id"] for each in desk.create(*map(an_input, "abc")).results]

    assert (len(ids), len(set(ids))) == (4, 3)


@pytest.mark.parametrize("echo", [True, False])
def test_foreign_result(open_desk: OpenDesk, echo: bool) -> None:
    """A call that nobody asked for is listed."""
    desk = open_desk(Scenario(echo=echo, fault=(ForeignResult(),)))

    results = desk.create(an_input("a")).results

    ours = desk.audit().by_trace_id
    assert len(results) == 2
    assert results[1]["properties"].keys() == results[0]["properties"].keys()
    assert results[1].get("objectWriteTraceId") not in ours


@pytest.mark.parametrize("listed", [True, False])
def test_pending(open_desk: OpenDesk, listed: bool) -> None:
    """The answer says that the work goes on, with or without its results."""
    fault = Pending(status="PROCESSING", results=listed)
    desk = open_desk(Scenario(fault=(fault,)))

    reply = desk.create(an_input("a"))

    assert reply.body["status"] == "PROCESSING"
    assert len(reply.results) == listed


@pytest.mark.parametrize(
    "fault", [Omission(), DuplicateResult(), ForeignResult(), Pending()]
)
def test_nothing_to_distort(open_desk: OpenDesk, fault: Fault) -> None:
    """An answer without results stays as it is."""
    desk = open_desk(Scenario(fault=(fault,)))

    assert desk.create(an_input("a", nonsense="1")).results == []
    assert desk.create().status == 400


def test_late_write(open_desk: OpenDesk) -> None:
    """A late write is done when its time has come, and not before."""
    desk = open_desk(Scenario(fault=(LateWrite(delay_ms=1500, times=1),)))
    desk.create(an_input("a"))

    due_s = desk.portal.next_due_s()
    desk.clock.now += 1.499
    desk.portal.perform_due()
    early = desk.audit()
    desk.clock.now += 0.001
    desk.portal.perform_due()

    assert due_s == 1.5
    assert (early.objects, early.waiting) == (0, 1)
    assert desk.audit().by_trace_id == {"a": 1}
    assert (desk.audit().waiting, desk.portal.next_due_s()) == (0, None)


def test_late_write_finds_the_portal_changed(open_desk: OpenDesk) -> None:
    """A late write is judged when it is done: the portal refuses its duplicate."""
    scenario = Scenario(unique_id=True, fault=(LateWrite(times=1, delay_ms=10),))
    desk = open_desk(scenario)
    call = an_input("a", hs_unique_id="1")

    desk.create(call)
    desk.create(call)
    desk.clock.now += 1
    desk.portal.perform_due()

    assert desk.audit().by_trace_id == {"a": 1}


def test_late_nonsense(open_desk: OpenDesk) -> None:
    """A late request that the portal would refuse is gone without a trace."""
    desk = open_desk(Scenario(fault=(LateWrite(delay_ms=0),)))
    desk.send(Endpoint.CREATE, raw=b"{")

    desk.portal.perform_due()

    assert (desk.audit().objects, desk.audit().waiting) == (0, 0)
