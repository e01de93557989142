"""What a terminal shows of a running load, on a narrow one too."""

import io
import os
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from loader.cli import terminal
from loader.cli.counting import Counting
from loader.cli.terminal import fitting, paused_line, progress_line
from loader.model.live import Live
from loader.model.summary import Ending

LIVE = Live(
    source="calls.ndjson", lines=1_000_000, created=123_456, existing=0, rejected=7,
    in_doubt=3, unread=876_534, requests=1_300, throttled=0, retried=0, seconds=130.0,
    records_per_second=985.0, promise="exactly-once", portal_id="1",
    trace_property="loader_trace_id", finished=False, ending=Ending.RUNNING, pid=1,
    rate_use=0.98, rate_limit=100, rate_interval_s=10.0, read_to=1, frontier=1, size=9,
    seconds_left=890.0, updated_at="2026-07-01T12:00:00+00:00",
)  # fmt: skip
PAUSED = msgspec.structs.replace(LIVE, paused="paused by hand", seconds_left=None)


class Tty(io.StringIO):
    """A terminal that remembers what was drawn."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (LIVE, ["985/s", "98% of 100/10s", "7 rejected", "3 in doubt", "14:50 left"]),
        (PAUSED, ["985/s", "paused by hand", "7 rejected", "3 in doubt", "-:-- left"]),
    ],
)
def test_the_bar_gives_way_before_the_words_do(live, words, monkeypatch):
    """Records, rate, quota use, rejected, in doubt and time left fit 90 columns."""
    screen = Tty()
    monkeypatch.setattr(terminal.sys, "stderr", screen)
    monkeypatch.setitem(os.environ, "COLUMNS", "90")
    monkeypatch.setitem(os.environ, "TERM", "xterm")
    with terminal.display("text") as shown:
        shown.observe(live)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())

    assert all(word in drawn for word in ["123,466/1,000,000", *words])
    assert "…" not in drawn


@pytest.mark.parametrize(
    ("live", "columns", "words"),
    [
        (LIVE, 40, ["12%", "123,466/1,000,000", "14:50 left"]),
        (LIVE, 60, ["12%", "123,466/1,000,000", "7 rejected", "14:50 left"]),
        (PAUSED, 60, ["12%", "123,466/1,000,000", "paused by hand", "-:-- left"]),
        (LIVE, 10, ["12%"]),
    ],
)
def test_a_narrow_bar_has_fewer_words_and_cuts_none(live, columns, words):
    """What is left out is what matters least."""
    drawn = " ".join(each.plain.strip() for each in fitting(live, columns - 4))

    assert all(word in drawn for word in words)
    assert len(drawn) < columns - 4
    assert "…" not in drawn


def test_a_long_reason_leaves_room_for_the_counts():
    """It is cut, as its beginning says it."""
    long = msgspec.structs.replace(PAUSED, paused="the account has used its share " * 5)
    drawn = " ".join(each.plain.strip() for each in fitting(long, 90))

    assert "the account has used its" in drawn
    assert "7 rejected" in drawn


def test_a_line_says_why_nothing_is_sent_and_until_when():
    """In local time; another day is named."""
    soon = datetime.now(UTC) + timedelta(days=2)
    quiet = msgspec.structs.replace(
        LIVE, paused="quiet hours 08:00-18:00", paused_until=soon.isoformat()
    )

    assert paused_line(quiet).endswith(f"until {soon.astimezone():%a %H:%M}")
    assert "quiet hours 08:00-18:00 until" in progress_line(quiet)
    assert "98% of 100/10s" in progress_line(LIVE)


def test_a_count_says_what_is_counted_now(capsys: pytest.CaptureFixture[str]):
    """An undo that still looks has not archived anything, and does not say so."""
    shown = Counting("looked at", None)
    for label in ("looked at", "archived"):
        shown.relabel(label)
        shown._last = float("-inf")
        shown.show(1_000, 2_000)

    assert capsys.readouterr().err.splitlines() == [
        "looked at 1,000 of 2,000 records",
        "archived 1,000 of 2,000 records",
    ]
