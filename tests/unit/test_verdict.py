"""What one answer means: every class of section 3, and proof per item."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import pytest

from loader.hubspot.verdict import (
    RawAnswer,
    judge_create,
    judge_read,
    read_allowance,
    retry_after,
)
from loader.model.verdict import (
    Allowance,
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

JSON = {"content-type": "application/json;charset=utf-8"}
TRACE = "loader_trace_id"


def answer(status: int, body: Any, **headers: str) -> RawAnswer:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawAnswer(status, JSON | named, data)


def refusal(category: str, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": message, **more}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, refusal("INVALID_AUTHENTICATION"), HaltReason.UNAUTHORIZED),
        (403, refusal("MISSING_SCOPES"), HaltReason.MISSING_SCOPE),
        (404, b"<html>", HaltReason.WRONG_ENDPOINT),
        (405, {}, HaltReason.WRONG_ENDPOINT),
        (411, {}, HaltReason.WRONG_ENDPOINT),
        (415, {}, HaltReason.WRONG_ENDPOINT),
        (429, {"policyName": "DAILY"}, HaltReason.DAILY_LIMIT),
        (
            429,
            {"message": "You have reached your daily limit."},
            HaltReason.DAILY_LIMIT,
        ),
        (477, {}, HaltReason.MIGRATING),
    ],
)
def test_what_only_a_person_or_midnight_can_mend_halts_the_run(status, body, reason):
    """Nothing was applied, and waiting would not help."""
    verdict = judge_create(answer(status, body), records(1), TRACE)

    assert isinstance(verdict, Halt)
    assert reason == verdict.reason


@pytest.mark.parametrize(
    "context",
    [
        {"requiredGranularScopes": ["crm.a.write", "crm.b.write"]},
        '{"missingScopes":["crm.a.write","crm.b.write"]}',
    ],
)
def test_missing_scopes_are_told_by_name(context):
    """Both printed forms of the context name the scopes, and what to do."""
    body = refusal("MISSING_SCOPES", errors=[{"message": "m", "context": context}])
    verdict = judge_create(answer(403, body), records(1), TRACE)

    assert isinstance(verdict, Halt)
    assert "crm.a.write, crm.b.write" in verdict.message
    assert "add it" in verdict.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, Wait("TEN_SECONDLY_ROLLING")),
        (429, b"busy", Wait("throttled")),
        (413, b"", Oversized("HTTP_413", "the request is too large")),
        (414, b"", Oversized("HTTP_414", "the request is too large")),
        (
            400,
            refusal("VALIDATION_ERROR", "Invalid input JSON on line 1, column 2."),
            Oversized("VALIDATION_ERROR", "Invalid input JSON on line 1, column 2."),
        ),
        (
            400,
            refusal("VALIDATION_ERROR", "one value", correlationId="c"),
            Refusal("VALIDATION_ERROR", "one value", "c"),
        ),
        (409, refusal("BUSY"), Refusal("BUSY", "no", final=False)),
        (
            409,
            refusal("CONFLICT", "Existing ID: 12"),
            Refusal("CONFLICT", "Existing ID: 12", None, True, "12", False),
        ),
        (423, refusal("LOCKED"), Doubt("HTTP 423 (locked)", at_least_s=2.0)),
        (400, b"<html>", Doubt("HTTP 400")),
    ],
)
def test_refusals_fall_into_their_classes(status, body, expected):
    """Not applied, refused as a whole, or in doubt."""
    assert expected == judge_create(answer(status, body), records(1), TRACE)


def complete(results: list[Any], errors: list[Any] | None = None) -> RawAnswer:
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    return answer(207 if errors else 201, body | ({"errors": errors} if errors else {}))


def keyed(record: Any, object_id: str) -> dict[str, Any]:
    return {"id": object_id, "properties": {TRACE: record.trace_id}}


def test_results_are_matched_by_the_trace_property_in_any_order():
    """Position proves nothing."""
    sent = records(3)
    results = [keyed(sent[2], "30"), keyed(sent[0], "10")]

    assert judge_create(complete(results), sent, TRACE) == Proof(
        {2: ItemCreated("30"), 0: ItemCreated("10")}
    )


def test_results_are_matched_by_the_echo_where_there_is_one():
    """With an echo no trace property is needed; integer IDs are taken too."""
    sent = records(2)
    results = [{"id": 7, "objectWriteTraceId": sent[1].trace_id}]

    assert judge_create(complete(results), sent, None) == Proof({1: ItemCreated("7")})


def test_trouble_that_asks_for_a_wait_gets_it():
    """``Retry-After`` of a 503, for creates and for reads."""
    busy = answer(503, {}, retry_after="7")

    assert judge_create(busy, records(1), TRACE) == Doubt("HTTP 503", at_least_s=7.0)
    assert judge_read(busy, ["a"], TRACE) == Failed("HTTP 503", at_least_s=7.0)


def item_error(error: dict[str, Any]) -> ItemError:
    sent = records(1)
    context = {"objectWriteTraceId": [sent[0].trace_id], **error.pop("context", {})}
    verdict = judge_create(complete([], [error | {"context": context}]), sent, TRACE)
    assert isinstance(verdict, Proof)
    item = verdict.items[0]
    assert isinstance(item, ItemError)
    return item


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"category": "VALIDATION_ERROR", "message": "x"}, ErrorKind.INVALID),
        ({"message": "no category"}, ErrorKind.INVALID),
        ({"category": "CONFLICT"}, ErrorKind.CLASH),
        ({"category": "V", "message": "12 already has that value."}, ErrorKind.CLASH),
        ({"category": "V", "context": {"existingId": ["9"]}}, ErrorKind.CLASH),
        ({"category": "RATE_LIMITS"}, ErrorKind.TRANSIENT),
        ({"category": "INTERNAL_ERROR"}, ErrorKind.TRANSIENT),
    ],
)
def test_an_error_that_names_a_record_says_what_to_do_with_it(error, kind):
    """Refused for good, taken by somebody, or not now."""
    assert kind == item_error(error).kind


def test_a_taken_value_tells_who_has_it_and_where():
    """HubSpot's message names the property and the holder."""
    message = (
        "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=0-48, "
        "propertyName=loader_trace_id, value=x} on 5. 12 already has that value."
    )
    item = item_error({"category": "VALIDATION_ERROR", "message": message})

    assert (item.existing_id, item.property_name) == ("12", "loader_trace_id")


