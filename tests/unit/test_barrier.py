"""When requests may go out: pauses, quiet hours, the share of the portal's day."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bench.simulation.clock import VirtualLoop
from loader.assembly.hours import watchman
from loader.model.calendar import SMALLEST_DAY, parse_quiet
from loader.model.summary import Ending
from loader.model.verdict import Allowance
from loader.pipeline.barrier import Barrier
from loader.pipeline.daily import AHEAD, Daily, Days
from loader.pipeline.limiter import Limiter
from loader.pipeline.pause import Pause
from loader.pipeline.stop import Stop
from loader.telemetry import outputs

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


class Disk:
    """Where the counts of days are kept. What changes: the counts, and its health."""

    def __init__(self) -> None:
        self.days: Days = {}
        self.full = False

    async def keep(self, days: Days) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.days = dict(days)


def a_day(disk: Disk | None = None, *, share: float = 0.5, **more) -> Daily:
    disk = disk or Disk()
    more = {"limit": 100, "zone": UTC} | more
    return Daily(share, keep=disk.keep, known=dict(disk.days), **more)


async def send(daily: Daily, number: int, now: datetime = NOON) -> int:
    """Send until the share is used; return how many went out."""
    for each in range(number):
        if daily.full(now) is not None:
            return each
        await daily.ready(now)
        daily.sent(now)
        daily.answered(None, now)
    return number


async def test_a_share_lets_so_many_requests_out_and_waits_for_midnight():
    """A minute late, since two clocks never agree."""
    daily = a_day()
    sent = await send(daily, 80)
    full = daily.full(NOON)

    assert sent == 50
    assert full is not None
    assert full.until == datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    assert daily.full(full.until) is None
    assert await send(daily, 80, full.until) == 50


async def test_the_day_is_the_portals():
    """Its midnight resets the quota, not ours."""
    daily = a_day(zone=BERLIN)
    await send(daily, 80)
    full = daily.full(NOON)

    assert full is not None
    assert full.until == datetime(2026, 7, 1, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize("clean", [True, False])
async def test_a_restart_on_the_same_day_remembers_what_was_sent(clean):
    """Exactly after a clean end; after a crash it may count too many, never too few."""
    disk = Disk()
    first = a_day(disk, limit=1000)
    await send(first, 100)
    if clean:
        await first.close()
    again = await send(a_day(disk, limit=1000), 1000)

    assert 400 - AHEAD < again <= 400
    assert clean is (again == 400)


async def test_a_clock_that_jumps_over_midnight_and_back_forgets_nothing():
    """Each request counts for the day that the clock showed."""
    daily = a_day()
    await send(daily, 40)
    await send(daily, 30, NOON + timedelta(days=1))

    assert await send(daily, 80) == 10


async def test_the_portals_headers_teach_its_limit():
    """Unless the user says another."""
    taught, given = a_day(limit=None), a_day(limit=100)
    before = taught.limit
    for daily in (taught, given):
        daily.answered(Allowance(daily=650_000, daily_remaining=650_000), NOON)

    assert (before, taught.limit, given.limit) == (SMALLEST_DAY, 650_000, 100)


async def test_what_others_use_counts():
    """The share is one of the account's day; its headers count all programs."""
    daily = a_day()
    await send(daily, 10)
    daily.sent(NOON)
    daily.answered(Allowance(daily=100, daily_remaining=60), NOON)
    left = await send(daily, 50)

    assert left == 10
    full = daily.full(NOON)
    assert full is not None
    assert "the account" in full.reason
    assert full.until == datetime(2026, 7, 2, 0, 1, tzinfo=UTC)


async def test_requests_in_flight_count_before_the_portal_has_counted_them():
    """Else as many as are in flight would go too far."""
    daily = a_day()
    for _ in range(10):
        daily.sent(NOON)
    daily.answered(Allowance(daily=100, daily_remaining=55), NOON)

    assert daily.full(NOON) is not None
    for _ in range(9):
        daily.answered(Allowance(daily=100, daily_remaining=54), NOON)
    assert daily.full(NOON) is None
    assert await send(daily, 50) == 4


