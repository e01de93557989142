"""Whether requests may go out now: a person's pause, quiet hours, the day's share.

The limiter consults it for every turn, so that every request of a load obeys. What is
in flight is finished; a closed barrier opens by itself when its time has come.
Wall-clock time enters here only. The barrier looks again every moment, so that a clock
that jumps, or a machine that slept, costs nothing but that moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from loader.model.calendar import Quiet, quiet_until
from loader.model.verdict import Allowance
from loader.telemetry import get_logger

from .daily import Daily
from .pause import Pause
from .stop import Stop

log = get_logger()

#: seconds between two looks at a closed barrier
LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nothing goes out, and until when; None: until a person says so."""

    reason: str
    until: datetime | None = None


def wall_clock() -> datetime:
    """Return the time of the world outside."""
    return datetime.now(UTC)


class Barrier:
    """Opens and closes for all requests of a load.

    ``now`` is monotonic and measures rests; ``clock`` is the wall's; ``zone`` is the
    one of the quiet hours, None this machine's. What changes: whether it is closed, and
    for how long it was.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        pause: Pause | None = None,
        quiet: Sequence[Quiet] = (),
        daily: Daily | None = None,
        clock: Callable[[], datetime] = wall_clock,
        zone: tzinfo | None = None,
    ) -> None:
        self._now = now
        self._pause = pause or Pause()
        self._quiet = quiet
        self.daily = daily
        self._clock = clock
        self._zone = zone
        self._closed: Closed | None = None
        self._since = 0.0
        self._rested_s = 0.0
        self._quiet_span: tuple[datetime, datetime] | None = None

    @property
    def closed(self) -> Closed | None:
        """Why it was closed at the last look; None when it was open."""
        return self._closed

    @property
    def rested_s(self) -> float:
        """For how many seconds of this run it has been closed."""
        current = 0.0 if self._closed is None else self._now() - self._since
        return self._rested_s + current

    def rest_left_s(self) -> float | None:
        """Return for how many seconds it stays closed; None when nobody knows."""
        if self._closed is None:
            return 0.0
        until = self._closed.until
        if until is None:
            return None
        return max(0.0, (until - self._clock()).total_seconds())

    def look(self) -> Closed | None:
        """Look whether it is closed now, and note when that changes."""
        closed, before = self._reason(), self._closed
        if closed == before:
            return closed
        if before is None:
            self._since = self._now()
        if closed is not None:
            until = closed.until and closed.until.isoformat(timespec="seconds")
            log.warning("run.paused", reason=closed.reason, until=until)
        else:
            rested = self._now() - self._since
            self._rested_s += rested
            log.warning("run.went_on", seconds=round(rested, 1))
        self._closed = closed
        return closed

    def _reason(self) -> Closed | None:
        if self._pause.is_set:
            return Closed("paused by hand")
        if not self._quiet and self.daily is None:
            return None
        now = self._clock()
        until = self._quiet_end(now)
        if until is not None:
            hours = " ".join(map(str, self._quiet))
            return Closed(f"quiet hours {hours}", until)
        full = self.daily.full(now) if self.daily is not None else None
        return None if full is None else Closed(full.reason, full.until)

    def _quiet_end(self, now: datetime) -> datetime | None:
        """Return when the quiet hours are over; what was found holds until then."""
        span = self._quiet_span
        if span is not None and span[0] <= now < span[1]:
            return span[1]
        end = quiet_until(self._quiet, now, self._zone) if self._quiet else None
        self._quiet_span = None if end is None else (now, end)
        return end

    async def passed(self, stop: Stop) -> bool:
        """Wait until it is open; False when the run stops instead."""
        while not stop.is_set and self.look() is not None:
            await stop.rest(LOOK_S)
        if self.daily is not None and not stop.is_set:
            try:
                await self.daily.ready(self._clock())
            except OSError as error:
                stop.halt(
                    f"the count of the day's requests cannot be written "
                    f"({error.strerror}); free the disk and run the same command again"
                )
        return not stop.is_set

    def sent(self) -> None:
        """A request leaves."""
        if self.daily is not None:
            self.daily.sent(self._clock())

    def answered(self, allowance: Allowance | None) -> None:
        """A request has its answer, or has lost it."""
        if self.daily is not None:
            self.daily.answered(allowance, self._clock())

    def place_in(self, zone: tzinfo | None) -> None:
        """Take the zone of the portal's days, once the portal has told it."""
        if self.daily is not None and zone is not None:
            self.daily.place_in(zone, self._clock())

    def waits_for_tomorrow(self) -> bool:
        """The portal's daily limit is used up: wait, if the user said how."""
        if self.daily is None:
            return False
        self.daily.refused(self._clock())
        return True
