"""The body of a request, let go as soon as it is written.

It is as large as all its records, and an answer may take seconds. The library would
keep it until then, in order to write it once more; one send is one request, so nobody
needs it any longer.
"""

import aiohttp
from aiohttp.abc import AbstractStreamWriter


class Body(aiohttp.BytesPayload):
    """JSON that is written once. What changes: its bytes are gone then."""

    def __init__(self, body: bytes) -> None:
        super().__init__(b"", content_type="application/json")
        # set here, since the library warns of whoever gives it a MiB at once
        self._value, self._size = body, len(body)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write it, and forget it.

        Raises:
            RuntimeError: it was written before.
        """
        if self._consumed:
            message = "a request is written once"
            raise RuntimeError(message)
        body, self._value, self._consumed = self._value, b"", True
        await writer.write(body[:content_length])
