"""How many requests the portal allows, and to whom it says no."""

import datetime as dt
import zoneinfo
from collections import deque
from collections.abc import Callable
from typing import Literal

from .scenario import Limit, Scenario
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
        self._limit = limit
        self._interval_s = interval_s
        self._clock = clock
        self._taken: deque[float] = deque()

    def __repr__(self) -> str:
        return f"<RollingWindow {len(self._taken)} of {self._limit}>"

    @property
    def remaining(self) -> int | None:
        """How many requests it would let in now; None: any number."""
        if isinstance(self._limit, str):
            return None
        start = self._clock() - self._interval_s
        while self._taken and self._taken[0] <= start:
            self._taken.popleft()
        return self._limit - len(self._taken)

    def take(self) -> None:
        """Let one in."""
        if not isinstance(self._limit, str):
            self._taken.append(self._clock())


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
        self._burst = RollingWindow(settings.limit, settings.interval_ms / 1000, clock)
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
        window = self._searches if endpoint is Endpoint.SEARCH else self._burst
        window.take()
        self._store.write_day(self._calendar.today(), self.used_today() + 1)

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
        if self._settings.limit != "none":
            named |= {
                "Interval-Milliseconds": self._settings.interval_ms,
                "Max": self._settings.limit,
                "Remaining": self._burst.remaining,
            }
        return {
            f"X-HubSpot-RateLimit-{name}": str(value)
            for name, value in named.items()
            if value is not None
        }
