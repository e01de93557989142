"""What a client gets to see of each kind of fault, over loopback."""

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from typing import get_args

import aiohttp
import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.fault import Fault
from loader.sandbox.faults import (
    AnyFault,
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
from tests.integration.sandbox.polling import until

BODY = {
    "inputs": [
        {"objectWriteTraceId": each, "properties": {"hs_timestamp": "1700000000000"}}
        for each in ("a", "b", "c")
    ]
}


@dataclass(frozen=True)
class Seen:
    """What the client saw: a status with so many results, or an error."""

    status: int | None = None
    results: int | None = None
    error: type[Exception] | None = None


async def create(base_url: str) -> Seen:
    """Send one batch, and tell what came of it."""
    url = f"{base_url}/crm/v3/objects/calls/batch/create"
    headers = {"Authorization": "Bearer any"}
    try:
        async with aiohttp.request("POST", url, json=BODY, headers=headers) as answer:
            body = await answer.read()
    except aiohttp.ClientError as error:
        return Seen(error=type(error))
    if answer.content_type != "application/json":
        return Seen(answer.status)
    results = json.loads(body).get("results")
    return Seen(answer.status, None if results is None else len(results))


GONE = Seen(error=aiohttp.ServerDisconnectedError)
CASES = [
    (Latency(mean_ms=5, jitter=1), Seen(201, 3), 3),
    (Throttle(), Seen(429), 0),
    (Daily(), Seen(429), 0),
    (Unauthorized(), Seen(401), 0),
    (Locked(), Seen(423), 0),
    (Migrating(), Seen(477), 0),
    (ErrorBefore(status=521, body="html"), Seen(521), 0),
    (ErrorAfter(status=504), Seen(504), 3),
    (LostRequest(), GONE, 0),
    (LostRequest(reset=True), Seen(error=aiohttp.ClientOSError), 0),
    (LostAnswer(), GONE, 3),
    (LostAnswer(reset=True), Seen(error=aiohttp.ClientOSError), 3),
    (LateWrite(delay_ms=60_000), GONE, 0),
    (LateWrite(delay_ms=60_000, status=504), Seen(504), 0),
    (Hang(hang_ms=5), GONE, 0),
    (Hang(hang_ms=5, applied=True), GONE, 3),
    (RefuseBatch(), Seen(400), 0),
    (RefuseBatch(status=409, applied=True), Seen(409), 3),
    (Omission(), Seen(201, 2), 3),
    (DuplicateResult(), Seen(201, 4), 3),
    (ForeignResult(), Seen(201, 4), 3),
    (Pending(), Seen(201, 0), 3),
    (Truncated(), Seen(error=aiohttp.ClientPayloadError), 3),
    (Truncated(keep=0), Seen(error=aiohttp.ClientPayloadError), 3),
    (Html200(), Seen(200), 3),
    (SlowDrip(pieces=3, pause_ms=1), Seen(201, 3), 3),
]


def test_every_kind() -> None:
    """Every kind of fault is tried here."""
    assert {type(fault) for fault, *_ in CASES} == set(get_args(AnyFault))


@pytest.mark.parametrize(
    ("fault", "seen", "written"),
    [pytest.param(*case, id=str(case[0].__struct_config__.tag)) for case in CASES],
)
async def test_kind(
    fault: Fault, seen: Seen, written: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The client sees what the fault lets it, and the portal has what it has.

    The next request fares well, and nobody complains in the log.
    """
    once = type(fault)(**{**_settings(fault), "times": 1})
    async with running(scenario=Scenario(fault=(once,))) as portal:
        with caplog.at_level(logging.WARNING):
            first = await create(portal.base_url)
        objects = portal.audit().objects
        second = await create(portal.base_url)

        (visit, _) = portal.requests
        assert first == seen
        assert objects == written
        assert second == Seen(201, 3)
        named = not isinstance(fault, Latency)
        assert visit.fault == (fault.__struct_config__.tag if named else None)
        assert caplog.records == []


def _settings(fault: Fault) -> dict[str, object]:
    return {name: getattr(fault, name) for name in fault.__struct_fields__}


async def test_slow_drip_is_slow() -> None:
    """An answer in pieces takes as long as its pauses."""
    fault = SlowDrip(pieces=5, pause_ms=20)
    async with running(scenario=Scenario(fault=(fault,))) as portal:
        start = time.monotonic()
        await create(portal.base_url)

        assert time.monotonic() - start >= 0.08


async def test_hang_does_not_hold_the_portal() -> None:
    """A portal ends at once although a request hangs."""
    async with running(scenario=Scenario(fault=(Hang(),))) as portal:
        hanging = asyncio.create_task(create(portal.base_url))
        await until(lambda: len(portal.requests))
        start = time.monotonic()

    assert time.monotonic() - start < 5
    assert (await hanging).error is not None


async def test_same_weather() -> None:
    """The same seed brings the same weather to the same requests."""
    faults = (LostAnswer(share=0.3), ErrorBefore(share=0.3))

    async def statuses(seed: int) -> list[int | None]:
        scenario = Scenario(seed=seed, fault=faults)
        async with running(scenario=scenario, rate="none") as portal:
            return [(await create(portal.base_url)).status for _ in range(30)]

    first, second, other = await statuses(1), await statuses(1), await statuses(2)

    assert first == second != other
    assert {*first} == {None, 201, 503}
