"""Refusals: what was not applied, and what a person can do about it."""

import orjson
import pytest

from loader.hubspot.verdict import RawAnswer, judge_create, judge_read
from loader.model.verdict import (
    Doubt,
    ErrorKind,
    Failed,
    Found,
    Halt,
    HaltReason,
    ItemCreated,
    ItemError,
    Oversized,
    Proof,
    Refusal,
    Unclear,
    Wait,
)
from tests.conftest import records

JSON = {"content-type": "application/json", "x-hubspot-correlation-id": "exchange"}
TRACE = "loader_trace_id"
SENT = records(2)
IDS = [record.trace_id for record in SENT]


def answer(status, body, **headers):
    """Return an answer with a JSON body, or with raw bytes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return RawAnswer(status, JSON | headers, data)


def judged(status, body, **headers):
    """Judge an answer to a create."""
    return judge_create(answer(status, body, **headers), SENT, TRACE)


def asked(status, body, ids=("a", "b")):
    """Judge an answer to a read."""
    return judge_read(answer(status, body), list(ids), TRACE)


def complete(results=(), errors=()):
    """Return the body of a complete answer."""
    return {"status": "COMPLETE", "results": list(results), "errors": list(errors)}


# -- creates --


def test_a_refused_token_says_where_it_is_looked_for():
    """The message says what to do, and holds no token."""
    halt = judged(401, {"message": "expired"})

    assert isinstance(halt, Halt)
    assert "HUBSPOT_ACCESS_TOKEN" in halt.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"category": "MISSING_SCOPES"}, "lacks the scope crm.objects.contacts.write"),
        (b"<html>", "lacks the scope crm.objects.contacts.write"),
        ({"category": "BANNED", "message": "closed"}, "(403 BANNED)"),
        ({"category": "call +49 151", "message": "closed"}, "(403 (unclear))"),
        (
            {"category": "X", "errors": [{"context": '{"missingScopes":["crm.y"]}'}]},
            "lacks the scope crm.y",
        ),
    ],
)
def test_a_forbidden_request_names_the_scope_or_the_reason(body, words):
    """The one for creating calls where the portal names none."""
    halt = judged(403, body)

    assert isinstance(halt, Halt)
    assert halt.reason is HaltReason.MISSING_SCOPE
    assert words in halt.message
    assert "run the same command again" in halt.message


def lacking(*trace_ids):
    """Return an error of the token, for some records or for none in particular."""
    context = {"requiredGranularScopes": ["crm.x"]}
    if trace_ids:
        context["objectWriteTraceId"] = list(trace_ids)
    return {"category": "MISSING_SCOPES", "context": context}


@pytest.mark.parametrize(
    "errors", [[lacking(*IDS)], [lacking(IDS[0]), lacking(IDS[1])]]
)
def test_a_batch_refused_for_its_scope_halts_like_a_403(errors):
    """Each record was refused by name, and the next batch would fare the same."""
    halt = judged(207, complete(errors=errors))

    assert isinstance(halt, Halt)
    assert halt.reason is HaltReason.MISSING_SCOPE
    assert "crm.x" in halt.message


def test_a_scope_that_nobody_in_particular_lacks_halts_in_doubt():
    """The run ends; but an error that names nobody proves nothing of anybody."""
    doubt = judged(207, complete(errors=[lacking()]))

    assert isinstance(doubt, Doubt)
    assert doubt.halt is not None
    assert doubt.halt.reason is HaltReason.MISSING_SCOPE
    assert "crm.x" in doubt.halt.message


@pytest.mark.parametrize(
    ("results", "errors"),
    [
        ([], [lacking(IDS[0])]),
        ([{"id": "1", "objectWriteTraceId": IDS[1]}], [lacking(IDS[0])]),
        ([], [lacking(IDS[0]), {"context": {"objectWriteTraceId": [IDS[1]]}}]),
    ],
)
def test_a_scope_that_only_some_records_lack_does_not_speak_for_the_others(
    results, errors
):
    """Halting would say that nothing was applied; here that is not known."""
    verdict = judged(207, complete(results, errors))

    assert isinstance(verdict, Proof)
    item = verdict.items[0]
    assert isinstance(item, ItemError)
    assert item.kind is ErrorKind.TRANSIENT


@pytest.mark.parametrize(
    "message",
    [
        "Invalid input JSON on line 1, column 2. Some required fields were not set",
        "Batch input provided should have at least one object.",
        "Too many inputs",
        "The number of inputs (101) exceeds 100",
        "Batch size 101 is over the limit",
    ],
)
def test_a_body_that_was_not_read_is_sent_in_parts(message):
    """Nothing of it was applied."""
    body = {"category": "VALIDATION_ERROR", "message": message}

    assert judged(400, body) == Oversized("VALIDATION_ERROR", message, "exchange")


@pytest.mark.parametrize(
    "message",
    [
        "Property values were not valid: Invalid input JSON",
        "Property values were not valid: [{'message': 'too many inputs'}]",
        "hs_call_body 'should have at least one object' is not allowed",
        'Property values were not valid: "too many inputs" was not allowed',
        'The title "should have at least one object" is not valid',
        "Invalid input JSON: 12 already has that value",
        "inputs[0].properties.x exceeds the maximum length",
        "The batch could not be completed: a limit of associations exceeds",
        "",
    ],
)
def test_a_body_that_was_read_and_refused_is_asked_about(message):
    """Whether such a refusal wrote anything is disputed."""
    verdict = judged(400, {"category": "VALIDATION_ERROR", "message": message})

    assert isinstance(verdict, Refusal)


@pytest.mark.parametrize(
    ("status", "category", "final"),
    [
        (400, "VALIDATION_ERROR", True),
        (422, "VALIDATION_ERROR", True),
        (400, "INVALID_PROPERTY", True),
        (400, "BAD_REQUEST", True),
        (400, "SOMETHING", False),
        (400, "", False),
        (409, "CONFLICT", False),
        (409, "VALIDATION_ERROR", False),
    ],
)
def test_only_a_validation_is_final(status, category, final):
    """Anything else may pass the next time."""
    verdict = judged(status, {"category": category})

    assert isinstance(verdict, Refusal)
    assert final == verdict.final


@pytest.mark.parametrize("status", [413, 414])
def test_too_large_is_told_with_the_portals_words_if_there_are_any(status):
    """A proxy in between has none."""
    told = judged(status, {"category": "TOO_LARGE", "message": "m"})

    assert told == Oversized("TOO_LARGE", "m", "exchange")
    assert judged(status, b"<html>") == Oversized(
        f"HTTP_{status}", "the request is too large", "exchange"
    )


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refusal_that_is_not_the_portals_own_is_in_doubt(status):
    """A page of a proxy says nothing about the records."""
    html = RawAnswer(status, {"content-type": "text/html"}, b"{}")

    assert isinstance(judge_create(html, SENT, TRACE), Doubt)
    assert isinstance(judged(status, b"[]"), Doubt)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"policyName": "SECONDLY", "message": "daily limit"}, Wait("SECONDLY", 3.0)),
        ({"category": "RATE_LIMITS"}, Wait("throttled", 3.0)),
        (b"\xff\xfe", Wait("throttled", 3.0)),
    ],
)
def test_a_short_limit_is_waited_for(body, expected):
    """The policy's name decides before the message."""
    assert expected == judged(429, body, **{"retry-after": "3"})


