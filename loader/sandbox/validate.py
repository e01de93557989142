"""Whether the portal takes a call, and what it says when it does not."""

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from .links import TYPES_TO
from .schema import OWNER, REQUIRED, Property, Schema
from .wire import Association, AssociationType, ErrorDetail, PropertyValue

MAX_TEXT = 65_536
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MILLISECONDS = re.compile(r"-?[0-9]{1,16}")
_TYPES_FROM_CALL = frozenset(TYPES_TO.values())


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the portal does not take a call."""

    message: str
    category: str = "VALIDATION_ERROR"
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    details: tuple[ErrorDetail, ...] = ()

    def in_text(self) -> "Problem":
        """Return the same with the contexts of its details as strings."""
        return replace(self, details=tuple(each.in_text() for each in self.details))


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with one property."""

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Associable:
    """Which associations the portal knows."""

    #: type IDs that the portal's own users defined
    custom_types: Collection[int] = ()
    #: record IDs that do not exist; all others do
    missing: Collection[str] = ()

    def knows(self, kind: AssociationType) -> bool:
        """Tell whether a call can have an association of this type."""
        if kind.association_category == "HUBSPOT_DEFINED":
            return kind.association_type_id in _TYPES_FROM_CALL
        return kind.association_type_id in self.custom_types

    def allows(self, association: Association) -> bool:
        """Tell whether a call can have this association."""
        target = association.to.id
        return (
            target.isascii()
            and target.isdigit()
            and target not in self.missing
            and bool(association.types)
            and all(map(self.knows, association.types))
        )


def as_texts(properties: Mapping[str, PropertyValue]) -> dict[str, str]:
    """Give values as the portal keeps them: as text; null is no value."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in properties.items()
        if value is not None
    }


def find_problem(
    properties: Mapping[str, str],
    associations: Collection[Association],
    *,
    schema: Schema,
    associable: Associable,
    portal_id: int,
) -> Problem | None:
    """Judge one call by itself; whether its unique values are free is not asked."""
    objections = [
        each
        for name, value in properties.items()
        if (each := _object_to(name, value, schema)) is not None
    ]
    owner = properties.get(OWNER)
    if owner and not schema.has_owner(owner):
        message = f"{owner} is not the ID of an owner."
        objections.append(Objection(OWNER, "INVALID_OWNER", message))
    if objections:
        return _not_valid(objections, portal_id)
    unset = tuple(name for name in REQUIRED if not properties.get(name))
    if unset:
        message = "Error creating CALL. Some required properties were not set."
        return Problem(message, context=(("properties", unset),))
    if not all(map(associable.allows, associations)):
        return Problem("one or more associations are not valid")
    return None


def clash(name: str, value: str, *, new: int, holder: int, portal_id: int) -> Problem:
    """Say that another call has a unique value."""
    coordinates = (
        f"portalId={portal_id}, objectTypeId=0-48, propertyName={name}, value={value}"
    )
    return Problem(
        f"Cannot set PropertyValueCoordinates{{{coordinates}}} on {new}. "
        f"{holder} already has that value."
    )


def conflict(holder: int) -> Problem:
    """Say the same in the words that HubSpot uses for contacts."""
    return Problem(
        f"Call already exists. Existing ID: {holder}",
        category="CONFLICT",
        context=(("existingId", (str(holder),)),),
    )


def _object_to(name: str, value: str, schema: Schema) -> Objection | None:
    """Judge a value by what its property is, then by what administrators demand."""
    objection = check_value(schema.find(name), name, value)
    if objection is not None or not value or schema.allows(name, value):
        return objection
    message = f"The value of {name} is against its validation rules."
    return Objection(name, "VALIDATION_RULE", message)


def check_value(known: Property | None, name: str, value: str) -> Objection | None:
    """Judge the value of one property."""
    if known is None:
        message = f'Property "{name}" does not exist'
        return Objection(name, "PROPERTY_DOESNT_EXIST", message)
    if known.read_only:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return Objection(name, "READ_ONLY_VALUE", message)
    check = _CHECKS.get(known.type, _check_text)
    return check(known, value) if value else None


def as_iso(value: str) -> str:
    """Give a date and time in the form in which HubSpot shows it."""
    return show_time(_read_time(value))


def show_time(at: dt.datetime) -> str:
    """Give a time in UTC in ISO 8601, with milliseconds."""
    text = at.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _not_valid(objections: Collection[Objection], portal_id: int) -> Problem:
    """Join objections in HubSpot's way: JSON within the message."""
    texts = [
        {
            "isValid": False,
            "message": each.message,
            "error": each.code,
            "name": each.name,
            "localizedErrorMessage": each.message,
            "portalId": portal_id,
        }
        for each in objections
    ]
    listed = json.dumps(texts, separators=(",", ":"))
    return Problem(
        f"Property values were not valid: {listed}",
        details=tuple(
            ErrorDetail(each.message, each.code, {"propertyName": (each.name,)})
            for each in objections
        ),
    )


def _check_text(known: Property, value: str) -> Objection | None:
    if len(value) <= MAX_TEXT:
        return None
    message = f"The value of {known.name} is longer than {MAX_TEXT} characters."
    return Objection(known.name, "VALUE_TOO_LONG", message)


def _check_number(known: Property, value: str) -> Objection | None:
    if _NUMBER.fullmatch(value):
        return None
    return Objection(known.name, "INVALID_INTEGER", f"{value} was not a valid number.")


def _check_datetime(known: Property, value: str) -> Objection | None:
    try:
        _read_time(value)
    except (ValueError, OverflowError):
        message = f"{value} was not a valid date."
        return Objection(known.name, "INVALID_DATE", message)
    return None


def _read_time(value: str) -> dt.datetime:
    """Read Unix milliseconds or ISO 8601; without a zone it is UTC."""
    if _MILLISECONDS.fullmatch(value):
        epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        return epoch + dt.timedelta(milliseconds=int(value))
    at = dt.datetime.fromisoformat(value)
    return at.astimezone(dt.UTC) if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _check_option(known: Property, value: str) -> Objection | None:
    chosen = value.split(";") if known.field_type == "checkbox" else (value,)
    allowed = [each.value for each in known.options]
    if known.external_options or all(each in allowed for each in chosen):
        return None
    message = f"{value} was not one of the allowed options: {allowed}"
    return Objection(known.name, "INVALID_OPTION", message)


def _check_bool(known: Property, value: str) -> Objection | None:
    if value in ("true", "false"):
        return None
    return Objection(known.name, "INVALID_BOOLEAN", f"{value} was not true or false.")


_CHECKS: Mapping[str, Callable[[Property, str], Objection | None]] = {
    "number": _check_number,
    "datetime": _check_datetime,
    "date": _check_datetime,
    "enumeration": _check_option,
    "bool": _check_bool,
}
