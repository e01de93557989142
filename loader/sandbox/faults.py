"""Everything that can go wrong between the portal and its client, one class a kind."""

from dataclasses import replace
from random import Random
from typing import Literal

from .distortion import with_duplicate, with_foreign, with_status, without_some
from .fault import (
    Broken,
    Count,
    Exchange,
    Fault,
    GatewayStatus,
    Milliseconds,
    Refusing,
    Share,
)
from .refusals import over_quota, page, refuse, unauthenticated
from .wire import Answer, Delivery, Request


class Latency(Fault, frozen=True, tag="latency"):
    """The request is slow to arrive; adds to whatever else strikes it."""

    mean_ms: Milliseconds = 100.0
    #: how far a delay may stray from the mean, as a part of it
    jitter: Share = 0.0

    def delay_s(self, random: Random) -> float:
        """Draw one delay."""
        return self.mean_ms * (1 + self.jitter * random.uniform(-1, 1)) / 1000


class Throttle(Refusing, frozen=True, tag="throttle"):
    """Too many requests, though the client kept to the headers."""

    retry_after_s: int | None = None

    def answer(self, request: Request) -> Answer:
        """Refuse for ten seconds."""
        return over_quota(request, "TEN_SECONDLY_ROLLING", self.retry_after_s)


class Daily(Refusing, frozen=True, tag="daily"):
    """Another app of the account has used up the day."""

    def answer(self, request: Request) -> Answer:
        """Refuse until midnight."""
        return over_quota(request, "DAILY")


class Unauthorized(Refusing, frozen=True, tag="unauthorized"):
    """The token is not accepted just now."""

    def answer(self, request: Request) -> Answer:
        """Refuse the token."""
        return unauthenticated(request)


class Locked(Refusing, frozen=True, tag="locked"):
    """Too much at once: the records are locked for two seconds."""

    def answer(self, request: Request) -> Answer:
        """Refuse with 423."""
        return refuse(request, 423, "LOCKED", "The resource is locked for 2 seconds.")


class Migrating(Refusing, frozen=True, tag="migrating"):
    """The account is on its way to another data centre."""

    retry_after_s: int = 60

    def answer(self, request: Request) -> Answer:
        """Refuse with 477, and say for how long."""
        text = "The account is being moved to another data centre."
        refused = refuse(request, 477, "MIGRATION_IN_PROGRESS", text)
        return replace(refused, headers={"Retry-After": str(self.retry_after_s)})


class ErrorBefore(Broken, frozen=True, tag="error_before"):
    """An error, and nothing is done."""

    status: GatewayStatus = 503

    def meet(self, exchange: Exchange) -> Delivery:
        """Answer without doing."""
        return Delivery(self.error(exchange.request, self.status))


class ErrorAfter(Broken, frozen=True, tag="error_after"):
    """An error, although all is done."""

    status: GatewayStatus = 504

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and deny it."""
        exchange.perform()
        return Delivery(self.error(exchange.request, self.status))


class LostRequest(Fault, frozen=True, tag="lost_request"):
    """The connection ends, and nothing is done."""

    reset: bool = False

    def meet(self, exchange: Exchange) -> Delivery:
        """Neither do nor answer."""
        del exchange
        return Delivery(reset=self.reset)


class LostAnswer(Fault, frozen=True, tag="lost_answer"):
    """The connection ends, although all is done."""

    reset: bool = False

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and keep silent."""
        exchange.perform()
        return Delivery(reset=self.reset)


class LateWrite(Broken, frozen=True, tag="late_write"):
    """The connection ends, or an error is answered, and the request is done later."""

    delay_ms: Milliseconds = 1000.0
    #: None: the connection ends
    status: GatewayStatus | None = None

    def meet(self, exchange: Exchange) -> Delivery:
        """Put it off, and do not say so."""
        exchange.postpone(self.delay_ms / 1000)
        if self.status is None:
            return Delivery()
        return Delivery(self.error(exchange.request, self.status))


class Hang(Fault, frozen=True, tag="hang"):
    """No answer for a long time, and then the connection ends."""

    hang_ms: Milliseconds = 60_000.0
    applied: bool = False

    def meet(self, exchange: Exchange) -> Delivery:
        """Do or not, at once; then nothing."""
        if self.applied:
            exchange.perform()
        return Delivery(wait_s=self.hang_ms / 1000)


class RefuseBatch(Fault, frozen=True, tag="refuse_batch"):
    """The whole batch is refused, and no input is named."""

    status: Literal[400, 409] = 400
    applied: bool = False

    def meet(self, exchange: Exchange) -> Delivery:
        """Do or not, and blame the batch."""
        if self.applied:
            exchange.perform()
        category = "VALIDATION_ERROR" if self.status == 400 else "CONFLICT"  # noqa: PLR2004
        text = "The batch could not be processed."
        return Delivery(refuse(exchange.request, self.status, category, text))


class Omission(Fault, frozen=True, tag="omission"):
    """All is done; the answer leaves some of it out."""

    omit: Count = 1

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and tell less."""
        answer = exchange.perform()
        return Delivery(without_some(answer, self.omit, exchange.random))


class DuplicateResult(Fault, frozen=True, tag="duplicate_result"):
    """All is done; the answer lists one result twice."""

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and tell more."""
        return Delivery(with_duplicate(exchange.perform(), exchange.random))


class ForeignResult(Fault, frozen=True, tag="foreign_result"):
    """All is done; the answer also lists a call that nobody asked for."""

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and tell of something else."""
        return Delivery(with_foreign(exchange.perform(), exchange.random))


class Pending(Fault, frozen=True, tag="pending"):
    """All is done; the answer says that it is not finished."""

    status: Literal["PENDING", "PROCESSING", "CANCELED"] = "PENDING"
    #: whether the answer lists results all the same
    results: bool = False

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and tell of another state."""
        answer = exchange.perform()
        return Delivery(with_status(answer, self.status, results=self.results))


class Truncated(Fault, frozen=True, tag="truncated"):
    """All is done; the answer breaks off before its announced length."""

    keep: Share = 0.5

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and stop in mid-sentence."""
        return Delivery(exchange.perform(), share=self.keep)


class Html200(Fault, frozen=True, tag="html_200"):
    """All is done; a page for people comes back, with 200."""

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and show a page."""
        exchange.perform()
        return Delivery(page(200))


class SlowDrip(Fault, frozen=True, tag="slow_drip"):
    """All is done; the answer comes in pieces, with pauses."""

    pieces: Count = 10
    pause_ms: Milliseconds = 50.0

    def meet(self, exchange: Exchange) -> Delivery:
        """Do, and tell slowly."""
        pause_s = self.pause_ms / 1000
        return Delivery(exchange.perform(), pieces=self.pieces, pause_s=pause_s)


AnyFault = (
    Latency | Throttle | Daily | Unauthorized | Locked | Migrating | ErrorBefore
    | ErrorAfter | LostRequest | LostAnswer | LateWrite | Hang | RefuseBatch | Omission
    | DuplicateResult | ForeignResult | Pending | Truncated | Html200 | SlowDrip
)  # fmt: skip
