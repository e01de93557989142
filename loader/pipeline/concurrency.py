"""How many requests may be in flight: as many as help, and not one more.

After the adaptive concurrency of Vector and of TCP. The limit grows while it binds, and
only as long as more in flight brings more through:

* a portal in trouble (5xx, 423, no answer, a 429 that no rate explains) takes a tenth
  to a half of it, once for each round trip, as so many of its answers were trouble;
* growth doubles up to where trouble began, and is one a round trip beyond; at once to
  what the allowed rate needs (Little: rate x response time) while nothing speaks
  against it;
* a climb is judged: if the responses have become so slow that less than half of the
  growth came through, it is taken back, and the next one waits. After that, where
  responses are slower than they were at best, less is tried in the same way;
* a limit that does not bind is given back, down to what is used or the rate needs. It
  binds when nearly all of it is on its way all the time, and for a while, or when it is
  less than the rate needs: that requests wait for a moment, as they do where many are
  ready at once, the portal halts or the ledger's disk does, says nothing. Else a limit
  that nobody needs would be filled by the next halt, and memory with it.

So slow answers alone take nothing away, only slow answers that more in flight has
caused: a portal that needs two seconds for everything gets what its rate needs.
A plain structure: times are parameters.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

#: in flight at the start, before anything is known
START = 16
#: what trouble takes of the limit: at least, and at most
_LEAST_CUT, _MOST_CUT = 0.1, 0.5
#: trouble of so few is not for their number: the portal is down, or one is probing it
_FEW = 2
#: trouble is forgotten after so long, in seconds
_FORGET_S = 30.0
#: growth in a round trip: at first, and after a climb that did not pay
_BOLD, _CAREFUL = 2.0, 1.25
#: what is tried when less may do, or left in a round trip when less was used
_EASED = 0.8
#: part of the time that its places are taken when the limit binds
_BINDING = 0.9
#: a portal that halts makes it bind for a while; so long, in seconds, is none
_LASTING_S = 0.5
#: a limit that does not bind leaves so much more than is used
_AIR = 1.5
#: more than the rate needs on average is in flight while slow answers come together
_STRAY = 3.0
#: throughput that an eased limit must keep
_KEPT = 0.95
#: responses so much slower than at best are worth trying with less, and so much
#: slower or faster than at the last judgement make it void
_SLOWER, _OTHER = 1.5, 1.5
#: round trips from a judgement against a step to the next step; doubles
_REST, _LONGEST_REST = 4, 64
#: round trips after a step was taken back that still show it
_MIXED = 2
#: no response is faster than what a clock can tell, in seconds
_INSTANT_S = 1e-6
#: answers that make a mean response time
_ENOUGH = 8


class Sign(Enum):
    """What an answer says of the load that we put on the portal."""

    #: it works
    FINE = auto()
    #: it may be too much
    TROUBLE = auto()
    #: nothing: it was not sent, or was refused for another reason
    NOTHING = auto()


@dataclass(slots=True)
class _Round:
    """A round trip: so many answers to requests that were sent since it began.

    What changes: what the answers said.
    """

    began: float
    size: int
    answers: int = 0
    troubled: int = 0
    fine: int = 0
    seconds: float = 0.0
    #: some request had to wait for the limit
    full: bool = False
    #: requests on their way, and places there were for them, each times the seconds
    away: float = 0.0
    places: float = 0.0

    @property
    def latency(self) -> float:
        """The mean response time, in seconds."""
        return max(_INSTANT_S, self.seconds / self.fine)

    @property
    def use(self) -> float:
        """The part of the places whose requests were on their way, 0 to 1."""
        return self.away / self.places if self.places > 0 else 1.0


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a change of the limit began."""

    limit: float
    latency: float
    #: a round trip has passed since, in which queues grew or shrank
    settled: bool = False


