"""A portal without a network, and a clock that is moved by hand."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.sandbox.audit import Audit, audit_store
from loader.sandbox.portal import Portal
from loader.sandbox.scenario import Scenario
from loader.sandbox.store import Store
from loader.sandbox.wire import Answer, Endpoint, Request

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z
KEY = "loader_trace_id"


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: float = NOON

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@dataclass(frozen=True)
class Reply:
    """What a client gets; ``status`` is None when the connection ends instead."""

    status: int | None
    body: Any
    headers: dict[str, str]
    answer: Answer | None

    @property
    def results(self) -> list[dict[str, Any]]:
        """The results of a batch."""
        return self.body["results"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of a batch."""
        return self.body["errors"]


class Desk:
    """Where tests hand in requests."""

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        state: Path | None = None,
        token: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.store = Store.open(state)
        self.portal = Portal(
            self.store,
            scenario or Scenario(),
            token=token,
            clock=self.clock,
            monotonic=self.clock,
        )

    def send(
        self,
        endpoint: Endpoint,
        body: Any = None,
        *,
        raw: bytes | None = None,
        **details: Any,
    ) -> Reply:
        """Let one request go all its way."""
        content = json.dumps(body).encode() if raw is None else raw
        asked = {"authorization": "Bearer any"} | details
        request = Request(endpoint, "c-1", content, **asked)
        answer = self.portal.meet(request, self.portal.admit(request)).answer
        if answer is None:
            return Reply(None, None, {}, None)
        is_json = answer.body and answer.content_type == "application/json"
        content = json.loads(answer.body) if is_json else answer.body
        return Reply(answer.status, content, dict(answer.headers), answer)

    def create(self, *inputs: dict[str, Any]) -> Reply:
        """Ask for calls."""
        return self.send(Endpoint.CREATE, {"inputs": inputs})

    def read(self, *ids: str, by: str | None = None, **more: Any) -> Reply:
        """Ask for calls that should be there."""
        query = {"archived": str(more.pop("archived", False)).lower()}
        body = {"inputs": [{"id": each} for each in ids], "idProperty": by, **more}
        return self.send(Endpoint.READ, body, query=query)

    def archive(self, *ids: str) -> Reply:
        """Ask to archive calls."""
        body = {"inputs": [{"id": each} for each in ids]}
        return self.send(Endpoint.ARCHIVE, body)

    def audit(self, *properties: str) -> Audit:
        """Ask for the truth."""
        return audit_store(self.store, *properties)


def an_input(trace_id: str | None = None, **properties: Any) -> dict[str, Any]:
    """Return a call as a client sends it."""
    named = {} if trace_id is None else {"objectWriteTraceId": trace_id}
    return {"properties": {"hs_timestamp": "1700000000000", **properties}, **named}


def keyed(trace_id: str, **properties: Any) -> dict[str, Any]:
    """Return a call that carries its trace ID in a unique property too."""
    return an_input(trace_id, **{KEY: trace_id}, **properties)


def linked(type_id: int, to: str = "17", category: str = "HUBSPOT_DEFINED") -> Any:
    """Return the associations of a call with one record."""
    kind = {"associationCategory": category, "associationTypeId": type_id}
    return [{"to": {"id": to}, "types": [kind]}]
