"""How a running load stands: the summary so far, and where it is in its source."""

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
    #: when this was written, UTC, ISO 8601
    updated_at: str
