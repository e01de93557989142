"""Answers that are a batch, or nearly: what each of them proves of each record.

Each comes with 200, 201 and 207 in turn: the body decides, never the status.
"""

import gzip

from .answers import (
    ALARM,
    ALL,
    IN_DOUBT,
    JSON,
    NOT_APPLIED,
    NOTHING,
    ONLY_A,
    A,
    Answer,
    B,
    C,
    Expected,
    batch,
    echoed,
    error,
    errors,
    keyed,
)

_WHOLE = batch(A, B, C)
OK = (200, 201, 207)


def _given(name: str, body: bytes, expected: Expected, **headers: str) -> Answer:
    """Make a row; its status is set by whoever reads it."""
    named = {each.replace("_", "-"): value for each, value in headers.items()}
    return Answer(name, 0, body, expected, JSON | named)


CONTENT_TYPES = [
    *(
        _given(f"content type {kind!r}", _WHOLE, ALL, content_type=kind)
        for kind in ("application/json", "Application/JSON", "application/json; a=b",
                     " application/json ;q", "application/hal+json")
    ),
    *(
        _given(f"content type {kind!r}", _WHOLE, IN_DOUBT, content_type=kind)
        for kind in ("", "text/html", "text/plain", "text/json", "application/jsonl",
                     "application/octet-stream", "application/x-ndjson", "json",
                     "text/html, application/json", "application / json", "*/*")
    ),
    Answer("no content type", 0, _WHOLE, IN_DOUBT, {}),
]  # fmt: skip

ENCODING = [
    _given("no body", b"", IN_DOUBT),
    _given("blanks", b" \n ", IN_DOUBT),
    _given("a page", b"<html>COMPLETE</html>", IN_DOUBT),
    _given("a mark before", b"\xef\xbb\xbf" + _WHOLE, IN_DOUBT),
    _given("utf-16", _WHOLE.decode().encode("utf-16"), IN_DOUBT),
    _given("utf-16 without mark", _WHOLE.decode().encode("utf-16-le"), IN_DOUBT),
    _given("utf-32", _WHOLE.decode().encode("utf-32"), IN_DOUBT),
    _given("latin-1 in a name", batch(A[:-2] + b',"x":"\xfc"}}'), IN_DOUBT),
    _given("latin-1 in a field left out", batch(A, more=b',"x":"\xfc"'), IN_DOUBT),
    _given("surrogate in UTF-8", batch(A, more=b',"x":"\xed\xa0\x80"'), IN_DOUBT),
    _given("half an escaped pair", batch(A, more=rb',"x":"\ud800"'), IN_DOUBT),
    _given("gzip that nobody unpacked", gzip.compress(_WHOLE, mtime=0), IN_DOUBT),
    _given("NUL after", _WHOLE + b"\0", IN_DOUBT),
    _given("twice", _WHOLE + _WHOLE, IN_DOUBT),
    _given("garbage after", _WHOLE + b"</html>", IN_DOUBT),
    _given("a comma after", _WHOLE + b",", IN_DOUBT),
    _given("a guard before", b")]}',\n" + _WHOLE, IN_DOUBT),
    _given("a callback around", b"f(" + _WHOLE + b")", IN_DOUBT),
    _given("chunk lengths within", b"6f\r\n" + _WHOLE + b"\r\n0\r\n", IN_DOUBT),
    _given("in a string", b'"' + _WHOLE.replace(b'"', rb"\"") + b'"', IN_DOUBT),
    _given("in an array", b"[" + _WHOLE + b"]", IN_DOUBT),
    _given("in another object", b'{"data":' + _WHOLE + b"}", IN_DOUBT),
    _given("two lines of it", _WHOLE + b"\n" + _WHOLE, IN_DOUBT),
    _given("blanks around", b" \r\n" + _WHOLE + b"\r\n", ALL),
    _given("IDs by escapes", batch(A.replace(b"id-a", rb"id-\u0061")), ONLY_A),
    _given("names by escapes", batch(A.replace(b"properties", rb"propert\u0069es")),
           ONLY_A),
    *(
        _given(f"cut after {cut} of {len(_WHOLE)} bytes", _WHOLE[:cut], IN_DOUBT)
        for cut in (1, 9, 20, 33, 40, 60, 84, 85, 86, 87, 137, 150, len(_WHOLE) - 2,
                    len(_WHOLE) - 1)
    ),
]  # fmt: skip


def _status(text: bytes) -> bytes:
    return b'{"status":' + text + b',"results":[' + A + b"]}"