def returned(record: Any, object_id: str, **changes: str) -> dict[str, Any]:
    properties = orjson.loads(record.content)["properties"] | changes
    return {"id": object_id, "properties": properties | {"hs_object_id": object_id}}


def test_without_key_and_echo_equal_properties_prove():
    """Hold mode: every property we sent came back, the time in either form."""
    sent = records(2)
    time = "2023-11-14T22:13:20.002Z"
    results = [returned(sent[1], "20", hs_timestamp=time), returned(sent[0], "10")]

    assert judge_create(complete(results), sent, None) == Proof(
        {1: ItemCreated("20"), 0: ItemCreated("10")}
    )


def test_a_result_that_differs_in_one_property_proves_nothing():
    """Hold mode: nearly equal is not equal."""
    sent = records(1)
    results = [returned(sent[0], "1", hs_call_title="other")]

    assert judge_create(complete(results), sent, None) == Proof({})


def test_records_equal_in_everything_are_interchangeable():
    """Two the same, one result: one is created, the other in doubt."""
    one = records(1)[0]
    twin = msgspec.structs.replace(one, trace_id="twin", line=2)

    proved = judge_create(complete([returned(one, "1")]), [one, twin], None)

    assert isinstance(proved, Proof)
    assert list(proved.items.values()) == [ItemCreated("1")]


def test_records_that_differ_in_associations_only_cannot_be_told_apart():
    """An answer shows no associations, so it proves neither."""
    one = records(1)[0]
    other = msgspec.structs.replace(
        one,
        trace_id="other",
        content=one.content.replace(b'"194"', b'"195"').replace(
            b'{"id":"1"}', b'{"id":"2"}'
        ),
    )

    verdict = judge_create(complete([returned(one, "1")]), [one, other], None)

    assert verdict == Proof({})


