"""The portal's truth: a plain state machine, without clock and without chance.

Calls, live and archived; the values that unique properties hold; requests that are
under way and are applied when their time comes, whether or not the sender still lives.
A unique value that an archived call had is either kept by it or free again, as the
portal is drawn: nobody documents which.
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .lines import OUTSIDE

#: when people made what was there before the load, in seconds
LONG_AGO = -1e6


@dataclass(slots=True, eq=False)
class Call:
    """A call on the portal. What changes: what people and removals do to it."""

    id: str
    trace_id: str | None
    properties: Mapping[str, str]
    associations: Sequence[Any]
    #: when it was made, and changed, in seconds
    made: float
    changed: float
    #: a create request made it, not a person
    ours: bool
    #: what it said when it was made
    given: Mapping[str, str]
    linked: Sequence[Any]
    archived: bool = False
    #: a removal asked for it, and not a person alone
    removed: bool = False
    #: it is in neither list any more
    gone: bool = False
    #: a person changed what it says
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Invalid:
    """The portal's validation refuses an input."""

    message: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A unique value is taken."""

    name: str
    value: str
    holder: str


Result = Call | Invalid | Clash


@dataclass(slots=True, eq=False)
class Request:
    """A create request on its way.

    What changes: the results, one an input, once it has been applied; None where an
    input was passed over.
    """

    inputs: Sequence[Mapping[str, Any]]
    #: positions that are applied at all
    applied: frozenset[int]
    #: one bad input refuses them all
    whole: bool
    results: list[Result | None] | None = None

    @property
    def trace_ids(self) -> list[str]:
        """The IDs of its inputs."""
        return [each["objectWriteTraceId"] for each in self.inputs]

    @property
    def problem(self) -> Invalid | Clash | None:
        """The first problem; it is that of the whole batch where one is enough."""
        for each in self.results or ():
            if isinstance(each, (Invalid, Clash)):
                return each
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """A request to archive calls on its way; those that are not there are passed."""

    object_ids: Sequence[str]

    @property
    def trace_ids(self) -> list[str]:
        """It has no records of its own."""
        return []


@dataclass(slots=True)
class World:
    """The portal. What changes: its calls, and the requests that are on their way."""

    first_id: int = 1000
    #: an archived call keeps its unique values
    keeps_values: bool = True
    #: properties whose values are unique
    unique: set[str] = field(default_factory=lambda: {OUTSIDE})
    calls: dict[str, Call] = field(default_factory=dict[str, Call])
    holders: dict[tuple[str, str], str] = field(
        default_factory=dict[tuple[str, str], str]
    )
    _due: list[tuple[float, int, Request | Removal]] = field(
        default_factory=list[tuple[float, int, Request | Removal]]
    )
    #: of what was applied last, in seconds
    now: float = LONG_AGO
    _posted: int = 0

    def post(self, due: float, request: Request | Removal) -> None:
        """Let a request be applied at a time, come what may."""
        self._posted += 1
        heapq.heappush(self._due, (due, self._posted, request))

    def advance(self, now: float) -> None:
        """Apply what is due."""
        if now < math.inf:
            self.now = now
        while self._due and self._due[0][0] <= now:
            due, _, request = heapq.heappop(self._due)
            if isinstance(request, Removal):
                self._remove(request)
            else:
                self._apply(request, due)

    @property
    def under_way(self) -> set[str]:
        """IDs of which a request is still to be applied."""
        return {name for _, _, each in self._due for name in each.trace_ids}

    def _apply(self, request: Request, now: float) -> None:
        if request.whole:
            taken: set[tuple[str, str]] = set()
            problems = [self._problem(each, taken) for each in request.inputs]
            if any(problems):
                request.results = list(problems)
                return
        request.results = [
            self.create(each, now=now, ours=True)
            if position in request.applied
            else None
            for position, each in enumerate(request.inputs)
        ]

    def create(
        self, given: Mapping[str, Any], *, now: float = LONG_AGO, ours: bool = False
    ) -> Result:
        """Create one call, unless something is wrong with it."""
        problem = self._problem(given, set())
        if problem is not None:
            return problem
        properties = dict(given["properties"])
        call = Call(
            str(self.first_id + len(self.calls)),
            given.get("objectWriteTraceId"),
            properties,
            given.get("associations", []),
            made=now,
            changed=now + 1.0,
            ours=ours,
            given=properties,
            linked=given.get("associations", []),
        )
        self.calls[call.id] = call
        for name in self.unique:
            if name in properties:
                self.holders[name, properties[name]] = call.id
        return call

    def _problem(
        self, given: Mapping[str, Any], taken: set[tuple[str, str]]
    ) -> Invalid | Clash | None:
        properties = given["properties"]
        if not str(properties.get("hs_call_duration", "0")).isdecimal():
            return Invalid("hs_call_duration was not a valid long.")
        for name in sorted(self.unique):
            if name in properties:
                key = (name, properties[name])
                holder = self.holders.get(key)
                if holder is not None or key in taken:
                    return Clash(*key, holder or "0")
                taken.add(key)
        return None

    def find(self, name: str, value: str, *, archived: bool) -> Call | None:
        """Return the call that has a value of a unique property."""
        if not archived or self.keeps_values:
            holder = self.holders.get((name, value))
            call = None if holder is None else self.calls[holder]
            there = call is not None and call.archived is archived and not call.gone
            return call if there else None
        for call in self.calls.values():
            if call.archived and not call.gone and call.properties.get(name) == value:
                return call
        return None

    def _remove(self, removal: Removal) -> None:
        """Archive calls; to do it again changes nothing."""
        for object_id in removal.object_ids:
            call = self.calls.get(object_id)
            if call is not None and not call.gone:
                call.removed = True
                self.archive(call)

    def edit(self, call: Call, name: str | None) -> None:
        """A person edits a property, or takes the associations away."""
        if name is None:
            call.associations = []
        else:
            call.properties = {**call.properties, name: "1700000000999"}
        call.changed = max(call.changed, self.now)
        call.edited = True

    def delete(self, call: Call) -> None:
        """A person deletes a call for good."""
        self.archive(call)
        call.gone = True

    def archive(self, call: Call) -> None:
        """A person archives a call, or a removal does."""
        if call.archived:
            return
        call.archived = True
        if not self.keeps_values:
            for name in self.unique:
                self.holders.pop((name, call.properties.get(name, "")), None)

    def make_unique(self, name: str) -> None:
        """Create a property with unique values; calls of before have none of it."""
        self.unique.add(name)
