"""Disks after a power cut; a sample of ``python -m bench powercut``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.crash import powercut_command
from bench.crash.images import Found
from bench.crash.powercut import examined, record
from bench.crash.victim import Plan
from tests.crash.test_kill import traced

IMAGES = 500


@traced
async def test_a_power_cut_costs_no_acknowledged_write(tmp_path: Path):
    """Nor a result file, which is the old or the new; and every image opens."""
    found = examined(await record(tmp_path, Plan()), images=IMAGES, seed=1, jobs=1)

    assert found.told == []
    assert (found.lost, found.refused, found.torn) == (0, 0, 0)
    assert found.images >= IMAGES
    assert found.acknowledged > IMAGES


@traced
async def test_less_care_of_the_ledger_is_noticed(tmp_path: Path):
    """With ``synchronous=NORMAL`` acknowledged writes are lost."""
    recorded = await record(tmp_path, Plan(synchronous="NORMAL"))

    assert examined(recorded, images=IMAGES // 2, seed=1, jobs=1).lost > 0


@traced
async def test_less_care_of_the_other_files_is_noticed(tmp_path: Path):
    """Without flushes of our own, result files are torn and the folder is lost."""
    recorded = await record(tmp_path, Plan(flushed=False))
    found = examined(recorded, images=IMAGES, seed=1, jobs=1)

    assert found.torn > 0
    assert found.lost > 0


@pytest.mark.parametrize(
    ("lost", "seen", "status"), [(0, 1, 0), (1, 1, 1), (0, 0, 1)], ids=str
)
def test_the_command_fails_on_a_loss_and_when_it_is_blind(
    monkeypatch: pytest.MonkeyPatch, lost: int, seen: int, status: int
):
    """A control that loses nothing means that the test sees nothing."""

    def found(folder: Path, *_: object) -> Found:
        return Found(lost=lost if folder.name == "load" else seen)

    monkeypatch.setattr(powercut_command, "_examined", found)
    monkeypatch.setattr(powercut_command.tracing, "why_not", lambda: None)
    ran = CliRunner().invoke(powercut_command.powercut, ["--sample", "1", "--json"])

    assert ran.exit_code == status
