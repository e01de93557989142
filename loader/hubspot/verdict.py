"""What one answer means: status, headers and body in, a verdict out.

Pure and total: it never raises, and whatever it does not know is in doubt.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from loader.model.record import CallRecord
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    Failed,
    Found,
    Halt,
    HaltReason,
    ReadVerdict,
    Unclear,
)

from .answers import (
    NOT_JSON,
    BatchAnswer,
    ErrorElement,
    error_elements,
    parse_answer,
)
from .glance import glance
from .proof import found_objects, prove, stray
from .raw import RawAnswer, asked_wait, read_allowance, retry_after
from .refusal import (
    READ_SCOPE,
    UNREADABLE,
    WRITE_SCOPE,
    forbidden,
    judge_common,
    oversized,
    refused,
    word,
)

__all__ = ["RawAnswer", "judge_create", "judge_read", "read_allowance", "retry_after"]

#: HubSpot locks for two seconds after a 423
LOCK_S = 2.0
_OK = (200, 201, 207)


def judge_create(
    answer: RawAnswer, records: Sequence[CallRecord], trace_property: str | None
) -> CreateVerdict:
    """Say what an answer to ``batch/create`` means for the records that were sent."""
    try:
        if answer.status in _OK:
            return _judge_batch(answer, records, trace_property)
        return _judge_refusal(answer)
    except Exception as error:  # noqa: BLE001 - total: the default is in doubt
        return Doubt(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _judge_batch(
    answer: RawAnswer, records: Sequence[CallRecord], trace_property: str | None
) -> CreateVerdict:
    plain = glance(answer.body, records, trace_property) if answer.is_json else None
    if plain is not None:
        return plain
    batch = _complete(answer)
    if isinstance(batch, str):
        return Doubt(batch)
    errors = list(error_elements(batch.errors, answer.correlation_id))
    if errors and not batch.results and all(error.lacks_scope for error in errors):
        named = {trace_id for error in errors for trace_id in error.trace_ids}
        halt = forbidden(errors[0], WRITE_SCOPE)
        if named == {record.trace_id for record in records}:
            return halt
        if not named:
            # it speaks of the batch, and names nobody: that proves nothing
            return Doubt("the batch was refused for its scope", halt=halt)
    return prove(records, batch, errors, trace_property)


def _complete(answer: RawAnswer) -> BatchAnswer | str:
    """Return the answer if it is whole and says that the batch is; else why not."""
    if not answer.is_json:
        return f"HTTP {answer.status} without a JSON body"
    try:
        batch = parse_answer(answer.body)
    except NOT_JSON:
        return f"HTTP {answer.status} with an incomplete or odd body"
    if batch.status != "COMPLETE":
        return f"the batch is not complete (status {word(batch.status)})"
    return batch


def _judge_refusal(answer: RawAnswer) -> CreateVerdict:
    common = judge_common(answer)
    if common is not None:
        return common
    error = answer.error()
    match answer.status:
        case 413 | 414:
            return oversized(answer, error)
        case 400 if error is not None and _is_unread(error):
            return oversized(answer, error)
        case 400 | 409 | 422 if error is not None:
            return refused(answer.status, error)
        case 423:
            return Doubt("HTTP 423 (locked)", at_least_s=LOCK_S)
        case _:
            return Doubt(f"HTTP {answer.status}", at_least_s=asked_wait(answer))


def _is_unread(error: ErrorElement) -> bool:
    return UNREADABLE.search(error.message) is not None and not error.clash


def judge_read(
    answer: RawAnswer,
    trace_ids: Sequence[str],
    trace_property: str,
    oldest_own: datetime | None = None,
) -> ReadVerdict:
    """Say what an answer to ``batch/read`` knows of the IDs that were asked for.

    The load made nothing before ``oldest_own``, by the portal's clock; None: not known.
    """
    try:
        if answer.status in _OK:
            return _judge_found(answer, trace_ids, trace_property, oldest_own)
        return _judge_read_refusal(answer, trace_ids)
    except Exception as error:  # noqa: BLE001 - total: the default is "ask again"
        return Failed(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _judge_found(
    answer: RawAnswer,
    trace_ids: Sequence[str],
    trace_property: str,
    oldest_own: datetime | None,
) -> ReadVerdict:
    """Say which IDs exist.

    One that is missing is absent only if the answer leaves nothing unexplained, for a
    record that is wrongly called absent is sent again.
    """
    batch = _complete(answer)
    if isinstance(batch, str):
        return Failed(batch)
    errors = list(error_elements(batch.errors, answer.correlation_id))
    # a second object under one ID would mean that the property is not unique: the
    # record exists all the same, so nothing will be sent; ``verify`` shows it
    found = found_objects(trace_ids, batch, trace_property, oldest_own)
    if found.objects.keys() >= set(trace_ids):
        return found
    unexplained = _unexplained(batch, errors) or stray(trace_ids, batch, trace_property)
    if unexplained:
        return Failed(unexplained)
    empty = answer.status == 207 and not found.objects  # noqa: PLR2004 - HTTP
    if empty and len(trace_ids) > 1 and not _mentioned(errors).issuperset(trace_ids):
        # some portals find nothing at all when one is missing: unless every absent ID
        # is named, only a smaller question tells
        return Unclear("207 without results")
    return found


def _unexplained(batch: BatchAnswer, errors: Sequence[ErrorElement]) -> str:
    """Say what else than absence may be why an ID is missing; empty for nothing."""
    for error in errors:
        if not error.says_absent:
            return f"the read failed in part ({error.category})"
    told = len(cast("list[object]", batch.errors)) if errors else bool(batch.errors)
    if told > len(errors) or (batch.numErrors and not errors):
        return "the read has errors that cannot be read"
    return ""


def _mentioned(errors: Sequence[ErrorElement]) -> set[str]:
    contexts = [context for e in errors for context in (e.context, *e.details)]
    return {value for each in contexts for values in each.values() for value in values}


def _judge_read_refusal(answer: RawAnswer, trace_ids: Sequence[str]) -> ReadVerdict:
    error = answer.error()
    absent = error is not None and error.category == "OBJECT_NOT_FOUND"
    if answer.status == 404 and absent:  # noqa: PLR2004 - HTTP
        return Found({}) if len(trace_ids) == 1 else Unclear("404 for the batch")
    common = judge_common(answer, READ_SCOPE)
    if common is not None:
        return common
    if answer.status == 400 and error is not None:  # noqa: PLR2004 - HTTP
        return Halt(
            HaltReason.WRONG_ENDPOINT,
            f"the portal refuses to look records up by the trace property "
            f"(400 {word(error.category)}); check that it still exists with unique "
            "values, or run 'python -m loader prepare'",
        )
    wait = LOCK_S if answer.status == 423 else asked_wait(answer)  # noqa: PLR2004 - HTTP
    return Failed(f"HTTP {answer.status}", at_least_s=wait)
