"""The properties that a call can have in this portal."""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from .rule import Rule

PropertyType = Literal[
    "string", "number", "datetime", "date", "enumeration", "bool", "phone_number"
]
FieldType = Literal[
    "text", "textarea", "html", "number", "date", "select", "radio", "checkbox",
    "booleancheckbox", "phonenumber", "file", "calculation_equation",
]  # fmt: skip

#: the group that every portal has
DEFAULT_GROUP = "call"
OWNER = "hubspot_owner_id"
REQUIRED = ("hs_timestamp",)
_DISPOSITIONS = {
    "Busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "Connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "Left live message": "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",
    "Left voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "No answer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "Wrong number": "17b47fee-58de-441e-a44c-c6300d46f273",
}
_STATUSES = (
    "BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING", "FAILED",
    "IN_PROGRESS", "MISSED", "NO_ANSWER", "QUEUED", "RINGING",
)  # fmt: skip


class Option(msgspec.Struct, frozen=True, rename="camel"):
    """A value that an enumeration allows."""

    label: str
    value: str
    display_order: int = -1
    hidden: bool = False


class Modification(msgspec.Struct, frozen=True, rename="camel"):
    """What may be changed about a property."""

    read_only_value: bool = False
    read_only_definition: bool = True
    archivable: bool = False


class Property(msgspec.Struct, frozen=True, rename="camel"):
    """A property's definition, as the properties endpoint gives it."""

    name: str
    label: str
    type: PropertyType = "string"
    field_type: FieldType = "text"
    group_name: str = DEFAULT_GROUP
    description: str = ""
    options: tuple[Option, ...] = ()
    has_unique_value: bool = False
    calculated: bool = False
    external_options: bool = False
    hubspot_defined: bool = True
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    modification_metadata: Modification = Modification()

    @property
    def read_only(self) -> bool:
        """Only the portal sets it."""
        return self.modification_metadata.read_only_value


class Schema:
    """The properties by name; grows by ``add``, and by nothing else.

    ``owners`` are those that calls can be assigned to; none: any. ``rules`` are what
    administrators demand of values.
    """

    def __init__(
        self,
        properties: Iterable[Property],
        owners: Iterable[str] = (),
        rules: Iterable[Rule] = (),
    ) -> None:
        self._owners = frozenset(owners)
        self._rules = tuple(rules)
        self._properties: dict[str, Property] = {}
        #: properties of which no two live calls share a value
        self.unique: tuple[str, ...] = ()
        for each in properties:
            self.add(each)

    def __iter__(self) -> Iterator[Property]:
        return iter(self._properties.values())

    def add(self, new: Property) -> None:
        """Define one property more."""
        self._properties[new.name] = new
        if new.has_unique_value and new.name not in self.unique:
            self.unique = (*self.unique, new.name)

    def has_owner(self, owner: str) -> bool:
        """Tell whether a call can be assigned to an owner."""
        return not self._owners or owner in self._owners

    def allows(self, name: str, value: str) -> bool:
        """Tell whether a value is one that administrators allow."""
        rules = (each for each in self._rules if each.property == name)
        return all(each.allows(value) for each in rules)

    def find(self, name: str) -> Property | None:
        """Return the definition, if there is one."""
        return self._properties.get(name)


def custom_text(name: str, *, unique: bool) -> Property:
    """Define a text property as an administrator would."""
    return Property(
        name=name,
        label=name.replace("_", " ").capitalize(),
        has_unique_value=unique,
        hubspot_defined=False,
        modification_metadata=Modification(read_only_definition=False, archivable=True),
    )


def default_properties(
    *, unique_id: bool = False, dispositions: Iterable[str] = ()
) -> tuple[Property, ...]:
    """Return what every portal has.

    Args:
        unique_id: whether the portal keeps ``hs_unique_id`` unique.
        dispositions: outcomes of a call that the portal has beside the usual ones.
    """
    outcomes = _DISPOSITIONS | {each: each for each in dispositions}
    return (
        Property("hs_timestamp", "Activity date", "datetime", "date"),
        Property("hs_call_title", "Call title"),
        Property("hs_call_body", "Call notes", "string", "html"),
        Property("hs_call_duration", "Call duration", "number", "number"),
        _choice("hs_call_direction", "Call direction", ("INBOUND", "OUTBOUND")),
        _choice("hs_call_status", "Call status", _STATUSES),
        _choice("hs_call_disposition", "Call outcome", outcomes.values(), outcomes),
        Property("hs_call_from_number", "From number"),
        Property("hs_call_to_number", "To number"),
        Property("hs_call_recording_url", "Recording URL"),
        _choice("hs_call_source", "Call source", ("INTEGRATIONS_PLATFORM",)),
        Property("hs_call_app_id", "Call app ID", "number", "number"),
        Property("hs_call_external_id", "External ID"),
        Property("hs_call_external_account_id", "External account ID"),
        Property("hs_call_callee_object_id", "Callee object ID", "number", "number"),
        _choice("hs_call_callee_object_type", "Callee object type", _CALLEES),
        _open_choice("hs_activity_type", "Call and meeting type"),
        _open_choice(OWNER, "Activity assigned to"),
        Property("hs_attachment_ids", "Attached file IDs", "string", "checkbox"),
        Property("hs_unique_id", "Unique ID", has_unique_value=unique_id),
        _set_by_portal("hs_object_id", "Record ID", "number", "number"),
        _set_by_portal("hs_createdate", "Create date", "datetime", "date"),
        _set_by_portal("hs_lastmodifieddate", "Last modified", "datetime", "date"),
        _set_by_portal("hs_unique_creation_key", "Unique creation key"),
        _set_by_portal("hs_object_source", "Record creation source"),
        _set_by_portal("hs_body_preview", "Body preview"),
        _set_by_portal(
            "hs_call_has_transcript", "Has transcript", "bool", "booleancheckbox"
        ),
    )


_CALLEES = ("COMPANY", "CONTACT", "DEAL", "TICKET")


def _choice(
    name: str, label: str, values: Iterable[str], labels: Iterable[str] | None = None
) -> Property:
    """Define an enumeration; labels are the values where none are given."""
    values = tuple(values)
    pairs = zip(labels or values, values, strict=True)
    options = tuple(
        Option(text, value, place) for place, (text, value) in enumerate(pairs)
    )
    return Property(name, label, "enumeration", "select", options=options)


def _open_choice(name: str, label: str) -> Property:
    """Define an enumeration whose options this portal does not know."""
    return Property(name, label, "enumeration", "select", external_options=True)


def _set_by_portal(
    name: str,
    label: str,
    kind: PropertyType = "string",
    field_type: FieldType = "text",
) -> Property:
    metadata = Modification(read_only_value=True)
    return Property(name, label, kind, field_type, modification_metadata=metadata)
