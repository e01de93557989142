r"""Lines that are no JSON text in UTF-8, or nest or grow beyond bounds.

Python reads many of them all the same: ``json.loads`` takes UTF-16, ``NaN``, ``1e999``
and half surrogate pairs; ``str.splitlines`` breaks a line at U+2028.
"""

from .lines import LIMIT, TIME, Bad, beside, time, value

GOOD = b'{"properties":{' + TIME + b'},"associations":[]}'
BOM = b"\xef\xbb\xbf"


def _in(encoding: str) -> bytes:
    return GOOD.decode().encode(encoding)


ENCODING = [
    Bad("utf-16 with mark", _in("utf-16"), "NOT_UTF8", "byte 1 "),
    Bad("utf-16 big endian with mark", b"\xfe\xff" + _in("utf-16-be"), "NOT_UTF8", "1"),
    Bad("utf-16 little endian", _in("utf-16-le"), "NOT_JSON", "column"),
    Bad("utf-16 big endian", _in("utf-16-be"), "NOT_JSON", "column"),
    Bad("utf-32 with mark", _in("utf-32"), "NOT_UTF8", "byte 1 "),
    Bad("utf-32 little endian", _in("utf-32-le"), "NOT_JSON", "column"),
    Bad("utf-32 big endian", _in("utf-32-be"), "NOT_JSON", "column"),
    Bad("utf-7", value("ü".encode("utf-7"))[:-3] + b"}}", "NOT_JSON", "column"),
    Bad("ebcdic", _in("cp500"), "NOT_UTF8", "byte 1 "),
    Bad("latin-1", value(b'"M\xfcller"'), "NOT_UTF8", "byte 64 "),
    Bad("windows quotes", value(b'"\x93hi\x94"'), "NOT_UTF8", "byte 63 "),
    Bad("utf-8 mark within the source", BOM + GOOD, "NOT_JSON", "column 1"),
    Bad("two utf-8 marks", BOM + BOM + GOOD, "NOT_JSON", "column 1"),
    Bad("half a mark", BOM[:2] + GOOD, "NOT_UTF8", "byte 1 "),
    Bad("mark after the value", GOOD + BOM, "NOT_JSON", "column"),
    Bad("mark between tokens", b"{" + BOM + GOOD[1:], "NOT_JSON", "column 2"),
    Bad("overlong slash", value(b'"\xc0\xaf"'), "NOT_UTF8", "byte 63 "),
    Bad("overlong NUL", value(b'"\xc0\x80"'), "NOT_UTF8", "byte 63 "),
    Bad("overlong of three bytes", value(b'"\xe0\x80\xaf"'), "NOT_UTF8", "byte 63 "),
    Bad("overlong of four bytes", value(b'"\xf0\x80\x80\xaf"'), "NOT_UTF8", "63"),
    Bad("beyond Unicode", value(b'"\xf4\x90\x80\x80"'), "NOT_UTF8", "byte 63 "),
    Bad("five byte form", value(b'"\xf8\x88\x80\x80\x80"'), "NOT_UTF8", "byte 63 "),
    Bad("surrogate in UTF-8", value(b'"\xed\xa0\x80"'), "NOT_UTF8", "byte 63 "),
    Bad("surrogate pair, CESU-8", value(b'"\xed\xa0\xbd\xed\xb8\x80"'), "NOT_UTF8", ""),
    Bad("lone continuation", value(b'"\x80"'), "NOT_UTF8", "byte 63 "),
    Bad("character cut short", value(b'"\xe2\x82"'), "NOT_UTF8", "byte 63 "),
    Bad("character cut at the end", GOOD + b"\xe2", "NOT_UTF8", "byte"),
    Bad("not UTF-8 in a name", value(b'"x"', b'"\xff"'), "NOT_UTF8", "byte 48 "),
    Bad("not UTF-8 in a field left out", beside(b'"x":"\xff"'), "NOT_UTF8", "byte"),
    Bad("not UTF-8 outside strings", b"\xff" + GOOD, "NOT_UTF8", "byte 1 "),
]

