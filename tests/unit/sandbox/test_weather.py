"""Faults strike the requests they are meant for, the same every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.sandbox.faults import Latency, LostAnswer, LostRequest
from loader.sandbox.weather import Strike, Weather
from loader.sandbox.wire import Endpoint
from tests.unit.sandbox.desk import Clock


def strikes(
    *faults: LostAnswer | LostRequest | Latency,
    endpoints: list[Endpoint] | None = None,
    seed: int = 1,
) -> list[Strike]:
    """Give what befalls twelve creates, or other requests."""
    weather = Weather(faults, seed=seed, clock=Clock())
    return [weather.strike(each) for each in endpoints or [Endpoint.CREATE] * 12]


def struck(found: list[Strike]) -> list[int]:
    """Say which were struck, counted from 1."""
    return [place for place, each in enumerate(found, 1) if each.fault is not None]


def test_every() -> None:
    """Every n-th request is struck."""
    assert struck(strikes(LostAnswer(every=5))) == [5, 10]


def test_requests() -> None:
    """The named requests are struck."""
    assert struck(strikes(LostAnswer(requests=(3, 7)))) == [3, 7]


def test_all() -> None:
    """Without anything that narrows it, a fault strikes always."""
    assert len(struck(strikes(LostAnswer()))) == 12


def test_times() -> None:
    """A fault strikes so often at most."""
    assert struck(strikes(LostAnswer(every=2, times=2))) == [2, 4]


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [("create", [1]), ("properties", [2, 4]), ("any", [1, 2, 3, 4])],
)
def test_endpoint(endpoint: str, expected: list[int]) -> None:
    """A fault strikes requests of its endpoint only."""
    found = strikes(
        LostAnswer(endpoint=endpoint),
        endpoints=[
            Endpoint.CREATE,
            Endpoint.LIST_PROPERTIES,
            Endpoint.READ,
            Endpoint.ADD_GROUP,
        ],
    )

    assert struck(found) == expected


def test_time() -> None:
    """A fault strikes within its time, and counts also before it."""
    clock = Clock()
    weather = Weather((LostAnswer(every=2, after_s=3, until_s=7),), seed=1, clock=clock)

    found = []
    for _ in range(10):
        found.append(weather.strike(Endpoint.CREATE))
        clock.now += 1

    assert struck(found) == [4, 6]


@given(seed=st.integers(), share=st.floats(0, 1))
def test_share(seed: int, share: float) -> None:
    """Chance is the same for the same seed, whatever other faults there are."""
    fault = LostAnswer(share=share)

    alone = struck(strikes(fault, seed=seed))
    among = strikes(fault, Latency(share=0.5), seed=seed)

    assert struck(among) == alone


def test_share_of_many() -> None:
    """A share is about that part of the requests."""
    found = strikes(LostAnswer(share=0.1), endpoints=[Endpoint.CREATE] * 10_000)

    assert 900 < len(struck(found)) < 1100


def test_several() -> None:
    """Of several faults the first strikes; the second keeps its strikes for later."""
    found = strikes(LostAnswer(every=2), LostRequest(times=3))

    kinds = [type(each.fault).__name__ for each in found[:7]]
    assert kinds == [
        "LostRequest",
        "LostAnswer",
        "LostRequest",
        "LostAnswer",
        "LostRequest",
        "LostAnswer",
        "NoneType",
    ]


def test_delays() -> None:
    """Delays add up, and to whatever else strikes."""
    (found,) = strikes(
        Latency(mean_ms=100),
        LostAnswer(),
        Latency(mean_ms=50, jitter=0.5),
        endpoints=[Endpoint.CREATE],
    )

    assert isinstance(found.fault, LostAnswer)
    assert 0.125 <= found.delay_s <= 0.175
