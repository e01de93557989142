"""A sample of ``python -m bench throughput``: it runs, proves itself, and judges."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import environments, goals, records
from bench.throughput.command import throughput
from bench.throughput.figures import goals as goals_of
from bench.throughput.sides import OFFICIAL, Sample, why_not_wrk

LINES = "400"


def ran(*arguments: str) -> dict:
    result = CliRunner().invoke(throughput, [*arguments, "--lines", LINES, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def sample(rate: float, cpu_us: float) -> Sample:
    return Sample(
        records=100,
        records_per_second=rate,
        cpu_us=cpu_us,
        cpu_us_with_start=cpu_us + 5,
        seconds=1.0,
        peak_rss_mb=50.0,
        portal_busy=0.1,
    )


def test_the_loader_delivers_with_and_without_waiting_for_the_disk():
    """Each record once, by the portal's count, or there would be no figure."""
    figures = ran("--sides", "loader,relaxed", "--rounds", "1")

    sides = figures["sides"]
    assert sides["loader"]["median"]["records"] == 400
    assert sides["relaxed"]["median"]["records"] == 400
    assert [each["name"] for each in figures["goals"]] == [
        "CPU a record, start left out",
        "CPU a record, start included",
        "price of durability",
    ]


@pytest.mark.skipif(why_not_wrk() is not None, reason=str(why_not_wrk()))
def test_wrk_sends_ready_made_bodies():
    """Whole batches, each answered."""
    figures = ran("--sides", "wrk", "--rounds", "1", "--wrk-seconds", "1")

    assert figures["sides"]["wrk"]["median"]["records"] >= 100
    assert figures["goals"] == []


@pytest.mark.skipif(
    not environments.is_made("official", [OFFICIAL]),
    reason="python -m bench throughput --sides official makes its environment",
)
def test_the_official_client_sends_the_same_records():
    """From the first lines of the source."""
    figures = ran("--sides", "official", "--rounds", "1")

    assert figures["sides"]["official"]["median"]["records"] == 100


def test_a_side_that_does_not_exist_is_named():
    """With those that do."""
    result = CliRunner().invoke(throughput, ["--sides", "loader,curl"])

    assert result.exit_code == 2
    assert "no such side: curl; there are loader, relaxed, official, wrk" in (
        result.output
    )


def test_ratios_are_taken_within_a_round():
    """The machine was the same for both then; the median of those counts."""
    samples = {
        "loader": [sample(100, 9), sample(50, 9), sample(150, 9)],
        "official": [sample(5, 200), sample(2.5, 200), sample(10, 200)],
        "relaxed": [sample(100, 9), sample(100, 9), sample(150, 9)],
    }

    by_name = {each.name: each for each in goals_of(samples)}
    assert by_name["CPU a record, the official client's"].value == 200 / 9
    assert by_name["records/s against the official client"].value == 20
    assert by_name["records/s against the official client"].met
    assert by_name["CPU a record, start left out"].met
    assert not by_name["CPU a record, start included"].met
    assert by_name["price of durability"].value == 0


def test_a_goal_says_plainly_whether_it_is_met():
    """In one sentence, with the figure and what was promised."""
    low = goals.Goal("CPU a record", 40.25, 10, at_most=True, unit="us")
    high = goals.Goal("against wrk", 0.5, 0.35, unit="x")

    assert low.told() == "MISSED: CPU a record 40.25 us (at most 10 us)"
    assert high.told() == "met: against wrk 0.5 x (at least 0.35 x)"


def test_a_table_sets_figures_to_the_right():
    """And names to the left."""
    shown = list(goals.table(["", "n"], [["a", 1], ["bcd", 1000]]))

    assert shown == ["        n", "a       1", "bcd  1000"]


def test_a_source_has_lines_of_one_size_each_a_record_of_its_own(tmp_path: Path):
    """Whatever letters are in them."""
    lines = records.write(tmp_path / "s", 60, line_bytes=720).read_bytes().splitlines()
    values = [json.loads(line) for line in lines]

    assert {len(line) for line in lines} == {719}
    assert len({each["properties"][records.KEY] for each in values}) == 60
    assert "objectWriteTraceId" not in values[0]
    assert "objectWriteTraceId" in json.loads(records.line(7, own_id=True))
