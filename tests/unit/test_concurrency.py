"""How many in flight: what each kind of answer does to the limit."""

import itertools

import pytest

from loader.pipeline.concurrency import START, Concurrency, Sign

FINE, TROUBLE, NOTHING = Sign.FINE, Sign.TROUBLE, Sign.NOTHING


class Rounds:
    """Sends as many as may be, and has them answered a latency later, all at once."""

    def __init__(self, most: int = 64) -> None:
        self.learnt = Concurrency(most)
        self.now = 0.0
        #: seconds in which the rows of the next requests are written
        self.idle = 0.0

    def go(
        self,
        latency: float = 1.0,
        signs: tuple[Sign, ...] = (FINE,),
        *,
        sends: int = 1000,
        pace: float | None = None,
    ) -> int:
        """One round trip; the signs are dealt out in turn. Returns the new limit."""
        learnt, sent_at = self.learnt, self.now + self.idle
        count = 0
        while learnt.has_room and count < sends:
            learnt.placed()
            learnt.left(sent_at)
            count += 1
        if not learnt.has_room:
            learnt.wanted()
        self.now = sent_at + latency
        for number in range(count):
            sign = signs[number % len(signs)]
            learnt.answered(sign, sent_at=sent_at, now=self.now, pace=pace)
        return int(learnt.limit)

    def desks(self, desks: int, rounds: int) -> list[int]:
        """A portal that works on so many at a time, a second each."""
        return [
            self.go(max(1.0, int(self.learnt.limit) / desks)) for _ in range(rounds)
        ]


def test_it_doubles_while_more_brings_more():
    """A climb is judged in the round trip after the one in which it settles."""
    rounds = Rounds()

    assert [rounds.go() for _ in range(8)][-1] == 64


def test_what_is_not_used_does_not_grow():
    """Nobody waits: the rate, or the source, is what limits."""
    rounds = Rounds()

    assert [rounds.go(sends=5) for _ in range(20)] == [START] * 20


def test_to_wait_for_a_moment_is_no_reason_to_grow():
    """All leave at once, and half of the time their rows are being written."""
    rounds = Rounds()
    rounds.idle = 1.0
    limits = [rounds.go(1.0) for _ in range(20)]

    assert max(limits) <= 2 * START  # nothing was before the first
    assert limits[-1] == START


def test_a_portal_that_halts_for_a_moment_is_no_reason_to_grow():
    """Two fifths of a second in which nothing but waiting requests is to be seen."""
    rounds = Rounds()
    rounds.idle = 0.02
    limits = [rounds.go(0.02) for _ in range(20)]
    rounds.idle = 0.0
    limits += [rounds.go(0.04) for _ in range(10)]
    lasting = [rounds.go(0.04) for _ in range(10)]

    assert set(limits[10:]) == {START}
    assert max(lasting) > START


def test_what_is_not_used_any_more_is_given_back():
    """Bit by bit, and never below the start."""
    rounds = Rounds()
    for _ in range(8):
        rounds.go()
    before = int(rounds.learnt.limit)
    limits = [rounds.go(sends=5) for _ in range(60)]

    assert before == 64
    assert list(dict.fromkeys(limits)) == [64, 51, 40, 32, 26, 20, 16]


def test_what_is_used_is_not_given_back():
    """Somewhat more, for it is not always as much."""
    rounds = Rounds()
    for _ in range(8):
        rounds.go()
    limits = [rounds.go(sends=30) for _ in range(60)]

    assert limits[-1] == 45


def test_what_the_rate_needs_is_not_given_back():
    """A source that pauses takes nothing from the rate that is allowed after it."""
    rounds = Rounds()
    rounds.go(2.0, pace=25.0)
    limits = [rounds.go(2.0, pace=25.0, sends=1) for _ in range(20)]

    assert limits == [50] * 20


def test_what_the_rate_needs_is_allowed_at_once():
    """Little: 25 a second at two seconds each are 50 in flight."""
    rounds = Rounds()

    assert rounds.go(2.0, pace=25.0) == 50


def test_a_bound_is_a_bound():
    """``--workers`` is never exceeded, not even at the start."""
    rounds = Rounds(most=3)

    assert {rounds.go() for _ in range(20)} == {3}


@pytest.mark.parametrize(
    ("signs", "left"),
    [
        ((TROUBLE,) + (FINE,) * 15, 0.9),
        ((TROUBLE, TROUBLE) + (FINE,) * 2, 0.75),
        ((TROUBLE,), 0.5),
    ],
)
def test_trouble_takes_as_much_as_there_is_of_it(signs, left):
    """A tenth at least, a half at most, once for all answers of a round trip."""
    rounds = Rounds()

    assert rounds.go(signs=signs) == int(START * left)


def test_where_trouble_began_growth_is_one_by_one():
    """And it doubles up to there."""
    rounds = Rounds()
    rounds.go(signs=(TROUBLE,))
    grown = [rounds.go(0.1) for _ in range(60)]

    assert grown[-1] > 36
    steps = [after - before for before, after in itertools.pairwise(grown)]
    assert max(steps[grown.index(36) :]) == 1


def test_trouble_is_forgotten_after_a_while():
    """What was the matter then may be over."""
    rounds = Rounds()
    rounds.go(signs=(TROUBLE,))
    rounds.now += 1000.0

    assert [rounds.go() for _ in range(12)][-1] == 64


def test_trouble_of_one_that_is_alone_is_not_for_their_number():
    """The portal is down, and one request at a time probes it."""
    rounds = Rounds()
    for _ in range(50):
        rounds.go(signs=(TROUBLE,), sends=1)

    assert rounds.learnt.limit == START


def test_what_says_nothing_changes_nothing():
    """A refusal for the rate is the limiter's."""
    rounds = Rounds()

    assert [rounds.go(signs=(NOTHING,)) for _ in range(5)] == [START] * 5
    assert rounds.learnt.in_flight == 0


def test_a_climb_that_does_not_pay_is_taken_back():
    """Twenty desks: forty in flight wait for each other; and then it rests."""
    limits = Rounds().desks(20, 60)

    assert max(limits) <= 40
    assert limits[-1] <= 25


def test_less_is_tried_where_more_has_made_it_slow():
    """The portal had room for many; now it works on eight at a time."""
    rounds = Rounds()
    for _ in range(8):
        rounds.go()
    before = int(rounds.learnt.limit)

    assert before == 64
    assert rounds.desks(8, 120)[-1] <= 10


def test_slow_answers_alone_take_nothing_away():
    """Three times as slow for everyone, however many are in flight."""
    rounds = Rounds()
    for _ in range(8):
        rounds.go(0.5)
    limits = [rounds.go(1.5) for _ in range(100)]

    assert min(limits[-10:]) >= 50


def test_what_was_judged_is_void_once_the_portal_is_another():
    """After a rest that would have been long, growth is bold again."""
    rounds = Rounds()
    rounds.desks(16, 60)
    stuck = int(rounds.learnt.limit)
    grown = [rounds.go(0.2) for _ in range(20)]

    assert stuck < 32
    assert grown[-1] == 64


def test_an_answer_in_no_time_divides_by_nothing():
    """A clock may stand still for a whole round trip."""
    rounds = Rounds()

    assert [rounds.go(0.0) for _ in range(20)][-1] == 2 * START
