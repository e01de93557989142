"""The live counts of a run, for status, bar and summary.

Plain numbers that the stages change as they work; the ledger has the true ones.
"""

from collections import Counter
from dataclasses import dataclass, field

from loader.model.batch import Batch
from loader.model.meter import Meter
from loader.model.outcome import (
    Created,
    Existing,
    InDoubt,
    Rejected,
    Settlement,
)


@dataclass(slots=True)
class Progress:
    """What has happened so far, all runs together unless said otherwise."""

    created: int = 0
    existing: int = 0
    rejected: int = 0
    in_doubt: int = 0
    #: lines that are not blank, as far as the source was read
    lines_read: int = 0
    requests: int = 0
    throttled: int = 0
    retried: int = 0
    #: requests sent and not answered, and how many may be
    in_flight: int = 0
    in_flight_limit: int = 0
    #: records settled by this run
    settled: int = 0
    #: how far the source was read, in bytes
    read_to: int = 0
    #: everything before this offset is settled, in bytes
    frontier: int = 0
    #: records in doubt of the batches that are open, by the batch's start
    open_doubts: dict[int, int] = field(default_factory=dict[int, int])
    #: what the requests of this run have met
    meter: Meter = field(default_factory=Meter)

    def settle(self, batch: Batch, settlement: Settlement) -> None:
        """Count a settlement."""
        outcomes = Counter(map(type, settlement.outcomes.values()))
        self.created += outcomes[Created]
        self.existing += outcomes[Existing]
        self.rejected += outcomes[Rejected]
        self.in_doubt += outcomes[InDoubt]
        self.settled += len(settlement.outcomes)
        prior = len(batch.prior.doubted) if batch.prior is not None else 0
        before = self.open_doubts.pop(settlement.start, prior)
        self.in_doubt += len(settlement.doubted) - before
        if not settlement.closed:
            self.open_doubts[settlement.start] = len(settlement.doubted)
        elif batch.prior is None:
            self.rejected += len(batch.malformed)
            self.existing += len(batch.duplicates) + len(batch.known)
            for each in batch.malformed:
                self.meter.failed(each.reason)
        if outcomes[Rejected]:
            for outcome in settlement.outcomes.values():
                if isinstance(outcome, Rejected):
                    self.meter.failed(outcome.category)
