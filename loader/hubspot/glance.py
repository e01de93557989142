"""The answer that nearly every create gets, read at a glance: all named, no error.

A load pays for reading answers as much as for everything else together, so the plain
one has a way of its own: a decoder that takes only what names a record, and counts of
the names that matter instead of a look at every name. Whatever is odd about an answer,
however slightly, is None here; ``proof`` alone then says what it means. So this way may
miss a proof, and must never see one that the other would not, whichever value a parser
takes of a name that is there twice and names nobody.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from loader.model.record import CallRecord
from loader.model.verdict import ItemCreated, Proof

from .answers import NOT_JSON, parse_answer

_RESULTS = re.compile(rb'(?<!\\)"results"\s*:\s*\[')
_IDS = re.compile(r"[0-9]{1,100}(?:,[0-9]{1,100})*")
_NAME = re.compile(r"[A-Za-z0-9_]+")
#: an escape that stands for a letter, a digit or ``_``: it could hide a name
_HIDDEN = re.compile(rb"\\u00(?:3[0-9]|[4-7])", re.IGNORECASE)

_Decode = Callable[[bytes], list[Any]]


def glance(
    body: bytes, records: Sequence[CallRecord], trace_property: str | None
) -> Proof | None:
    """Say what a plain answer proves; None when it takes a closer look."""
    opening = _RESULTS.search(body)
    if opening is None or not (
        trace_property is None or _NAME.fullmatch(trace_property)
    ):
        return None
    start, end = opening.end() - 1, body.rfind(b"]") + 1
    array = body[start:end]
    try:
        if not array.isascii():
            array.decode()  # a decoder does not look into what it passes over
        rest = parse_answer(b"%b[]%b" % (body[:start], body[end:]))
        results = _decoder(trace_property)(array)
    except NOT_JSON:
        return None
    if rest.status != "COMPLETE" or rest.errors or rest.numErrors or rest.results:
        return None
    names = _names(array, results, trace_property)
    return None if names is None else _proof(names, [e.id for e in results], records)


@lru_cache(maxsize=8)
def _decoder(trace_property: str | None) -> _Decode:
    """Make a decoder for results, of which only the names are taken."""
    properties: type[msgspec.Struct] = msgspec.defstruct(
        "Properties",
        [] if trace_property is None else [("named", str | None, None)],
        rename=None if trace_property is None else {"named": trace_property},
        gc=False,
    )
    element = msgspec.defstruct(
        "Element",
        [
            ("id", str),
            ("objectWriteTraceId", str | None, None),
            ("properties", properties | None, None),
        ],
        gc=False,
    )
    return msgspec.json.Decoder(list[element]).decode  # type: ignore[valid-type]


def _names(
    array: bytes, results: Sequence[Any], trace_property: str | None
) -> list[str] | None:
    """Return the name of each result, if each has one and says it once."""
    number = len(results)
    if array.count(b'"id"') != number or (b"\\" in array and _HIDDEN.search(array)):
        return None
    echoed = _said(
        array, "objectWriteTraceId", [each.objectWriteTraceId for each in results]
    )
    if trace_property is None:
        return echoed or None
    properties = [each.properties for each in results]
    if array.count(b'"properties"') != number or None in properties:
        return None
    returned = _said(array, trace_property, [each.named for each in properties])
    if echoed and returned and echoed != returned:
        return None
    return None if echoed is None or returned is None else echoed or returned or None


def _said(array: bytes, name: str, values: list[Any]) -> list[str] | None:
    """Return what all say once, nothing for what none says, and None for the rest.

    A name that stands in an array as often as there are results, each of which has it,
    stands in none of them twice.
    """
    count = array.count(b'"%b"' % name.encode())
    if count == len(values) and all(values):
        return values
    return None if count else []


def _proof(
    names: Sequence[str], objects: Sequence[str], records: Sequence[CallRecord]
) -> Proof | None:
    """Give each object to the record that has its name, if that is one and the only."""
    positions = {record.trace_id: place for place, record in enumerate(records)}
    try:
        items = {
            positions[name]: ItemCreated(object_id)
            for name, object_id in zip(names, objects, strict=True)
        }
    except KeyError:
        return None
    distinct = len(items) == len(objects) == len(set(objects)) > 0
    return Proof(items) if distinct and _IDS.fullmatch(",".join(objects)) else None
