"""A line of the source: a call record ready to send, or the reason it cannot be."""

from collections.abc import Mapping, Sequence

import msgspec

from .links import Link


class Span(msgspec.Struct, frozen=True, order=True, gc=False):
    """A half-open range ``[start, end)`` of the source, in bytes."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.end - self.start


class CallRecord(msgspec.Struct, frozen=True, gc=False):
    """One call, as it will be sent.

    A struct without garbage-collector tracking: a load holds thousands of live records,
    and the collector would walk them again and again.
    """

    #: line number in the source, from 1
    line: int
    #: where the line starts in the source, in bytes
    offset: int
    #: the record's identity for ever; see ``loader.source.identity``
    trace_id: str
    #: canonical JSON, ``{"associations":[…],"properties":{…}}``, encoded from what was
    #: validated (never the bytes of the line, which may hold duplicate keys)
    content: bytes
    #: the line as it was read, with its line break
    raw: bytes
    #: the ID comes from the line or its key, so two lines may share it
    named: bool = False

    @property
    def size(self) -> int:
        """Length of the line in bytes, with its line break."""
        return len(self.raw)


class SeenRecord(CallRecord, frozen=True, gc=False, kw_only=True):
    """A record that is looked at and not sent: it has what was validated as it is.

    Its ID, and its content, are empty unless it is named.
    """

    properties: Mapping[str, str]
    associations: Sequence[Link]


class Malformed(msgspec.Struct, frozen=True, gc=False):
    """A line that cannot be sent; it is rejected locally and costs no neighbour."""

    line: int
    offset: int
    #: length of the line in bytes, with its line break
    size: int
    #: a stable code, such as ``NOT_JSON``; becomes the row's ``category``
    reason: str
    #: a sentence that says what is wrong and where in the line
    message: str
    #: the line as it was read, or empty when it was too long to keep
    raw: bytes
    #: digest of the line when ``raw`` does not hold it
    digest: bytes | None = None
    trace_id: str | None = None


class Duplicate(msgspec.Struct, frozen=True, gc=False):
    """A line that says the same as an earlier one, under the same ID."""

    line: int
    offset: int
    #: line number of the first record with this ID
    first_line: int
    trace_id: str
    raw: bytes

    @property
    def size(self) -> int:
        """Length of the line in bytes, with its line break."""
        return len(self.raw)


class Known(msgspec.Struct, frozen=True, gc=False):
    """A line whose record another load of the same family has on the portal."""

    line: int
    offset: int
    trace_id: str
    #: the call on the portal
    object_id: str
    raw: bytes

    @property
    def size(self) -> int:
        """Length of the line in bytes, with its line break."""
        return len(self.raw)


class Blank(msgspec.Struct, frozen=True, gc=False):
    """An empty line: part of a span, but no record."""

    line: int
    offset: int
    #: the line as it was read, or empty when it was too long to keep
    raw: bytes
    #: length and digest of the line when ``raw`` does not hold it
    length: int | None = None
    digest: bytes | None = None

    @property
    def size(self) -> int:
        """Length of the line in bytes, with its line break."""
        return len(self.raw) if self.length is None else self.length


#: Whatever a line of the source can be.
Item = CallRecord | Malformed | Duplicate | Known | Blank

#: Consecutive items: what travels through the queue at once.
Chunk = Sequence[Item]


def own_digest(item: Item) -> bytes | None:
    """Return the digest of a line that was too long to keep; None for all others.

    Its bytes are not here to be hashed with others': such a line stands alone, in its
    chunk and in its batch.
    """
    return item.digest if isinstance(item, (Malformed, Blank)) else None
