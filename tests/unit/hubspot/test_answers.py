"""HubSpot's errors, read leniently: whatever is odd is left out."""

from typing import Any

import orjson
import pytest

from loader.hubspot.answers import as_error, error_elements, parse_answer, parse_error

#: a duplicate value as HubSpot words it
TAKEN = (
    "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=0-48, "
    "propertyName=loader_trace_id, value=x} on 5. 12 already has that value."
)


def test_the_documented_partial_failure_is_read():
    """HubSpot's own example: array of IDs, no correlation ID, JSON in the message."""
    error = as_error(
        {
            "status": "error",
            "category": "VALIDATION_ERROR",
            "message": 'Property values were not valid: [{"isValid":false}]',
            "context": {"objectWriteTraceId": ["549b1c2a9351"]},
        }
    )

    assert error.trace_ids == ("549b1c2a9351",)
    assert error.category == "VALIDATION_ERROR"
    assert error.correlation_id is None
    assert not error.clash


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"objectWriteTraceId": ["a", "b"]}, ("a", "b")),
        ({"objectWriteTraceId": "a"}, ("a",)),
        ({"objectWriteTraceId": ["a", "a"]}, ("a",)),
        ({"objectWriteTraceId": [0, True, None, 1.5, ["x"]]}, ("0",)),
        ({"objectWriteTraceId": []}, ()),
        ({"objectWriteTraceId": {"a": "b"}}, ()),
        ('{"objectWriteTraceId":["a"]}', ("a",)),
        ("{broken", ()),
        ("[1]", ()),
        ("\ud800", ()),
        (None, ()),
        (7, ()),
        ([], ()),
    ],
)
def test_an_error_names_records_in_any_form_of_context(context, expected):
    """Lists, a plain string, or the whole as JSON in a string; else nobody."""
    assert expected == as_error({"context": context}).trace_ids


@pytest.mark.parametrize(
    "error",
    [
        {"category": "CONFLICT"},
        {"category": "OBJECT_ALREADY_EXISTS"},
        {"errorType": "UNIQUE_VALUE_CONFLICT"},
        {"category": "VALIDATION_ERROR", "errorType": "UNIQUE_VALUE_CONFLICT"},
        {"category": "VALIDATION_ERROR", "subCategory": "Objects.ALREADY_EXISTS"},
        {"category": "VALIDATION_ERROR", "message": TAKEN},
        {"message": "propertyName: unique_value_conflict"},
        {"errors": [{"code": "UNIQUE_VALUE_CONFLICT"}]},
        {"errors": [{"message": TAKEN}]},
        {"context": {"existingId": ["12"]}},
        {"errors": [{"context": {"existingId": ["12"]}}]},
    ],
)
def test_a_clash_is_found_wherever_it_is_said(error):
    """One that we missed would reject a record that is on the portal."""
    assert as_error(error).clash


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"category": "VALIDATION_ERROR", "message": "unique"},
        {"context": {"existingId": []}},
        {"subCategory": {}, "errors": [None, 3, {"subCategory": ["CONFLICT"]}]},
    ],
)
def test_other_errors_are_no_clash(error):
    """Odd types say nothing."""
    assert not as_error(error).clash


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"message": TAKEN}, ("12", "loader_trace_id")),
        ({"message": "Contact already exists. Existing ID: 17"}, ("17", None)),
        ({"errors": [{"message": "x"}, {"message": TAKEN}]}, ("12", "loader_trace_id")),
        (
            {"message": TAKEN, "context": {"existingId": ["9"]}},
            ("9", "loader_trace_id"),
        ),
        ({"category": "CONFLICT"}, (None, None)),
    ],
)
def test_a_clash_says_who_has_the_value_and_where(error, expected):
    """From the context, else from the message."""
    read = as_error(error)

    assert expected == (read.existing_id, read.property_name)


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("RATE_LIMIT", True), ("RATE_LIMITS", True), ("INTERNAL_ERROR", True),
        ("TIMEOUT", True), ("GATEWAY_TIME_OUT", True), ("TIMED_OUT", True),
        ("SERVICE_UNAVAILABLE", True), ("LOCKED", True), ("OBJECT_LOCK", True),
        ("MISSING_SCOPES", True), ("VALIDATION_ERROR", False), ("BLOCKED", False),
        ("OBJECT_NOT_FOUND", False), ("UNKNOWN", False),
    ],
)  # fmt: skip
def test_what_may_pass_is_transient(category, expected):
    """Whatever is not known to pass is taken as final."""
    assert expected == as_error({"category": category}).transient


