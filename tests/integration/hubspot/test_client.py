"""The client against a server that misbehaves on request, over loopback."""

import asyncio
import logging
import socket
import tracemalloc

import aiohttp
import orjson
import pytest
from aiohttp.abc import AbstractResolver

from loader.hubspot import preflight
from loader.hubspot.address import Endpoints
from loader.hubspot.client import Client
from loader.hubspot.codec import create_body, read_body
from loader.model.verdict import (
    Allowance,
    Doubt,
    Failed,
    Found,
    Halt,
    Unsent,
)
from tests.corpora.hostile import (
    CREATED,
    SENT,
    TOKEN,
    TRACE,
    complete,
    http,
    playing,
    sending,
    served,
    silent,
)

# -- what goes out, and what comes back --


async def test_a_create_is_one_post_with_the_codecs_bytes():
    """The answer's items and rate headers come back together."""
    answer = http(
        complete(),
        X_HubSpot_RateLimit_Max="190",
        X_HubSpot_RateLimit_Remaining="189",
        X_HubSpot_RateLimit_Interval_Milliseconds="10000",
    )
    async with served(playing(answer)) as server, sending(server.base_url) as client:
        reply = await client.create(SENT)

    assert reply.verdict == CREATED
    assert reply.allowance == Allowance(190, 189, 10.0)
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/crm/v3/objects/calls/batch/create")
    assert seen.body == create_body(SENT, TRACE)
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"].startswith("hubspot-call-loader/")


async def test_a_reply_says_when_its_request_left():
    """That is behind the wait for a connection, which may be a long one."""
    now = asyncio.get_running_loop().time
    answered: list[float] = []

    async def answer(_seen, writer):
        answered.append(now())
        writer.write(http(complete()))

    async with (
        served(answer) as server,
        sending(server.base_url, connections=1) as client,
    ):
        began = now()
        first, second = await asyncio.gather(client.create(SENT), client.create(SENT))

    assert first.left_at is not None
    assert second.left_at is not None
    assert began <= first.left_at <= answered[0] <= second.left_at <= answered[1]


@pytest.mark.parametrize("archived", [False, True])
async def test_a_read_says_whether_it_asks_for_archived_calls(archived):
    """Both are asked, else a call that someone deleted comes back to life."""
    asked = [record.trace_id for record in SENT]
    async with (
        served(playing(http(complete(), 200))) as server,
        sending(server.base_url) as client,
    ):
        reply = await client.read(asked, archived=archived)

    assert reply.verdict == Found({SENT[0].trace_id: "100", SENT[1].trace_id: "101"})
    (seen,) = server.seen
    assert seen.path == (
        f"/crm/v3/objects/calls/batch/read?archived={str(archived).lower()}"
    )
    assert seen.body == read_body(asked, TRACE)


async def test_any_other_question_is_judged_by_its_own_judge():
    """Preflight's, for one."""
    account = http(b'{"portalId":7,"timeZone":"UTC"}', 200)
    async with (
        served(playing(account, http(b'{"name":"g"}'))) as server,
        sending(server.base_url) as client,
    ):
        where = client.endpoints
        who = await client.ask("GET", where.account(), preflight.judge_account)
        group = await client.ask(
            "POST",
            where.properties("groups"),
            preflight.judge_group,
            preflight.new_group(),
        )

    assert who.verdict == preflight.Account(7, "UTC")
    assert group.verdict == "g"
    assert [each.method for each in server.seen] == ["GET", "POST"]
    assert orjson.loads(server.seen[1].body) == preflight.new_group()


async def test_a_judge_that_fails_leaves_the_question_open():
    """Also there nothing is raised."""

    def fail(_answer):
        raise ZeroDivisionError

    async with (
        served(playing(http(b"{}", 200))) as server,
        sending(server.base_url) as client,
    ):
        reply = await client.ask("GET", client.endpoints.account(), fail)

    assert reply.verdict == Failed("ZeroDivisionError")


# -- nothing left --


