"""Whatever clocks do: waits end when they should, never a minute too late."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loader.model.calendar import (
    Quiet,
    day_of,
    next_midnight,
    next_time,
    quiet_until,
)

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",  # its clocks jump at midnight
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # its clocks change by half an hour
        "Pacific/Apia",
    )
]
zones = st.sampled_from(ZONES)
moments = st.integers(1_577_836_800, 2_051_222_400).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
quiets = st.lists(
    st.builds(Quiet, clocks, clocks).filter(lambda each: each.start != each.end),
    min_size=1,
    max_size=3,
)


@given(quiets, moments, zones)
def test_after_a_wait_it_is_not_quiet_and_was_until_then(quiet, now, zone):
    """Whatever clocks do in between, and never a minute too long."""
    until = quiet_until(quiet, now, zone)
    if until is None:
        assert not any(each.holds(now.astimezone(zone).time()) for each in quiet)
        return
    minute_before = max(now, until - timedelta(minutes=1))

    assert until > now
    if until - now < timedelta(days=3):
        assert quiet_until(quiet, until, zone) is None
        assert quiet_until(quiet, minute_before, zone) == until


@given(clocks, moments, zones)
def test_a_time_comes_within_a_day_and_an_hour(clock, now, zone):
    """And shows the time, unless the clock jumped over it."""
    then = next_time(clock, now, zone)

    assert timedelta() < then - now <= timedelta(hours=25, minutes=1)
    shown = then.astimezone(zone)
    if shown.time() != clock:
        before = (then - timedelta(minutes=1)).astimezone(zone)
        assert shown.utcoffset() > before.utcoffset()


@given(moments, zones)
def test_midnight_is_the_first_moment_of_another_day(now, zone):
    """Where clocks jump at midnight, the day begins at one."""
    midnight = next_midnight(now, zone)
    before = midnight - timedelta(seconds=1)

    assert now < midnight <= now + timedelta(hours=25)
    assert day_of(midnight, zone) == day_of(now, zone) + timedelta(days=1)
    assert day_of(max(now, before), zone) == day_of(now, zone)
