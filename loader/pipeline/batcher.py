"""Lines to batches: each covers a contiguous span and fits one request.

A plain structure without I/O or timers: it is fed items and gives back the batches
that became full; ``seal`` gives back what is left.
"""

import hashlib
from dataclasses import dataclass

from loader.model.batch import Batch
from loader.model.record import (
    Blank,
    CallRecord,
    Chunk,
    Duplicate,
    Item,
    Known,
    Malformed,
    Span,
    own_digest,
)

#: a span of lines without records is sealed after so many lines or bytes, so that its
#: digest can be checked and the frontier moves
_SPAN_LINES = 1000
_SPAN_BYTES = 8 << 20

#: what the wire adds to a record's content: the trace ID twice and two names
WIRE_OVERHEAD = 400


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a batch may grow."""

    #: inputs, 1 to 100
    inputs: int = 100
    #: bytes of the request body; a single larger record still goes alone
    body_bytes: int = 3 << 20


class Batcher:
    """Collects items into batches.

    What changes: the items of the batch that is being formed.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._items: list[Item] = []
        self._inputs = 0
        self._body = 0

    @property
    def is_empty(self) -> bool:
        """No item waits to be sealed."""
        return not self._items

    def feed(self, chunk: Chunk) -> list[Batch]:
        """Take consecutive items; return the batches they completed."""
        sealed: list[Batch] = []
        bounds = self._bounds
        for item in chunk:
            weight, alone = 0, False
            if isinstance(item, CallRecord):
                weight = len(item.content) + WIRE_OVERHEAD
            else:
                # its bytes are not here to be hashed with others'
                alone = own_digest(item) is not None
            if alone or (weight and self._body + weight > bounds.body_bytes):
                sealed += self.seal()  # the first item of a batch always fits
            self._items.append(item)
            self._body += weight
            self._inputs += weight > 0
            if (
                alone
                or self._inputs >= bounds.inputs
                or len(self._items) >= _SPAN_LINES
                or item.offset - self._items[0].offset >= _SPAN_BYTES
            ):
                sealed += self.seal()
        return sealed

    def seal(self) -> list[Batch]:
        """Return what was collected as a batch; nothing when there is nothing."""
        if not self._items:
            return []
        batch = batch_of(self._items)
        self.clear()
        return [batch]

    def clear(self) -> None:
        """Forget what was collected: it stays unread."""
        self._items, self._inputs, self._body = [], 0, 0


def batch_of(items: Chunk) -> Batch:
    """Make one batch of consecutive items; there must be at least one.

    Blank lines at its start are in its span but not in its lines: the line break that
    a growing file gives to its former last line belongs to a line counted before.
    """
    first, last = items[0], items[-1]
    end_line = last.line + 1
    records = tuple([each for each in items if isinstance(each, CallRecord)])
    others = () if len(records) == len(items) else items
    counted = (each.line for each in items if not isinstance(each, Blank))
    return Batch(
        span=Span(first.offset, last.offset + last.size),
        first_line=next(counted, end_line),
        end_line=end_line,
        records=records,
        malformed=tuple([each for each in others if isinstance(each, Malformed)]),
        duplicates=tuple([each for each in others if isinstance(each, Duplicate)]),
        digest=_digest(items),
        known=tuple([each for each in others if isinstance(each, Known)]),
    )


def _digest(items: Chunk) -> bytes:
    """Hash the bytes of consecutive items (blake2b-64)."""
    own = None if isinstance(items[0], CallRecord) else own_digest(items[0])
    if own is not None:
        return own  # such a line is alone in its batch
    whole = b"".join([each.raw for each in items])
    return hashlib.blake2b(whole, digest_size=8).digest()
