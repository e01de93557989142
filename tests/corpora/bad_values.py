"""Lines that are JSON and no call that HubSpot's create input could carry."""

import json

from .lines import (
    CONTACT,
    LIMIT,
    TIME,
    TRACE,
    Bad,
    beside,
    linked,
    own,
    time,
    to,
    value,
)
from .lines import typed as type_

OBJECT = [
    Bad("an array", b"[1,2]", "NOT_AN_OBJECT", "an array"),
    Bad("an array of calls", b"[{" + TIME + b"}]", "NOT_AN_OBJECT", "an array"),
    Bad("an empty array", b"[]", "NOT_AN_OBJECT", "an array"),
    Bad("a string", b'"call"', "NOT_AN_OBJECT", "a string"),
    Bad("an empty string", b'""', "NOT_AN_OBJECT", "a string"),
    Bad("a call in a string", json.dumps("{}").encode(), "NOT_AN_OBJECT", "a string"),
    Bad("a number", b"17", "NOT_AN_OBJECT", "a number"),
    Bad("minus zero", b"-0", "NOT_AN_OBJECT", "a number"),
    Bad("a fraction", b"1.5", "NOT_AN_OBJECT", "a number"),
    Bad("true", b"true", "NOT_AN_OBJECT", "a boolean"),
    Bad("false", b"false", "NOT_AN_OBJECT", "a boolean"),
    Bad("null", b"null", "NOT_AN_OBJECT", "null"),
    Bad("a row without its record", b'{"record":null}', "NOT_AN_OBJECT", "too long"),
    Bad("a row with a number", b'{"record":7}', "NOT_AN_OBJECT", "record is a number"),
    Bad("a row with a broken line", b'{"record":"{"}', "NOT_JSON", "column"),
    Bad("a row with an array", b'{"record":"[]"}', "NOT_AN_OBJECT", "an array"),
]

PROPERTIES = [
    Bad("an empty object", b"{}", "NO_PROPERTIES", "missing"),
    Bad("properties null", b'{"properties":null}', "NO_PROPERTIES", "missing"),
    Bad("properties an array", b'{"properties":[]}', "NO_PROPERTIES", "an array"),
    Bad("properties a string", b'{"properties":"{}"}', "NO_PROPERTIES", "a string"),
    Bad("properties a number", b'{"properties":1}', "NO_PROPERTIES", "a number"),
    Bad("properties a boolean", b'{"properties":true}', "NO_PROPERTIES", "a boolean"),
    Bad("properties in capitals", b'{"Properties":{' + TIME + b"}}", "NO_PROPERTIES",
        "missing"),
    Bad("properties with a blank", b'{"properties ":{' + TIME + b"}}", "NO_PROPERTIES",
        "missing"),
    Bad("properties beside", b"{" + TIME + b"}", "NO_PROPERTIES", "missing"),
    Bad("inputs of a request", b'{"inputs":[{"properties":{' + TIME + b"}}]}",
        "NO_PROPERTIES", "missing"),
    Bad("last properties no object", b'{"properties":{' + TIME + b'},"properties":[]}',
        "NO_PROPERTIES", "an array"),
    Bad("value an array", value(b"[]"), "PROPERTY_TYPE", "hs_call_body is an array"),
    Bad("value an array of texts", value(b'["a","b"]'), "PROPERTY_TYPE", "an array"),
    Bad("value an object", value(b"{}"), "PROPERTY_TYPE", "hs_call_body is an object"),
    Bad("value as history has it", value(b'{"value":"x"}'), "PROPERTY_TYPE", "object"),
    Bad("timestamp an array", time(b"[1700000000000]"), "PROPERTY_TYPE", "an array"),
    Bad("timestamp an object", time(b'{"$date":1}'), "PROPERTY_TYPE", "an object"),
    Bad("last of two values an object", value(b'"x","hs_call_body":{}'),
        "PROPERTY_TYPE", "an object"),
    Bad("same name by an escape", value(rb'"x","hs_call_bod\u0079":[]'),
        "PROPERTY_TYPE", "hs_call_body is an array"),
    Bad("empty name", value(b'"x"', b'""'), "PROPERTY_TYPE", "empty name"),
    Bad("empty name and null", value(b"null", b'""'), "PROPERTY_TYPE", "empty name"),
    Bad("long name of an array", value(b"[]", b'"' + b"n" * 500 + b'"'),
        "PROPERTY_TYPE", "nnn... is an array"),
    Bad("name with quotes, an array", value(b"[]", rb'"a\"b"'), "PROPERTY_TYPE", 'a"b'),
    Bad("name with an escape, an array", value(b"[]", rb'"\u001b[2J"'),
        "PROPERTY_TYPE", "properties.?[2J"),
]  # fmt: skip

