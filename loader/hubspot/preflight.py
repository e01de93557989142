"""What to know of a portal before the first create: who it is, and its unique property.

Plain judgements of single answers, and the order in which the trace property is looked
for; ``assembly`` asks the questions under the load's limiter.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from loader.errors import UsageError
from loader.model.verdict import Failed, Halt, HaltReason, Wait

from .answers import NOT_JSON
from .raw import RawAnswer
from .refusal import READ_SCOPE, judge_common, lacks, word

#: the property that ``prepare`` creates
OWN_PROPERTY = "loader_trace_id"
#: the portal's own, where it says that it is unique
BUILT_IN_PROPERTY = "hs_unique_id"
GROUP = "call_loader"
S = TypeVar("S", bound=msgspec.Struct)
_OK = (200, 201)


class Account(msgspec.Struct, frozen=True):
    """The account's details, as far as we need them."""

    portalId: int | str  # noqa: N815 - HubSpot's name
    timeZone: str | None = None  # noqa: N815 - HubSpot's name


class Modification(msgspec.Struct, frozen=True):
    """What may be changed about a property."""

    readOnlyValue: bool | None = None  # noqa: N815 - HubSpot's name


class Property(msgspec.Struct, frozen=True):
    """A property's definition, as far as we need it."""

    name: str
    type: str | None = None
    hasUniqueValue: bool | None = None  # noqa: N815 - HubSpot's name
    modificationMetadata: Modification | None = None  # noqa: N815 - HubSpot's name
    archived: bool | None = None
    fieldType: str | None = None  # noqa: N815 - HubSpot's name
    calculated: bool | None = None
    externalOptions: bool | None = None  # noqa: N815 - HubSpot's name
    #: not read here: an odd option must not stand in the way of a load
    options: msgspec.Raw = msgspec.Raw(b"[]")

    @property
    def carries_ids(self) -> bool:
        """It is unique, writable text: a create that repeats its value is refused."""
        metadata = self.modificationMetadata
        writable = metadata is None or not metadata.readOnlyValue
        text = self.type in (None, "string")
        return self.hasUniqueValue is True and text and writable and not self.archived

    @property
    def says_writable(self) -> bool:
        """The portal says in so many words that the value may be written."""
        metadata = self.modificationMetadata
        return metadata is not None and metadata.readOnlyValue is False


class _PropertyList(msgspec.Struct, frozen=True):
    results: list[Property]


class _Group(msgspec.Struct, frozen=True):
    name: str


class _GroupList(msgspec.Struct, frozen=True):
    results: list[_Group]


class NotThere(msgspec.Struct, frozen=True):
    """The portal does not have what was asked for (404)."""


class Denied(msgspec.Struct, frozen=True):
    """The portal does not let us (400, 403, 409); its words."""

    status: int
    category: str
    message: str
    #: the scopes that would be needed, where it says so
    scopes: tuple[str, ...] = ()

    def why(self, scope: str) -> str:
        """Say what to grant, if that is why; ``scope`` where it is not said."""
        if self.status != 403:  # noqa: PLR2004 - HTTP
            return f"{self.category}: {self.message}"
        return lacks(", ".join(map(word, self.scopes)) or scope)


Question = Wait | Halt | Failed


def judge_account(answer: RawAnswer) -> Account | Question:
    """Read the account's details; an account without an ID is no answer."""
    if answer.status == 403:  # noqa: PLR2004 - HTTP
        error = answer.error()
        reason = f"HTTP 403: {error.message[:300]}" if error is not None else "HTTP 403"
        return account_unknown(reason)
    found = decoded(answer, Account)
    if isinstance(found, Account) and not str(found.portalId).strip():
        return Failed("the account has no ID")
    return found


def judge_properties(
    answer: RawAnswer,
) -> tuple[Property, ...] | Denied | NotThere | Question:
    """Read the list of properties."""
    refused = denied(answer)
    if refused is not None:
        return refused
    found = decoded(answer, _PropertyList)
    return tuple(found.results) if isinstance(found, _PropertyList) else found


def judge_property(answer: RawAnswer) -> Property | Denied | NotThere | Question:
    """Read one property, just asked for or just created."""
    return denied(answer) or decoded(answer, Property)


def judge_groups(answer: RawAnswer) -> tuple[str, ...] | Denied | NotThere | Question:
    """Read the names of the property groups."""
    refused = denied(answer)
    if refused is not None:
        return refused
    found = decoded(answer, _GroupList)
    if isinstance(found, _GroupList):
        return tuple(group.name for group in found.results)
    return found


def judge_group(answer: RawAnswer) -> str | Denied | NotThere | Question:
    """Read a group just created."""
    found = denied(answer) or decoded(answer, _Group)
    return found.name if isinstance(found, _Group) else found


def denied(answer: RawAnswer) -> Denied | NotThere | None:
    """Read a refusal that concerns this question alone; None for anything else."""
    if answer.status == 404:  # noqa: PLR2004 - HTTP
        return NotThere()
    if answer.status not in (400, 403, 409):
        return None
    error = answer.error()
    if error is None:
        return Denied(answer.status, f"HTTP_{answer.status}", "no reason given")
    return Denied(
        answer.status, error.category, error.message[:300], error.missing_scopes
    )


def decoded(answer: RawAnswer, shape: type[S]) -> S | Question:
    """Read an answer as what it should be, or say what else it is."""
    if answer.status not in _OK:
        common = judge_common(answer, READ_SCOPE)
        return common or Failed(f"HTTP {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except NOT_JSON:
        return Failed(f"HTTP {answer.status} with an odd body")


def choose_trace_property(
    properties: Sequence[Property], wanted: str | None
) -> str | None:
    """Choose the trace property; None when the portal has none (hold mode).

    In this order: the one that was asked for; ``loader_trace_id``; ``hs_unique_id``.

    Raises:
        UsageError: the one that was asked for is missing or not unique.
    """
    by_name = {each.name: each for each in properties}
    if wanted is not None:
        found = by_name.get(wanted)
        if found is None:
            raise UsageError(
                f"the portal has no property {wanted!r} on calls; create one with "
                "'python -m loader prepare', or leave --trace-property out"
            )
        if not found.carries_ids:
            raise UsageError(
                f"the property {wanted!r} cannot carry trace IDs: it must be writable "
                "text with unique values, which cannot be changed later; use "
                "'python -m loader prepare'"
            )
        return wanted
    own, built_in = by_name.get(OWN_PROPERTY), by_name.get(BUILT_IN_PROPERTY)
    if own is not None and own.carries_ids:
        return OWN_PROPERTY
    # undocumented, so only where the portal leaves no doubt
    if built_in is not None and built_in.carries_ids and built_in.says_writable:
        return BUILT_IN_PROPERTY
    return None


def new_property(group: str) -> dict[str, object]:
    """Return the definition that ``prepare`` posts."""
    return {
        "groupName": group,
        "name": OWN_PROPERTY,
        "label": "Call loader trace ID",
        "description": "Identifies the imported record; do not edit.",
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
    }


def new_group() -> dict[str, object]:
    """Return the definition of the group that ``prepare`` posts."""
    return {"name": GROUP, "label": "Call loader", "displayOrder": -1}


def account_unknown(reason: str) -> Halt:
    """Say that the portal could not be identified: a ledger belongs to one portal."""
    return Halt(
        HaltReason.MISSING_SCOPE,
        f"the portal does not tell its ID ({reason}), and a load belongs to one "
        "portal; let the token read the account's details, in HubSpot's settings, then "
        "run the same command again",
    )
