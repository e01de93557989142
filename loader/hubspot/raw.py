"""An answer as it came over the wire, and what its headers say."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from loader.model.verdict import Allowance

from .answers import ErrorElement, parse_error

#: seconds of a ``Retry-After``: plain, without what else Python takes for a number
_SECONDS = re.compile(r"\s*-?\d{1,12}(\.\d{0,9})?\s*", re.ASCII)
#: a rate header: no portal counts beyond nine digits
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came: status, headers (names in lower case), body."""

    status: int
    headers: Mapping[str, str]
    #: not shown: it holds what customers said
    body: bytes = field(repr=False)
    #: when its request left, in seconds of the loop's clock, if known
    left_at: float | None = None

    @property
    def is_json(self) -> bool:
        """The content type says JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")

    @property
    def correlation_id(self) -> str | None:
        """HubSpot's name for this exchange, as a header gives it."""
        return self.headers.get("x-hubspot-correlation-id", "")[:100] or None

    def error(self) -> ErrorElement | None:
        """Read the body as a refusal; None when it is no JSON object."""
        return parse_error(self.body, self.correlation_id) if self.is_json else None


def retry_after(text: str | None, *, now: datetime | None = None) -> float | None:
    """Read ``Retry-After``: seconds, or a date; None when it is neither."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text):
        return max(0.0, float(text))
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def read_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """Read HubSpot's rate headers; each may be absent or odd."""
    limit = _count(headers.get("x-hubspot-ratelimit-max"))
    remaining = _count(headers.get("x-hubspot-ratelimit-remaining"))
    interval_ms = _count(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
    daily = _count(headers.get("x-hubspot-ratelimit-daily"))
    daily_remaining = _count(headers.get("x-hubspot-ratelimit-daily-remaining"))
    told = (limit, remaining, interval_ms, daily, daily_remaining)
    if all(each is None for each in told):
        return None
    return Allowance(
        limit=limit,
        remaining=remaining,
        interval_s=None if interval_ms is None else interval_ms / 1000,
        daily=daily,
        daily_remaining=daily_remaining,
    )


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and _COUNT.fullmatch(text) else None


def asked_wait(answer: RawAnswer) -> float:
    """Return the seconds that an answer in trouble asks to wait; 0 when it does not."""
    return retry_after(answer.headers.get("retry-after")) or 0.0
