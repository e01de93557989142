"""A small web server for this machine alone."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.typedefs import Handler

from loader.errors import UsageError

HOST = "127.0.0.1"
#: how long requests in flight may go on when the server ends, in seconds
_GRACE_S = 0.2
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _origins(request: web.Request) -> tuple[str, ...]:
    """Return what this server may be called by, as origins."""
    port: int = 0
    if request.transport is not None:
        port = request.transport.get_extra_info("sockname")[1]
    return tuple(f"http://{name}:{port}" for name in (HOST, "localhost"))


@web.middleware
async def only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer only who calls this machine by its name, and no page of another site.

    Such a page may have its own name resolve to 127.0.0.1; its browser sends that name
    along, and where the page is from.
    """
    ours = _origins(request)
    if f"http://{request.host}" not in ours:
        return web.Response(status=421, text="this is not the host you asked for\n")
    if request.headers.get("Origin") not in (None, *ours):
        return web.Response(status=403, text="this is not for other sites\n")
    return await handler(request)


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def application(*routes: web.RouteDef) -> web.Application:
    """Make an application that is for this machine alone."""
    made = web.Application(middlewares=[only_here], client_max_size=1024)
    made.on_response_prepare.append(_harden)
    made.add_routes(routes)
    return made


@contextlib.asynccontextmanager
async def served(app: web.Application, port: int, *, option: str) -> AsyncIterator[str]:
    """Serve for as long as the context lasts; give the base URL.

    Args:
        app: what is served.
        port: 0 takes any that is free.
        option: what the user asked for it by.

    Raises:
        UsageError: the port cannot be taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            raise UsageError(
                f"{option} {port}: the port cannot be taken ({error.strerror}); give "
                "another, or end what listens there"
            ) from error
        yield f"http://{HOST}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
