"""The portal allows so many requests in any ten seconds, and so many a day."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.sandbox import QuotaSettings, Scenario
from loader.sandbox.quota import Burst, Calendar, RollingWindow
from loader.sandbox.scenario import Change, Neighbour
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import NOON, Clock, Desk, an_input

OpenDesk = Callable[..., Desk]


@given(
    limit=st.integers(1, 5),
    interval=st.integers(1, 20),
    waits=st.lists(st.integers(0, 8), max_size=60),
)
def test_rolling_window(limit: int, interval: int, waits: list[int]) -> None:
    """A request is let in exactly when fewer than the limit were in the span before."""
    clock = Clock(0.0)
    window = RollingWindow(limit, interval, clock)
    let_in: list[float] = []
    for wait in waits:
        clock.now += wait
        recent = sum(clock.now - interval < each for each in let_in)

        assert window.remaining == limit - recent

        if window.remaining:
            window.take()
            let_in.append(clock.now)


def test_no_window() -> None:
    """Without a limit nothing is refused, and nothing remembered."""
    window = RollingWindow("none", 10, Clock())

    window.take()

    assert window.remaining is None
    assert repr(window) == "<RollingWindow 0 of none>"


def ask(desk: Desk, times: int, endpoint: Endpoint = Endpoint.DETAILS) -> Iterator[int]:
    """Give the statuses of some requests."""
    for _ in range(times):
        yield desk.send(endpoint, {}).status or 0


def test_burst(open_desk: OpenDesk) -> None:
    """Beyond the limit a request is refused until the first is ten seconds old."""
    desk = open_desk(Scenario(quota=QuotaSettings(limit=3)))

    within, beyond = list(ask(desk, 3)), desk.send(Endpoint.DETAILS)
    desk.clock.now += 9.999
    early = desk.send(Endpoint.DETAILS)
    desk.clock.now += 0.001
    later = desk.send(Endpoint.DETAILS)

    assert within == [200] * 3
    assert beyond.status == early.status == 429
    assert later.status == 200
    assert beyond.body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c-1",
        "policyName": "TEN_SECONDLY_ROLLING",
        "requestId": "c-1",
    }


def test_refused_requests_do_not_count(open_desk: OpenDesk) -> None:
    """A client that keeps knocking is let in all the same when its time comes."""
    desk = open_desk(Scenario(quota=QuotaSettings(limit=1)))
    list(ask(desk, 50))
    desk.clock.now += 10

    assert list(ask(desk, 1)) == [200]


def test_headers(open_desk: OpenDesk) -> None:
    """Answers tell what is left."""
    desk = open_desk(Scenario(quota=QuotaSettings(limit=5, daily=50)))

    list(ask(desk, 2))

    assert desk.send(Endpoint.DETAILS).headers == {
        "X-HubSpot-RateLimit-Daily": "50",
        "X-HubSpot-RateLimit-Daily-Remaining": "47",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": "5",
        "X-HubSpot-RateLimit-Remaining": "2",
        "X-HubSpot-Correlation-Id": "c-1",
    }


def test_no_headers(open_desk: OpenDesk) -> None:
    """A scenario tells nothing of what is left."""
    desk = open_desk(Scenario(rate_headers=False))

    assert set(desk.send(Endpoint.DETAILS).headers) == {"X-HubSpot-Correlation-Id"}


def test_no_limit(open_desk: OpenDesk) -> None:
    """A scenario has no limits."""
    settings = QuotaSettings(limit="none", daily="none", search_per_s="none")
    desk = open_desk(Scenario(quota=settings))

    assert set(ask(desk, 200)) == {200}
    assert set(ask(desk, 20, Endpoint.SEARCH)) == {200}
    assert set(desk.send(Endpoint.DETAILS).headers) == {"X-HubSpot-Correlation-Id"}


def test_search(open_desk: OpenDesk) -> None:
    """Searches have five a second of their own, and their answers tell nothing."""
    desk = open_desk(Scenario(quota=QuotaSettings(limit=1)))

    statuses = list(ask(desk, 6, Endpoint.SEARCH))
    refused = desk.send(Endpoint.SEARCH, {})
    desk.clock.now += 1

    assert statuses == [200] * 5 + [429]
    assert refused.body["policyName"] == "SECONDLY"
    assert refused.body["message"] == "You have reached your secondly limit."
    assert set(refused.headers) == {"X-HubSpot-Correlation-Id"}
    assert list(ask(desk, 1, Endpoint.SEARCH)) == [200]
    assert list(ask(desk, 1)) == [200]


def test_day(open_desk: OpenDesk) -> None:
    """The day's allowance is back at midnight of the portal's zone."""
    settings = QuotaSettings(daily=2)
    desk = open_desk(Scenario(quota=settings, time_zone="Europe/Berlin"))

    within, beyond = list(ask(desk, 2)), desk.send(Endpoint.DETAILS)
    desk.clock.now = NOON + 11 * 3600 - 1  # 23:59:59 in Berlin
    eve = list(ask(desk, 1))
    desk.clock.now += 1

    assert (within, eve) == ([200, 200], [429])
    assert beyond.body["policyName"] == "DAILY"
    assert beyond.body["message"] == "You have reached your daily limit."
    assert list(ask(desk, 1)) == [200]


def test_usage(open_desk: OpenDesk) -> None:
    """The account tells how much of the day is used, and when it ends."""
    desk = open_desk(Scenario(time_zone="Europe/Berlin"))
    desk.create(an_input("a"))

    (usage,) = desk.send(Endpoint.USAGE).results

    assert usage["usageLimit"] == 250_000
    assert usage["currentUsage"] == 2
    assert usage["fetchStatus"] == "SUCCESS"
    assert usage["resetsAt"] == "2026-01-01T23:00:00.000Z"


@pytest.mark.parametrize(
    ("zone", "offset", "milliseconds"),
    [
        ("UTC", "+00:00", 0),
        ("Asia/Kolkata", "+05:30", 19_800_000),
        ("America/St_Johns", "-03:30", -12_600_000),
    ],
)
def test_details(
    open_desk: OpenDesk, zone: str, offset: str, milliseconds: int
) -> None:
    """The account tells who it is and what its clocks show."""
    desk = open_desk(Scenario(time_zone=zone, portal_id=4711))

    details = desk.send(Endpoint.DETAILS).body

    assert details["portalId"] == desk.portal.portal_id == 4711
    assert details["timeZone"] == zone
    assert details["utcOffset"] == offset
    assert details["utcOffsetMilliseconds"] == milliseconds


def test_calendar_when_clocks_change() -> None:
    """A day on which the clocks change still ends at midnight."""
    clock = Clock(1_774_738_800.0)  # 2026-03-29T00:00:00 in Berlin, a day of 23 hours

    calendar = Calendar("Europe/Berlin", clock)

    assert calendar.today() == "2026-03-29"
    assert calendar.midnight().timestamp() - clock.now == 23 * 3600


def test_a_limit_changes_at_its_time(open_desk: OpenDesk) -> None:
    """Down: what was let in before still counts. The headers say it."""
    change = Change(at_s=5.0, limit=2)
    desk = open_desk(Scenario(quota=QuotaSettings(limit=4, change=(change,))))

    before = list(ask(desk, 3))
    desk.clock.now += 5
    after = desk.send(Endpoint.DETAILS)
    desk.clock.now += 5
    later = list(ask(desk, 3))

    assert before == [200, 200, 200]
    assert (after.status, after.headers["X-HubSpot-RateLimit-Max"]) == (429, "2")
    assert after.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert later == [200, 200, 429]


def test_a_neighbour_uses_its_share_at_a_steady_pace(open_desk: OpenDesk) -> None:
    """Five of ten in ten seconds, from its time on; what it has is not there for us."""
    neighbour = Neighbour(share=0.5, after_s=20.0, until_s=60.0)
    desk = open_desk(Scenario(quota=QuotaSettings(limit=10, neighbour=neighbour)))

    desk.clock.now += 10
    alone = list(ask(desk, 11))
    desk.clock.now += 19.9
    beside = list(ask(desk, 6))
    desk.clock.now += 90
    gone = list(ask(desk, 11))

    assert alone.count(200) == 10
    assert beside.count(200) == 5
    assert gone.count(200) == 10


def test_a_neighbour_takes_only_what_there_is() -> None:
    """Beside one who has taken all it gets nothing, and takes the first place free."""
    clock = Clock(0.0)
    settings = QuotaSettings(limit=4, neighbour=Neighbour(share=1.0, after_s=1.0))
    burst = Burst(settings, clock)
    for _ in range(4):
        burst.take()
    clock.now = 9.9
    full = burst.remaining, burst.left_to_client
    clock.now = 11.0

    assert full == (0, 4)
    assert (burst.remaining, burst.left_to_client) == (3, 3)


def test_without_a_limit_a_neighbour_is_not_seen() -> None:
    """There is nothing to share."""
    settings = QuotaSettings(limit="none", neighbour=Neighbour(share=1.0))
    burst = Burst(settings, Clock())

    assert (burst.remaining, burst.left_to_client) == (None, None)
