"""The source of a schedule, and what each of its lines must come to.

Written down here independently of the loader: the truth about a line is what it was
drawn as. A call is recognised on the portal by its title, never by its trace ID, so
that an ID gone wrong does not hide a call that is there twice.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from loader.source import identity

from .chance import happens

#: the property that identifies a call in the source system, with ``--key``
KEY = "source_id"
#: unique on every portal here, and none of the loader's business
OUTSIDE = "outside_id"
TITLE = "hs_call_title"


class Kind(StrEnum):
    """What a line was drawn as."""

    GOOD = "good"
    #: the portal has it already, under its ID
    PRESENT = "present"
    #: the portal's validation refuses it
    POISON = "poison"
    #: another call has its value of another unique property
    TAKEN = "taken"
    #: refused before sending
    MALFORMED = "malformed"
    #: the same as an earlier line, under the same ID
    DUPLICATE = "duplicate"
    #: other content under the ID of an earlier line
    CONTRARY = "contrary"
    #: rejected first, and made good by a person
    MENDED = "mended"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source. ``first`` is the earlier line that has its ID."""

    number: int
    offset: int
    raw: bytes
    kind: Kind
    title: str = ""
    #: what the portal must hold
    properties: dict[str, str] = field(default_factory=dict[str, str])
    associations: list[Any] = field(default_factory=list[Any])
    own_id: str | None = None
    first: int | None = None

    @property
    def end(self) -> int:
        """Where the next line starts."""
        return self.offset + len(self.raw)


_DRAWN = (Kind.GOOD, Kind.POISON, Kind.TAKEN, Kind.MALFORMED, Kind.BLANK,
          Kind.DUPLICATE, Kind.CONTRARY, Kind.PRESENT)  # fmt: skip
_BROKEN = (
    b"{",
    b'{"properties":{}}',
    b"[1]",
    b"\xff\xfe",
    b'{"properties":{"a":1e999}}',
)


def draw_lines(rng: random.Random, *, keyed: bool, by_key: bool) -> tuple[Line, ...]:
    """Draw 10 to 60 lines; ``keyed`` says whether the portal may have some already."""
    count = rng.randint(10, 60 if happens(rng, 0.2) else 20)
    weights = [rng.choice((30, 100)), rng.choice((0, 2, 10)), rng.choice((0, 3)),
               rng.choice((0, 3)), 2, rng.choice((0, 6)), rng.choice((0, 2)),
               rng.choice((0, 3)) if keyed else 0]  # fmt: skip
    own = 0.0 if by_key else rng.choice((0.0, 0.2, 1.0))
    drawer = _Drawer(rng, own=own, by_key=by_key)
    kinds = [Kind.GOOD, *rng.choices(_DRAWN, weights, k=count - 1)]
    for kind in kinds:
        drawer.draw(kind)
    if happens(rng, 0.3):
        drawer.cut_last()
    return tuple(drawer.lines)