async def test_in_a_days_first_minutes_the_portal_may_speak_of_the_day_before():
    """Its clock is behind ours: it is asked again soon, one request at a time."""
    daily, early = a_day(), datetime(2026, 7, 2, 0, 2, tzinfo=UTC)
    daily.answered(Allowance(daily=100, daily_remaining=20), early)
    full = daily.full(early)

    assert full is not None
    assert full.until == early + timedelta(minutes=5)
    assert await send(daily, 10, full.until) == 1
    daily.answered(Allowance(daily=100, daily_remaining=100), full.until)
    assert await send(daily, 100, full.until) == 49


async def test_a_refusal_for_the_day_waits_for_the_next():
    """The portal's word, whatever we have counted."""
    daily = a_day()
    daily.refused(NOON)
    full = daily.full(NOON)

    assert full is not None
    assert full.until == datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    assert daily.full(full.until) is None


async def test_while_the_zone_is_unknown_a_full_portal_is_asked_every_hour():
    """Its day may end at any of ours; a wait for our midnight could be a day long."""
    daily = a_day(zone=None)
    daily.refused(NOON)
    full = daily.full(NOON)
    daily.place_in(BERLIN, NOON)
    placed = daily.full(NOON)

    assert full is not None
    assert full.until == NOON + timedelta(hours=1)
    assert placed is not None
    assert placed.until == datetime(2026, 7, 1, 22, 1, tzinfo=UTC)


async def test_what_was_sent_before_the_zone_is_known_falls_in_its_day():
    """The account's details are asked for first, and they tell the zone."""
    daily, now = a_day(), datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    await send(daily, 3, now)
    daily.place_in(BERLIN, now)

    assert daily.used == 3
    assert await send(daily, 80, now) == 47


async def test_a_count_that_cannot_be_kept_ends_the_run():
    """Resumable; a share that is not counted is none."""
    disk, stop = Disk(), Stop()
    disk.full = True
    barrier = Barrier(now=lambda: 0.0, daily=a_day(disk), clock=lambda: NOON)

    assert not await barrier.passed(stop)
    assert stop.ending is Ending.STOPPED
    assert "No space left" in str(stop.reason)


# -- the barrier in the limiter, on a virtual clock --


class Hours:
    """A load's limiter, and a wall clock that runs with the virtual loop's.

    ``jump`` is how far somebody has moved the wall clock.
    """

    def __init__(self, loop: VirtualLoop, **more) -> None:
        self.loop = loop
        self.jump = timedelta()
        self.stop = Stop()
        self.barrier = Barrier(now=loop.time, clock=self.clock, zone=UTC, **more)
        self.limiter = Limiter(
            None,
            stop=self.stop,
            now=loop.time,
            chance=random.Random(1),
            barrier=self.barrier,
        )
        self.sent: list[datetime] = []

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.loop.time()) + self.jump

    async def work(self, number: int, every_s: float) -> None:
        """Ask for turns one after the other."""
        for _ in range(number):
            if await self.limiter.turn() is None:
                return
            self.sent.append(self.clock())
            self.limiter.learn(None, 0.0)
            await asyncio.sleep(every_s)


def lived(scenario, **more) -> Hours:
    """Run a scenario on a virtual clock."""
    loop = VirtualLoop(most_turns=10_000_000, latest=1e6)
    hours = Hours(loop, **more)
    loop.run_until_complete(scenario(hours))
    loop.close()
    return hours


