"""Where the token comes from."""

from pathlib import Path

import pytest

from loader.cli.options import read_token
from loader.errors import UsageError


def token_file(path: Path, content: bytes, mode: int = 0o600) -> str:
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_a_token_is_one_word_in_a_file_of_ones_own(tmp_path: Path):
    """Also behind a link, as mounted secrets are."""
    path = token_file(tmp_path / "token", b"secret\n")
    link = tmp_path / "link"
    link.symlink_to(path)

    assert read_token(path) == read_token(str(link)) == "secret"


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (b"secret", 0o640, "can be read by others"),
        (b"two words", 0o600, "does not hold"),
        (b"", 0o600, "does not hold"),
        ("geh\u00e9im".encode(), 0o600, "does not hold"),
        (b"x" * (64 << 10) + b"y", 0o600, "too long"),
    ],
)
def test_a_file_without_a_token_is_told(
    tmp_path: Path, content: bytes, mode: int, words: str
):
    """What is wrong, and never what is in it."""
    path = token_file(tmp_path / "my token", content, mode)
    with pytest.raises(UsageError, match=words) as caught:
        read_token(path)

    assert "secret" not in str(caught.value)


def test_a_folder_is_no_token_file(tmp_path: Path):
    """Nor is a file that is not there."""
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError, match="cannot read the token file"):
            read_token(str(path))
