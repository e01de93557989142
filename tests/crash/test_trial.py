"""The judge of a crash: it must see what it is there to see."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.crash.trial import HUNG, PORTAL, Trial, write_source
from loader.ledger.integrity import add_row_sum, row_sum
from loader.sandbox import running


def change(trial: Trial, statement: str) -> None:
    """Change the ledger behind the loader's back, checksums and all."""
    ledger = trial.source.with_name(f"{trial.source.name}.load") / "ledger.db"
    with closing(sqlite3.connect(ledger)) as connection, connection:
        add_row_sum(connection)
        assert connection.execute(statement).rowcount > 0
        for table in ("batch", "exception"):
            for key, *rest in connection.execute(f"SELECT * FROM {table}").fetchall():
                connection.execute(
                    f"UPDATE {table} SET checksum = ? WHERE rowid = ?",
                    (row_sum(key, *rest[:-1]), key),
                )


async def loaded(trial: Trial) -> None:
    write_source(trial.source)
    await trial._load_again()
    trial.check_results()
    trial._check_armed()

    assert trial.wrong == []


async def test_a_process_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And is not taken for one that was killed as planned."""
    monkeypatch.setattr("bench.crash.trial._PATIENCE_S", 0)
    async with running(scenario=PORTAL) as portal:
        ended = await Trial(tmp_path, portal).start(["sleep", "60"])

    assert (ended.status, ended.is_killed) == (HUNG, False)


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("DELETE FROM batch WHERE start_offset = 0", "sent without an armed row"),
        ("UPDATE batch SET objects = NULL", "lines have a result"),
        ("UPDATE batch SET open = 1, objects = NULL, doubted = x'9100'", "states are"),
        ("UPDATE exception SET state = 'existing', duplicate_of = NULL", "states are"),
    ],
)
async def test_a_ledger_that_lost_something_is_seen(
    tmp_path: Path, statement: str, seen: str
):
    """Whether the row of a request or the outcome of a line."""
    async with running(scenario=PORTAL) as portal:
        trial = Trial(tmp_path, portal)
        await loaded(trial)
        change(trial, statement)
        trial.check_results()
        trial._check_armed()

    assert any(seen in each for each in trial.wrong)


async def test_calls_that_are_there_twice_are_seen(tmp_path: Path):
    """A second load under other IDs, as one that lost its ledger and its promise."""
    async with running(scenario=PORTAL) as portal:
        trial = Trial(tmp_path, portal)
        await loaded(trial)
        text = trial.source.read_text().split("\n", 1)[1]
        again = Trial(tmp_path / "again", portal)
        again.folder.mkdir()
        again.source.write_text(text)
        await again._load_again()
        trial.check_results()

    assert any(each.startswith("the portal has") for each in trial.wrong)


async def test_a_run_that_sends_again_is_seen(tmp_path: Path):
    """After a load has ended nothing is left to send."""
    async with running(scenario=PORTAL) as portal:
        trial = Trial(tmp_path, portal)
        await loaded(trial)
        change(trial, "DELETE FROM batch WHERE start_offset = 0")
        before = trial.creates
        await trial._load_again()

    assert trial.creates > before
