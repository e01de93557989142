"""Samples of ``bench memory``, ``resume`` and ``ledger``: they run, and judge."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bench.growth import loads
from bench.growth.ledger_command import ledger
from bench.growth.memory_command import memory
from bench.growth.resume import Interrupted
from bench.growth.resume_command import resume
from bench.portal.rented import rented
from bench.processes import Cores, Failed
from bench.records import Ids


def figures(command: click.Command, *arguments: str) -> dict:
    result = CliRunner().invoke(command, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_lines_may_come_through_a_pipe():
    """Then no file is written, and the loader reads its standard input."""
    said = figures(memory, "--sizes", "150", "--pipe")

    assert said["pipe"]
    assert said["peak_rss_mb"]["derived"]["150"] > 1


def test_memory_is_measured_at_each_size(tmp_path: Path):
    """And drawn where one wants it."""
    plot = tmp_path / "memory.svg"

    said = figures(memory, "--sizes", "150,300", "--plot", str(plot))

    assert set(said["peak_rss_mb"]["derived"]) == {"150", "300"}
    assert [each["goal"] for each in said["goals"]] == [100, 1.15]
    assert "Peak memory" in plot.read_text()


def test_ledgers_are_weighed_and_kinds_of_ids_told_apart(tmp_path: Path):
    """An ID that must be kept takes room."""
    plot = tmp_path / "ledger.svg"

    said = figures(ledger, "--sizes", "2k", "--ids", "derived,key", "--plot", str(plot))

    assert said["bytes"]["derived"]["2000"] < said["bytes"]["key"]["2000"]
    assert "key IDs" in plot.read_text()


def test_a_load_is_killed_and_resumed_at_each_place(tmp_path: Path):
    """No record comes twice, or there would be no figure."""
    plot = str(tmp_path / "resume.svg")

    said = figures(
        resume, "--lines", "9000", "--at", "20,70", "--rounds", "1", "--plot", plot
    )

    starts = said["starts"]["derived"]
    assert set(starts) == {"20 %", "70 %"}
    assert all(start["seconds"] > 0 for (start,) in starts.values())
    assert "70 %" in Path(plot).read_text()


def test_a_loader_that_fails_is_quoted(tmp_path: Path):
    """Rather than waited for."""
    with rented(cores := Cores(None, None)) as portal:
        load = Interrupted(
            portal=portal, cores=cores, ids=Ids.DERIVED,
            source=tmp_path / "missing.ndjson", folder=tmp_path / "load",
        )  # fmt: skip

        with pytest.raises(Failed, match=r"missing\.ndjson"):
            load.resume()


def test_a_load_that_the_disk_has_no_room_for_does_not_begin():
    """It says how much is missing, and what to do."""
    result = CliRunner().invoke(memory, ["--sizes", "9000000M"])

    assert result.exit_code == 1
    assert "9,000,000,000,000 lines of 700 bytes need 8100000.0 GB" in result.output
    assert "--line-bytes" in result.output


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        (memory, ["--sizes", "10q"], "'10q' is no list of sizes such as 10k,1M"),
        (memory, ["--sizes", "0"], "'0' is no list of sizes"),
        (
            ledger,
            ["--ids", "uuid"],
            "'uuid' is not a valid Ids; there are derived",
        ),
        (resume, ["--at", "half"], "'half' is no list of per cents"),
        (resume, ["--at", "50,100"], "between 1 and 99 per cent"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    command: click.Command, arguments: list[str], says: str
):
    """With status 2, and what there is instead."""
    result = CliRunner().invoke(command, arguments)

    assert result.exit_code == 2
    assert says in " ".join(result.output.split())


def test_sizes_are_read_smallest_first():
    """Each once, thousands and millions by a letter."""
    option = click.Option(["--sizes"])

    assert loads.read_sizes(None, option, "1M, 10k,10k,7") == [7, 10_000, 1_000_000]