#: escapes of half a character: no UTF-8 can hold them
SURROGATES = [
    Bad("lone high half", value(rb'"\ud800"'), "LONE_SURROGATE", "column"),
    Bad("lone low half", value(rb'"\udc00"'), "LONE_SURROGATE", "column"),
    Bad("halves swapped", value(rb'"\ude00\ud83d"'), "LONE_SURROGATE", "column"),
    Bad("high half, then text", value(rb'"\ud800abcdef"'), "LONE_SURROGATE", "column"),
    Bad("high half twice", value(rb'"\ud83d\ud83d"'), "LONE_SURROGATE", "column"),
    Bad("half a name", value(b'"x"', rb'"\ud800"'), "LONE_SURROGATE", "column"),
    Bad("half in a field left out", beside(rb'"x":"\udfff"'), "LONE_SURROGATE", "col"),
    Bad("half an own ID", beside(rb'"objectWriteTraceId":"\ud800"'), "LONE_SURROGATE",
        "column"),
]  # fmt: skip

CHARACTERS = [
    *(
        Bad(f"raw control {code:02x}", value(b'"%c"' % code), "NOT_JSON", "control")
        for code in (0x00, 0x01, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x1B, 0x1C, 0x1E, 0x1F)
    ),
    Bad("control in a name", value(b'"x"', b'"a\tb"'), "NOT_JSON", "control"),
    Bad("NUL before", b"\0" + GOOD, "NOT_JSON", "column 1"),
    Bad("NUL after", GOOD + b"\0", "NOT_JSON", "column"),
    Bad("NUL alone", b"\0", "NOT_JSON", "column 1"),
    Bad("vertical tab alone", b"\v", "NOT_JSON", "column 1"),
    Bad("form feed alone", b"\f", "NOT_JSON", "column 1"),
    Bad("no-break space alone", b"\xc2\xa0", "NOT_JSON", "column 1"),
    Bad("line separator alone", b"\xe2\x80\xa8", "NOT_JSON", "column 1"),
    Bad("next line alone", b"\xc2\x85", "NOT_JSON", "column 1"),
    Bad("zero width space alone", b"\xe2\x80\x8b", "NOT_JSON", "column 1"),
    Bad("mark alone within the source", BOM, "NOT_JSON", "column 1"),
    Bad("no-break space around", b"\xc2\xa0" + GOOD, "NOT_JSON", "column 1"),
    Bad("line separator between tokens", b"{\xe2\x80\xa8" + GOOD[1:], "NOT_JSON", "2"),
    Bad("unknown escape", value(rb'"\x41"'), "NOT_JSON", "column"),
    Bad("escaped quote of C", value(rb'"\'"'), "NOT_JSON", "column"),
    Bad("short escape", value(rb'"\u12"'), "NOT_JSON", "column"),
    Bad("escape of no number", value(rb'"\u00zz"'), "NOT_JSON", "column"),
    Bad("escape in capitals", value(rb'"\U0001f600"'), "NOT_JSON", "column"),
    Bad("escape cut off", value(b'"\\')[:-2], "NOT_JSON", "column"),
]

