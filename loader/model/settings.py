"""Everything a user can set, with its default, unit and range."""

import re
from pathlib import Path

import msgspec

from loader.errors import UsageError

from .calendar import parse_clock, parse_quiet, parse_share
from .load import InDoubtPolicy

MEBIBYTE = 1 << 20
DEFAULT_BASE_URL = "https://api.hubapi.com"


class Rate(msgspec.Struct, frozen=True):
    """``count`` requests in any ``interval_s`` seconds.

    ``follows`` says whether the portal's own rate headers may change it.
    """

    count: int = 100
    interval_s: float = 10.0
    follows: bool = True


def parse_rate(text: str) -> Rate | None:
    """Read ``auto``, ``none`` or ``190/10s``; None means no limit of our own.

    Raises:
        UsageError: it is none of the three.
    """
    if text == "auto":
        return Rate()
    if text == "none":
        return None
    match = re.fullmatch(r"(\d{1,6})/(\d{0,5}(?:\.\d+)?)s", text)
    if match is None or not int(match[1]) or not float(match[2] or 1):
        raise UsageError(
            f"--rate {text!r} is not a rate; "
            "use 'auto', 'none' or requests per seconds such as '190/10s'"
        )
    return Rate(int(match[1]), float(match[2] or 1), follows=False)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one load; :func:`checked` refuses what is out of range."""

    base_url: str = DEFAULT_BASE_URL
    api_version: str = "v3"
    rate: str = "auto"
    #: requests in flight at most, 1 to 256; how many there are adapts by itself. At 250
    #: requests per 10 s and answers after two seconds 50 are needed, a quarter more to
    #: catch up after a pause
    workers: int = 64
    #: inputs per request, 1 to 100 (HubSpot's limit)
    batch_size: int = 100
    #: the property that identifies a call in the source system
    key: str | None = None
    #: the unique-value property that carries the trace ID; None lets preflight find it
    trace_property: str | None = None
    in_doubt: InDoubtPolicy = InDoubtPolicy.HOLD
    #: longest line accepted, in bytes, 1 KiB to 16 MiB
    max_line_bytes: int = MEBIBYTE
    #: largest request body aimed at, in bytes; a larger single record still goes alone
    max_batch_bytes: int = 3 * MEBIBYTE
    #: seconds without an accepted create after which the run stops, resumable
    patience_s: float = 120.0
    #: seconds without a byte of an answer; HubSpot's own limit answers 524 at 100 s
    read_timeout_s: float = 110.0
    #: a started batch waits at most so long for more lines of a slow source, seconds
    linger_s: float = 1.0
    #: the run ends, resumable, at the next such local time, as in ``18:00``
    until: str | None = None
    #: local hours without any request, each as in ``08:00-18:00``
    quiet: tuple[str, ...] = ()
    #: share of the portal's daily requests, as in ``60%``; then the load waits for the
    #: portal's midnight
    daily_share: str | None = None
    #: the portal's daily requests; None: as its headers say, else 250,000
    daily_limit: int | None = None
    #: serve a page of the running load on 127.0.0.1
    dashboard: bool = False
    #: where; 0 takes any port that is free
    dashboard_port: int = 0
    #: serve metrics for Prometheus on this port of 127.0.0.1; 0 takes any that is free
    metrics: int | None = None


_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}")
_RANGES: dict[str, tuple[float, float]] = {
    "workers": (1, 256),
    "batch_size": (1, 100),
    "max_line_bytes": (1024, 16 * MEBIBYTE),
    "max_batch_bytes": (1024, 64 * MEBIBYTE),
    "patience_s": (0.05, 86_400),
    "read_timeout_s": (0.05, 3600),
    "linger_s": (0.0, 3600),
    "daily_limit": (1, 100_000_000),
    "dashboard_port": (0, 65_535),
    "metrics": (0, 65_535),
}


def checked(settings: Settings) -> Settings:
    """Return the settings unchanged.

    Raises:
        UsageError: a setting is out of its range; names it and the range.
    """
    for name, (low, high) in _RANGES.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise UsageError(
                f"{_option(name)} is {value}; it must be {low:g} to {high:g}"
            )
    for name in ("key", "trace_property"):
        value = getattr(settings, name)
        if value is not None and not _PROPERTY.fullmatch(value):
            raise UsageError(
                f"{_option(name)} {value!r} is not the internal name of a HubSpot "
                "property (lower-case letters, digits and underscores, such as "
                "hs_call_external_id); HubSpot's settings show it beside the label"
            )
    if not re.fullmatch(r"v3|20\d\d-\d\d(-beta)?", settings.api_version):
        raise UsageError(
            f"--api-version {settings.api_version!r} is not 'v3' or a dated version "
            "such as '2026-03'"
        )
    parse_rate(settings.rate)
    parse_quiet(settings.quiet)
    if settings.until is not None:
        parse_clock(settings.until)
    if settings.daily_share is not None:
        parse_share(settings.daily_share)
    elif settings.daily_limit is not None:
        raise UsageError("daily-limit is of use only with daily-share, such as '60%'")
    return settings


def _option(name: str) -> str:
    """Return the option that a setting is on the command line."""
    return f"--{name.removesuffix('_s').replace('_', '-')}"


class Place(msgspec.Struct, frozen=True):
    """Where a load's files are: the load folder and the names in it."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """The truth."""
        return self.folder / "ledger.db"

    @property
    def seal(self) -> Path:
        """Which ledger belongs here, and how far it had come."""
        return self.folder / "ledger.seal"

    @property
    def lock(self) -> Path:
        """Held by the process that owns the load, with its process ID inside."""
        return self.folder / "owner.lock"

    @property
    def status(self) -> Path:
        """Replaced every second by the running load."""
        return self.folder / "status.json"

    @property
    def daily(self) -> Path:
        """How many requests the load has sent on each of the portal's last days."""
        return self.folder / "daily.json"

    @property
    def rejected(self) -> Path:
        """Rejected records with reasons."""
        return self.folder / "rejected.ndjson"

    @property
    def in_doubt(self) -> Path:
        """Records held in doubt."""
        return self.folder / "in_doubt.ndjson"

    @property
    def certificate(self) -> Path:
        """What the last verification found, in numbers."""
        return self.folder / "certificate.json"

    @property
    def differences(self) -> Path:
        """The created records that are not on the portal as their lines say."""
        return self.folder / "differences.ndjson"

    @property
    def log(self) -> Path:
        """Structured events, JSON lines."""
        return self.folder / "run.log"

    @property
    def history(self) -> Path:
        """How the load went: counts and rates over time, JSON lines."""
        return self.folder / "history.ndjson"

    @property
    def portal(self) -> Path:
        """The state of the built-in portal, for ``run --sandbox``."""
        return self.folder / "sandbox.db"

    @property
    def corrections(self) -> Path:
        """Loads of corrected copies of its rejected records, a folder each."""
        return self.folder / "corrections"

    @property
    def corrected(self) -> Path:
        """In the folder of a correction: the corrected copy that it loads."""
        return self.folder / "corrected.ndjson"
