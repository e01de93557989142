"""Hours, quiet hours, shares and midnights, with the moment and the zone given."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from loader.errors import UsageError
from loader.model.calendar import (
    day_of,
    next_time,
    parse_clock,
    parse_quiet,
    parse_share,
    quiet_until,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*fields: int, fold: int = 0) -> datetime:
    return datetime(*fields, tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("now", "clock", "expected"),
    [
        (berlin(2026, 7, 1, 17, 59, 30), time(18), berlin(2026, 7, 1, 18)),
        (berlin(2026, 7, 1, 18), time(18), berlin(2026, 7, 2, 18)),
        (berlin(2026, 7, 1, 23), time(0), berlin(2026, 7, 2)),
        # 02:30 does not exist on this day: the clock jumps over it at 03:00
        (berlin(2026, 3, 29, 1), time(2, 30), berlin(2026, 3, 29, 3)),
        # and here it comes twice
        (berlin(2026, 10, 25, 1), time(2, 30), berlin(2026, 10, 25, 2, 30)),
        (
            berlin(2026, 10, 25, 2, 40),
            time(2, 30),
            berlin(2026, 10, 25, 2, 30, fold=1),
        ),
    ],
)
def test_the_next_time_is_the_first_that_a_local_clock_shows(now, clock, expected):
    """Today or tomorrow, on days of 23 and 25 hours too."""
    assert expected.astimezone(UTC) == next_time(clock, now, BERLIN)


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        ("08:00-18:00", berlin(2026, 7, 1, 7, 59, 59), None),
        ("08:00-18:00", berlin(2026, 7, 1, 8), berlin(2026, 7, 1, 18)),
        ("08:00-18:00", berlin(2026, 7, 1, 18), None),
        ("22:00-06:00", berlin(2026, 7, 1, 23), berlin(2026, 7, 2, 6)),
        ("22:00-06:00", berlin(2026, 7, 1, 5), berlin(2026, 7, 1, 6)),
        ("22:00-24:00", berlin(2026, 7, 1, 23), berlin(2026, 7, 2)),
        ("01:00-02:30", berlin(2026, 3, 29, 1), berlin(2026, 3, 29, 3)),
    ],
)
def test_quiet_hours_hold_from_their_start_to_before_their_end(quiet, now, expected):
    """Across midnight, and over an hour that a clock skips."""
    wanted = None if expected is None else expected.astimezone(UTC)

    assert wanted == quiet_until(parse_quiet([quiet]), now, BERLIN)


def test_quiet_hours_that_follow_on_are_waited_for_together():
    """The end of one may be the start of another."""
    quiet = parse_quiet(["08:00-12:00", "12:00-13:00"])

    assert berlin(2026, 7, 1, 13) == quiet_until(quiet, berlin(2026, 7, 1, 9), BERLIN)


def test_a_portals_day_is_that_of_its_zone():
    """One hour before a day of Berlin begins it is still yesterday in London."""
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    assert day_of(now, BERLIN) == date(2026, 11, 25)
    assert day_of(now, UTC) == date(2026, 11, 24)


@pytest.mark.parametrize("name", [None, "", "Nowhere/None", "../etc/passwd"])
def test_a_zone_that_is_none_is_not_known(name):
    """A portal may say anything."""
    assert zone_of(name) is None
    assert zone_of("Europe/Berlin") == BERLIN


@pytest.mark.parametrize("text", ["24:00", "6pm", "18", "18:60", "", "18:00:00"])
def test_what_is_no_time_is_refused_with_an_example(text):
    """The message says what to write."""
    with pytest.raises(UsageError, match="18:00"):
        parse_clock(text)


@pytest.mark.parametrize("text", ["08:00", "08:00-", "24:00-08:00", "8-18", ""])
def test_what_are_no_hours_are_refused_with_an_example(text):
    """The message says what to write."""
    with pytest.raises(UsageError, match="08:00-18:00"):
        parse_quiet([text])


@pytest.mark.parametrize("texts", [["09:00-09:00"], ["00:00-12:00", "12:00-24:00"]])
def test_quiet_hours_that_leave_nothing_are_refused(texts):
    """Such a load would wait for ever."""
    with pytest.raises(UsageError, match="no minute"):
        parse_quiet(texts)


@pytest.mark.parametrize("text", ["60", "0%", "101%", "-5%", "%", "a%", "60%%"])
def test_what_is_no_share_is_refused_with_an_example(text):
    """The message says what to write."""
    with pytest.raises(UsageError, match="60%"):
        parse_share(text)


def test_shares_are_percent():
    """With or without a space, and parts of one."""
    assert (parse_share("60%"), parse_share("12.5 %")) == (0.6, 0.125)
