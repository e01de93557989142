"""The product's file source over bytes: it seeks, reads and digests as on a file."""

import asyncio
import io
import random
from collections.abc import Callable
from typing import BinaryIO, cast

from loader.model.record import Chunk, Span
from loader.source.base import LineSource
from loader.source.decode import DecodeOptions
from loader.source.files import FileSource
from loader.source.identity import source_digest, span_digest
from loader.source.lines import first_line

from .chance import happens

NAME = "/calls.ndjson"


class BytesSource(FileSource):
    """A file that is in memory. Chunks end early and come late, as chance wants."""

    def __init__(
        self,
        content: bytes,
        options: DecodeOptions,
        *,
        rng: random.Random,
        slow: float,
        reached: Callable[[str], None],
    ) -> None:
        file = io.BytesIO(content)
        digest = source_digest(first_line(file.readline))
        file.seek(0)
        quiet = (lambda: happens(rng, slow)) if slow else (lambda: False)
        LineSource.__init__(
            self, NAME, digest, cast("BinaryIO", file), options, is_quiet=quiet
        )
        self.size = len(content)
        self._file = cast("BinaryIO", file)
        self._content = content
        self._rng = rng
        self._slow = slow
        self._reached = reached

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, after a while."""
        self._reached("source read")
        if self._slow:
            await asyncio.sleep(self._rng.random() * 2.0)
        return await super().read(end)

    def _digest_of(self, span: Span) -> bytes:
        return span_digest([self._content[span.start : span.end]])
