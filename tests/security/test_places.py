"""Where the token and the records go: nowhere else, whatever the environment says."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from loader.errors import UsageError
from loader.hubspot import client as client_module
from loader.hubspot.address import check_base_url
from loader.hubspot.loopback import ThisMachine
from loader.model.verdict import Doubt, Unsent
from loader.sandbox import Scenario, running
from tests.acceptance.conftest import TOKEN, Loader
from tests.acceptance.test_load import FREE, KEYED, connect
from tests.conftest import records, write_source
from tests.integration.hubspot.test_client import playing, sending, served

HERE = Path(__file__).parent


@dataclass
class Trap:
    """A listener that only counts. What changes: what it has received."""

    port: int = 0
    received: bytes = b""
    connections: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(0.2):
                self.received += await reader.read(65536)
        writer.close()


@contextlib.asynccontextmanager
async def trap(context: ssl.SSLContext | None = None) -> AsyncIterator[Trap]:
    """Listen on a free port."""
    found = Trap()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=context)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


def certified(name: str) -> ssl.SSLContext:
    """Return a server's context with a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / name)
    return context


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("name", ["self-signed.pem", "other-name.pem"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(name: str, host: str):
    """Before a byte of the request: never sent, so it may be sent again."""
    async with (
        trap(certified(name)) as found,
        sending(f"https://{host}:{found.port}") as client,
    ):
        verdict = (await client.create(records(1))).verdict

    assert isinstance(verdict, Unsent)
    assert "Certificate" in verdict.reason
    assert found.received == b""


@pytest.mark.parametrize(
    ("authority", "certificate", "arrives"),
    [
        ("self-signed.pem", "self-signed.pem", True),
        ("other-name.pem", "other-name.pem", False),
        ("other-name.pem", "self-signed.pem", False),
    ],
)
async def test_an_authority_of_the_operators_counts_and_so_does_the_name(
    loader: Loader, tmp_path: Path, authority: str, certificate: str, arrives: bool
):
    """``SSL_CERT_FILE`` is the operator's; the name is compared all the same."""
    source = write_source(tmp_path / "calls.ndjson", 3)
    async with trap(certified(certificate)) as found:
        connect(loader, f"https://localhost:{found.port}")
        loader.environment["SSL_CERT_FILE"] = str(HERE / authority)
        ended_ = await loader("run", source, "--patience", "0.1")

    assert ended_.status == 3
    assert (TOKEN.encode() in found.received) is arrives
    assert arrives or "Certificate" in ended_.err


async def test_without_tls_a_name_is_this_machine_and_nobody_is_asked(monkeypatch):
    """So a name that meant this machine when it was checked cannot move."""

    async def elsewhere(*_, **__):
        raise AssertionError("a name server was asked")

    body = json.dumps({"status": "COMPLETE", "results": []}).encode()
    answer = b"HTTP/1.1 201 X\r\nContent-Type: application/json\r\nContent-Length: %d"
    async with served(playing(answer % len(body) + b"\r\n\r\n" + body)) as server:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", elsewhere)
        named = server.base_url.replace("127.0.0.1", "moves.evil.example")
        async with sending(named) as client:
            verdict = (await client.create(records(1))).verdict

    assert not isinstance(verdict, Unsent)
    assert len(server.seen) == 1
    found = await ThisMachine().resolve("moves.evil.example", 1)
    assert [each["host"] for each in found] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example", "http://2130706433", "http://017700000001",
        "http://0x7f000001", "http://0177.0.0.1", "http://127.1", "http://0.0.0.0",
        "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]", "http://[::]",
        "http://localhost.evil.example", "http://localhost.", "http://127.0.0.1@evil",
        "http://evil\\@127.0.0.1", "http://127.0.0.1#@evil", "HTTP://169.254.169.254",
    ],
)  # fmt: skip
def test_an_address_that_is_not_plainly_this_machine_is_refused(monkeypatch, url: str):
    """However it is written, and without asking a name server."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    with pytest.raises(UsageError, match="HUBSPOT_BASE_URL"):
        check_base_url(url)


async def test_proxies_and_netrc_of_the_environment_are_ignored(
    loader: Loader, tmp_path: Path
):
    """The traps that they name hear nothing, and the token is our own."""
    source = write_source(tmp_path / "calls.ndjson", 3)
    netrc = tmp_path / "netrc"
    netrc.write_text("default login nobody password nothing\n")
    netrc.chmod(0o600)
    async with (
        trap() as found,
        running(scenario=Scenario(quota=FREE, installed=KEYED), token=TOKEN) as portal,
    ):
        connect(loader, portal.base_url)
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        for name in (*names, *map(str.lower, names)):
            loader.environment[name] = f"http://127.0.0.1:{found.port}"
        loader.environment |= {"NETRC": str(netrc), "HOME": str(tmp_path)}
        ended_ = await loader("run", source, "--rate", "none")

    assert ended_.status == 0, ended_.err
    assert found.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_redirect_takes_the_token_nowhere(
    loader: Loader, tmp_path: Path, scheme: str
):
    """Not to another host, and not from TLS to none."""
    source = write_source(tmp_path / "calls.ndjson", 3)
    async with trap() as found:

        async def away(request: web.Request) -> web.Response:
            place = f"http://localhost:{found.port}{request.path}"
            return web.Response(status=307, headers={"Location": place})

        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", away)
        runner = web.AppRunner(application)
        await runner.setup()
        context = certified("self-signed.pem") if scheme == "https" else None
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        connect(loader, f"{scheme}://localhost:{runner.addresses[0][1]}")
        loader.environment["SSL_CERT_FILE"] = str(HERE / "self-signed.pem")
        ended_ = await loader("run", source, "--patience", "0.1")
        await runner.cleanup()

    assert ended_.status == 3
    assert found.connections == 0


async def test_an_answer_that_never_ends_does(monkeypatch):
    """A byte now and then keeps a connection alive, but not for ever."""

    async def drip(_, writer):
        writer.write(b"HTTP/1.1 201 X\r\nContent-Type: application/json\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    monkeypatch.setattr(client_module, "_CONNECT_S", 0.05)
    async with (
        served(drip) as server,
        sending(server.base_url, read_timeout_s=0.1) as client,
    ):
        verdict = (await client.create(records(1))).verdict

    assert isinstance(verdict, Doubt)
    assert "Timeout" in verdict.reason
