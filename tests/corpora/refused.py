"""Answers that are no batch: every status class, and refusals in all their words."""

from .answers import (
    IN_DOUBT,
    JSON,
    NOT_APPLIED,
    A,
    Answer,
    B,
    C,
    batch,
    errors,
    refusal,
)

#: the whole list of the protocol; nothing else may be called not applied by its status
REFUSED_BY_STATUS = (401, 403, 404, 405, 411, 413, 414, 415, 429, 477)
OTHER_STATUSES = (
    100, 101, 102, 103, 199, 202, 203, 204, 205, 206, 208, 226, 299, 300, 301, 302, 303,
    304, 305, 306, 307, 308, 399, 400, 402, 406, 407, 408, 409, 410, 412, 416, 417, 418,
    419, 420, 421, 422, 423, 424, 425, 426, 428, 430, 431, 444, 449, 451, 460, 463, 478,
    494, 495, 496, 497, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510,
    511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599, 600, 999,
)  # fmt: skip
HTML = {"content-type": "text/html"}
_PAGE = b"<html><body>Bad Gateway</body></html>"
#: a body that would prove everything, had it come with another status
_WHOLE = batch(A, B, C)

STATUSES = [
    *(
        Answer(f"{status} with {what}", status, body, NOT_APPLIED, headers)
        for status in REFUSED_BY_STATUS
        for what, body, headers in (
            ("nothing", b"", {}),
            ("a page", _PAGE, HTML),
            ("a whole batch", _WHOLE, JSON),
        )
    ),
    *(
        Answer(f"{status} with a whole batch", status, _WHOLE, IN_DOUBT)
        for status in OTHER_STATUSES
    ),
    *(
        Answer(f"{status} with {what}", status, body, IN_DOUBT, headers)
        for status in (202, 204, 302, 400, 408, 409, 422, 423, 500, 502, 503, 504, 524)
        for what, body, headers in (("nothing", b"", {}), ("a page", _PAGE, HTML))
    ),
]

_UNREAD = b"Invalid input JSON on line 1, column 2. Some required fields were not set"
_TAKEN = (
    b"Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=0-48, "
    b"propertyName=loader_trace_id, value=id-a} on 5. 12 already has that value."
)


def _bad(name: str, body: bytes, expected: str) -> Answer:
    return Answer(f"400 {name}", 400, body, expected)


REFUSALS = [
    _bad("body not read", refusal(_UNREAD), NOT_APPLIED),
    _bad("body not read, in capitals", refusal(_UNREAD.upper()), NOT_APPLIED),
    _bad("no inputs", refusal(b"Batch input provided should have at least one object."),
         NOT_APPLIED),
    _bad("too many inputs", refusal(b"Too many inputs: 101"), NOT_APPLIED),
    _bad("size of the batch", refusal(b"The batch size 101 exceeds the limit of 100"),
         NOT_APPLIED),
    _bad("number of inputs", refusal(b"The number of inputs is limited to at most 100"),
         NOT_APPLIED),
    _bad("quotes that it was not read", refusal(b"Property x: " + _UNREAD), IN_DOUBT),
    _bad("quotes too many inputs",
         refusal(rb"\"too many inputs\" is no title"), IN_DOUBT),
    _bad("quotes one object",
         refusal(rb"\"should have at least one object\" is no title"),
         IN_DOUBT),
    _bad("not read, and a value taken",
         refusal(_UNREAD + b" 12 already has that value"),
         IN_DOUBT),
    _bad("not read, says a nested error", refusal(b"no", errors=b'[{"message":"'
         + _UNREAD + b'"}]'), IN_DOUBT),
    _bad("not read, on a page", b"<p>" + _UNREAD + b"</p>", IN_DOUBT),
    _bad("not read, and two messages",
         refusal(_UNREAD + b'","message":"other'), IN_DOUBT),
    _bad("not read, cut off", refusal(_UNREAD)[:-9], IN_DOUBT),
    _bad("message a list", b'{"message":["Invalid input JSON"]}', IN_DOUBT),
    _bad("message null", b'{"message":null}', IN_DOUBT),
    _bad("no fields", b"{}", IN_DOUBT),
    _bad("an array", b"[]", IN_DOUBT),
    _bad("a string", b'"Invalid input JSON"', IN_DOUBT),
    _bad("one value", refusal(b"Property values were not valid: [{}]"), IN_DOUBT),
    _bad("no timestamp", refusal(b"Error creating CALL. Some required properties were "
         b"not set.", context=b'{"properties":["hs_timestamp"]}'), IN_DOUBT),
    _bad("associations", refusal(b"one or more associations are not valid"), IN_DOUBT),
    _bad("a taken value", refusal(_TAKEN), IN_DOUBT),
    _bad("an older taken value", b'{"errorType":"UNIQUE_VALUE_CONFLICT"}', IN_DOUBT),
    _bad("names our record", refusal(b"no", context=b'{"objectWriteTraceId":["id-a"]}'),
         IN_DOUBT),
    _bad("with errors that name all", batch(more=errors()), IN_DOUBT),
    _bad("missing scopes", refusal(b"no", b"MISSING_SCOPES"), IN_DOUBT),
    _bad("rate limit", refusal(b"no", b"RATE_LIMITS"), IN_DOUBT),
    _bad("the words of a daily limit", refusal(b"You have reached your daily limit."),
         IN_DOUBT),
    Answer("400 not read, content type of a page", 400,
           refusal(_UNREAD), IN_DOUBT, HTML),
    Answer("409 not read", 409, refusal(_UNREAD), IN_DOUBT),
    Answer("422 not read", 422, refusal(_UNREAD), IN_DOUBT),
    Answer("500 not read", 500, refusal(_UNREAD), IN_DOUBT),
    Answer("409 conflict", 409, refusal(b"Existing ID: 12", b"CONFLICT"), IN_DOUBT),
    Answer("409 exists", 409, refusal(b"no", b"OBJECT_ALREADY_EXISTS"), IN_DOUBT),
    Answer("409 names our record", 409, refusal(b"no", b"CONFLICT",
           context=b'{"objectWriteTraceId":["id-a"],"existingId":["12"]}'), IN_DOUBT),
    Answer("422 invalid", 422, refusal(b"no"), IN_DOUBT),
    Answer("423 locked", 423, refusal(b"locked", b"LOCKED"), IN_DOUBT),
    Answer("500 internal", 500,
           refusal(b"internal error", b"INTERNAL_ERROR"), IN_DOUBT),
    Answer("500 throttled, it says", 500, b'{"policyName":"DAILY"}', IN_DOUBT),
    Answer("502 of a proxy", 502, b'{"message":"Invalid input JSON"}', IN_DOUBT),
    Answer("503 with a wait", 503, b"{}", IN_DOUBT, JSON | {"retry-after": "9"}),
    Answer("503 with a strange wait", 503, b"{}", IN_DOUBT, {"retry-after": "-1e9"}),
]  # fmt: skip

