"""How a running load stands: the summary so far, and where it is in its source."""

import msgspec

from .summary import Summary


class Live(Summary, frozen=True, kw_only=True):
    """A summary with what only a running load knows; ``status.json`` holds it.

    ``lines`` and ``unread`` are estimates from the bytes read so far.
    """

    #: process ID of the owner
    pid: int
    #: share of the allowed rate in use, 0 to 1; None without a limit
    rate_use: float | None
    #: requests allowed in ``rate_interval_s`` seconds; None without a limit
    rate_limit: int | None
    rate_interval_s: float | None
    #: requests sent and not answered, and how many may be just now
    in_flight: int = 0
    in_flight_limit: int = 0
    #: how far the source was read, in bytes
    read_to: int
    #: everything before this offset is settled, in bytes
    frontier: int
    #: size of the source in bytes, when it is known
    size: int | None
    #: time left in seconds, when it can be told
    seconds_left: float | None
    #: time of recent answers: the median, and what 95 of 100 kept, in seconds
    latency_s: float | None = None
    latency_p95_s: float | None = None
    #: failed requests by reason and rejected records by category, of this run
    errors: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    #: why nothing is sent now, and until when, UTC, ISO 8601; None: until told to go on
    paused: str | None = None
    paused_until: str | None = None
    #: requests of the portal's day so far, and after how many the load waits
    daily_used: int | None = None
    daily_most: int | None = None
    #: when this was written, UTC, ISO 8601
    updated_at: str
