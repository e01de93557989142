"""The product's client, without a socket: requests go into the simulated world."""

from typing import Any, cast

from loader.hubspot.address import Endpoints
from loader.hubspot.body import Body
from loader.hubspot.client import Client
from loader.hubspot.raw import RawAnswer

from .creating import Creates
from .premises import Premises
from .reading import Reads
from .removing import Removals
from .showing import Shows


class SimClient(Client):
    """Encodes, judges and sorts exceptions as the product does; only the wire is ours.

    ``_exchange`` is the one method that knows the network.
    """

    def __init__(self, premises: Premises) -> None:
        super().__init__(cast("Any", None), Endpoints("https://portal.invalid"))
        self.trace_property = premises.style.trace_property
        self._creates = Creates(premises)
        self._reads = Reads(premises)
        self._removals = Removals(premises)
        self._shows = Shows(premises)

    async def _exchange(self, method: str, url: str, body: Body | None) -> RawAnswer:
        """One request, one answer."""
        del method
        sent = await body.as_bytes() if body is not None else b""
        if "/batch/create" in url:
            return await self._creates.send(sent)
        if "/batch/archive" in url:
            return await self._removals.send(sent)
        if url.endswith("/search"):
            return await self._shows.search(sent)
        if b'"idProperty"' not in sent:
            return await self._shows.send(url, sent)
        return await self._reads.send(sent, archived=url.endswith("=true"))
