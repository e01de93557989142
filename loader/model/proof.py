"""What a created record is found to be on the portal, compared with its line."""

from enum import StrEnum

import msgspec


class Standing(StrEnum):
    """How a created record stands on the portal."""

    #: it has what its line says
    EQUAL = "equal"
    #: it is there, and a property or an association is not what was sent
    DIFFERENT = "different"
    #: neither among the live calls nor among the archived ones
    MISSING = "missing"
    ARCHIVED = "archived"
    #: the portal answers others, but says nothing of this one
    UNANSWERED = "unanswered"


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """What of a record is not as it was sent."""

    #: ``property`` or ``association``
    what: str
    #: the property, or object, record and type of the association
    name: str
    #: in words, without values
    how: str
    #: the values, cut to a length; shown only on demand
    sent: str | None = None
    found: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """A created record that is not simply equal."""

    line: int
    offset: int
    trace_id: str
    object_id: str
    standing: Standing
    differences: tuple[Difference, ...] = ()


class Made(msgspec.Struct, frozen=True, gc=False):
    """A record that this load created."""

    line: int
    #: where its line starts in the source, in bytes
    offset: int
    trace_id: str
    object_id: str


class Counts(msgspec.Struct, frozen=True):
    """Created records by how they stand."""

    equal: int = 0
    different: int = 0
    missing: int = 0
    archived: int = 0
    unanswered: int = 0