TIMESTAMP = [
    Bad("no properties at all", b'{"properties":{}}', "NO_TIMESTAMP", "hs_timestamp"),
    Bad("no timestamp", b'{"properties":{"hs_call_body":"x"}}', "NO_TIMESTAMP", "hs_"),
    Bad("timestamp null", time(b"null"), "NO_TIMESTAMP", "missing or empty"),
    Bad("timestamp empty", time(b'""'), "NO_TIMESTAMP", "missing or empty"),
    Bad("timestamp misspelt", b'{"properties":{"hs_Timestamp":"1"}}', "NO_TIMESTAMP",
        "hs_timestamp"),
    Bad("timestamp with a blank", b'{"properties":{"hs_timestamp ":"1"}}',
        "NO_TIMESTAMP", "hs_timestamp"),
    Bad("timestamp beside properties", b'{"properties":{},' + TIME + b"}",
        "NO_TIMESTAMP", "hs_timestamp"),
    Bad("last of two timestamps null", time(b'"1","hs_timestamp":null'),
        "NO_TIMESTAMP", "hs_timestamp"),
    Bad("last of two timestamps empty", time(b'"1","hs_timestamp":""'),
        "NO_TIMESTAMP", "hs_timestamp"),
    Bad("last of two properties empty", b'{"properties":{' + TIME
        + b'},"properties":{}}', "NO_TIMESTAMP", "hs_timestamp"),
]  # fmt: skip

_SHAPE = "ASSOCIATION_SHAPE"
_ONE = b'{"id":"1"}'
_TOO_MANY = b",".join([b'{"to":{"id":1},"types":[' + CONTACT + b"]}"] * 1001)
ASSOCIATIONS = [
    Bad("associations an object", linked(b"{}"), _SHAPE, "associations is an object"),
    Bad("associations as read", linked(b'{"contacts":{"results":[]}}'), _SHAPE, "obj"),
    Bad("associations a string", linked(b'"1"'), _SHAPE, "a string"),
    Bad("associations a number", linked(b"1"), _SHAPE, "associations is a number"),
    Bad("associations a boolean", linked(b"false"), _SHAPE, "a boolean"),
    Bad("association null", linked(b"[null]"), _SHAPE, "[0] is missing"),
    Bad("association a number", linked(b"[1]"), _SHAPE, "[0] is a number"),
    Bad("association an array", linked(b"[[]]"), _SHAPE, "[0] is an array"),
    Bad("association empty", linked(b"[{}]"), _SHAPE, "[0].to is missing"),
    Bad("1,001 associations", linked(b"[" + _TOO_MANY + b"]"), _SHAPE, "1,001 items"),
    Bad("to missing", linked(b'[{"types":[' + CONTACT + b"]}]"), _SHAPE, ".to is mis"),
    Bad("to null", to(b"null"), _SHAPE, "[0].to is missing"),
    Bad("to a string", to(b'"1"'), _SHAPE, "[0].to is a string"),
    Bad("to a number", to(b"1"), _SHAPE, "[0].to is a number"),
    Bad("to an array", to(b"[]"), _SHAPE, "[0].to is an array"),
    Bad("to an array of targets", to(b'[{"id":"1"}]'), _SHAPE, "[0].to is an array"),
    Bad("to with a type", to(b'{"id":"1","type":"contact"}'), _SHAPE, "to.type is no"),
    Bad("id missing", to(b"{}"), _SHAPE, "to.id is missing"),
    Bad("id null", to(b'{"id":null}'), _SHAPE, "to.id is missing"),
    Bad("id empty", to(b'{"id":""}'), _SHAPE, "to.id is a string of 0"),
    Bad("id too long", to(b'{"id":"' + b"1" * 65 + b'"}'), _SHAPE, "a string of 65"),
    Bad("id a boolean", to(b'{"id":true}'), _SHAPE, "to.id is a boolean"),
    Bad("id a fraction", to(b'{"id":1.5}'), _SHAPE, "to.id is a number"),
    Bad("id a whole float", to(b'{"id":1.0}'), _SHAPE, "to.id is a number"),
    Bad("id with an exponent", to(b'{"id":1e3}'), _SHAPE, "to.id is a number"),
    Bad("id negative", to(b'{"id":-1}'), _SHAPE, "to.id is a number"),
    Bad("id beyond 63 bits", to(b'{"id":9223372036854775808}'), _SHAPE, "to.id is a"),
    Bad("id an array", to(b'{"id":["1"]}'), _SHAPE, "to.id is an array"),
    Bad("id an object", to(b'{"id":{}}'), _SHAPE, "to.id is an object"),
    Bad("last of two ids null", to(b'{"id":"1","id":null}'), _SHAPE, "to.id is mis"),
    Bad("types missing", linked(b'[{"to":{"id":1}}]'), _SHAPE, "types is missing"),
    Bad("types null", to(_ONE, b"null"), _SHAPE, "types is missing"),
    Bad("types empty", to(_ONE, b"[]"), _SHAPE, "types is empty"),
    Bad("types an object", to(_ONE, CONTACT), _SHAPE, "types is an object"),
    Bad("types a number", to(_ONE, b"194"), _SHAPE, "types is a number"),
    Bad("101 types", to(_ONE, b"[" + b",".join([CONTACT] * 101) + b"]"), _SHAPE, "101"),
    Bad("type a number", to(_ONE, b"[194]"), _SHAPE, "types[0] is a number"),
    Bad("type null", to(_ONE, b"[null]"), _SHAPE, "types[0] is missing"),
    Bad("second type wrong", to(_ONE, b"[" + CONTACT + b",1]"), _SHAPE, "types[1] is"),
    Bad("type with a label", to(_ONE, b'[{"label":"x"}]'), _SHAPE, "types[0].label"),
    Bad("unknown field", linked(b'[{"to":{"id":1},"types":[' + CONTACT + b'],"x":1}]'),
        _SHAPE, "[0].x is no field"),
    Bad("second association wrong", linked(b'[{"to":{"id":1},"types":[' + CONTACT
        + b"]},{}]"), _SHAPE, "[1].to is missing"),
]  # fmt: skip