SYNTAX = [
    Bad("single quotes", b"{'properties':{'hs_timestamp':'1'}}", "NOT_JSON", "col"),
    Bad("names without quotes", b'{properties:{"hs_timestamp":"1"}}', "NOT_JSON", "2"),
    Bad("typographic quotes", "{“properties”:{}}".encode(), "NOT_JSON", "column 2"),
    Bad("comma after the last property", value(b'"x",'), "NOT_JSON", "column"),
    Bad("comma after the last field", GOOD[:-1] + b",}", "NOT_JSON", "column"),
    Bad("comma after the last item", beside(b'"associations":[1,]'), "NOT_JSON", "col"),
    Bad("two commas", value(b'"x",,"y":1'), "NOT_JSON", "column"),
    Bad("comma first", b"{," + GOOD[1:], "NOT_JSON", "column 2"),
    Bad("comma of an array file", GOOD + b",", "NOT_JSON", "column"),
    Bad("bracket of an array file", b"[", "NOT_JSON", "column"),
    Bad("comment at the end", GOOD + b" // done", "NOT_JSON", "column"),
    Bad("comment within", b"{/* calls */" + GOOD[1:], "NOT_JSON", "column 2"),
    Bad("comment line", b"# calls of May", "NOT_JSON", "column 1"),
    Bad("semicolon", value(b'"x";"y":1'), "NOT_JSON", "column"),
    Bad("equals sign", b'{"properties"={}}', "NOT_JSON", "column"),
    Bad("colon missing", b'{"properties" {}}', "NOT_JSON", "column"),
    Bad("value missing", value(b""), "NOT_JSON", "column"),
    Bad("comma missing", value(b'"x" "y":1'), "NOT_JSON", "column"),
    Bad("name is a number", b"{1:2}", "NOT_JSON", "column 2"),
    Bad("name is null", b"{null:2}", "NOT_JSON", "column 2"),
    Bad("brackets crossed", value(b'["x"}')[:-2] + b"]}}", "NOT_JSON", "column"),
    Bad("one brace too many", GOOD + b"}", "NOT_JSON", "column"),
    Bad("two empty objects", b"{}{}", "NOT_JSON", "column 3)"),
    Bad("a name and no more", b'{"bad"', "NOT_JSON", "column 7)"),
    Bad("two values", GOOD + GOOD, "NOT_JSON", "column"),
    Bad("two values and a space", GOOD + b" " + GOOD, "NOT_JSON", "column"),
    Bad("a value and a word", GOOD + b" null", "NOT_JSON", "column"),
    Bad("capital True", value(b"True"), "NOT_JSON", "column"),
    Bad("None", value(b"None"), "NOT_JSON", "column"),
    Bad("undefined", value(b"undefined"), "NOT_JSON", "column"),
    Bad("backticks", value(b"`x`"), "NOT_JSON", "column"),
    Bad("csv", b"hs_timestamp,hs_call_title", "NOT_JSON", "column 1"),
    Bad("xml", b'<call time="1"/>', "NOT_JSON", "column 1"),
    Bad("record separator before", b"\x1e" + GOOD, "NOT_JSON", "column 1"),
    Bad("chunk length", b"1f3", "NOT_JSON", "column"),
    Bad("guard against scripts", b")]}'," + GOOD, "NOT_JSON", "column 1"),
]

_WHOLE = (
    b'{"properties":{"hs_timestamp":-1.5e3,"a":"x\\u00e9\\n","b":true,"c":null},'
    b'"associations":[{"to":{"id":"1"},"types":[]}]}'
)
#: the same line, cut within or after a token of each kind
TRUNCATED = [
    Bad(f"cut after {kept.decode()!r}", _WHOLE[: _WHOLE.index(kept) + len(kept)],
        "NOT_JSON", "column")
    for kept in (
        b"{", b'{"', b'{"prop', b'{"properties"', b'{"properties":',
        b'{"properties":{', b'hs_timestamp":', b":-", b"-1", b"-1.", b"-1.5", b"1.5e",
        b"1.5e3", b"1.5e3,", b'"x', b"x\\", b"x\\u00", b'\\n"', b'"b":t', b"tru",
        b"true", b'"c":nul', b"null", b"null}", b"null},", b"[", b'[{"to"', b'"id":"1',
        b'"id":"1"}', b'"types":[', b"[]", b"[]}", b"[]}]",
    )
]  # fmt: skip

NUMBERS = [
    Bad("NaN", value(b"NaN"), "NOT_JSON", "column"),
    Bad("Infinity", value(b"Infinity"), "NOT_JSON", "column"),
    Bad("-Infinity", value(b"-Infinity"), "NOT_JSON", "column"),
    Bad("nan in lower case", value(b"nan"), "NOT_JSON", "column"),
    Bad("1e999", value(b"1e999"), "NUMBER_OUT_OF_RANGE", "column"),
    Bad("-1e999", value(b"-1e999"), "NUMBER_OUT_OF_RANGE", "column"),
    Bad("1e400", value(b"1e400"), "NUMBER_OUT_OF_RANGE", "column"),
    Bad("just above the largest double", value(b"1.8e308"), "NUMBER_OUT_OF_RANGE", ""),
    Bad("an integer of 4,301 digits", value(b"9" * 4301), "NUMBER_OUT_OF_RANGE", ""),
    Bad("leading zero", value(b"01"), "NOT_JSON", "column"),
    Bad("leading zero, negative", value(b"-01"), "NOT_JSON", "column"),
    Bad("plus", value(b"+1"), "NOT_JSON", "column"),
    Bad("point first", value(b".5"), "NOT_JSON", "column"),
    Bad("point last", value(b"1."), "NOT_JSON", "column"),
    Bad("two points", value(b"1.2.3"), "NOT_JSON", "column"),
    Bad("minus alone", value(b"-"), "NOT_JSON", "column"),
    Bad("two minuses", value(b"--1"), "NOT_JSON", "column"),
    Bad("exponent empty", value(b"1e"), "NOT_JSON", "column"),
    Bad("exponent a sign", value(b"1e+"), "NOT_JSON", "column"),
    Bad("exponent broken", value(b"1e1.5"), "NOT_JSON", "column"),
    Bad("hexadecimal", value(b"0x1F"), "NOT_JSON", "column"),
    Bad("octal", value(b"0o17"), "NOT_JSON", "column"),
    Bad("underscores", value(b"1_000"), "NOT_JSON", "column"),
    Bad("thousands", value(b"1,000"), "NOT_JSON", "column"),
    Bad("suffix", value(b"1L"), "NOT_JSON", "column"),
    Bad("digits of another script", value("\u0661".encode()), "NOT_JSON", "column"),
    Bad("timestamp 1e999", time(b"1e999"), "NUMBER_OUT_OF_RANGE", "column"),
    Bad("1e999 in a field left out", beside(b'"x":1e999'), "NUMBER_OUT_OF_RANGE", ""),
    Bad("NaN in a field left out", beside(b'"x":NaN'), "NOT_JSON", "column"),
]


