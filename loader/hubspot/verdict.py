"""What one answer means: status, headers and body in, a verdict out.

Pure and total: it never raises, and whatever it does not know is in doubt.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from loader.model.record import CallRecord
from loader.model.verdict import (
    Allowance,
    CreateVerdict,
    Doubt,
    Failed,
    Found,
    Halt,
    HaltReason,
    Oversized,
    ReadVerdict,
    Refusal,
    Unclear,
    Wait,
)

from .answers import ErrorElement, error_elements, parse_answer, parse_error
from .proof import TRANSIENT, found_objects, prove

DEFAULT_SCOPE = "crm.objects.contacts.write"
#: a portal that moves for longer than this is not waited for, seconds
LONGEST_WAIT_S = 120.0
#: HubSpot locks for two seconds after a 423
LOCK_S = 2.0
_OK = (200, 201, 207)
#: messages that say the body was refused before any record of it was looked at
_UNREADABLE = re.compile(
    r"^invalid input json|should have at least one object|too many inputs|"
    r"^(batch|the batch|inputs).{0,40}\b(limit|maximum|exceeds?|at most)\b",
    re.IGNORECASE,
)
_FINAL = ("VALIDATION", "INVALID", "BAD_REQUEST")


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came: status, headers (names in lower case), body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """The content type says JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")

    def error(self) -> ErrorElement | None:
        """Read the body as a refusal; None when it is no JSON object."""
        return parse_error(self.body) if self.is_json else None


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
    if not answer.is_json:
        return Doubt(f"HTTP {answer.status} without a JSON body")
    try:
        batch = parse_answer(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Doubt(f"HTTP {answer.status} with an incomplete or odd body")
    if batch.status != "COMPLETE":
        return Doubt(f"the batch is not complete (status {batch.status[:20]!r})")
    if not batch.results:
        lacking = [e for e in error_elements(batch.errors) if _lacks_scope(e)]
        if lacking and len(lacking) == len(list(error_elements(batch.errors))):
            return _missing_scope(lacking[0])
    return prove(records, batch, trace_property)


def _judge_refusal(answer: RawAnswer) -> CreateVerdict:
    common = judge_common(answer)
    if common is not None:
        return common
    error = answer.error()
    match answer.status:
        case 413 | 414:
            return _oversized(answer, error)
        case 400 if error is not None and _UNREADABLE.search(error.message):
            return _oversized(answer, error)
        case 400 | 409 | 422 if error is not None:
            return _refusal(answer.status, error)
        case 423:
            return Doubt("HTTP 423 (locked)", at_least_s=LOCK_S)
        case _:
            return Doubt(f"HTTP {answer.status}")


def _oversized(answer: RawAnswer, error: ErrorElement | None) -> Oversized:
    if error is None:
        return Oversized(f"HTTP_{answer.status}", "the request is too large")
    return Oversized(error.category, error.message, error.correlation_id)


def _refusal(status: int, error: ErrorElement) -> Refusal:
    validation = any(word in error.category for word in _FINAL)
    return Refusal(
        category=error.category,
        message=error.message,
        correlation_id=error.correlation_id,
        clash=error.clash,
        existing_id=error.existing_id,
        final=status in (400, 422) and validation,
    )


def judge_common(answer: RawAnswer) -> Wait | Halt | None:
    """Judge what means the same for every request; None for the rest."""
    match answer.status:
        case 401:
            return Halt(
                HaltReason.UNAUTHORIZED,
                "the portal refused the access token (401); check "
                "HUBSPOT_ACCESS_TOKEN or --token-file, then run the same command again",
            )
        case 403:
            return _missing_scope(answer.error())
        case 404 | 405 | 411 | 415:
            return Halt(
                HaltReason.WRONG_ENDPOINT,
                f"the portal does not know this endpoint (HTTP {answer.status}); check "
                "HUBSPOT_BASE_URL and --api-version",
            )
        case 429:
            return _throttled(answer)
        case 477:
            return _migrating(answer)
        case _:
            return None


def _lacks_scope(error: ErrorElement) -> bool:
    return error.category == "MISSING_SCOPES"


def _missing_scope(error: ErrorElement | None) -> Halt:
    scopes = error.missing_scopes if error is not None else ()
    names = ", ".join(scopes) or DEFAULT_SCOPE
    return Halt(
        HaltReason.MISSING_SCOPE,
        f"the access token lacks the scope {names}; add it to the app or service key "
        "in HubSpot's settings, then run the same command again",
    )


def _throttled(answer: RawAnswer) -> Wait | Halt:
    text = answer.body[:4096].decode("utf-8", "replace")
    policy = re.search(r'"policyName"\s*:\s*"(\w+)"', text)
    name = policy[1] if policy else ""
    daily = name == "DAILY" if name else "daily limit" in text.lower()
    if daily:
        return Halt(
            HaltReason.DAILY_LIMIT,
            "the account's daily request limit is used up; run the same command again "
            "after the reset",
        )
    return Wait(name or "throttled", retry_after(answer.headers.get("retry-after")))


def _migrating(answer: RawAnswer) -> Wait | Halt:
    seconds = retry_after(answer.headers.get("retry-after"))
    if seconds is not None and seconds <= LONGEST_WAIT_S:
        return Wait("HTTP 477 (the portal moves)", seconds)
    when = "some hours" if seconds is None else f"{seconds / 3600:.1f} hours"
    return Halt(
        HaltReason.MIGRATING,
        f"the portal moves between data centres (477) for {when}; run the same "
        "command again afterwards",
    )


def retry_after(text: str | None, *, now: datetime | None = None) -> float | None:
    """Read ``Retry-After``: seconds, or a date; None when it is neither."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def judge_read(
    answer: RawAnswer, trace_ids: Sequence[str], trace_property: str
) -> ReadVerdict:
    """Say what an answer to ``batch/read`` knows of the IDs that were asked for."""
    try:
        if answer.status in _OK:
            return _judge_found(answer, trace_ids, trace_property)
        return _judge_read_refusal(answer, trace_ids)
    except Exception as error:  # noqa: BLE001 - total: the default is "ask again"
        return Failed(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _judge_found(
    answer: RawAnswer, trace_ids: Sequence[str], trace_property: str
) -> ReadVerdict:
    if not answer.is_json:
        return Failed(f"HTTP {answer.status} without a JSON body")
    try:
        batch = parse_answer(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Failed(f"HTTP {answer.status} with an incomplete or odd body")
    if batch.status != "COMPLETE":
        return Failed(f"the read is not complete (status {batch.status[:20]!r})")
    objects = dict(found_objects(trace_ids, batch, trace_property))
    errors = list(error_elements(batch.errors))
    if answer.status == 207 and not objects and errors and len(trace_ids) > 1:  # noqa: PLR2004 - HTTP
        # some portals find nothing at all when one is missing: unless every absent ID
        # is named, only a smaller question tells
        named = {
            value
            for error in errors
            for values in error.context.values()
            for value in values
        }
        if not named.issuperset(trace_ids):
            return Unclear("207 without results")
    for error in errors:
        if error.category in TRANSIENT:
            return Failed(f"the read failed in part ({error.category})")
    return Found(objects)


def _judge_read_refusal(answer: RawAnswer, trace_ids: Sequence[str]) -> ReadVerdict:
    error = answer.error()
    absent = error is not None and error.category == "OBJECT_NOT_FOUND"
    if answer.status == 404 and absent:  # noqa: PLR2004 - HTTP
        return Found({}) if len(trace_ids) == 1 else Unclear("404 for the batch")
    common = judge_common(answer)
    if common is not None:
        return common
    if answer.status == 400 and error is not None:  # noqa: PLR2004 - HTTP
        return Halt(
            HaltReason.WRONG_ENDPOINT,
            f"the portal refuses to look records up by the trace property "
            f"({error.category}: {error.message[:300]})",
        )
    wait = LOCK_S if answer.status == 423 else 0.0  # noqa: PLR2004 - HTTP
    return Failed(f"HTTP {answer.status}", at_least_s=wait)


def read_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """Read HubSpot's rate headers; each may be absent or odd."""
    limit = _number(headers.get("x-hubspot-ratelimit-max"))
    remaining = _number(headers.get("x-hubspot-ratelimit-remaining"))
    interval_ms = _number(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
    if limit is None and remaining is None and interval_ms is None:
        return None
    return Allowance(
        limit=limit,
        remaining=remaining,
        interval_s=None if interval_ms is None else interval_ms / 1000,
    )


def _number(text: str | None) -> int | None:
    if text is None or len(text) > 9 or not (text.isascii() and text.isdecimal()):  # noqa: PLR2004 - no such rates
        return None
    return int(text)
