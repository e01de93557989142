"""From the rows of a history to runs, and to steps that can be drawn.

The times of all runs are put one behind the other: nights between runs would press a
plot flat. Rates are differences within a run; what happened between the last row of a
run that was cut off and the first of the next is in no step.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from .facts import RunFacts, Step
from .history import REFUSED, Row

#: steps of a plot, and rows of the table beside it
STEPS = 150
FEW = 24
#: rates over less time say nothing
_SHORTEST_S = 0.05


def runs_of(rows: Iterable[Row]) -> list[list[Row]]:
    """Part the rows by runs; each begins with its ``began``, unless that is lost."""
    runs: list[list[Row]] = []
    for row in rows:
        if row.run == "began" or not runs:
            runs.append([])
        runs[-1].append(row)
    return runs


def run_facts(runs: Iterable[Sequence[Row]]) -> list[RunFacts]:
    """Say when each run was, how it ended, and what it did.

    What a run that was cut off did after its last row is found by the next one, and
    counted as that one's.
    """
    facts: list[RunFacts] = []
    settled = requests = 0
    for rows in runs:
        last = rows[-1]
        told = last.run == "ended"
        counted = _counted(rows)
        end = counted[-1] if counted else Row(at=last.at)
        facts.append(
            RunFacts(
                began_at=rows[0].at,
                ended_at=last.at if told or len(rows) > 1 else None,
                ending=last.ending if told else "cut off",
                reason=last.reason,
                settled=max(0, end.settled - settled),
                requests=max(0, end.requests - requests),
            )
        )
        if counted:
            settled, requests = end.settled, end.requests
    return facts


def _counted(run: Iterable[Row]) -> list[Row]:
    """Return the rows with counts: the others say only that a run began or failed."""
    return [row for row in run if row.run != "began" and row.ending != REFUSED]


@dataclass(frozen=True, slots=True)
class _Interval:
    """From one row of a run to the next, on the axis of all runs."""

    run: int
    start: float
    end: float
    before: Row
    after: Row


def _intervals(runs: Iterable[Sequence[Row]]) -> Iterator[_Interval]:
    spent = 0.0
    for number, run in enumerate(runs, start=1):
        for before, after in pairwise(_counted(run)):
            if (took := after.seconds - before.seconds) >= _SHORTEST_S:
                yield _Interval(number, spent, spent + took, before, after)
                spent += took


def steps_of(runs: Iterable[Sequence[Row]], *, most: int = STEPS) -> list[Step]:
    """Return how the load went, in ``most`` steps or little more."""
    intervals = list(_intervals(runs))
    if not intervals:
        return []
    width = intervals[-1].end / most
    steps: list[Step] = []
    pending: list[_Interval] = []
    for each in intervals:
        if pending and pending[-1].run != each.run:
            steps.append(_step(pending))
            pending = []
        pending.append(each)
        if each.end - pending[0].start >= width:
            steps.append(_step(pending))
            pending = []
    return [*steps, _step(pending)] if pending else steps


def _step(intervals: Sequence[_Interval]) -> Step:
    first, last = intervals[0].before, intervals[-1].after
    # a run's last row does not say what was allowed
    limited = [each.after for each in intervals if each.after.rate_limit] or [first]
    allowed = limited[-1]
    errors: Counter[str] = Counter()
    for each in intervals:
        errors.update(each.after.errors)
    return Step(
        run=intervals[0].run,
        start=round(intervals[0].start, 3),
        end=round(intervals[-1].end, 3),
        settled=max(0, last.settled - first.settled),
        requests=max(0, last.requests - first.requests),
        throttled=max(0, last.throttled - first.throttled),
        allowed=allowed.rate_limit / allowed.rate_interval_s
        if allowed.rate_limit and allowed.rate_interval_s
        else None,
        window_s=allowed.rate_interval_s,
        created=last.created,
        existing=last.existing,
        rejected=last.rejected,
        in_doubt=last.in_doubt,
        errors=dict(errors),
    )


def coarser(steps: Sequence[Step], *, most: int = FEW) -> list[Step]:
    """Return the same in fewer steps, for a table."""
    if not steps:
        return []
    width = steps[-1].end / most
    joined: list[Step] = []
    pending: list[Step] = []
    for step in steps:
        if pending and pending[-1].run != step.run:
            joined.append(_joined(pending))
            pending = []
        pending.append(step)
        if step.end - pending[0].start >= width:
            joined.append(_joined(pending))
            pending = []
    return [*joined, _joined(pending)] if pending else joined


def _joined(steps: Sequence[Step]) -> Step:
    errors: Counter[str] = Counter()
    for step in steps:
        errors.update(step.errors)
    return msgspec.structs.replace(
        steps[-1],
        start=steps[0].start,
        settled=sum(step.settled for step in steps),
        requests=sum(step.requests for step in steps),
        throttled=sum(step.throttled for step in steps),
        errors=dict(errors),
    )


def errors_of(runs: Iterable[Sequence[Row]]) -> dict[str, int]:
    """Return failed requests by kind, the most frequent first."""
    errors: Counter[str] = Counter()
    for run in runs:
        for row in run:
            errors.update(row.errors)
    return dict(errors.most_common())
