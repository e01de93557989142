"""Pause and go on by signal; hours and shares: ``run`` as a process."""

import asyncio
import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import TOKEN, Loader, ended

SLOW = Scenario(
    quota=QuotaSettings(limit="none"),
    installed=("loader_trace_id",),
    fault=(Latency(mean_ms=60),),
)


def events(source: Path) -> list[dict[str, Any]]:
    log = source.with_name(source.name + ".load") / "run.log"
    return [json.loads(line) for line in log.read_text().splitlines()]


def at(base_url: str) -> dict[str, str]:
    return {"HUBSPOT_BASE_URL": base_url, "HUBSPOT_ACCESS_TOKEN": TOKEN}


async def paused(source: Path, loader: Loader, *, idle: bool = False) -> dict[str, Any]:
    """Wait until a load says that it is paused; return what ``status`` shows."""
    file = source.with_name(source.name + ".load") / "status.json"
    shown: dict[str, Any] = {}
    async with asyncio.timeout(60):
        while not shown.get("paused") or (idle and shown["in_flight"]):
            await asyncio.sleep(0.05)
            shown = json.loads(file.read_text()) if file.exists() else {}
    return (await loader("status", source, "--json")).summary


def clock(minutes: int) -> str:
    """Return a local time so many minutes from now."""
    return f"{datetime.now().astimezone() + timedelta(minutes=minutes):%H:%M}"


def at_noon() -> str:
    """Return a time zone in which midnight is far away."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


async def test_signals_pause_a_load_and_let_it_go_on(source: Path, loader: Loader):
    """Paused it sends nothing and says so to ``status``; then it loads every record."""
    async with running(scenario=SLOW) as portal:
        loader.environment = at(portal.base_url)
        process = await loader.until(
            lambda: portal.audit().objects > 0,
            "run", source, "--batch-size", "5", "--workers", "1", "--json",
        )  # fmt: skip
        process.send_signal(signal.SIGUSR1)
        shown = await paused(source, loader, idle=True)
        before = len(portal.requests)
        text = (await loader("status", source)).out
        after = len(portal.requests)
        process.send_signal(signal.SIGUSR2)
        done = await ended(process)

    assert shown["paused"] == "paused by hand"
    assert before == after < 50
    assert "paused by hand" in text
    assert f"kill -USR2 {process.pid}" in text
    assert (done.status, done.summary["created"]) == (0, 250)
    names = [each["event"] for each in events(source)]
    assert names.index("run.paused") < names.index("run.went_on")


async def test_a_paused_load_can_be_interrupted(source: Path, loader: Loader):
    """And resumed: its ledger is whole, and the pause was the process's."""
    async with running(scenario=SLOW) as portal:
        loader.environment = at(portal.base_url)
        process = await loader.until(
            lambda: portal.audit().objects > 0,
            "run", source, "--batch-size", "5", "--workers", "1",
        )  # fmt: skip
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        stopped = await ended(process)
        resumed = await loader("run", source, "--json")
        found = portal.audit()

    assert stopped.status == 143
    assert (resumed.status, resumed.summary["created"]) == (0, 250)
    assert (found.objects, found.duplicates) == (250, ())


async def test_a_resumed_load_that_waits_says_how_much_is_left(
    source: Path, loader: Loader
):
    """By what the ledger knows: a load that has half of its source is at a half."""
    async with running(scenario=SLOW) as portal:
        loader.environment = at(portal.base_url)
        await loader("run", source, "--rate", "none")
        await asyncio.to_thread(source.write_bytes, source.read_bytes() * 2)
        quiet = f"{clock(-2)}-{clock(30)}"
        process = await loader.start("run", source, "--quiet", quiet)
        shown = await paused(source, loader)
        process.send_signal(signal.SIGTERM)
        await ended(process)

    assert (shown["lines"], shown["created"], shown["unread"]) == (500, 250, 250)


async def test_a_run_that_starts_in_quiet_hours_waits_and_says_so(
    source: Path, loader: Loader
):
    """Not a single request, not even to ask who the portal is."""
    async with running(scenario=SLOW) as portal:
        loader.environment = at(portal.base_url)
        quiet = f"{clock(-2)}-{clock(30)}"
        process = await loader.start("run", source, "--quiet", quiet)
        shown = await paused(source, loader)
        process.send_signal(signal.SIGTERM)
        done = await ended(process)
        requests = len(portal.requests)

    assert (done.status, requests) == (143, 0)
    assert shown["paused"] == f"quiet hours {quiet}"
    until = datetime.fromisoformat(shown["paused_until"]).astimezone()
    assert f"{until:%H:%M}" == quiet[-5:]
    assert "run.paused" in done.err


async def test_a_daily_share_is_kept_and_waited_out(source: Path, loader: Loader):
    """Also by the next run of the same day, and where no header tells of the day."""
    scenario = Scenario(
        time_zone=at_noon(),
        quota=QuotaSettings(limit="none", daily=1000),
        installed=("loader_trace_id",),
        rate_headers=False,
    )
    share = ("--daily-share", "2%", "--daily-limit", "1000", "--batch-size", "2")
    async with running(scenario=scenario) as portal:
        loader.environment = at(portal.base_url)
        for _ in range(2):
            process = await loader.start("run", source, *share)
            await paused(source, loader)
            process.send_signal(signal.SIGTERM)
            await ended(process)
        sent = len(portal.requests)

    assert sent == 20


async def test_a_used_up_day_is_waited_out_with_a_share(source: Path, loader: Loader):
    """Without one the same refusal ends the run."""
    scenario = Scenario(
        quota=QuotaSettings(limit="none", daily=10),
        installed=("loader_trace_id",),
        rate_headers=False,
    )
    small = ("--batch-size", "2", "--json")
    async with running(scenario=scenario) as portal:
        loader.environment = at(portal.base_url)
        process = await loader.start("run", source, *small, "--daily-share", "90%")
        shown = await paused(source, loader)
        process.send_signal(signal.SIGTERM)
        waited = await ended(process)
        without = await loader("run", source, *small)

    assert "daily limit is used up" in shown["paused"]
    assert (waited.status, without.status) == (143, 3)
    assert waited.summary["unread"] + waited.summary["created"] == 250


async def test_hours_that_are_none_are_refused(source: Path, loader: Loader):
    """Before anything is sent; the message says what to write."""
    until = await loader("run", source, "--sandbox", "--until", "6pm")
    never = await loader("run", source, "--sandbox", "--quiet", "00:00-24:00")
    alone = await loader("run", source, "--sandbox", "--daily-limit", "1000")

    assert [each.status for each in (until, never, alone)] == [2, 2, 2]
    assert "'18:00'" in until.err
    assert "no minute" in never.err
    assert "daily-share" in alone.err


async def test_a_load_that_ends_while_it_waits_to_begin_says_so_last(
    source: Path, loader: Loader
):
    """Nothing that told of its rest may come after its end."""
    quiet = f"{clock(-2)}-{clock(30)}"
    process = await loader.start("run", source, "--sandbox", "--quiet", quiet)
    await paused(source, loader)
    process.send_signal(signal.SIGTERM)
    await ended(process)
    shown = (await loader("status", source, "--json")).summary

    assert (shown["ending"], shown["reason"]) == (
        "interrupted",
        "interrupted before the first record was sent",
    )
