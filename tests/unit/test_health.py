"""Backoff, breaker, patience: on a clock that stands still until it is moved."""

import asyncio
import random

import pytest

from loader.pipeline.backoff import BASE_S, CAP_S, full_jitter
from loader.pipeline.health import OPEN_AFTER, Health
from loader.pipeline.stop import Stop


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Least(random.Random):
    """Chance that always draws the least."""

    def uniform(self, a: float, b: float) -> float:
        return a


def a_health(clock: Clock, patience_s: float = 10.0) -> Health:
    return Health(now=clock, chance=Least(), patience_s=patience_s)


@pytest.mark.parametrize("failures", range(40))
def test_backoff_is_drawn_between_nothing_and_a_growing_ceiling(failures: int):
    """Full jitter: never above base times two to the n, never above the cap."""
    chance = random.Random(failures)
    waits = [full_jitter(failures, chance) for _ in range(50)]

    assert all(0 <= wait <= min(CAP_S, BASE_S * 2**failures) for wait in waits)
    assert (max(waits) > 0) == (failures > 0)


def test_patience_counts_from_the_first_failure_since_a_success():
    """One success, and it begins anew."""
    clock = Clock()
    health = a_health(clock)
    health.failed()
    clock.now = 9.0
    health.failed()
    assert not health.is_exhausted
    health.succeeded()
    clock.now = 18.0
    health.waited()
    assert not health.is_exhausted
    clock.now = 28.0

    assert health.is_exhausted


def test_being_asked_to_wait_is_no_failure():
    """A throttled portal is healthy; the breaker stays closed."""
    health = a_health(Clock())
    for _ in range(2 * OPEN_AFTER):
        health.waited()

    assert not health.is_open


async def test_an_open_breaker_lets_one_probe_through_at_a_time():
    """The others wait; the first success closes it for all."""
    health, stop = a_health(Clock()), Stop()
    for _ in range(OPEN_AFTER):
        health.failed()
    inside: list[int] = []
    most = 0

    async def pass_once(number: int) -> None:
        nonlocal most
        async with health.passage(stop):
            inside.append(number)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(number)

    await asyncio.gather(*(pass_once(number) for number in range(4)))
    assert most == 1
    probing = asyncio.create_task(pass_once(0))
    waiting = [asyncio.create_task(pass_once(number)) for number in range(1, 4)]
    while not inside:
        await asyncio.sleep(0)
    health.succeeded()  # those that waited for the probe go together
    await asyncio.gather(probing, *waiting)
    assert most > 1
    most = 0
    await asyncio.gather(*(pass_once(number) for number in range(4)))

    assert most > 1
    assert "closed" in repr(health)
