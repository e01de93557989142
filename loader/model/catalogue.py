"""What a portal says a call may hold: its properties, its owners, its day."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule that an administrator has put on a property's values."""

    #: HubSpot's word for it, such as ``MAX_LENGTH``
    kind: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyFacts:
    """One property of calls."""

    name: str
    #: ``string``, ``number``, ``datetime``, ``date``, ``enumeration``, ``bool``, …
    type: str | None = None
    #: several options may be given, with ``;`` between them
    is_multiple: bool = False
    #: its options, and what people call them; None where the portal does not list them
    options: Mapping[str, str] | None = None
    #: the portal takes no value for it
    is_read_only: bool = False
    #: the portal computes it
    is_calculated: bool = False
    is_unique: bool = False
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Owners:
    """IDs of the users that a record can be assigned to."""

    active: frozenset[str] = frozenset()
    archived: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Usage:
    """How many requests the account may send in a day, and has sent."""

    daily_limit: int | None = None
    used_today: int | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a portal was asked for; None where it did not say."""

    properties: Mapping[str, PropertyFacts] | None = None
    owners: Owners | None = None
    usage: Usage = field(default_factory=Usage)
