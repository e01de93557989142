"""How a load went: rows that are bounded, and the runs and steps made of them."""

import json
import stat
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loader.errors import LedgerMismatch
from loader.model.live import Live
from loader.model.summary import Ending
from loader.report import history
from loader.report.history import Row, read_rows, recorded
from loader.report.series import coarser, errors_of, run_facts, runs_of, steps_of
from tests.unit.report.builders import a_summary

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def now() -> datetime:
    return NOON


def live(seconds: float, **changes: Any) -> Live:
    given: dict[str, Any] = {
        "pid": 1, "rate_use": 0.5, "rate_limit": 100, "rate_interval_s": 10.0,
        "read_to": 0, "frontier": 0, "size": None, "seconds_left": None,
        "updated_at": "", "seconds": seconds, "ending": Ending.RUNNING,
        "finished": False,
    }  # fmt: skip
    fields = msgspec.to_builtins(a_summary()) | given | changes
    return msgspec.convert(fields, Live)


def test_a_run_is_recorded_from_its_beginning_to_its_end(tmp_path: Path):
    """Began, how it stood, ended: counts and rates, in a file for one's own eyes."""
    path = tmp_path / "history.ndjson"
    with recorded(path, now) as written:
        written.observe(live(0.0, created=0))
        written.observe(live(1.0))
        written.ended(a_summary(reason="SIGINT", ending=Ending.INTERRUPTED))
    rows = read_rows(path)

    assert [row.run for row in rows] == ["began", "", "", "ended"]
    assert (rows[2].created, rows[2].rate_limit, rows[2].at) == (
        980, 100, "2026-11-25T12:00:00+00:00",
    )  # fmt: skip
    assert (rows[3].ending, rows[3].reason) == ("interrupted", "SIGINT")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_come_rarer_with_time(tmp_path: Path):
    """A load of eleven days, told of every second, has a few thousand rows."""
    path, first = tmp_path / "history.ndjson", live(0.0)
    with recorded(path, now) as written:
        # often enough for the rows that are due
        for second in (
            *range(3000),
            *range(3000, 20_000, 5),
            *range(20_000, 10**6, 40),
        ):
            written.observe(msgspec.structs.replace(first, seconds=float(second)))
    rows = read_rows(path)

    seconds = [row.seconds for row in rows if not row.run]
    assert seconds[:300] == [float(second) for second in range(300)]
    assert len(rows) < 4_500
    assert path.stat().st_size < 1_000_000


def test_failed_requests_are_counted_by_kind(tmp_path: Path):
    """From the events of the log; each row has those since the last, in few kinds."""
    path = tmp_path / "history.ndjson"
    with recorded(path, now) as written:
        for number in range(3):
            written.event("warning", {"event": "delivery.throttled", "reason": "TEN"})
            written.event("warning", {"event": "delivery.doubted", "reason": number})
        written.event("info", {"event": "run.started"})
        written.observe(live(1.0))
        for number in range(100):
            written.event(
                "warning", {"event": "delivery.doubted", "reason": f"r{number}"}
            )
        written.observe(live(2.0))
        written.event("warning", {"event": "delivery.unsent", "reason": "x" * 999})
        written.ended(a_summary())
    _, first, second, last = read_rows(path)

    assert first.errors == {
        "throttled: TEN": 3, "in doubt: 0": 1, "in doubt: 1": 1, "in doubt: 2": 1,
    }  # fmt: skip
    assert sum(second.errors.values()) == 100
    assert len(second.errors) == 17
    assert second.errors["other"] == 84
    assert last.errors == {"other": 1}
    assert errors_of([[first, second, last]])["other"] == 85


def test_a_run_that_fails_before_it_can_sum_up_has_an_end(tmp_path: Path):
    """A refusal is told as that; its text may name places, and is left out."""
    path = tmp_path / "history.ndjson"
    with pytest.raises(LedgerMismatch), recorded(path, now):
        raise LedgerMismatch("the ledger belongs to /home/me")
    (run,) = run_facts(runs_of(read_rows(path)))

    assert (run.ending, run.reason) == ("refused", None)
    assert b"/home" not in path.read_bytes()


