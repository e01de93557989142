"""One load, from its folder's lock to its summary.

Here: settings, folder, lock, log, ledger; then a ``Session`` does the rest.
"""

import asyncio
import contextlib
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from loader import telemetry
from loader.errors import Refused, UsageError
from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.writer import Writer
from loader.model.settings import Place, Settings, checked
from loader.model.summary import Summary
from loader.pipeline.stop import Stop
from loader.report.files import discard_drafts
from loader.source.files import check_readable

from .folder import make_folder, place_of
from .parts import SourceLike
from .portal import pace_of
from .session import Session
from .watch import Observer


async def load(
    source: SourceLike,
    *,
    settings: Settings | None = None,
    load_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
    sandbox: bool = False,
    stop: Stop | None = None,
    observer: Observer | None = None,
    say: Callable[[str], None] | None = None,
) -> Summary:
    """Load a source into HubSpot, or go on where the last run of it ended.

    Args:
        source: path of an NDJSON file, ``-`` for standard input, or an async iterator
            of records (mappings, or lines of JSON).
        settings: what a user can set; defaults as on the command line.
        load_dir: the load folder; ``SOURCE.load`` for a path.
        token: HubSpot access token; not needed with ``sandbox``.
        sandbox: load into the built-in portal, whose state is in the load folder.
        stop: call its ``interrupt`` to end the run, resumable.
        observer: called once a second with the live counts.
        say: takes lines of text for people.

    Returns:
        the counts of the whole load, and how this run ended.

    Raises:
        UsageError: the settings, the source or the token cannot be used.
        Refused: the folder, source or portal does not fit this load.
    """
    settings = checked(settings or Settings())
    name, place = _named(source, load_dir)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(owned(place.lock))
        with contextlib.suppress(OSError):
            discard_drafts(place.status, place.rejected, place.in_doubt)
        stack.enter_context(telemetry.outputs(_log_of(place, stack)))
        connection = await asyncio.to_thread(store.connect, place.ledger)
        stack.callback(connection.close)
        writer = await stack.enter_async_context(Writer(connection))
        session = Session(
            source=source,
            name=name,
            settings=settings,
            place=place,
            token=token,
            sandbox=sandbox,
            pace=pace_of(settings, stop or Stop()),
            writer=writer,
            known=await writer.run(store.read_identity),
            observer=observer,
            say=say or (lambda _: None),
        )
        return await session.run()


def _log_of(place: Place, stack: contextlib.AsyncExitStack) -> telemetry.Output:
    """Open the log for as long as the run lasts.

    Raises:
        UsageError: a link or a folder is in its place.
        Refused: the disk does not let us.
    """
    try:
        return stack.enter_context(telemetry.log_file(place.log))
    except OSError as error:
        message = f"cannot write {place.log}: {error.strerror}"
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise UsageError(f"{message}; remove it, or use --load-dir NEW") from error
        raise Refused(f"{message}; use --load-dir NEW on another disk") from error


def _named(
    source: SourceLike, load_dir: str | os.PathLike[str] | None
) -> tuple[str, Place]:
    """Return what the source is called, and its folder, made if need be."""
    if not isinstance(source, (str, os.PathLike)):
        if load_dir is None:
            raise UsageError("records have no name for their load; give load_dir")
        name = "records"
    else:
        name = os.fspath(source)
        if name != "-":
            check_readable(Path(name))
        elif sys.stdin is None:
            raise UsageError("standard input is closed; give a file, or a pipe to '-'")
    place = place_of(name, load_dir)
    make_folder(place)
    return name, place
