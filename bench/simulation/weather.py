"""Every kind of fault that a request can meet, and which one this request meets."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar


class CreateFault(StrEnum):
    """What may happen to a create."""

    # the connection
    UNSENT = "create: no connection"
    LOST = "create: request lost"
    ANSWER_LOST = "create: answer lost"
    LATE = "create: applied late"
    DRIP = "create: slow drip past the timeout"
    CUT = "create: truncated, connection reset"
    ODD_ERROR = "create: an exception nobody thought of"
    # a gateway in trouble
    BEFORE_5XX = "create: 5xx before the write"
    AFTER_5XX = "create: 5xx after the write"
    LATE_5XX = "create: 5xx, then the write"
    HTML = "create: HTML"
    SHORT = "create: truncated, looks whole"
    TOO_LONG = "create: answer without end"
    ACCEPTED = "create: 202"
    REDIRECT = "create: 3xx"
    ODD_4XX = "create: 408 and other 4xx"
    LOCKED = "create: 423"
    # the answer
    PENDING = "create: PENDING"
    PROCESSING = "create: PROCESSING"
    CANCELED = "create: CANCELED"
    ERROR_IN_200 = "create: an error inside a 200"
    OMITTED = "create: applied, omitted"
    PASSED_OVER = "create: not applied, omitted"
    TRANSIENT = "create: transient error, not applied"
    TRANSIENT_APPLIED = "create: transient error, applied"
    REPEATED = "create: repeated ID"
    FOREIGN = "create: foreign ID"
    SWAPPED = "create: the answer to another request"
    PERMUTED = "create: permuted results"
    # refused as a whole
    THROTTLED = "create: 429"
    THROTTLED_FOR = "create: 429 with Retry-After"
    BURST = "create: 429 for everyone"
    OVERSIZED = "create: 413"
    REFUSED = "create: refused as a whole, nothing written"
    REFUSED_PART = "create: refused as a whole, a part written"
    MOVING = "create: 477, short"
    # and the run ends
    MOVING_LONG = "create: 477, long"
    DAILY = "create: 429 DAILY"
    UNAUTHORIZED = "create: 401"
    NO_SCOPE = "create: 403"
    NO_SCOPE_207 = "create: MISSING_SCOPES inside a 207"
    NOT_FOUND = "create: 404"


class ReadFault(StrEnum):
    """What may happen to a read."""

    UNSENT = "read: no connection"
    LOST = "read: lost"
    HALF_DONE = "read: truncated, connection reset"
    SHORT = "read: truncated, looks whole"
    TROUBLE = "read: 5xx"
    HTML = "read: HTML"
    LOCKED = "read: 423"
    PENDING = "read: PENDING"
    EMPTY = "read: empty when one is missing"
    NOT_FOUND = "read: 404 when one is missing"
    PART = "read: transient error for a part"
    FOREIGN = "read: foreign and permuted results"
    THROTTLED = "read: 429"
    MOVING = "read: 477, short"
    DAILY = "read: 429 DAILY"
    UNAUTHORIZED = "read: 401"


class ArchiveFault(StrEnum):
    """What may happen to a request to archive."""

    UNSENT = "archive: no connection"
    LOST = "archive: request lost"
    ANSWER_LOST = "archive: answer lost"
    LATE = "archive: applied late"
    BEFORE_5XX = "archive: 5xx before the removal"
    AFTER_5XX = "archive: 5xx after the removal"
    PART_5XX = "archive: 5xx, a part removed"
    PART_207 = "archive: 207, a part removed"
    OK = "archive: 200, nothing removed"
    ACCEPTED = "archive: 202, nothing removed"
    REFUSED = "archive: refused as a whole"
    NOT_FOUND = "archive: 404 as if one was missing"
    LOCKED = "archive: 423"
    THROTTLED = "archive: 429"
    MOVING = "archive: 477, short"
    DAILY = "archive: 429 DAILY"
    UNAUTHORIZED = "archive: 401"
    STUBBORN = "archive: 5xx whenever a call is asked for"


class ShowFault(StrEnum):
    """What may happen to a read by object ID, beside what may to any read."""

    OMITTED = "read: a live call left out"
    MUTE = "read: 5xx whenever a call is asked for"


_HALTING = {
    CreateFault.MOVING_LONG, CreateFault.DAILY, CreateFault.UNAUTHORIZED,
    CreateFault.NO_SCOPE, CreateFault.NO_SCOPE_207, CreateFault.NOT_FOUND,
    ReadFault.DAILY, ReadFault.UNAUTHORIZED,
    ArchiveFault.DAILY, ArchiveFault.UNAUTHORIZED,
}  # fmt: skip
_CREATE = tuple(CreateFault)
_READ = tuple(ReadFault)
_ARCHIVE = tuple(each for each in ArchiveFault if each is not ArchiveFault.STUBBORN)
F = TypeVar("F", bound=StrEnum)
#: a fault that ends the run strikes in so many of its cases only
_RARELY = 0.6


@dataclass(slots=True)
class Weather:
    """What befalls requests. What changes: chance, and ``calm`` once faults stop."""

    rng: random.Random
    creates: Sequence[CreateFault]
    reads: Sequence[ReadFault]
    #: share of requests that meet a fault
    share: float
    calm: bool = False
    archives: Sequence[ArchiveFault] = ()

    def create(self, size: int) -> CreateFault | None:
        """Draw what a create of so many inputs meets."""
        if self.calm or not self.creates or self.rng.random() >= self.share:
            return None
        fault = self.rng.choice(self.creates)
        if fault in _HALTING and self.rng.random() >= _RARELY:
            return None
        if fault is CreateFault.OVERSIZED and size == 1:
            return None  # a record that is too large alone would be rejected, rightly
        return fault

    def read(self) -> ReadFault | None:
        """Draw what a read meets."""
        return self._drawn(self.reads)

    def archive(self) -> ArchiveFault | None:
        """Draw what a request to archive meets."""
        return self._drawn(self.archives)

    def omits(self) -> bool:
        """Draw whether an answer leaves a live call out."""
        return not self.calm and self.rng.random() < self.share / 2

    def _drawn(self, faults: Sequence[F]) -> F | None:
        if self.calm or not faults or self.rng.random() >= self.share:
            return None
        fault = self.rng.choice(faults)
        if fault in _HALTING and self.rng.random() >= _RARELY:
            return None
        return fault


def draw_weather(rng: random.Random) -> Weather:
    """Draw the weather of a schedule: a few kinds of fault, and how often."""
    share = rng.choice((0.1, 0.2, 0.35, 0.5))
    creates = rng.sample(_CREATE, rng.randint(3, 14))
    reads = rng.sample(_READ, rng.randint(1, 6))
    return Weather(random.Random(rng.getrandbits(64)), creates, reads, share)


def draw_archives(rng: random.Random) -> Sequence[ArchiveFault]:
    """Draw what may happen to requests to archive: a few kinds."""
    return rng.sample(_ARCHIVE, rng.randint(1, 8))