class Concurrency:
    """The limit of requests in flight.

    What changes: ``limit``, how many are ``in_flight``, those that wait for their row
    in the ledger among them, the round trip at hand, and what was learnt: where trouble
    began, the step being tried, what it must beat.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(min(START, most))
        self.in_flight = 0
        self._away = 0
        self._told_at: float | None = None
        self._round = _Round(float("-inf"), _ENOUGH)
        self._ceiling = float(most)
        self._troubled_at = float("-inf")
        self._is_troubled = False
        self._bound_since: float | None = None
        self._step: _Step | None = None
        self._stride = _BOLD
        self._less_next = False
        #: response times of full round trips: at best, and at the last judgement
        self._best: float | None = None
        self._judged: float | None = None
        self._rest, self._next_rest = 0, _REST
        self._mixed = 0

    @property
    def has_room(self) -> bool:
        """One more may leave."""
        return self.in_flight < int(self.limit)

    def wanted(self) -> None:
        """A request is ready to leave and waits for the limit."""
        self._round.full = True

    def placed(self) -> None:
        """A request takes its place; it leaves once it may."""
        self.in_flight += 1

    def left(self, now: float) -> None:
        """It leaves."""
        self._pass_to(now)
        self._away += 1

    def answered(
        self, sign: Sign, *, sent_at: float | None, now: float, pace: float | None
    ) -> None:
        """Take an answer; ``pace`` is how many requests a second the rate allows.

        What never left has no ``sent_at``, and none of the answers of a portal.
        """
        self._pass_to(now)
        in_flight, self.in_flight = self.in_flight, self.in_flight - 1
        self._away -= sent_at is not None
        current = self._round
        if sign is Sign.NOTHING or sent_at is None or sent_at < current.began:
            return
        if sign is Sign.TROUBLE and in_flight <= _FEW:
            return
        current.answers += 1
        if sign is Sign.TROUBLE:
            current.troubled += 1
        else:
            current.fine += 1
            current.seconds += now - sent_at
        if current.answers >= current.size:
            self._round = _Round(now, max(1, self.in_flight))
            self._conclude(current, now, pace or 0.0)

    def _pass_to(self, now: float) -> None:
        """Count what was on its way since something was last told."""
        since = 0.0 if self._told_at is None else now - self._told_at
        self._told_at = now
        self._round.away += self._away * since
        self._round.places += int(self.limit) * since

    def _conclude(self, ended: _Round, now: float, pace: float) -> None:
        """End a round trip."""
        if ended.troubled:
            self._shrink(ended.troubled / ended.answers, now)
            return
        self._is_troubled = False
        if now - self._troubled_at > _FORGET_S:
            self._ceiling = float(self.most)
        needed = _STRAY * ended.latency * pace
        is_scarce = self.limit < needed
        if not (ended.full and (ended.use >= _BINDING or is_scarce)):
            self._step = self._bound_since = None  # nothing to gain, or to judge
            self._give_back(ended.use * self.limit, needed)
            return
        if self._bound_since is None:
            self._bound_since = ended.began
        self._compare(ended)
        if self._step is not None:
            self._follow(self._step, ended.latency, pace)
        elif self._rest > 0:
            self._rest -= 1
        elif is_scarce or now - self._bound_since >= _LASTING_S:
            self._begin(ended.latency, pace)

    def _shrink(self, share: float, now: float) -> None:
        """Give way to trouble; growth becomes slow near where it began."""
        if not self._is_troubled:
            ceiling = min(self._ceiling, (self._ceiling + self.limit) / 2)
            self._ceiling = max(1.0, ceiling * (1 - _LEAST_CUT))
        self._is_troubled, self._troubled_at, self._step = True, now, None
        cut = min(_MOST_CUT, max(_LEAST_CUT, share / 2))
        self.limit = max(1.0, self.limit * (1 - cut))

    def _give_back(self, used: float, needed: float) -> None:
        """Let go, bit by bit, of what is not used; the start is kept."""
        least = max(float(START), _AIR * used, needed)
        self.limit = min(self.limit, max(least, self.limit * _EASED))

    def _compare(self, ended: _Round) -> None:
        """Remember the best response time; a portal that has changed begins anew."""
        if ended.fine < _ENOUGH:
            return
        latency, judged = ended.latency, self._judged
        if self._mixed:
            self._mixed -= 1
        elif judged and not 1 / _OTHER <= latency / judged <= _OTHER:
            self._stride, self._best, self._judged = _BOLD, None, None
            self._rest, self._next_rest, self._less_next = 0, _REST, False
        self._best = latency if self._best is None else min(self._best, latency)

    def _begin(self, latency: float, pace: float) -> None:
        """Take a step, and remember where it began."""
        before = self.limit
        may_ease = self._best is not None and latency > _SLOWER * self._best
        if may_ease and (self._less_next or before >= self.most):
            self.limit = max(1.0, before * _EASED)
        else:
            self._grow(latency * pace)
        self._step = _Step(before, latency) if self.limit != before else None

    def _grow(self, needed: float) -> None:
        """Grow by one, or faster below where trouble began."""
        limit = self.limit + 1
        if self.limit < self._ceiling:
            bold = needed if self._stride == _BOLD else 0.0
            fast = max(limit, self.limit * self._stride, bold)
            limit = max(limit, min(fast, self._ceiling))
        self.limit = min(limit, float(self.most))

    def _follow(self, step: _Step, latency: float, pace: float) -> None:
        """Go on with a step until it can be judged."""
        if 1.0 < self.limit / step.limit < _CAREFUL and self.limit < self.most:
            self._grow(latency * pace)  # too little to tell
        elif step.settled:
            self._judge(step, latency, pace)
        else:
            self._step = replace(step, settled=True)

    def _judge(self, step: _Step, latency: float, pace: float) -> None:
        """Keep a step that was worth it, take back one that was not."""
        more = self.limit / step.limit
        throughput = more * step.latency / latency
        self._step = None
        if throughput >= (_KEPT if more < 1.0 else (1.0 + more) / 2):
            self._next_rest = _REST
            self._less_next = more < 1.0
            if more > 1.0:
                self._stride = _BOLD
            self._begin(latency, pace)
            return
        self.limit = step.limit
        self._stride, self._less_next = _CAREFUL, more > 1.0
        self._judged = step.latency
        self._mixed, self._rest = _MIXED, self._next_rest
        self._next_rest = min(2 * self._next_rest, _LONGEST_REST)
