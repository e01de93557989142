"""``undo`` as a process: exactly what the load created, by the portal's own truth."""

import asyncio
import json
import os
import pty
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loader.ledger import store
from loader.ledger.undoing import Undo, begin_undo
from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.faults import (
    ErrorAfter,
    ErrorBefore,
    Latency,
    LostAnswer,
    LostRequest,
    Omission,
    Throttle,
)
from tests.acceptance.conftest import Ended, Loader, ended
from tests.acceptance.portals import FREE, loaded, point, post, served
from tests.conftest import call, write_source

KEYED = ("loader_trace_id",)


def archived(portal: Sandbox) -> set[str]:
    return {each.id for each in portal.calls() if each.archived}


async def created_by(loader: Loader, source: Path) -> set[str]:
    rows = (await loader("results", source, "--state", "created")).rows
    return {row["id"] for row in rows}


async def confirmed(loader: Loader, source: Path, *more: str) -> Ended:
    """Undo as a script does: look, then say the digest."""
    looked = await loader("undo", source, "--rate", "none", "--json", *more)
    assert looked.status == 2, looked.err
    digest = looked.summary["digest"]
    return await loader(
        "undo", source, "--rate", "none", "--yes", "--confirm", digest, *more
    )


async def test_nothing_is_archived_before_it_is_confirmed(loader: Loader, source: Path):
    """A script must say the digest of what it looked at; each refusal names it."""
    async with loaded(loader, source) as portal:
        looked = await loader("undo", source, "--json")
        unsaid = await loader("undo", source, "--yes")
        wrong = await loader("undo", source, "--yes", "--confirm", "0123456789abcdef")
        untouched = archived(portal)
        resumed = await loader("run", source, "--rate", "none")

    assert [each.status for each in (looked, unsaid, wrong)] == [2, 2, 4]
    assert untouched == set()
    for each in (looked, unsaid, wrong):
        assert looked.summary["digest"] in each.err
    assert looked.summary["to_archive"] == 250
    assert looked.summary["portal_id"] == str(portal.portal_id)
    assert str(portal.portal_id) in unsaid.out
    assert resumed.status == 0


async def test_exactly_what_was_created_is_archived(loader: Loader, tmp_path: Path):
    """Not what others made, not what was there before, whatever the weather."""
    earlier = write_source(tmp_path / "earlier.ndjson", 60, own_ids)
    source = write_source(tmp_path / "calls.ndjson", 330, own_ids)
    faults = (
        LostAnswer(endpoint="archive", requests=(1,)),
        Throttle(endpoint="archive", requests=(3,)),
        ErrorBefore(endpoint="archive", requests=(4,), status=500),
        ErrorAfter(endpoint="archive", requests=(5,), status=502),
        LostRequest(endpoint="archive", requests=(6,)),
    )
    stormy = Scenario(quota=FREE, installed=KEYED, fault=faults)
    async with loaded(loader, earlier, stormy) as portal:
        ran = await loader("run", source, "--rate", "none", "--json")
        made = await created_by(loader, source)
        undone = await confirmed(loader, source)
        struck = {each.fault for each in portal.requests if each.endpoint == "archive"}
        left = {each.id for each in portal.calls() if not each.archived}
        gone = archived(portal)

    assert (ran.summary["existing"], ran.summary["created"]) == (60, 270)
    assert undone.status == 0, undone.err
    assert gone == made
    assert len(left) == 60
    assert len(struck - {None}) == 5


async def test_the_calls_of_a_rebuilt_ledger_are_undone(loader: Loader, source: Path):
    """They are older than the ledger, but not than the first run of the load."""
    state = loader.folder / "portal.db"
    hour_ago = time.time() - 3600
    fair = Scenario(quota=FREE, installed=KEYED)
    async with running(scenario=fair, state=state, clock=lambda: hour_ago) as portal:
        point(loader, portal)
        await loader("run", source, "--rate", "none")
    folder = Path(f"{source}.load")
    (folder / "ledger.db").unlink()
    history = folder / "history.ndjson"
    began = datetime.fromtimestamp(hour_ago, UTC).isoformat(timespec="seconds")
    rows = history.read_text(encoding="utf-8").splitlines(keepends=True)
    rows[0] = json.dumps({"at": began, "run": "began"}) + "\n"
    history.write_text("".join(rows), encoding="utf-8")
    async with served(loader) as portal:
        rebuilt = await loader("run", source, "--rebuild", "--rate", "none")
        undone = await confirmed(loader, source)
        gone = archived(portal)

    assert rebuilt.status == 0, rebuilt.err
    assert undone.status == 0, undone.err
    assert len(gone) == 250


