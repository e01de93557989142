"""A mistake against seeds, until it is surely killed."""

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from types import FrameType

from bench.simulation import simulate

from .board import BOARD

#: killing seeds after which a mistake is surely killed
ENOUGH = 3
#: a mistake may keep a schedule from ending; an honest one takes milliseconds
LONGEST_S = 20.0
#: the row of the product as it is: it must live
CONTROL = "control"


class NoEnd(KeyboardInterrupt):
    """The schedule does not end; passes through whatever catches errors."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one mistake."""

    name: str
    #: schedules run, and those of them that noticed it
    seeds: int
    kills: int
    #: the first seed that noticed it (a check needs none), and what was said
    first_seed: int | None
    finding: str | None

    @property
    def killed(self) -> bool:
        """It was noticed."""
        return self.kills > 0


def try_control(seeds: Sequence[int]) -> Trial:
    """Run the product as it is."""
    return _tried(CONTROL, seeds, partial(_guarded, _finding), enough=None)


def try_mutant(name: str, seeds: Sequence[int], *, enough: int | None) -> Trial:
    """Run one mistake, seed after seed; a check has but one schedule.

    A mistake that makes a schedule fail in any other way is noticed, too: an error
    that nobody expects, or no end. A seed that the product does not pass proves
    nothing.
    """
    mutant = BOARD[name]
    check = mutant.check

    def finding(seed: int) -> str | None:
        with mutant.on():
            found = _guarded(_finding, seed) if check is None else check()
        return found if found and (check or _passes(seed)) else None

    if check is None:
        return _tried(name, seeds, finding, enough=enough)
    return replace(_tried(name, seeds[:1], finding, enough=1), first_seed=None)


def _tried(
    name: str,
    seeds: Sequence[int],
    finding: Callable[[int], str | None],
    *,
    enough: int | None,
) -> Trial:
    run = kills = 0
    first: tuple[int, str] | None = None
    for seed in seeds:
        found = finding(seed)
        run += 1
        if found is None:
            continue
        kills += 1
        first = first or (seed, found)
        if kills == enough:
            break
    seed_of, words = first or (None, None)
    return Trial(name, run, kills, seed_of, words)


@cache
def _passes(seed: int) -> bool:
    """Whether the product itself passes a seed."""
    return _guarded(_finding, seed) is None


def _finding(seed: int) -> str | None:
    """Return the first violation of a schedule."""
    report = simulate(seed)
    return report.violations[0] if report.violations else None


def _guarded(finding: Callable[[int], str | None], seed: int) -> str | None:
    try:
        with _limited():
            return finding(seed)
    except NoEnd:
        return f"I9: no end within {LONGEST_S:.0f} s of real time"
    except Exception as error:  # noqa: BLE001 - a mistake may break anything
        return f"raised {type(error).__name__}: {error}"


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Interrupt what takes too long."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise NoEnd

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