_CATEGORY = "ASSOCIATION_CATEGORY"
_DEFINED = b'"HUBSPOT_DEFINED"'
_KIND = "types[0].associationTypeId is"
TYPES = [
    Bad("category unknown", type_(b'"MINE"', b"194"), _CATEGORY, "USER_DEFINED"),
    Bad("category in lower case", type_(b'"hubspot_defined"', b"1"), _CATEGORY, "one"),
    Bad("category with a blank", type_(b'"WORK "', b"194"), _CATEGORY, "one of"),
    Bad("category empty", type_(b'""', b"194"), _CATEGORY, "one of"),
    Bad("category null", type_(b"null", b"194"), _CATEGORY, "one of"),
    Bad("category a number", type_(b"0", b"194"), _CATEGORY, "one of"),
    Bad("category an array", type_(b"[]", b"194"), _CATEGORY, "one of"),
    Bad("category missing", to(_ONE, b'[{"associationTypeId":194}]'), _CATEGORY, "one"),
    Bad("no type ID", to(_ONE, b'[{"associationCategory":"WORK"}]'), _SHAPE, _KIND),
    Bad("type ID null", type_(_DEFINED, b"null"), _SHAPE, _KIND),
    Bad("type ID a string", type_(_DEFINED, b'"194"'), _SHAPE, _KIND),
    Bad("type ID a whole float", type_(_DEFINED, b"194.0"), _SHAPE, _KIND),
    Bad("type ID a fraction", type_(_DEFINED, b"194.5"), _SHAPE, _KIND),
    Bad("type ID with an exponent", type_(_DEFINED, b"1e2"), _SHAPE, _KIND),
    Bad("type ID negative", type_(_DEFINED, b"-1"), _SHAPE, _KIND),
    Bad("type ID beyond 31 bits", type_(_DEFINED, b"2147483648"), _SHAPE, _KIND),
    Bad("type ID beyond 64 bits", type_(_DEFINED, b"9" * 30), _SHAPE, _KIND),
    Bad("type ID a boolean", type_(_DEFINED, b"true"), _SHAPE, _KIND),
    Bad("type ID an array", type_(_DEFINED, b"[194]"), _SHAPE, _KIND),
    Bad("last of two type IDs wrong", type_(_DEFINED, b'194,"associationTypeId":"x"'),
        _SHAPE, _KIND),
]  # fmt: skip

