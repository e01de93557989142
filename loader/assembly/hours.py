"""The pace of a load with its barrier, and who looks at the clock for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec
import orjson

from loader.ledger import projection, recovery
from loader.model.calendar import (
    next_time,
    parse_clock,
    parse_quiet,
    parse_share,
    zone_of,
)
from loader.model.load import promise_of
from loader.model.settings import Place, Settings
from loader.pipeline.barrier import LOOK_S, Barrier, wall_clock
from loader.pipeline.daily import Daily, Days
from loader.pipeline.pause import Pause
from loader.pipeline.progress import Progress
from loader.pipeline.stop import Stop
from loader.report.files import replaced
from loader.source.files import readable
from loader.telemetry import get_logger

from .parts import count_from
from .portal import Pace, pace_of
from .session import Session
from .watch import Watch, write_status

log = get_logger()


class Book(msgspec.Struct, frozen=True):
    """``daily.json``: the portal's zone, and our requests on its last days."""

    zone: str | None = None
    requests: dict[str, int] = msgspec.field(default_factory=dict[str, int])


@contextlib.asynccontextmanager
async def opened_pace(
    settings: Settings, place: Place, stop: Stop, pause: Pause
) -> AsyncIterator[Pace]:
    """Make the pace of a load, and have its barrier looked at as long as it runs."""
    daily = _daily(settings, place)
    barrier = Barrier(
        now=asyncio.get_running_loop().time,
        pause=pause,
        quiet=parse_quiet(settings.quiet),
        daily=daily,
    )
    watching = asyncio.create_task(
        watchman(barrier, stop, settings.until), name="hours"
    )
    try:
        yield pace_of(settings, stop, barrier)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        if daily is not None:
            with contextlib.suppress(OSError):  # it counts too many then, not too few
                await daily.close()


async def watchman(
    barrier: Barrier,
    stop: Stop,
    until: str | None,
    *,
    clock: Callable[[], datetime] = wall_clock,
    zone: tzinfo | None = None,
) -> None:
    """Look at the barrier and at the clock every moment; end the run at its hour."""
    end = None if until is None else next_time(parse_clock(until), clock(), zone)
    while not stop.is_set:
        barrier.look()
        if end is not None and clock() >= end:
            stop.halt(f"it is {until}, when this run was to end")
        await asyncio.sleep(LOOK_S)


def _daily(settings: Settings, place: Place) -> Daily | None:
    if settings.daily_share is None:
        return None
    book = _read_book(place.daily)
    daily: Daily

    async def keep(days: Days) -> None:
        zone = str(daily.zone) if daily.is_placed else None
        await asyncio.to_thread(_write_book, place.daily, Book(zone, dict(days)))

    daily = Daily(
        parse_share(settings.daily_share),
        limit=settings.daily_limit,
        keep=keep,
        known=book.requests,
        zone=zone_of(book.zone),
    )
    return daily


def _read_book(path: Path) -> Book:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Book)
    except FileNotFoundError:
        return Book()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        log.warning("run.noted", note=f"{path.name} cannot be read: counting anew")
        return Book()


def _write_book(path: Path, book: Book) -> None:
    with replaced(path) as file:
        file.write(orjson.dumps(msgspec.to_builtins(book)) + b"\n")


@contextlib.asynccontextmanager
async def shown_at_rest(session: Session) -> AsyncIterator[None]:
    """Show a load that waits at a closed barrier before it has begun."""
    telling = asyncio.create_task(_tell_rests(session), name="early watch")
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell_rests(session: Session) -> None:
    """Tell once a second from the first rest on, until the load's own watch does."""
    early: Watch | None = None
    while session.watch is None and not session.concluding:
        if early is None and session.pace.limiter.barrier.look() is not None:
            early = await _early_watch(session)
        if early is not None and not session.concluding:
            live = early.live()
            early.show(live)
            # not in a thread: it must not come after the last word of the load
            write_status(session.place, live)
        await asyncio.sleep(1.0)


async def _early_watch(session: Session) -> Watch:
    """Tell where the ledger stands; the portal has not been asked yet."""
    known, pace = session.known, session.pace
    progress = Progress()
    before = await session.writer.run(projection.counts)
    plan: recovery.Plan = await session.writer.run(
        lambda connection: recovery.read_plan(connection, keyed=False, resend=False)
    )
    path = session.file()
    count_from(progress, before)
    trace_property = known.trace_property if known is not None else None
    return Watch(
        place=session.place,
        source=readable(session.name),
        progress=progress,
        limiter=pace.limiter,
        portal_id=known.portal_id if known is not None else None,
        trace_property=trace_property,
        promise="not known yet"
        if known is None
        else promise_of(trace_property, session.settings.in_doubt),
        ignored=dict,
        size=path.stat().st_size if path is not None else None,
        known_lines=plan.lines,
        known_bytes=plan.bytes,
        seconds_before=before.seconds,
        began=pace.now(),
        now=pace.now,
        observers=session.observers,
    )
