"""Records that travel in one request, and the span of lines they cover."""

from dataclasses import dataclass

from .record import CallRecord, Duplicate, Known, Malformed, Span


@dataclass(frozen=True, slots=True)
class Prior:
    """What an earlier run left of a batch: the ledger's memory of it.

    Positions count the batch's records from 0.
    """

    #: how many requests with records of this batch were armed before
    attempt: int
    #: records that have no final outcome yet
    undecided: frozenset[int]
    #: those of them that may have reached the portal
    doubted: frozenset[int]
    #: the doubted ones carried the trace property, so that they can be asked for
    keyed: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """A contiguous span of the source and the records in it.

    ``records`` may be empty: a span of blank or malformed lines settles by itself.
    """

    span: Span
    #: line numbers, half-open like the span
    first_line: int
    end_line: int
    records: tuple[CallRecord, ...]
    malformed: tuple[Malformed, ...]
    duplicates: tuple[Duplicate, ...]
    #: blake2b-64 of the span's bytes; a resumed run checks the source against it
    digest: bytes
    prior: Prior | None = None
    known: tuple[Known, ...] = ()

    @property
    def derived(self) -> frozenset[int]:
        """Positions whose IDs only a load of this source can have made."""
        return frozenset([p for p, each in enumerate(self.records) if not each.named])

    @property
    def lines(self) -> int:
        """Number of lines that are not blank."""
        local = len(self.malformed) + len(self.duplicates) + len(self.known)
        return len(self.records) + local
