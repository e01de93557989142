"""Answers of a portal that has no unique property: a name, or likeness, or nothing."""

from .answers import ALARM, NOTHING, ONLY_A, Answer, Expected, batch, echoed


def _like(object_id: bytes, time: bytes, text: bytes, more: bytes = b"") -> bytes:
    """Write a result that returns properties; all are JSON text."""
    return (
        b'{"id":' + object_id + b',"properties":{"hs_timestamp":' + time + b',"x":'
        + text + more + b"}}"
    )  # fmt: skip


_A = _like(b'"10"', b'"1"', b'"a"')
_B = _like(b'"11"', b'"2"', b'"b"')


def _given(name: str, body: bytes, expected: Expected) -> Answer:
    return Answer(f"nameless: {name}", 0, body, expected, trace_property=None)


NAMELESS = [
    _given("echoed", batch(echoed(b'"10"', b'"id-a"')), ONLY_A),
    _given("echo foreign", batch(echoed(b'"10"', b'"id-z"')), ALARM),
    _given("our name in a property is no name", batch(
           b'{"id":"10","properties":{"loader_trace_id":"id-a"}}'), NOTHING),
    _given("equal", batch(_A), ONLY_A),
    _given("equal, in another order",
           batch(_B, _A), {0: "created 10", 1: "created 11"}),
    _given("equal, and more of the portal's own", batch(_like(b'"10"', b'"1"', b'"a"',
           b',"hs_object_id":"10"')), ONLY_A),
    _given("equal, the time as HubSpot shows it", batch(_like(b'"10"',
           b'"1970-01-01T00:00:00.001Z"', b'"a"')), ONLY_A),
    _given("another text", batch(_like(b'"10"', b'"1"', b'"z"')), NOTHING),
    _given("another case", batch(_like(b'"10"', b'"1"', b'"A"')), NOTHING),
    _given("a blank more", batch(_like(b'"10"', b'"1"', b'"a "')), NOTHING),
    _given("another time", batch(_like(b'"10"', b'"9"', b'"a"')), NOTHING),
    _given("a property of two records", batch(_like(b'"10"', b'"1"', b'"b"')), NOTHING),
    _given("a property missing",
           batch(b'{"id":"10","properties":{"hs_timestamp":"1"}}'),
           NOTHING),
    _given("a property null", batch(_like(b'"10"', b'"1"', b"null")), NOTHING),
    _given("a property a number", batch(_like(b'"10"', b'"1"', b"1")), NOTHING),
    _given("a property a list", batch(_like(b'"10"', b'"1"', b'["a"]')), NOTHING),
    _given("time a number", batch(_like(b'"10"', b"1", b'"a"')), NOTHING),
    _given("two values of a property", batch(_like(b'"10"', b'"1"', b'"z","x":"a"')),
           "in doubt"),
    _given("two results for one record", batch(_A, _like(b'"99"', b'"1"', b'"a"')),
           NOTHING),
    _given("one object twice", batch(_A, _A), ALARM),
    _given("equal, and echoed as another", batch(echoed(b'"10"', b'"id-b"',
           b',"properties":{"hs_timestamp":"1","x":"a"}')), {1: "created 10"}),
    _given("equal, without an object", batch(_like(b"null", b'"1"', b'"a"')), NOTHING),
    _given("no properties", batch(b'{"id":"10"}', b'{"id":"11"}', b'{"id":"12"}'),
           NOTHING),
]  # fmt: skip