def test_a_history_that_cannot_be_written_stops_nothing(tmp_path: Path):
    """Neither a link, nor a folder that is gone, nor one that has grown too large."""
    target = tmp_path / "target"
    target.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(target)
    full = tmp_path / "full"
    full.write_bytes(b"\n" * history.MOST_BYTES)
    for path in (link, tmp_path / "nowhere" / "x", full):
        with recorded(path, now) as written:
            written.observe(live(1.0))
            written.ended(a_summary())

    assert target.read_text() == "mine"
    assert full.stat().st_size == history.MOST_BYTES


def test_a_torn_line_costs_that_line(tmp_path: Path):
    """A power cut leaves half a row; the next run begins on a line of its own."""
    path = tmp_path / "history.ndjson"
    path.write_bytes(b'{"at":"a","run":"began"}\n\xff\n[]\n{"at":"b","sec')
    with recorded(path, now) as written:
        written.ended(a_summary())

    assert [row.run for row in read_rows(path)] == ["began", "began", "ended"]
    assert read_rows(tmp_path / "nowhere") == []
    assert read_rows(tmp_path) == []


def rows_of(run: int, first: float, last: float, *, killed: bool = False) -> list[Row]:
    """Return a run's rows: a second apart, a hundred records and two requests each."""
    rows = [Row(at=f"began {run}", run="began")]
    second = first
    while second <= last:
        rows.append(
            Row(at=f"{second}", seconds=second, created=int(100 * second),
                requests=int(2 * second), rate_limit=100, rate_interval_s=10.0)
        )  # fmt: skip
        second += 1
    if not killed:
        end = Row(at=f"ended {run}", run="ended", ending="complete", seconds=last,
                  created=int(100 * last), requests=int(2 * last))  # fmt: skip
        rows.append(end)
    return rows


def test_runs_are_told_with_what_each_did():
    """What a killed run did after its last row is found, and counted, by the next."""
    rows = [*rows_of(1, 0, 5, killed=True), *rows_of(2, 7, 9), Row(at="x", run="began")]
    first, second, third = run_facts(runs_of(rows))

    assert (first.ending, first.ended_at, first.settled) == ("cut off", "5", 500)
    assert (second.ending, second.settled, second.requests) == ("complete", 400, 8)
    assert (third.ending, third.ended_at, third.settled) == ("cut off", None, 0)


def test_steps_put_the_runs_one_behind_the_other():
    """Rates are of one run; there is no step from a run to the next."""
    steps = steps_of(runs_of([*rows_of(1, 0, 5, killed=True), *rows_of(2, 50, 52)]))

    assert [(step.run, step.start, step.end) for step in steps] == [
        (1, 0, 1), (1, 1, 2), (1, 2, 3), (1, 3, 4), (1, 4, 5), (2, 5, 6), (2, 6, 7),
    ]  # fmt: skip
    assert {(step.settled, step.requests, step.allowed) for step in steps} == {
        (100, 2, 10.0)
    }


def test_however_many_rows_there_are_few_steps():
    """They are joined, and nothing is lost on the way."""
    runs = runs_of([*rows_of(1, 0, 4000, killed=True), *rows_of(2, 4001, 9000)])
    steps = steps_of(runs)
    table = coarser(steps)

    assert 100 <= len(steps) <= 152
    assert len(table) <= 26
    for each in (steps, table):
        assert sum(step.settled for step in each) == 899_900
        assert all(one.end == other.start for one, other in pairwise(each))
    assert {step.run for step in table} == {1, 2}


def test_a_ledger_that_was_rebuilt_counts_anew():
    """Counts and seconds fall back to nought; nothing becomes negative."""
    rows = [*rows_of(1, 0, 30), *rows_of(2, 0, 10)]
    steps = steps_of(runs_of(rows))

    assert steps[-1].end == pytest.approx(40)
    assert min(step.settled for step in steps) >= 0
    assert all(run.settled >= 0 for run in run_facts(runs_of(rows)))


def test_no_row_holds_what_a_record_says(tmp_path: Path):
    """Names of fields that were ignored are the source's own words."""
    path = tmp_path / "history.ndjson"
    with recorded(path, now) as written:
        written.observe(live(1.0, ignored_fields={"Jane": 1}))
    fields = {key for line in path.read_text().splitlines() for key in json.loads(line)}

    assert fields <= set(Row.__struct_fields__)
    assert "Jane" not in path.read_text()
