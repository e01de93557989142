"""How far the source has settled without a gap."""

import heapq

from .record import Span


class Frontier:
    """The end of the longest gap-free prefix of settled spans.

    Spans settle in any order; only the prefix counts, for a resumed run starts there.
    What changes: ``offset`` grows, ``waiting`` holds the spans settled ahead of it.

    >>> frontier = Frontier(0)
    >>> frontier.settle(Span(10, 20)), frontier.settle(Span(0, 10))
    (0, 20)
    """

    __slots__ = ("_ahead", "offset")

    def __init__(self, offset: int) -> None:
        #: everything before this offset, in bytes, is settled
        self.offset = offset
        self._ahead: list[Span] = []

    def settle(self, span: Span) -> int:
        """Take a settled span; return the offset of the frontier.

        Raises:
            ValueError: the span was settled before, or overlaps one that was.
        """
        if span.start < self.offset:
            message = f"span {span} starts before the frontier at {self.offset}"
            raise ValueError(message)
        heapq.heappush(self._ahead, span)
        while self._ahead and self._ahead[0].start <= self.offset:
            first = heapq.heappop(self._ahead)
            if first.start < self.offset:
                message = f"span {first} overlaps one that is settled"
                raise ValueError(message)
            self.offset = first.end
        return self.offset

    @property
    def waiting(self) -> int:
        """How many settled spans wait for a gap before them to close."""
        return len(self._ahead)

    def __repr__(self) -> str:
        return f"<Frontier at {self.offset}, {self.waiting} spans ahead>"