def own_ids(number: int) -> dict[str, Any]:
    return {**call(number), "objectWriteTraceId": f"own-{number}"}


async def test_records_in_doubt_are_told_and_not_touched(loader: Loader, source: Path):
    """Nobody can say whose they are."""
    scenario = Scenario(
        quota=FREE, echo=True, fault=(LostAnswer(endpoint="create", requests=(2,)),)
    )
    async with running(scenario=scenario) as portal:
        point(loader, portal)
        await loader("run", source, "--rate", "none", "--json")
        made = await created_by(loader, source)
        undone = await confirmed(loader, source)
        gone = archived(portal)
        there = portal.audit().objects

    assert undone.status == 0, undone.err
    assert (len(made), there) == (150, 250)
    assert gone == made
    assert "100  in doubt" in undone.out


async def test_one_that_is_killed_goes_on_and_the_load_is_closed(
    loader: Loader, tmp_path: Path
):
    """From the first archived call on nothing is sent for this load any more."""
    source = write_source(tmp_path / "calls.ndjson", 4000)
    slow = Scenario(
        quota=FREE,
        installed=KEYED,
        fault=(Latency(endpoint="archive", mean_ms=30),),
    )
    async with loaded(loader, source, slow) as portal:

        def requests() -> int:
            return sum(each.endpoint == "archive" for each in portal.requests)

        looked = await loader("undo", source, "--rate", "none", "--json")
        arguments = (
            "undo", source, "--rate", "none", "--workers", "4", "--yes", "--confirm",
            looked.summary["digest"],
        )  # fmt: skip
        await loader.killed(lambda: requests() > 30, *arguments)
        halfway = await loader("run", source, "--rate", "none")
        partly = (await loader("status", source, "--json")).summary
        before = requests()
        resumed = await loader(*arguments, "--json")
        second = requests() - before
        made = await created_by(loader, source)
        gone = archived(portal)
        again = await loader("undo", source, "--rate", "none")
    status = await loader("status", source)
    results = await loader("results", source)
    later = await loader("run", source)
    (tmp_path / "calls.ndjson.load" / "ledger.db").unlink()
    rebuilt = await loader("run", source, "--rebuild")

    assert before < 40
    assert second <= 30
    assert resumed.status == 0, resumed.err
    assert gone == made
    assert (resumed.summary["archived"], len(made)) == (4000, 4000)
    assert 1000 <= partly["undone"] < 4000
    assert (halfway.status, later.status, rebuilt.status) == (4, 4, 4)
    assert "undone" in halfway.err + later.err + rebuilt.err
    assert (again.status, requests() - before - second) == (0, 0)
    assert "undone: 4,000 of 4,000 created calls were archived" in status.out
    assert all(row["undone"] for row in results.rows)


async def test_calls_that_somebody_changed_are_told_before_and_can_be_left(
    loader: Loader, source: Path
):
    """One more that changes is another set, and needs another word."""
    now = 1_800_000_000.0
    state = loader.folder / "portal.db"
    async with running(
        scenario=Scenario(quota=FREE, installed=KEYED), state=state, clock=lambda: now
    ) as portal:
        point(loader, portal)
        await loader("run", source, "--rate", "none")
        first, second, third = [each.id for each in portal.calls()][:3]
        now += 3600
        change = {"properties": {"hs_call_title": "mine"}}
        await post(portal, "update", {"id": first, **change})
        await post(portal, "archive", {"id": third})
        looked = (await loader("undo", source, "--json")).summary
        await post(portal, "update", {"id": second, **change})
        refused = await loader("undo", source, "--yes", "--confirm", looked["digest"])
        before = archived(portal)
        undone = await confirmed(loader, source, "--skip-changed")
        left = {each.id for each in portal.calls() if not each.archived}

    assert (looked["changed"], looked["gone"], looked["to_archive"]) == (1, 1, 249)
    assert [line for line, _ in looked["samples"]] == [1]
    assert (refused.status, before) == (4, {third})
    assert undone.status == 0, undone.err
    assert left == {first, second}
    assert "2 left alone (changed)" in undone.out