class _Drawer:
    """Draws line after line. What changes: the lines drawn so far."""

    def __init__(self, rng: random.Random, *, own: float, by_key: bool) -> None:
        self._rng = rng
        self._own = own
        self._by_key = by_key
        self._named: list[Line] = []
        self.lines: list[Line] = []

    def draw(self, kind: Kind) -> None:
        """Add a line of this kind; one that repeats needs one to repeat."""
        if kind in (Kind.DUPLICATE, Kind.CONTRARY):
            if self._named:
                self._repeat(kind, self._rng.choice(self._named))
                return
            kind = Kind.GOOD
        if kind is Kind.BLANK:
            self._add(self._rng.choice((b"\n", b"  \n", b"\r\n")), kind)
        elif kind is Kind.MALFORMED:
            self._add(self._rng.choice(_BROKEN) + b"\n", kind)
        else:
            self._call(kind)

    def cut_last(self) -> None:
        """Take the line break of the last line away."""
        last = self.lines.pop()
        raw = last.raw.rstrip(b"\r\n")
        if raw:
            self._add(raw, last.kind, last)

    def _call(self, kind: Kind) -> None:
        rng, number = self._rng, len(self.lines) + 1
        earlier = self.lines[rng.randrange(number - 1)] if number > 1 else None
        twin = earlier is not None and kind is Kind.GOOD and happens(rng, 0.06)
        if (
            twin
            and earlier is not None
            and earlier.kind is kind
            and self._is_plain(earlier)
        ):
            self._add(earlier.raw, kind, earlier)
            return
        title = f"call {number}"
        given, properties = _properties(rng, number, title, kind)
        own_id = None
        if self._by_key:
            given[KEY] = properties[KEY] = f"K-{number}"
        elif happens(rng, self._own):
            own_id = f"own-{number}"
        self._write(kind, title, given, properties, own_id)

    def _is_plain(self, line: Line) -> bool:
        """It may be there twice: nothing in it is unique."""
        return (
            line.own_id is None and not self._by_key and OUTSIDE not in line.properties
        )

    def _write(
        self,
        kind: Kind,
        title: str,
        given: dict[str, Any],
        properties: dict[str, str],
        own_id: str | None,
    ) -> None:
        rng = self._rng
        line: dict[str, Any] = {"properties": given}
        associations: list[Any] = []
        if happens(rng, 0.5):
            associations = [_association(str(rng.randint(1, 99)))]
            line["associations"] = associations
        if own_id is not None:
            line["objectWriteTraceId"] = own_id
        raw = orjson.dumps(line) + rng.choice((b"\n", b"\n", b"\n", b"\r\n"))
        model = Line(0, 0, b"", kind, title, properties, associations, own_id)
        self._add(raw, kind, model)
        if own_id is not None or self._by_key:
            self._named.append(self.lines[-1])

    def _repeat(self, kind: Kind, first: Line) -> None:
        if kind is Kind.DUPLICATE:
            self._add(first.raw.rstrip(b"\r\n") + b"\n", kind, first, first.number)
            return
        value = orjson.loads(first.raw)
        value["properties"]["hs_call_body"] = "something else"
        self._add(orjson.dumps(value) + b"\n", kind, first, first.number)

    def _add(
        self,
        raw: bytes,
        kind: Kind,
        model: Line | None = None,
        first: int | None = None,
    ) -> None:
        offset = self.lines[-1].end if self.lines else 0
        number = len(self.lines) + 1
        if model is None:
            self.lines.append(Line(number, offset, raw, kind))
            return
        self.lines.append(
            Line(number, offset, raw, kind, model.title, model.properties,
                 model.associations, model.own_id, first or model.first)
        )  # fmt: skip


def _properties(
    rng: random.Random, number: int, title: str, kind: Kind
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return properties as the line has them, and as the portal must."""
    stamp = str(1_700_000_000_000 + number)
    given: dict[str, Any] = {"hs_timestamp": stamp, TITLE: title}
    properties = {"hs_timestamp": stamp, TITLE: title}
    if happens(rng, 0.4):
        given["hs_call_duration"] = 1000 * number
        properties["hs_call_duration"] = str(1000 * number)
    if happens(rng, 0.2):
        given["hs_call_body"] = None
    if happens(rng, 0.2):
        given["hs_call_has_voicemail"] = True
        properties["hs_call_has_voicemail"] = "true"
    if kind is Kind.POISON:
        given["hs_call_duration"] = properties["hs_call_duration"] = "long"
    if kind is Kind.GOOD and happens(rng, 0.1):
        given[OUTSIDE] = properties[OUTSIDE] = f"own-{number}"
    if kind is Kind.TAKEN:
        given[OUTSIDE] = properties[OUTSIDE] = f"taken-{number % 3}"
    return given, properties


def _association(target: str) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    return {"to": {"id": target}, "types": types}


def digest_of(lines: Sequence[Line]) -> str:
    """Return the digest that names the source."""
    first = next(line for line in lines if line.kind is not Kind.BLANK)
    return identity.source_digest(first.raw)


def trace_id_of(line: Line, digest: str) -> str:
    """Return the ID that a line's call goes by."""
    if line.own_id is not None:
        return line.own_id
    if KEY in line.properties:
        return identity.key_trace_id(KEY, line.properties[KEY])
    return identity.line_trace_id(digest, line.number, line.raw)
