"""What became of a record: created, existing, rejected, or in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class State(StrEnum):
    """The states of the contract, as they appear in ``results``."""

    #: this load made the call
    CREATED = "created"
    #: the portal had a call under this ID before
    EXISTING = "existing"
    #: the portal, or our own validation, refused it
    REJECTED = "rejected"
    #: it may or may not be on the portal, and cannot be asked for
    IN_DOUBT = "in_doubt"


class Created(msgspec.Struct, frozen=True, gc=False):
    """This load made the call ``object_id``.

    A struct, as there is one a record: it costs a tenth of a frozen dataclass.
    """

    object_id: str


@dataclass(frozen=True, slots=True)
class Existing:
    """The portal had ``object_id`` under this ID before this load sent it."""

    object_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The portal refused the record, with its own category and message."""

    category: str
    message: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nothing proves what became of the record."""

    reason: str


Outcome = Created | Existing | Rejected | InDoubt


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is known of a batch now, to be made durable in one transaction.

    A position in none of the three was never sent, or was surely refused unread.
    """

    #: start of the batch's span; names the batch
    start: int
    outcomes: Mapping[int, Outcome]
    #: positions without outcome that may have reached the portal
    doubted: frozenset[int]
    #: every position has an outcome
    closed: bool
