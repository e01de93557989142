"""Points in time, as HubSpot takes them, and as exports get them wrong."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .findings import Findings, Kind, Level, Tally

Rule = Callable[[str], Tally | None]

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(
    r"-?[0-9]+\.[0-9]*(?:e[+-]?[0-9]+)?|-?[0-9]+e[+-]?[0-9]+", re.IGNORECASE
)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UTC = ("Z", "+00:00", "+0000", "-00:00")
#: milliseconds up to here were surely meant as seconds: 1973-03-03
_SECONDS = 10**11
#: and from here on as something finer: the year 5138
_FINER = 10**14
#: calls before this are rare: 1990
_EARLY_MS = 631_152_000_000
#: calls after that are none: 2100
_LATE_MS = 4_102_444_800_000
_DAY_MS = 86_400_000
_AHEAD = timedelta(days=366)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GIVE = "give milliseconds since 1970, or UTC such as 2024-05-31T09:30:00Z"


class Times:
    """Judges the values of one property that holds points in time.

    ``is_of_calls`` says that the property tells when a call was, so that very early and
    late times are odd.
    """

    def __init__(
        self, findings: Findings, name: str, now: datetime, *, is_of_calls: bool
    ) -> None:
        self._findings = findings
        self._name = name
        self._is_of_calls = is_of_calls
        self._ahead_ms = _milliseconds(now + _AHEAD)
        # the usual case: 13 digits, and a year from 2001 on
        self._from, self._to = str(10**12), str(self._ahead_ms)

    def judge(self, value: str) -> Tally | None:
        """Say what is wrong with a value, if anything is."""
        if (
            len(value) == 13  # noqa: PLR2004 - milliseconds from 2001 to 2286
            and self._from <= value <= self._to
            and value.isascii()
            and value.isdigit()
        ):
            return None
        return self._looked_at(value) if value else None

    def _looked_at(self, value: str) -> Tally | None:
        if _WHOLE.fullmatch(value):
            return self._milliseconds(int(value))
        if _DECIMAL.fullmatch(value):
            return self._found(
                Level.REFUSED,
                "TIME_FORMAT",
                "a decimal number, and no whole number of milliseconds",
                f"{_GIVE}; spreadsheets and data frames make decimals of numbers",
            )
        return self._text(value)

    def _milliseconds(self, number: int) -> Tally | None:
        if _SECONDS // 1000 <= number < _SECONDS // 10:
            return self._found(
                Level.WRONG,
                "TIME_IN_SECONDS",
                "seconds since 1970, where milliseconds are expected: the call would "
                "be dated January 1970",
                "multiply by 1000",
            )
        if abs(number) >= _FINER:
            return self._found(
                Level.WRONG,
                "TIME_UNIT",
                "more digits than milliseconds have: microseconds or nanoseconds give "
                "a year beyond 5000",
                "divide, so that 13 digits are left",
            )
        return self._placed(number)

    def _text(self, value: str) -> Tally | None:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return self._found(
                Level.REFUSED,
                "TIME_FORMAT",
                "neither milliseconds nor a UTC time in ISO 8601",
                _GIVE,
            )
        match = _ISO.fullmatch(value)
        zoned = at if at.tzinfo else at.replace(tzinfo=UTC)
        placed = self._placed(_milliseconds(zoned))
        if placed is not None:
            return placed
        if match is not None and match[1] in _UTC:
            return None
        return self._odd_text(value, at)

    def _odd_text(self, value: str, at: datetime) -> Tally | None:
        if _DAY.fullmatch(value):
            return self._found(
                Level.WARNING,
                "TIME_WITHOUT_CLOCK",
                "a date without a time of day, which means midnight UTC",
                _GIVE,
            )
        if not _ISO.fullmatch(value):
            return self._found(
                Level.WARNING,
                "TIME_FORM",
                "a time in a form that HubSpot does not document, such as a space in "
                "place of the T; it may be refused",
                _GIVE,
            )
        if at.tzinfo is None:
            return self._found(
                Level.WARNING,
                "TIME_WITHOUT_ZONE",
                "a time without a zone, which is taken for UTC and not for local time",
                f"{_GIVE}; convert local times first",
            )
        return self._found(
            Level.WARNING,
            "TIME_NOT_UTC",
            "a time of another zone than UTC, which HubSpot does not document",
            _GIVE,
        )

    def _placed(self, number: int) -> Tally | None:
        """Look where a time lies; only calls have a place where they belong."""
        if not self._is_of_calls or _EARLY_MS <= number <= self._ahead_ms:
            return None
        if number < _SECONDS:
            return self._found(
                Level.WRONG,
                "TIME_ABSURD",
                "a date before 1974: probably zero, or a number of another kind",
                _GIVE,
            )
        if number > _LATE_MS:
            return self._found(
                Level.WRONG, "TIME_ABSURD", "a date after the year 2100", _GIVE
            )
        where = "before 1990" if number < _EARLY_MS else "more than a year from now"
        return self._found(
            Level.WARNING, "TIME_FAR", f"a date {where}", "look whether it is meant"
        )

    def _found(self, level: Level, code: str, message: str, advice: str) -> Tally:
        return self._findings.tally(Kind(level, code, message, advice, self._name))


class Dates(Times):
    """Judges the values of one property that holds dates without a time."""

    def judge(self, value: str) -> Tally | None:
        """Say what is wrong with a value, if anything is."""
        if not value or _is_midnight(value) or _is_day(value):
            return None
        return self._found(
            Level.REFUSED,
            "DATE_FORMAT",
            "no date: HubSpot takes YYYY-MM-DD, or the milliseconds of a midnight UTC",
            "give YYYY-MM-DD",
        )


def _is_midnight(value: str) -> bool:
    return bool(_WHOLE.fullmatch(value)) and not int(value) % _DAY_MS


def _is_day(value: str) -> bool:
    try:
        datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return bool(_DAY.fullmatch(value))


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
