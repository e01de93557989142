"""The allowed rate is used to the full, whatever befalls; a minute each, in no time.

The product's courier, gate and limiter against a portal with a true rolling window.
"""

import pytest

from loader.model.settings import Rate
from tests.unit.rolling import Of, Rolling, sent_to


def steady(value: float) -> Of:
    return lambda _: value


def changes(before: float, after: float, *, at: float = 30.0) -> Of:
    return lambda now: before if now < at else after


@pytest.mark.parametrize("latency", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("limit", [100, 110, 190, 250])
def test_every_tier_is_used_to_the_full(limit, latency):
    """Learnt from headers alone: 98 % from the first window on, and no refusal."""
    portal = Rolling(limit=steady(limit), latency=steady(latency))
    sent_to(portal, seconds=40)

    assert portal.use(10, 40) >= 0.98
    assert portal.use(9.5, 10) >= 0.98
    assert portal.refused == []


@pytest.mark.parametrize("early", [False, True])
def test_slow_answers_that_stray_cost_nothing(early):
    """Whether what remains is told as of a request's arrival, or of its answer."""
    portal = Rolling(limit=steady(250), latency=steady(1.0), stray=0.95, early=early)
    sent_to(portal)

    assert portal.use(10, 60) >= 0.98
    assert portal.throttled < 0.001


def test_without_headers_the_configured_rate_is_kept():
    """Whatever more the portal would have allowed."""
    portal = Rolling(limit=steady(250), headers=False)
    sent_to(portal, rate=Rate(190, 10.0, follows=False))

    assert portal.use(10, 60) == pytest.approx(0.99 * 190 / 250, abs=0.01)
    assert portal.refused == []


@pytest.mark.parametrize(
    ("latency", "early"),
    [(0.05, False), (0.5, False), (2.0, False), (0.05, True), (0.5, True)],
)
def test_a_neighbour_is_left_what_it_uses(latency, early):
    """The rest is used, and almost nothing refused."""
    portal = Rolling(
        limit=steady(190), neighbour=steady(0.5), latency=steady(latency), early=early
    )
    sent_to(portal)

    assert portal.use(10, 60) >= 0.9
    assert portal.throttled < 0.01


def test_a_neighbour_that_comes_is_made_room_for():
    """Though all was in use."""
    portal = Rolling(limit=steady(190), neighbour=changes(0.0, 0.5, at=20))
    sent_to(portal)

    assert portal.use(20, 60) >= 0.9
    assert portal.throttled < 0.01


@pytest.mark.parametrize("before", [0.05, 0.5, 0.6])
def test_answers_that_become_three_times_as_slow_cost_little(before):
    """More go into flight at once."""
    portal = Rolling(limit=steady(250), latency=changes(before, 3 * before))
    sent_to(portal)

    assert portal.use(30, 60) >= 0.95
    assert portal.refused == []


def test_a_limit_that_falls_is_kept_and_used():
    """What was sent under the higher limit is waited for first."""
    portal = Rolling(limit=changes(250, 100))
    sent_to(portal)

    assert portal.use(40, 60) >= 0.95
    assert portal.throttled < 0.01


def test_a_limit_that_rises_is_used_from_the_next_answer_on():
    """Within one window all of it."""
    portal = Rolling(limit=changes(100, 250), latency=steady(2.0))
    sent_to(portal)

    assert portal.use(40, 60) >= 0.98
    assert portal.refused == []


def test_no_more_go_into_flight_than_bring_more_through():
    """Twenty desks: more in flight only wait for each other."""
    portal = Rolling(limit=steady(1e6), desks=20)
    learnt = sent_to(portal, rate=None)

    assert learnt.limit <= 40
    assert portal.done(30, 60) >= 0.9 * 20 / 0.5


def test_a_portal_in_trouble_gets_less():
    """Beyond thirty in flight it fails: that is not tried much."""
    portal = Rolling(limit=steady(1e6), most=30)
    learnt = sent_to(portal, rate=None)

    assert learnt.limit <= 36
    assert len(portal.troubled) < 0.05 * len(portal.arrived)


def test_an_outage_is_no_reason_to_stay_small():
    """Once it is over the rate is used again."""
    portal = Rolling(limit=steady(190), trouble=changes(1.0, 0.0, at=5))
    sent_to(portal)

    assert portal.done(30, 60) >= 0.95 * 19
