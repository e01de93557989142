"""At most a share of the requests that the portal allows in one of its days.

Two counts, and the larger one binds. Ours, kept on disk ahead of the requests, so that
no restart forgets one. And the account's, from the portal's rate headers, which knows
what other programs use; requests that it may not have counted yet are added to it.

Days are the portal's. Its clock and ours may differ: a new day is begun a minute late,
and what the portal says in a day's first half hour may still be of the day before, so
then it is asked again after five minutes instead of a day later. Until it has told its
zone, days are counted in UTC, and a portal that is full is asked again every hour.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from loader.model.calendar import SMALLEST_DAY, day_of, next_midnight
from loader.model.verdict import Allowance

#: requests that one write of the count accounts for in advance
AHEAD = 64
_LATE = timedelta(minutes=1)
_EARLY = timedelta(minutes=30)
_ASK_AGAIN = timedelta(minutes=5)
#: while nobody knows when the portal's day ends
_ASK_BLINDLY = timedelta(hours=1)
#: days that are remembered: a clock may jump and come back
_DAYS = 4

Days = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Full:
    """The day's share is used, and until when."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal said last of its day."""

    day: str
    at: datetime
    #: requests of the whole account so far; None when the day was refused
    used: int | None
    #: our answered requests when it said so
    answered: int


class Daily:
    """The use of the portal's day. What changes: counts, and what the portal said.

    ``keep`` makes counts by day durable.
    """

    def __init__(
        self,
        share: float,
        *,
        limit: int | None,
        keep: Callable[[Days], Awaitable[None]],
        known: Days,
        zone: tzinfo | None = None,
    ) -> None:
        self._share = share
        self._given = limit
        self._taught: int | None = None
        self._keep = keep
        self._counts = dict(known)
        self._latest = max(known, default="")
        self._kept = dict(known)
        self.zone = zone or UTC
        #: the zone is the portal's
        self.is_placed = zone is not None
        self._told: Told | None = None
        self._asked: datetime | None = None
        self._midnight: tuple[tuple[str, tzinfo], datetime] | None = None
        self._sent = self._answered = 0

    @property
    def limit(self) -> int:
        """Requests that the portal allows the account in a day, as far as we know."""
        return self._given or self._taught or SMALLEST_DAY

    @property
    def most(self) -> int:
        """Requests of a day after which the load waits."""
        return max(1, int(self.limit * self._share))

    def full(self, now: datetime) -> Full | None:
        """Tell whether the day's share is used, and when to go on."""
        day = self._day(now)
        if self._counts.get(day, 0) >= self.most:
            return Full(self._words("this load"), self._tomorrow(now))
        told = self._told
        if told is None or told.day != day:
            return None
        if told.used is None:
            return self._as_told("the portal's daily limit is used up", told, now)
        if told.used + self._sent - told.answered >= self.most:
            return self._as_told(self._words("the account"), told, now)
        return None

    def _words(self, who: str) -> str:
        return (
            f"{who} has used its share of the portal's day "
            f"({self.most:,} of {self.limit:,} requests)"
        )

    def _as_told(self, reason: str, told: Told, now: datetime) -> Full | None:
        """In a day's first half hour the portal may still speak of the day before."""
        if self.is_placed and self._day(told.at - _EARLY) == told.day:
            return Full(reason, self._tomorrow(now))
        pause = _ASK_AGAIN if self.is_placed else _ASK_BLINDLY
        again = max(told.at, self._asked or told.at) + pause
        return Full(reason, again) if now < again else None

    def _tomorrow(self, now: datetime) -> datetime:
        """Return when the next day is begun; looked for once a day."""
        day = (self._day(now), self.zone)
        if self._midnight is None or self._midnight[0] != day:
            self._midnight = day, next_midnight(now - _LATE, self.zone) + _LATE
        return self._midnight[1]

    def _day(self, now: datetime) -> str:
        return day_of(now - _LATE, self.zone).isoformat()

    @property
    def used(self) -> int:
        """Requests of the day last counted: the account's, or at least our own."""
        told, own = self._told, self._counts.get(self._latest, 0)
        if told is None or told.used is None or told.day != self._latest:
            return own
        return max(own, told.used)

    def place_in(self, zone: tzinfo, now: datetime) -> None:
        """Take the portal's zone; what this run has sent so far falls in its day."""
        before, self.zone, self.is_placed = self._day(now), zone, True
        if self._day(now) != before:
            self._count(now, self._sent)

    async def ready(self, now: datetime) -> None:
        """Make room on disk for the next request's count.

        Raises:
            OSError: it cannot be written.
        """
        day = self._day(now)
        if self._counts.get(day, 0) >= self._kept.get(day, 0):
            await self._write(self._counts | {day: self._counts.get(day, 0) + AHEAD})

    async def close(self) -> None:
        """Write the exact counts.

        Raises:
            OSError: they cannot be written.
        """
        await self._write(self._counts)

    async def _write(self, counts: Days) -> None:
        latest = dict(sorted(counts.items())[-_DAYS:])
        await self._keep(latest)
        self._kept = latest

    def sent(self, now: datetime) -> None:
        """Count a request that leaves."""
        self._count(now, 1)
        self._sent += 1
        self._asked = now

    def _count(self, now: datetime, requests: int) -> None:
        self._latest = day = self._day(now)
        self._counts[day] = self._counts.get(day, 0) + requests

    def answered(self, allowance: Allowance | None, now: datetime) -> None:
        """Count an answer, or its loss, and take what it says of the day."""
        self._answered += 1
        if allowance is None or not allowance.daily:
            return
        self._taught = allowance.daily
        if allowance.daily_remaining is not None:
            used = max(0, allowance.daily - allowance.daily_remaining)
            self._told = Told(self._day(now), now, used, self._answered)

    def refused(self, now: datetime) -> None:
        """The portal allows nothing more today."""
        self._told = Told(self._day(now), now, None, self._answered)
