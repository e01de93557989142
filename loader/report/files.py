"""Files that others read: replaced in one step, mode 0600, links never followed."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """Write a file under a temporary name, and rename it when all is on disk.

    A reader sees the old file or the new one, never a part. When the body raises, the
    old file stays.

    Raises:
        OSError: the folder cannot be written.
    """
    draft = path.with_name(f"{_draft_prefix(path)}{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(draft, flags, 0o600)
    try:
        with os.fdopen(fd, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def discard_drafts(*paths: Path) -> None:
    """Remove what a killed writer of these files left; nobody may be writing them."""
    for path in paths:
        prefix = _draft_prefix(path)
        for each in path.parent.iterdir():
            if each.name.startswith(prefix):
                each.unlink(missing_ok=True)


def _draft_prefix(path: Path) -> str:
    return f".{path.name}."