def test_nothing_is_sent_in_quiet_hours():
    """It goes on by itself in the moment they end, and rests are measured."""
    events: list[dict] = []

    async def scenario(hours: Hours) -> None:
        with outputs(lambda _, event: events.append(event)):
            await hours.work(300, 60.0)

    hours = lived(scenario, quiet=parse_quiet(["13:00-13:10"]))
    quiet = [each for each in hours.sent if each.hour == 13 and each.minute < 10]
    end = NOON.replace(hour=13, minute=10)
    first = min(each for each in hours.sent if each >= end)

    assert len(hours.sent) == 300
    assert not quiet
    assert first - end < timedelta(seconds=1)
    assert hours.barrier.rested_s == pytest.approx(600, abs=61)
    assert [each["event"] for each in events] == ["run.paused", "run.went_on"]
    assert events[0]["until"] == "2026-07-01T13:10:00+00:00"


def test_a_paused_load_sends_nothing_until_it_is_told():
    """By whoever holds the pause."""
    pause = Pause()

    async def scenario(hours: Hours) -> None:
        loop = hours.loop
        loop.call_later(10.5, pause.begin)
        loop.call_later(100, pause.end)
        await hours.work(30, 1.0)

    hours = lived(scenario, pause=pause)
    seconds = [(each - NOON).total_seconds() for each in hours.sent]

    assert len(seconds) == 30
    assert not [each for each in seconds if 10.6 < each < 100]


def test_a_stop_ends_a_paused_load():
    """It need not go on first."""
    pause = Pause()
    pause.begin()

    async def scenario(hours: Hours) -> None:
        hours.loop.call_later(5, hours.stop.interrupt, "SIGTERM")
        await hours.work(10, 1.0)

    assert not lived(scenario, pause=pause).sent


def test_a_wall_clock_that_jumps_is_looked_at_again():
    """Forwards it ends quiet hours at once, backwards it begins them anew."""

    async def scenario(hours: Hours) -> None:
        hours.loop.call_later(600, setattr, hours, "jump", timedelta(hours=1))
        hours.loop.call_later(900, setattr, hours, "jump", timedelta())
        await hours.work(10, 60.0)

    hours = lived(scenario, quiet=parse_quiet(["11:00-13:00"]))
    spans = hours.sent

    assert spans[0] < datetime(2026, 7, 1, 13, 11, tzinfo=UTC)
    assert not [each for each in spans if each.hour == 12]
    assert len(spans) == 10


def test_a_share_is_kept_day_after_day():
    """The load waits for the portal's midnight and goes on by itself."""
    disk = Disk()

    async def scenario(hours: Hours) -> None:
        hours.jump = timedelta(hours=11, minutes=50)
        await hours.work(70, 1.0)

    hours = lived(scenario, daily=a_day(disk))
    days = [each.date().isoformat() for each in hours.sent]

    assert days == ["2026-07-01"] * 50 + ["2026-07-02"] * 20


def test_a_run_ends_at_its_hour():
    """Resumable, and also while it is paused."""
    pause = Pause()
    pause.begin()

    async def scenario(hours: Hours) -> None:
        ends = watchman(hours.barrier, hours.stop, "12:10", clock=hours.clock, zone=UTC)
        watching = asyncio.create_task(ends)
        await hours.work(10, 1.0)
        await watching

    hours = lived(scenario, pause=pause)

    assert hours.clock() - NOON == pytest.approx(
        timedelta(minutes=10), abs=timedelta(seconds=1)
    )
    assert hours.stop.ending is Ending.STOPPED
    assert "12:10" in str(hours.stop.reason)


def test_a_closed_gate_tells_how_long_it_stays_so():
    """Nobody knows when a person lets it go on."""
    pause = Pause()
    barrier = Barrier(
        now=lambda: 0.0,
        pause=pause,
        quiet=parse_quiet(["11:00-13:00"]),
        clock=lambda: NOON,
        zone=UTC,
    )
    open_left = barrier.rest_left_s()
    barrier.look()
    quiet_left = barrier.rest_left_s()
    pause.begin()
    barrier.look()

    assert (open_left, quiet_left, barrier.rest_left_s()) == (0.0, 3600.0, None)
