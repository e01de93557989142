"""``verify`` as a process: what is told is the portal's own truth."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.faults import (
    ErrorAfter,
    ErrorBefore,
    Latency,
    LostAnswer,
    Omission,
    Throttle,
    Truncated,
)
from tests.acceptance.conftest import Loader, ended
from tests.acceptance.portals import FREE, loaded, point, post, sql
from tests.conftest import call, write_source


def differences(source: Path) -> list[dict[str, Any]]:
    text = (source.with_name(source.name + ".load") / "differences.ndjson").read_text()
    return [json.loads(line) for line in text.splitlines()]


async def test_a_load_that_is_whole_is_certified(loader: Loader, source: Path):
    """Counts that add up, and checksums that anybody can compare."""
    async with loaded(loader, source) as portal:
        told = await loader("verify", source)
        found = await loader("verify", source, "--json")
        reads = sum(visit.endpoint == "read" for visit in portal.requests)
    results = await loader("results", source)
    path = source.with_name(source.name + ".load") / "certificate.json"
    certificate = found.summary

    assert (told.status, found.status) == (0, 0), told.err + found.err
    assert "verified and complete: all 250 created records" in told.out
    assert reads == 2 * 3
    assert certificate.pop("corrections") == []
    assert json.loads(path.read_text()) == certificate
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert certificate["complete"]
    assert (certificate["equal"], certificate["created"]) == (250, 250)
    assert certificate["portal_id"] == str(portal.portal_id)
    assert certificate["source_sha256"] == sha256(source.read_bytes())
    assert certificate["results_sha256"] == sha256(results.out.encode())


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_what_was_changed_archived_and_deleted_is_told_exactly(
    loader: Loader, source: Path
):
    """Which line, which property, how; values only on demand."""
    async with loaded(loader, source) as portal:
        ids = {int(each.associations[0].to.id): each.id for each in portal.calls()}
        await post(
            portal, "update", {"id": ids[7], "properties": {"hs_call_title": "SECRET"}}
        )
        await post(
            portal, "update", {"id": ids[8], "properties": {"hs_call_title": ""}}
        )
        await post(portal, "archive", {"id": ids[120]})
        sql(loader, "DELETE FROM call WHERE id = ?", ids[130])
        sql(loader, "UPDATE call SET associations = '[]' WHERE id = ?", ids[140])
        found = await loader("verify", source, "--json")
        rows = differences(source)
        with_data = await loader("verify", source, "--with-data")
        full = differences(source)

    assert (found.status, with_data.status) == (1, 1), found.err
    counts = ("equal", "different", "missing", "archived", "unanswered")
    assert [found.summary[each] for each in counts] == [245, 3, 1, 1, 0]
    assert not found.summary["complete"]
    assert [(row["line"], row["standing"], row["id"]) for row in rows] == [
        (7, "different", ids[7]),
        (8, "different", ids[8]),
        (120, "archived", ids[120]),
        (130, "missing", ids[130]),
        (140, "different", ids[140]),
    ]
    told = [row["differences"][0] for row in rows if "differences" in row]
    assert [(each["what"], each["name"]) for each in told] == [
        ("property", "hs_call_title"),
        ("property", "hs_call_title"),
        ("association", "contacts 140, HUBSPOT_DEFINED 194"),
    ]
    assert "SECRET" not in found.out + found.err + json.dumps(rows)
    assert full[0]["differences"][0] | {"how": ""} == {
        "what": "property",
        "name": "hs_call_title",
        "how": "",
        "sent": "call 7",
        "found": "SECRET",
    }


async def test_a_portal_that_writes_values_its_own_way_has_them(
    loader: Loader, tmp_path: Path
):
    """Times in ISO 8601, associations of three kinds, one that users defined."""

    def line(number: int) -> Any:
        made = call(number, hs_call_duration=f"{number}.50")
        for kind, to in ((182, 1), (206, 2), (77, 3)):
            category = "USER_DEFINED" if kind == 77 else "HUBSPOT_DEFINED"
            types = [{"associationCategory": category, "associationTypeId": kind}]
            made["associations"].append({"to": {"id": str(to)}, "types": types})
        return made

    source = write_source(tmp_path / "calls.ndjson", 120, line)
    habits = {"datetimes": "iso", "association_types": (77,), "read_missing": "empty"}
    async with running(
        scenario=Scenario(quota=FREE, installed=("loader_trace_id",), **habits)
    ) as portal:
        point(loader, portal)
        await loader("run", source, "--rate", "none")
        found = await loader("verify", source, "--json", "--rate", "none")

    assert found.status == 0, found.err
    assert found.summary["equal"] == 120


async def test_bad_weather_changes_nothing(loader: Loader, source: Path):
    """Throttled, failed, cut off or lost: asked again until it is known."""
    faults = (
        Throttle(endpoint="any", every=4, times=2),
        ErrorBefore(endpoint="read", requests=(1, 3), status=500),
        ErrorAfter(endpoint="associations", requests=(1,), status=502),
        LostAnswer(endpoint="associations", requests=(2,)),
        Truncated(endpoint="read", requests=(2, 5)),
        Omission(endpoint="read", requests=(4, 6), omit=3),
    )
    stormy = Scenario(quota=FREE, installed=("loader_trace_id",), fault=faults)
    async with loaded(loader, source, stormy) as portal:
        found = await loader("verify", source, "--json", "--rate", "none")
        struck = {visit.fault for visit in portal.requests if visit.fault}

    assert found.status == 0, found.err
    assert found.summary["equal"] == 250
    assert struck >= {"throttle", "error_after", "error_before", "truncated"}


async def test_one_that_is_killed_goes_on_where_it_was(loader: Loader, tmp_path: Path):
    """What was proved is not read again; a later one begins anew."""
    source = write_source(tmp_path / "calls.ndjson", 5000)
    slow = Scenario(
        quota=FREE,
        installed=("loader_trace_id",),
        fault=(Latency(endpoint="read", mean_ms=30),),
    )
    async with loaded(loader, source, slow) as portal:

        def reads() -> int:
            return sum(visit.endpoint == "read" for visit in portal.requests)

        arguments = ("verify", source, "--rate", "none", "--workers", "4")
        await loader.killed(lambda: reads() > 30, *arguments)
        before = reads()
        resumed = await loader(*arguments, "--json")
        second = reads() - before
        again = await loader(*arguments, "--json")

    assert before < 50
    assert (resumed.status, again.status) == (0, 0), resumed.err
    assert "going on behind" in resumed.err
    assert second <= 40
    assert reads() - before - second == 50
    assert resumed.summary["equal"] == again.summary["equal"] == 5000
    assert "going on behind" not in again.err


async def test_what_happens_between_two_runs_is_not_certified_away(
    loader: Loader, tmp_path: Path
):
    """The source is edited, or the load undone, behind what is compared already."""
    source = write_source(tmp_path / "calls.ndjson", 5000)
    slow = Scenario(
        quota=FREE,
        installed=("loader_trace_id",),
        fault=(Latency(endpoint="read", mean_ms=30),),
    )
    async with loaded(loader, source, slow) as portal:

        def reads() -> int:
            return sum(visit.endpoint == "read" for visit in portal.requests)

        arguments = ("verify", source, "--rate", "none", "--workers", "4")
        await loader.killed(lambda: reads() > 35, *arguments)
        whole = source.read_bytes()
        source.write_bytes(whole.replace(b"call 7", b"cull 7", 1))
        edited = await loader(*arguments, "--json")
        source.write_bytes(whole)
        before = reads()
        await loader.killed(lambda: reads() > before + 35, *arguments)
        looked = await loader("undo", source, "--rate", "none", "--json")
        digest = looked.summary["digest"]
        undo = ("undo", source, "--rate", "none", "--yes", "--confirm", digest)
        undone = await loader(*undo)
        verified = await loader(*arguments, "--json")

    assert edited.status == 4, edited.err
    assert "going on behind" in edited.err
    assert "changed while it was verified" in edited.err
    assert undone.status == 0, undone.err
    assert verified.status == 1
    assert (verified.summary["equal"], verified.summary["archived"]) == (0, 5000)


async def test_one_that_is_asked_to_stop_can_be_resumed(loader: Loader, source: Path):
    """SIGTERM ends it with its own status, and no certificate."""
    slow = Scenario(
        quota=FREE,
        installed=("loader_trace_id",),
        fault=(Latency(endpoint="read", mean_ms=200),),
    )
    async with loaded(loader, source, slow) as portal:
        process = await loader.until(
            lambda: any(visit.endpoint == "details" for visit in portal.requests),
            "verify", source, "--workers", "1",
        )  # fmt: skip
        process.terminate()
        stopped = await ended(process)
        written = (tmp := source.with_name(source.name + ".load")) / "certificate.json"
        was_there = written.exists()
        resumed = await loader("verify", source)

    assert (stopped.status, was_there, resumed.status) == (143, False, 0), stopped.err
    assert tmp.is_dir()


@pytest.mark.parametrize(
    ("scope", "status"), [("crm.objects.contacts.read", 3), ("", 4)]
)
async def test_what_cannot_be_verified_says_why(
    loader: Loader, source: Path, scope: str, status: int
):
    """A scope that is missing can be added; a source that changed is refused."""
    lacking = Scenario(installed=("loader_trace_id",), missing_scopes=(scope,))
    async with loaded(loader, source, lacking):
        if not scope:
            text = source.read_text().replace("call 120", "call 12O")
            source.write_text(text)
        refused = await loader("verify", source)

    assert refused.status == status, refused.err
    assert (scope or "offset") in refused.err


async def test_another_portal_another_source_no_load_no_file(
    loader: Loader, source: Path, tmp_path: Path
):
    """Refused before anything is read; each says what to give instead."""
    async with loaded(loader, source):
        pass
    folder = source.with_name(source.name + ".load")
    other = write_source(tmp_path / "other.ndjson", 3, lambda n: call(n + 1))
    async with running(scenario=Scenario(portal_id=77)) as portal:
        point(loader, portal)
        elsewhere = await loader("verify", source)
        foreign = await loader("verify", other, "--load-dir", folder)
        nothing = await loader("verify", other)
        stream = await loader("verify", "-", "--load-dir", folder)

    ends = (elsewhere, foreign, nothing, stream)
    assert [each.status for each in ends] == [4, 4, 2, 2]
    assert "77" in elsewhere.err
    assert "another source" in foreign.err
    assert "no load" in nothing.err
    assert "save" in stream.err