def _deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


DEPTH = [
    Bad("arrays, one too deep", beside(b'"x":' + _deep(100)), "TOO_DEEP", "100"),
    Bad("arrays, 1,000 deep", beside(b'"x":' + _deep(1000)), "TOO_DEEP", "100"),
    Bad("arrays, 100,000 deep", beside(b'"x":' + _deep(100_000)), "TOO_DEEP", "100"),
    Bad("objects, 1,000 deep", beside(b'"x":' + b'{"a":' * 1000 + b"1" + b"}" * 1000),
        "TOO_DEEP", "100"),
    Bad("in a property", value(_deep(100)), "TOO_DEEP", "100"),
    Bad("in associations", beside(b'"associations":' + _deep(100)), "TOO_DEEP", "100"),
    Bad("arrays never closed", b"[" * 200_000, "TOO_DEEP", "100"),
    Bad("objects never closed", b'{"a":' * 100_000, "TOO_DEEP", "100"),
    Bad("both, never closed", b'[{"a":' * 50_000, "TOO_DEEP", "100"),
    Bad("a row within a row, deep", b'{"record":' * 200 + b"1" + b"}" * 200, "TOO_DEEP",
        "100"),
    Bad("deep and broken", beside(b'"x":' + _deep(50) + b"]"), "NOT_JSON", "column"),
    Bad("arrays just within depth", value(_deep(98)), "PROPERTY_TYPE", "an array"),
]  # fmt: skip

_FULL = LIMIT - len(value(b'""'))
SIZES = [
    Bad("longest line and a byte", value(b'"' + b"x" * (_FULL + 1) + b'"'),
        "LINE_TOO_LONG", f"at most {LIMIT:,}"),
    Bad("longest line and a blank", value(b'"' + b"x" * _FULL + b'"') + b" ",
        "LINE_TOO_LONG", f"{LIMIT:,} are taken"),
    Bad("twice the longest line", b"x" * (2 * LIMIT), "LINE_TOO_LONG", "bytes"),
    Bad("blanks beyond the limit", b" " * (LIMIT + 1), "LINE_TOO_LONG", "bytes"),
    Bad("longest line, property too long", value(b'"' + b"x" * _FULL + b'"'),
        "PROPERTY_TOO_LONG", f"{_FULL:,} characters"),
    Bad("property one too long", value(b'"' + b"x" * 65_537 + b'"'),
        "PROPERTY_TOO_LONG", "65,537"),
    Bad("property one too long, two bytes each", value(b'"' + b"\xc3\xa9" * 65_537
        + b'"'), "PROPERTY_TOO_LONG", "65,537"),
    Bad("property one too long, escaped", value(b'"' + rb"\u00e9" * 65_537 + b'"'),
        "PROPERTY_TOO_LONG", "65,537"),
    Bad("timestamp too long", time(b'"' + b"1" * 65_537 + b'"'), "PROPERTY_TOO_LONG",
        "hs_timestamp"),
]  # fmt: skip

JSON = [
    *ENCODING, *SURROGATES, *CHARACTERS, *SYNTAX, *TRUNCATED, *NUMBERS, *DEPTH, *SIZES
]  # fmt: skip