STATUS = [
    *(
        _given(f"status {text.decode()}", _status(text), IN_DOUBT)
        for text in (b'"PENDING"', b'"PROCESSING"', b'"CANCELED"', b'"CANCELLED"',
                     b'"complete"', b'"Complete"', b'" COMPLETE"', b'"COMPLETE "',
                     b'"COMPLETED"', b'""', b'"error"', b"null", b"true", b"200", b"[]",
                     b'["COMPLETE"]', b'{"a":"COMPLETE"}')
    ),
    _given("status by an escape", _status(rb'"COMPL\u0045TE"'), ONLY_A),
    _given("status in Cyrillic", _status('"\u0421OMPLETE"'.encode()), IN_DOUBT),
    _given("no status", b'{"results":[' + A + b"]}", IN_DOUBT),
    _given("status in capitals", batch(A).replace(b"status", b"Status"), IN_DOUBT),
    _given("a refusal", b'{"status":"error","category":"VALIDATION_ERROR"}', IN_DOUBT),
    _given("a throttling", b'{"status":"error","policyName":"DAILY"}', IN_DOUBT),
    _given("not read, it says", b'{"message":"Invalid input JSON"}', IN_DOUBT),
    _given("a refusal that is complete", batch(more=b',"category":"X","message":"m"'),
           NOTHING),
]  # fmt: skip


def _results(text: bytes) -> bytes:
    return b'{"status":"COMPLETE","results":' + text + b"}"


RESULTS = [
    *(
        _given(f"results {text.decode()}", _results(text), IN_DOUBT)
        for text in (b"null", b"{}", b'""', b"0", b"true", b"[null]", b"[1]", b'["10"]',
                     b"[[]]", b'[{"id":[]}]', b'[{"id":{}}]', b'[{"properties":[]}]',
                     b'[{"id":"10","objectWriteTraceId":7}]', b'[{"id":true}]')
    ),
    _given("no results", b'{"status":"COMPLETE"}', IN_DOUBT),
    _given("results an object of them", _results(b'{"0":' + A + b"}"), IN_DOUBT),
    _given("results and a null", batch(A, b"null"), IN_DOUBT),
    _given("results and a number", batch(A, b"7"), IN_DOUBT),
    _given("results and an array", batch(A, b"[" + B + b"]"), IN_DOUBT),
    _given("results in capitals", batch(A).replace(b"results", b"Results"), IN_DOUBT),
    _given("nothing", batch(), NOTHING),
    _given("nothing, and no errors",
           batch(more=b',"errors":[],"numErrors":0'), NOTHING),
    _given("one empty", batch(b"{}"), NOTHING),
    _given("all", _WHOLE, ALL),
    _given("all, in another order", batch(C, A, B), ALL),
    _given("one", batch(A), ONLY_A),
    _given("one, and one empty", batch(A, b"{}"), ONLY_A),
    _given("one, and one of nobody", batch(A, b'{"id":"99"}'), ONLY_A),
    _given("as many of nobody", batch(b'{"id":"1"}', b'{"id":"2"}', b'{"id":"3"}'),
           NOTHING),
    _given("more than were sent", batch(A, B, C, b'{"id":"99"}'), ALL),
    _given("archived", batch(A[:-1] + b',"archived":true}'), ONLY_A),
    _given("with warnings", batch(A[:-1] + b',"warnings":[{"category":"X"}]}'), ONLY_A),
    _given("with fields nobody knows", batch(A[:-1] + b',"new":[{"a":null}]}', more=
           b',"links":{},"requestedAt":7,"zz":[[[]]]'), ONLY_A),
    _given("a number beyond all in a field left out", batch(A, more=b',"x":1e999'),
           ONLY_A),
    _given("NaN in a field left out", batch(A, more=b',"x":NaN'), IN_DOUBT),
    _given("50 levels in a field left out", batch(A, more=b',"x":' + b"[" * 50 + b"]"
           * 50), ONLY_A),
    _given("100,000 levels in a field left out", batch(A, more=b',"x":' + b"[" * 100_000
           + b"]" * 100_000), IN_DOUBT),
    _given("levels that never close", batch(A, more=b',"x":' + b'{"a":' * 50_000),
           IN_DOUBT),
    _given("four megabytes",
           batch(A, more=b',"x":"' + b"x" * (4 << 20) + b'"'), ONLY_A),
    _given("an integer of 5,000 digits",
           batch(A, more=b',"x":' + b"9" * 5000), IN_DOUBT),
]  # fmt: skip

