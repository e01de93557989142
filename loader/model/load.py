"""What a load belongs to, and which promise it can keep."""

from dataclasses import dataclass
from enum import StrEnum


class Promise(StrEnum):
    """What a run guarantees when answers are lost."""

    #: the portal refuses the second one: records in doubt are asked for and sent again
    EXACTLY_ONCE = "exactly-once"
    #: no unique property: records in doubt are held and shown, never sent again
    AT_MOST_ONCE = "at-most-once"
    #: the user's explicit word: records in doubt are sent again unasked
    AT_LEAST_ONCE = "at-least-once"


class InDoubtPolicy(StrEnum):
    """``--in-doubt``: what to do where the portal offers no unique property."""

    HOLD = "hold"
    RESEND = "resend"


def promise_of(trace_property: str | None, policy: InDoubtPolicy) -> Promise:
    """Say which promise holds with this trace property and this policy."""
    if trace_property is not None:
        return Promise.EXACTLY_ONCE
    if policy is InDoubtPolicy.RESEND:
        return Promise.AT_LEAST_ONCE
    return Promise.AT_MOST_ONCE


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What preflight learnt about the portal."""

    portal_id: str
    #: the portal's IANA time zone, such as ``Europe/Berlin``; its midnight resets
    #: the daily quota
    time_zone: str | None
    trace_property: str | None


@dataclass(frozen=True, slots=True)
class LoadIdentity:
    """What a ledger belongs to; a run with anything else is refused."""

    source_name: str
    #: of the first line that is not blank: a source that grows keeps it
    source_digest: str
    portal_id: str
    trace_property: str | None
    key_property: str | None
    object_type: str = "calls"
