"""A load from outside: what goes in, what the portal has, what is told."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Scenario, audit, read_calls, running
from loader.sandbox.faults import Latency
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import TOKEN, Loader, ended
from tests.conftest import call, write_source

KEYED = ("loader_trace_id",)
FREE = QuotaSettings(limit="none")
BAD = {
    3: b'{"broken',
    7: b'\xff\xfe{"properties":{}}',
    11: b'{"properties":{"hs_timestamp":NaN}}',
    40: b"[1,2]",
    55: json.dumps(call(55, no_such_property="x")).encode(),
    99: json.dumps(call(99, hs_call_direction="SIDEWAYS")).encode(),
    100: json.dumps({"properties": {"hs_call_title": "no time"}}).encode(),
    101: json.dumps(call(101)).replace("194", "193").encode(),
    250: json.dumps(call(250, hs_call_duration="soon")).encode(),
    251: json.dumps({"properties": {"hs_timestamp": "1", "x": {}}}).encode(),
}


def mixed(number: int) -> Any:
    return BAD.get(number, call(number))


def connect(loader: Loader, base_url: str) -> None:
    loader.environment = {"HUBSPOT_BASE_URL": base_url, "HUBSPOT_ACCESS_TOKEN": TOKEN}


@pytest.mark.parametrize(
    "habits",
    [
        {"installed": KEYED},
        {"installed": KEYED, "echo": True},
        {"installed": KEYED, "whole_batch_errors": True},
        {"installed": KEYED, "read_missing": "empty", "whole_batch_errors": True},
        {"installed": KEYED, "partial_status": 201, "conflict": "conflict"},
        {"unique_id": True},
        {"echo": True},
        {"datetimes": "iso"},
    ],
    ids=str,
)
async def test_every_good_line_is_there_once_and_every_bad_line_is_told(
    loader: Loader, tmp_path: Path, habits: dict[str, Any]
):
    """Whatever a portal's habits: the right ID for each, and a second run is silent."""
    source = write_source(tmp_path / "calls.ndjson", 450, mixed)
    async with running(scenario=Scenario(quota=FREE, **habits)) as portal:
        connect(loader, portal.base_url)
        first = await loader("run", source, "--rate", "none", "--json")
        creates = sum(visit.endpoint == "create" for visit in portal.requests)
        second = await loader("run", source, "--rate", "none", "--json")
        again = sum(visit.endpoint == "create" for visit in portal.requests)
        calls = {each.trace_id: each for each in portal.calls()}
    results = await loader("results", source)

    assert (first.status, second.status) == (1, 1), first.err
    assert again == creates
    by_line = {row["line"]: row for row in results.rows}
    assert list(by_line) == list(range(1, 451))
    assert {n for n, row in by_line.items() if row["state"] == "rejected"} == set(BAD)
    assert len(calls) == 450 - len(BAD)
    for number, row in by_line.items():
        if number not in BAD:
            made = calls[row["objectWriteTraceId"]]
            assert (row["state"], row["id"]) == ("created", made.id)
            assert made.properties["hs_call_title"] == f"call {number}"
            assert made.associations[0].to.id == str(number)
    summary = second.summary
    assert summary["lines"] == 450
    assert summary["created"] + summary["rejected"] == 450
    assert summary["finished"]


async def test_a_load_into_a_portal_that_has_the_calls_finds_them(
    loader: Loader, tmp_path: Path
):
    """A lost ledger: the same IDs again, so everything is existing, nothing twice."""
    source = write_source(tmp_path / "calls.ndjson", 150)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        await loader("run", source, "--rate", "none")
        lost = await loader("run", source, "--load-dir", tmp_path / "new", "--json")
        found = portal.audit()

    assert lost.status == 0
    assert (lost.summary["existing"], lost.summary["created"]) == (150, 0)
    assert (found.objects, found.duplicates) == (150, ())


async def test_a_rehearsal_needs_nothing_and_resumes(loader: Loader, tmp_path: Path):
    """No token, no network, and the portal's state in the load folder."""
    source = write_source(tmp_path / "calls.ndjson", 120)
    first = await loader("run", source, "--sandbox", "--json")
    with source.open("ab") as file:
        file.write(json.dumps(call(121)).encode() + b"\n")
    second = await loader("run", source, "--sandbox", "--json")
    status = await loader("status", source, "--json")

    assert (first.status, second.status) == (0, 0), first.err
    assert first.summary["promise"] == "exactly-once"
    assert second.summary["created"] == 121
    assert status.summary["created"] == 121
    assert audit(tmp_path / "calls.ndjson.load" / "sandbox.db").objects == 121


