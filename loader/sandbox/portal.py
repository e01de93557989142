"""The portal without its network: a request comes in, a decision goes out."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

from .account import Account
from .changing import Changing
from .creation import Creation
from .fault import Exchange, Fault
from .gate import Gate
from .linking import Linking
from .owners import Owners
from .premises import open_premises
from .properties import Properties
from .quota import Calendar, Quota
from .reading import Reading
from .refusals import Refusal
from .scenario import Scenario
from .search import Search
from .store import Store
from .weather import Weather
from .wire import Answer, Delivery, Endpoint, Request


@dataclass(frozen=True, slots=True)
class Admission:
    """What is decided when a request arrives, and what remains to be done."""

    #: the end of it, when the portal does not let the request in
    refused: Answer | None = None
    fault: Fault | None = None
    #: how long the request takes to arrive
    delay_s: float = 0.0
    #: what the rolling window allowed this client then
    allowed: int | None = None


class Portal:
    """One HubSpot account.

    Three calls make an exchange: ``admit``, then, after the delay it names, ``meet``;
    and ``perform_due`` whenever ``next_due_s`` says so. What changes is in the store,
    but for the rolling windows and the counts of the weather.
    """

    def __init__(
        self,
        store: Store,
        scenario: Scenario,
        *,
        token: str | None,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._premises = open_premises(store, scenario, clock)
        self._store = store
        calendar = Calendar(scenario.time_zone, clock)
        self._quota = Quota(scenario, store, calendar, monotonic)
        self._gate = Gate(scenario, self._quota, token)
        self._weather = Weather(scenario.fault, seed=scenario.seed, clock=monotonic)
        self._random = Random(f"{scenario.seed}/faults")  # noqa: S311 - no secret
        self._counters = _counters(
            creation=Creation(self._premises),
            reading=Reading(self._premises),
            changing=Changing(self._premises),
            linking=Linking(self._premises),
            search=Search(self._premises),
            properties=Properties(self._premises),
            account=Account(self._premises, self._quota, calendar),
            owners=Owners(self._premises),
        )

    @property
    def portal_id(self) -> int:
        """Which account this is; kept with its state."""
        return self._premises.portal_id

    def admit(self, request: Request) -> Admission:
        """Decide about a request on its arrival."""
        refused = self._gate.refuse(request)
        if refused is not None:
            left = self._quota.left_to_client
            return Admission(self._with_headers(request, refused), allowed=left)
        strike = self._weather.strike(request.endpoint)
        if strike.fault is None or not strike.fault.refuses:
            self._quota.take(request.endpoint)
        left = self._quota.left_to_client
        return Admission(None, strike.fault, strike.delay_s, left)

    def meet(self, request: Request, admission: Admission) -> Delivery:
        """Do what is asked, as far as the weather lets it."""
        if admission.refused is not None:
            return Delivery(admission.refused)
        if admission.fault is None:
            delivery = Delivery(self.perform(request))
        else:
            delivery = admission.fault.meet(self._exchange(request))
        if delivery.answer is None:
            return delivery
        return replace(delivery, answer=self._with_headers(request, delivery.answer))

    def perform(self, request: Request) -> Answer:
        """Do what is asked; durable when this returns."""
        try:
            with self._store.transaction():
                self._premises.reveal()
                return self._counters[request.endpoint](request)
        except Refusal as refusal:
            return refusal.answer

    def perform_due(self) -> None:
        """Perform the late requests whose time has come."""
        while True:
            with self._store.transaction():
                late = self._store.take_due(self._premises.now())
                if late is None:
                    return
                request = Request(Endpoint(late.endpoint), "", late.body)
                self._premises.reveal()
                self._attempt(request)

    def next_due_s(self) -> float | None:
        """Tell in how many seconds the next late request is due, if there is one."""
        due, _ = self._store.waiting()
        return None if due is None else max(0.0, (due - self._premises.now()) / 1000)

    def _attempt(self, request: Request) -> None:
        """Perform a request of which nobody awaits the answer."""
        with suppress(Refusal):
            self._counters[request.endpoint](request)

    def _exchange(self, request: Request) -> Exchange:
        return Exchange(
            request,
            perform=lambda: self.perform(request),
            postpone=lambda delay_s: self._postpone(request, delay_s),
            random=self._random,
        )

    def _postpone(self, request: Request, delay_s: float) -> None:
        due = self._premises.now() + round(delay_s * 1000)
        self._store.insert_late(due, request.endpoint, request.body)

    def _with_headers(self, request: Request, answer: Answer) -> Answer:
        named = {"X-HubSpot-Correlation-Id": request.correlation_id}
        quota = self._quota.headers(request.endpoint)
        return replace(answer, headers={**answer.headers, **quota, **named})


def _counters(
    *,
    creation: Creation,
    reading: Reading,
    changing: Changing,
    linking: Linking,
    search: Search,
    properties: Properties,
    account: Account,
    owners: Owners,
) -> dict[Endpoint, Callable[[Request], Answer]]:
    """Say which counter serves which endpoint."""
    return {
        Endpoint.CREATE: creation.create,
        Endpoint.READ: reading.read,
        Endpoint.ARCHIVE: reading.archive,
        Endpoint.UPDATE: changing.update,
        Endpoint.ASSOCIATIONS: linking.read,
        Endpoint.LABELS: linking.labels,
        Endpoint.SEARCH: search.find,
        Endpoint.LIST_PROPERTIES: properties.list_all,
        Endpoint.GET_PROPERTY: properties.get,
        Endpoint.ADD_PROPERTY: properties.add,
        Endpoint.LIST_GROUPS: properties.list_groups,
        Endpoint.ADD_GROUP: properties.add_group,
        Endpoint.DETAILS: account.details,
        Endpoint.USAGE: account.usage,
        Endpoint.OWNERS: owners.list_page,
        Endpoint.LIST_RULES: properties.list_rules,
    }
