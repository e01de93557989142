"""The portal over loopback."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from loader.sandbox import (
    QuotaSettings,
    Scenario,
    StateError,
    audit,
    load_scenario,
    running,
    serve,
)
from loader.sandbox.faults import Latency, LateWrite
from tests.integration.sandbox.polling import until

CREATE = "/crm/v3/objects/calls/batch/create"
READ = "/crm/v3/objects/calls/batch/read"
KEY = "loader_trace_id"
BEARER = {"Authorization": "Bearer any"}


def a_batch(*trace_ids: str) -> dict[str, Any]:
    """Return a body with one call per trace ID."""
    return {
        "inputs": [
            {
                "objectWriteTraceId": each,
                "properties": {"hs_timestamp": "1700000000000", KEY: each},
            }
            for each in trace_ids
        ]
    }


async def post(
    url: str, body: Any = None, **more: Any
) -> tuple[int, Any, dict[str, str]]:
    """Send one request on a connection of its own."""
    more = {"headers": BEARER, "json": body} | more
    async with aiohttp.request("POST", url, **more) as response:
        content = await response.read()
        if response.content_type == "application/json":
            content = json.loads(content)
        return response.status, content, dict(response.headers)


async def get(url: str) -> tuple[int, bytes, str]:
    """Ask for something."""
    async with aiohttp.request("GET", url, headers=BEARER) as response:
        return response.status, await response.read(), response.content_type


async def test_create_and_read() -> None:
    """A batch is created and read back over HTTP."""
    async with running(scenario=Scenario(installed=(KEY,))) as portal:
        made = await post(portal.base_url + CREATE, a_batch("a", "b"))
        body = {"idProperty": KEY, "inputs": [{"id": "b"}], "properties": [KEY]}
        read = await post(portal.base_url + READ, body)

        status, created, headers = made
        assert status == 201
        assert len(created["results"]) == 2
        assert headers["X-HubSpot-RateLimit-Remaining"] == "99"
        assert headers["X-HubSpot-Correlation-Id"]
        assert (read[0], read[1]["results"][0]["properties"][KEY]) == (200, "b")
        assert [each.trace_id for each in portal.calls()] == ["a", "b"]
        assert portal.requests.count("create", status=201) == 1
        assert [each.path for each in portal.requests] == [CREATE, READ]


async def test_portal_id() -> None:
    """The account's details and the handle name the same portal."""
    async with running(scenario=Scenario(portal_id=4711)) as portal:
        _, content, _ = await get(f"{portal.base_url}/account-info/v3/details")

        assert json.loads(content)["portalId"] == portal.portal_id == 4711


async def test_unknown_path() -> None:
    """There is a page for people where there is nothing."""
    async with running() as portal:
        status, content, media_type = await get(f"{portal.base_url}/nowhere")

        assert (status, media_type) == (404, "text/html")
        assert content.startswith(b"<html>")
        assert portal.requests.count(status=404) == len(portal.requests) == 1
        assert repr(portal.requests) == "<Visits {(None, 404): 1}>"


async def test_wrong_method() -> None:
    """A method that a path does not know is refused with those it knows."""
    async with (
        running() as portal,
        aiohttp.request("GET", portal.base_url + CREATE) as response,
    ):
        assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_wrong_media_type() -> None:
    """A body that is not JSON by its own account is refused."""
    async with running() as portal:
        url = portal.base_url + CREATE
        status, *_ = await post(url, json=None, data=b"{}")

        assert status == 415


async def test_long_body() -> None:
    """A body beyond the portal's limit is refused, and nothing is written."""
    async with running(scenario=Scenario(max_body_bytes=1000)) as portal:
        many = a_batch(*map(str, range(50)))
        status, *_ = await post(portal.base_url + CREATE, many)

        assert (status, portal.audit().objects) == (413, 0)


async def test_token_and_rate() -> None:
    """The token and the rate can be given beside a scenario."""
    async with running(token="pat-1", rate=1) as portal:
        url = portal.base_url + CREATE
        headers = {"Authorization": "Bearer pat-1"}
        statuses = [
            (await post(url, a_batch("a")))[0],
            (await post(url, {}, headers=headers))[0],
            (await post(url, {}, headers=headers))[0],
        ]

        assert statuses == [401, 400, 429]


async def test_one_of_many() -> None:
    """Of many creates at once with one unique value, one succeeds."""
    async with running(scenario=Scenario(installed=(KEY,))) as portal:
        url = portal.base_url + CREATE
        answers = await asyncio.gather(*(post(url, a_batch("a")) for _ in range(20)))

        statuses = sorted(status for status, *_ in answers)
        assert statuses == [201] + [207] * 19
        assert portal.audit().by_value == {KEY: {"a": 1}}


