"""What one answer of the portal means: the vocabulary between wire and pipeline.

Section by section of the protocol: *not applied* is ``Wait``, ``Unsent``,
``Oversized`` or ``Halt``; *proved* is ``Proof``, item by item; everything else is
``Refusal`` or ``Doubt``, and is asked about before anything else happens.
Positions count the records of one request from 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec


class ErrorKind(StrEnum):
    """What an error that names one record asks for."""

    #: the value, or the record, is refused for good
    INVALID = "invalid"
    #: a unique value is taken: perhaps by ourselves
    CLASH = "clash"
    #: the portal could not do it now
    TRANSIENT = "transient"


class ItemCreated(msgspec.Struct, frozen=True, gc=False):
    """An element of ``results`` that names the record."""

    object_id: str


@dataclass(frozen=True, slots=True)
class ItemError:
    """An element of ``errors`` that names the record."""

    kind: ErrorKind
    category: str
    message: str
    correlation_id: str | None = None
    #: the object that holds the unique value, when the answer says so
    existing_id: str | None = None
    #: the property whose unique value is taken, when the answer says so
    property_name: str | None = None


ItemVerdict = ItemCreated | ItemError


class HaltReason(StrEnum):
    """Why a run must end before its source; each is resumable."""

    UNAUTHORIZED = "unauthorized"
    MISSING_SCOPE = "missing_scope"
    WRONG_ENDPOINT = "wrong_endpoint"
    DAILY_LIMIT = "daily_limit"
    MIGRATING = "migrating"
    UNREACHABLE = "unreachable"
    LEDGER_FAILED = "ledger_failed"


@dataclass(frozen=True, slots=True)
class Proof:
    """A complete answer: each item that it names is proved, the others are in doubt."""

    items: Mapping[int, ItemVerdict]

    @property
    def settles(self) -> bool:
        """It says of some record what became of it: the portal does its work."""
        return any(
            isinstance(item, ItemCreated) or item.kind is not ErrorKind.TRANSIENT
            for item in self.items.values()
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """Refused before any work was done (429, short 477): all requests pause."""

    reason: str
    #: what ``Retry-After`` asked for, in seconds
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unsent:
    """The request never left: no name, no connection, no TLS, no proxy."""

    reason: str


@dataclass(frozen=True, slots=True)
class Oversized:
    """The body as a whole was refused unread (413, 414, unreadable): send less."""

    category: str
    message: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """Nothing was applied, and nothing will be until a person or midnight acts."""

    reason: HaltReason
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The whole batch was refused (400, 409, 422) and no record named.

    Whether such a refusal wrote anything is disputed, so it counts as doubt.
    """

    category: str
    message: str
    correlation_id: str | None = None
    #: a unique value is taken, says the answer
    clash: bool = False
    existing_id: str | None = None
    #: the same request would be refused again
    final: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody can say whether it was applied."""

    reason: str
    #: wait at least so long before the next request, in seconds (423: 2 s)
    at_least_s: float = 0.0
    #: the answer contradicts itself: told to the operator
    alarm: bool = False
    #: the next request would fare the same: the run ends
    halt: Halt | None = None


CreateVerdict = Proof | Wait | Unsent | Oversized | Halt | Refusal | Doubt


@dataclass(frozen=True, slots=True)
class Found:
    """What ``batch/read`` knows: trace ID to object ID.

    An ID that was asked for and is not in ``objects`` is absent.
    """

    objects: Mapping[str, str]
    #: IDs of objects that were there before the load began
    older: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer to ``batch/read`` that says nothing about single IDs: ask for less."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """``batch/read`` got no usable answer: try again later."""

    reason: str
    at_least_s: float = 0.0


ReadVerdict = Found | Unclear | Failed | Wait | Unsent | Halt


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the rate headers of an answer say; each may be absent."""

    #: requests allowed in any ``interval_s``
    limit: int | None = None
    #: requests left in the current window
    remaining: int | None = None
    #: length of the rolling window in seconds
    interval_s: float | None = None
    #: requests allowed in a day of the portal, to the whole account
    daily: int | None = None
    #: requests left of that day
    daily_remaining: int | None = None


V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Reply(Generic[V]):
    """One answer: what it means, and what it says of the allowance."""

    verdict: V
    allowance: Allowance | None = None
    #: when the first byte of the request left, in seconds of the loop's clock, if known
    left_at: float | None = None
