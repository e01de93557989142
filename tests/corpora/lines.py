"""Rows of the tables of lines, and short words to write their bytes with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: longest line of a source, in bytes without its line break; the default of ``run``
LIMIT = 1 << 20
TRACE = "loader_trace_id"
TIME = b'"hs_timestamp":"1700000000000"'
CONTACT = b'{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":194}'


@dataclass(frozen=True)
class Bad:
    """A line that cannot be sent: its bytes, its reason, and words of the message."""

    name: str
    line: bytes
    reason: str
    says: str
    #: the property that ``--key`` names
    key: str | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Odd:
    """A line that looks wrong and can be sent, and what of it must arrive."""

    name: str
    line: bytes
    #: its properties beside ``hs_timestamp``, as text
    properties: dict[str, str] = field(default_factory=dict)
    #: its first property, when that is part of the point
    time: str = "1700000000000"
    associations: tuple[Mapping[str, Any], ...] = ()
    own_id: str | None = None
    #: the portal has its own objection, which is not ours to raise
    portal_refuses: bool = False

    def __str__(self) -> str:
        return self.name


def value(text: bytes, name: bytes = b'"hs_call_body"') -> bytes:
    """A line whose property has this JSON text for its value."""
    return b'{"properties":{' + TIME + b"," + name + b":" + text + b"}}"


def time(text: bytes) -> bytes:
    """A line whose ``hs_timestamp`` has this JSON text."""
    return b'{"properties":{"hs_timestamp":' + text + b"}}"


def beside(text: bytes) -> bytes:
    """A line with this JSON text beside its properties."""
    return b'{"properties":{' + TIME + b"}," + text + b"}"


def linked(text: bytes) -> bytes:
    """A line whose associations are this JSON text."""
    return beside(b'"associations":' + text)


def to(target: bytes, types: bytes = b"[" + CONTACT + b"]") -> bytes:
    """A line with one association."""
    return linked(b'[{"to":' + target + b',"types":' + types + b"}]")


def typed(category: bytes, type_id: bytes) -> bytes:
    """A line with one association of this category and type."""
    kind = b'{"associationCategory":' + category + b',"associationTypeId":' + type_id
    return to(b'{"id":"1"}', b"[" + kind + b"}]")


def own(text: bytes) -> bytes:
    """A line whose ``objectWriteTraceId`` has this JSON text."""
    return beside(b'"objectWriteTraceId":' + text)
