"""As fast as allowed and no faster, on a clock that tests move."""

import random

import pytest

from loader.errors import UsageError
from loader.model.settings import Rate, parse_rate
from loader.model.verdict import Allowance
from loader.pipeline.limiter import Limiter
from loader.pipeline.rolling import RollingWindow, least_margin_s
from loader.pipeline.stop import Stop


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_no_rolling_interval_ever_has_more_than_the_limit():
    """Sent as early as allowed, for many windows."""
    window, now = RollingWindow(Rate(10, 1.0)), 0.0
    sent: list[float] = []
    for _ in range(200):
        now += window.wait(now)
        window.sent(now)
        sent.append(now)

    for start in sent:
        assert sum(start <= each < start + 1.0 for each in sent) <= 10


def test_the_window_is_used_but_for_the_margin():
    """The eleventh request waits for the first to leave the window, and the margin."""
    window = RollingWindow(Rate(10, 1.0))
    for _ in range(10):
        window.sent(5.0)

    assert window.wait(5.0) == pytest.approx(1.0 + window.margin_s)
    assert window.wait(6.0 + window.margin_s) == 0.0


def test_a_refusal_widens_the_margin_and_success_shrinks_it():
    """Doubled at once, back slowly, never below where it began."""
    window = RollingWindow(Rate(10, 1.0))
    window.throttled(0.0)
    wide = window.margin_s
    window.accepted()

    assert wide == 2 * least_margin_s(1.0)
    assert least_margin_s(1.0) < window.margin_s < wide


def test_a_short_window_has_a_short_margin():
    """A hundredth, so that as much of it is used; of HubSpot's it is 80 ms."""
    window = RollingWindow(Rate(100, 10.0))
    true = window.margin_s
    window.learn(Allowance(100, 100, 2.0), 0.0, 0.0)

    assert (true, window.margin_s) == (0.080, 0.020)


def test_the_portals_headers_change_limit_and_interval():
    """``auto`` follows them; a rate of the user's own does not."""
    auto, own = RollingWindow(Rate()), RollingWindow(Rate(50, 10.0, follows=False))
    for window in (auto, own):
        window.learn(Allowance(190, 190, 5.0), 0.0, 0.0)

    assert (auto.limit, auto.interval_s) == (190, 5.0)
    assert (own.limit, own.interval_s) == (50, 10.0)


def test_what_others_use_of_the_window_is_left_to_them():
    """``Remaining`` below what we used means that somebody else is there.

    A little more is left, for them to grow into; it shows in the next headers.
    """
    window = RollingWindow(Rate(100, 10.0))
    for _ in range(10):
        window.sent(0.0)
    window.learn(Allowance(100, 50, 10.0), 0.0, 0.0)

    assert window.allowed(0.0) == 60 - 2
    assert window.allowed(20.0) == 100


def test_one_request_more_or_less_is_nobody():
    """Travel times make it seem so now and then."""
    window = RollingWindow(Rate(100, 10.0))
    window.learn(Allowance(100, 99, 10.0), 0.0, 0.0)

    assert window.allowed(0.0) == 100


def test_what_left_the_window_just_now_is_ours_still():
    """A send arrives later than it is logged, so the portal counts it for longer."""
    window = RollingWindow(Rate(100, 10.0))
    for _ in range(10):
        window.sent(0.0)
    window.learn(Allowance(100, 90, 10.0), 10.01, 10.01)

    assert window.allowed(10.01) == 100


def test_what_leaves_later_than_its_turn_counts_from_then():
    """A row may take a moment to be on disk; the next window begins after it."""
    window = RollingWindow(Rate(1, 10.0))
    window.sent(0.0)
    window.left(0.0, 2.0)

    assert window.wait(11.0) == pytest.approx(1.0 + window.margin_s)


def test_what_leaves_very_late_is_still_counted():
    """Its turn is forgotten by then; the portal sees it all the same."""
    window = RollingWindow(Rate(2, 10.0))
    window.sent(0.0)
    window.sent(11.9)
    window.left(0.0, 12.0)

    assert window.used(12.0) == 2
    assert window.wait(12.0) > 0


def test_an_answer_knows_better_when_its_request_left():
    """A new connection takes several round trips before the first byte leaves."""
    clock = Clock()
    limiter = a_limiter(clock, Rate(1, 10.0))
    assert limiter.window is not None
    limiter.window.sent(100.0)
    limiter.learn(None, 100.0, 100.4)

    assert limiter.window.wait(110.0) == pytest.approx(0.4 + limiter.window.margin_s)


def test_a_refusal_beside_others_leaves_more_requests_to_them():
    """Not more time: the margin is for our own travel times."""
    window = RollingWindow(Rate(100, 10.0))
    window.learn(Allowance(100, 50, 10.0), 0.0, 0.0)
    window.throttled(1.0)
    refused = window.allowed(1.0)
    for _ in range(500):
        window.accepted()

    assert refused == 100 - 50 - 4
    assert window.allowed(1.0) == 100 - 50 - 2
    assert window.margin_s == least_margin_s(10.0)


