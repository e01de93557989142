"""What the requests of a run have met, counted on their way to the portal."""

import pytest

from loader.model.meter import BUCKETS_S, OTHER, Meter
from loader.model.verdict import (
    Doubt,
    Failed,
    Found,
    Halt,
    HaltReason,
    Oversized,
    Proof,
    Refusal,
    Reply,
    Unclear,
    Unsent,
    Wait,
)
from loader.pipeline.metered import Metered


class Answers:
    """A portal that takes a second for its one answer."""

    def __init__(self, verdict) -> None:
        self.reply = Reply(verdict)
        self.now = 10.0

    def __call__(self) -> float:
        return self.now

    async def create(self, records):
        self.now += 1.0
        return self.reply

    async def read(self, trace_ids, *, archived):
        self.now += 1.0
        return self.reply


@pytest.mark.parametrize(
    ("verdict", "meaning", "error"),
    [
        (Proof({}), "ok", None),
        (Found({}), "ok", None),
        (Wait("DAILY"), "throttled", "throttled (DAILY)"),
        (Unsent("no name"), "unsent", "not sent (no name)"),
        (Doubt("HTTP 502"), "failed", "HTTP 502"),
        (Failed("HTTP 503"), "failed", "HTTP 503"),
        (Unclear("HTTP 400"), "failed", "HTTP 400"),
        (Halt(HaltReason.UNAUTHORIZED, "no"), "halted", "unauthorized"),
        (Oversized("HTTP_413", "large"), "refused", "refused (HTTP_413)"),
        (Refusal("CONFLICT", "taken"), "refused", "refused (CONFLICT)"),
    ],
)
async def test_an_answer_is_counted_and_given_on_as_it_is(verdict, meaning, error):
    """By what was asked, with its time; the meter decides nothing."""
    portal, meter = Answers(verdict), Meter()
    metered = Metered(portal, meter, now=portal)
    created = await metered.create([])
    read = await metered.read(["a"], archived=False)

    assert created is read is portal.reply
    assert dict(meter.answers) == {("create", meaning): 1, ("read", meaning): 1}
    assert dict(meter.errors) == ({error: 2} if error else {})
    assert (meter.latency(), meter.seconds) == (1.0, 2.0)
    assert meter.buckets[BUCKETS_S.index(1.0)] == 2


def test_kinds_of_errors_and_their_names_are_bounded():
    """A portal may invent any number of them, of any length."""
    meter = Meter()
    for number in range(1000):
        meter.failed(f"{number} " + "x" * 1000)

    assert len(meter.errors) == 21
    assert meter.errors[OTHER] == 980
    assert max(map(len, meter.errors)) == 80


def test_the_median_and_the_slowest_are_told_apart():
    """Of the recent answers only; none is no time."""
    meter = Meter()
    assert meter.latency() is None
    for second in range(1000):
        meter.answered("create", "ok", float(second), None)

    assert meter.latency() == 950.0
    assert meter.latency(0.95) == 995.0