async def test_a_closed_port_was_not_sent():
    """The connection was refused: no byte of the request left."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with sending(f"http://127.0.0.1:{closed.getsockname()[1]}") as client:
            verdict = (await client.create(SENT)).verdict

    assert isinstance(verdict, Unsent)
    assert "ClientConnectorError (Connection refused)" in verdict.reason


class NoNames(AbstractResolver):
    """A resolver without a network."""

    async def resolve(self, host, port=0, family=socket.AF_INET):
        """Fail like a resolver that finds nothing."""
        raise OSError(-2, "Name or service not known")

    async def close(self):
        """Hold nothing."""


async def test_a_name_that_is_not_found_was_not_sent():
    """There was nobody to send to."""
    connector = aiohttp.TCPConnector(resolver=NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        client = Client(session, Endpoints("https://api.example"))
        verdict = (await client.create(SENT)).verdict

    assert isinstance(verdict, Unsent)


async def test_a_failed_handshake_was_not_sent():
    """The server speaks no TLS: it saw a greeting, but no request and no token."""
    greeting = asyncio.get_running_loop().create_future()

    async def answer_plainly(reader, writer):
        greeting.set_result(await reader.read(4096))
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer_plainly, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with sending(f"https://127.0.0.1:{port}") as client:
            verdict = (await client.create(SENT)).verdict

    assert isinstance(verdict, Unsent)
    assert TOKEN.encode() not in await greeting


async def test_a_connection_that_takes_too_long_was_not_sent():
    """The time ran out before there was anything to write to."""

    class Endless(aiohttp.TCPConnector):
        async def connect(self, *_, **__):
            raise TimeoutError

    async with aiohttp.ClientSession(connector=Endless()) as session:
        client = Client(session, Endpoints("https://api.example"))
        verdict = (await client.create(SENT)).verdict

    assert verdict == Unsent("ConnectionTimeoutError")


# -- the answer is lost --


async def test_a_dripping_answer_ends_all_the_same(monkeypatch):
    """Each byte comes in time, but the whole takes too long."""
    monkeypatch.setattr("loader.hubspot.client._CONNECT_S", 0.1)

    async def drip(_seen, writer):
        writer.write(http(b" " * 1000)[:-1000])
        for _ in range(1000):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with (
        served(drip) as server,
        sending(server.base_url, read_timeout_s=0.1) as client,
    ):
        verdict = (await client.create(SENT)).verdict

    assert verdict == Doubt("TimeoutError")


async def test_a_request_cut_off_in_its_middle_is_in_doubt():
    """The portal reads a part of the body and resets the connection."""

    async def reset(reader, writer):
        await reader.read(1000)
        writer.transport.abort()

    server = await asyncio.start_server(reset, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with sending(f"http://127.0.0.1:{port}") as client:
            client.trace_property = "p" * 8_000_000  # more than fits into buffers
            verdict = (await client.create(SENT)).verdict

    assert isinstance(verdict, Doubt)


async def test_a_body_is_gone_before_its_answer_is_there():
    """Answers take seconds, and many requests wait for theirs at a time."""
    of_the_codec = [tracemalloc.Filter(True, "*/hubspot/codec.py")]
    async with served(silent) as server, sending(server.base_url) as client:
        client.trace_property = "p" * 100_000
        tracemalloc.start()
        sent = asyncio.create_task(client.create(SENT))
        await server.arrived.wait()
        await asyncio.sleep(0)
        kept = tracemalloc.take_snapshot().filter_traces(of_the_codec)
        tracemalloc.stop()
        sent.cancel()
        await asyncio.gather(sent, return_exceptions=True)

    (seen,) = server.seen
    assert len(seen.body) > 200_000
    assert sum(each.size for each in kept.traces) < 10_000


async def test_a_cancelled_request_closes_its_connection():
    """The cancellation passes; a late answer cannot be taken for another request's."""
    async with served(silent) as server, sending(server.base_url) as client:
        sent = asyncio.create_task(client.create(SENT))
        await server.arrived.wait()
        sent.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sent
        server.play = playing(http(complete()))

        assert (await client.create(SENT)).verdict == CREATED

    assert server.connections == 2


# -- one send is one request --


async def test_a_post_into_a_closing_connection_is_not_repeated():
    """Kept alive, then closed as the second request arrives: that one is in doubt."""
    play = playing(http(complete()), None)
    async with served(play) as server, sending(server.base_url) as client:
        first = (await client.create(SENT)).verdict
        second = (await client.create(SENT)).verdict

    assert first == CREATED
    assert isinstance(second, Doubt)
    assert len(server.seen) == 2
    assert server.connections == 1


