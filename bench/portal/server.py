"""The fast portal as a process: ``python -m bench.portal.server REMEMBERED``.

It prints its address, and ends when its standard input does.
"""

import asyncio
import gc
import re
import signal
import sys

import msgspec

from . import answers
from .answers import Answers

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
#: larger than a batch of usual records; grows for others
_BUFFER = 1 << 18


class Connection(asyncio.BufferedProtocol):
    """One connection. What changes: its buffer, and how much of it is filled."""

    def __init__(self, portal: Answers) -> None:
        self._portal = portal
        self._buffer = bytearray(_BUFFER)
        self._filled = 0
        #: where the body begins and ends, once the head is there
        self._body: tuple[int, int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a TCP server
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the room that is left."""
        del sizehint
        return memoryview(self._buffer)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Answer every request that is whole."""
        self._filled += nbytes
        while self._body is not None or self._find_body():
            assert self._body is not None  # noqa: S101 - just found
            if self._filled < self._body[1]:
                self._make_room(self._body[1])
                return
            self._answer(*self._body)

    def _find_body(self) -> bool:
        end = self._buffer.find(_END, 0, self._filled)
        if end < 0:
            return False
        length = _LENGTH.search(self._buffer, 0, end)
        begin = end + len(_END)
        self._body = (begin, begin + (int(length[1]) if length else 0))
        return True

    def _make_room(self, size: int) -> None:
        if size >= len(self._buffer):
            self._buffer = self._buffer + bytes(size)

    def _answer(self, begin: int, end: int) -> None:
        line = bytes(self._buffer[: self._buffer.index(b"\r\n")])
        with memoryview(self._buffer) as view, view[begin:end] as body:
            status, answer = _answered(self._portal, line, body)
        if self._transport is not None and answer:
            self._transport.write(_response(status, answer))
        rest = self._buffer[end : self._filled]
        self._buffer[: len(rest)] = rest
        self._filled, self._body = len(rest), None


def _answered(portal: Answers, line: bytes, body: memoryview) -> tuple[bytes, bytes]:
    """Route a request; return status and body, which is empty for no answer."""
    _, target, _ = line.split(b" ", 2)
    if b"/batch/create" in target:
        portal.start()
        answer = portal.create(body)
        portal.end()
        return b"201 Created", b"" if portal.is_silent else answer
    if target.startswith(b"/_bulk"):
        portal.start()
        answer = portal.bulk(body)
        portal.end()
        return b"200 OK\r\nX-Elastic-Product: Elasticsearch", answer
    if b"/batch/read" in target:
        portal.start()
        answer = portal.read(body, archived=b"archived=true" in target)
        portal.end()
        return b"200 OK", answer
    return b"200 OK", _small_answer(portal, target)


def _small_answer(portal: Answers, target: bytes) -> bytes:
    if target.startswith(b"/account-info/"):
        return answers.ACCOUNT
    if b"/properties/" in target:
        is_list = target.endswith(b"/calls")
        return answers.properties() if is_list else answers.one_property()
    if target == b"/bench/begin":
        portal.begin()
    elif target.startswith(b"/bench/mark/"):
        portal.mark(int(target.rpartition(b"/")[2]))
    return msgspec.json.encode(portal.counts)


def _response(status: bytes, body: bytes) -> bytes:
    head = (
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    return head % (status, len(body)) + body


async def serve(remembered: int) -> None:
    """Serve on a free port of the loopback until standard input ends."""
    loop = asyncio.get_running_loop()
    portal = Answers(remembered)
    server = await loop.create_server(lambda: Connection(portal), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201 - for whoever started it
    ended = loop.create_future()
    loop.add_reader(sys.stdin.fileno(), ended.set_result, None)
    await ended
    loop.remove_reader(sys.stdin.fileno())


if __name__ == "__main__":
    gc.disable()  # what it makes has no cycles
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its tenant ends it
    asyncio.run(serve(int(sys.argv[1])))
