"""Rows of the tables of answers, and short words to write their bytes with.

Three records are sent, ``id-a``, ``id-b`` and ``id-c``; A, B and C are elements that
name them as HubSpot would. An expectation is a class of the protocol: *not applied*,
*in doubt* (*alarm*, if it contradicts itself), or what is proved of each position; a
position that is not among these is in doubt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.model.record import CallRecord

TRACE = "loader_trace_id"
JSON = {"content-type": "application/json;charset=utf-8"}
NOT_APPLIED = "not applied"
IN_DOUBT = "in doubt"
ALARM = "alarm"
NOTHING: dict[int, str] = {}
Expected = str | dict[int, str]

A = b'{"id":"10","properties":{"loader_trace_id":"id-a"}}'
B = b'{"id":"11","properties":{"loader_trace_id":"id-b"}}'
C = b'{"id":"12","properties":{"loader_trace_id":"id-c"}}'
ALL = {0: "created 10", 1: "created 11", 2: "created 12"}
ONLY_A = {0: "created 10"}


def readings(body: bytes) -> list[Any]:
    """Read JSON twice: of two values of a name, parsers keep the last or the first."""

    def first(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        return dict(reversed(pairs))

    text = body.decode()
    return [json.loads(text), json.loads(text, object_pairs_hook=first)]


def _sent(line: int, name: str) -> CallRecord:
    content = b'{"associations":[],"properties":{"hs_timestamp":"%d","x":"%b"}}'
    return CallRecord(line, 0, f"id-{name}", content % (line, name.encode()), b"")


SENT = [_sent(number, name) for number, name in enumerate("abc", 1)]


@dataclass(frozen=True)
class Answer:
    """An answer to a create: its status, body and headers, and what it proves."""

    name: str
    status: int
    body: bytes
    expected: Expected
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    #: None: the portal has no unique property
    trace_property: str | None = TRACE

    def __str__(self) -> str:
        return self.name


def batch(*results: bytes, more: bytes = b"") -> bytes:
    """Write a complete answer with these results, and more fields."""
    return b'{"status":"COMPLETE","results":[' + b",".join(results) + b"]" + more + b"}"


def echoed(object_id: bytes, trace_id: bytes, more: bytes = b"") -> bytes:
    """Write a result that echoes the trace ID; both are JSON text."""
    return b'{"id":' + object_id + b',"objectWriteTraceId":' + trace_id + more + b"}"


def keyed(object_id: bytes, trace_id: bytes) -> bytes:
    """Write a result that returns the trace property; both are JSON text."""
    return b'{"id":' + object_id + b',"properties":{"loader_trace_id":%b}}' % trace_id


def errors(*elements: bytes) -> bytes:
    """Write the errors of an answer, to put behind its results."""
    return b',"errors":[' + b",".join(elements) + b"]"


def error(
    *trace_ids: bytes,
    category: bytes = b"VALIDATION_ERROR",
    message: bytes = b"no",
    more: bytes = b"",
) -> bytes:
    """Write an error that names records."""
    names = b",".join(b'"' + each + b'"' for each in trace_ids)
    return (
        b'{"status":"error","category":"' + category + b'","message":"' + message
        + b'","context":{"objectWriteTraceId":[' + names + b"]}" + more + b"}"
    )  # fmt: skip


def refusal(
    message: bytes, category: bytes = b"VALIDATION_ERROR", **more: bytes
) -> bytes:
    """Write the body of a refusal; ``more`` fields are JSON text."""
    fields = b"".join(b',"%b":%b' % (n.encode(), value) for n, value in more.items())
    return (
        b'{"status":"error","category":"' + category + b'","message":"' + message
        + b'","correlationId":"c"' + fields + b"}"
    )  # fmt: skip
