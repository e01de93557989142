"""The page of a running load: what it shows, and its button."""

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Mapping
from importlib import resources
from typing import Any, Protocol

import msgspec
import orjson
from aiohttp import web

from loader.model.live import Live
from loader.model.summary import Summary

from .history import History, point_of
from .server import application

SECRET_HEADER = "X-Loader-Secret"  # noqa: S105 - the header's name
#: open pages at most, and events that a slow one may be behind
_PAGES = 20
_BEHIND = 16
#: how long the last event may take to reach the pages, in seconds
_FAREWELL_S = 1.0


class Pausable(Protocol):
    """What the button changes."""

    def begin(self) -> None:
        """Let no further request out."""
        ...

    def end(self) -> None:
        """Go on."""
        ...


class Dashboard:
    """One page for one run. What changes: its history, and who looks at it."""

    def __init__(self, pause: Pausable) -> None:
        self._pause = pause
        self._secret = secrets.token_urlsafe(24)
        self._history = History()
        self._last: bytes | None = None
        self._pages: set[asyncio.Queue[bytes | None]] = set()
        #: nobody looks any more
        self._left = asyncio.Event()

    def application(self) -> web.Application:
        """Return what is to be served."""
        return application(
            web.get("/", self._page),
            web.get("/feed", self._feed),
            web.post("/pause", self._begin),
            web.post("/go-on", self._end),
        )

    # -- told by the load --

    def show(self, live: Live) -> None:
        """Show how the load stands now."""
        point = point_of(live)
        kept = self._history.add(point)
        shown = {"live": msgspec.to_builtins(live)}
        points = [msgspec.to_builtins(point)] if kept else []
        self._last = _event("live", shown | {"points": points})
        self._tell(self._last)

    async def farewell(self, summary: Summary | None) -> None:
        """Tell every page that the run has ended, and how; wait until it knows."""
        told = None if summary is None else msgspec.to_builtins(summary)
        self._tell(_event("ended", {"summary": told}))
        self._tell(None)
        if self._pages:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await self._left.wait()

    def _tell(self, event: bytes | None) -> None:
        for page in self._pages:
            if page.full():
                page.get_nowait()  # it gets the newest, whatever it missed
            page.put_nowait(event)

    # -- asked by a browser --

    async def _page(self, _: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        text = (
            resources.files("loader.monitor").joinpath("page.html").read_text("utf-8")
        )
        text = text.replace("{{nonce}}", nonce).replace("{{secret}}", self._secret)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; "
            f"style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return web.Response(
            text=text,
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        )

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        """Send what has been so far, then each second what is new."""
        if len(self._pages) >= _PAGES:
            raise web.HTTPServiceUnavailable(text="too many pages look at this load\n")
        page: asyncio.Queue[bytes | None] = asyncio.Queue(_BEHIND)
        self._pages.add(page)
        self._left.clear()
        try:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            points = [msgspec.to_builtins(each) for each in self._history.points]
            await response.write(_event("history", {"points": points}))
            if self._last is not None:
                await response.write(self._last)
            while (event := await page.get()) is not None:
                await response.write(event)
        finally:
            self._pages.discard(page)
            if not self._pages:
                self._left.set()
        return response

    async def _begin(self, request: web.Request) -> web.Response:
        self._check(request)
        self._pause.begin()
        return web.json_response({"paused": True})

    async def _end(self, request: web.Request) -> web.Response:
        self._check(request)
        self._pause.end()
        return web.json_response({"paused": False})

    def _check(self, request: web.Request) -> None:
        """Refuse what does not come from our page."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret.encode()):
            raise web.HTTPForbidden(text="only the load's own page may do this\n")


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
