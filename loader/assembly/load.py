"""One load, from its folder's lock to its summary.

Here: settings, folder, lock, log, ledger; then a ``Session`` does the rest.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from loader import telemetry
from loader.errors import Refused, UsageError
from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.mark import read_mark
from loader.ledger.seal import read_seal
from loader.ledger.writer import Writer
from loader.model.settings import Place, Settings, checked
from loader.model.summary import Summary
from loader.pipeline.stop import Stop
from loader.report.files import discard_drafts
from loader.source.files import check_readable

from .folder import make_folder, place_of
from .opening import open_ledger
from .parts import SourceLike
from .portal import pace_of
from .rebuild import make_way
from .session import Session
from .watch import Observer


async def load(
    source: SourceLike,
    *,
    settings: Settings | None = None,
    load_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
    sandbox: bool = False,
    rebuild: bool = False,
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
        rebuild: the ledger is lost, damaged or an old copy: begin a new one, and ask
            the portal for every record before it is sent.
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
            discard_drafts(place.status, place.rejected, place.in_doubt, place.seal)
        stack.enter_context(telemetry.outputs(_log_of(place, stack)))
        pace = pace_of(settings, stop or Stop())
        say = say or (lambda _: None)
        if rebuild:
            for path in await make_way(
                place, settings, token=token, sandbox=sandbox, pace=pace
            ):
                say(f"the old ledger is kept as {path}")
        connection = await asyncio.to_thread(open_ledger, place, rebuilding=rebuild)
        stack.callback(connection.close)
        writer = await stack.enter_async_context(Writer(connection))
        mark = await writer.run(read_mark)
        known = await writer.run(store.read_identity)
        if known is None and mark.rebuilding:
            seal = read_seal(place.seal)
            known = seal.identity if seal is not None else None
        session = Session(
            source=source,
            name=name,
            settings=settings,
            place=place,
            token=token,
            sandbox=sandbox,
            pace=pace,
            writer=writer,
            known=known,
            rebuilding=mark.rebuilding,
            observer=observer,
            say=say,
        )
        return await session.run()


def _log_of(place: Place, stack: contextlib.AsyncExitStack) -> telemetry.Output:
    """Open the log for as long as the run lasts.

    Raises:
        Refused: it cannot be opened.
    """
    try:
        return stack.enter_context(telemetry.log_file(place.log))
    except OSError as error:
        raise Refused(
            f"cannot write {place.log}: {error.strerror}; use --load-dir NEW"
        ) from error


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
