"""``report``: one file about a load, whatever became of the load."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from loader.ledger.lock import owned
from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency
from tests.acceptance.conftest import Loader
from tests.acceptance.test_load import BAD, FREE, KEYED, connect, mixed
from tests.conftest import write_source
from tests.security.test_canaries import PERSONAL, personal

RUN = ("--sandbox", "--rate", "none")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def history(source: Path) -> list[dict[str, Any]]:
    path = Path(f"{source}.load") / "history.ndjson"
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


async def test_a_load_that_was_killed_and_resumed_is_told_as_one(
    loader: Loader, tmp_path: Path
):
    """Both runs, what was refused, and checksums that anybody can compute again."""
    source = write_source(tmp_path / "calls.ndjson", 450, mixed)
    slow = Scenario(quota=FREE, installed=KEYED, fault=(Latency(mean_ms=400),))
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        run = ("run", source, "--rate", "none", "--workers", "1")
        await loader.killed(
            lambda: any(row.get("created") for row in history(source)), *run
        )
        resumed = await loader(*run)
    told = await loader("report", source, "--format", "json", "-o", "-")
    results = await loader("results", source)

    assert (resumed.status, told.status) == (1, 0), told.err
    report = json.loads(told.out)
    assert [each["ending"] for each in report["runs"]] == ["cut off", "complete"]
    assert sum(each["settled"] for each in report["runs"]) == 450
    assert {step["run"] for step in report["steps"]} == {1, 2}
    summary = report["summary"]
    assert (summary["created"], summary["rejected"]) == (440, 10)
    assert (summary["promise"], summary["finished"]) == ("exactly-once", True)
    assert report["source"]["sha256"] == sha256(source.read_bytes())
    assert report["source"]["unchanged"]
    assert report["results_sha256"] == sha256(results.out.encode())
    assert report["results_rows"] == 450
    lines = {line for group in report["rejected"]["shown"] for line in
             group["first_lines"]}  # fmt: skip
    assert lines == set(BAD)
    assert not report["rehearsal"]


async def test_each_form_has_a_place_and_can_be_put_elsewhere(
    loader: Loader, tmp_path: Path
):
    """In the load folder for one's own eyes, in a file, or on standard output.

    The portal quotes what it refuses; a report does not, unless it is asked to.
    """
    source = write_source(tmp_path / "calls.ndjson", 60, personal)
    await loader("run", source, *RUN)
    here = await loader("report", source)
    there = await loader("report", source, "--format", "md", "-o", tmp_path / "there")
    shown = await loader("report", source, "--with-data", "-o", "-")

    assert [each.status for each in (here, there, shown)] == [0, 0, 0]
    place = tmp_path / "calls.ndjson.load" / "report.html"
    assert here.out == there.out == ""
    assert here.err == f"wrote {place}\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    files = [place, tmp_path / "there", place.with_name("history.ndjson")]
    for text in (each.read_text() for each in files):
        assert not [canary for canary in PERSONAL if canary in text]
    assert "of 60 records are on the portal" in place.read_text()
    assert "of 60 records are on the portal" in files[1].read_text()
    assert [canary for canary in PERSONAL if canary in shown.out]


async def test_what_cannot_be_reported_is_refused_in_a_sentence(
    loader: Loader, tmp_path: Path
):
    """No load, no folder for the file, or a load that somebody runs."""
    source = write_source(tmp_path / "calls.ndjson", 3)
    folder = tmp_path / "calls.ndjson.load"
    nothing = await loader("report", source)
    await loader("run", source, *RUN)
    nowhere = await loader("report", source, "-o", tmp_path / "no" / "where.html")
    with owned(folder / "owner.lock"):
        live = await loader("report", source)

    assert [each.status for each in (nothing, nowhere, live)] == [2, 2, 4]
    assert "there is no load" in nothing.err
    assert "cannot write" in nowhere.err
    assert f"process {os.getpid()}" in live.err
    assert not (folder / "report.html").exists()
