"""A descriptor that is read in a thread, and let go when nobody wants more of it.

A thread cannot be cancelled; one that waits for a silent pipe would keep the process
from ending. So it looks up from its wait several times a second.
"""

import os
import select

_PIECE = 256 << 10
#: so many bytes without a line break are no longer looked at for being quiet
_ENOUGH = 1 << 20
#: how long a blocked read may go on when nobody wants it any more, in milliseconds
_GLANCE_MS = 200


class Pipe:
    """Bytes of a descriptor, in order; used by one thread at a time.

    What changes: the bytes that were read and not taken yet, and whether more are
    wanted.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._ended = False
        #: cleared from outside: a read that waits then ends as if the pipe had
        self.is_wanted = True

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, at least one before the end."""
        if size > 0 and not self._buffer:
            self._fill()
        return self._taken(size)

    def readline(self, size: int, /) -> bytes:
        """Return what is left of a line, with its line break, cut to a size."""
        looked_at = 0
        while (found := self._buffer.find(b"\n", looked_at, size)) < 0:
            looked_at = len(self._buffer)
            if looked_at >= size or not self._fill():
                return self._taken(size)
        return self._taken(found + 1)

    def unread(self, raw: bytes) -> None:
        """Put bytes back, to be taken again."""
        self._buffer[:0] = raw

    def is_quiet(self) -> bool:
        """Whether a whole line is neither here nor coming just now."""
        while b"\n" not in self._buffer and len(self._buffer) < _ENOUGH:
            if self._ended or not self.is_wanted:
                return False
            if not self._arrives(0):
                return True
        return False

    def _taken(self, size: int) -> bytes:
        raw = bytes(self._buffer[:size])
        del self._buffer[:size]
        return raw

    def _fill(self) -> bool:
        """Wait for more; False at the end, or when no more is wanted."""
        while self.is_wanted and not self._ended:
            if self._arrives(_GLANCE_MS):
                return not self._ended
        return False

    def _arrives(self, wait_ms: int) -> bool:
        """Take in what comes within a time; False when nothing did."""
        if not self._poll.poll(wait_ms):
            return False
        try:
            piece = os.read(self._fd, _PIECE)
        except BlockingIOError:  # another reader of the same pipe was faster
            return False
        self._buffer += piece
        self._ended = not piece
        return True
