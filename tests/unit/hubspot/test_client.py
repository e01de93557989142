"""Which failures of a request mean that nothing was applied, and which are in doubt."""

import asyncio
import contextlib
import errno
import ssl
from importlib import metadata

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from loader.errors import UsageError
from loader.hubspot.address import Endpoints
from loader.hubspot.client import Client, connected
from loader.model.verdict import Doubt, Failed, Unsent
from tests.conftest import records

HOST = ConnectionKey("h", 443, True, True, None, None, None)
REFUSED = OSError(errno.ECONNREFUSED, "refused")
INFO = aiohttp.RequestInfo(
    "https://h", "POST", {"Authorization": "secret"}, "https://h"
)  # type: ignore[arg-type]


class FailingSession:
    """A session whose every request fails in one way."""

    def __init__(self, error):
        self.error = error

    @contextlib.asynccontextmanager
    async def request(self, *_, **__):
        """Fail."""
        raise self.error
        yield


def failing(error):
    """Return a client whose requests fail so."""
    client = Client(FailingSession(error), Endpoints("https://h"))  # type: ignore[arg-type]
    client.trace_property = "p"
    return client


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectorError(HOST, REFUSED),
        aiohttp.ClientConnectorDNSError(HOST, OSError(-2, "no name")),
        aiohttp.ClientProxyConnectionError(HOST, REFUSED),
        aiohttp.ClientConnectorSSLError(HOST, ssl.SSLError(1, "handshake")),
        aiohttp.ClientConnectorCertificateError(HOST, ssl.CertificateError("no")),
        aiohttp.ConnectionTimeoutError("to host"),
        aiohttp.ClientHttpProxyError(INFO, (), status=407),
        aiohttp.InvalidURL("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_fails_before_the_first_byte_was_not_applied(error):
    """It may be sent again, or asked again, without a question."""
    client = failing(error)

    assert isinstance((await client.create(records(1))).verdict, Unsent)
    assert isinstance((await client.read(["a"], archived=False)).verdict, Unsent)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(errno.ECONNRESET, "reset"),
        aiohttp.ClientConnectionResetError("Cannot write to closing transport"),
        aiohttp.ClientConnectionError("Connection closed"),
        aiohttp.ClientPayloadError("not completed"),
        aiohttp.SocketTimeoutError("reading"),
        aiohttp.ServerTimeoutError(),
        aiohttp.ServerFingerprintMismatch(b"", b"", "h", 443),
        aiohttp.ClientResponseError(INFO, ()),
        aiohttp.TooManyRedirects(INFO, ()),
        TimeoutError(),
        ConnectionResetError(),
        OSError(errno.EPIPE, "pipe"),
        ssl.SSLError(1, "alert"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "header"),
        RuntimeError("Session is closed"),
        MemoryError(),
        Exception("nobody thought of it"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_else_fails_is_in_doubt(error):
    """The default is doubt; the library's own errors in mid-request are among it."""
    client = failing(error)

    assert isinstance((await client.create(records(1))).verdict, Doubt)
    assert isinstance((await client.read(["a"], archived=True)).verdict, Failed)


async def test_a_failure_is_named_without_what_it_carries():
    """Request headers stand in some exceptions; the token must not get into a log."""
    doubt = (
        await failing(aiohttp.ClientResponseError(INFO, ())).create(records(1))
    ).verdict
    reset = aiohttp.ClientOSError(errno.ECONNRESET, "secret")
    lost = (await failing(reset).create(records(1))).verdict

    assert doubt == Doubt("ClientResponseError")
    assert lost == Doubt("ClientOSError (Connection reset by peer)")


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt()])
async def test_cancellation_passes(error):
    """Whoever cancels knows that the request is in doubt; the ledger has it armed."""
    with pytest.raises(type(error)):
        await failing(error).create(records(1))


async def test_a_read_without_trace_property_is_a_mistake_of_ours():
    """There is nothing to ask by."""
    client = failing(RuntimeError())
    client.trace_property = None

    with pytest.raises(ValueError, match="trace property"):
        await client.read(["a"], archived=False)


@pytest.mark.parametrize("token", ["", "a b", "a\n", "a\r\nX: y", "tök", "\x7f"])
async def test_a_token_that_cannot_stand_in_a_header_is_refused_unseen(token):
    """Before a session is opened; the message does not repeat it."""
    with pytest.raises(UsageError, match="HUBSPOT_ACCESS_TOKEN") as refused:
        async with connected(
            endpoints=Endpoints("https://h"),
            token=token,
            connections=1,
            read_timeout_s=1,
        ):
            pass

    assert not token or token not in str(refused.value)


async def test_a_checkout_that_is_not_installed_can_send_too(monkeypatch):
    """Its version is then unknown."""

    def unknown(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("loader.hubspot.client.version", unknown)

    async with connected(
        endpoints=Endpoints("https://h"), token="t", connections=1, read_timeout_s=1
    ) as client:
        assert client._session.headers["User-Agent"] == "hubspot-call-loader/0"
