"""What befalls every side: each kind of weather alone, the same for all."""

from dataclasses import dataclass

import msgspec

from loader.sandbox import QuotaSettings, Scenario
from loader.sandbox.faults import AnyFault, ErrorAfter, Latency, LostAnswer, Throttle

from .bulk import DOCUMENT_ID

#: of every answer: a portal that answers at once has nothing in flight to lose
ANSWER_MS = 50.0
#: so that nobody has to wait for an allowance; the second is for ``_bulk`` only
FAIR = Scenario(
    quota=QuotaSettings(limit="none", daily="none"),
    installed=("loader_trace_id", DOCUMENT_ID),
)


@dataclass(frozen=True, slots=True)
class Weather:
    """One kind of it."""

    #: said of every tenth request, where it is of requests
    title: str
    faults: tuple[AnyFault, ...] = ()
    #: the tool gets SIGKILL once the portal has half of the records
    kills: bool = False

    def scenario(self) -> Scenario:
        """Return what the portal is like in it."""
        latency = Latency(endpoint="any", mean_ms=ANSWER_MS)
        return msgspec.structs.replace(FAIR, fault=(latency, *self.faults))


WEATHERS = {
    "fair": Weather("no fault"),
    "throttled": Weather(
        "throttled", (Throttle(endpoint="any", every=10, retry_after_s=1),)
    ),
    "error": Weather(
        "500 after the write",
        (ErrorAfter(endpoint="any", every=10, status=500),),
    ),
    "cut": Weather("cut after the write", (LostAnswer(endpoint="any", every=10),)),
    "killed": Weather("killed at half", kills=True),
}
