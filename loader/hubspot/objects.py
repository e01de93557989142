"""Calls asked for by their object ID, and archived by it: bodies, and what answers say.

To read and to archive are safe to repeat: whatever is not proved is asked again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec

from loader.model.verdict import Failed, Halt, Unclear, Wait

from . import once
from .answers import NOT_JSON, ErrorElement, error_elements, is_before
from .raw import RawAnswer, asked_wait
from .refusal import READ_SCOPE, judge_common, word
from .verdict import LOCK_S

_OK = (200, 201, 207)
_REFUSED = (400, 409, 422)


class CallElement(msgspec.Struct, frozen=True, gc=False):
    """An element of ``results``: a call as the portal has it."""

    id: str | int
    properties: dict[str, Any] = {}
    createdAt: str | None = None  # noqa: N815 - HubSpot's name
    updatedAt: str | None = None  # noqa: N815 - HubSpot's name
    archived: bool | None = None

    def changed_by(self, tolerance: timedelta) -> bool:
        """Tell whether it changed later than so long after its creation.

        Where it does not say, it may have.
        """
        try:
            created = datetime.fromisoformat(self.createdAt or "")
            updated = datetime.fromisoformat(self.updatedAt or "")
            return updated - created > tolerance
        except (ValueError, TypeError):
            return True

    def made_before(self, moment: datetime) -> bool:
        """Tell whether it says that it was there then."""
        return is_before(self.createdAt, moment)


class Envelope(msgspec.Struct, frozen=True):
    """What all answers to a batch have around their results."""

    status: str
    errors: Any = None
    numErrors: Any = None  # noqa: N815 - HubSpot's name


class _Calls(Envelope, frozen=True, kw_only=True):
    results: list[CallElement]


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of the calls asked for are there; one that is not in it is not."""

    calls: Mapping[str, CallElement] = field(default_factory=dict[str, CallElement])


@dataclass(frozen=True, slots=True)
class Archived:
    """All calls of the request are archived."""


ShownVerdict = Shown | Unclear | Failed | Wait | Halt
ArchivedVerdict = Archived | Unclear | Failed | Wait | Halt

_decode = msgspec.json.Decoder(_Calls).decode
E = TypeVar("E", bound=Envelope)


def ids_body(object_ids: Sequence[str]) -> dict[str, object]:
    """Write the body of ``batch/archive``."""
    return {"inputs": [{"id": each} for each in object_ids]}


def show_body(
    object_ids: Sequence[str], properties: Collection[str]
) -> dict[str, object]:
    """Write the body of ``batch/read`` by object ID."""
    return ids_body(object_ids) | {
        "properties": sorted(properties),
        "propertiesWithHistory": [],
    }


def judge_shown(
    answer: RawAnswer, object_ids: Sequence[str], *, archived: bool
) -> ShownVerdict:
    """Say which of these calls an answer to ``batch/read`` shows; total.

    ``archived``: archived ones were asked for, and else live ones. One that says the
    other of itself is none of them.
    """
    try:
        if answer.status in _OK:
            return _judge_calls(answer, object_ids, archived=archived)
        return _judge_refusal(answer, object_ids)
    except Exception as error:  # noqa: BLE001 - total: the default is "ask again"
        return Failed(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _judge_calls(
    answer: RawAnswer, object_ids: Sequence[str], *, archived: bool
) -> ShownVerdict:
    envelope = complete(answer, _decode)
    if isinstance(envelope, str):
        return Failed(envelope)
    calls = {str(each.id): each for each in envelope.results}
    asked = frozenset(object_ids)
    if len(calls) < len(envelope.results) or not calls.keys() <= asked:
        return Failed("the read has a call twice, or one that was not asked for")
    shown = Shown(
        {
            name: each
            for name, each in calls.items()
            if each.archived in (None, archived)
        }
    )
    if len(calls) == len(asked):
        return shown
    errors = list(error_elements(envelope.errors, answer.correlation_id))
    fault = unexplained(envelope, errors)
    if fault:
        return Failed(fault)
    empty = answer.status == 207 and not calls  # noqa: PLR2004 - HTTP
    if empty and len(asked) > 1 and not asked <= set(_mentioned(errors)):
        # as some portals do when one is missing: only a smaller question tells
        return Unclear("207 without results")
    return shown


def complete(answer: RawAnswer, decode: Callable[[bytes], E]) -> E | str:
    """Return an answer that is whole and says that the read is; else why not."""
    if not answer.is_json:
        return f"HTTP {answer.status} without a JSON body"
    try:
        envelope = decode(answer.body)
        once.check(answer.body)
    except NOT_JSON:
        return f"HTTP {answer.status} with an incomplete or odd body"
    if envelope.status != "COMPLETE":
        return f"the read is not complete (status {word(envelope.status)})"
    return envelope


def unexplained(envelope: Envelope, errors: Sequence[ErrorElement]) -> str:
    """Say what else than absence may be why something is missing; empty for nothing."""
    for error in errors:
        if not error.says_absent:
            return f"the read failed in part ({word(error.category)})"
    told = len(cast("list[object]", envelope.errors)) if errors else 0
    if told > len(errors):
        return "the read has an error that cannot be read"
    if not errors and (envelope.errors or envelope.numErrors):
        return "the read has errors that cannot be read"
    return ""


def _mentioned(errors: Sequence[ErrorElement]) -> Iterator[str]:
    for error in errors:
        for context in (error.context, *error.details):
            for values in context.values():
                yield from values


def _judge_refusal(
    answer: RawAnswer, object_ids: Sequence[str]
) -> Shown | Unclear | Failed | Wait | Halt:
    error = answer.error()
    if answer.status == 404 and error is not None and error.says_absent:  # noqa: PLR2004 - HTTP
        return Shown() if len(object_ids) == 1 else Unclear("404 for the batch")
    common = judge_common(answer, READ_SCOPE)
    return common if common is not None else _unread(answer, error)


def judge_archived(answer: RawAnswer, object_ids: Sequence[str]) -> ArchivedVerdict:
    """Say whether an answer to ``batch/archive`` proves that all are archived; total.

    Only 204, which is what is published, does. A batch that is refused is halved, so
    that one bad ID does not keep its neighbours.
    """
    try:
        if answer.status == 204:  # noqa: PLR2004 - HTTP
            return Archived()
        error = answer.error()
        if answer.status == 404 and error is not None and error.says_absent:  # noqa: PLR2004 - HTTP
            several = len(object_ids) > 1
            return Unclear("404 for the batch") if several else Failed("HTTP 404")
        common = judge_common(answer)
        return common if common is not None else _unread(answer, error)
    except Exception as error:  # noqa: BLE001 - total: the default is "ask again"
        return Failed(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _unread(answer: RawAnswer, error: ErrorElement | None) -> Unclear | Failed:
    """Judge what is neither done nor refused for all requests alike."""
    if answer.status in _REFUSED and error is not None:
        return Unclear(f"HTTP {answer.status} {word(error.category)}")
    wait = LOCK_S if answer.status == 423 else asked_wait(answer)  # noqa: PLR2004 - HTTP
    return Failed(f"HTTP {answer.status}", at_least_s=wait)
