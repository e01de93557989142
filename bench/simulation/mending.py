"""A person with the rejected records: makes them good, leaves some, breaks others.

A copy is made of rows as the product writes them. Most are made good; some are left as
they are, or left out, or there twice, or under another ID; and others stray in that
have no business there: what was created or is in doubt, what is another load's, what
names a line that is not the one.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from .chance import happens
from .lines import KEY, OUTSIDE, TITLE, Kind, Line

Row = dict[str, Any]
#: a source that nobody has
_NOWHERE = "ffffffffffff"
ELSEWHERE = {"source": _NOWHERE, "load": "/elsewhere/others.load"}
#: nothing is wrong with these
_SOUND = (Kind.GOOD, Kind.PRESENT)


@dataclass(slots=True)
class Mender:
    """Makes one copy. What changes: its rows, and what it makes good."""

    rng: random.Random
    lines: Mapping[int, Line]
    by_key: bool
    #: of this copy
    number: int
    rows: list[Row] = field(default_factory=list[Row])
    mended: dict[int, Line] = field(default_factory=dict[int, Line])
    ways: list[Line] = field(default_factory=list[Line])
    promised: set[int] = field(default_factory=set[int])
    #: lines of which some row is as it was
    left: set[int | None] = field(default_factory=set[int | None])

    def take(self, rejected: Sequence[Row], others: Sequence[Row]) -> bytes:
        """Make a copy of rejected rows, and of some others."""
        for row in rejected:
            self._handle(row)
        for row in others:
            if happens(self.rng, 0.3):
                self.rows.append(row)
        if happens(self.rng, 0.2) and rejected:
            self._stray(self.rng.choice(rejected))
        if happens(self.rng, 0.3):
            self.rng.shuffle(self.rows)
        return b"".join(orjson.dumps(row) + b"\n" for row in self.rows)

    def _stray(self, given: Row) -> None:
        """Have a row of another load among these."""
        known = dict(self.mended)
        stray, self.mended = self._mended(given), known
        if stray is None:
            return
        record = stray["record"]
        record["properties"][TITLE] = "another load's"
        record.pop("objectWriteTraceId", None)
        if self.by_key:
            record["properties"][KEY] = "K-stray"
        self.rows.append(stray | ELSEWHERE | {"objectWriteTraceId": None})

    def _handle(self, row: Row) -> None:
        mended = self._mended(row)
        how = self.rng.choices(
            ("fixed", "left", "removed", "twice", "otherwise", "shifted"),
            (75, 7, 5, 5, 5, 3),
        )[0]
        if how == "left" or mended is None:
            self.rows.append(row)
            self.left.add(self._origin_of(row))
            return
        if how == "removed":
            return
        line = self.mended[mended["line"]]
        self.ways.append(line)
        if how == "shifted":
            self.rows.append(mended | {"offset": mended["offset"] + 1})
        else:
            self.rows.append(mended)
            # an earlier copy may have shifted it, or have had what is in doubt
            if mended["offset"] == line.offset and mended["state"] == "rejected":
                self.promised.add(line.number)
        if how == "twice":
            self.rows.append(mended)
        elif how == "otherwise":
            self.rows.append(self._renamed(mended))

    def _origin_of(self, row: Row) -> int | None:
        """Return the line that a row is about, or the one that has its ID."""
        while isinstance(row["record"], dict) and "record" in row["record"]:
            row = row["record"]
        line = self.lines.get(row["line"])
        return None if line is None else line.first or line.number

    def _renamed(self, row: Row) -> Row:
        """Return a row under another ID."""
        name = f"other-{row['line']}"
        record = row["record"] | {"objectWriteTraceId": None}
        if self.by_key:
            record |= {"properties": record["properties"] | {KEY: name}}
            line = self.mended[row["line"]]
            other = replace(line, properties=line.properties | {KEY: name})
            self.ways.append(other)
            return row | {"objectWriteTraceId": None, "record": record}
        return row | {"objectWriteTraceId": name, "record": record}

    def _mended(self, given: Row) -> Row | None:
        """Return the row of a line of the first load with a record that is good."""
        row = given
        while isinstance(row["record"], dict) and "record" in row["record"]:
            row = row["record"]
        line = self.lines.get(row["line"])
        if line is None or line.kind in _SOUND or row.get("source") == _NOWHERE:
            return None
        record, properties = _good(line, by_key=self.by_key)
        if line.kind is Kind.MALFORMED and happens(self.rng, 0.3):
            body = f"as copy {self.number} has it"
            record["properties"]["hs_call_body"] = properties["hs_call_body"] = body
        kind = Kind.DUPLICATE if line.kind is Kind.DUPLICATE else Kind.MENDED
        self.mended[line.number] = replace(
            line,
            kind=kind,
            title=properties[TITLE],
            properties=properties,
            associations=record.get("associations", []),
        )
        row = row | {"record": record}
        if line.kind is Kind.CONTRARY:
            row["objectWriteTraceId"] = None
        return row


def _good(line: Line, *, by_key: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a good record for a line that was rejected, and what a portal has of it.

    The same for the same line: whoever mends it.
    """
    number = line.number
    if line.kind is Kind.MALFORMED:
        properties = {"hs_timestamp": str(1_700_000_000_000 + number)}
        properties[TITLE] = f"call {number}"
        if by_key:
            properties[KEY] = f"K-{number}"
        return {"properties": dict(properties)}, properties
    record: dict[str, Any] = orjson.loads(line.raw)
    changed: dict[str, str] = {}
    if line.properties.get("hs_call_duration") == "long":
        changed["hs_call_duration"] = "1000"
    if line.kind is Kind.CONTRARY:
        changed |= {TITLE: f"call {number}", "hs_call_body": "something else"}
        record["properties"].pop(OUTSIDE, None)
        record.pop("objectWriteTraceId", None)
        if by_key:
            changed[KEY] = f"K-mended-{number}"
    elif OUTSIDE in line.properties:
        changed[OUTSIDE] = f"mended-{line.first or number}"
    record["properties"] |= changed
    held = {name: each for name, each in line.properties.items() if name != OUTSIDE}
    return record, (held | changed)