def test_read_finds_exact_ids_only():
    """A result under another ID is nobody's; the missing are absent."""
    body = {
        "status": "COMPLETE",
        "results": [
            {"id": "1", "properties": {TRACE: "a"}},
            {"id": "2", "properties": {TRACE: "A"}},
        ],
    }

    assert judge_read(answer(200, body), ["a", "b"], TRACE) == Found({"a": "1"})


def test_read_tells_what_was_there_before_the_load_began():
    """By the portal's own time; without one that can be read nothing is older."""
    began = datetime(2026, 5, 1, tzinfo=UTC)
    times = ["2026-04-30T23:59:59.999Z", "2026-05-01T00:00:00Z", "soon", 7, None]
    asked = [str(number) for number in range(len(times))]
    results = [
        {"id": f"{each}1", "properties": {TRACE: each}, "createdAt": time}
        for each, time in zip(asked, times, strict=True)
    ]
    raw = answer(200, {"status": "COMPLETE", "results": results})
    objects = {each: f"{each}1" for each in asked}

    assert judge_read(raw, asked, TRACE, began) == Found(objects, frozenset({"0"}))
    assert judge_read(raw, asked, TRACE) == Found(objects)


def test_what_is_archived_stays_found_whatever_its_times():
    """What somebody deleted must not come back to life because a clock is wrong."""
    began = datetime(2026, 5, 1, tzinfo=UTC)
    before, since = "2026-04-30T10:00:00Z", "2026-05-01T10:00:00Z"
    results = [
        {
            "id": f"{name}1", "properties": {TRACE: name}, "createdAt": before,
            "archived": True, "archivedAt": archived_at,
        }
        for name, archived_at in (("a", before), ("b", since), ("c", None))
    ]  # fmt: skip
    raw = answer(200, {"status": "COMPLETE", "results": results})

    assert judge_read(raw, "abc", TRACE, began) == Found(
        {"a": "a1", "b": "b1", "c": "c1"}
    )


def test_read_that_finds_nothing_at_all_asks_for_less():
    """207 without results says nothing of single records, unless it was one."""
    body = {
        "status": "COMPLETE",
        "results": [],
        "errors": [{"category": "OBJECT_NOT_FOUND"}],
    }

    assert isinstance(judge_read(answer(207, body), ["a", "b"], TRACE), Unclear)
    assert judge_read(answer(207, body), ["a"], TRACE) == Found({})


def test_read_whose_errors_name_every_id_found_nothing():
    """The portal said of each that it is absent."""
    error = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["a", "b"]}}
    body = {"status": "COMPLETE", "results": [], "errors": [error]}

    assert judge_read(answer(207, body), ["a", "b"], TRACE) == Found({})


def test_read_by_a_property_that_is_not_unique_halts():
    """The portal no longer has the key: going on would be guessing."""
    body = refusal("VALIDATION_ERROR", "non-unique property")

    assert isinstance(judge_read(answer(400, body), ["a"], TRACE), Halt)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3.0), ("0.5", 0.5), ("-1", 0.0), (None, None), ("soon", None),
        ("nan", None), ("inf", None), ("Tue, 24 Nov 2026 10:00:10 GMT", 10.0),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text, expected):
    """Garbage is no wait."""
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)

    assert expected == retry_after(text, now=now)


def test_the_days_headers_are_read_alone_too():
    """OAuth apps get none of them, searches get none at all."""
    headers = {
        "x-hubspot-ratelimit-daily": "650000",
        "x-hubspot-ratelimit-daily-remaining": "649321",
    }

    assert read_allowance(headers) == Allowance(daily=650_000, daily_remaining=649_321)


def test_rate_headers_are_read_where_they_are():
    """Each may be absent or odd."""
    headers = {
        "x-hubspot-ratelimit-max": "190",
        "x-hubspot-ratelimit-remaining": "x",
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
    }

    assert read_allowance(headers) == Allowance(190, None, 10.0)
    assert read_allowance({}) is None
