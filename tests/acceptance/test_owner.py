"""Several processes at the same moment, and a rebuild that is killed."""

import asyncio
from pathlib import Path

from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency
from tests.acceptance.conftest import Loader, ended
from tests.acceptance.test_load import FREE, KEYED, connect
from tests.conftest import call, write_source

SLOW = Scenario(quota=FREE, installed=KEYED, fault=(Latency(mean_ms=100),))
ARGUMENTS = ("--rate", "none", "--workers", "2", "--batch-size", "5")


async def test_of_several_at_the_same_moment_one_owns_the_load(
    loader: Loader, tmp_path: Path
):
    """The others name it and leave; killed each time, the load still ends right."""
    source = write_source(tmp_path / "calls.ndjson", 600)
    async with running(scenario=SLOW) as portal:
        connect(loader, portal.base_url)
        for _ in range(2):
            processes = [await loader.start("run", source, *ARGUMENTS) for _ in "abc"]
            while sum(each.returncode is None for each in processes) > 1:
                await asyncio.sleep(0.01)
            (owner,) = [each for each in processes if each.returncode is None]
            owner.kill()
            for each in processes:
                result = await ended(each)
                if each is not owner:
                    assert result.status == 4, result.err
                    assert f"process {owner.pid} works on this load" in result.err
        last = await loader("run", source, "--rate", "none", "--json")
        found = portal.audit()

    assert (found.objects, found.duplicates) == (600, ())
    assert last.summary["created"] == 600


async def test_a_rebuild_is_killed_and_goes_on(loader: Loader, tmp_path: Path):
    """By the same command or the plain one: asked before sent, in the end all there."""

    def own(number: int):
        named = {"objectWriteTraceId": f"own-{number}"} if number % 2 else {}
        return call(number) | named

    source = write_source(tmp_path / "calls.ndjson", 200, own)
    folder = tmp_path / "calls.ndjson.load"
    async with running(scenario=SLOW) as portal:
        connect(loader, portal.base_url)
        await loader.killed(
            lambda: sum(v.endpoint == "create" for v in portal.requests) >= 20,
            "run", source, *ARGUMENTS,
        )  # fmt: skip
        (folder / "ledger.db").write_bytes(b"noise" * 5000)
        (folder / "ledger.db-wal").unlink()
        refused = await loader("run", source, *ARGUMENTS)
        for options in (["--rebuild"], []):
            goal = len(portal.requests) + 12
            await loader.killed(
                lambda goal=goal: len(portal.requests) >= goal,
                "run", source, *ARGUMENTS, *options,
            )  # fmt: skip
        last = await loader("run", source, "--rate", "none", "--json")
        calls = {each.trace_id: each.id for each in portal.calls()}
        found = portal.audit()
    rows = (await loader("results", source)).rows

    assert (refused.status, last.status) == (4, 0), last.err
    assert "--rebuild" in refused.err
    assert (found.objects, found.duplicates) == (200, ())
    assert [row["line"] for row in rows] == list(range(1, 201))
    assert all(calls[row["objectWriteTraceId"]] == row["id"] for row in rows)
    assert any(row["state"] == "existing" for row in rows)
    assert all(row["state"] == "created" for row in rows if not row["line"] % 2)


async def test_4_a_rebuild_that_cannot_be_is_refused(loader: Loader, tmp_path: Path):
    """Without the trace property: status 4, a sentence, and the ledger where it was."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    ledger = tmp_path / "calls.ndjson.load" / "ledger.db"
    async with running(scenario=Scenario(quota=FREE)) as portal:
        connect(loader, portal.base_url)
        await loader("run", source, "--rate", "none")
        before = ledger.read_bytes()
        refused = await loader("run", source, "--rebuild")
        creates = sum(visit.endpoint == "create" for visit in portal.requests)

    assert (refused.status, creates) == (4, 1)
    assert "cannot be rebuilt" in refused.err
    assert ledger.read_bytes() == before
