"""What a fault is: which requests it strikes, and what then becomes of one."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal

import msgspec

from .refusals import page, refuse
from .wire import Answer, Delivery, Request

Count = Annotated[int, msgspec.Meta(ge=1)]
Milliseconds = Annotated[float, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
GatewayStatus = Literal[408, 500, 502, 503, 504, 521, 522, 523, 524]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request at the moment when a fault strikes it."""

    request: Request
    #: do what the request asks
    perform: Callable[[], Answer]
    #: do it after so many seconds
    postpone: Callable[[float], None]
    random: Random


class Fault(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
):
    """Which requests are struck: all of the endpoint, unless something narrows them."""

    endpoint: Literal[
        "any", "create", "read", "archive", "update", "associations", "search",
        "properties", "account",
    ] = "create"  # fmt: skip
    #: every n-th
    every: Count | None = None
    #: this part of them, by chance
    share: Share | None = None
    #: these, counted from 1
    requests: tuple[Count, ...] | None = None
    #: only from this time on, in seconds since the portal started
    after_s: Seconds = 0.0
    #: only until this time
    until_s: Seconds | None = None
    #: so often at most
    times: Count | None = None

    @property
    def refuses(self) -> bool:
        """The portal turns the request away, so it uses up no allowance."""
        return False

    def meet(self, exchange: Exchange) -> Delivery:
        """Decide what becomes of the request."""
        return Delivery(exchange.perform())


class Refusing(Fault, frozen=True):
    """A fault by which nothing is done."""

    @property
    def refuses(self) -> bool:
        """Always."""
        return True

    def answer(self, request: Request) -> Answer:
        """Write what the client is told instead."""
        raise NotImplementedError

    def meet(self, exchange: Exchange) -> Delivery:
        """Turn the request away."""
        return Delivery(self.answer(exchange.request))


class Broken(Fault, frozen=True):
    """A fault with one of the gateway's errors."""

    body: Literal["json", "html"] = "json"

    def error(self, request: Request, status: int) -> Answer:
        """Write the error."""
        if self.body == "html":
            return page(status)
        return refuse(request, status, "INTERNAL_ERROR", "internal error")
