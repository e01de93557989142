"""The access token: from a file of one's own, else from the environment."""

import os
import stat
from pathlib import Path

from loader.errors import UsageError
from loader.report.text import pasted

VARIABLE = "HUBSPOT_ACCESS_TOKEN"
#: a token has some fifty characters
_MOST_BYTES = 4096


def read_token(token_file: str | None) -> str:
    """Return the access token from the file, else from the environment.

    Raises:
        UsageError: there is none, or others can read the file.
    """
    if token_file is not None:
        return _clean(_token_in(Path(token_file)), f"the token file {token_file}")
    token = os.environ.get(VARIABLE, "")
    if not token.strip():
        raise UsageError(
            f"no access token: set {VARIABLE}, or give --token-file FILE "
            "(mode 0600); to rehearse without one, use --sandbox"
        )
    return _clean(token, VARIABLE)


def _token_in(path: Path) -> str:
    """Read a file; what is checked is what is read, and it is never waited for.

    Links are followed, since mounted secrets often are some.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        fd = os.open(path, flags)
        try:
            _check(fd, path)
            content = os.read(fd, _MOST_BYTES + 1)
        finally:
            os.close(fd)
        if len(content) > _MOST_BYTES:
            raise UsageError(f"the token file {path} is too long to hold a token")
        return content.decode("ascii")
    except (OSError, ValueError) as error:
        # a decoding error would show what it could not decode
        why = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise UsageError(
            f"cannot read the token file {path}: {why}; give a file of mode 0600 that "
            "holds the access token and nothing else"
        ) from None


def _check(fd: int, path: Path) -> None:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"the token file {path} is no regular file")
    if found.st_uid not in (os.geteuid(), 0):
        raise UsageError(f"the token file {path} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"the token file {path} can be read by others; "
            f"run: chmod 600 {pasted(str(path))}"
        )


def _clean(token: str, where: str) -> str:
    token = token.strip(" \t\r\n")
    if not token or not all("!" <= each <= "~" for each in token):
        raise UsageError(f"{where} does not hold an access token (one ASCII word)")
    return token
