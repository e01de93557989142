"""Sends one request and brings back what its answer means; never retries.

Whether the first byte may have left decides the class of a failure: what fails before
(name, connection, TLS, proxy) was not applied, everything later is in doubt.
"""

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

import aiohttp
import orjson
from aiohttp.connector import Connection

from loader.errors import UsageError
from loader.model.record import CallRecord
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    Failed,
    ReadVerdict,
    Reply,
    Unsent,
)

from .address import Endpoints
from .advice import Advice
from .body import Body
from .codec import create_body, read_body
from .loopback import ThisMachine
from .raw import RawAnswer, read_allowance
from .verdict import judge_create, judge_read

V = TypeVar("V")

#: longest answer that is read, in bytes after decompression: it may repeat a body of
#: 3 MiB with every character escaped
MAX_ANSWER_BYTES = 64 << 20
_CONNECT_S = 10.0
_KEEPALIVE_S = 2.0
#: what a header value may hold
_WORD = re.compile(r"[\x21-\x7e]+")


class TooLarge(Exception):
    """The answer is longer than anything we would read."""


class Stale(Exception):
    """The connection holds an answer that nobody waits for."""


class Response(aiohttp.ClientResponse):
    """An answer that knows when its request left, in seconds of the loop's clock."""

    left_at: float | None = None


class Request(aiohttp.ClientRequest):
    """A request that takes no answer which was there before it."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write the request, unless the connection has something to say already.

        The library would take that for the answer.

        Raises:
            Stale: it has; the caller closes it.
        """
        if conn.protocol is None or conn.protocol.should_close:
            raise Stale
        left_at = self.loop.time()  # behind the wait for a connection
        response = await super().send(conn)
        if isinstance(response, Response):
            response.left_at = left_at
        return response