@pytest.mark.parametrize(
    ("after", "expected"),
    [("0", Wait), ("120", Wait), ("121", Halt), ("86400", Halt), ("x", Halt)],
)
def test_a_portal_that_moves_is_waited_for_two_minutes(after, expected):
    """It may take a day; then it is better to end and to resume."""
    assert isinstance(judged(477, b"", **{"retry-after": after}), expected)


def test_whatever_goes_wrong_in_judging_is_in_doubt():
    """The function is total."""
    broken = RawAnswer(201, {"content-type": None}, b"")  # type: ignore[dict-item]

    assert isinstance(judge_create(broken, SENT, TRACE), Doubt)
    assert isinstance(judge_read(broken, ["a"], TRACE), Failed)


@pytest.mark.parametrize(
    "object_id", ["", " ", "1 2", "7\n", "\x1b[2J", "\u0667", "x" * 101]
)
def test_an_object_id_that_can_be_none_proves_nothing(object_id):
    """It would go into files and onto terminals."""
    result = {"id": object_id, "objectWriteTraceId": IDS[0]}

    assert judged(201, complete([result])) == Proof({})
    assert isinstance(asked(200, complete([found("a", object_id)])), Failed)


def test_an_object_id_may_be_any_printable_word():
    """Numbers today; nobody promises that."""
    result = {"id": "a-Z_9" * 12, "objectWriteTraceId": IDS[0]}

    assert judged(201, complete([result])) == Proof({0: ItemCreated("a-Z_9" * 12)})


# -- reads --


def found(trace_id, object_id="1"):
    """Return a result of a read."""
    return {"id": object_id, "properties": {TRACE: trace_id}}


@pytest.mark.parametrize("errors", [[], [{"category": "OBJECT_NOT_FOUND"}]])
def test_a_partial_read_without_results_asks_for_less(errors):
    """One that is missing may have taken the others with it."""
    assert isinstance(asked(207, complete(errors=errors)), Unclear)
    assert asked(207, complete(errors=errors), ids=["a"]) == Found({})


def test_a_404_of_the_record_is_an_absence_and_one_of_the_path_is_not():
    """The body tells them apart."""
    missing = {"category": "OBJECT_NOT_FOUND"}

    assert asked(404, missing, ids=["a"]) == Found({})
    assert isinstance(asked(404, missing), Unclear)
    assert isinstance(asked(404, b"<html>"), Halt)


def test_a_read_without_scope_names_the_one_for_reading():
    """Not the one for creating, which the token may well have."""
    halt = asked(403, {"category": "MISSING_SCOPES"})

    assert isinstance(halt, Halt)
    assert "crm.objects.contacts.read" in halt.message


@pytest.mark.parametrize(
    ("status", "body", "wait"),
    [(400, b"<html>", 0.0), (409, {}, 0.0), (423, {}, 2.0), (503, {}, 0.0)],
)
def test_a_read_that_got_no_answer_is_tried_again(status, body, wait):
    """After two seconds where the portal is locked."""
    verdict = asked(status, body)

    assert isinstance(verdict, Failed)
    assert wait == verdict.at_least_s


def test_a_key_that_cannot_be_asked_for_halts_without_the_portals_words():
    """Going on would be guessing."""
    halt = asked(400, {"category": "VALIDATION_ERROR", "message": "non-unique"})

    assert isinstance(halt, Halt)
    assert "(400 VALIDATION_ERROR)" in halt.message
    assert "non-unique" not in halt.message
    assert "prepare" in halt.message
