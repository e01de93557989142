"""An association of a record, by the shape that whoever reads it needs."""

from collections.abc import Sequence
from typing import Protocol


class LinkType(Protocol):
    """HubSpot's ``types[]`` of an association."""

    @property
    def associationCategory(self) -> str:  # noqa: N802 - HubSpot's name
        """Whose type it is."""
        ...

    @property
    def associationTypeId(self) -> int:  # noqa: N802 - HubSpot's name
        """Which one."""
        ...


class LinkTarget(Protocol):
    """HubSpot's ``to`` of an association."""

    @property
    def id(self) -> str | int:
        """The record at the other end."""
        ...


class Link(Protocol):
    """One association."""

    @property
    def to(self) -> LinkTarget:
        """Where it leads."""
        ...

    @property
    def types(self) -> Sequence[LinkType]:
        """What it means."""
        ...
