"""The points of a chart: bounded, from the load's first moment to its last."""

import itertools

from loader.monitor.history import History, Point


def point(at: int) -> Point:
    return Point(
        at=at, created=at, existing=0, rejected=0, in_doubt=0, used=None, limit=None,
        latency_s=None, latency_p95_s=None, seconds_left=None, paused=False,
    )  # fmt: skip


def test_a_long_run_has_as_many_points_as_a_short_one():
    """Its first moment stays, and the distances are even."""
    history = History(most=10)
    for second in range(1000):
        history.add(point(second))
    times = [each.at for each in history.points]
    gaps = {after - before for before, after in itertools.pairwise(times)}

    assert len(times) <= 10
    assert times[0] == 0
    assert times[-1] > 800
    assert len(gaps) == 1


def test_a_short_run_keeps_every_point():
    """Nothing is thinned before it is much."""
    history = History(most=10)
    kept = [history.add(point(second)) for second in range(10)]

    assert all(kept)
    assert len(history.points) == 10
