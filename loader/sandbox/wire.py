"""What crosses the counter: requests, answers, and how answers reach the client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import msgspec

PropertyValue = str | int | float | bool | None
AssociationCategory = Literal[
    "HUBSPOT_DEFINED", "INTEGRATOR_DEFINED", "USER_DEFINED", "WORK"
]


class Endpoint(StrEnum):
    """What a request asks for."""

    CREATE = "create"
    READ = "read"
    ARCHIVE = "archive"
    UPDATE = "update"
    ASSOCIATIONS = "associations"
    LABELS = "labels"
    SEARCH = "search"
    LIST_PROPERTIES = "list_properties"
    GET_PROPERTY = "get_property"
    ADD_PROPERTY = "add_property"
    LIST_GROUPS = "list_groups"
    ADD_GROUP = "add_group"
    DETAILS = "details"
    USAGE = "usage"
    OWNERS = "owners"
    LIST_RULES = "list_rules"

    @property
    def family(self) -> str:
        """The name under which a fault can choose it."""
        return _FAMILIES.get(self, self.value)


_FAMILIES = {
    Endpoint.LABELS: "associations",
    Endpoint.LIST_PROPERTIES: "properties",
    Endpoint.GET_PROPERTY: "properties",
    Endpoint.ADD_PROPERTY: "properties",
    Endpoint.LIST_GROUPS: "properties",
    Endpoint.ADD_GROUP: "properties",
    Endpoint.LIST_RULES: "properties",
    Endpoint.DETAILS: "account",
    Endpoint.USAGE: "account",
    Endpoint.OWNERS: "account",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a known endpoint, with its body read."""

    endpoint: Endpoint
    correlation_id: str
    body: bytes = b""
    #: the last part of the path, where it is a name
    name: str = ""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    authorization: str = ""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal says."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer reaches the client, or does not."""

    #: None: the connection ends without one
    answer: Answer | None = None
    #: the connection ends by a reset rather than in order
    reset: bool = False
    #: how much of the body is sent before the connection ends
    share: float = 1.0
    #: silence before the first byte
    wait_s: float = 0.0
    #: the body goes out in this many pieces, with a pause between two
    pieces: int = 1
    pause_s: float = 0.0


class _Shape(msgspec.Struct, frozen=True, rename="camel"):
    """Part of a body; HubSpot's names are in camel case."""


class AssociationType(_Shape, frozen=True):
    """What an association means."""

    association_category: AssociationCategory
    association_type_id: int


class Target(_Shape, frozen=True):
    """The record at the other end of an association."""

    id: str


class Association(_Shape, frozen=True):
    """A link from the new call to a record."""

    to: Target
    types: tuple[AssociationType, ...]


class CreateInput(_Shape, frozen=True):
    """One call to create."""

    properties: dict[str, PropertyValue]
    associations: tuple[Association, ...] | None = None
    object_write_trace_id: str | None = None


class CreateBody(_Shape, frozen=True):
    """The body of ``batch/create``."""

    inputs: list[CreateInput]


class ObjectId(_Shape, frozen=True):
    """One call to read or archive."""

    id: str | int


class ReadBody(_Shape, frozen=True):
    """The body of ``batch/read``."""

    inputs: list[ObjectId]
    properties: list[str] | None = None
    id_property: str | None = None
    properties_with_history: list[str] | None = None


class ArchiveBody(_Shape, frozen=True):
    """The body of ``batch/archive``."""

    inputs: list[ObjectId]


class UpdateInput(_Shape, frozen=True):
    """One call to change."""

    id: str | int
    properties: dict[str, PropertyValue]


class UpdateBody(_Shape, frozen=True):
    """The body of ``batch/update``."""

    inputs: list[UpdateInput]


class LinkedId(_Shape, frozen=True):
    """One call whose associations are asked for, and where to go on."""

    id: str | int
    after: str | None = None


class LinkedBody(_Shape, frozen=True):
    """The body of ``batch/read`` of associations."""

    inputs: list[LinkedId]


class CallResult(_Shape, frozen=True):
    """A call as the portal shows it."""

    id: str
    properties: msgspec.Raw | dict[str, str | None]
    created_at: str
    updated_at: str
    archived: bool = False
    archived_at: str | msgspec.UnsetType = msgspec.UNSET
    object_write_trace_id: str | msgspec.UnsetType = msgspec.UNSET


class ErrorDetail(_Shape, frozen=True):
    """One of the errors within an error."""

    message: str
    code: str | msgspec.UnsetType = msgspec.UNSET
    #: an object of lists, or the same as JSON in a string
    context: dict[str, tuple[str, ...]] | str | msgspec.UnsetType = msgspec.UNSET

    def in_text(self) -> "ErrorDetail":
        """Return the same with its context as a string."""
        text = msgspec.json.encode(self.context).decode()
        return msgspec.structs.replace(self, context=text)


class BatchError(_Shape, frozen=True):
    """Why inputs of a batch failed."""

    message: str
    category: str
    context: dict[str, tuple[str, ...]]
    errors: tuple[ErrorDetail, ...] | msgspec.UnsetType = msgspec.UNSET
    status: str = "error"
    sub_category: str | msgspec.UnsetType = msgspec.UNSET


class BatchAnswer(_Shape, frozen=True):
    """The envelope of what became of a batch."""

    results: list[CallResult]
    requested_at: str
    started_at: str
    completed_at: str
    status: str = "COMPLETE"
    links: dict[str, str] = {}
    num_errors: int | msgspec.UnsetType = msgspec.UNSET
    errors: list[BatchError] | msgspec.UnsetType = msgspec.UNSET


def as_json(status: int, body: Any) -> Answer:  # noqa: ANN401 - any JSON value
    """Write an answer."""
    return Answer(status, msgspec.json.encode(body))
