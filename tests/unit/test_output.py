"""Messages whose reader has left."""

import os
import sys
from typing import TextIO

import click
import pytest

from loader.cli import output
from loader.cli.output import Screen, Voice
from loader.telemetry import get_logger, outputs


def left() -> TextIO:
    """Return a stream whose reader has left."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    return os.fdopen(write_end, "w", buffering=1)


def test_standard_error_falls_silent_when_its_reader_leaves(
    monkeypatch: pytest.MonkeyPatch,
):
    """Whatever is said then, and the last flush, costs nobody anything."""
    with left() as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        output.say("text")
        output.say_event({"event": "run.said"})
        Voice().show(click.UsageError("wrong"))
        stream.write("no longer raises\n")


def test_a_list_of_choices_is_indented_and_shows_no_escapes(
    capsys: pytest.CaptureFixture[str],
):
    """What is wrong with the command line is told with tabs, which are spaces here."""
    Voice().show(click.UsageError("Choose from:\n\tbash,\n\tzsh \a"))

    assert "    bash,\n    zsh \\x07" in capsys.readouterr().err


def test_a_bar_may_lose_its_terminal():
    """It draws in a thread of its own, where nobody could take what is raised."""
    with left() as stream:
        screen = Screen(stream)
        screen.write("a line of the bar\n")
        screen.flush()
        fd, tty = screen.fileno(), screen.isatty()

    assert not tty
    assert fd > 2


def test_results_end_with_their_reader(monkeypatch: pytest.MonkeyPatch):
    """What comes after is not even made."""
    made: list[int] = []

    def pieces():
        for number in range(1000):
            made.append(number)
            yield b"x" * 100_000

    with left() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        output.give(pieces())

    assert len(made) < 1000


def test_text_is_given_in_what_standard_output_can_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    """A name that it cannot is escaped, not an error."""
    path = tmp_path / "f"
    with path.open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        output.give_lines(["käse"])

    assert path.read_bytes() == b"k\\xe4se\n"


def test_an_output_that_cannot_be_written_does_not_reach_whoever_logs():
    """The other outputs hear of the event all the same."""
    heard: list[str] = []

    def broken(_: str, __: object) -> None:
        raise BrokenPipeError

    with outputs(broken, lambda level, event: heard.append(event["event"])):
        get_logger().info("run.started")

    assert heard == ["run.started"]