IDS = [
    *(
        _given(f"id {text.decode()[:40]}", batch(keyed(text, b'"id-a"')), NOTHING)
        for text in (b"null", b'""', b"0", b"-5", b'" "', b'"1 2"', b'"10\\n"',
                     b"9223372036854775808", b'"' + b"1" * 101 + b'"', '"é"'.encode())
    ),
    *(
        _given(f"id {text.decode()}", batch(keyed(text, b'"id-a"')), IN_DOUBT)
        for text in (b"1.0", b"1e3", b"1.5", b"1e999", b"NaN", b"[]", b"{}", b"true",
                     b"false", b'["10"]', b"010")
    ),
    _given("id a number", batch(keyed(b"10", b'"id-a"')), ONLY_A),
    _given("no id", batch(b'{"properties":{"loader_trace_id":"id-a"}}'), NOTHING),
    _given("id in capitals", batch(A.replace(b'"id"', b'"ID"')), NOTHING),
    _given("id among the properties only", batch(
           b'{"properties":{"loader_trace_id":"id-a","hs_object_id":"10"}}'), NOTHING),
    _given("one object for two records", batch(A, keyed(b'"10"', b'"id-b"')), ALARM),
    _given("one object, as text and number", batch(A, keyed(b"10", b'"id-b"')), ALARM),
    _given("one object, for nobody too", batch(A, b'{"id":"10"}'), ALARM),
    _given("one element twice", batch(A, A), ALARM),
    _given("one record, two objects", batch(A, keyed(b'"11"', b'"id-a"')), ALARM),
    _given("one record, by echo and property", batch(A, echoed(b'"11"', b'"id-a"')),
           ALARM),
]  # fmt: skip

NAMES = [
    _given("echo", batch(echoed(b'"10"', b'"id-a"')), ONLY_A),
    _given("echo and property", batch(echoed(b'"10"', b'"id-a"',
           b',"properties":{"loader_trace_id":"id-a"}')), ONLY_A),
    _given("echo empty, property ours", batch(echoed(b'"10"', b'""',
           b',"properties":{"loader_trace_id":"id-a"}')), ONLY_A),
    _given("echo null, property ours", batch(echoed(b'"10"', b"null",
           b',"properties":{"loader_trace_id":"id-a"}')), ONLY_A),
    _given("echo and property differ", batch(echoed(b'"10"', b'"id-a"',
           b',"properties":{"loader_trace_id":"id-b"}')), ALARM),
    _given("echo differs in case", batch(echoed(b'"10"', b'"ID-A"')), ALARM),
    _given("echo with a blank", batch(echoed(b'"10"', b'"id-a "')), ALARM),
    _given("echo with a line break", batch(echoed(b'"10"', rb'"id-a\n"')), ALARM),
    _given("echo with NUL", batch(echoed(b'"10"', rb'"id-a\u0000"')), ALARM),
    _given("echo of look-alikes",
           batch(echoed(b'"10"', '"id-\u0430"'.encode())), ALARM),
    _given("echo of a part", batch(echoed(b'"10"', b'"id-"')), ALARM),
    _given("echo foreign", batch(echoed(b'"10"', b'"id-z"')), ALARM),
    _given("echo foreign beside ours",
           batch(A, B, C, echoed(b'"99"', b'"id-z"')), ALARM),
    _given("echo a list", batch(echoed(b'"10"', b'["id-a"]')), IN_DOUBT),
    _given("echo a number", batch(echoed(b'"10"', b"0")), IN_DOUBT),
    _given("echo under another name", batch(b'{"id":"10","traceId":"id-a"}'), NOTHING),
    _given("echo among the properties", batch(
           b'{"id":"10","properties":{"objectWriteTraceId":"id-a"}}'), NOTHING),
    _given("property differs in case", batch(keyed(b'"10"', b'"ID-A"')), ALARM),
    _given("property with a blank", batch(keyed(b'"10"', b'" id-a"')), ALARM),
    _given("property foreign", batch(keyed(b'"10"', b'"id-z"')), ALARM),
    _given("property empty", batch(keyed(b'"10"', b'""')), NOTHING),
    _given("property null", batch(keyed(b'"10"', b"null")), NOTHING),
    _given("property a number", batch(keyed(b'"10"', b"7")), NOTHING),
    _given("property a list", batch(keyed(b'"10"', b'["id-a"]')), NOTHING),
    _given("property an object", batch(keyed(b'"10"', b'{"value":"id-a"}')), NOTHING),
    _given("another property holds it", batch(
           b'{"id":"10","properties":{"hs_unique_id":"id-a"}}'), NOTHING),
    _given("property's name in capitals", batch(
           b'{"id":"10","properties":{"LOADER_TRACE_ID":"id-a"}}'), NOTHING),
    _given("property beside properties", batch(b'{"id":"10","loader_trace_id":"id-a"}'),
           NOTHING),
    _given("properties null", batch(b'{"id":"10","properties":null}'), NOTHING),
    _given("objects swapped",
           batch(keyed(b'"11"', b'"id-a"'), keyed(b'"10"', b'"id-b"')),
           {0: "created 11", 1: "created 10"}),
    _given("properties that look like ours", batch(
           b'{"id":"10","properties":{"hs_timestamp":"1","x":"a"}}'), NOTHING),
]  # fmt: skip

