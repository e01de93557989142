"""What a load would take: requests, share of the day's quota, time."""

import math

import msgspec

from loader.model.calendar import SMALLEST_DAY
from loader.model.catalogue import Usage
from loader.model.settings import Rate


class Requests:
    """Counts the requests that records would fill, as ``run`` fills them.

    What changes: the requests so far, and what the last of them holds.
    """

    def __init__(self, *, inputs: int, body_bytes: int, overhead: int) -> None:
        self._limit = inputs
        self._body_limit = body_bytes
        #: what the wire adds to a record
        self._overhead = overhead
        self._inputs = 0
        self._body = 0
        self.number = 0
        self.body_bytes = 0
        #: requests that their bytes filled before their inputs did
        self.cut_by_bytes = 0

    def add(self, line_bytes: int) -> None:
        """Take a record; its line has a little more than what is sent of it."""
        weight = line_bytes + self._overhead
        self.body_bytes += weight
        if self._inputs >= self._limit or not self.number:
            self._next()
        elif self._body + weight > self._body_limit:
            self.cut_by_bytes += 1
            self._next()
        self._inputs += 1
        self._body += weight

    def _next(self) -> None:
        self.number += 1
        self._inputs = self._body = 0


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a load of the source would take."""

    #: lines that are not blank
    lines: int
    #: records that would be sent
    records: int
    #: ``batch/create`` requests, before any that is repeated
    requests: int
    #: records in one request at most
    batch_size: int
    #: requests that the limit of their bytes would cut short
    cut_by_bytes: int
    #: bytes of all request bodies, about
    body_bytes: int
    #: requests allowed in ``interval_s`` seconds; None without a limit
    rate: int | None
    interval_s: float | None
    #: seconds at this rate; None without a limit
    seconds: float | None
    #: requests a day, and whether the portal said so
    daily_limit: int
    daily_limit_known: bool
    used_today: int | None
    #: share of the day's requests, 0 to 1 and above
    daily_share: float
    #: days that the quota alone would spread it over
    days: int


def forecast(
    requests: Requests,
    *,
    lines: int,
    records: int,
    batch_size: int,
    rate: Rate | None,
    usage: Usage,
) -> Forecast:
    """Work out what the counted requests would take."""
    daily = usage.daily_limit or SMALLEST_DAY
    left = max(0, daily - (usage.used_today or 0))
    number = requests.number
    days = 1 if number <= left else 1 + math.ceil((number - left) / daily)
    return Forecast(
        lines=lines,
        records=records,
        requests=number,
        batch_size=batch_size,
        cut_by_bytes=requests.cut_by_bytes,
        body_bytes=requests.body_bytes,
        rate=None if rate is None else rate.count,
        interval_s=None if rate is None else rate.interval_s,
        seconds=None if rate is None else _seconds(number, rate),
        daily_limit=daily,
        daily_limit_known=usage.daily_limit is not None,
        used_today=usage.used_today,
        daily_share=number / daily,
        days=days,
    )


def _seconds(requests: int, rate: Rate) -> float:
    """Return the time from the first request to the last."""
    return round(max(0, requests - 1) * rate.interval_s / rate.count, 1)
