"""The load folder: found from the source, made for one's own eyes only."""

import contextlib
import errno
import os
import stat
from pathlib import Path

from loader.errors import Refused, UsageError
from loader.model.settings import Place

_OWN_EYES = 0o700
#: not the command line's fault
_DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_OWN_FILE = 0o600


def place_of(source: str, load_dir: str | os.PathLike[str] | None) -> Place:
    """Return where a load's files are: ``--load-dir``, else ``SOURCE.load``.

    Raises:
        UsageError: the source is standard input and no folder is given.
    """
    if load_dir is not None:
        return Place(Path(load_dir))
    if source == "-":
        raise UsageError("standard input has no name for its load; give --load-dir")
    return Place(Path(f"{source}.load"))


def make_folder(place: Place) -> None:
    """Make the load folder with mode 0700, or tighten the one that is there.

    Once this returns, a power cut does not take the folder, and what is durable in it.

    Raises:
        UsageError: it is no folder, is a symbolic link, or cannot be made.
        Refused: its disk does not take it.
    """
    folder = place.folder
    try:
        missing = [each for each in folder.parents if not each.exists()]
        folder.mkdir(mode=_OWN_EYES, parents=True, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise UsageError(
                f"the load folder {folder} is a symbolic link; name its target"
            )
        if found.st_uid != os.geteuid():
            raise UsageError(
                f"the load folder {folder} belongs to another user; use --load-dir NEW"
            )
        if stat.S_IMODE(found.st_mode) != _OWN_EYES:
            folder.chmod(_OWN_EYES)
        check_files(place)
    except OSError as error:
        kind = Refused if error.errno in _DISK_TROUBLE else UsageError
        raise kind(
            f"cannot make the load folder {folder}: {error.strerror}; "
            "use --load-dir with a folder you can write"
        ) from error
    # also for a folder that is there: its maker may have been killed before this
    for each in (folder, *missing):
        flush(each.parent)


def flush(folder: Path) -> None:
    """Make the names in a folder durable; one that may not be read is left alone.

    Raises:
        Refused: its disk does not take it.
    """
    with contextlib.ExitStack() as stack:
        try:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, fd)
            os.fsync(fd)
        except PermissionError:
            return
        except OSError as error:
            raise Refused(
                f"the disk of {folder} does not take the load folder "
                f"({error.strerror}); mend it, or use another --load-dir"
            ) from error


def check_files(place: Place) -> None:
    """Refuse a folder in which a name of ours is a link or no file; tighten modes.

    The ledger's own files are checked by whoever opens them, since a rebuild may set
    them aside.

    Raises:
        Refused: a file is none; names it.
    """
    for path in (
        place.lock, place.log, place.status, place.rejected, place.in_doubt,
        place.portal, place.history, place.daily, place.certificate,
        place.differences,
    ):  # fmt: skip
        if not os.path.lexists(path):
            continue
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise Refused(
                f"{path} is a symbolic link, or no file at all; somebody put it "
                "there: look at it, then remove it"
            )
        if stat.S_IMODE(mode) & 0o077:
            path.chmod(_OWN_FILE)


def private_file(path: Path) -> None:
    """Make an empty file of mode 0600, unless it is there.

    Raises:
        UsageError: it is a symbolic link, or cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError as error:
        raise UsageError(f"cannot make {path}: {error.strerror}") from error
