"""The form of Elasticsearch's ``_bulk``, over the portal's ``batch/create``.

Enough of it for a client's helpers: ``index`` and ``create``, with an ``_id`` of one's
own or without. The documents are calls, as ``batch/create`` takes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bench.records import KEY
from loader.sandbox.wire import Answer

#: the unique property that keeps an ``_id`` of one's own
DOCUMENT_ID = "document_id"
#: without it the client refuses to believe that this is Elasticsearch
_PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
_REFUSED = 400


class BulkError(ValueError):
    """A body that is not of this form."""


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write."""

    #: ``index`` overwrites, ``create`` does not
    name: str
    index: str
    #: None: the store is to give one
    id: str | None
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What tells its result from the others."""
        return str(self.document["properties"][KEY])

    def as_input(self) -> dict[str, Any]:
        """Return the input of ``batch/create`` for it."""
        own = {} if self.id is None else {DOCUMENT_ID: self.id}
        return {
            **self.document,
            "properties": {**self.document["properties"], **own},
            # switches per-item answers on
            "objectWriteTraceId": self.key,
        }


def read_actions(body: bytes) -> list[Action]:
    """Read a body: an action and its document, a line each.

    Raises:
        BulkError: it is not so.
    """
    rows = [each for each in body.split(b"\n") if each]
    try:
        values = [orjson.loads(each) for each in rows]
        pairs = zip(values[::2], values[1::2], strict=True)
        return [_action(head, document) for head, document in pairs]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BulkError(f"not a bulk body: {error}") from error


def _action(head: dict[str, Any], document: dict[str, Any]) -> Action:
    ((name, how),) = head.items()
    action = Action(name, how.get("_index", "calls"), how.get("_id"), document)
    if name not in ("index", "create") or not action.key:
        raise BulkError(f"not an action for calls: {name}")
    return action


def as_create(actions: Sequence[Action]) -> bytes:
    """Write the same as a body of ``batch/create``."""
    return orjson.dumps({"inputs": [each.as_input() for each in actions]})


def as_bulk(actions: Sequence[Action], answer: Answer) -> Answer:
    """Turn the portal's answer into one of ``_bulk``."""
    body = orjson.loads(answer.body)
    headers = {**answer.headers, **_PRODUCT}
    if answer.status >= _REFUSED:
        error = {"type": "portal_exception", "reason": body["message"]}
        refused = {"error": error, "status": answer.status}
        return Answer(answer.status, orjson.dumps(refused), headers=headers)
    made = {each["properties"][KEY]: each["id"] for each in body["results"]}
    why = {
        each["context"]["objectWriteTraceId"][0]: each["message"]
        for each in body.get("errors", ())
    }
    items = [{each.name: _item(each, made, why)} for each in actions]
    failed = any("error" in item for each in items for item in each.values())
    whole = {"took": 1, "errors": failed, "items": items}
    return Answer(200, orjson.dumps(whole), headers=headers)


def _item(
    action: Action, made: Mapping[str, str], why: Mapping[str, str]
) -> dict[str, Any]:
    """Say what became of one document."""
    row: dict[str, Any] = {"_index": action.index, "_version": 1}
    if action.key in made:
        document_id = action.id or made[action.key]
        return row | {"_id": document_id, "result": "created", "status": 201}
    message = why[action.key]
    row["_id"] = action.id
    if action.id is None or DOCUMENT_ID not in message:
        error = {"type": "portal_exception", "reason": message}
        return row | {"status": 400, "error": error}
    if action.name == "create":
        error = {"type": "version_conflict_engine_exception", "reason": message}
        return row | {"status": 409, "error": error}
    # the same document again, under the same _id: overwritten by itself
    return row | {"_version": 2, "result": "updated", "status": 200}