async def test_a_corrected_copy_of_the_rejected_is_a_source(
    loader: Loader, tmp_path: Path
):
    """Reasons and records are in the file; a corrected row loads as it is."""
    source = write_source(tmp_path / "calls.ndjson", 120, mixed)
    await loader("run", source, "--sandbox")
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = [json.loads(line) for line in rejected.read_text().splitlines()]
    assert {row["line"] for row in rows} == {n for n in BAD if n <= 120}
    assert all(row["message"] and row["category"] for row in rows)
    row = next(row for row in rows if row["line"] == 99)
    row["record"]["properties"]["hs_call_direction"] = "INBOUND"
    corrected = tmp_path / "corrected.ndjson"
    corrected.write_text(json.dumps(row) + "\n")
    ended_ = await loader("run", corrected, "--sandbox", "--json")

    assert ended_.status == 0
    calls = read_calls(tmp_path / "calls.ndjson.load" / "sandbox.db")
    made = [each for each in calls if each.trace_id == row["objectWriteTraceId"]]
    assert [each.properties["hs_call_title"] for each in made] == ["call 99"]


async def test_standard_input_loads_and_resumes(loader: Loader, tmp_path: Path):
    """A stream is read again, checked, and only its new part is sent."""
    arguments = ("run", "-", "--sandbox", "--json", "--load-dir", tmp_path / "in")
    source = write_source(tmp_path / "calls.ndjson", 130)
    first = await loader(*arguments, stdin=source)
    longer = write_source(tmp_path / "longer.ndjson", 140)
    second = await loader(*arguments, stdin=longer)
    other = write_source(tmp_path / "other.ndjson", 140, lambda n: call(n + n // 99))
    third = await loader(*arguments, stdin=other)
    refused = await loader("run", "-", "--sandbox", stdin=source)

    assert (first.status, second.status) == (0, 0), first.err
    assert (first.summary["created"], second.summary["created"]) == (130, 140)
    assert audit(tmp_path / "in" / "sandbox.db").objects == 140
    assert (third.status, refused.status) == (4, 2)
    assert "offset" in third.err
    assert "--load-dir" in refused.err


async def test_a_file_that_was_empty_loads_once_it_is_filled(
    loader: Loader, tmp_path: Path
):
    """An empty file is a load of nothing, not another source."""
    source = tmp_path / "calls.ndjson"
    source.touch()
    empty = await loader("run", source, "--sandbox", "--json")
    write_source(source, 3)
    filled = await loader("run", source, "--sandbox", "--json")

    assert (empty.status, filled.status) == (0, 0), filled.err
    assert (empty.summary["lines"], filled.summary["created"]) == (0, 3)


async def test_results_come_as_csv_into_a_file_and_by_state(
    loader: Loader, tmp_path: Path
):
    """The same rows in either form."""
    source = write_source(tmp_path / "calls.ndjson", 60, mixed)
    await loader("run", source, "--sandbox")
    output = tmp_path / "rejected.csv"
    await loader(
        "results", source, "--state", "rejected", "--format", "csv", "-o", output
    )

    lines = output.read_text().splitlines()
    assert lines[0].startswith("line,offset,objectWriteTraceId,state,id,category")
    assert len(lines) == 1 + sum(n <= 60 for n in BAD)


async def test_the_token_and_the_calls_are_in_no_log(loader: Loader, tmp_path: Path):
    """Not in a file of the load folder, not on the terminal, not in the arguments."""
    secret = "+49-151-canary"

    def personal(number: int) -> Any:
        return call(number, hs_call_from_number=secret, bad=secret) if number % 9 else 1

    source = write_source(tmp_path / "calls.ndjson", 130, personal)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        run = await loader("run", source, "--rate", "none", "--json")
    folder = tmp_path / "calls.ndjson.load"

    assert TOKEN not in run.out + run.err
    assert secret not in run.out + run.err
    for path in folder.iterdir():
        content = path.read_bytes()
        assert TOKEN.encode() not in content
        if path.name not in ("ledger.db", "rejected.ndjson"):
            assert secret.encode() not in content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_running_load_is_refused_to_others_and_tells_its_status(
    loader: Loader, tmp_path: Path
):
    """One owner; ``status`` answers all the while, ``results`` names the owner."""
    source = write_source(tmp_path / "calls.ndjson", 400)
    slow = Scenario(installed=KEYED, fault=(Latency(mean_ms=300),))
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        folder = tmp_path / "calls.ndjson.load"
        process = await loader.until(
            (folder / "status.json").exists,
            "run", source, "--workers", "1", "--batch-size", "2",
        )  # fmt: skip
        second = await loader("run", source)
        results = await loader("results", source)
        status = await loader("status", source, "--json")
        process.kill()
        await ended(process)

    assert (second.status, results.status, status.status) == (4, 4, 0)
    assert f"process {process.pid}" in second.err
    assert f"process {process.pid}" in results.err
    assert status.summary["pid"] == process.pid
    assert not status.summary["finished"]
