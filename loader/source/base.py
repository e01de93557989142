"""What every source is: a name, a digest, and lines in order."""

from collections.abc import Callable
from typing import Protocol

from loader.model.record import Chunk, Span

from .calls import Call
from .decode import DecodeOptions, Decoder
from .lines import Bytes, LineReader, never


class Source(Protocol):
    """The lines of one source, in order, from a position that moves forward."""

    #: what people call it: an absolute path, or ``-``
    name: str
    #: names the source for ever; see ``identity.source_digest``
    digest: str
    #: in bytes, when it was opened; None for a stream
    size: int | None
    #: known spans are passed by seeking, so they are checked separately
    is_seekable: bool

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        ...

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond ``end``; nothing at the end.

        Raises:
            SourceChanged: the line that was last in an earlier run goes on.
            OSError: the source cannot be read.
        """
        ...

    async def skip(self, span: Span, end_line: int) -> bytes | None:
        """Go over a known span; a stream returns the digest of what it read."""
        ...

    async def digest_of(self, span: Span) -> bytes:
        """Return the digest (blake2b-64) of a span, without moving; seekable only.

        Raises:
            UsageError: the source is a stream.
        """
        ...


class LineSource:
    """What files and streams share: lines that a reader takes in a thread.

    What changes: the reader's position.
    """

    def __init__(
        self,
        name: str,
        digest: str,
        lines: Bytes,
        options: DecodeOptions,
        *,
        is_quiet: Callable[[], bool] = never,
    ) -> None:
        self.name = name
        self.digest = digest
        self._decoder = Decoder(digest, options)
        self._reading = Call[Chunk]()
        self._reader = LineReader(
            lines,
            self._decoder,
            max_line_bytes=options.max_line_bytes,
            is_quiet=is_quiet,
        )

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        return dict(self._decoder.ignored_fields)

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond ``end``; nothing at the end."""
        return await self._reading.result(lambda: self._reader.chunk(end))

    async def ended(self) -> None:
        """Wait for a read whose caller was cancelled."""
        await self._reading.ended()