#: of two values under one name nobody knows which is meant
TWICE = [
    _given("two statuses", b'{"status":"PENDING",' + batch(A)[1:], IN_DOUBT),
    _given("two statuses, the same", b'{"status":"COMPLETE",' + batch(A)[1:], IN_DOUBT),
    _given("two results, the last ours", b'{"results":[],' + batch(A)[1:], IN_DOUBT),
    _given("two results, the last empty", b'{"results":[' + A + b"]," + batch()[1:],
           IN_DOUBT),
    _given("two results, by an escape",
           batch(A, more=rb',"result\u0073":[]'), IN_DOUBT),
    _given("two errors", batch(A, more=errors(error(b"id-a")) + b',"errors":[]'),
           IN_DOUBT),
    _given("two IDs of one object",
           batch(keyed(b'"10","id":"11"', b'"id-a"')), IN_DOUBT),
    _given("two echoes", batch(echoed(b'"10"', b'"id-b","objectWriteTraceId":"id-a"')),
           IN_DOUBT),
    _given("two properties", batch(b'{"properties":{},' + A[1:]), IN_DOUBT),
    _given("two trace properties",
           batch(keyed(b'"10"', b'"id-b","loader_trace_id":"id-a"')
           ), IN_DOUBT),
    _given("two contexts", batch(B, more=errors(error(b"id-b", more=
           b',"context":{"objectWriteTraceId":["id-a"]}'))), IN_DOUBT),
    _given("two categories", batch(more=errors(error(b"id-a", more=
           b',"category":"CONFLICT"'))), IN_DOUBT),
    _given("two of a field nobody reads", batch(A, more=b',"x":1,"x":2'), IN_DOUBT),
]  # fmt: skip


def _failed(name: str, *elements: bytes, expected: Expected) -> Answer:
    """An answer with a result for the second record, and these errors."""
    return _given(name, batch(B, more=errors(*elements)), expected)


