"""1,250 schedules without a violation; each is the same every time it is run."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from click.testing import CliRunner

from bench.__main__ import bench
from bench.simulation import simulate
from bench.simulation.command import run_many, run_seeds
from bench.simulation.disk import DiskFault
from bench.simulation.points import Blow
from bench.simulation.weather import ArchiveFault, CreateFault, ReadFault, ShowFault

SCHEDULES = 1250
BLOCK = 250


@pytest.mark.parametrize("first", range(0, SCHEDULES, BLOCK))
def test_no_schedule_breaks_an_invariant(first: int):
    """I1 to I10, C1 to C6, R1 to R3, U1 to U6, V1 to V5, whatever a seed draws."""
    tally = run_seeds(range(first, first + BLOCK))

    assert tally.violations == []
    assert tally.stuck == 0


def test_every_kind_of_fault_occurs():
    """Within a small part of what is run elsewhere."""
    faults = Counter[str]()
    for seed in range(10_000, 10_400):
        faults += simulate(seed).faults
    kinds = [
        *CreateFault, *ReadFault, *ArchiveFault, *ShowFault, *DiskFault, *Blow,
    ]  # fmt: skip

    assert [kind.value for kind in kinds if not faults[kind]] == []


@pytest.mark.parametrize("mode", ["key", "hold", "resend", "prepared"])
def test_every_mode_occurs_and_can_be_asked_for(mode: str):
    """With its own promise in the story."""
    report = simulate(7, mode=mode, tell=True)

    assert report.mode == mode
    assert report.violations == ()
    assert report.lives >= 2


def test_every_act_after_the_runs_occurs():
    """Within a small part of what is run elsewhere."""
    acts = run_seeds(range(60)).acts

    assert acts.keys() == {"resolve", "correct", "glance", "verify", "undo"}


def test_a_story_is_the_same_in_every_process():
    """Byte for byte, whatever the seed of the hashes."""
    stories = []
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "bench", "simulate", "--replay", "31"]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        ran = subprocess.run(command, env=environment, capture_output=True, check=True)
        stories.append(ran.stdout)

    assert stories[0] == stories[1]
    assert len(stories[0].splitlines()) > 10


def test_the_sums_do_not_depend_on_the_number_of_processes():
    """Two processes and one find the same."""
    one, two = run_many(range(150), 1), run_many(range(150), 2)

    assert one == two


def test_the_command_prints_its_figures_as_json():
    """For programs; the status says whether there was a violation."""
    arguments = ["simulate", "--seeds", "5", "--jobs", "1", "--json"]
    result = CliRunner().invoke(bench, arguments)

    assert result.exit_code == 0
    assert '"schedules": 5' in result.output
    assert '"violations": 0' in result.output
