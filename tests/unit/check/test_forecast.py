"""What a load would take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.check.forecast import Requests, forecast
from loader.model.catalogue import Usage
from loader.model.settings import Rate
from loader.pipeline.batcher import WIRE_OVERHEAD, Batcher, Bounds
from tests.conftest import records


@given(st.integers(0, 40), st.integers(1, 7), st.integers(1000, 4000))
def test_requests_are_counted_as_the_batcher_makes_them(
    number: int, inputs: int, body_bytes: int
):
    """By inputs, and by bytes."""
    requests = Requests(inputs=inputs, body_bytes=body_bytes, overhead=WIRE_OVERHEAD)
    made = records(number)
    batcher = Batcher(Bounds(inputs, body_bytes))

    for each in made:
        requests.add(len(each.content))
    batches = [*batcher.feed(made), *batcher.seal()]

    assert requests.number == len(batches)


def filled(number: int) -> Requests:
    """Return requests that so many records fill."""
    requests = Requests(inputs=1, body_bytes=1 << 20, overhead=0)
    for _ in range(number):
        requests.add(500)
    return requests


@pytest.mark.parametrize(
    ("usage", "daily", "is_known", "days"),
    [
        (Usage(), 250_000, False, 1),
        (Usage(100, 0), 100, True, 10),
        (Usage(1000, 1), 1000, True, 2),
        (Usage(1000, 0), 1000, True, 1),
        (Usage(1000, 5000), 1000, True, 2),
    ],
)
def test_the_day_is_the_portals_or_the_smallest_there_is(
    usage: Usage, daily: int, is_known: bool, days: int
):
    """What others have used of it today counts."""
    told = forecast(
        filled(1000), lines=1000, records=1000, batch_size=1, rate=Rate(), usage=usage
    )

    assert (told.daily_limit, told.daily_limit_known) == (daily, is_known)
    assert told.days == days
    assert told.daily_share == 1000 / daily


def test_time_follows_from_the_rate():
    """A thousand requests at 100 in ten seconds take as long as 999 waits."""
    told = forecast(
        filled(1000), lines=1, records=1, batch_size=1, rate=Rate(), usage=Usage()
    )
    unlimited = forecast(
        filled(1000), lines=1, records=1, batch_size=1, rate=None, usage=Usage()
    )

    assert told.seconds == 99.9
    assert unlimited.seconds is None
