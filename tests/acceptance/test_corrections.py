"""Rejected, corrected by a person, run again: the first load's records, once each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency
from tests.acceptance.conftest import Loader, ended
from tests.acceptance.test_load import BAD, FREE, KEYED, connect, mixed
from tests.conftest import write_source
from tests.rejects import Rows, as_lines, corrected, pretty, read_rows, reordered

LINES = 130
REJECTED = sorted(number for number in BAD if number <= LINES)


@pytest.mark.parametrize(
    ("edited", "habits"),
    [(pretty, {"installed": KEYED}), (reordered, {"echo": True})],
    ids=["keyed", "held"],
)
async def test_a_corrected_copy_completes_the_first_load(
    loader: Loader,
    tmp_path: Path,
    edited: Callable[[Rows], bytes],
    habits: dict[str, Any],
):
    """Whatever an editor made of it, with the trace property or without, run twice."""
    source = write_source(tmp_path / "calls.ndjson", LINES, mixed)
    copy = tmp_path / "elsewhere" / "mine.json"
    copy.parent.mkdir()
    async with running(scenario=Scenario(quota=FREE, **habits)) as portal:
        connect(loader, portal.base_url)
        first = await loader("run", source, "--rate", "none", "--json")
        rows = read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson")
        copy.write_bytes(edited(corrected(rows)))
        second = await loader("run", copy, "--rate", "none", "--json")
        creates = sum(visit.endpoint == "create" for visit in portal.requests)
        again = await loader("run", copy, "--rate", "none", "--json")
        # another form of the same rows is another correction, and finds them all there
        copy.write_bytes(as_lines(corrected(rows)) + b"\n")
        other = await loader("run", copy, "--rate", "none", "--json")
        silent = sum(visit.endpoint == "create" for visit in portal.requests)
        calls = {each.id: each for each in portal.calls()}
        found = portal.audit()
        finished = await loader("run", source, "--rate", "none", "--json")
    results = await loader("results", source)
    status = await loader("status", source, "--json")

    assert (first.status, second.status, finished.status) == (1, 0, 0), second.err
    assert second.summary["created"] == len(REJECTED)
    assert second.summary["corrects"]["created"] == LINES
    assert (again.status, other.status, silent) == (0, 0, creates), other.err
    assert other.summary["existing"] == len(REJECTED)
    assert (len(calls), found.duplicates) == (LINES, ())
    assert [row["line"] for row in results.rows] == list(range(1, LINES + 1))
    for row in results.rows:
        assert row["state"] == "created"
        title = calls[row["id"]].properties["hs_call_title"]
        assert title == f"call {row['line']}"
    assert status.summary["created"] == LINES
    assert status.summary["corrected"] == len(REJECTED)
    assert (tmp_path / "calls.ndjson.load" / "rejected.ndjson").read_bytes() == b""
    kept = {row["line"]: row["objectWriteTraceId"] for row in rows}
    for row in results.rows:
        if kept.get(row["line"]):
            assert row["objectWriteTraceId"] == kept[row["line"]]


@pytest.mark.parametrize("habits", [{"installed": KEYED}, {"echo": True}], ids=str)
async def test_a_correction_that_was_killed_goes_on(
    loader: Loader, tmp_path: Path, habits: dict[str, Any]
):
    """Also after the file was edited again, and when it is as it was before."""
    source = write_source(tmp_path / "calls.ndjson", 60, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    slow = Scenario(quota=FREE, fault=(Latency(mean_ms=20),), **habits)
    arguments = ("--rate", "none", "--batch-size", "2", "--workers", "2", "--json")
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        await loader("run", source, "--rate", "none")
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows))
        for objects in (6, 20):

            def some(number: int = objects) -> bool:
                return portal.audit().objects >= number

            await loader.killed(some, "run", copy, *arguments)
        copy.write_bytes(reordered(rows))
        await loader.killed(
            lambda: portal.audit().objects >= 35, "run", copy, *arguments
        )
        copy.write_bytes(as_lines(rows))
        await loader("run", copy, *arguments)
        # what the other one had in flight is its own, which only its next run tells
        copy.write_bytes(reordered(rows))
        await loader("run", copy, *arguments)
        found = portal.audit()
    results = await loader("results", source)
    states = [row["state"] for row in results.rows]

    assert found.duplicates == ()
    assert len(states) == 60
    made = sum(state in ("created", "existing") for state in states)
    if "installed" in habits:
        assert (made, found.objects) == (60, 60)
    else:
        assert made <= found.objects <= made + states.count("in_doubt")
        assert made + states.count("in_doubt") + states.count("rejected") == 60


async def test_first_load_and_corrections_run_one_at_a_time(
    loader: Loader, tmp_path: Path
):
    """While a correction runs, the others are told who does; status always answers."""
    source = write_source(tmp_path / "calls.ndjson", 40, lambda n: [n])
    copy, other = tmp_path / "copy.ndjson", tmp_path / "other.ndjson"
    slow = Scenario(installed=KEYED, fault=(Latency(mean_ms=300),))
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        await loader("run", source)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows))
        other.write_bytes(reordered(rows))
        process = await loader.until(
            lambda: portal.audit().objects > 0,
            "run", copy, "--workers", "1", "--batch-size", "1",
        )  # fmt: skip
        refused = [
            await loader("run", source),
            await loader("run", other),
            await loader("results", source),
        ]
        status = await loader("status", source, "--json")
        live = await loader("status", copy, "--json")
        process.kill()
        await ended(process)

    for each in refused:
        assert each.status == 4
        assert f"process {process.pid}" in each.err
    assert status.status == 0
    assert "correction is running" in status.summary["reason"]
    assert live.summary["pid"] == process.pid
