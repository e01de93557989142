"""The invariants of the protocol, one function each, against the portal's truth.

I4 and I5 are about requests; the ``door`` checks them as requests leave. I11 is about
what is logged, and has tests of its own. The others are here. Each function gives a
sentence for every break it finds; ``check`` puts the invariant's number in front.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from loader.ledger.projection import OPEN_REASON
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.summary import Ending, Summary

from .lines import OUTSIDE, TITLE, Kind, Line
from .plan import TRACE
from .world import Call

SETTLED = (State.CREATED, State.EXISTING, State.REJECTED)
#: lines whose call belongs on the portal
_WANTED = (Kind.GOOD, Kind.PRESENT, Kind.MENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What there is to see after a life, or after the last."""

    #: the lines that this life could see, and all there will ever be
    lines: Sequence[Line]
    every_line: Sequence[Line]
    #: IDs whose batch was written although an answer spoke of a conflict: nobody can
    #: tell whether such a call was there before
    disputed: AbstractSet[str]
    trace_ids: Mapping[int, str]
    calls: Sequence[Call]
    rows: Sequence[Result]
    summary: Summary
    frontier: int
    #: what was settled at the end of earlier lives
    history: Mapping[int, Result]
    #: IDs that fell in doubt while they could not be asked for
    unaskable: AbstractSet[str]
    #: IDs that a sound answer named; None where answers do not name records
    named: AbstractSet[str] | None
    #: this life sends again unasked; some life so far has
    resend: bool
    resent: bool
    #: every life so far had the trace property
    always_keyed: bool
    #: how lines of a title were made good, and under which IDs
    mended: Mapping[str, Sequence[Line]] = field(
        default_factory=dict[str, Sequence[Line]]
    )
    mended_ids: AbstractSet[str] = frozenset()

    def by_title(self) -> dict[str, list[Call]]:
        """Return the calls of each title."""
        calls: dict[str, list[Call]] = {}
        for call in self.calls:
            calls.setdefault(call.properties.get(TITLE, ""), []).append(call)
        return calls


def i1_nothing_is_there_twice(view: View) -> Iterator[str]:
    """No trace ID has two objects, and no line has."""
    if view.resent:
        return  # at least once, by the user's word
    by_id = Counter(call.trace_id for call in view.calls if call.trace_id is not None)
    for name, number in by_id.items():
        if number > 1:
            yield f"{name} is on the portal {number} times"
    lines = Counter(line.title for line in view.every_line if line.kind in _WANTED)
    for title, calls in view.by_title().items():
        if len(calls) > lines[title] > 0:
            yield f"{title!r} is there {len(calls)} times, for {lines[title]} lines"


def i2_created_has_exactly_one(view: View) -> Iterator[str]:
    """Every line reported created has exactly one object, and no good line is lost."""
    there = {title: len(calls) for title, calls in view.by_title().items()}
    kinds = {line.number: line for line in view.lines}
    claimed = Counter(
        kinds[row.line].title
        for row in view.rows
        if row.state is State.CREATED and row.line in kinds
    )
    for title, number in claimed.items():
        if there.get(title, 0) < number:
            yield f"{title!r} is created {number} times, there {there.get(title, 0)}"
    for row in view.rows:
        line = kinds.get(row.line)
        if line is None or line.kind not in _WANTED:
            continue
        if row.state is State.REJECTED and line.kind is not Kind.MENDED:
            yield f"line {line.number} is lost: rejected ({row.category})"
        if row.state is State.EXISTING and not there.get(line.title):
            yield f"line {line.number} is lost: not there, but called existing"


def i2_settled_by_proof(view: View) -> Iterator[str]:
    """What is created or existing was named by a sound answer, or by a read."""
    if view.named is None:
        return
    for row in view.rows:
        said = row.state not in _THERE or row.trace_id in view.named
        if not said and row.duplicate_of is None:
            yield f"line {row.line} is {row.state.value}, and nothing proved it"


def i3_counts_add_up(view: View) -> Iterator[str]:
    """Every line is in exactly one state, and the counts say the same."""
    summary, total = view.summary, len(view.lines)
    if summary.lines != total:
        yield f"{summary.lines} lines are counted, there are {total}"
    counted = summary.created + summary.existing + summary.rejected + summary.in_doubt
    if counted + summary.unread != total or summary.unread < 0:
        yield f"{counted} and {summary.unread} unread do not make {total}"
    listed = Counter(row.state.value for row in view.rows)
    said = {
        "created": summary.created, "existing": summary.existing,
        "rejected": summary.rejected, "in_doubt": summary.in_doubt,
    }  # fmt: skip
    for state, number in said.items():
        if listed[state] != number:
            yield f"{number} are {state}, but {listed[state]} are listed"
    numbers = {line.number: line.offset for line in view.lines}
    seen = Counter(row.line for row in view.rows)
    for row in view.rows:
        if seen[row.line] > 1 or numbers.get(row.line) != row.offset:
            yield f"line {row.line} at {row.offset} is listed {seen[row.line]} times"


def i6_frontier_is_before_the_unsettled(view: View) -> Iterator[str]:
    """The frontier is not beyond the smallest unsettled offset."""
    rows = {row.line: row for row in view.rows}
    for line in view.lines:
        row = rows.get(line.number)
        is_open = row is None or row.message == OPEN_REASON
        is_own = line.first is None and line.kind is not Kind.MENDED
        if is_open and is_own and line.offset < view.frontier:
            yield f"the frontier {view.frontier} is past line {line.number}"


