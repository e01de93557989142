"""How a load has gone since it began, in a bounded number of points."""

from datetime import datetime

import msgspec

from loader.model.live import Live

#: points at most; then every second one is left out
MOST = 600


class Point(msgspec.Struct, frozen=True):
    """One moment of a load, for charts; counts are those of all runs."""

    #: seconds since 1970
    at: float
    created: int
    existing: int
    rejected: int
    in_doubt: int
    #: requests in the rolling window, and allowed in it; None without a limit
    used: float | None
    limit: int | None
    latency_s: float | None
    latency_p95_s: float | None
    seconds_left: float | None
    paused: bool


def point_of(live: Live) -> Point:
    """Take from the live counts what is charted."""
    used = live.rate_use
    return Point(
        at=datetime.fromisoformat(live.updated_at).timestamp(),
        created=live.created,
        existing=live.existing,
        rejected=live.rejected,
        in_doubt=live.in_doubt,
        used=round(used * live.rate_limit, 1)
        if used is not None and live.rate_limit is not None
        else None,
        limit=live.rate_limit,
        latency_s=live.latency_s,
        latency_p95_s=live.latency_p95_s,
        seconds_left=live.seconds_left,
        paused=live.paused is not None,
    )


class History:
    """The points kept. What changes: they grow in number, then in distance.

    Counts in a point are totals, so that a point left out loses detail and no record.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._every = 1
        self._seen = 0
        self.points: list[Point] = []

    def add(self, point: Point) -> bool:
        """Take a point; tell whether it was kept."""
        kept = self._seen % self._every == 0
        self._seen += 1
        if not kept:
            return False
        self.points.append(point)
        if len(self.points) > self._most:
            self.points = self.points[::2]
            self._every *= 2
        return True
