"""Lines that look wrong and can be sent: a control group for the tables of bad lines.

What the portal thinks of a value is the portal's to say: a date in seconds or a
property it lacks is *sent*, and whatever is refused then carries HubSpot's own reason.
"""

import json

from .lines import (
    LIMIT,
    TIME,
    TRACE,
    Odd,
    beside,
    linked,
    own,
    time,
    to,
    typed,
    value,
)

_GOOD = b'{"properties":{' + TIME + b"}}"
_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}


def _body(name: str, text: bytes, arrives: str) -> Odd:
    return Odd(name, value(text), {"hs_call_body": arrives})


def _raw(name: str, text: str) -> Odd:
    return _body(name, b'"' + text.encode() + b'"', text)


TEXTS = [
    _raw("line separator", "a\u2028b"),
    _raw("paragraph separator", "a\u2029b"),
    _raw("next line", "a\u0085b"),
    _raw("delete and C1", "a\x7fb\x9fc"),
    _raw("mark within a text", "\ufeffa"),
    _raw("beyond the first plane", "\U0001f600"),
    _raw("no character", "\ufffe\uffff\U0010ffff"),
    _raw("combining, not composed", "e\u0301"),
    _raw("right to left", "\u202eabc\u202c"),
    _raw("blanks only", "   "),
    _raw("blanks around", "  a  "),
    _raw("looks like JSON", "{'a':1}"),
    _raw("looks like HTML", "<script>&amp;</script>"),
    _raw("the word null", "null"),
    _body("empty", b'""', ""),
    _body("an escaped pair", rb'"\ud83d\ude00"', "\U0001f600"),
    _body("escaped NUL", rb'"a\u0000b"', "a\0b"),
    _body("all short escapes", rb'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
    _body("escapes in capitals", rb'"\u00E9\u00e9"', "éé"),
    _body("escaped ASCII", rb'"\u0041"', "A"),
    _body("escaped line separator", rb'"\u2028"', "\u2028"),
    _body("escaped last character", rb'"\uffff"', "\uffff"),
    _body("longest property", b'"' + b"x" * 65_536 + b'"', "x" * 65_536),
    _body("longest, two bytes each", b'"' + b"\xc3\xa9" * 65_536 + b'"', "é" * 65_536),
    _body("longest, escaped", b'"' + rb"\u00e9" * 65_536 + b'"', "é" * 65_536),
]

NUMBERS = [
    _body("zero", b"0", "0"),
    _body("minus zero", b"-0", "0"),
    _body("minus zero, a fraction", b"-0.0", "-0.0"),
    _body("beyond 53 bits", b"9007199254740993", "9007199254740993"),
    _body("beyond 64 bits", b"18446744073709551616", "18446744073709551616"),
    _body("300 digits", b"1" * 300, "1" * 300),
    _body("a fraction", b"1.50", "1.5"),
    _body("an exponent", b"1E2", "100.0"),
    _body("a large exponent", b"1e300", "1e+300"),
    _body("smaller than any double", b"1e-999", "0.0"),
    _body("true", b"true", "true"),
    _body("false", b"false", "false"),
]

TIMES = [
    Odd("time in seconds", time(b"1700000000"), time="1700000000"),
    Odd("time a number", time(b"1700000000000"), time="1700000000000"),
    Odd("time zero", time(b"0"), time="0"),
    Odd("time negative", time(b"-1"), time="-1"),
    Odd("time without a zone", time(b'"2026-01-01T00:00:00"'),
        time="2026-01-01T00:00:00"),
    Odd("time with an offset", time(b'"2026-01-01T00:00:00+02:00"'),
        time="2026-01-01T00:00:00+02:00"),
    Odd("time a date", time(b'"2026-01-01"'), time="2026-01-01"),
    Odd("time not ISO", time(b'"1/2/2026"'), time="1/2/2026", portal_refuses=True),
    Odd("time in words", time(b'"yesterday"'), time="yesterday", portal_refuses=True),
    Odd("time a blank", time(b'" "'), time=" ", portal_refuses=True),
    Odd("time a boolean", time(b"true"), time="true", portal_refuses=True),
    Odd("time a fraction", time(b"1.5"), time="1.5", portal_refuses=True),
]  # fmt: skip

DUPLICATES = [
    _body("last value of two", b'"first","hs_call_body":"last"', "last"),
    _body("last value, the first an object", b'{"a":1},"hs_call_body":"last"', "last"),
    _body("last value, by an escape", rb'"first","hs_call_bod\u0079":"last"', "last"),
    Odd("last value null", value(b'"first","hs_call_body":null')),
    Odd("last time of two", time(b'"1","hs_timestamp":"2"'), time="2"),
    Odd("last properties of two", b'{"properties":{"hs_call_body":"x"},"properties":{'
        + TIME + b"}}"),
    Odd("last properties, the first none", b'{"properties":7,"properties":{' + TIME
        + b"}}"),
    Odd("last own ID of two", own(b'"odd-first","objectWriteTraceId":"odd-last"'),
        own_id="odd-last"),
    Odd("last associations of two", linked(b'[1],"associations":[]')),
    Odd("last target of two", to(b'{"id":"1","id":"2"}'),
        associations=({"to": {"id": "2"}, "types": [_CONTACT]},)),
]  # fmt: skip

FIELDS = [
    Odd("a null is left out", value(b"null")),
    Odd("fields of an export", beside(b'"id":"5","createdAt":"x","archived":false')),
    Odd("a field left out, deep", beside(b'"x":' + b"[" * 99 + b"]" * 99)),
    Odd("a name with an escape", rb'{"propert\u0069es":{' + TIME + b"}}"),
    Odd("associations null", linked(b"null")),
    Odd("associations empty", linked(b"[]")),
    Odd("target a number", to(b'{"id":42}'),
        associations=({"to": {"id": "42"}, "types": [_CONTACT]},)),
    Odd("target a long number", to(b'{"id":9223372036854775807}'),
        associations=({"to": {"id": str(2**63 - 1)}, "types": [_CONTACT]},)),
    Odd("target no number", to(b'{"id":"x"}'), portal_refuses=True,
        associations=({"to": {"id": "x"}, "types": [_CONTACT]},)),
    Odd("type the wrong way round", typed(b'"HUBSPOT_DEFINED"', b"193"),
        portal_refuses=True,
        associations=({"to": {"id": "1"}, "types": [_CONTACT
            | {"associationTypeId": 193}]},)),
    Odd("own ID null", own(b"null")),
    Odd("own ID in capitals", own(b'"Odd-ID"'), own_id="Odd-ID"),
    Odd("own ID with a blank within", own(b'"odd id"'), own_id="odd id"),
    Odd("own ID with quotes", own(rb'"odd\"id\\"'), own_id='odd"id\\'),
    Odd("own ID as a number is written", own(b'"0012"'), own_id="0012"),
    Odd("longest own ID", own(b'"' + b"o" * 255 + b'"'), own_id="o" * 255),
    Odd("trace property the same", value(b'"odd-same"', b'"%b"' % TRACE.encode())[:-1]
        + b',"objectWriteTraceId":"odd-same"}', own_id="odd-same"),
    Odd("an unknown property", value(b'"x"', b'"no_such_thing"'),
        {"no_such_thing": "x"}, portal_refuses=True),
    Odd("a name with quotes", value(b'"x"', rb'"a\"b\\"'), {'a"b\\': "x"},
        portal_refuses=True),
    Odd("a name of 5,000 characters", value(b'"x"', b'"' + b"n" * 5000 + b'"'),
        {"n" * 5000: "x"}, portal_refuses=True),
    Odd("a name that is a blank", value(b'"x"', b'" "'), {" ": "x"},
        portal_refuses=True),
    Odd("the record of a row", b'{"line":3,"state":"x","record":' + _GOOD + b"}"),
    Odd("the record of a row, as text", b'{"line":3,"record":'
        + json.dumps(_GOOD.decode()).encode() + b"}"),
]  # fmt: skip

LAYOUT = [
    Odd("blanks around tokens", b' { "properties" : {\t' + TIME + b" } } "),
    Odd("carriage return within", _GOOD.replace(b":{", b":\r{")),
    Odd("carriage return at the end", _GOOD + b"\r"),
    Odd("two carriage returns", _GOOD + b"\r\r"),
    Odd("longest line", _GOOD + b" " * (LIMIT - len(_GOOD))),
    Odd("longest line and its break", _GOOD + b" " * (LIMIT - len(_GOOD)) + b"\r"),
]

GOOD = [*TEXTS, *NUMBERS, *TIMES, *DUPLICATES, *FIELDS, *LAYOUT]