def i7_settled_stays(view: View) -> Iterator[str]:
    """A settled state never changes."""
    rows = {row.line: row for row in view.rows}
    for number, before in view.history.items():
        now = rows.get(number)
        if now is None or (now.state, now.object_id) != (
            before.state, before.object_id,
        ):  # fmt: skip
            state = None if now is None else now.state.value
            yield f"line {number} was {before.state.value}, and is {state}"


def i8_the_object_is_the_portals(view: View) -> Iterator[str]:
    """The recorded object is on the portal, and is this line's."""
    calls = {call.id: call for call in view.calls}
    lines = {line.number: line for line in view.lines}
    owners: dict[str, int] = {}
    for row in view.rows:
        if row.object_id is None:
            continue
        call, line = calls.get(row.object_id), lines.get(row.line)
        if call is None or line is None or call.properties.get(TITLE) != line.title:
            yield f"line {row.line} is not the object {row.object_id}"
        if row.duplicate_of is None:
            other = owners.setdefault(row.object_id, row.line)
            if other != row.line:
                yield f"lines {other} and {row.line} have one object"


def i10_the_portal_has_what_the_line_says(view: View) -> Iterator[str]:
    """Properties, associations and IDs on the portal equal the line's."""
    lines: dict[str, list[Line]] = {}
    for line in view.every_line:
        if line.kind in _WANTED:
            lines.setdefault(line.title, []).append(line)
    for call in view.calls:
        title = call.properties.get(TITLE, "")
        if call.trace_id is None or call.edited:
            continue  # somebody else's by now
        if title in lines:
            yield from _differences(call, lines[title], view)
        else:
            yield f"{title!r} is on the portal, and should not be"


def _differences(call: Call, lines: Sequence[Line], view: View) -> Iterator[str]:
    """Compare a call with the lines of its title."""
    line, title = lines[0], lines[0].title
    names = {view.trace_ids.get(each.number) for each in lines}
    if line.kind is Kind.MENDED:
        names |= view.mended_ids
    properties = dict(call.properties)
    carried = properties.pop(TRACE, None)
    ways = (line, *view.mended.get(title, ()))
    if properties not in [each.properties for each in ways]:
        yield f"the properties of {title!r} are not the line's"
    if call.associations != line.associations:
        yield f"the associations of {title!r} are not the line's"
    if call.trace_id not in names or carried not in (None, call.trace_id):
        yield f"{title!r} has the ID {call.trace_id}, carries {carried}"
    if carried is None and view.always_keyed:
        yield f"{title!r} does not carry its ID"


def i9_the_run_ends(view: View) -> Iterator[str]:
    """Once faults stop, the run ends: every line has the outcome it must have."""
    if view.summary.ending is not Ending.COMPLETE or not view.summary.finished:
        yield f"the last life is {view.summary.ending.value}: {view.summary.reason}"
    there = view.by_title()
    rows = {row.line: row for row in view.rows}
    for line in view.lines:
        row = rows.get(line.number)
        if row is None:
            yield f"line {line.number} has no outcome"
        elif row.state is State.IN_DOUBT and not _may_be_held(line, view):
            yield f"line {line.number} is held without need ({row.message})"
        elif not _may_be(line, row.state, view):
            yield f"line {line.number} ({line.kind.value}) is {row.state.value}"
        elif row.state in _THERE and line.title and not there.get(line.title):
            yield f"line {line.number} is lost"


def _may_be_held(line: Line, view: View) -> bool:
    """It was in doubt, nobody can ask for it, and it must not be sent again.

    Or it was sent again, and one of its values is taken: perhaps by itself.
    """
    first = view.every_line[(line.first or line.number) - 1]
    if view.trace_ids.get(first.number) not in view.unaskable:
        return False
    return not view.resend or OUTSIDE in first.properties


def _may_be(line: Line, state: State, view: View) -> bool:
    if line.kind is Kind.GOOD and state is State.EXISTING:
        return view.trace_ids[line.number] in view.disputed
    if line.kind is Kind.DUPLICATE and line.first and state is State.REJECTED:
        return view.every_line[line.first - 1].kind in (Kind.POISON, Kind.TAKEN)
    return state is State.IN_DOUBT or state in _EXPECTED[line.kind]


_EXPECTED = {
    Kind.GOOD: (State.CREATED,),
    Kind.PRESENT: (State.EXISTING,),
    Kind.POISON: (State.REJECTED,),
    Kind.TAKEN: (State.REJECTED,),
    Kind.MALFORMED: (State.REJECTED,),
    Kind.DUPLICATE: (State.EXISTING, State.REJECTED),
    Kind.CONTRARY: (State.REJECTED,),
}

_THERE = (State.CREATED, State.EXISTING)

Invariant = Callable[[View], Iterator[str]]
#: what holds at any moment, after any crash
ALWAYS: Sequence[tuple[str, Invariant]] = (
    ("I1", i1_nothing_is_there_twice),
    ("I2", i2_created_has_exactly_one),
    ("I2", i2_settled_by_proof),
    ("I3", i3_counts_add_up),
    ("I6", i6_frontier_is_before_the_unsettled),
    ("I7", i7_settled_stays),
    ("I8", i8_the_object_is_the_portals),
    ("I10", i10_the_portal_has_what_the_line_says),
)
#: what holds when all is over
AT_THE_END: Sequence[tuple[str, Invariant]] = (*ALWAYS, ("I9", i9_the_run_ends))


def check(view: View, invariants: Sequence[tuple[str, Invariant]]) -> Iterator[str]:
    """Give every break of these invariants."""
    for number, invariant in invariants:
        for each in invariant(view):
            yield f"{number}: {each}"