class Client:
    """One session with one portal; use :func:`connected`.

    ``trace_property`` is set once preflight knows it; a request takes what it is when
    the request starts. So is ``advice``, which explains refusals, and ``oldest_own``,
    before which the load has made no object.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoints: Endpoints,
        *,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._session = session
        self._endpoints = endpoints
        self._max_answer_bytes = max_answer_bytes
        self.trace_property: str | None = None
        self.oldest_own: datetime | None = None
        self.advice = Advice()

    def __repr__(self) -> str:
        return f"<Client of {self._endpoints.base_url}>"

    @property
    def endpoints(self) -> Endpoints:
        """Where requests go."""
        return self._endpoints

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        """Send one ``batch/create``. Any failure is a verdict, never an exception."""
        trace_property = self.trace_property

        def judge(answer: RawAnswer) -> CreateVerdict:
            return self.advice.explained(judge_create(answer, records, trace_property))

        body = Body(create_body(records, trace_property))
        url = self._endpoints.calls("create")
        return await self._asked("POST", url, body, judge, unsent=Unsent, lost=Doubt)

    async def read(
        self, trace_ids: Sequence[str], *, archived: bool
    ) -> Reply[ReadVerdict]:
        """Send one ``batch/read`` by the trace property.

        Raises:
            ValueError: no trace property is known.
        """
        trace_property = self.trace_property
        if trace_property is None:
            message = "records cannot be asked for without a trace property"
            raise ValueError(message)

        def judge(answer: RawAnswer) -> ReadVerdict:
            return judge_read(answer, trace_ids, trace_property, self.oldest_own)

        url = f"{self._endpoints.calls('read')}?archived={str(archived).lower()}"
        body = Body(read_body(trace_ids, trace_property))
        return await self._asked("POST", url, body, judge, unsent=Unsent, lost=Failed)

    async def ask(
        self,
        method: str,
        url: str,
        judge: Callable[[RawAnswer], V],
        body: object = None,
    ) -> Reply[V | Unsent | Failed]:
        """Send any other question, such as preflight's, with a body to encode."""
        data = None if body is None else Body(orjson.dumps(body))

        def judged(answer: RawAnswer) -> V | Unsent | Failed:
            return judge(answer)

        return await self._asked(method, url, data, judged, unsent=Unsent, lost=Failed)

    async def _asked(
        self,
        method: str,
        url: str,
        body: Body | None,
        judge: Callable[[RawAnswer], V],
        *,
        unsent: Callable[[str], V],
        lost: Callable[[str], V],
    ) -> Reply[V]:
        try:
            answer = await self._exchange(method, url, body)
            allowance = read_allowance(answer.headers)
            return Reply(judge(answer), allowance, answer.left_at)
        except _NEVER_LEFT as error:
            return Reply(unsent(_describe(error)))
        except TooLarge:
            return Reply(lost("the answer is too long"))
        except Exception as error:  # noqa: BLE001 - whatever it was, it may have arrived
            return Reply(lost(_describe(error)))

    async def _exchange(self, method: str, url: str, body: Body | None) -> RawAnswer:
        """One request, one answer, read to its end within bounds."""
        async with self._session.request(
            method, url, data=body, allow_redirects=False
        ) as response:
            pieces: list[bytes] = []
            size = 0
            async for piece in response.content.iter_any():
                size += len(piece)
                if size > self._max_answer_bytes:
                    raise TooLarge
                pieces.append(piece)
            headers = _joined(response.headers.items())
            left_at = response.left_at if isinstance(response, Response) else None
            return RawAnswer(response.status, headers, b"".join(pieces), left_at)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by lower-case name; one that repeats says all its values.

    Two content types, say, are none: neither of them is taken for the right one.
    """
    joined: dict[str, str] = {}
    for name, value in headers:
        before = joined.get(name.lower())
        joined[name.lower()] = value if before is None else f"{before}, {value}"
    return joined


#: exceptions for requests whose first byte never left. Its other connection
#: errors, such as "Cannot write to closing transport", may come in mid-request.
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,  # name, connection, TLS, proxy, certificate
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.ClientHttpProxyError,
    Stale,
)


def _describe(error: BaseException) -> str:
    """Name a failure without what it carries: URLs and headers stay out of logs."""
    cause = error.__cause__ or error
    number = getattr(cause, "errno", None) or getattr(error, "errno", None)
    if not number:
        return type(error).__name__
    known = os.strerror(number) if number in errno.errorcode else f"errno {number}"
    return f"{type(error).__name__} ({known})"


@contextlib.asynccontextmanager
async def connected(
    *,
    endpoints: Endpoints,
    token: str,
    connections: int,
    read_timeout_s: float,
    max_answer_bytes: int = MAX_ANSWER_BYTES,
) -> AsyncIterator[Client]:
    """Open a session: no redirects, no cookies, nothing from the environment.

    Raises:
        UsageError: the token cannot stand in a header.
    """
    headers = _headers(token)
    connector = aiohttp.TCPConnector(
        limit=connections,
        keepalive_timeout=_KEEPALIVE_S,
        ttl_dns_cache=300,
        resolver=ThisMachine() if endpoints.base_url.startswith("http:") else None,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        request_class=Request,
        response_class=Response,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        raise_for_status=False,
        read_bufsize=1 << 18,
        timeout=aiohttp.ClientTimeout(
            total=3 * read_timeout_s + _CONNECT_S,
            connect=None,
            sock_connect=_CONNECT_S,
            sock_read=read_timeout_s,
        ),
        headers=headers,
    )
    try:
        yield Client(session, endpoints, max_answer_bytes=max_answer_bytes)
    finally:
        await session.close()
        await asyncio.sleep(0)  # lets the transports close


def _headers(token: str) -> dict[str, str]:
    """Return what goes with every request; a bad token is refused, and not shown."""
    if not _WORD.fullmatch(token):
        raise UsageError(
            "the access token must be one word of ASCII characters; check "
            "HUBSPOT_ACCESS_TOKEN or --token-file"
        )
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": f"hubspot-call-loader/{_our_version()}",
    }


def _our_version() -> str:
    try:
        return version("hubspot-call-loader")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
