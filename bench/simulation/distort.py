"""What a fault makes of a request: an error of the connection, or another answer."""

import errno
from collections.abc import Callable
from typing import Any, cast

import aiohttp
import orjson

from loader.hubspot.client import TooLarge
from loader.hubspot.raw import RawAnswer

from . import answers
from .answers import JSON
from .chance import happens
from .premises import Premises
from .weather import CreateFault as F
from .world import Call, Request

Elements = list[Any]


def unsent(here: Premises) -> Exception:
    """The first byte never left."""
    refused = OSError(errno.ECONNREFUSED, "refused")
    key = cast("Any", None)
    if happens(here.rng, 0.5):
        return aiohttp.ClientConnectorError(key, refused)
    return aiohttp.ConnectionTimeoutError()


def reset(here: Premises) -> Exception:
    """The other side is gone."""
    if happens(here.rng, 0.5):
        return aiohttp.ClientOSError(errno.ECONNRESET, "reset")
    return aiohttp.ServerDisconnectedError()


def timed_out(here: Premises) -> Exception:
    """No byte came for too long."""
    del here
    return aiohttp.SocketTimeoutError()


def _odd(here: Premises) -> Exception:
    return here.rng.choice((RuntimeError, KeyError, ValueError, OSError))("odd")


ERRORS: dict[F, Callable[[Premises], Exception]] = {
    F.ANSWER_LOST: reset,
    F.DRIP: timed_out,
    F.CUT: lambda _: aiohttp.ClientPayloadError("cut"),
    F.ODD_ERROR: _odd,
    F.TOO_LONG: lambda _: TooLarge(),
}


def _short(here: Premises, plain: RawAnswer) -> RawAnswer:
    end = here.rng.randrange(len(plain.body))
    return RawAnswer(plain.status, plain.headers, plain.body[:end])


def _other_state(state: str) -> Callable[[Premises, RawAnswer], RawAnswer]:
    def change(here: Premises, plain: RawAnswer) -> RawAnswer:
        body = orjson.loads(plain.body)
        results: Elements = body.get("results", []) if happens(here.rng, 0.5) else []
        return answers.whole(here.rng.choice((200, 202, 207)), results, [], state)

    return change


def _refusal(here: Premises, _: RawAnswer) -> RawAnswer:
    status, category, message = here.rng.choice((
        (400, "VALIDATION_ERROR", "Property values were not valid"),
        (409, "CONFLICT", "conflict"),
        (422, "INVALID_INPUT", "not now"),
        (400, "UNEXPECTED", "something is wrong"),
    ))  # fmt: skip
    return answers.error(status, category, message)


def _no_scope(_: Premises, __: RawAnswer) -> RawAnswer:
    said = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}
    return answers.whole(207, [], [said])


_ANSWERS: dict[F, Callable[[Premises, RawAnswer], RawAnswer]] = {
    F.BEFORE_5XX: lambda p, _: answers.page(p.rng.choice((500, 502, 503, 521))),
    F.AFTER_5XX: lambda p, _: answers.page(p.rng.choice((500, 502, 504, 524))),
    F.HTML: lambda p, _: answers.page(p.rng.choice((200, 201))),
    F.SHORT: _short,
    F.ACCEPTED: lambda _, a: RawAnswer(202, JSON, a.body),
    F.REDIRECT: lambda p, _: answers.page(p.rng.choice((301, 302, 307, 304))),
    F.ODD_4XX: lambda p, _: answers.page(p.rng.choice((408, 410, 418, 499))),
    F.LOCKED: lambda _, __: answers.error(423, "LOCKED", "locked"),
    F.PENDING: _other_state("PENDING"),
    F.PROCESSING: _other_state("PROCESSING"),
    F.CANCELED: _other_state("CANCELED"),
    F.ERROR_IN_200: lambda _, __: answers.error(200, "INTERNAL", "sorry"),
    F.THROTTLED: lambda _, __: answers.throttled("TEN_SECONDLY_ROLLING", None),
    F.THROTTLED_FOR: lambda p, _: answers.throttled("SECONDLY", p.rng.randint(1, 20)),
    F.BURST: lambda _, __: answers.throttled("TEN_SECONDLY_ROLLING", None),
    F.OVERSIZED: lambda _, __: answers.page(413),
    F.REFUSED: _refusal,
    F.REFUSED_PART: _refusal,
    F.MOVING: lambda p, _: answers.moving(p.rng.randint(1, 60)),
    F.MOVING_LONG: lambda _, __: answers.moving(86_400),
    F.DAILY: lambda _, __: answers.throttled("DAILY", None),
    F.UNAUTHORIZED: lambda _, __: answers.error(401, "INVALID_AUTHENTICATION", "no"),
    F.NO_SCOPE: lambda _, __: answers.error(403, "MISSING_SCOPES", "no"),
    F.NOT_FOUND: lambda _, __: answers.page(404),
    F.NO_SCOPE_207: _no_scope,
}


