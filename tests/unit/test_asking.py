"""One endpoint asked about many calls, some of which the portal never speaks of."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from bench.simulation.clock import VirtualLoop
from loader.assembly.asking import Cost, Desk
from loader.assembly.portal import Pace
from loader.errors import Stopped
from loader.model.verdict import Failed, Found, ReadVerdict, Reply
from loader.pipeline.limiter import Limiter
from loader.pipeline.stop import Stop


class Portal:
    """Answers for every call, but not for those that are mute."""

    def __init__(self, mute: set[str]) -> None:
        self.mute = mute
        self.questions: list[tuple[str, ...]] = []

    async def ask(self, method: str, url: str, judge, body) -> Reply:
        self.questions.append(tuple(body))
        await asyncio.sleep(0.1)
        is_mute = not self.mute.isdisjoint(body)
        return Reply(Failed("HTTP 500") if is_mute else Found(dict.fromkeys(body, "")))


def asked(portal: Portal, calls: Sequence[str]) -> set[str]:
    """Ask about these calls as a reader does, on a virtual clock."""

    async def work() -> set[str]:
        stop, chance = Stop(), random.Random(7)
        now = asyncio.get_running_loop().time
        limiter = Limiter(None, stop=stop, now=now, chance=chance)
        desk = Desk(
            client=portal,
            pace=Pace(stop, limiter, chance, now),
            portal_id="1",
            in_flight=asyncio.Semaphore(4),
            patience_s=30.0,
            explain=str,
            cost=Cost(),
        )
        asker = desk.asker()

        async def ask(names: Sequence[str]) -> ReadVerdict:
            return await asker.ask("POST", "", lambda _: None, names)

        return await asker.each_answered(calls, ask, lambda _, verdict: verdict)

    loop = VirtualLoop(most_turns=100_000, latest=1e6)
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


@pytest.mark.parametrize(
    ("number", "place"), [(40, 0), (40, 20), (40, 39), (2, 0), (2, 1)]
)
def test_one_that_gets_no_answer_keeps_no_others(number: int, place: int):
    """Wherever it is, and though nobody else asks meanwhile."""
    calls = [str(each) for each in range(number)]
    portal = Portal({calls[place]})

    assert asked(portal, calls) == {calls[place]}


def test_several_that_get_no_answer_are_told_from_the_rest():
    """One after the other."""
    calls = [str(number) for number in range(12)]

    assert asked(Portal({"0", "1", "2", "11"}), calls) == {"0", "1", "2", "11"}


def test_a_portal_that_answers_nothing_ends_it():
    """No call is to blame for that."""
    calls = [str(number) for number in range(12)]

    with pytest.raises(Stopped, match="answered nothing for too long"):
        asked(Portal(set(calls)), calls)


def test_nothing_is_asked_beside_what_is_answered():
    """A portal in health has one question."""
    portal = Portal(set())
    asked(portal, ["1", "2"])

    assert portal.questions == [("1", "2")]
