"""Answers as a portal writes them: bytes for the real verdicts to judge."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from loader.hubspot.raw import RawAnswer

from .world import Call, Clash, Invalid

#: what the virtual clock calls nought
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
JSON = {"content-type": "application/json;charset=utf-8"}
HTML = {"content-type": "text/html"}


def whole(
    status: int, results: Sequence[Any], errors: Sequence[Any], state: str = "COMPLETE"
) -> RawAnswer:
    """Write the envelope of a batch answer."""
    body: dict[str, Any] = {
        "status": state,
        "results": results,
        "startedAt": "2026-01-01T00:00:00Z",
        "completedAt": "2026-01-01T00:00:01Z",
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return RawAnswer(status, dict(JSON), orjson.dumps(body))


def element(
    call: Call, *, echo: bool, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """Write an element of ``results``; ``names`` are the properties that are shown."""
    shown = {
        name: value
        for name, value in call.properties.items()
        if names is None or name in names
    }
    made: dict[str, Any] = {
        "id": call.id,
        "properties": {"hs_object_id": call.id} | shown,
        "createdAt": moment(call.made),
        "updatedAt": moment(call.changed),
        "archived": call.archived,
    }
    if echo and call.trace_id is not None:
        made["objectWriteTraceId"] = call.trace_id
    return made


def moment(seconds: float) -> str:
    """Write a virtual time as a portal does."""
    said = EPOCH + timedelta(seconds=seconds)
    return said.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def problem(trace_id: str, what: Invalid | Clash) -> dict[str, Any]:
    """Write an element of ``errors`` that names its record."""
    category, message = _said(what)
    return {
        "status": "error",
        "category": category,
        "message": message,
        "context": {"objectWriteTraceId": [trace_id]},
    }


def transient(trace_ids: Sequence[str]) -> dict[str, Any]:
    """Write an element of ``errors``: these could not be done now."""
    return {
        "status": "error",
        "category": "INTERNAL_ERROR",
        "message": "internal error",
        "context": {"objectWriteTraceId": list(trace_ids)},
    }


def not_found(names: Sequence[str]) -> dict[str, Any]:
    """Write an element of ``errors``: these are not there."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some CALL objects",
        "context": {"ids": list(names)},
    }


def refused(what: Invalid | Clash) -> RawAnswer:
    """Refuse a batch as a whole, and name nobody."""
    category, message = _said(what)
    return error(409 if isinstance(what, Clash) else 400, category, message)


def _said(what: Invalid | Clash) -> tuple[str, str]:
    if isinstance(what, Invalid):
        return "VALIDATION_ERROR", what.message
    return "VALIDATION_ERROR", (
        f"Cannot set PropertyValueCoordinates{{portalId=1, objectTypeId=0-48, "
        f"propertyName={what.name}, value={what.value}}} on 7. {what.holder} already "
        "has that value."
    )


def error(
    status: int,
    category: str,
    message: str,
    *,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """Write an error body."""
    body = {"status": "error", "message": message, "category": category}
    return RawAnswer(
        status, JSON | dict(headers or {}), orjson.dumps(body | dict(more or {}))
    )


def throttled(policy: str, retry_after_s: int | None) -> RawAnswer:
    """Refuse a request beyond the allowance."""
    headers = {} if retry_after_s is None else {"retry-after": str(retry_after_s)}
    more = {"errorType": "RATE_LIMIT", "policyName": policy}
    return error(
        429, "RATE_LIMITS", "You have reached your limit.", more=more, headers=headers
    )


def moving(seconds: int) -> RawAnswer:
    """Say that the portal moves between data centres."""
    return RawAnswer(477, HTML | {"retry-after": str(seconds)}, b"")


def page(status: int) -> RawAnswer:
    """Answer as a gateway does: with a page for people."""
    return RawAnswer(status, dict(HTML), b"<html><h1>Sorry</h1></html>")
