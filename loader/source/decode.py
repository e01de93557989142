"""A line to a record, or to the reason why it cannot be sent.

What is validated is exactly what is sent: ``content`` is encoded again from the parsed
value, so that duplicate keys (the last one wins in every parser here) or fields nobody
looked at never reach the portal. A typed decoder takes the good line in one step; only
a line it refuses is looked at again, to find the reason a person can act on. Reasons
name properties, types and lengths, never values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from loader.model.record import Blank, CallRecord, Malformed

from . import identity
from .reasons import Unfit, explain, shorten

#: HubSpot's limit for a string property, in characters
MAX_PROPERTY_CHARACTERS = 65_536
#: names of ignored fields that are remembered
_IGNORED_NAMES = 50
_BOM = b"\xef\xbb\xbf"

Value = str | int | float | bool | None


class AssociationType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HubSpot's ``types[]`` of an association."""

    associationCategory: Literal[  # noqa: N815 - HubSpot's name
        "HUBSPOT_DEFINED", "INTEGRATOR_DEFINED", "USER_DEFINED", "WORK"
    ]
    associationTypeId: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]  # noqa: N815 - HubSpot's name


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HubSpot's ``to`` of an association."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | int


class Association(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call's link to another object."""

    to: Target
    types: Annotated[list[AssociationType], msgspec.Meta(min_length=1)]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HubSpot's create input, as a line may hold it."""

    properties: dict[str, Value]
    associations: list[Association] | None = None
    objectWriteTraceId: str | None = None  # noqa: N815 - HubSpot's name


class Content(msgspec.Struct, frozen=True):
    """What is sent of a record; its encoding ends with the properties."""

    associations: list[Association]
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How lines become records."""

    #: the property that identifies a call in the source system
    key: str | None = None
    #: the portal's property that will carry the trace ID
    trace_property: str | None = None
    #: longest line accepted, in bytes without its line break
    max_line_bytes: int = 1 << 20


_decode_line = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class Decoder:
    """Turns the lines of one source into records.

    What changes: ``ignored_fields``, the names that HubSpot's input has no place for,
    and on how many lines each was left out.
    """

    def __init__(self, digest: str, options: DecodeOptions) -> None:
        self._digest = digest
        self._options = options
        self.ignored_fields: dict[str, int] = {}

    def decode(
        self, raw: bytes, *, line: int, offset: int
    ) -> CallRecord | Malformed | Blank:
        """Decode one line, given with its line break; never raises."""
        text = raw.removeprefix(_BOM) if line == 1 else raw
        if text.isspace() or not text:
            return Blank(line, offset, raw)
        trace_id = None
        try:
            given, fallback_id = self._parse(text)
            trace_id = given.objectWriteTraceId or fallback_id
            return self._record(given, trace_id, raw, line, offset)
        except Unfit as unfit:
            return Malformed(
                line=line,
                offset=offset,
                size=len(raw),
                reason=unfit.reason,
                message=unfit.message,
                raw=raw,
                trace_id=trace_id,
            )

    def _parse(self, text: bytes) -> tuple[Line, str | None]:
        """Return the input, and the ID that a row of a result file gives it."""
        try:
            return _decode_line(text), None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            explained = explain(text.rstrip())
        for name in explained.ignored:
            self._ignore(name)
        try:
            return msgspec.convert(explained.value, Line), explained.trace_id
        except msgspec.ValidationError as error:
            raise Unfit("ASSOCIATION_SHAPE", str(error)) from error

    def _ignore(self, name: str) -> None:
        if name in self.ignored_fields or len(self.ignored_fields) < _IGNORED_NAMES:
            self.ignored_fields[name] = self.ignored_fields.get(name, 0) + 1

    def _record(
        self, given: Line, trace_id: str | None, raw: bytes, line: int, offset: int
    ) -> CallRecord:
        properties = _texts(given.properties)
        if not properties.get("hs_timestamp"):
            raise Unfit(
                "NO_TIMESTAMP",
                "properties.hs_timestamp is missing or empty; HubSpot requires it "
                "(milliseconds since 1970, or UTC ISO 8601)",
            )
        named = True
        if trace_id is not None:
            _check_trace_id(trace_id)
        elif self._options.key is not None:
            trace_id = _key_id(self._options.key, properties)
        else:
            named = False
            trace_id = identity.line_trace_id(self._digest, line, raw)
        self._drop_trace_property(properties, trace_id)
        content = Content(_canonical(given.associations), properties)
        return CallRecord(line, offset, trace_id, _encode(content), raw, named)

    def _drop_trace_property(self, properties: dict[str, str], trace_id: str) -> None:
        """The wire adds the trace property; a line may not set it to something else."""
        name = self._options.trace_property
        if name is None or name not in properties:
            return
        if properties.pop(name) != trace_id:
            raise Unfit(
                "TRACE_PROPERTY_SET",
                f"properties.{name} is the trace property, which carries the record's "
                "own ID; leave it out",
            )


def _texts(properties: Mapping[str, Value]) -> dict[str, str]:
    """Return values as HubSpot's schema has them: strings; a null is left out."""
    texts: dict[str, str] = {}
    for name, value in properties.items():
        if value is None:
            continue
        text = value if isinstance(value, str) else as_text(value)
        if len(text) > MAX_PROPERTY_CHARACTERS:
            raise Unfit(
                "PROPERTY_TOO_LONG",
                f"properties.{shorten(name)} has {len(text):,} characters; "
                f"HubSpot takes {MAX_PROPERTY_CHARACTERS:,}",
            )
        texts[name] = text
    if "" in texts:
        raise Unfit("PROPERTY_TYPE", "a property has an empty name")
    return texts


def as_text(value: float | bool) -> str:  # noqa: FBT001 - a value to write, no switch
    """Write a number or boolean as JSON would; integers keep every digit."""
    return _encode(value).decode()


def _canonical(associations: list[Association] | None) -> list[Association]:
    """Return associations whose targets are strings, as HubSpot's schema has them."""
    if not associations:
        return []
    return [
        each
        if isinstance(each.to.id, str)
        else Association(Target(str(each.to.id)), each.types)
        for each in associations
    ]


def _check_trace_id(trace_id: str) -> None:
    if not (
        0 < len(trace_id) <= 255  # noqa: PLR2004 - a length that any index takes
        and trace_id.isascii()
        and trace_id.isprintable()
        and trace_id == trace_id.strip()
    ):
        raise Unfit(
            "TRACE_ID_FORMAT",
            "objectWriteTraceId must be 1 to 255 printable ASCII characters without "
            "surrounding spaces",
        )


def _key_id(key: str, properties: Mapping[str, str]) -> str:
    value = properties.get(key)
    if not value:
        raise Unfit(
            "KEY_MISSING",
            f"properties.{key} is missing or empty, but --key says that it identifies "
            "the call",
        )
    return identity.key_trace_id(key, value)
