"""The portal of all sides, in a process of its own: the sandbox, and a ``_bulk`` door.

``python -m bench.peers.portal STATE SCENARIO``, SCENARIO being one as JSON. It says its
address on its first line, and ends with its standard input, when what it has begun is
done: so it does not outlive who started it, however that ended.
"""

import asyncio
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import msgspec
from aiohttp import web

from loader.sandbox import Scenario
from loader.sandbox.handout import hand_out
from loader.sandbox.portal import Portal
from loader.sandbox.server import Server
from loader.sandbox.store import Store
from loader.sandbox.wire import Endpoint, Request

from .bulk import BulkError, as_bulk, as_create, read_actions

_HOST = "127.0.0.1"
#: what has been received is performed, also for a client that was killed meanwhile
_GRACE_S = 5.0


class BulkDoor:
    """Lets bulk requests in to the same portal, through the same weather."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def serve(self, http: web.Request) -> web.StreamResponse:
        """Serve one request."""
        try:
            actions = read_actions(await http.read())
        except BulkError as error:
            return web.json_response({"error": str(error), "status": 400}, status=400)
        request = Request(
            endpoint=Endpoint.CREATE,
            correlation_id="bulk",
            body=as_create(actions),
            authorization=http.headers.get("Authorization", ""),
        )
        admission = self._portal.admit(request)
        if admission.delay_s:
            await asyncio.sleep(admission.delay_s)
        delivery = self._portal.meet(request, admission)
        if delivery.answer is not None:
            delivery = replace(delivery, answer=as_bulk(actions, delivery.answer))
        return await hand_out(http, delivery)


async def serve(state: Path, scenario: Scenario) -> None:
    """Serve until standard input ends."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
    with closing(Store.open(state)) as store:
        clocks = {"clock": time.time, "monotonic": time.monotonic}
        portal = Portal(store, scenario, token=None, **clocks)
        server = Server(portal, random=Random(1), monotonic=time.monotonic)
        application = server.application(scenario.max_body_bytes)
        application.router.add_route("*", "/_bulk", BulkDoor(portal).serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, 0).start()
            print(f"http://{_HOST}:{runner.addresses[0][1]}", flush=True)  # noqa: T201 - its one line
            await over.wait()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(
        serve(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Scenario))
    )
