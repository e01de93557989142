"""The dashboard and the metrics of a run, fetched as a browser and Prometheus do."""

import asyncio
import contextlib
import json
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.faults import ErrorBefore, Latency
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import TOKEN, Ended, Loader, ended
from tests.browser import Browser, browsing, needs_chromium

SLOW = Scenario(
    quota=QuotaSettings(limit=1000),
    installed=("loader_trace_id",),
    fault=(Latency(mean_ms=60),),
)
ARGUMENTS = ("--batch-size", "5", "--workers", "1", "--json")


class Shown:
    """A run that shows itself: its process, and where its pages are."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    async def url(self, name: str) -> str:
        """Wait until the run has said where something is."""
        assert self.process.stderr is not None
        while not self.said or not self.said[-1].startswith(name):
            line = (await self.process.stderr.readline()).decode()
            assert line, self.said
            self.said.append(line.rstrip())
        return self.said[-1].split()[-1]


@contextlib.asynccontextmanager
async def shown(
    source: Path, loader: Loader, *options: str, scenario: Scenario = SLOW
) -> AsyncIterator[tuple[Shown, Sandbox, aiohttp.ClientSession]]:
    """Start a run with a portal in this process, and a client to look at it."""
    async with running(scenario=scenario) as portal, aiohttp.ClientSession() as client:
        loader.environment = {
            "HUBSPOT_BASE_URL": portal.base_url,
            "HUBSPOT_ACCESS_TOKEN": TOKEN,
        }
        process = await loader.start("run", source, *ARGUMENTS, *options)
        try:
            yield Shown(process), portal, client
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                await ended(process)


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    """Read server-sent events."""
    name = ""
    async for line in response.content:
        field, _, value = line.decode().rstrip().partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def following(told: AsyncIterator[tuple[str, Any]], wanted: str) -> Any:
    """Return what the next event of a name says."""
    async for name, data in told:
        if name == wanted:
            return data
    raise AssertionError(wanted)


async def test_the_page_shows_a_load_and_its_end(source: Path, loader: Loader):
    """History first, then each second; at last the summary, and then it is over."""
    async with shown(source, loader, "--dashboard") as (run, _, client):
        url = await run.url("dashboard:")
        told: list[tuple[str, Any]] = []
        async with client.get(f"{url}feed") as feed:
            kind = feed.headers["Content-Type"]
            told += [each async for each in events(feed)]
        done: Ended = await ended(run.process)

    names = [name for name, _ in told]
    lives = [data["live"] for name, data in told if name == "live"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    assert kind == "text/event-stream"
    assert (names[0], names[-1]) == ("history", "ended")
    assert lives
    assert lives[-1]["rate_limit"] == 1000
    assert told[-1][1]["summary"] == done.summary
    assert (done.status, done.summary["created"]) == (0, 250)


async def test_a_port_for_the_page_asks_for_the_page(source: Path, loader: Loader):
    """It is not taken without a word and left unused."""
    async with shown(source, loader, "--dashboard-port", "0") as (run, _, client):
        url = await run.url("dashboard:")
        async with client.get(url) as page:
            status = page.status

    assert status == 200


async def test_the_page_is_whole_and_holds_nothing_personal(
    source: Path, loader: Loader
):
    """One file, nothing from elsewhere; its own scripts alone may run."""
    async with shown(source, loader, "--dashboard") as (run, _, client):
        url = await run.url("dashboard:")
        async with client.get(url) as response:
            text, headers = await response.text(), response.headers

    policy = headers["Content-Security-Policy"]
    (nonce,) = re.findall(r"script-src 'nonce-([^']+)'", policy)
    assert f'<script nonce="{nonce}">' in text
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert not re.findall(r'(?:src|href)="(?!data:)', text)
    assert "{{" not in text
    assert TOKEN not in text


async def test_the_button_pauses_and_lets_go_on(source: Path, loader: Loader):
    """With the secret that only the page has."""
    async with shown(source, loader, "--dashboard") as (run, portal, client):
        url = await run.url("dashboard:")
        async with client.get(url) as response:
            text = await response.text()
        (secret,) = re.findall(r'name="loader-secret" content="([^"]+)"', text)
        own = {"X-Loader-Secret": secret, "Origin": url.rstrip("/")}
        async with client.get(f"{url}feed") as feed:
            told = events(feed)
            assert (await client.post(f"{url}pause", headers=own)).status == 200
            live = await following(told, "live")
            while not live["live"]["paused"] or live["live"]["in_flight"]:
                live = await following(told, "live")
            asked = len(portal.requests)
            await following(told, "live")
            assert len(portal.requests) == asked
            assert live["live"]["paused"] == "paused by hand"
            assert (await client.post(f"{url}go-on", headers=own)).status == 200
            end = await following(told, "ended")
        done = await ended(run.process)

    assert end["summary"]["created"] == 250
    assert done.status == 0


async def test_prometheus_reads_the_metrics(source: Path, loader: Loader):
    """Its own parser does, and the numbers are those of ``status``."""
    scenario = Scenario(
        quota=QuotaSettings(limit=1000),
        installed=("loader_trace_id",),
        fault=(Latency(mean_ms=60), ErrorBefore(requests=(6,))),
    )
    async with shown(source, loader, "--metrics", "0", scenario=scenario) as parts:
        run, _, client = parts
        url = await run.url("metrics:")
        found: dict[str, float] = {}
        while found.get("call_loader_records_total{created}", 0) < 50:
            async with client.get(url) as response:
                kind, text = response.headers["Content-Type"], await response.text()
            found = {
                f"{each.name}{{{','.join(sorted(each.labels.values()))}}}": each.value
                for family in text_string_to_metric_families(text)
                for each in family.samples
            }
            await asyncio.sleep(0.05)

    assert kind.startswith("text/plain")
    assert found["call_loader_rate_limit_requests{}"] == 1000
    assert found["call_loader_source_bytes{}"] == source.stat().st_size
    assert 0 < found["call_loader_frontier_bytes{}"] <= source.stat().st_size
    assert found["call_loader_requests_total{}"] >= 10
    assert found["call_loader_answers_total{create,ok}"] > 0
    assert found["call_loader_request_duration_seconds_bucket{+Inf}"] > 0
    assert found["call_loader_paused{}"] == 0
    assert "process_resident_memory_bytes{}" in found


@needs_chromium
async def test_a_browser_draws_the_load_pauses_it_and_shows_its_end(
    source: Path, loader: Loader
):
    """By the keyboard, under the page's own security policy, on a telephone too."""
    async with shown(source, loader, "--dashboard") as (run, _, _client):
        url = await run.url("dashboard:")
        async with browsing() as browser:
            await browser.open(url, width=360, dark=True)
            await shows(browser, "state", "running")
            await browser.ask(f"{BY_ID}('pause').focus()")
            for kind in ("rawKeyDown", "char", "keyUp"):
                await browser("Input.dispatchKeyEvent", type=kind, **SPACE)
            await shows(browser, "state", "waiting")
            told = await browser.ask(f"{BY_ID}('told').textContent")
            wide = await browser.ask("document.documentElement.scrollWidth")
            await shows(browser, "pause", "Go on")
            await browser.ask(f"{BY_ID}('pause').click()")
            await shows(browser, "state", "done")
            end = await browser.ask(f"{BY_ID}('told').textContent")
            lines = await browser.ask("document.querySelectorAll('polyline').length")
        done = await ended(run.process)

    assert told == "paused by hand"
    assert wide <= 360
    assert "250 created" in end
    assert lines >= 6
    assert not browser.complaints
    assert {each.rsplit("/", 1)[0] for each in browser.requests} == {url.rstrip("/")}
    assert done.status == 0


BY_ID = "document.getElementById"
SPACE = {"key": " ", "code": "Space", "text": " ", "windowsVirtualKeyCode": 32}


async def shows(browser: Browser, name: str, text: str) -> None:
    """Wait until a part of the page says something."""
    async with asyncio.timeout(60):
        while await browser.ask(f"{BY_ID}('{name}').textContent") != text:
            await asyncio.sleep(0.05)