async def test_restart(tmp_path: Path) -> None:
    """Calls, properties, unique values and the day's count survive a restart."""
    state = tmp_path / "portal.db"
    wanted = {
        "name": KEY,
        "label": "Trace",
        "type": "string",
        "fieldType": "text",
        "groupName": "call",
        "hasUniqueValue": True,
    }
    scenario = Scenario(quota=QuotaSettings(daily=4))

    async with running(state=state, scenario=scenario) as portal:
        await post(f"{portal.base_url}/crm/v3/properties/calls", wanted)
        await post(portal.base_url + CREATE, a_batch("a"))
        first = portal.portal_id
    async with running(state=state, scenario=scenario) as portal:
        again = await post(portal.base_url + CREATE, a_batch("a", "b"))
        found = await get(f"{portal.base_url}/crm/v3/properties/calls/{KEY}")
        beyond = await post(portal.base_url + CREATE, a_batch("c"))
        second = portal.portal_id

    assert first == second == audit(state).portal_id
    assert (again[0], again[1]["numErrors"], found[0]) == (207, 1, 200)
    assert (beyond[0], beyond[1]["policyName"]) == (429, "DAILY")
    assert audit(state).by_value == {KEY: {"a": 1, "b": 1}}


async def test_late_write_by_itself() -> None:
    """A late write is done without another request."""
    fault = LateWrite(delay_ms=30)
    async with running(scenario=Scenario(installed=(KEY,), fault=(fault,))) as portal:
        with pytest.raises(aiohttp.ClientError):
            await post(portal.base_url + CREATE, a_batch("a"))
        early = portal.audit().objects
        await until(lambda: not portal.audit().waiting)

        assert (early, portal.audit().by_trace_id) == (0, {"a": 1})


async def test_late_write_after_restart(tmp_path: Path) -> None:
    """A late write that came due while the portal was away is done at its start."""
    state, now = tmp_path / "portal.db", 1_700_000_000.0
    scenario = Scenario(installed=(KEY,), fault=(LateWrite(delay_ms=60_000),))

    async with running(state=state, scenario=scenario, clock=lambda: now) as portal:
        with pytest.raises(aiohttp.ClientError):
            await post(portal.base_url + CREATE, a_batch("a"))
    away = audit(state)
    now += 60
    async with running(state=state, scenario=scenario, clock=lambda: now):
        back = audit(state)

    assert (away.objects, away.waiting) == (0, 1)
    assert (back.by_value, back.waiting) == ({KEY: {"a": 1}}, 0)


async def test_client_that_gave_up() -> None:
    """A slow request is performed although its client has gone."""
    fault = Latency(mean_ms=80)
    async with running(scenario=Scenario(installed=(KEY,), fault=(fault,))) as portal:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await post(portal.base_url + CREATE, a_batch("a"))
        early = portal.audit().objects
        await until(lambda: portal.audit().objects)

        assert early == 0


async def test_foreign_state(tmp_path: Path) -> None:
    """A portal does not begin in a file that is something else."""
    state = tmp_path / "notes.txt"
    state.write_text("something else" * 100)

    with pytest.raises(StateError):
        async with running(state=state):
            pass


async def test_port_in_use() -> None:
    """A second portal on the same port does not begin."""
    async with running() as portal:
        port = int(portal.base_url.rpartition(":")[2])

        with pytest.raises(OSError, match="address already in use"):
            async with running(port=port):
                pass


async def test_serve(tmp_path: Path) -> None:
    """A served portal says where it is, and goes on until it is cancelled."""
    state, ready = tmp_path / "portal.db", asyncio.Queue[str]()
    (tmp_path / "s.toml").write_text("portal_id = 4711")
    scenario = load_scenario(tmp_path / "s.toml")
    serving = asyncio.create_task(
        serve("127.0.0.1", 0, state, scenario, ready.put_nowait)
    )

    base_url = await ready.get()
    status, *_ = await get(f"{base_url}/account-info/v3/details")
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert status == 200
    assert audit(state).portal_id == 4711


PROGRAM = """
import asyncio, sys
from pathlib import Path
from loader.sandbox import Scenario, serve
asyncio.run(serve("127.0.0.1", 0, Path(sys.argv[1]),
                  Scenario(installed=("loader_trace_id",)),
                  lambda url: print(url, flush=True)))
"""


async def test_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    """A client that dies in the midst of its request is noted, without a traceback."""
    async with running() as portal:
        port = int(portal.base_url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {CREATE} HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n"
        writer.write(head.encode() + b"{")
        writer.close()
        await until(lambda: len(portal.requests) == 1)

        (visit,) = portal.requests

    assert (visit.endpoint, visit.status) == (None, None)
    assert caplog.records == []


async def test_killed(tmp_path: Path) -> None:
    """What a killed portal has answered is there afterwards."""
    state = tmp_path / "portal.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PROGRAM, str(state)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    base_url = (await process.stdout.readline()).decode().strip()

    statuses = [
        (await post(base_url + CREATE, a_batch(f"{each}-1", f"{each}-2")))[0]
        for each in range(20)
    ]
    live = audit(state)
    process.send_signal(signal.SIGKILL)
    await process.wait()

    assert statuses == [201] * 20
    assert live == audit(state)
    assert (live.objects, len(live.by_value[KEY]), live.duplicates) == (40, 40, ())