_FORMAT = "TRACE_ID_FORMAT"
IDS = [
    Bad("own ID empty", own(b'""'), _FORMAT, "printable"),
    Bad("own ID a number", own(b"7"), _FORMAT, "a number"),
    Bad("own ID a boolean", own(b"false"), _FORMAT, "a boolean"),
    Bad("own ID an array", own(b'["a"]'), _FORMAT, "an array"),
    Bad("own ID an object", own(b"{}"), _FORMAT, "an object"),
    Bad("own ID of 256 characters", own(b'"' + b"a" * 256 + b'"'), _FORMAT, "255"),
    Bad("own ID a blank", own(b'" "'), _FORMAT, "surrounding spaces"),
    Bad("own ID, blank before", own(b'" a"'), _FORMAT, "surrounding spaces"),
    Bad("own ID, blank after", own(b'"a "'), _FORMAT, "surrounding spaces"),
    Bad("own ID with a tab", own(rb'"a\tb"'), _FORMAT, "printable"),
    Bad("own ID with a line break", own(rb'"a\n"'), _FORMAT, "printable"),
    Bad("own ID with NUL", own(rb'"a\u0000"'), _FORMAT, "printable"),
    Bad("own ID with DEL", own(b'"a\x7f"'), _FORMAT, "printable"),
    Bad("own ID not ASCII", own('"ü"'.encode()), _FORMAT, "ASCII"),
    Bad("own ID of look-alikes", own('"\u0430bc"'.encode()), _FORMAT, "ASCII"),
    Bad("own ID of full width", own('"\uff41"'.encode()), _FORMAT, "ASCII"),
    Bad("own ID with no width", own('"a\u200b"'.encode()), _FORMAT, "ASCII"),
    Bad("last of two own IDs wrong", own(b'"a","objectWriteTraceId":7'), _FORMAT, "a"),
    Bad("a row's ID wrong", beside(b'"objectWriteTraceId":7').replace(b"properties",
        b"record", 1), _FORMAT, "a number"),
    Bad("sets the trace property", value(b'"mine"', b'"%b"' % TRACE.encode()),
        "TRACE_PROPERTY_SET", TRACE),
    Bad("sets it to nothing", value(b'""', b'"%b"' % TRACE.encode()),
        "TRACE_PROPERTY_SET", TRACE),
    Bad("sets it to a number", value(b"7", b'"%b"' % TRACE.encode()),
        "TRACE_PROPERTY_SET", TRACE),
]  # fmt: skip

KEY = "hs_call_external_id"
_KEY = b'"hs_call_external_id"'
#: with ``--key hs_call_external_id``
KEYS = [
    Bad("key missing", value(b'"x"'), "KEY_MISSING", KEY, KEY),
    Bad("key null", value(b"null", _KEY), "KEY_MISSING", "missing or empty", KEY),
    Bad("key empty", value(b'""', _KEY), "KEY_MISSING", "missing or empty", KEY),
    Bad("key in capitals", value(b'"x"', _KEY.upper()), "KEY_MISSING", KEY, KEY),
    Bad("key beside properties", beside(_KEY + b':"x"'), "KEY_MISSING", KEY, KEY),
    Bad("key an array", value(b'["x"]', _KEY), "PROPERTY_TYPE", "an array", KEY),
    Bad("key an object", value(b"{}", _KEY), "PROPERTY_TYPE", "an object", KEY),
    Bad("last of two keys empty", value(b'"x",' + _KEY + b':""', _KEY), "KEY_MISSING",
        KEY, KEY),
    Bad("key too long", value(b'"' + b"k" * 65_537 + b'"', _KEY), "PROPERTY_TOO_LONG",
        KEY, KEY),
]  # fmt: skip

#: one with everything wrong: the first thing is told
MANY = [
    Bad("all wrong at once", b'{"properties":[],"objectWriteTraceId":2}',
        _FORMAT, "a number"),
    Bad("properties and associations", b'{"properties":{},"associations":{}}', _SHAPE,
        "an object"),
    Bad("a large line with one fault", b'{"properties":{' + TIME + b","
        + b",".join(b'"p%d":"%b"' % (n, b"x" * 60_000) for n in range(12))
        + b'},"associations":[{}]}', _SHAPE, "[0].to is missing"),
]  # fmt: skip
assert len(MANY[-1].line) < LIMIT

VALUES = [
    *OBJECT, *PROPERTIES, *TIMESTAMP, *ASSOCIATIONS, *TYPES, *IDS, *KEYS, *MANY
]  # fmt: skip
