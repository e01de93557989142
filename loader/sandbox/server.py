"""The portal on the network: reads requests, waits, and hands out answers."""

import asyncio
import uuid
from collections.abc import Callable
from random import Random

from aiohttp import web

from .handout import hand_out
from .portal import Admission, Portal
from .refusals import Refusal, page
from .routes import find_route
from .visits import Visit, Visits
from .wire import Answer, Delivery, Request


class Server:
    """Serves one portal; what changes are its visits and the timer of late requests."""

    def __init__(
        self, portal: Portal, *, random: Random, monotonic: Callable[[], float]
    ) -> None:
        self._portal = portal
        self._random = random
        self._monotonic = monotonic
        self._timer: asyncio.TimerHandle | None = None
        self.visits = Visits()

    def application(self, max_body_bytes: int) -> web.Application:
        """Return what aiohttp is to serve."""
        application = web.Application(client_max_size=max_body_bytes)
        application.router.add_route("*", "/{path:.*}", self._serve)
        return application

    def wind(self) -> None:
        """Set the timer for the next late request."""
        self.unwind()
        due_s = self._portal.next_due_s()
        if due_s is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(due_s, self._ring)

    def unwind(self) -> None:
        """Stop the timer; late requests stay where they are kept."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._portal.perform_due()
        self.wind()

    async def _serve(self, http: web.Request) -> web.StreamResponse:
        """Serve one request."""
        at = self._monotonic()
        try:
            request = await self._read(http)
        except Refusal as refusal:
            self._note(http, at, refusal.answer.status)
            return await hand_out(http, Delivery(refusal.answer))
        except ConnectionError:
            self._note(http, at, None)
            return web.Response(status=400)  # its client has gone: nobody will read it
        admission = self._portal.admit(request)
        if admission.delay_s:
            await asyncio.sleep(admission.delay_s)
        delivery = self._portal.meet(request, admission)
        if admission.fault is not None:
            self.wind()  # the fault may have put the request off
        status = None if delivery.answer is None else delivery.answer.status
        self._note(http, at, status, request, admission)
        return await hand_out(http, delivery)

    async def _read(self, http: web.Request) -> Request:
        """Read a request.

        Raises:
            Refusal: there is nothing at its path or for its method, or it is too long.
        """
        route = find_route(http.path)
        if route is None:
            raise Refusal(page(404))
        endpoint = route.methods.get(http.method)
        if endpoint is None:
            allowed = {"Allow": ", ".join(sorted(route.methods))}
            raise Refusal(Answer(405, page(405).body, "text/html", allowed))
        try:
            body = await http.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise Refusal(page(413)) from error
        chance = self._random.getrandbits(128)
        return Request(
            endpoint=endpoint,
            correlation_id=str(uuid.UUID(int=chance, version=4)),
            body=body,
            name=route.name,
            query=dict(http.query),
            authorization=http.headers.get("Authorization", ""),
            content_type=http.content_type,
        )

    def _note(
        self,
        http: web.Request,
        at: float,
        status: int | None,
        request: Request | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Remember a visit."""
        fault = None if admission is None else admission.fault
        self.visits.add(
            Visit(
                method=http.method,
                path=http.path,
                endpoint=None if request is None else request.endpoint.value,
                status=status,
                fault=None if fault is None else str(fault.__struct_config__.tag),
                body_bytes=0 if request is None else len(request.body),
                at=at,
                allowed=None if admission is None else admission.allowed,
            )
        )