def distorted(
    here: Premises, plain: RawAnswer, fault: F, request: Request
) -> RawAnswer:
    """Return the answer that a fault makes of the plain one."""
    if fault is F.REFUSED_PART:
        here.disputed.update(request.trace_ids)
    if fault in _ANSWERS:
        return _ANSWERS[fault](here, plain)
    if fault not in _CHANGES or plain.status not in (201, 207):
        return plain
    body = orjson.loads(plain.body)
    results: Elements = body["results"]
    errors: Elements = body.get("errors", [])
    _CHANGES[fault](here, request, results, errors)
    return answers.whole(207 if errors else 201, results, errors)


def _omit(here: Premises, _: Request, results: Elements, __: Elements) -> None:
    """Leave at least one result out."""
    keep = here.rng.randrange(len(results)) if results else 0
    results[:] = here.rng.sample(results, keep)


def _name_transient(
    _: Premises, request: Request, __: Elements, errors: Elements
) -> None:
    """Say of what was passed over that it could not be done now."""
    pairs = zip(request.trace_ids, request.results or (), strict=True)
    names = [name for name, result in pairs if result is None]
    if names:
        errors.append(answers.transient(names))


def _deny(
    here: Premises, request: Request, results: Elements, errors: Elements
) -> None:
    """Say of what was created that it could not be done now."""
    made = [
        (name, result.id)
        for name, result in zip(request.trace_ids, request.results or (), strict=True)
        if isinstance(result, Call) and happens(here.rng, 0.5)
    ]
    denied = {object_id for _, object_id in made}
    results[:] = [each for each in results if each["id"] not in denied]
    if made:
        errors.append(answers.transient([name for name, _ in made]))


def _repeat(here: Premises, _: Request, results: Elements, errors: Elements) -> None:
    """Name a record or an object twice: in the same words, or in others."""
    elements = results or errors
    if not elements:
        return
    here.rng.shuffle(elements)
    how = here.rng.choice(("same", "two objects", "one object"))
    if len(results) > 1 and how == "one object":
        results[0] = results[0] | {"id": results[1]["id"]}
        return
    again = dict(elements[0])
    if results and how == "two objects":
        again["id"] = str(int(again["id"]) + here.rng.choice((-1, 1)))
    elements.insert(here.rng.randint(0, len(elements)), again)


def _add_foreign(here: Premises, _: Request, results: Elements, __: Elements) -> None:
    """Speak of a call that was not sent."""
    properties = {"hs_timestamp": "1", "hs_call_title": "foreign"}
    if here.style.trace_property is not None:
        properties[here.style.trace_property] = "foreign"
    foreign: dict[str, Any] = {"id": "1", "properties": properties}
    if here.style.echo:
        foreign["objectWriteTraceId"] = "foreign"
    results.insert(here.rng.randint(0, len(results)), foreign)


def _permute(here: Premises, _: Request, results: Elements, errors: Elements) -> None:
    """Order means nothing."""
    here.rng.shuffle(results)
    here.rng.shuffle(errors)


_CHANGES: dict[F, Callable[[Premises, Request, Elements, Elements], None]] = {
    F.OMITTED: _omit,
    F.TRANSIENT: _name_transient,
    F.TRANSIENT_APPLIED: _deny,
    F.REPEATED: _repeat,
    F.FOREIGN: _add_foreign,
    F.PERMUTED: _permute,
}
