"""A correction and its first load: found from the copy, kept still while it runs.

The rows of ``rejected.ndjson`` name the folder of the load that wrote them, so a copy
finds it from anywhere; a file in a load folder belongs to that folder, wherever it was
moved. What is loaded is a copy of the copy, in the folder of the correction: the same
content is the same correction, however the file is called, and goes on where it ended;
other content is the next one. So the file may be edited, or renewed by the loader, at
any time.
"""

import contextlib
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from loader.errors import LedgerDamaged, LedgerMismatch, Refused
from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.mark import read_mark
from loader.ledger.seal import read_seal
from loader.model.load import LoadIdentity
from loader.model.settings import Place
from loader.source.lines import PIECE_BYTES
from loader.source.rows import Row, rows_of, tidied

from .corrections import corrections_of, numbered
from .folder import flush, make_folder
from .opening import check_not_undone, open_ledger

#: rows of a copy among which one must still say where it comes from
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Family:
    """The first load and the corrections of it that were there before this one.

    The connections are to be used by one thread at a time.
    """

    first: Place
    identity: LoadIdentity
    connection: sqlite3.Connection
    others: tuple[sqlite3.Connection, ...]
    #: names of their folders
    names: tuple[str, ...]

    def check(self, asked: LoadIdentity) -> None:
        """Compare what a correction is about to load with what the first load did.

        Raises:
            LedgerMismatch: it goes to another portal, or has another key or property.
        """
        known = self.identity
        for what, old, new in (
            ("portal", known.portal_id, asked.portal_id),
            ("--key", known.key_property, asked.key_property),
            ("trace property", known.trace_property, asked.trace_property),
        ):
            if old != new and not (what == "trace property" and old is None):
                raise LedgerMismatch(
                    f"these rows come from the load in {self.first.folder}, which has "
                    f"another {what}: {old}, not {new}; what it created would be "
                    "created again: run them as the first load was run"
                )

    def check_not_undone(self) -> None:
        """Refuse to correct what was taken back: its records would be claimed.

        Raises:
            Refused: the first load, or another correction, was undone.
        """
        for connection in (self.connection, *self.others):
            check_not_undone(read_mark(connection), self.first.folder)


def first_load_of(
    source: str | os.PathLike[str], say: Callable[[str], None] | None = None
) -> Place | None:
    """Return the load whose rejected rows a file has; None when it has none.

    ``say`` is told when that load is not there any more.
    """
    path = Path(source)
    try:
        row = next(_rows_in(path), None) if path.is_file() else None
    except OSError:
        return None  # whoever needs to read it says why it cannot be read
    if row is None:
        return None
    for folder in (path.absolute().parent, Path(row.load)):
        if _wrote(folder, row):
            return head_of(Place(folder))
    if say is not None:
        say(
            f"these rows come from the load in {row.load}, which is not there: they "
            "are loaded by themselves, under the IDs they have, and that load will not "
            "know of it"
        )
    return None


def _wrote(folder: Path, row: Row) -> bool:
    """Tell whether the load in a folder has the source that a row names."""
    place = Place(folder)
    try:
        seal = read_seal(place.seal) if place.ledger.is_file() else None
    except (LedgerDamaged, OSError, ValueError):
        return False  # what a row says may be the name of no folder at all
    return seal is not None and seal.identity.source_digest == row.source


def head_of(place: Place) -> Place:
    """Return the first load of a load, which may be one of its corrections."""
    folder = place.folder.absolute()
    above = Place(folder.parent.parent)
    is_correction = numbered(folder) and folder.parent == above.corrections
    return above if is_correction and above.ledger.is_file() else place


def _rows_in(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in islice(tidied(_lines(file)), _LOOKED_AT):
            yield from rows_of(line)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.readline(PIECE_BYTES):
        yield piece


def find_correction(source: str | os.PathLike[str]) -> Place | None:
    """Return the correction that loads this content, if it has begun."""
    first = first_load_of(source)
    if first is None:
        return None
    digest = hashlib.blake2b(digest_size=6)
    with Path(source).open("rb") as file:
        for line in tidied(_lines(file)):
            digest.update(line)
    name = digest.hexdigest()
    return next(
        (each for each in corrections_of(first) if each.folder.name.endswith(name)),
        None,
    )


@contextlib.contextmanager
def opened_family(
    first: Place, source: str | os.PathLike[str]
) -> Iterator[tuple[Family, Place]]:
    """Take a copy of the source; give its family, and the folder of its load.

    The first load, and all its corrections, are kept from running meanwhile.

    Raises:
        Owned: one of them is running; names its process.
        LedgerDamaged: a ledger of them cannot be read.
        Refused: the copy cannot be taken.
    """
    make_folder(Place(first.corrections))
    with contextlib.ExitStack() as stack:
        stack.enter_context(owned(first.lock, shared=True))
        stack.enter_context(owned(Place(first.corrections).lock))
        place = _taken(first, Path(source))
        connection = _connected(stack, first)
        identity = store.read_identity(connection)
        if identity is None:
            raise Refused(f"the load in {first.folder} has not begun; run it first")
        others = [each for each in corrections_of(first) if each != place]
        family = Family(
            first,
            identity,
            connection,
            tuple(_connected(stack, each) for each in others),
            tuple(each.folder.name for each in others),
        )
        yield family, place


def _connected(stack: contextlib.ExitStack, place: Place) -> sqlite3.Connection:
    connection = open_ledger(place, shared=True)
    stack.callback(connection.close)
    return connection


def _taken(first: Place, source: Path) -> Place:
    """Copy a source into the folder of its load; the same content has one already."""
    folder = first.corrections
    try:
        _discard_drafts(folder)
        draft, digest = _draft(folder, source)
        found = [each for each in folder.iterdir() if numbered(each)]
        same = next((each for each in found if each.name.endswith(digest)), None)
        number = max((numbered(each) for each in found), default=0) + 1
        place = Place(same or folder / f"{number:04}-{digest}")
        make_folder(place)
        draft.replace(place.corrected)
        flush(place.folder)
    except OSError as error:
        raise Refused(
            f"{source} cannot be copied into {folder}: {error.strerror}; make room, "
            "or see to the modes of both, and run the same command again"
        ) from error
    return place


def _discard_drafts(folder: Path) -> None:
    """Remove what a killed run left; the family's lock is held."""
    for each in folder.glob(".corrected.*"):
        each.unlink()


def _draft(folder: Path, source: Path) -> tuple[Path, str]:
    draft = folder / f".corrected.{secrets.token_hex(4)}"
    digest = hashlib.blake2b(digest_size=6)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        source.open("rb") as given,
        os.fdopen(os.open(draft, flags, 0o600), "wb") as file,
    ):
        for line in tidied(_lines(given)):
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return draft, digest.hexdigest()
