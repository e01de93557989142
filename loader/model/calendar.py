"""Times of the day that steer a load: an hour to end at, quiet hours, a day's share.

Plain decisions. The moment is a parameter, aware of its zone, and so is the zone whose
clock is asked; None is this machine's own (``TZ`` changes it). A clock may skip an hour
in spring and repeat one in autumn, so nothing is computed with local times: the minutes
after the moment are gone through until the local clock shows what is looked for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from loader.errors import UsageError

#: requests that the smallest tier allows in a day (HubSpot's usage guidelines)
SMALLEST_DAY = 250_000
_MINUTE = timedelta(minutes=1)
#: longer than any day, and than the two that a window may span
_SEARCHED = timedelta(days=3)
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_QUIET = re.compile(rf"({_CLOCK})-({_CLOCK}|24:00)")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) ?%")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the local day in which no request leaves; they may cross midnight."""

    start: time
    end: time

    def holds(self, clock: time) -> bool:
        """Tell whether a local clock stands in these hours."""
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_clock(text: str) -> time:
    """Read ``18:00``.

    Raises:
        UsageError: it is no time of the day.
    """
    if not re.fullmatch(_CLOCK, text):
        raise UsageError(
            f"--until {text!r} is not a time of the day; write hours and minutes, such "
            "as '18:00'"
        )
    hour, minute = map(int, text.split(":"))
    return time(hour, minute)


def parse_quiet(texts: Sequence[str]) -> tuple[Quiet, ...]:
    """Read ``08:00-18:00``, each of several.

    Raises:
        UsageError: one is no such hours, or together they leave no minute of a day.
    """
    quiet = tuple(_quiet(text) for text in texts)
    minutes = (time(minute // 60, minute % 60) for minute in range(24 * 60))
    if quiet and all(any(each.holds(clock) for each in quiet) for clock in minutes):
        raise UsageError(
            f"--quiet {' '.join(texts)} leaves no minute of the day for the load"
        )
    return quiet


def _quiet(text: str) -> Quiet:
    match = _QUIET.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--quiet {text!r} is not a part of the day; write two times, such as "
            "'08:00-18:00', or '22:00-06:00' across midnight"
        )
    return Quiet(parse_clock(match[1]), parse_clock(match[2].replace("24:", "00:")))


def parse_share(text: str) -> float:
    """Read ``60%`` as 0.6.

    Raises:
        UsageError: it is no share above nothing and up to the whole.
    """
    match = _SHARE.fullmatch(text)
    share = float(match[1]) / 100 if match is not None else 0.0
    if not 0 < share <= 1:
        raise UsageError(
            f"--daily-share {text!r} is not a share; write percent of the portal's "
            "daily requests, such as '60%'"
        )
    return share


def next_time(clock: time, now: datetime, zone: tzinfo | None) -> datetime:
    """Return the first moment after ``now`` at which a local clock reaches a time.

    A time that the clock skips is reached when it jumps over it.
    """

    def reached(moment: datetime) -> bool:
        shown = _shown(moment, zone)
        return _shown(moment - _MINUTE, zone) < datetime.combine(shown, clock) <= shown

    return _first_minute(now, reached)


def quiet_until(
    quiet: Sequence[Quiet], now: datetime, zone: tzinfo | None
) -> datetime | None:
    """Return when the quiet hours that hold now are over; None when none do."""

    def is_quiet(moment: datetime) -> bool:
        shown = _shown(moment, zone).time()
        return any(each.holds(shown) for each in quiet)

    if not is_quiet(now):
        return None
    return _first_minute(now, lambda moment: not is_quiet(moment))


def day_of(now: datetime, zone: tzinfo | None) -> date:
    """Return the date in a zone."""
    return _shown(now, zone).date()


def next_midnight(now: datetime, zone: tzinfo | None) -> datetime:
    """Return when the next day begins in a zone, in UTC."""
    today = day_of(now, zone)
    return _first_minute(now, lambda moment: day_of(moment, zone) != today)


def zone_of(name: str | None) -> ZoneInfo | None:
    """Return a zone by its IANA name, such as ``Europe/Berlin``; None if unknown."""
    try:
        return ZoneInfo(name or "")
    except (KeyError, ValueError, OSError):
        return None


def _shown(moment: datetime, zone: tzinfo | None) -> datetime:
    """Return what a local clock shows, without its zone."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _first_minute(now: datetime, holds: Callable[[datetime], bool]) -> datetime:
    """Return the first full minute after ``now`` of which something holds."""
    start = now.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    moment = start
    while not holds(moment):
        moment += _MINUTE
        if moment - start > _SEARCHED:  # a zone whose clock never shows it
            break
    return moment
