"""How a load stands, seen from outside."""

import os
from pathlib import Path

import msgspec
import pytest

import loader
from loader.assembly import inspect
from loader.assembly.inspect import opened_results, standing
from loader.errors import LedgerFailed, Owned, UsageError
from loader.ledger.lock import owned
from loader.model.live import Live
from loader.model.summary import Ending
from loader.report.text import summary_lines


async def loaded(source: Path) -> Path:
    await loader.load(source, sandbox=True, settings=loader.Settings(rate="none"))
    return source.with_name(source.name + ".load")


async def test_a_finished_load_stands_as_its_ledger_says(source: Path):
    """With what the last run said of its end."""
    folder = await loaded(source)
    before = standing(str(source), None)
    (folder / "status.json").unlink()
    without = standing(str(source), None)
    with opened_results(str(source), None) as rows:
        number = sum(1 for _ in rows)

    assert (before.created, before.ending, number) == (250, Ending.COMPLETE, 250)
    assert (without.created, without.finished) == (250, True)
    assert without.reason == "the last run was cut off"


async def test_a_live_load_stands_as_its_owner_says(source: Path):
    """Status always answers: from the owner's file, or that the load has just begun."""
    folder = await loaded(source)
    with owned(folder / "owner.lock"):
        starting = standing(str(source), None)
        fields = msgspec.to_builtins(starting) | {
            "pid": os.getpid(), "rate_use": 0.5, "rate_limit": 100,
            "rate_interval_s": 10.0, "read_to": 9, "frontier": 9, "size": 99,
            "seconds_left": 1.0, "updated_at": "now", "created": 17,
        }  # fmt: skip
        (folder / "status.json").write_bytes(msgspec.json.encode(fields))
        live = standing(str(source), None)
        with pytest.raises(Owned), opened_results(str(source), None):
            pass

    assert starting.ending is Ending.RUNNING
    assert f"process {os.getpid()} works on it" in (starting.reason or "")
    assert "running" in "\n".join(summary_lines(starting, source="s", load_dir="d"))
    assert isinstance(live, Live)
    assert live.created == 17


async def test_a_load_whose_disk_is_full_stands_as_it_was_last_told(
    source: Path, monkeypatch: pytest.MonkeyPatch
):
    """Status always answers: a ledger that cannot be opened now is no reason not to."""
    folder = await loaded(source)

    def full(*_: object, **__: object) -> None:
        raise LedgerFailed("the ledger could not be written (disk full)")

    monkeypatch.setattr(inspect, "open_ledger", full)
    stands = standing(str(source), None)
    (folder / "status.json").unlink()

    assert (stands.created, stands.ending) == (250, Ending.COMPLETE)
    assert "disk full" in (stands.reason or "")
    assert "last run told" in (stands.reason or "")
    with pytest.raises(LedgerFailed):
        standing(str(source), None)


async def test_several_may_look_at_a_load_that_nobody_runs(source: Path):
    """Results beside results, and status beside both; a run is kept away."""
    await loaded(source)
    with opened_results(str(source), None) as one:
        next(one)
        with opened_results(str(source), None) as other:
            rows = sum(1 for _ in other)
        stands = standing(str(source), None)
        left = sum(1 for _ in one)
        with pytest.raises(Owned):
            await loader.load(source, sandbox=True)

    assert (rows, stands.created, left) == (250, 250, 249)


async def test_a_run_may_start_while_status_counts_the_rest(
    source: Path, monkeypatch: pytest.MonkeyPatch
):
    """What the ledger says has been read; a large source takes long to count."""
    folder = await loaded(source)

    def count(*_: object) -> int:
        with owned(folder / "owner.lock"):
            return 7

    monkeypatch.setattr(inspect, "count_lines", count)

    assert standing(str(source), None).unread == 7


def test_a_load_that_never_was_is_told_with_the_command_that_starts_it(tmp_path: Path):
    """Neither status nor results invent one."""
    with pytest.raises(UsageError, match="python -m loader run"):
        standing(str(tmp_path / "calls.ndjson"), None)
