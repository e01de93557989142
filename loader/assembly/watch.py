"""Tells others once a second how the load stands, and keeps the tally."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import orjson

from loader.errors import LedgerFailed
from loader.ledger.journal import Journal
from loader.model.live import Live
from loader.model.settings import Place
from loader.model.summary import Ending
from loader.pipeline.limiter import Limiter
from loader.pipeline.progress import Progress
from loader.report.files import replaced
from loader.telemetry import get_logger

log = get_logger()

Observer = Callable[[Live], None]
_SECOND = 1.0


@dataclass(slots=True, kw_only=True)
class Watch:
    """What is told, and to whom. What changes: the load, and who observes it."""

    place: Place
    source: str
    progress: Progress
    limiter: Limiter
    portal_id: str | None
    trace_property: str | None
    promise: str
    ignored: Callable[[], dict[str, int]]
    size: int | None
    #: seconds spent by earlier runs
    seconds_before: float
    #: monotonic time at which this run began, and records settled before it
    began: float
    now: Callable[[], float]
    observers: list[Observer]
    #: lines that the ledger knew when this run began, and their bytes
    known_lines: int = 0
    known_bytes: int = 0
    #: None before the load has begun
    journal: Journal | None = None
    #: moves the ledger's generation and its seal on
    reseal: Callable[[], Awaitable[None]] | None = None

    async def run(self) -> None:
        """Tell once a second, until cancelled."""
        while True:
            await self.tell()
            await asyncio.sleep(_SECOND)

    async def tell(self) -> None:
        """Tell the observers, replace ``status.json``, record the tally, seal."""
        live = self.live()
        self.show(live)
        await asyncio.to_thread(write_status, self.place, live)
        if self.journal is None or self.reseal is None:
            return
        try:
            await self.journal.write_tally(
                requests=live.requests,
                throttled=live.throttled,
                retried=live.retried,
                seconds=live.seconds,
            )
            with contextlib.suppress(OSError):  # a full disk: as with status.json
                await self.reseal()
        except LedgerFailed:
            return  # the stages hear of it by themselves, and end the run

    def show(self, live: Live) -> None:
        """Show the observers the counts; one that raises is not shown any more."""
        for observer in tuple(self.observers):
            try:
                observer(live)
            except Exception as error:  # noqa: BLE001 - whatever it does, the load goes on
                self.observers.remove(observer)
                log.warning("run.unobserved", error=type(error).__name__)

    def live(self) -> Live:
        """Return how the load stands now."""
        progress, window = self.progress, self.limiter.window
        elapsed = self.now() - self.began
        lines, known = self._lines(), _known(progress)
        unread = max(0, lines - known)
        meter, barrier = progress.meter, self.limiter.barrier
        awake = elapsed - barrier.rested_s
        pace = progress.settled / awake if awake > 0 else 0.0
        paused = barrier.closed
        until = paused.until if paused is not None else None
        return Live(
            source=self.source,
            lines=max(lines, known),
            created=progress.created,
            existing=progress.existing,
            rejected=progress.rejected,
            in_doubt=progress.in_doubt,
            unread=unread,
            requests=progress.requests,
            throttled=progress.throttled,
            retried=progress.retried,
            seconds=round(self.seconds_before + elapsed, 3),
            records_per_second=round(pace, 1),
            promise=self.promise,
            portal_id=self.portal_id,
            trace_property=self.trace_property,
            finished=False,
            ending=Ending.RUNNING,
            ignored_fields=self.ignored(),
            pid=os.getpid(),
            rate_use=self.limiter.use(),
            rate_limit=window.limit if window is not None else None,
            rate_interval_s=window.interval_s if window is not None else None,
            in_flight=progress.in_flight,
            in_flight_limit=progress.in_flight_limit,
            read_to=progress.read_to,
            frontier=progress.frontier,
            size=self.size,
            seconds_left=self._left(unread, awake),
            latency_s=_rounded(meter.latency()),
            latency_p95_s=_rounded(meter.latency(0.95)),
            errors=dict(meter.errors),
            paused=paused.reason if paused is not None else None,
            paused_until=until.isoformat(timespec="seconds") if until else None,
            daily_used=barrier.daily.used if barrier.daily is not None else None,
            daily_most=barrier.daily.most if barrier.daily is not None else None,
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _left(self, unread: int, awake: float) -> float | None:
        """Forecast the seconds left: at the pace so far, after the rest at hand."""
        barrier = self.limiter.barrier
        if not self.size or not self.progress.settled or awake <= 0:
            return None
        rest = barrier.rest_left_s()
        if rest is None:
            return None
        return round(rest + unread * awake / self.progress.settled, 1)

    def _lines(self) -> int:
        """Estimate the lines of the source from those read so far, or known before."""
        lines, part = self.progress.lines_read, self.progress.read_to
        if not part:
            lines, part = self.known_lines, self.known_bytes
        if not self.size or not part:
            return lines
        return round(lines * max(1.0, self.size / part))


def _known(progress: Progress) -> int:
    """Count the records that have an outcome, or are in doubt."""
    settled = progress.created + progress.existing + progress.rejected
    return settled + progress.in_doubt


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def write_status(place: Place, status: msgspec.Struct) -> None:
    """Replace ``status.json``; a full disk must not end a run because of it."""
    try:
        with replaced(place.status) as file:
            file.write(orjson.dumps(msgspec.to_builtins(status)) + b"\n")
    except OSError:
        return
