"""What a refusal means that says the same whatever was asked: status by status.

Nothing was applied: the next step is to wait, to send less, or to end the run with a
sentence that says what a person can do.
"""

import re

from loader.model.verdict import Halt, HaltReason, Oversized, Refusal, Wait

from .answers import ErrorElement
from .raw import RawAnswer, retry_after

WRITE_SCOPE = "crm.objects.contacts.write"
READ_SCOPE = "crm.objects.contacts.read"
SCHEMA_SCOPE = "crm.schemas.contacts.read"
#: a portal that moves for longer than this is not waited for, seconds
LONGEST_WAIT_S = 120.0
_POLICY = re.compile(r'"policyName"\s*:\s*"(\w+)"')
#: how much of the body of a 429 is searched, in bytes
_GLANCE = 4096
#: messages that say the body was refused before any record of it was looked at; only
#: from their beginning, for a message may quote what a record says
UNREADABLE = re.compile(
    r"^invalid input json\b|^batch input provided should have at least one object"
    r"|^(there are )?(no|too many) inputs\b"
    r"|^(the )?(batch size|size of the batch|number of inputs)\b.{0,60}"
    r"\b(limit|maximum|exceeds?|at most)\b",
    re.IGNORECASE,
)
#: a category, a status, a scope
_CODE = re.compile(r"[A-Za-z][\w.-]{0,59}", re.ASCII)
_FINAL = ("VALIDATION", "INVALID", "BAD_REQUEST")


def judge_common(answer: RawAnswer, scope: str = WRITE_SCOPE) -> Wait | Halt | None:
    """Judge what means the same for every request; None for the rest.

    ``scope`` is what the request needs, for a refusal that does not say it.
    """
    match answer.status:
        case 401:
            return Halt(
                HaltReason.UNAUTHORIZED,
                "the portal refused the access token (401); check "
                "HUBSPOT_ACCESS_TOKEN or --token-file, then run the same command again",
            )
        case 403:
            return forbidden(answer.error(), scope)
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


def forbidden(error: ErrorElement | None, scope: str) -> Halt:
    """Say which scope the token lacks, or in the portal's words why it may not."""
    scopes = ", ".join(map(word, error.missing_scopes)) if error is not None else ""
    if error is None or error.lacks_scope or scopes:
        message = f"{lacks(scopes or scope)}, then run the same command again"
    else:
        message = (
            f"the portal refuses this token (403 {word(error.category)}); it needs "
            f"the scope {scope}; mend this in HubSpot's settings, then run the same "
            "command again"
        )
    return Halt(HaltReason.MISSING_SCOPE, message)


def lacks(scopes: str) -> str:
    """Say which scopes a token lacks, and where a person grants them."""
    return (
        f"the access token lacks the scope {scopes}; add it in HubSpot's settings "
        "(Integrations, Private Apps or Service Keys, the scopes of the one that the "
        "token is from)"
    )


def word(text: str) -> str:
    """Return a code that a portal gives, if it is one.

    What ends a run goes into logs and ``status.json``; a portal's sentences may quote
    what a customer said, so they stay in the ledger, with the record they refuse.
    """
    return text if _CODE.fullmatch(text) else "(unclear)"


def _throttled(answer: RawAnswer) -> Wait | Halt:
    text = answer.body[:_GLANCE].decode("utf-8", "replace")
    policy = _POLICY.search(text)
    name = policy[1][:100] if policy else ""
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


def oversized(answer: RawAnswer, error: ErrorElement | None) -> Oversized:
    """The body as a whole was refused unread."""
    if error is None:
        return Oversized(
            f"HTTP_{answer.status}", "the request is too large", answer.correlation_id
        )
    return Oversized(error.category, error.message, error.correlation_id)


def refused(status: int, error: ErrorElement) -> Refusal:
    """The batch as a whole was refused, and nobody named."""
    validation = any(word in error.category for word in _FINAL)
    return Refusal(
        category=error.category,
        message=error.message,
        correlation_id=error.correlation_id,
        clash=error.clash,
        existing_id=error.existing_id,
        final=status in (400, 422) and validation,
    )