@pytest.mark.parametrize(
    "error",
    [
        {"errors": [{"context": {"requiredGranularScopes": ["a", "b"]}}]},
        {"errors": [{"context": '{"missingScopes":["a","b"]}'}]},
        {"context": {"requiredScopes": ["a", "b", "a"]}},
    ],
)
def test_missing_scopes_are_read_from_any_form(error):
    """Each scope is named once."""
    assert as_error(error).missing_scopes == ("a", "b")


def test_words_of_the_portal_are_bounded():
    """A page of text does not get into the ledger."""
    error = as_error(
        {
            "category": "C" * 9000,
            "message": "m" * 9000,
            "correlationId": "i" * 9000,
            "errors": [{"message": "n" * 9000}],
        }
    )

    assert len(error.message) == len(error.remarks[0]) == 2000
    assert len(error.category) == len(error.correlation_id or "") == 100


def test_an_errors_own_correlation_id_goes_before_that_of_the_exchange():
    """The nearest name is the best."""
    given: dict[str, Any] = {"correlationId": "own"}

    assert as_error(given, "header").correlation_id == "own"
    assert as_error({}, "header").correlation_id == "header"


@pytest.mark.parametrize("errors", [None, 5, "x", {}, [], [None, 1, "x", []]])
def test_what_is_no_list_of_objects_holds_no_errors(errors):
    """Odd shapes are passed over."""
    assert list(error_elements(errors)) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"<html>", b"\xff", b'{"a"', b"[" * 100_000]
)
def test_a_refusal_that_is_no_json_object_is_none(body):
    """The status alone decides then."""
    assert parse_error(body) is None


def test_numbers_beyond_reason_do_not_raise():
    """Python refuses to print an integer of 5,000 digits; the error is just unread."""
    assert parse_error(b'{"context":{"a":' + b"9" * 5000 + b"}}") is None


def test_an_id_is_a_text_or_an_integer_and_may_be_missing():
    """A missing and an empty ID are the same: no object."""
    body = {"status": "COMPLETE", "results": [{"id": "7"}, {"id": 8}, {"id": ""}, {}]}

    answer = parse_answer(orjson.dumps(body))

    assert [each.object_id for each in answer.results] == ["7", "8", "", ""]


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":"COMPLETE","status":"COMPLETE","results":[]}',
        b'{"status":"PENDING","results":[],"stat\\u0075s":"COMPLETE"}',
        b'{"status":"COMPLETE","results":[{"id":"1"}],"results":[]}',
        b'{"status":"COMPLETE","results":[{"id":"1","id":"2"}]}',
        b'{"status":"COMPLETE","results":[{"properties":{"a":"1","a":"2"}}]}',
        b'{"status":"COMPLETE","results":[],"errors":[{"context":{"a":1,"a":2}}]}',
        b'{"status":"COMPLETE","results":[],"links":"\xff"}',
    ],
)
def test_an_answer_that_can_be_read_in_two_ways_is_not_read(body):
    """Another parser would keep the first of two values; nobody knows who is right."""
    with pytest.raises(ValueError, match=r"twice|decode"):
        parse_answer(body)


def test_a_refusal_or_context_that_can_be_read_in_two_ways_says_nothing():
    """The status alone decides, and the error names nobody."""
    context = '{"objectWriteTraceId":["a"],"objectWriteTraceId":["b"]}'

    assert parse_error(b'{"message":"a","message":"b"}') is None
    assert as_error({"context": context}).trace_ids == ()


@pytest.mark.parametrize("odd", [-1, 0, 2**63, " ", "1 2", "1\n", "é", "x" * 101])
def test_what_could_be_no_objects_id_is_none(odd):
    """It would be written down as the call's."""
    body = {"status": "COMPLETE", "results": [{"id": odd}]}

    assert parse_answer(orjson.dumps(body)).results[0].object_id == ""
