"""Mistakes in what an answer as a whole means: section 3."""

import re
from collections.abc import Callable, Sequence

from loader.hubspot import refusal, verdict
from loader.hubspot.answers import NOT_JSON, BatchAnswer, parse_answer
from loader.hubspot.raw import RawAnswer
from loader.model.record import CallRecord
from loader.model.verdict import (
    CreateVerdict,
    ErrorKind,
    Halt,
    HaltReason,
    ItemCreated,
    ItemError,
    Proof,
    Wait,
)

from .switch import Swap, Swaps, Way, mistake

Records = Sequence[CallRecord]
_OBJECT_ID = re.compile(rb'"id"\s*:\s*"?(\d+)')


def _judging(wrong: Callable[[RawAnswer, Records], CreateVerdict | None]) -> Swaps:
    """Let ``wrong`` judge first; None leaves the answer to the product."""
    right: Way = verdict.judge_create

    def judge(
        answer: RawAnswer, records: Records, trace_property: str | None
    ) -> CreateVerdict:
        found: CreateVerdict = wrong(answer, records) or right(
            answer, records, trace_property
        )
        return found

    return [Swap(verdict, "judge_create", judge)]


def _all_created(answer: RawAnswer, records: Records) -> Proof:
    """Every record is created; object IDs are taken in order, where there are any."""
    ids = [found.decode() for found in _OBJECT_ID.findall(answer.body)]
    ids += ["0"] * len(records)
    return Proof({number: ItemCreated(ids[number]) for number in range(len(records))})


def _all_rejected(answer: RawAnswer, records: Records) -> Proof:
    error = ItemError(ErrorKind.INVALID, f"HTTP_{answer.status}", "the portal refused")
    return Proof(dict.fromkeys(range(len(records)), error))


def _is_server_error(answer: RawAnswer) -> bool:
    return answer.status >= 500  # noqa: PLR2004 - HTTP


@mistake("section 3: every 5xx is in doubt")
def server_error_is_rejected() -> Swaps:
    """A 5xx counts as a refusal of its records."""
    return _judging(lambda a, r: _all_rejected(a, r) if _is_server_error(a) else None)


@mistake("section 3: every 5xx is in doubt")
def server_error_is_not_applied() -> Swaps:
    """A 5xx counts as not applied, so that its records are sent again."""
    return _judging(lambda a, _: Wait("HTTP 5xx", 1.0) if _is_server_error(a) else None)


@mistake("section 3: 429 is not applied")
def throttled_is_created() -> Swaps:
    """A 429 counts as created."""
    return _judging(lambda a, r: _all_created(a, r) if a.status == 429 else None)  # noqa: PLR2004 - HTTP


@mistake("section 3: 429 is not applied, and may be sent again")
def throttled_is_rejected() -> Swaps:
    """A 429 counts as a refusal of its records."""
    return _judging(lambda a, r: _all_rejected(a, r) if a.status == 429 else None)  # noqa: PLR2004 - HTTP


@mistake("section 3: 429 is not applied; a daily limit ends the run")
def daily_limit_is_rejected() -> Swaps:
    """The records that meet the daily limit are rejected, one batch after the other."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        match refusal.judge_common(answer):
            case Halt(HaltReason.DAILY_LIMIT):
                return _all_rejected(answer, records)
            case _:
                return None

    return _judging(wrong)


@mistake("section 3: 401 and 403 are not applied")
def refused_token_is_rejected() -> Swaps:
    """Records sent with a token that is refused are rejected."""
    return _judging(
        lambda a, r: _all_rejected(a, r) if a.status in (401, 403) else None
    )


@mistake("section 3: 423 is in doubt")
def locked_is_not_applied() -> Swaps:
    """A 423 counts as not applied, so that its records are sent again."""
    return _judging(lambda a, _: Wait("HTTP 423", 2.0) if a.status == 423 else None)  # noqa: PLR2004 - HTTP


@mistake("section 3: 409 is in doubt")
def conflict_is_not_applied() -> Swaps:
    """A 409 counts as not applied, so that its records are sent again."""
    return _judging(lambda a, _: Wait("HTTP 409", 1.0) if a.status == 409 else None)  # noqa: PLR2004 - HTTP


@mistake("section 3: 202 and 3xx are in doubt")
def any_success_is_created() -> Swaps:
    """Any status from 200 to 399 counts as created."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        good = range(200, 400)
        if answer.status not in good or answer.status in verdict._OK:
            return None
        return _all_created(answer, records)

    return _judging(wrong)


@mistake("section 3: HTML and a wrong content type are in doubt")
def html_is_created() -> Swaps:
    """A 200 counts as created whatever is in it."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        odd = answer.status in verdict._OK and not answer.is_json
        return _all_created(answer, records) if odd else None

    return _judging(wrong)


@mistake("section 3: a truncated body is in doubt")
def truncated_is_created() -> Swaps:
    """A 200 whose JSON is cut off counts as created, with the IDs that are there."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        if answer.status not in verdict._OK or not answer.is_json:
            return None
        try:
            parse_answer(answer.body)
        except NOT_JSON:
            return _all_created(answer, records)
        return None

    return _judging(wrong)


@mistake("section 3: PENDING and PROCESSING are in doubt")
def pending_is_created() -> Swaps:
    """A batch that the portal has taken in, and not worked off, counts as created."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        batch = _usable(answer)
        if batch is None or batch.status == "COMPLETE":
            return None
        return _all_created(answer, records)

    return _judging(wrong)


@mistake("section 3, I2: only a complete answer proves")
def success_is_created() -> Swaps:
    """A complete 200 or 201 counts as created for all that was sent, errors or not."""

    def wrong(answer: RawAnswer, records: Records) -> CreateVerdict | None:
        batch = _usable(answer)
        if batch is None or answer.status not in (200, 201):
            return None
        return _all_created(answer, records)

    return _judging(wrong)


def _usable(answer: RawAnswer) -> BatchAnswer | None:
    """Return an answer of the right shape, whatever its status says."""
    if answer.status not in verdict._OK or not answer.is_json:
        return None
    try:
        return parse_answer(answer.body)
    except NOT_JSON:
        return None
