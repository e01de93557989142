"""Answers to the question which records exist: what is found, and who is then absent.

A record that is wrongly called absent is sent again, so an ID that an answer does not
find is absent only if the answer leaves nothing unexplained. ``id-a`` and ``id-b`` are
asked for. An expectation is what is found (the others are absent), *again* (the answer
tells nothing), *less* (only a smaller question tells) or *not applied*, as for creates.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field

from .answers import JSON, NOT_APPLIED, A, B, C, batch, error, errors, keyed

AGAIN = "again"
LESS = "less"
NONE: dict[str, str] = {}
_A = {"id-a": "10"}
_BOTH = {"id-a": "10", "id-b": "11"}
_HTML = {"content-type": "text/html"}


@dataclass(frozen=True)
class Read:
    """An answer to a read: its status, body and headers, and what is found by it."""

    name: str
    status: int
    body: bytes
    expected: str | dict[str, str]
    asked: tuple[str, ...] = ("id-a", "id-b")
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)

    def __str__(self) -> str:
        return self.name


_ONE = ("id-a",)
_GONE = b'{"category":"OBJECT_NOT_FOUND","message":"Could not get some CALL objects"}'


def _gone(*trace_ids: bytes, under: bytes = b"ids") -> bytes:
    names = b",".join(b'"%b"' % each for each in trace_ids)
    return b'{"category":"OBJECT_NOT_FOUND","context":{"%b":[%b]}}' % (under, names)


def _after_b(*elements: bytes) -> bytes:
    """An answer that finds the second record, with these errors."""
    return batch(B, more=errors(*elements))


STATUSES = [
    *(
        Read(f"{status} with a whole batch", status, batch(A, B), NOT_APPLIED)
        for status in (401, 403, 404, 405, 411, 415, 429)
    ),
    *(
        Read(f"{status} with a whole batch", status, batch(A, B), AGAIN)
        for status in (202, 203, 204, 206, 302, 304, 402, 408, 409, 410, 413, 414, 418,
                       422, 423, 425, 431, 499, 500, 501, 502, 503, 504, 520, 521, 522,
                       523, 524, 525, 526, 599)
    ),
    *(
        Read(f"{status} with an empty batch", status, batch(), AGAIN, _ONE)
        for status in (202, 204, 206, 408, 409, 422, 423, 500, 502, 503, 504, 524)
    ),
    Read("400 by a property that is not unique", 400, b'{"message":"non-unique"}',
         NOT_APPLIED),
    Read("400 with a page", 400, b"<html>", AGAIN, headers=_HTML),
    Read("404 with a page", 404, b"<html>", NOT_APPLIED, headers=_HTML),
    Read("404 of the record", 404, _GONE, NONE, _ONE),
    Read("404 of several records", 404, _GONE, LESS),
    Read("404 of another kind", 404, b'{"category":"NOT_THERE"}', NOT_APPLIED, _ONE),
    Read("404 of the record, said twice", 404, _GONE[:-1] + b',"category":"X"}',
         NOT_APPLIED, _ONE),
    Read("429 in a day", 429, b'{"policyName":"DAILY"}', NOT_APPLIED),
    Read("477", 477, b"", NOT_APPLIED),
]  # fmt: skip

_CUT = batch(A, B)
SHAPES = [
    Read("no body", 200, b"", AGAIN),
    Read("a page", 200, b"<html>", AGAIN, headers=_HTML),
    Read("JSON as a page", 200, batch(), AGAIN, _ONE, _HTML),
    Read("no content type", 200, batch(), AGAIN, _ONE, {}),
    Read("cut off", 200, _CUT[:-1], AGAIN),
    Read("cut between results", 200, _CUT[: _CUT.index(b"},{") + 1], AGAIN),
    Read("empty and cut off", 200, batch()[:-1], AGAIN),
    Read("a mark before", 200, b"\xef\xbb\xbf" + batch(), AGAIN),
    Read("utf-16", 200, batch().decode().encode("utf-16"), AGAIN),
    Read("gzip", 200, gzip.compress(batch(), mtime=0), AGAIN),
    Read("not UTF-8", 200, batch(more=b',"x":"\xff"'), AGAIN),
    Read("twice", 200, batch() + batch(), AGAIN),
    Read("an array", 200, b"[" + batch() + b"]", AGAIN),
    Read("pending", 200, b'{"status":"PENDING","results":[]}', AGAIN),
    Read("processing", 200, b'{"status":"PROCESSING","results":[]}', AGAIN),
    Read("canceled", 200, b'{"status":"CANCELED","results":[]}', AGAIN),
    Read("status in lower case", 200, b'{"status":"complete","results":[]}', AGAIN),
    Read("no status", 200, b'{"results":[]}', AGAIN),
    Read("a refusal", 200, b'{"status":"error","message":"no"}', AGAIN),
    Read("no results", 200, b'{"status":"COMPLETE"}', AGAIN),
    Read("results null", 200, b'{"status":"COMPLETE","results":null}', AGAIN),
    Read("results an object", 200, b'{"status":"COMPLETE","results":{}}', AGAIN),
    Read("results of null", 200, batch(b"null"), AGAIN),
    Read("results of text", 200, batch(b'"id-a"'), AGAIN),
    Read("two results, the last empty", 200, b'{"results":[' + A + b"]," + batch()[1:],
         AGAIN),
    Read("two errors, the last empty", 200, batch(more=errors(error(b"id-a"))
         + b',"errors":[]'), AGAIN),
    Read("two trace properties", 200, batch(keyed(b'"10"',
         b'"id-a","loader_trace_id":"id-z"')), AGAIN),
    Read("deep", 200, batch(more=b',"x":' + b"[" * 9000 + b"]" * 9000), AGAIN),
]  # fmt: skip

RESULTS = [
    Read("both", 200, batch(A, B), _BOTH),
    Read("both, in another order", 200, batch(B, A), _BOTH),
    Read("both, partially", 207, batch(A, B), _BOTH),
    Read("both, with a 201", 201, batch(A, B), _BOTH),
    Read("both, and one of nobody", 200, batch(A, B, C, b'{"id":"99"}'), _BOTH),
    Read("both, and an error", 207, batch(A, B, more=errors(error())), _BOTH),
    Read("id a number", 200, batch(keyed(b"10", b'"id-a"'), B), _BOTH),
    Read("archived", 200, batch(A[:-1] + b',"archived":true}', B), _BOTH),
    Read("one of two objects", 200, batch(A, keyed(b'"99"', b'"id-a"')), _A),
    Read("one", 200, batch(A), _A),
    Read("none", 200, batch(), NONE),
    Read("none of one", 200, batch(), NONE, _ONE),
    Read("one that was not asked for", 200, batch(A, C), AGAIN),
    Read("one foreign, for one", 200, batch(C), AGAIN, _ONE),
    Read("one whose ID differs in case", 200, batch(keyed(b'"10"', b'"ID-A"')), NONE),
    Read("one whose ID has a blank", 200, batch(keyed(b'"10"', b'"id-a "')), NONE),
    Read("one whose ID is longer", 200, batch(keyed(b'"10"', b'"id-a1"')), AGAIN),
    Read("one without properties", 200, batch(b'{"id":"10"}'), AGAIN, _ONE),
    Read("one with properties null", 200,
         batch(b'{"id":"10","properties":null}'), AGAIN),
    Read("one without the property", 200, batch(b'{"id":"10","properties":{}}'), AGAIN),
    Read("one whose property is null", 200, batch(keyed(b'"10"', b"null")), AGAIN),
    Read("one whose property is empty", 200, batch(keyed(b'"10"', b'""')), AGAIN),
    Read("one whose property is a number", 200, batch(keyed(b'"10"', b"7")), AGAIN),
    Read("one whose property is a list", 200,
         batch(keyed(b'"10"', b'["id-a"]')), AGAIN),
    Read("one that echoes only", 200, batch(b'{"id":"10","objectWriteTraceId":"id-a"}'),
         AGAIN),
    Read("one without an object", 200, batch(keyed(b"null", b'"id-a"')), AGAIN),
    Read("one whose object is empty", 200, batch(keyed(b'""', b'"id-a"')), AGAIN),
    Read("one whose object is a blank", 200, batch(keyed(b'" "', b'"id-a"')), AGAIN),
    Read("one whose object is negative", 200, batch(keyed(b"-5", b'"id-a"')), AGAIN),
    Read("one whose object is a fraction", 200, batch(keyed(b"1.5", b'"id-a"')), AGAIN),
    Read("one whose object is a list", 200, batch(keyed(b"[]", b'"id-a"')), AGAIN),
    Read("an empty element", 200, batch(b"{}"), AGAIN),
    Read("nobody's beside one of ours", 200, batch(A, b'{"id":"99"}'), AGAIN),
]  # fmt: skip

ERRORS = [
    Read("partial, nothing said", 207, batch(), LESS),
    Read("partial, nothing said of one", 207, batch(), NONE, _ONE),
    Read("one not found", 207, _after_b(_gone(b"id-a")), {"id-b": "11"}),
    Read("one not found, unnamed", 207, _after_b(_GONE), {"id-b": "11"}),
    Read("one not found, with a 200", 200, _after_b(_gone(b"id-a")), {"id-b": "11"}),
    Read("both not found", 207, batch(more=errors(_gone(b"id-a", b"id-b"))), NONE),
    Read("both not found, each in its error", 207, batch(more=errors(_gone(b"id-a"),
         _gone(b"id-b", under=b"id"))), NONE),
    Read("not found, nobody named", 207, batch(more=errors(_GONE)), LESS),
    Read("not found, one of two named", 207, batch(more=errors(_gone(b"id-a"))), LESS),
    Read("not found, a foreign one named", 207,
         batch(more=errors(_gone(b"id-z"))), LESS),
    Read("not found, by sub-category", 207, _after_b(
         b'{"category":"VALIDATION_ERROR","subCategory":"Crm.OBJECT_NOT_FOUND"}'),
         {"id-b": "11"}),
    Read("not found, of one", 207, batch(more=errors(_GONE)), NONE, _ONE),
    Read("a validation", 207, _after_b(error(b"id-a")), AGAIN),
    Read("a validation, of one", 207, batch(more=errors(error(b"id-a"))), AGAIN, _ONE),
    Read("not found, and a validation", 207, _after_b(_GONE, error()), AGAIN),
    Read("an error without fields", 207, _after_b(b"{}"), AGAIN),
    Read("an error in words", 207, _after_b(b'"not found"'), AGAIN),
    Read("an error that is null", 207, _after_b(b"null"), AGAIN),
    Read("not found, and an error in words", 207, _after_b(_GONE, b'"x"'), AGAIN),
    Read("errors an object", 207, batch(B, more=b',"errors":' + _GONE), AGAIN),
    Read("errors a text", 207, batch(B, more=b',"errors":"no"'), AGAIN),
    Read("errors counted, but not there", 207, batch(B, more=b',"numErrors":1'), AGAIN),
    Read("errors counted, of one", 200, batch(more=b',"numErrors":1'), AGAIN, _ONE),
    Read("errors null", 200, batch(B, more=b',"errors":null,"numErrors":0'),
         {"id-b": "11"}),
    *(
        Read(f"not now, {category.decode()}", 207, _after_b(error(category=category)),
             AGAIN)
        for category in (b"INTERNAL_ERROR", b"RATE_LIMITS", b"TIMEOUT", b"LOCKED",
                         b"MISSING_SCOPES", b"UNAVAILABLE", b"FORBIDDEN", b"SOMETHING")
    ),
]  # fmt: skip

READS = [*STATUSES, *SHAPES, *RESULTS, *ERRORS]
