"""Calls and batches as the portal shows them."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from .store import Call
from .validate import show_time
from .wire import Answer, BatchAnswer, BatchError, CallResult, as_json

_ALWAYS = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")


def show_moment(at: int) -> str:
    """Give Unix milliseconds in ISO 8601."""
    return show_time(dt.datetime.fromtimestamp(at / 1000, dt.UTC))


def show_call(call: Call, names: Sequence[str]) -> CallResult:
    """Show a call with some of its properties; those it has not are null."""
    kept = call.read_properties()
    updated_at = show_moment(call.archived_at or call.updated_at or call.created_at)
    kept["hs_lastmodifieddate"] = updated_at
    archived = call.archived_at is not None
    return CallResult(
        id=str(call.id),
        properties={name: kept.get(name) for name in (*_ALWAYS, *names)},
        created_at=show_moment(call.created_at),
        updated_at=updated_at,
        archived=archived,
        archived_at=updated_at if archived else msgspec.UNSET,
    )


def answer_batch(
    status: int, results: list[CallResult], errors: list[BatchError], now: int
) -> Answer:
    """Put results and errors into the envelope of a batch."""
    moment = show_moment(now)
    return as_json(
        status,
        BatchAnswer(
            results=results,
            requested_at=moment,
            started_at=moment,
            completed_at=moment,
            num_errors=len(errors) if errors else msgspec.UNSET,
            errors=errors or msgspec.UNSET,
        ),
    )
