"""What is gathered for a report: from the folder, the ledger, the source."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import loader
from loader.assembly.dossier import dossier
from loader.assembly.inspect import opened_results
from loader.errors import LedgerMismatch, UsageError
from loader.report.facts import Report
from loader.report.markdown import markdown
from loader.report.page import page
from loader.report.rows import ndjson
from loader.sandbox import Scenario, running
from loader.sandbox.faults import LostAnswer
from tests.acceptance.test_load import BAD, FREE, mixed
from tests.conftest import write_source
from tests.security.test_canaries import PERSONAL, personal
from tests.unit.report.builders import a_certificate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FREELY = loader.Settings(rate="none")


async def loaded(source: Path, **how: Any) -> Path:
    await loader.load(source, sandbox=True, settings=FREELY, **how)
    return source.with_name(source.name + ".load")


def told(source: Path | str, *, with_data: bool = False, **where: Any) -> Report:
    folder = where.get("load_dir")
    return dossier(str(source), folder, with_data=with_data, now=NOW)


async def test_a_load_is_told_with_what_can_be_computed_again(tmp_path: Path):
    """Counts, reasons, run, and the checksums of source and results."""
    source = write_source(tmp_path / "calls.ndjson", 450, mixed)
    await loaded(source)
    report = told(source)
    with opened_results(str(source), None) as rows:
        results = b"".join(ndjson(rows))

    assert (report.summary.created, report.summary.rejected) == (440, 10)
    assert report.source.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert report.source.unchanged
    assert report.summary.source == report.source.name == "calls.ndjson"
    assert report.results_sha256 == hashlib.sha256(results).hexdigest()
    assert report.results_rows == 450
    lines = {line for group in report.rejected.shown for line in group.first_lines}
    assert lines == set(BAD)
    (run,) = report.runs
    assert (run.ending, run.settled) == ("complete", 450)
    assert (report.rehearsal, report.made_at) == (True, "2026-11-25T12:00:00+00:00")


async def test_nothing_personal_is_told_unless_it_is_asked_for(tmp_path: Path):
    """The portal quotes what it refuses; the report shows the reason alone."""
    source = write_source(tmp_path / "calls.ndjson", 60, personal)
    await loaded(source)
    plain, whole = told(source), told(source, with_data=True)

    for shown in (page(plain), "\n".join(markdown(plain)), repr(plain)):
        assert not [canary for canary in PERSONAL if canary in shown]
    for shown in (page(whole), "\n".join(markdown(whole))):
        assert "canary-body" in shown
    assert "••• was not one of the allowed options" in page(plain)


async def test_records_in_doubt_are_told_with_the_promise(tmp_path: Path):
    """Without the unique property: held, why, and what the run could promise."""
    source = write_source(tmp_path / "calls.ndjson", 250)
    lost = LostAnswer(requests=(2,), endpoint="create")
    async with running(scenario=Scenario(quota=FREE, fault=(lost,))) as portal:
        how = loader.Settings(rate="none", base_url=portal.base_url)
        await loader.load(source, token="any", settings=how)
    report = told(source)

    assert report.summary.promise == "at-most-once"
    assert report.summary.in_doubt == 100
    (group,) = report.in_doubt.shown
    assert (group.number, bool(group.message)) == (100, True)
    assert list(report.errors.values()) == [1]
    assert not report.rehearsal


async def test_a_source_that_changed_or_is_gone_is_told(source: Path):
    """Its checksum would prove nothing about what was loaded."""
    await loaded(source)
    content = source.read_bytes()
    source.write_bytes(content.replace(b"call 7", b"cell 7"))
    changed = told(source).source
    source.write_bytes(content + b"\n")
    grown = told(source).source
    source.unlink()
    gone = told(source).source

    assert (changed.unchanged, changed.changed_at) == (False, 0)
    assert (grown.unchanged, grown.size) == (True, len(content) + 1)
    assert (gone.sha256, gone.unchanged) == (None, None)


async def test_a_load_without_history_is_told(source: Path):
    """An older version kept none."""
    folder = await loaded(source)
    (folder / "history.ndjson").unlink()
    report = told(source)

    assert (report.runs, report.steps, report.summary.created) == ([], [], 250)


async def test_refused_runs_are_told_and_change_nothing(source: Path):
    """Somebody tried the folder with another key."""
    await loaded(source)
    with pytest.raises(LedgerMismatch):
        await loader.load(
            source, sandbox=True, settings=loader.Settings(rate="none", key="x")
        )
    report = told(source)

    assert [each.ending for each in report.runs] == ["complete", "refused"]
    assert report.summary.created == 250


async def test_a_certificate_is_told_and_any_other_file_is_left(source: Path):
    """What ``verify`` wrote is in the report as it is; what is none costs nothing."""
    folder = await loaded(source)
    place = folder / "certificate.json"
    good = a_certificate()
    contents = (msgspec.json.encode(good), b'{"equal": 3}', b"\xff", b"{" * 99)
    found = [told(source).certificate for each in contents if place.write_bytes(each)]

    assert found == [good, None, None, None]


async def test_corrections_are_told_in_order(tmp_path: Path, source: Path):
    """Each is a load of its own, in the first one's folder."""
    folder = await loaded(source)
    aside = await loaded(write_source(tmp_path / "corrected.ndjson", 3))
    name = "0001-5f0c1d2e3a4b"
    (folder / "corrections").mkdir()
    aside.rename(folder / "corrections" / name)
    (correction,) = told(source).corrections

    assert (correction.name, correction.lines, correction.created) == (name, 3, 3)
    assert correction.began_at is not None


async def test_of_very_many_runs_the_first_and_the_last_are_told(source: Path):
    """A supervisor that starts a load every second fills no page."""
    folder = await loaded(source)
    path = folder / "history.ndjson"
    began = json.dumps({"at": "2026-11-25T11:00:00+00:00", "run": "began"})
    path.write_text(path.read_text() + f"{began}\n" * 99)
    report = told(source)

    assert (len(report.runs), report.further_runs) == (40, 60)
    assert report.runs[0].ending == "complete"
    assert "60 runs between" in page(report)


async def test_a_stream_is_told_by_its_folder(tmp_path: Path, source: Path):
    """There is no file to vouch for; without a folder there is no load."""
    folder = tmp_path / "in"
    await loader.load(source, sandbox=True, settings=FREELY, load_dir=folder)
    report = told("-", load_dir=folder)

    assert report.source.name == "standard input"
    assert report.source.sha256 is None
    with pytest.raises(UsageError):
        told("-")
