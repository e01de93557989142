"""What of a call on the portal is not as its line has it.

A portal writes some values in a form of its own. What these say is the same, and counts
as equal: a time in milliseconds or ISO 8601, a number with or without zeros, options in
another order, blanks at the ends of a text, and how its lines break. Everything else is
a difference, also what the portal took away from a text. Which form a value has is told
by the type of its property. What the portal has beyond what was sent, such as a
calculated property or the company of a contact, is none of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from loader.model.proof import Difference

from .likeness import instant
from .linked import Kind

#: a value that is kept for whoever asks for the data, in characters
_MOST = 200
#: types of properties, for a portal that does not show them
USUAL_TYPES: Mapping[str, str] = {
    "hs_timestamp": "datetime",
    "hs_call_duration": "number",
    "hs_call_direction": "enumeration",
    "hs_call_status": "enumeration",
    "hs_call_disposition": "enumeration",
}


class _To(msgspec.Struct, frozen=True):
    id: str


class _Type(msgspec.Struct, frozen=True):
    associationCategory: str  # noqa: N815 - HubSpot's name
    associationTypeId: int  # noqa: N815 - HubSpot's name


class _Association(msgspec.Struct, frozen=True):
    to: _To
    types: list[_Type]


class Content(msgspec.Struct, frozen=True):
    """What was sent of a record."""

    properties: dict[str, str]
    associations: list[_Association] = []

    def links(self) -> Iterator[tuple[str, Kind]]:
        """Give each record at the other end with each type that leads there."""
        for each in self.associations:
            for one in each.types:
                yield each.to.id, Kind(one.associationCategory, one.associationTypeId)


read_content = msgspec.json.Decoder(Content).decode


def differing_properties(
    sent: Mapping[str, str], found: Mapping[str, object], types: Mapping[str, str]
) -> Iterator[Difference]:
    """Give the properties that are not as they were sent."""
    for name, value in sent.items():
        returned = found.get(name)
        text = "" if returned is None else str(returned)
        if is_same(value, text, types.get(name, "string")):
            continue
        if text.strip():
            how = "another value on the portal"
            if len(text) != len(value):
                how += f" ({len(text):,} characters, sent {len(value):,})"
        else:
            how = "no value on the portal"
        yield Difference("property", name, how, value[:_MOST], text[:_MOST])


def is_same(sent: str, found: str, kind: str) -> bool:
    """Tell whether two values of a property of this type say the same."""
    left, right = _text(sent), _text(found)
    if left == right:
        return True
    match kind:
        case "datetime" | "date":
            moment = instant(left)
            return moment is not None and moment == instant(right)
        case "number":
            number = _number(left)
            return number is not None and number == _number(right)
        case "bool":
            return left.casefold() == right.casefold()
        case "enumeration":
            return _options(left) == _options(right)
        case _:
            return False


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal("_" if "_" in text else text)  # "1_000" is no number elsewhere
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _options(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(";") if each.strip())


def differing_links(
    sent: Sequence[tuple[str, Kind]],
    found: Mapping[str, Mapping[str, frozenset[Kind]]],
    leads_to: Mapping[Kind, str],
) -> Iterator[Difference]:
    """Give the associations that are not there; ``found`` is by object and record."""
    for record, kind in sent:
        to = leads_to.get(kind)
        name = f"{to or 'record'} {record}, {kind.category} {kind.type_id}"
        if to is None:
            how = "cannot be asked for: the portal does not list this type"
            yield Difference("association", name, how)
        elif kind not in found.get(to, {}).get(record, frozenset()):
            yield Difference("association", name, "not on the portal")
