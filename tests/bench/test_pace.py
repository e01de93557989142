"""``bench pace``: what the portal saw becomes figures, and a sample runs."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.pace.cases import CASES
from bench.pace.command import pace
from bench.pace.measure import Figures, measure, middle
from bench.pace.portal import Seen
from loader.sandbox import load_scenario


def visits(*times: float, allowed: int = 10, refused: bool = False) -> list[Seen]:
    return [Seen(at, creates=True, refused=refused, allowed=allowed) for at in times]


def every(pace_s: float, seconds: float) -> list[float]:
    return [number * pace_s for number in range(int(seconds / pace_s))]


def test_a_window_that_is_always_full_is_used_to_the_full():
    """Ten in any second, of ten."""
    found = measure(visits(*every(0.1, 10)), interval_s=1.0)

    assert found.use == pytest.approx(1.0, abs=0.01)
    assert found.first_window == pytest.approx(1.0)
    assert found.overall == pytest.approx(1.0)


def test_half_of_it_is_half():
    """Five in any second, and no more at the start."""
    found = measure(visits(*every(0.2, 10)), interval_s=1.0)

    assert found.use == pytest.approx(0.5, abs=0.01)
    assert found.overall == pytest.approx(0.5, abs=0.05)


def test_what_is_refused_is_not_used():
    """It is a part of the requests."""
    seen = visits(*every(0.2, 10)) + visits(*every(1.0, 10), refused=True)
    found = measure(seen, interval_s=1.0)

    assert found.use == pytest.approx(0.5, abs=0.01)
    assert found.throttled == pytest.approx(10 / 60)


def test_the_window_after_a_change_is_left_out():
    """Twice as much is allowed from five seconds on, and used a second later."""
    before = visits(*every(0.1, 5))
    after = visits(*(5 + at for at in every(0.05, 5)), allowed=20)
    whole = measure(before + after, interval_s=1.0)
    steady = measure(before + after, interval_s=1.0, turn=5.0)

    assert steady.use == pytest.approx(1.0, abs=0.01)
    assert whole.use < steady.use


def test_less_than_two_windows_say_nothing():
    """The load was over, or never began."""
    with pytest.raises(ValueError, match="two windows"):
        measure(visits(*every(0.1, 1.5)), interval_s=1.0)


def test_rounds_have_their_medians():
    """Of refusals, those of all rounds count."""
    rounds = [Figures(use, 1.0, 1.0, use / 100, 100) for use in (0.1, 0.5, 0.9)]

    assert middle(rounds).use == 0.5
    assert middle(rounds).requests == 300
    assert middle(rounds).throttled == pytest.approx(0.005)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_a_scenario_of_the_sandbox(case, tmp_path: Path):
    """In windows of any length."""
    file = tmp_path / "scenario.toml"
    file.write_text(case.scenario(5.0, 20.0))

    assert load_scenario(file).quota.limit == case.limit
    assert tomllib.loads(file.read_text())["quota"]["interval_ms"] == 5000


def test_a_sample_runs(tmp_path: Path):
    """The real loader against the real sandbox; the figures are drawn, too."""
    plot = tmp_path / "pace.svg"
    said = CliRunner().invoke(
        pace,
        ["--only", "100, 50 ms", "--interval", "1", "--windows", "4", "--json",
         "--plot", str(plot)],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    figures = json.loads(said.stdout)

    assert figures["cases"]["100, 50 ms"]["requests"] > 100
    assert [goal["goal"] for goal in figures["goals"]] == [0.98, 0.001]
    assert "Use of the allowed rate" in plot.read_text()


def test_a_case_that_there_is_not_is_refused():
    """The message lists those that there are."""
    said = CliRunner().invoke(pace, ["--only", "nobody"])

    assert said.exit_code == 2
    assert "neighbour uses half" in said.output


def test_a_visit_is_a_line_of_json():
    """So that it crosses from the portal's process."""
    seen = visits(1.5)[0]

    assert msgspec.json.decode(msgspec.json.encode(seen), type=Seen) == seen
