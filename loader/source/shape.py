"""HubSpot's create input, in the form that a line of the source may have."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

#: associations of one record, and types of one association, at most
MAX_ASSOCIATIONS = 1000
MAX_ASSOCIATION_TYPES = 100
#: longest ID of an association's target, in characters
MAX_TARGET_CHARACTERS = 64
#: largest ID of a target, and of an association type
MAX_TARGET_NUMBER = 2**63 - 1
MAX_TYPE_ID = 2**31 - 1

#: what a property may hold in a line; it is sent as text
Value: TypeAlias = str | int | float | bool | None
Category: TypeAlias = Literal[
    "HUBSPOT_DEFINED", "INTEGRATOR_DEFINED", "USER_DEFINED", "WORK"
]
CATEGORIES: dict[str, Category] = {each: each for each in get_args(Category)}

_TypeId = Annotated[int, msgspec.Meta(ge=0, le=MAX_TYPE_ID)]
_TargetText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_TARGET_CHARACTERS)
]
_TargetNumber = Annotated[int, msgspec.Meta(ge=0, le=MAX_TARGET_NUMBER)]


class AssociationType(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True
):
    """HubSpot's ``types[]`` of an association."""

    associationCategory: Category  # noqa: N815 - HubSpot's name
    associationTypeId: _TypeId  # noqa: N815 - HubSpot's name


_Types = Annotated[
    list[AssociationType], msgspec.Meta(min_length=1, max_length=MAX_ASSOCIATION_TYPES)
]


class Target(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """HubSpot's ``to`` of an association; exports often have numbers there."""

    id: _TargetText | _TargetNumber


class Association(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A call's link to another object."""

    to: Target
    types: _Types


class Line(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """HubSpot's create input.

    Unknown fields are forbidden, for a field that is skipped is not checked for UTF-8.
    """

    properties: dict[str, Value]
    associations: (
        Annotated[list[Association], msgspec.Meta(max_length=MAX_ASSOCIATIONS)] | None
    ) = None
    objectWriteTraceId: str | None = None  # noqa: N815 - HubSpot's name


class TextTarget(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A target as HubSpot's schema has it."""

    id: _TargetText


class TextAssociation(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True
):
    """An association that can be sent as it is."""

    to: TextTarget
    types: _Types


class TextLine(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A line that can be sent as it is: every value is a text already.

    As most lines are, and as strict as ``Line`` otherwise; decoded in one step.
    """

    properties: dict[str, str]
    associations: (
        Annotated[list[TextAssociation], msgspec.Meta(max_length=MAX_ASSOCIATIONS)]
        | None
    ) = None
    objectWriteTraceId: str | None = None  # noqa: N815 - HubSpot's name


AnyAssociation: TypeAlias = Association | TextAssociation


class Content(msgspec.Struct, frozen=True, gc=False):
    """What is sent of a record; its encoding ends with the properties."""

    associations: Sequence[AnyAssociation]
    properties: Mapping[str, str]
