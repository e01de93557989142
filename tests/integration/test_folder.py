"""The load folder on a disk that is cut off, full, broken, or left by a killed run."""

import errno
import os
from pathlib import Path

import pytest

import loader
from loader.assembly.folder import make_folder
from loader.errors import Refused
from loader.ledger.lock import owned
from loader.model.settings import Place


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was flushed, by path, in order."""
    paths: list[str] = []
    fsync = os.fsync

    def noted(fd: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
        fsync(fd)

    monkeypatch.setattr("os.fsync", noted)
    return paths


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
def test_the_name_of_a_load_folder_is_flushed(tmp_path: Path, flushed: list[str]):
    """Else a power cut takes the folder, and every acknowledged write in it."""
    make_folder(Place(tmp_path / "new" / "calls.load"))
    made = set(flushed)
    flushed.clear()
    make_folder(Place(tmp_path / "new" / "calls.load"))

    assert made == {str(tmp_path), str(tmp_path / "new")}
    assert flushed == [str(tmp_path / "new")]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("call", ["mkdir", "fsync"])
def test_a_disk_that_does_not_take_the_folder_refuses_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
):
    """Status 4: nothing is wrong with the command line."""

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(Refused, match=os.strerror(number)):
            make_folder(Place(tmp_path / "calls.load"))


def test_a_lock_that_cannot_be_written_refuses_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By name, and not as an internal error."""

    def fails(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("os.ftruncate", fails)
    with pytest.raises(Refused, match=r"owner\.lock"), owned(tmp_path / "owner.lock"):
        pass


async def test_a_log_that_cannot_be_opened_refuses_the_load(source: Path):
    """By name, and not as an internal error."""
    place = Place(Path(f"{source}.load"))
    place.folder.mkdir()
    place.log.mkdir()

    with pytest.raises(Refused, match=r"run\.log"):
        await loader.load(source, sandbox=True)


async def test_what_a_killed_run_left_half_written_is_removed(source: Path):
    """Drafts of result files hold records, and would pile up."""
    place = Place(Path(f"{source}.load"))
    place.folder.mkdir()
    for path in (place.status, place.rejected, place.in_doubt):
        path.with_name(f".{path.name}.0a1b2c3d").write_bytes(b"half")
    await loader.load(source, sandbox=True)

    assert list(place.folder.glob(".*")) == []
    assert place.rejected.exists()