_SHORT = (
    b'{"status":"error","message":"You have reached your ten_secondly_rolling limit.",'
    b'"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}'
)


def _throttled(name: str, body: bytes, **headers: str) -> Answer:
    named = {each.replace("_", "-"): value for each, value in headers.items()}
    return Answer(f"429 {name}", 429, body, NOT_APPLIED, JSON | named)


THROTTLED = [
    _throttled("in ten seconds", _SHORT),
    _throttled("in a second", b'{"policyName":"SECONDLY"}'),
    _throttled("by category", refusal(b"secondly limit", b"RATE_LIMITS")),
    _throttled("in a day, by policy", b'{"policyName":"DAILY"}'),
    _throttled("in a day, by message", b'{"message":"You reached your daily limit"}'),
    _throttled("by an unknown policy", b'{"policyName":"WEEKLY"}'),
    _throttled("with a policy that is a list", b'{"policyName":["DAILY"]}'),
    _throttled("with two policies", b'{"policyName":"DAILY","policyName":"SECONDLY"}'),
    _throttled("cut off", _SHORT[:40]),
    _throttled("not UTF-8", b"\xff\xfe" + _SHORT),
    _throttled("a megabyte", _SHORT + b" " * (1 << 20)),
    *(
        _throttled(f"with a wait of {wait!r}", _SHORT, retry_after=wait)
        for wait in ("0", "10", "0.5", "-1", "1e9", "NaN", "inf", "", "soon", "\u0661",
                     "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 99", "10, 20")
    ),
    *(
        Answer(f"477 with a wait of {wait!r}", 477, b"", NOT_APPLIED,
               {"retry-after": wait})
        for wait in ("5", "86400", "x", "")
    ),
]  # fmt: skip

#: 403 and its scopes in every form in which they are printed
SCOPES = [
    Answer(f"403 {name}", 403, body, NOT_APPLIED)
    for name, body in {
        "missing scopes": refusal(b"no", b"MISSING_SCOPES"),
        "granular scopes": refusal(b"no", b"MISSING_SCOPES", errors=b'[{"context":'
            b'{"requiredGranularScopes":["crm.objects.contacts.write"]}}]'),
        "scopes as text": refusal(b"no", b"MISSING_SCOPES", errors=b'[{"context":'
            rb'"{\"missingScopes\":[\"scope1\",\"scope2\"]}"}]'),
        "scopes as broken text": refusal(b"no", b"X", errors=b'[{"context":"{"}]'),
        "scopes a number": refusal(b"no", b"X", context=b'{"missingScopes":7}'),
        "banned": refusal(b"This account is suspended", b"BANNED"),
        "deep": b'{"context":' + b"[" * 5000 + b"]" * 5000 + b"}",
    }.items()
]  # fmt: skip

ANSWERS = [*STATUSES, *REFUSALS, *THROTTLED, *SCOPES]
