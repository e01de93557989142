"""Who reads what the commands say, and what happens when he leaves."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Loader
from tests.conftest import call, write_source

RUN = ("--sandbox", "--rate", "none")


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "loader", *map(str, arguments)]


def started(*arguments: str | Path, **streams: Any) -> subprocess.Popen[bytes]:
    """Start a command whose streams are pipes, unless they are given."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command(*arguments), **pipes | streams)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "calls.ndjson", 120)


@pytest.fixture
def long_source(tmp_path: Path) -> Path:
    """So many lines that their rows do not fit into a pipe."""
    return write_source(tmp_path / "long.ndjson", 2000)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_load_goes_on_when_nobody_reads_its_messages(source: Path, form: str):
    """``2>&1 | head -1`` costs the messages; the load, its status and its exit stay."""
    with started("run", source, *RUN, "--json", "--log-format", form) as process:
        process.stderr.close()
        out = process.stdout.read()

    assert process.returncode == 0
    assert json.loads(out)["created"] == 120
    live = json.loads((source.parent / "calls.ndjson.load/status.json").read_bytes())
    assert (live["finished"], live["created"]) == (True, 120)


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_results_end_quietly_when_their_reader_has_seen_enough(
    long_source: Path, form: str
):
    """``| head`` is no failure."""
    ran = subprocess.run(command("run", long_source, *RUN), check=False)
    with started("results", long_source, "--format", form) as process:
        first = process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()

    assert ran.returncode == 0
    assert first
    assert (process.returncode, err) == (0, b"")


def test_a_load_keeps_its_status_when_nobody_reads_its_summary(tmp_path: Path):
    """Some records are rejected: that is status 1, whoever reads."""
    bad = write_source(tmp_path / "f", 3, lambda n: b"{" if n == 2 else call(n))
    with started("run", bad, *RUN, "--json") as process:
        process.stdout.close()
        err = process.stderr.read()

    assert process.returncode == 1
    assert b"Broken" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_results_that_cannot_be_written_are_told(source: Path):
    """A full disk behind standard output is no success."""
    ran = subprocess.run(command("run", source, *RUN), check=False)
    with Path("/dev/full").open("wb") as full:
        process = started("results", source, stdout=full)
        _, err = process.communicate()

    assert (ran.returncode, process.returncode) == (0, 3)
    assert b"error: standard output cannot be written" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_load_needs_nobody_to_speak_to(source: Path, closed: str):
    """Standard streams that were closed before it began."""
    line = f'exec "$@" {closed}'
    shell = ["sh", "-c", line, "sh", *command("run", source, *RUN, "--json")]
    ran = subprocess.run(shell, capture_output=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert b"internal error" not in ran.stderr


async def test_with_json_every_line_on_standard_error_is_json(
    loader: Loader, source: Path
):
    """Sentences for people too, from the promise to the error at the end."""
    json_ = ("--log-format", "json")
    good = await loader("run", source, *RUN, *json_)
    option = await loader("run", source, "--workers", "many", *json_)
    setting = await loader("run", source, *RUN, "--rate", "fast", *json_)
    loader.environment = {"LOADER_LOG_FORMAT": "json"}
    by_environment = await loader("run", source, "--nonsense")

    said = [json.loads(line) for line in good.err.splitlines()]
    assert said[0]["event"] == "run.said"
    assert said[0]["text"].startswith("promise: exactly-once")
    assert [option.status, setting.status, by_environment.status] == [2, 2, 2]
    for ended, words in ((option, "many"), (setting, "fast")):
        (line,) = ended.err.splitlines()
        assert json.loads(line)["event"] == "run.said"
        assert json.loads(line)["text"].startswith("error: ")
        assert words in line


async def test_results_go_into_what_is_no_regular_file(
    loader: Loader, source: Path, tmp_path: Path
):
    """Into a FIFO, a device, a link's target: it stays what it is.

    The links here are the test's own: were they replaced, no device would be lost.
    """
    await loader("run", source, *RUN)
    fifo, link, target = tmp_path / "fifo", tmp_path / "link", tmp_path / "target"
    os.mkfifo(fifo)
    link.symlink_to(target)
    out, nothing = tmp_path / "stdout", tmp_path / "null"
    out.symlink_to("/proc/self/fd/1")
    nothing.symlink_to(os.devnull)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    into_fifo = await loader("results", source, "-o", fifo)
    through_fifo = os.read(reader, 1 << 16)
    os.close(reader)
    shown = await loader("results", source, "-o", out)
    into_link = await loader("results", source, "-o", link)
    into_nothing = await loader("results", source, "-o", nothing)

    statuses = [each.status for each in (into_fifo, shown, into_link, into_nothing)]
    assert statuses == [0, 0, 0, 0]
    assert fifo.is_fifo()
    assert all(each.is_symlink() for each in (link, out, nothing))
    assert through_fifo.decode() == shown.out == target.read_text()
    assert len(shown.rows) == 120


async def test_2_results_that_have_no_place_are_refused_in_a_sentence(
    loader: Loader, source: Path, tmp_path: Path
):
    """A folder that is not there, and one in place of a file."""
    await loader("run", source, *RUN)
    for output in (tmp_path / "nowhere" / "x", tmp_path, source / "x"):
        ended = await loader("results", source, "-o", output)

        assert ended.status == 2, ended.err
        assert ended.err.startswith(f"error: cannot write {output}: ")
        assert "-o" in ended.err


async def test_2_a_port_that_is_taken_is_told(loader: Loader):
    """With the other ways."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = await loader("sandbox", "--port", port)
        impossible = await loader("sandbox", "--port", "70000")

    assert (ended.status, impossible.status) == (2, 2)
    assert port in ended.err
    assert "give another --port" in ended.err
    assert "internal" not in impossible.err


async def test_2_a_state_that_is_none_is_told(loader: Loader, tmp_path: Path):
    """A file of something else, and a folder that is not there."""
    other = tmp_path / "other"
    other.write_text("noise" * 1000)
    for state in (other, tmp_path / "nowhere" / "x"):
        ended = await loader("sandbox", "--port", "0", "--state", state)

        assert ended.status == 2
        assert "--state" in ended.err


async def test_the_program_completes_what_a_shell_asks_for(loader: Loader):
    """Commands and options by their beginnings; a source is a file's name."""
    found: list[str] = []
    for words in ("re", "run --tr", "run ca"):
        number = len(words.split())
        loader.environment = {
            "COMP_WORDS": f"call-loader {words}", "COMP_CWORD": str(number),
            "_CALL_LOADER_COMPLETE": "bash_complete",
        }  # fmt: skip
        ended = await loader()
        assert ended.status == 0, ended.err
        found += ended.out.split()

    assert {"plain,resolve", "plain,results", "plain,--trace-property"} <= {*found}
    assert "file,ca" in found
