"""A line to a record, or to the reason why it cannot be sent.

What is validated is exactly what is sent: ``content`` is encoded again from the parsed
value, so that duplicate keys (the last one wins in every parser here) or fields nobody
looked at never reach the portal. A typed decoder takes the line whose values are texts
in one step, a second one the line with numbers; only a line that both refuse is looked
at closely, for a reason a person can act on.

Values go out as text, as HubSpot's schema has them: strings as they are, integers with
every digit, other numbers as the shortest JSON text of their double (``1.50`` gives
``1.5``, ``2.0`` stays ``2.0``, ``1e21`` gives ``1e+21``), booleans ``true`` and
``false``. A null is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import orjson

from loader.model.record import Blank, CallRecord, Malformed

from . import identity
from .draft import Origin, checked_id, draft_of, line_of
from .reasons import Unfit, shown
from .shape import AnyAssociation, Association, Content, Line, Target, TextLine, Value

#: HubSpot's limit for a string property, in characters
MAX_PROPERTY_CHARACTERS = 65_536
#: names of ignored fields that are remembered
MAX_IGNORED_NAMES = 50
#: a file may begin with it, and then it is no part of the first line's text
BOM = b"\xef\xbb\xbf"

_BLANKS = b" \t\r\n"
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decode_texts = msgspec.json.Decoder(TextLine).decode
_decode_line = msgspec.json.Decoder(Line).decode
#: writes what is sent
encode = msgspec.json.Encoder().encode
_encode_into = msgspec.json.Encoder().encode_into


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How lines become records."""

    #: the property that identifies a call in the source system
    key: str | None = None
    #: the portal's property that will carry the trace ID
    trace_property: str | None = None
    #: longest line accepted, in bytes without its line break
    max_line_bytes: int = 1 << 20


def is_blank(raw: bytes, offset: int) -> bool:
    """Whether a line, or a piece of one, holds nothing but blanks."""
    return not text_of(raw, offset).strip(_BLANKS)


def text_of(raw: bytes, offset: int) -> bytes:
    """Return a line without the byte order mark that its source may begin with."""
    return raw if offset else raw.removeprefix(BOM)


class Decoder:
    """Turns the lines of one source into records.

    What changes: ``ignored_fields``, the names that HubSpot's input has no place for,
    and from how many records each was left out.
    """

    __slots__ = ("_buffer", "_digest", "_key", "_trace_property", "ignored_fields")

    def __init__(self, digest: str, options: DecodeOptions) -> None:
        self._digest = digest
        self._key = options.key
        self._trace_property = options.trace_property
        #: a line is written here first: an encoder's own bytes keep room for half as
        #: much again, and thousands of records are alive
        self._buffer = bytearray(1 << 12)
        self.ignored_fields: dict[str, int] = {}

    def decode(
        self, raw: bytes, *, line: int, offset: int
    ) -> CallRecord | Malformed | Blank:
        """Decode one line, given with its line break; never raises."""
        text = text_of(raw, offset)
        given: TextLine | Line
        try:
            given = _decode_texts(text)
        except _REFUSED:
            try:
                given = _decode_line(text)
            except _REFUSED:
                text = text.rstrip(_BLANKS)  # so that a column is one of this line
                if not text:
                    return Blank(line, offset, raw)
                return self._decode_closely(text, raw, line, offset)
        return self._item(given, raw, line, offset)

    def _decode_closely(
        self, text: bytes, raw: bytes, line: int, offset: int
    ) -> CallRecord | Malformed:
        own_id = None
        try:
            draft = draft_of(text)
            own_id = draft.own_id
            given = line_of(draft)
        except Unfit as unfit:
            return malformed(unfit, raw, line, offset, own_id)
        item = self._item(given, raw, line, offset, draft.origin)
        if isinstance(item, CallRecord):
            for name in draft.ignored:
                self._ignore(name)
        return item

    def _ignore(self, name: str) -> None:
        if name in self.ignored_fields or len(self.ignored_fields) < MAX_IGNORED_NAMES:
            self.ignored_fields[name] = self.ignored_fields.get(name, 0) + 1

    def _item(
        self,
        given: TextLine | Line,
        raw: bytes,
        line: int,
        offset: int,
        origin: Origin | None = None,
    ) -> CallRecord | Malformed:
        """Make a record of an input of the right shape, if all else is right too."""
        trace_id = None
        try:
            if given.objectWriteTraceId is not None:
                trace_id = checked_id(given.objectWriteTraceId)
            if isinstance(given, TextLine):
                properties = given.properties
                associations: Sequence[AnyAssociation] = given.associations or ()
            else:
                properties = _texts(given.properties)
                associations = _canonical(given.associations)
            if len(raw) > MAX_PROPERTY_CHARACTERS:
                # no value has more characters than the line has bytes
                _check_lengths(properties)
            if "" in given.properties or not properties.get("hs_timestamp"):
                raise _unnamed_or_untimed(given.properties)
            if trace_id is None and self._key is not None:
                trace_id = _key_id(self._key, properties)
            if trace_id is None and origin is not None:
                # of what it says now, so that each copy of a copy gives the same
                said = encode(Content(associations, properties))
                trace_id = identity.line_trace_id(origin.digest, origin.line, said)
            named = trace_id is not None
            if trace_id is None:
                trace_id = self._line_id(line, raw)
            if self._trace_property in properties:
                _drop(self._trace_property, properties, trace_id)
        except Unfit as unfit:
            return malformed(unfit, raw, line, offset, trace_id)
        sent = Content(associations, properties)
        return self._made(line, offset, trace_id, sent, raw, named=named)

    def _line_id(self, line: int, raw: bytes) -> str:
        """Derive the ID of a line that has none."""
        return identity.line_trace_id(self._digest, line, raw)

    def _made(
        self,
        line: int,
        offset: int,
        trace_id: str,
        sent: Content,
        raw: bytes,
        *,
        named: bool,
    ) -> CallRecord:
        """Make the record of a line that can be sent."""
        _encode_into(sent, self._buffer)
        return CallRecord(line, offset, trace_id, bytes(self._buffer), raw, named)


