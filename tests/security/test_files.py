"""Files: for their owner's eyes, no links, and a token file that is one."""

import os
import stat
from pathlib import Path

import pytest

from loader import load
from loader.cli.token import read_token
from loader.errors import Refused, UsageError
from tests.acceptance.conftest import Loader
from tests.acceptance.test_load import mixed
from tests.conftest import write_source

#: everything that a load may put into its folder
NAMES = ("owner.lock", "run.log", "status.json", "rejected.ndjson", "in_doubt.ndjson",
         "ledger.db", "ledger.db-wal", "ledger.seal", "sandbox.db")  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "calls.ndjson", 60, mixed)


@pytest.mark.parametrize("umask", [0o000, 0o777])
async def test_all_files_are_private_whatever_the_umask(
    loader: Loader, source: Path, umask: int
):
    """0600 in 0700, and a second run can open them."""
    loader.before = lambda: os.umask(umask) and None
    first = await loader("run", source, "--sandbox", "--rate", "none")
    second = await loader("run", source, "--sandbox", "--rate", "none")
    output = loader.folder / "rows.csv"
    await loader("results", source, "--format", "csv", "-o", output)
    folder = loader.folder / "calls.ndjson.load"

    assert (first.status, second.status) == (1, 1), second.err
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(output.stat().st_mode) == 0o600


async def test_modes_that_have_become_loose_are_tightened(loader: Loader, source: Path):
    """As after a copy from elsewhere."""
    await loader("run", source, "--sandbox", "--rate", "none")
    folder = loader.folder / "calls.ndjson.load"
    folder.chmod(0o755)
    for each in folder.iterdir():
        each.chmod(0o644)
    again = await loader("run", source, "--sandbox", "--rate", "none")

    assert again.status == 1, again.err
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("leads_to", ["precious", "nowhere"])
async def test_a_link_in_the_folder_is_refused_and_its_target_untouched(
    tmp_path: Path, source: Path, name: str, leads_to: str
):
    """Also one that leads nowhere yet."""
    folder = tmp_path / "calls.ndjson.load"
    folder.mkdir(0o700)
    (tmp_path / "precious").write_bytes(b"precious")
    (folder / name).symlink_to(tmp_path / leads_to)
    with pytest.raises(Refused, match=r"calls\.ndjson\.load"):
        await load(source, sandbox=True)

    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()


async def test_a_pipe_or_a_link_in_place_of_a_file_does_not_hold_anybody_up(
    loader: Loader, source: Path
):
    """Refused at once, also by those who only look."""
    await loader("run", source, "--sandbox", "--rate", "none")
    folder = loader.folder / "calls.ndjson.load"
    (folder / "status.json").unlink()
    os.mkfifo(folder / "status.json")
    ended = [await loader(c, source) for c in ("status", "results")]
    ended.append(await loader("run", source, "--sandbox"))

    assert [each.status for each in ended] == [4, 4, 4]
    assert all("status.json" in each.err for each in ended)


async def test_a_folder_that_is_a_link_is_refused(loader: Loader, source: Path):
    """Whoever made it may move it."""
    (loader.folder / "elsewhere").mkdir()
    (loader.folder / "calls.ndjson.load").symlink_to(loader.folder / "elsewhere")
    ended_ = await loader("run", source, "--sandbox")

    assert ended_.status == 2
    assert list((loader.folder / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("output", ["folder", "missing/rows"])
async def test_results_go_into_a_file_or_are_refused(
    loader: Loader, source: Path, output: str
):
    """The reason is told."""
    await loader("run", source, "--sandbox", "--rate", "none")
    (loader.folder / "folder").mkdir()
    ended_ = await loader("results", source, "-o", loader.folder / output)

    assert ended_.status == 2, ended_.err
    assert output in ended_.err


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def others_may_read(path: Path) -> None:
    path.chmod(0o640)


def others_may_write(path: Path) -> None:
    path.chmod(0o602)


def too_long(path: Path) -> None:
    path.write_bytes(b"s" * 5000)


def two_lines(path: Path) -> None:
    path.write_bytes(b"secret-token\r\nX-Header: secret-token\r\n")


def a_control_character(path: Path) -> None:
    path.write_bytes(b"secret-\x1b[31mtoken")


def no_ascii(path: Path) -> None:
    path.write_bytes(b"secret-t\xc3\xb6ken")


def empty(path: Path) -> None:
    path.write_bytes(b" \r\n")


@pytest.mark.parametrize(
    "abuse",
    [a_pipe, a_folder, others_may_read, others_may_write, too_long, two_lines,
     a_control_character, no_ascii, empty],
)  # fmt: skip
def test_a_token_file_that_is_not_one_is_refused(token_file: Path, abuse):
    """With the reason, and without a word of what is in it."""
    abuse(token_file)
    with pytest.raises(UsageError, match="token") as refused:
        read_token(str(token_file))

    assert "secret-t" not in str(refused.value)


def test_a_token_may_be_behind_a_link(token_file: Path):
    """As mounted secrets are."""
    link = token_file.with_name("link")
    link.symlink_to(token_file)

    assert read_token(str(link)) == read_token(str(token_file))


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b" \n"])
def test_a_token_may_end_in_a_line_break(token_file: Path, ending: bytes):
    """As editors leave it."""
    token_file.write_bytes(b"secret-token" + ending)

    assert read_token(str(token_file)) == "secret-token"
