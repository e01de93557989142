"""The body of a request, let go as soon as it is written.

It is as large as all its records, and an answer may take seconds. The library would
keep it until then, in order to write it once more; one send is one request, so nobody
needs it any longer.
"""

import aiohttp
from aiohttp.abc import AbstractStreamWriter


class Body(aiohttp.Payload):
    """JSON that is written once. What changes: its bytes are gone then."""

    def __init__(self, body: bytes) -> None:
        super().__init__(None, content_type="application/json")
        self._bytes: bytes | None = body
        self._length = len(body)

    @property
    def size(self) -> int:
        """Length in bytes, also of what is gone."""
        return self._length

    @property
    def consumed(self) -> bool:
        """It was written, and is gone."""
        return self._bytes is None

    @property
    def autoclose(self) -> bool:
        """There is nothing to close."""
        return True

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write it, and forget it.

        Raises:
            RuntimeError: it was written before.
        """
        if self._bytes is None:
            message = "a request is written once"
            raise RuntimeError(message)
        body, self._bytes = self._bytes, None
        await writer.write(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return it as text; nothing once it is written."""
        return (self._bytes or b"").decode(encoding, errors)
