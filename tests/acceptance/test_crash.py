"""Killed at chosen requests under bad weather, and resumed: the promise itself."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.faults import AnyFault
from loader.sandbox.scenario import QuotaSettings, load_scenario
from tests.acceptance.conftest import Ended, Loader
from tests.acceptance.test_load import BAD, FREE, KEYED, connect, mixed
from tests.conftest import write_source

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LINES = 600


def storm(seed: int, **habits: Any) -> Scenario:
    scenario = load_scenario(SCENARIOS / "storm.toml")
    return msgspec.structs.replace(scenario, seed=seed, quota=FREE, **habits)


async def killed_often(
    loader: Loader, portal: Sandbox, source: Path, *, kills: int, seed: int
) -> None:
    """Kill after a few more requests, again and again."""
    chance = random.Random(seed)
    for _ in range(kills):
        goal = len(portal.requests) + chance.randint(3, 20)
        await loader.killed(
            lambda goal=goal: len(portal.requests) >= goal,
            "run", source, "--rate", "none", "--workers", "4", "--batch-size", "30",
        )  # fmt: skip


async def finished(loader: Loader, source: Path) -> Ended:
    for _ in range(5):
        ended_ = await loader(
            "run", source, "--rate", "none", "--batch-size", "30", "--json"
        )
        if ended_.status in (0, 1):
            return ended_
    raise AssertionError(ended_.err)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_under_a_storm_every_good_line_is_there_exactly_once(
    loader: Loader, tmp_path: Path, seed: int
):
    """Answers lost, late, cut, omitted, denied; nothing lost, nothing twice."""
    source = write_source(tmp_path / "calls.ndjson", LINES, mixed)
    habits = {"installed": KEYED, "echo": seed % 2 == 0}
    async with running(scenario=storm(seed, **habits)) as portal:
        connect(loader, portal.base_url)
        await killed_often(loader, portal, source, kills=4, seed=seed)
        last = await finished(loader, source)
        calls = {each.trace_id: each.id for each in portal.calls()}
        found = portal.audit()
    rows = (await loader("results", source)).rows

    assert found.duplicates == ()
    assert [row["line"] for row in rows] == list(range(1, LINES + 1))
    states = Counter(row["state"] for row in rows)
    assert states["rejected"] == len(BAD), last.err
    assert {row["line"] for row in rows if row["state"] == "rejected"} == set(BAD)
    assert states["created"] == LINES - len(BAD)
    assert all(
        calls[row["objectWriteTraceId"]] == row["id"]
        for row in rows
        if row["state"] == "created"
    )


@pytest.mark.parametrize("seed", [4, 5])
async def test_without_a_key_nothing_is_twice_and_every_doubt_is_shown(
    loader: Loader, tmp_path: Path, seed: int
):
    """Hold mode: what is missing, or may be, is in doubt, and told so."""
    source = write_source(tmp_path / "calls.ndjson", LINES, mixed)
    async with running(scenario=storm(seed)) as portal:
        connect(loader, portal.base_url)
        await killed_often(loader, portal, source, kills=3, seed=seed)
        last = await finished(loader, source)
        there = {each.trace_id for each in portal.calls()}
        found = portal.audit()
    rows = (await loader("results", source)).rows

    assert found.duplicates == ()
    assert last.summary["promise"] == "at-most-once"
    assert [row["line"] for row in rows] == list(range(1, LINES + 1))
    for row in rows:
        if row["state"] == "created":
            assert row["objectWriteTraceId"] in there
        elif row["line"] not in BAD:
            assert row["state"] == "in_doubt"
    in_doubt = tmp_path / "calls.ndjson.load" / "in_doubt.ndjson"
    assert len(in_doubt.read_text().splitlines()) == last.summary["in_doubt"]


async def test_a_load_begun_without_a_key_goes_on_with_one(
    loader: Loader, tmp_path: Path
):
    """After ``prepare`` later records are exactly-once; earlier doubts stay shown."""
    source = write_source(tmp_path / "calls.ndjson", LINES)
    lost: tuple[AnyFault, ...] = load_scenario(SCENARIOS / "storm.toml").fault
    scenario = Scenario(quota=QuotaSettings(limit="none"), fault=lost)
    async with running(scenario=scenario) as portal:
        connect(loader, portal.base_url)
        await killed_often(loader, portal, source, kills=1, seed=9)
        prepared = await loader("prepare")
        again = await loader("prepare")
        last = await finished(loader, source)
        found = portal.audit()
    rows = (await loader("results", source)).rows
    states = Counter(row["state"] for row in rows)

    assert (prepared.status, again.status) == (0, 0), prepared.err
    assert "loader_trace_id" in prepared.out
    assert last.summary["promise"] == "exactly-once"
    assert found.duplicates == ()
    assert states["created"] + states["in_doubt"] == LINES
    assert found.objects >= states["created"]


async def test_a_resumed_run_seeks_and_sends_only_the_rest(
    loader: Loader, tmp_path: Path
):
    """What is settled is neither read nor sent again."""
    source = write_source(tmp_path / "calls.ndjson", LINES)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        await loader.killed(
            lambda: sum(v.endpoint == "create" for v in portal.requests) >= 10,
            "run", source, "--rate", "none", "--workers", "1", "--batch-size", "30",
        )  # fmt: skip
        before = sum(visit.endpoint == "create" for visit in portal.requests)
        last = await finished(loader, source)
        creates = sum(visit.endpoint == "create" for visit in portal.requests)

    assert last.status == 0
    assert "resuming at offset" in last.err
    assert creates - before <= LINES // 30 - before + 1