@pytest.mark.parametrize(
    ("answer", "status", "left"), [("yes", 0, 0), ("250", 0, 0), ("no", 4, 250)]
)
async def test_a_person_at_a_terminal_is_asked(
    loader: Loader, source: Path, answer: str, status: int, left: int
):
    """The count or yes does it; anything else leaves everything as it is."""
    async with loaded(loader, source) as portal:
        shown, ended_with = await at_terminal(
            loader, answer, "undo", str(source), "--rate", "none"
        )
        live = portal.audit().live

    assert "type 250 or yes" in shown
    assert (ended_with, live) == (status, left)


async def at_terminal(
    loader: Loader, answer: str, *arguments: str
) -> tuple[str, int | None]:
    """Run a command on a terminal, and answer its question."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loader", *arguments,
        env=os.environ | loader.environment, cwd=loader.folder,
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = bytearray()
    answered = False
    try:
        while piece := await asyncio.to_thread(os.read, ours, 4096):
            shown += piece
            if b"or yes" in shown and not answered:
                answered = True
                os.write(ours, f"{answer}\n".encode())
    except OSError:
        pass  # the terminal has no other end any more
    os.close(ours)
    return shown.decode(), await process.wait()


async def test_a_token_without_the_scope_stops_it_resumable(
    loader: Loader, source: Path
):
    """It says which scope, and closes no load; with it the same command goes on."""
    lacking = Scenario(
        quota=FREE, installed=KEYED, missing_scopes=("crm.objects.contacts.write",)
    )
    async with loaded(loader, source, lacking) as portal:
        stopped = await confirmed(loader, source)
        untouched = archived(portal)
    async with served(loader) as portal:
        ran = await loader("run", source, "--rate", "none")
        looked = await loader("undo", source, "--json")
        undone = await confirmed(loader, source)
        gone = archived(portal)

    assert (stopped.status, untouched, ran.status) == (3, set(), 0)
    assert "crm.objects.contacts.write" in stopped.err
    assert looked.summary["archived"] == 0
    assert (undone.status, len(gone)) == (0, 250)


async def test_a_load_that_was_killed_before_its_seal_knew_stays_closed(
    loader: Loader, source: Path
):
    """A later run of undo tells the seal, so no rebuild claims what is archived."""
    folder = source.with_name(f"{source.name}.load")
    async with loaded(loader, source) as portal:
        connection = store.connect(folder / "ledger.db")
        digest = "0123456789abcdef"
        begin_undo(connection, Undo("2026-01-01T00:00:00+00:00", None, digest, 250))
        connection.close()
        undone = await loader("undo", source, "--yes", "--confirm", digest)
        gone = archived(portal)
        (folder / "ledger.db").unlink()
        rebuilt = await loader("run", source, "--rebuild")

    assert (undone.status, len(gone)) == (0, 250), undone.err
    assert rebuilt.status == 4
    assert "undone" in rebuilt.err


async def test_calls_that_an_answer_leaves_out_are_not_gone(
    loader: Loader, source: Path
):
    """It says the same as one that has none of them, so they are asked for again."""
    forgetful = Scenario(
        quota=FREE,
        installed=KEYED,
        fault=(Omission(endpoint="read", requests=(1, 2), omit=3),),
    )
    async with loaded(loader, source, forgetful):
        looked = await loader("undo", source, "--rate", "none", "--json")

    assert (looked.summary["to_archive"], looked.summary["gone"]) == (250, 0)


async def test_what_the_portal_refused_is_tried_again_by_the_next_undo(
    loader: Loader, source: Path
):
    """Its refusal may have been its own trouble; the digest stays the same."""
    unwilling = Scenario(
        quota=FREE,
        installed=KEYED,
        fault=(ErrorBefore(endpoint="archive", every=1, status=400),),
    )
    async with loaded(loader, source, unwilling) as portal:
        refused = await confirmed(loader, source, "--skip-changed")
        untouched = archived(portal)
    async with served(loader) as portal:
        undone = await confirmed(loader, source)
        gone = archived(portal)
        again = await loader("undo", source, "--json")
    results = (await loader("results", source)).rows

    assert (refused.status, untouched) == (1, set()), refused.err
    assert "250 not proved to be archived" in refused.out
    assert (undone.status, len(gone)) == (0, 250), undone.err
    assert (again.status, again.summary["archived"]) == (0, 250)
    assert sum(row.get("undone", False) for row in results) == 250


async def test_a_live_load_is_not_undone(loader: Loader, tmp_path: Path):
    """Its owner is named."""
    source = write_source(tmp_path / "calls.ndjson", 400)
    slow = Scenario(installed=KEYED, fault=(Latency(mean_ms=300),))
    async with running(scenario=slow) as portal:
        point(loader, portal)
        process = await loader.until(
            (tmp_path / "calls.ndjson.load" / "status.json").exists,
            "run", source, "--workers", "1", "--batch-size", "2",
        )  # fmt: skip
        undone = await loader("undo", source)
        verified = await loader("verify", source)
        process.kill()
        await ended(process)

    assert (undone.status, verified.status) == (4, 4)
    assert f"process {process.pid}" in undone.err
    assert f"process {process.pid}" in verified.err


async def test_a_rehearsal_is_verified_and_undone(loader: Loader, source: Path):
    """With the portal in the load folder, and no token at all."""
    await loader("run", source, "--sandbox")
    verified = await loader("verify", source, "--sandbox", "--json")
    undone = await confirmed(loader, source, "--sandbox")
    verified_again = await loader("verify", source, "--sandbox", "--json")

    assert (verified.status, undone.status) == (0, 0), verified.err + undone.err
    assert verified_again.status == 1
    assert verified_again.summary["archived"] == verified_again.summary["undone"] == 250
    assert json.loads(verified.out)["equal"] == 250


async def test_corrections_are_verified_and_undone_with_their_load(
    loader: Loader, tmp_path: Path
):
    """The load is whole with them, and all of it goes back; then it is closed."""

    def line(number: int) -> Any:
        return (
            call(number, hs_call_direction="UP") if number in (5, 90) else call(number)
        )

    source = write_source(tmp_path / "calls.ndjson", 120, line)
    corrected = tmp_path / "corrected.ndjson"
    async with loaded(loader, source) as portal:
        folder = tmp_path / "calls.ndjson.load"
        rejected = (folder / "rejected.ndjson").read_text()
        half = await loader("verify", source, "--json")
        corrected.write_text(rejected.replace('"UP"', '"INBOUND"'))
        ran = await loader("run", corrected, "--rate", "none")
        whole = await loader("verify", source, "--json")
        alone = await loader("verify", corrected, "--json")
        undone = await confirmed(loader, source)
        live = portal.audit().live
        other = tmp_path / "other.ndjson"
        other.write_text(rejected.replace('"UP"', '"OUTBOUND"'))
        closed = await loader("run", other)
        live_later = portal.audit().live
    status = (await loader("status", source, "--json")).summary
    results = await loader("results", source)

    assert (half.status, half.summary["complete"]) == (0, False), half.err
    assert (ran.status, whole.status, alone.status) == (0, 0, 0), whole.err + alone.err
    assert whole.summary["complete"]
    assert (whole.summary["corrected"], whole.summary["created"]) == (2, 118)
    (part,) = whole.summary["corrections"]
    assert (part["created"], part["equal"], part["complete"]) == (2, 2, True)
    assert alone.summary["created"] == 2
    assert (undone.status, live) == (0, 0), undone.err
    assert (closed.status, live_later) == (4, 0)
    assert status["undone"] == 120
    assert all(row["undone"] for row in results.rows)
