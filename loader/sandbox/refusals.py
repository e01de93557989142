"""How the portal says no: the bodies of its errors."""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar

import msgspec

from .wire import Answer, ErrorDetail, Request, as_json

_SCOPES_PAGE = "https://developers.hubspot.com/scopes"
_LIMIT = 100
_BYTE = re.compile(r"\(byte (\d+)\)")
_MISSING = re.compile(r"missing required field `(\w+)`")
_TITLES = {
    477: "Migration in Progress",
    521: "Web server is down",
    522: "Connection timed out",
    523: "Origin is unreachable",
    524: "A timeout occurred",
}

Shape = TypeVar("Shape")


class Refusal(Exception):
    """A request that the portal refuses as a whole.

    Attributes:
        answer: what it says.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(
    request: Request,
    status: int,
    category: str,
    message: str,
    *,
    sub_category: str | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
    errors: tuple[ErrorDetail, ...] = (),
    links: Mapping[str, str] | None = None,
) -> Answer:
    """Write an error in HubSpot's usual form."""
    optional = {
        "subCategory": sub_category,
        "context": context,
        "errors": errors,
        "links": links,
    }
    return as_json(
        status,
        {
            "status": "error",
            "message": message,
            "correlationId": request.correlation_id,
            "category": category,
        }
        | {name: each for name, each in optional.items() if each},
    )


def invalid(request: Request, message: str) -> Answer:
    """Refuse a request that is wrong in itself."""
    return refuse(request, 400, "VALIDATION_ERROR", message)


def unauthenticated(request: Request) -> Answer:
    """Refuse a request without a token, or with one that is not ours."""
    return refuse(
        request,
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 "
        "authentication and you can find more details at "
        "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def lacks_scopes(request: Request, scopes: tuple[str, ...], *, text: bool) -> Answer:
    """Refuse a token that may not do this; ``text`` gives the context as a string."""
    detail = ErrorDetail(
        message="One or more of the following scopes are required.",
        context={"requiredGranularScopes": scopes},
    )
    return refuse(
        request,
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {_SCOPES_PAGE}.",
        errors=(detail.in_text() if text else detail,),
        links={"scopes": _SCOPES_PAGE},
    )


def over_quota(
    request: Request, policy: str, retry_after_s: int | None = None
) -> Answer:
    """Refuse a request beyond the allowance that the policy names."""
    named = "daily" if policy == "DAILY" else policy.lower()
    answer = as_json(
        429,
        {
            "status": "error",
            "message": f"You have reached your {named} limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": request.correlation_id,
            "policyName": policy,
            "requestId": request.correlation_id,
        },
    )
    if retry_after_s is None:
        return answer
    return replace(answer, headers={"Retry-After": str(retry_after_s)})


def page(status: int) -> Answer:
    """Answer as a gateway does: with a page for people."""
    title = f"{status} {_TITLES.get(status) or HTTPStatus(status).phrase}"
    text = (
        f"<html>\n<head><title>{title}</title></head>\n"
        f"<body><center><h1>{title}</h1></center></body>\n</html>\n"
    )
    return Answer(status, text.encode(), "text/html")


def read_body(request: Request, decoder: "msgspec.json.Decoder[Shape]") -> Shape:
    """Read the body of a request.

    Raises:
        Refusal: it is no JSON, or not of this shape.
    """
    try:
        return decoder.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(_unreadable(request, error)) from error


def _unreadable(request: Request, error: Exception) -> Answer:
    """Say where a body ceased to make sense, on its one long line."""
    text = str(error)
    missing = _MISSING.search(text)
    if missing is not None:
        found = f"column 2. Some required fields were not set: [{missing[1]}]"
    else:
        byte = _BYTE.search(text)
        found = f"column {int(byte[1]) + 1 if byte else 1}: {text}"
    return invalid(request, f"Invalid input JSON on line 1, {found}")


def check_size(request: Request, inputs: int, *, limit: int = _LIMIT) -> None:
    """Hold a batch to its limits.

    Raises:
        Refusal: it has no inputs, or too many.
    """
    if inputs == 0:
        message = "Batch input provided should have at least one object."
        raise Refusal(invalid(request, message))
    if inputs > limit:
        message = f"Batch size of {inputs} is too large. The maximum is {limit} inputs."
        raise Refusal(invalid(request, message))
