"""How many requests the portal allows, and to whom it says no."""

import datetime as dt
import zoneinfo
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Literal

from .scenario import Limit, QuotaSettings, Scenario
from .store import Store
from .wire import Endpoint

Policy = Literal["DAILY", "TEN_SECONDLY_ROLLING", "SECONDLY"]


class RollingWindow:
    """At most ``limit`` requests in any span of ``interval_s``.

    Only those that were let in count, each until exactly ``interval_s`` later.
    Changes: the times of those that still count.
    """

    def __init__(
        self, limit: Limit, interval_s: float, clock: Callable[[], float]
    ) -> None:
        self.limit: Limit = limit
        self._interval_s = interval_s
        self._clock = clock
        self._taken: deque[float] = deque()

    def __repr__(self) -> str:
        return f"<RollingWindow {len(self._taken)} of {self.limit}>"

    @property
    def remaining(self) -> int | None:
        """How many requests it would let in now; None: any number."""
        return self.remaining_at(self._clock())

    def remaining_at(self, now: float) -> int | None:
        """How many it would let in at a time that is no earlier than the last one."""
        while self._taken and self._taken[0] <= now - self._interval_s:
            self._taken.popleft()
        if isinstance(self.limit, str):
            return None
        return max(0, self.limit - len(self._taken))

    def take(self, now: float | None = None) -> None:
        """Let one in."""
        if not isinstance(self.limit, str):
            self._taken.append(self._clock() if now is None else now)


class Burst:
    """The window of an app: its limit may change, and a neighbour may use it, too.

    Changes: the window, and the neighbour's requests in it. They are put in when
    somebody looks, each at its own time: no timer is needed for them.
    """

    def __init__(self, settings: QuotaSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._began = clock()
        self._interval_s = settings.interval_ms / 1000
        self._window = RollingWindow(settings.limit, self._interval_s, clock)
        self._neighbours: deque[float] = deque()
        neighbour = settings.neighbour
        self._next = inf if neighbour is None else self._began + neighbour.after_s

    @property
    def limit(self) -> Limit:
        """What it allows now."""
        self._catch_up()
        return self._window.limit

    @property
    def remaining(self) -> int | None:
        """How many requests it would let in now; None: any number."""
        self._catch_up()
        return self._window.remaining

    @property
    def left_to_client(self) -> int | None:
        """What it allows now but for the neighbour's requests in it."""
        limit = self.limit
        start = self._clock() - self._interval_s
        while self._neighbours and self._neighbours[0] <= start:
            self._neighbours.popleft()
        return None if isinstance(limit, str) else limit - len(self._neighbours)

    def take(self) -> None:
        """Let one in."""
        self._catch_up()
        self._window.take()

    def _catch_up(self) -> None:
        now = self._clock()
        while self._next <= now:
            self._live_beside(self._next)
        self._window.limit = self._limit_at(now)

    def _live_beside(self, now: float) -> None:
        """Let the neighbour's next request in if there is room, and plan another."""
        neighbour = self._settings.neighbour
        self._window.limit = limit = self._limit_at(now)
        over = neighbour is None or (
            neighbour.until_s is not None and now >= self._began + neighbour.until_s
        )
        if neighbour is None or over or not neighbour.share or isinstance(limit, str):
            self._next = inf
            return
        if self._window.remaining_at(now):
            self._window.take(now)
            self._neighbours.append(now)
        self._next = now + self._interval_s / (neighbour.share * limit)

    def _limit_at(self, now: float) -> Limit:
        limit = self._settings.limit
        for change in self._settings.change:
            if now >= self._began + change.at_s:
                limit = change.limit
        return limit


class Calendar:
    """The portal's days, which begin at midnight of its own zone."""

    def __init__(self, zone: str, clock: Callable[[], float]) -> None:
        # UTC needs no database of zones, which a small image may not have
        self.zone: dt.tzinfo = dt.UTC if zone == "UTC" else zoneinfo.ZoneInfo(zone)
        self._clock = clock

    def now(self) -> dt.datetime:
        """Tell the time there."""
        return dt.datetime.fromtimestamp(self._clock(), self.zone)

    def today(self) -> str:
        """Tell the date there."""
        return self.now().date().isoformat()

    def offset_s(self) -> int:
        """Tell how far its clocks are ahead of UTC."""
        ahead = self.now().utcoffset()
        return 0 if ahead is None else round(ahead.total_seconds())

    def midnight(self) -> dt.datetime:
        """Tell when the next day begins."""
        day = self.now().date() + dt.timedelta(days=1)
        return dt.datetime.combine(day, dt.time(), self.zone)


class Quota:
    """All allowances of the portal together; the day's survives a restart."""

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        calendar: Calendar,
        clock: Callable[[], float],
    ) -> None:
        settings = scenario.quota
        self._settings = settings
        self._shown = scenario.rate_headers
        self._store = store
        self._calendar = calendar
        self._burst = Burst(settings, clock)
        self._searches = RollingWindow(settings.search_per_s, 1.0, clock)

    def used_up(self, endpoint: Endpoint) -> Policy | None:
        """Tell which allowance refuses a request now."""
        if self.remaining_today() == 0:
            return "DAILY"
        if endpoint is Endpoint.SEARCH:
            return "SECONDLY" if self._searches.remaining == 0 else None
        return "TEN_SECONDLY_ROLLING" if self._burst.remaining == 0 else None

    def take(self, endpoint: Endpoint) -> None:
        """Count a request that is let in."""
        if endpoint is Endpoint.SEARCH:
            self._searches.take()
        else:
            self._burst.take()
        self._store.write_day(self._calendar.today(), self.used_today() + 1)

    @property
    def left_to_client(self) -> int | None:
        """What the window allows now but for a neighbour's requests in it."""
        return self._burst.left_to_client

    def used_today(self) -> int:
        """Tell how many requests the day has had."""
        return self._store.read_day(self._calendar.today())

    def remaining_today(self) -> int | None:
        """Tell how many requests are left of the day; None: any number."""
        daily = self._settings.daily
        return None if daily == "none" else max(0, daily - self.used_today())

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Tell what is left, as HubSpot does: of searches, nothing."""
        if not self._shown or endpoint is Endpoint.SEARCH:
            return {}
        named = {
            "Daily": None if self._settings.daily == "none" else self._settings.daily,
            "Daily-Remaining": self.remaining_today(),
        }
        if not isinstance(limit := self._burst.limit, str):
            named |= {
                "Interval-Milliseconds": self._settings.interval_ms,
                "Max": limit,
                "Remaining": self._burst.remaining,
            }
        return {
            f"X-HubSpot-RateLimit-{name}": str(value)
            for name, value in named.items()
            if value is not None
        }
