"""Answers that tell less, more or other than what was done."""

from dataclasses import replace
from random import Random
from typing import Any

import msgspec

from .wire import Answer

_OK = range(200, 300)


def without_some(answer: Answer, count: int, random: Random) -> Answer:
    """Leave some results out, and do not mention them."""
    envelope = _open(answer)
    if envelope is None:
        return answer
    results: list[Any] = envelope["results"]
    left = max(0, len(results) - count)
    kept = sorted(random.sample(range(len(results)), left))
    return _close(answer, envelope, [results[each] for each in kept])


def with_duplicate(answer: Answer, random: Random) -> Answer:
    """List one of the results twice."""
    envelope = _open(answer)
    if envelope is None:
        return answer
    results: list[Any] = envelope["results"]
    return _close(answer, envelope, [*results, random.choice(results)])


def with_foreign(answer: Answer, random: Random) -> Answer:
    """List a call that is not the client's among the results."""
    envelope = _open(answer)
    if envelope is None:
        return answer
    results: list[Any] = envelope["results"]
    stray = str(random.randrange(1, 10_000_000))
    model = results[0]
    foreign = model | {
        "id": stray,
        "properties": {name: f"{stray}-{name}" for name in model["properties"]},
    }
    if "objectWriteTraceId" in model:
        foreign["objectWriteTraceId"] = f"stray-{stray}"
    return _close(answer, envelope, [*results, foreign])


def with_status(answer: Answer, status: str, *, results: bool) -> Answer:
    """Claim another state of the work, with or without its results."""
    envelope = _open(answer)
    if envelope is None:
        return answer
    shown: list[Any] = envelope["results"] if results else []
    return _close(answer, envelope | {"status": status}, shown)


def _open(answer: Answer) -> dict[str, Any] | None:
    """Return the envelope of an answer with results; None for any other."""
    if answer.status not in _OK or not answer.body:
        return None
    envelope: dict[str, Any] = msgspec.json.decode(answer.body)
    return envelope if envelope.get("results") else None


def _close(answer: Answer, envelope: dict[str, Any], results: list[Any]) -> Answer:
    body = msgspec.json.encode(envelope | {"results": results})
    return replace(answer, body=body)
