"""A portal that misbehaves on request, over loopback, and a client that asks it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import orjson

from loader.hubspot.address import Endpoints
from loader.hubspot.client import Client, connected
from loader.model.verdict import ItemCreated, Proof
from tests.conftest import records

TOKEN = "pat-na1-0000-secret"
TRACE = "loader_trace_id"
SENT = records(2)
CREATED = Proof({0: ItemCreated("100"), 1: ItemCreated("101")})


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Play = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Plays one part per request. What changes: what it has seen."""

    play: Play
    base_url: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader, writer):
        """Read requests of one connection until it ends."""
        task = asyncio.current_task()
        self.tasks.add(task)
        self.connections += 1
        try:
            while not writer.is_closing():
                self.seen.append(await _request(reader))
                self.arrived.set()
                await self.play(self.seen[-1], writer)
                await writer.drain()
        except (ConnectionError, EOFError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(task)


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {
        name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, path, headers, body)


@contextlib.asynccontextmanager
async def served(play: Play) -> AsyncIterator[Server]:
    """Serve on a free port."""
    server = Server(play)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(server.tasks):
            task.cancel()
        await asyncio.gather(*server.tasks)
        await listening.wait_closed()


@contextlib.asynccontextmanager
async def sending(base_url: str, **settings) -> AsyncIterator[Client]:
    """Connect a client in key mode."""
    defaults = {"token": TOKEN, "connections": 4, "read_timeout_s": 5.0}
    async with connected(
        endpoints=Endpoints(base_url), **(defaults | settings)
    ) as client:
        client.trace_property = TRACE
        yield client


def http(body: bytes, status: int = 201, **headers: str) -> bytes:
    """Write an answer."""
    head = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def complete() -> bytes:
    """Write the body of an answer that names both records."""
    results = [
        {"id": str(100 + number), "properties": {TRACE: record.trace_id}}
        for number, record in enumerate(SENT)
    ]
    return orjson.dumps({"status": "COMPLETE", "results": results[::-1]})


def playing(*parts: bytes | None) -> Play:
    """Answer with these bytes in turn; None closes without an answer."""
    left = list(parts)

    async def play(_seen, writer):
        part = left.pop(0)
        if part is None:
            writer.close()
        else:
            writer.write(part)

    return play


async def silent(_seen, _writer):
    """Never answer."""
    await asyncio.Event().wait()
