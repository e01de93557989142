"""A record in doubt, the calls that may be it, and what a person can say of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A call on the portal that may be the record."""

    id: str
    #: properties of the record that it has just so
    equal: int
    #: names of the properties that it has otherwise
    different: tuple[str, ...]
    #: its values of the record's properties
    properties: dict[str, str]
    #: when it was made, as the portal says it
    created_at: str | None = None


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A record held in doubt. It holds personal data."""

    #: folder of the load that has it in doubt: the first one, or a correction
    load: str
    line: int
    offset: int
    trace_id: str
    #: why it is in doubt
    message: str
    properties: Mapping[str, str]
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ItIs:
    """It is this call."""

    object_id: str


@dataclass(frozen=True, slots=True)
class SendAgain:
    """It is not there: the next run sends it again."""


@dataclass(frozen=True, slots=True)
class Skip:
    """It stays in doubt."""


@dataclass(frozen=True, slots=True)
class Quit:
    """This one and all that follow stay in doubt."""


Word = ItIs | SendAgain | Skip | Quit


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a walk through the records in doubt."""

    settled: int
    released: int
    #: still held
    left: int
    #: sources whose next run sends what was released
    to_run: tuple[str, ...]
