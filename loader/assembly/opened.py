"""A load that has ended, opened to be verified or undone: locked, its ledger to write.

With it belong its corrections, which are loads like the first.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from loader import telemetry
from loader.errors import LedgerMismatch, Refused, UsageError
from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.mark import Mark, read_mark
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity
from loader.model.settings import Place
from loader.report.text import pasted

from .corrections import corrections_of
from .family import find_correction, head_of
from .folder import check_files, place_of
from .opening import is_lost, open_ledger


@dataclass(frozen=True, slots=True)
class Opened:
    """One load: its source, its folder, and what its ledger says of it.

    The connection is for the writer's thread, or for another while that has no work.
    """

    source: Path
    place: Place
    connection: sqlite3.Connection
    writer: Writer
    identity: LoadIdentity
    mark: Mark

    def check_portal(self, portal_id: str) -> None:
        """Refuse another portal than the one that was loaded.

        Raises:
            LedgerMismatch: it is another; names both.
        """
        if portal_id != self.identity.portal_id:
            raise LedgerMismatch(
                f"this load went into the portal {self.identity.portal_id}, and the "
                f"token is one of {portal_id}; use that portal's token, or --sandbox "
                "for a rehearsal"
            )


def known_place(source: str, load_dir: str | os.PathLike[str] | None) -> Place:
    """Return the folder of a load that is there; of a corrected copy, its correction.

    Raises:
        UsageError: there is no such load.
    """
    is_path = load_dir is None and source != "-"
    correction = find_correction(source) if is_path else None
    place = correction or place_of(source, load_dir)
    if not place.folder.is_dir() or not (
        os.path.lexists(place.ledger) or is_lost(place)
    ):
        raise UsageError(
            f"there is no load in {place.folder}; start one with "
            f"'python -m loader run {pasted(source)}', or give its --load-dir"
        )
    check_files(place)
    return place


def source_file(source: str) -> Path:
    """Return the file with the lines of a load.

    Raises:
        UsageError: it is a stream, whose lines are gone.
    """
    path = Path(source)
    if source == "-" or not path.is_file():
        raise UsageError(
            f"{source} is no file, and the lines are needed again to compare; save "
            "what was loaded in a file and give that, with the --load-dir of the load"
        )
    return path


@contextlib.contextmanager
def logged(place: Place) -> Iterator[None]:
    """Have events written to the log of a load.

    Raises:
        Refused: it cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        try:
            log = stack.enter_context(telemetry.log_file(place.log))
        except OSError as error:
            raise Refused(
                f"cannot write {place.log}: {error.strerror}; make room there"
            ) from error
        stack.enter_context(telemetry.outputs(log))
        yield


@contextlib.asynccontextmanager
async def opened_loads(source: Path, place: Place) -> AsyncIterator[list[Opened]]:
    """Lock and open a load and its corrections, in order of beginning.

    A correction that has not reached the portal yet is left out.

    Raises:
        Owned: another process works on one of them; names the process.
        LedgerDamaged: a ledger cannot be used.
        LedgerMismatch: nothing was ever loaded.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(owned(place.lock))
        stack.enter_context(logged(place))
        is_correction = head_of(place) != place
        first = await _opened(
            place.corrected if is_correction else source, place, stack
        )
        if first is None:
            raise LedgerMismatch(
                f"the load in {place.folder} has never reached a portal: nothing of "
                "it was created"
            )
        if place.corrections.is_dir():
            stack.enter_context(owned(Place(place.corrections).lock))
        loads = [first]
        for each in corrections_of(place):
            stack.enter_context(owned(each.lock))
            opened = await _opened(each.corrected, each, stack)
            if opened is not None:
                loads.append(opened)
        yield loads


async def _opened(
    source: Path, place: Place, stack: contextlib.AsyncExitStack
) -> Opened | None:
    """Open a load; None when its ledger belongs to no portal yet."""
    connection = await asyncio.to_thread(open_ledger, place)
    stack.callback(connection.close)
    writer = await stack.enter_async_context(Writer(connection))
    identity: LoadIdentity | None = await writer.run(store.read_identity)
    if identity is None:
        return None
    mark: Mark = await writer.run(read_mark)
    return Opened(source, place, connection, writer, identity, mark)
