"""The model of a power cut itself: what is safe, and what may be left of the rest."""

import random
from pathlib import PurePosixPath

import pytest

from bench.crash.filesystem import Files, Piece, after_power_cut
from bench.crash.policies import FIXED, RANDOM, chosen
from bench.crash.recording import read_log

ROOT = PurePosixPath("/root")
FOLDER = ROOT / "load"
OLD, NEW = FOLDER / "draft", FOLDER / "file"
FD, FOLDER_FD, ROOT_FD = 3, 4, 5


def files() -> Files:
    """Return a folder whose name is safe."""
    made = Files(ROOT)
    made.make_folder(0, FOLDER)
    made.open(1, ROOT, "O_RDONLY", ROOT_FD)
    made.open(1, FOLDER, "O_RDONLY", FOLDER_FD)
    made.flush(ROOT_FD, 2)
    return made


def left(made: Files) -> list[dict[str, bytes] | None]:
    """Return the states that a hundred power cuts leave."""
    states: list[dict[str, bytes] | None] = []
    for seed in range(100):
        for policy in FIXED + RANDOM:
            names, pieces = chosen(policy, random.Random(seed))
            states.append(after_power_cut(made, FOLDER, names=names, pieces=pieces))
    return states


def contents(made: Files) -> set[bytes | None]:
    return {(state or {}).get(NEW.name) for state in left(made)}


def test_a_folder_whose_name_was_not_flushed_may_be_gone():
    """With everything in it."""
    made = Files(ROOT)
    made.make_folder(0, FOLDER)

    assert None in left(made)
    assert None not in left(files())


def test_a_write_is_safe_once_its_file_and_its_name_were_flushed():
    """In either order; the one without the other is not enough."""
    for flushed in ((), (FD,), (FOLDER_FD,)):
        made = files()
        made.open(2, NEW, "O_RDWR|O_CREAT", FD)
        made.write(3, FD, b"x" * 1024, 0)
        for fd in flushed:
            made.flush(fd, 4)
        assert contents(made) != {b"x" * 1024}
    made.flush(FD, 4)

    assert contents(made) == {b"x" * 1024}


def test_a_flush_covers_only_what_had_ended_when_it_began():
    """A write of another thread in the meantime is not safe."""
    made = files()
    made.open(2, NEW, "O_RDWR|O_CREAT", FD)
    made.flush(FOLDER_FD, 3)
    made.write(3, FD, b"one", 0)
    made.write(4, FD, b"two", None)
    made.flush(FD, 4)

    assert contents(made) == {b"one", b"two"} | (contents(made) - {b"one", b"two"})
    assert b"one" in contents(made)
    assert b"" not in contents(made)


def test_writes_are_lost_reordered_and_torn_by_sectors():
    """Each policy shows its kind of harm."""
    made = files()
    made.open(2, NEW, "O_RDWR|O_CREAT", FD)
    made.flush(FOLDER_FD, 3)
    made.write(3, FD, b"a" * 512 + b"b" * 512, 0)
    made.write(4, FD, b"c" * 512, 1024)
    a, b, c, hole = b"a" * 512, b"b" * 512, b"c" * 512, bytes(512)
    found = contents(made)

    assert {b"", a + b, a + b + c, hole + hole + c, a, hole + b + c} <= found
    assert any(each and len(set(each)) > 5 for each in found)


@pytest.mark.parametrize("flushed", [True, False])
def test_a_renamed_file_is_whole_only_if_it_was_flushed_before(flushed: bool):
    """That is what a reader of a result file relies on."""
    made = files()
    made.open(2, OLD, "O_WRONLY|O_CREAT", FD)
    made.write(3, FD, b"x" * 1024, None)
    if flushed:
        made.flush(FD, 4)
    made.rename(4, OLD, NEW)

    assert (contents(made) == {None, b"x" * 1024}) == flushed


def test_a_removed_name_may_come_back():
    """Until its folder was flushed."""
    made = files()
    made.open(2, NEW, "O_RDWR|O_CREAT", FD)
    made.flush(FOLDER_FD, 3)
    made.remove(3, NEW)
    before = contents(made)
    made.flush(FOLDER_FD, 4)

    assert (before, contents(made)) == ({None, b""}, {None})


def test_sectors_are_those_of_the_disk():
    """A write is cut at multiples of their size, not of its own start."""
    parts = Piece(0, 500, b"a" * 600).sectors()

    assert [(part.offset, len(part.data or b"")) for part in parts] == [
        (500, 12),
        (512, 512),
        (1024, 76),
    ]


def test_a_log_is_read_in_the_order_in_which_calls_end():
    """An interrupted call counts from its end, and knows when it began."""
    log = r"""
7 pwrite64(3, "\x61\x2c", 2, 0) = 2
8 fdatasync(3 <unfinished ...>
7 pwrite64(3, "\x62", 1, 2) = 1
8 <... fdatasync resumed>) = 0
7 openat(AT_FDCWD, "\x2f\x61", O_RDONLY) = -1 ENOENT (No such file or directory)
7 fsync(3 <unfinished ...>
8 +++ killed by SIGKILL +++
"""
    calls = list(read_log(log.splitlines()))

    assert [(call.name, call.begun) for call in calls] == [
        ("pwrite64", 0),
        ("pwrite64", 1),
        ("fdatasync", 1),
    ]
    assert calls[0].texts == (b"a,",)
    assert calls[1].arguments == ("3", "", "1", "2")


def test_a_log_without_all_data_is_refused():
    """Images made of it would prove nothing."""
    with pytest.raises(ValueError, match="only a part"):
        list(read_log([r'7 write(3, "\x61"..., 4096) = 4096']))