def test_a_refusal_after_the_limit_fell_teaches_nothing_more():
    """The headers have told of it, and the log has what was sent before."""
    window = RollingWindow(Rate(100, 10.0))
    window.learn(Allowance(50, None, 10.0), 0.0, 0.0)
    window.throttled(1.0)

    assert window.margin_s == least_margin_s(10.0)


@pytest.mark.parametrize("odd", [Allowance(0, 5, 10.0), Allowance(None, 5, -1.0)])
def test_odd_headers_change_nothing(odd):
    """A limit of nothing would stop the load for ever."""
    window = RollingWindow(Rate())
    window.learn(odd, 0.0, 0.0)

    assert (window.limit, window.interval_s) == (100, 10.0)


def test_a_limit_that_falls_and_rises_again_never_lets_more_through():
    """What was sent under the higher limit still counts."""
    window, now = RollingWindow(Rate(10, 1.0)), 100.0
    for limit in (10, 4, 10):
        window.learn(Allowance(limit, None, 1.0), now, now)
        for _ in range(10):
            if not window.wait(now):
                window.sent(now)

    assert window.used(now) == 10


def test_a_header_beyond_belief_is_not_followed():
    """A million requests a millisecond would be no limit at all."""
    window = RollingWindow(Rate())
    window.learn(Allowance(999_999_999, None, 0.001), 0.0, 0.0)

    assert (window.limit, window.interval_s) == (100, 10.0)


def a_limiter(clock: Clock, rate: Rate | None = None) -> Limiter:
    return Limiter(rate, stop=Stop(), now=clock, chance=random.Random(1))


def test_one_episode_of_refusals_pauses_once():
    """Answers to requests sent before the pause began do not pause again."""
    clock = Clock()
    limiter = a_limiter(clock)
    first = limiter.throttled(999.0, None)
    second = limiter.throttled(999.5, None)
    clock.now += 10
    third = limiter.throttled(1009.0, None)

    assert 1.0 <= first <= 1.25
    assert second == 0.0
    assert 2.0 <= third <= 2.5


def test_where_a_window_is_kept_the_first_pause_is_shorter():
    """Little was amiss: some travel time strayed, or somebody else came."""
    limiter = a_limiter(Clock(), Rate())

    assert 0.5 <= limiter.throttled(999.0, None) <= 0.5 * 1.25


def test_retry_after_is_honoured_and_capped():
    """With jitter, so that several loads do not come back together."""
    clock = Clock()

    assert 7.0 <= a_limiter(clock).throttled(999.0, 7.0) <= 7.0 * 1.25
    assert a_limiter(clock).throttled(999.0, 86_400.0) <= 60.0 * 1.25


def test_a_retry_after_of_nothing_is_believed_once():
    """The portal that refuses again at once is given more time than it asks for."""
    clock = Clock()
    limiter = a_limiter(clock)
    pauses: list[float] = []
    for _ in range(4):
        pauses.append(limiter.throttled(clock.now, 0.0))
        clock.now += 100

    assert pauses[0] == 0.0
    assert pauses[1] >= 1.0
    assert pauses == sorted(pauses)


async def test_a_longer_retry_after_of_the_same_episode_is_honoured():
    """Two answers to requests sent together: the longer wait counts."""
    clock = Clock()
    limiter = a_limiter(clock)
    limiter.throttled(clock.now, 1.0)
    limiter.throttled(clock.now - 1, 30.0)
    clock.now += 20

    assert limiter._wait(clock.now) > 0


async def test_a_stop_ends_the_wait_for_a_turn():
    """Nobody sends once the run is asked to stop."""
    clock = Clock()
    stop = Stop()
    limiter = Limiter(Rate(1, 3600.0), stop=stop, now=clock, chance=random.Random(1))
    assert await limiter.turn() == 1000.0
    stop.interrupt("test")

    assert await limiter.turn() is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("auto", Rate(100, 10.0)),
        ("none", None),
        ("190/10s", Rate(190, 10.0, follows=False)),
        ("5/0.5s", Rate(5, 0.5, follows=False)),
        ("9/s", Rate(9, 1.0, follows=False)),
    ],
)
def test_rates_are_written_as_requests_per_seconds(text, rate):
    """``auto``, ``none``, or a count and a time."""
    assert rate == parse_rate(text)


@pytest.mark.parametrize("text", ["", "fast", "0/10s", "10/0s", "10", "-1/s", "1/10m"])
def test_what_is_no_rate_is_refused_with_an_example(text):
    """The message says what to write."""
    with pytest.raises(UsageError, match="190/10s"):
        parse_rate(text)