def malformed(
    unfit: Unfit, raw: bytes, line: int, offset: int, trace_id: str | None = None
) -> Malformed:
    """Make an item of a line that cannot be sent."""
    return Malformed(
        line=line,
        offset=offset,
        size=len(raw),
        reason=unfit.reason,
        message=unfit.message,
        raw=raw,
        trace_id=trace_id,
    )


def as_text(value: float | bool) -> str:  # noqa: FBT001 - a value to write, no switch
    """Write a number or boolean as JSON would; integers keep every digit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else orjson.dumps(value).decode()


def _texts(properties: Mapping[str, Value]) -> dict[str, str]:
    """Return all properties as texts."""
    return {
        name: value if isinstance(value, str) else as_text(value)
        for name, value in properties.items()
        if value is not None
    }


def _unnamed_or_untimed(properties: Mapping[str, Value]) -> Unfit:
    if "" in properties:
        return Unfit("PROPERTY_TYPE", "a property has an empty name")
    return Unfit(
        "NO_TIMESTAMP",
        "properties.hs_timestamp is missing or empty; HubSpot requires it "
        "(milliseconds since 1970, or UTC ISO 8601)",
    )


def _check_lengths(texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        if len(text) > MAX_PROPERTY_CHARACTERS:
            raise Unfit(
                "PROPERTY_TOO_LONG",
                f"properties.{shown(name)} has {len(text):,} characters; "
                f"HubSpot takes {MAX_PROPERTY_CHARACTERS:,}",
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


def _drop(trace_property: str, properties: dict[str, str], trace_id: str) -> None:
    """Leave the trace property to the wire; the line may only say the same."""
    if properties.pop(trace_property) != trace_id:
        raise Unfit(
            "TRACE_PROPERTY_SET",
            f"properties.{trace_property} is the trace property, which carries the "
            "record's own ID; leave it out",
        )


def _canonical(associations: list[Association] | None) -> list[Association]:
    """Return associations whose targets are strings, as HubSpot's schema has them."""
    return [
        each
        if isinstance(each.to.id, str)
        else Association(Target(str(each.to.id)), each.types)
        for each in associations or ()
    ]
