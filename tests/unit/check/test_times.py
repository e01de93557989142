"""Times as exports have them: taken, refused, or loaded as something else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.check.findings import Findings, Level
from loader.check.times import Dates, Times
from tests.unit.check.examined import NOW


def code_of(value: str, *, is_of_calls: bool = True) -> str | None:
    """Return what is said of a time."""
    times = Times(Findings(), "hs_timestamp", NOW, is_of_calls=is_of_calls)
    tally = times.judge(value)
    return None if tally is None else tally.kind.code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1717400000000", None),
        ("952300800000", None),  # 2000, 12 digits
        ("2024-06-03T07:33:20Z", None),
        ("2024-06-03T07:33:20.123+00:00", None),
        ("", None),
        ("1717400000", "TIME_IN_SECONDS"),
        ("1717400000000000", "TIME_UNIT"),
        ("1717400000000000000", "TIME_UNIT"),
        ("1717400000.0", "TIME_FORMAT"),
        ("1.7174e12", "TIME_FORMAT"),
        ("0", "TIME_ABSURD"),
        ("20240603", "TIME_ABSURD"),
        ("-1", "TIME_ABSURD"),
        ("1970-01-01T00:00:00Z", "TIME_ABSURD"),
        ("2999-01-01T00:00:00Z", "TIME_ABSURD"),
        ("1985-01-01T00:00:00Z", "TIME_FAR"),
        ("2030-01-01T00:00:00Z", "TIME_FAR"),
        ("1893456000000", "TIME_FAR"),
        ("2024-06-03", "TIME_WITHOUT_CLOCK"),
        ("2024-06-03T07:33:20", "TIME_WITHOUT_ZONE"),
        ("2024-06-03T07:33:20+02:00", "TIME_NOT_UTC"),
        ("2024-06-03 07:33:20Z", "TIME_FORM"),
        ("2024-W23-1", "TIME_FORM"),
        ("03.06.2024 07:33", "TIME_FORMAT"),
        ("yesterday", "TIME_FORMAT"),
        ("\uff11717400000000", "TIME_FORMAT"),
        ("12345678901234567890", "TIME_FORMAT"),
    ],
)
def test_a_time_is_told_by_what_is_wrong_with_it(value: str, code: str | None):
    """Seconds, decimals, local times and zeros are each called by their name."""
    assert code_of(value) == code


def test_seconds_are_a_problem_and_not_a_warning():
    """They load without a word, as calls of January 1970."""
    tally = Times(Findings(), "hs_timestamp", NOW, is_of_calls=True).judge("1717400000")

    assert tally is not None
    assert tally.kind.level is Level.WRONG
    assert "1000" in tally.kind.advice


def test_a_property_that_is_no_time_of_a_call_may_be_of_any_year():
    """A date of birth is no mistake."""
    assert code_of("1950-01-01T00:00:00Z", is_of_calls=False) is None
    assert code_of("1717400000", is_of_calls=False) == "TIME_IN_SECONDS"


@pytest.mark.parametrize(
    ("value", "is_date"),
    [
        ("2024-06-03", True),
        ("1717372800000", True),
        ("", True),
        ("1717400000000", False),
        ("2024-02-30", False),
        ("2024-6-3", False),
        ("2024-06-03T00:00:00Z", False),
    ],
)
def test_a_date_is_a_day_or_a_midnight(value: str, is_date: bool):
    """HubSpot refuses a date property that has a time of day."""
    tally = Dates(Findings(), "due", NOW, is_of_calls=False).judge(value)

    assert (tally is None) is is_date


@given(
    st.datetimes(
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2026, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_every_time_of_a_call_is_taken_in_both_forms(at: datetime):
    """Whole milliseconds, and ISO 8601 as Python writes it."""
    number = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert code_of(str(number)) is None
    assert code_of(at.isoformat()) is None
    assert code_of(at.isoformat().replace("+00:00", "Z")) is None


@given(st.text() | st.from_regex(r"-?\d{0,40}(\.\d+)?", fullmatch=True))
def test_any_text_gets_an_answer(value: str):
    """A judge never raises; empty is never wrong."""
    code = code_of(value)

    assert code is not None or value == "" or value[:1].isdigit()