_B = {1: "created 11"}
_REJECTED = {0: "rejected", 1: "created 11"}
_TAKEN = {0: "taken", 1: "created 11"}
_LATER = {0: "not now", 1: "created 11"}
_JSON_TEXT = rb"Property values were not valid: [{\"isValid\":false,\"name\":\"x\"}]"
ERRORS = [
    _failed("one refused", error(b"id-a"), expected=_REJECTED),
    _failed("two refused by one error", error(b"id-a", b"id-c"),
            expected=_REJECTED | {2: "rejected"}),
    _failed("one refused, named twice in one error", error(b"id-a", b"id-a"),
            expected=_REJECTED),
    _failed("one refused by two errors",
            error(b"id-a"), error(b"id-a"), expected=ALARM),
    _failed("refused and created", error(b"id-b"), expected=ALARM),
    _failed("refused, a foreign one", error(b"id-z"), expected=ALARM),
    _failed("refused, ours and a foreign one", error(b"id-a", b"id-z"), expected=ALARM),
    _failed("refused, in other case", error(b"ID-A"), expected=ALARM),
    _failed("refused, with a blank", error(b"id-a "), expected=ALARM),
    _failed("refused, without a name", b'{"category":"VALIDATION_ERROR"}', expected=_B),
    _failed("JSON in the message", error(b"id-a", message=_JSON_TEXT),
            expected=_REJECTED),
    _failed("our ID in the message only", error(message=b"id-a"), expected=_B),
    _failed("no category", b'{"context":{"objectWriteTraceId":["id-a"]}}',
            expected=_REJECTED),
    _failed("category a list", b'{"category":["CONFLICT"],"context":'
            b'{"objectWriteTraceId":["id-a"]}}', expected=_REJECTED),
    *(
        _failed(f"context {text.decode()}", b'{"context":' + text + b"}", expected=_B)
        for text in (b"null", b"7", b"[]", b'["id-a"]', b'"id-a"', b'"{"', b"{}",
                     b'{"objectWriteTraceId":[]}', b'{"objectWriteTraceId":null}',
                     b'{"objectWriteTraceId":{"a":"id-a"}}', b'{"id":["id-a"]}',
                     b'{"objectWriteTraceId":[["id-a"]]}',
                     b'{"objectwritetraceid":["id-a"]}',
                     rb'"{\"objectWriteTraceId\":[\"id-c\"],\"objectWriteTraceId\":[]}"')
    ),
    _failed("context a text", b'{"context":{"objectWriteTraceId":"id-a"}}',
            expected=_REJECTED),
    _failed("context as JSON in a text", rb'{"context":"{\"objectWriteTraceId\":'
            rb'[\"id-a\"]}"}', expected=_REJECTED),
    _failed("context of a nested error", b'{"errors":[{"context":'
            b'{"objectWriteTraceId":["id-a"]}}]}', expected=_B),
    _failed("taken, by category",
            error(b"id-a", category=b"CONFLICT"), expected=_TAKEN),
    _failed("taken, by existing ID", b'{"context":{"objectWriteTraceId":["id-a"],'
            b'"existingId":["12"]}}', expected=_TAKEN),
    _failed("taken, by message", error(b"id-a", message=b"12 already has that value"),
            expected=_TAKEN),
    _failed("taken, by sub-category", error(b"id-a", more=
            b',"subCategory":"Objects.ALREADY_EXISTS"'), expected=_TAKEN),
    _failed("taken, by a nested code", error(b"id-a", more=
            b',"errors":[{"code":"UNIQUE_VALUE_CONFLICT"}]'), expected=_TAKEN),
    *(
        _failed(f"not now, {category.decode()}", error(b"id-a", category=category),
                expected=_LATER)
        for category in (b"RATE_LIMITS", b"INTERNAL_ERROR", b"TIMEOUT", b"LOCKED",
                         b"SERVICE_UNAVAILABLE", b"MISSING_SCOPES")
    ),
    _failed("errors within errors", error(b"id-a", more=b',"errors":[null,7,[],{}]'),
            expected=_REJECTED),
    _failed("errors of all kinds", b"null", b"7", b'"x"', b"[]", b"{}", b"true",
            expected=_B),
    *(
        _given(f"errors {text.decode()}", batch(B, more=b',"errors":' + text), _B)
        for text in (b"null", b"{}", b'"id-a"', b"7", b"true", b'{"0":{}}')
    ),
    _given("errors counted, but not there", batch(B, more=b',"numErrors":2'), _B),
    _given("errors there, but not counted", batch(B, more=errors(error(b"id-a"))
           + b',"numErrors":0'), _REJECTED),
    _given("errors counted in words", batch(B, more=b',"numErrors":"many"'), _B),
    _given("all refused", batch(more=errors(error(b"id-a", b"id-b", b"id-c"))),
           {0: "rejected", 1: "rejected", 2: "rejected"}),
    _given("10,000 errors of nobody", batch(B, more=errors(*[b"{}"] * 10_000)), _B),
    _given("deep errors", batch(B, more=b',"errors":' + b"[" * 5000 + b"]" * 5000),
           IN_DOUBT),
]  # fmt: skip


def _lacking(*trace_ids: bytes) -> bytes:
    return batch(more=errors(*(error(each, category=b"MISSING_SCOPES")
                               for each in trace_ids)))  # fmt: skip


#: a token that may not create, told in a complete answer
SCOPES = [
    _given("no scope, each record named", _lacking(b"id-a", b"id-b", b"id-c"),
           NOT_APPLIED),
    _given("no scope, some records named", _lacking(b"id-a", b"id-b"),
           {0: "not now", 1: "not now"}),
    _given("no scope, nobody named", batch(more=errors(
           b'{"category":"MISSING_SCOPES"}')), IN_DOUBT),
    _given("no scope, and one created", batch(B, more=errors(error(b"id-a", category=
           b"MISSING_SCOPES"))), {0: "not now", 1: "created 11"}),
    _given("no scope, and another reason", batch(more=errors(error(b"id-a", category=
           b"MISSING_SCOPES"), error(b"id-b"))), {0: "not now", 1: "rejected"}),
    _given("no scope, a foreign record named", _lacking(b"id-a", b"id-b", b"id-c",
           b"id-z"), ALARM),
]  # fmt: skip

ANSWERS = [
    *CONTENT_TYPES, *ENCODING, *STATUS, *RESULTS, *IDS, *NAMES, *TWICE, *ERRORS, *SCOPES
]  # fmt: skip
