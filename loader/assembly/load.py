"""One load, from its folder's lock to its summary.

Here: settings, folder, lock, log, ledger; then a ``Session`` does the rest.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from loader import telemetry
from loader.errors import Refused, UsageError
from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.mark import Mark, read_mark
from loader.ledger.seal import read_seal
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity
from loader.model.settings import Place, Settings, checked
from loader.model.summary import Summary
from loader.pipeline.pause import Pause
from loader.pipeline.stop import Stop
from loader.report.files import discard_drafts
from loader.report.history import History, recorded
from loader.source.files import check_readable

from .family import Family, first_load_of, head_of, opened_family
from .folder import make_folder, place_of
from .hours import opened_pace
from .monitoring import run_watched
from .opening import check_not_undone, open_ledger
from .parts import SourceLike
from .rebuild import make_way
from .renew import renewed
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
    pause: Pause | None = None,
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
        pause: call its ``begin`` and ``end``: a paused run sends nothing.
        observer: called once a second with the live counts.
        say: takes lines of text for people.

    Returns:
        the counts of the whole load, and how this run ended.

    Raises:
        UsageError: the settings, the source or the token cannot be used.
        Refused: the folder, source or portal does not fit this load.
    """
    settings = checked(settings or Settings())
    say = say or (lambda _: None)
    async with contextlib.AsyncExitStack() as stack:
        named = _named(source, load_dir, say, stack)
        place, family = named.place, named.family
        settings = _with_key(settings, family)
        history, pause = _own(place, stack), pause or Pause()
        pace = await stack.enter_async_context(
            opened_pace(settings, place, stop or Stop(), pause)
        )
        if rebuild:
            for path in await make_way(
                place, settings, token=token, sandbox=sandbox, pace=pace
            ):
                say(f"the old ledger is kept as {path}")
        writer = await _opened_ledger(place, stack, rebuilding=rebuild)
        mark = await _read_open(writer, place, family)
        known = await writer.run(store.read_identity)
        portal = place if family is None else family.first
        session = Session(
            source=named.source,
            name=named.name,
            settings=settings,
            place=place,
            token=token,
            sandbox=portal if sandbox else None,
            pace=pace,
            writer=writer,
            known=known or _known_besides(place, family, rebuilding=mark.rebuilding),
            rebuilding=mark.rebuilding,
            observers=[history.observe, *([observer] if observer else [])],
            say=say,
            family=family,
        )
        summary = await run_watched(session, pause)
        history.ended(summary)
        return await _corrected(writer, family, settings, summary)


async def _read_open(writer: Writer, place: Place, family: Family | None) -> Mark:
    """Return the mark; refuse a load that was undone, and a correction of one."""
    mark: Mark = await writer.run(read_mark)
    check_not_undone(mark, place.folder)
    if family is not None:
        family.check_not_undone()
    return mark


def _with_key(settings: Settings, family: Family | None) -> Settings:
    """A correction has the first load's key, unless another is asked for."""
    if family is None or settings.key is not None:
        return settings
    return msgspec.structs.replace(settings, key=family.identity.key_property)


async def _corrected(
    writer: Writer, family: Family | None, settings: Settings, summary: Summary
) -> Summary:
    """Add to the summary of a correction how its first load stands."""
    if family is None or writer.failure is not None:
        return summary
    corrects = await renewed(writer, family, settings)
    return msgspec.structs.replace(summary, corrects=corrects)


def _known_besides(
    place: Place, family: Family | None, *, rebuilding: bool
) -> LoadIdentity | None:
    """Return what a ledger will belong to that belongs to nothing yet."""
    seal = read_seal(place.seal) if rebuilding else None
    if seal is not None:
        return seal.identity
    return family.identity if family is not None else None


def _own(place: Place, stack: contextlib.AsyncExitStack) -> History:
    """Take the folder, open log and history; for as long as the run lasts.

    Raises:
        Owned: another process has it.
        Refused: the log cannot be opened.
    """
    stack.enter_context(owned(place.lock))
    with contextlib.suppress(OSError):
        discard_drafts(
            place.status, place.rejected, place.in_doubt, place.seal, place.daily
        )
    history = stack.enter_context(recorded(place.history, lambda: datetime.now(UTC)))
    stack.enter_context(telemetry.outputs(_log_of(place, stack), history.event))
    return history


async def _opened_ledger(
    place: Place, stack: contextlib.AsyncExitStack, *, rebuilding: bool
) -> Writer:
    connection = await asyncio.to_thread(open_ledger, place, rebuilding=rebuilding)
    stack.callback(connection.close)
    return await stack.enter_async_context(Writer(connection))


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


@dataclass(frozen=True, slots=True)
class _Named:
    """What is loaded, what it is called, and where its files are."""

    source: SourceLike
    name: str
    place: Place
    family: Family | None = None


def _named(
    source: SourceLike,
    load_dir: str | os.PathLike[str] | None,
    say: Callable[[str], None],
    stack: contextlib.AsyncExitStack,
) -> _Named:
    """Find out where a load belongs; its folder is made if need be."""
    if not isinstance(source, (str, os.PathLike)):
        if load_dir is None:
            raise UsageError("records have no name for their load; give load_dir")
        return _own_load(source, "records", load_dir)
    name = os.fspath(source)
    if name == "-" and sys.stdin is None:
        raise UsageError("standard input is closed; give a file, or a pipe to '-'")
    if name == "-":
        return _own_load(source, name, load_dir)
    check_readable(Path(name))
    _check_own_folder(load_dir)
    first = first_load_of(name, say) if load_dir is None else None
    if first is None:
        return _own_load(source, name, load_dir)
    family, place = stack.enter_context(opened_family(first, name))
    say(f"correcting the load in {first.folder}: its records keep their identity")
    return _Named(place.corrected, str(place.corrected), place, family)


def _check_own_folder(load_dir: str | os.PathLike[str] | None) -> None:
    """Refuse the folder of a correction, which is not to be loaded by itself.

    Raises:
        UsageError: it is one.
    """
    if load_dir is None:
        return
    place = Place(Path(load_dir).absolute())
    if head_of(place) != place:
        raise UsageError(
            f"{load_dir} is the folder of a correction; run {place.corrected} without "
            "--load-dir"
        )


def _own_load(
    source: SourceLike, name: str, load_dir: str | os.PathLike[str] | None
) -> _Named:
    place = place_of(name, load_dir)
    make_folder(place)
    return _Named(source, name, place)