async def test_an_answer_that_nobody_asked_for_answers_nothing():
    """It came while the connection was idle: the next request goes elsewhere."""
    is_idle = asyncio.Event()

    async def play(_seen, writer):
        writer.write(http(complete()))
        await writer.drain()
        if not is_idle.is_set():
            await is_idle.wait()
            writer.write(http(b'{"policyName":"SECONDLY"}', 429))

    async with served(play) as server, sending(server.base_url) as client:
        await client.create(SENT)
        (idle,) = client._session.connector._conns.values()
        is_idle.set()
        while not idle[0][0].should_close:
            await asyncio.sleep(0)
        second = (await client.create(SENT)).verdict
        third = (await client.create(SENT)).verdict

    assert second == Unsent("Stale")
    assert third == CREATED
    assert len(server.seen) == server.connections == 2


async def test_a_read_is_a_post_and_is_not_repeated_either():
    """The limiter counts each request."""
    play = playing(http(complete()), None)
    async with served(play) as server, sending(server.base_url) as client:
        await client.create(SENT)
        verdict = (await client.read(["a"], archived=False)).verdict

    assert isinstance(verdict, Failed)
    assert len(server.seen) == 2


async def test_a_get_of_preflight_may_be_repeated_by_the_library():
    """It changes nothing; a library that stops doing so would be fine too."""
    account = http(b'{"portalId":7}', 200)
    play = playing(account, None, account)
    async with served(play) as server, sending(server.base_url) as client:
        url = client.endpoints.account()
        await client.ask("GET", url, preflight.judge_account)
        again = (await client.ask("GET", url, preflight.judge_account)).verdict

    assert again == preflight.Account(7)
    assert len(server.seen) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status):
    """Neither the records nor the token go anywhere else."""
    async with served(playing(http(complete()))) as elsewhere:
        away = http(b"", status, Location=elsewhere.base_url + "/x")
        async with served(playing(away)) as server, sending(server.base_url) as client:
            verdict = (await client.create(SENT)).verdict

    assert verdict == Doubt(f"HTTP {status}")
    assert elsewhere.seen == []


async def test_a_throttled_or_failed_answer_is_not_repeated():
    """Whatever the status is, waiting is decided elsewhere."""
    for status in (401, 429, 503):
        async with (
            served(playing(http(b"{}", status, Retry_After="0"))) as server,
            sending(server.base_url) as client,
        ):
            await client.create(SENT)

        assert len(server.seen) == 1


# -- bounds and secrets --


async def test_an_answer_that_is_too_long_is_in_doubt():
    """It is cut off while it comes; what is left of it is nobody's next answer."""
    long = http(complete() + b" " * (16 << 20))
    async with (
        served(playing(long, http(complete()))) as server,
        sending(server.base_url, max_answer_bytes=50_000) as client,
    ):
        verdict = (await client.create(SENT)).verdict
        assert (await client.create(SENT)).verdict == CREATED

    assert verdict == Doubt("the answer is too long")
    assert server.connections == 2


async def test_cookies_are_not_kept():
    """Each request stands for itself."""
    play = playing(http(complete(), Set_Cookie="a=b"), http(complete()))
    async with served(play) as server:
        # by name: no jar keeps cookies of a bare address
        named = server.base_url.replace("127.0.0.1", "localhost")
        async with sending(named) as client:
            await client.create(SENT)
            await client.create(SENT)

    assert all("cookie" not in each.headers for each in server.seen)


async def test_the_environment_names_no_proxy(monkeypatch):
    """A token does not go through whatever a shell happens to have set."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async with (
        served(playing(http(complete()))) as server,
        sending(server.base_url) as client,
    ):
        assert (await client.create(SENT)).verdict == CREATED


async def test_the_token_is_in_no_text_that_we_make(caplog):
    """Not in what the client looks like, not in a verdict, not in a log."""
    caplog.set_level(logging.DEBUG)
    refusal = http(b'{"category":"INVALID_AUTHENTICATION"}', 401)
    async with (
        served(playing(None, refusal)) as server,
        sending(server.base_url) as client,
    ):
        replies = [await client.create(SENT), await client.create(SENT)]
        texts = [repr(client), *map(repr, replies), caplog.text]

    assert isinstance(replies[1].verdict, Halt)
    assert all(TOKEN not in text for text in texts)
    assert server.base_url in texts[0]
