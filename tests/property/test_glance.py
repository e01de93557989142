"""The short way of reading an answer against the long one, which alone decides."""

import json
import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.hubspot import verdict
from loader.hubspot.glance import glance
from loader.hubspot.raw import RawAnswer
from loader.model.record import CallRecord
from loader.model.verdict import Doubt, ItemCreated, Proof
from tests.corpora.answers import readings

NAME = "loader_trace_id"
RECORDS = [
    CallRecord(
        line=number,
        offset=number * 10,
        trace_id=f"abc-{number}",
        content=b'{"associations":[],"properties":{"hs_timestamp":"1"}}',
        raw=b"",
    )
    for number in range(1, 5)
]


def a_result(number: int, *, echo: bool = True, returned: bool = True) -> dict:
    properties = {"hs_call_body": 'a "quoted" text', "hs_object_id": "1"}
    if returned:
        properties[NAME] = f"abc-{number}"
    result = {"id": str(100 + number), "properties": properties, "archived": False}
    return {**result, "objectWriteTraceId": f"abc-{number}"} if echo else result


def an_answer(*results: dict, **more: object) -> bytes:
    envelope = {"status": "COMPLETE", "results": list(results), "startedAt": "x"}
    return json.dumps({**envelope, **more}, separators=(",", ":")).encode()


def the_long_way(
    monkeypatch: pytest.MonkeyPatch, body: bytes, name: str | None
) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(verdict, "glance", lambda *_: None)
        answer = RawAnswer(201, {"content-type": "application/json"}, body)
        return verdict.judge_create(answer, RECORDS, name)


@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("returned", [True, False])
def test_a_plain_answer_is_read_at_a_glance(*, echo: bool, returned: bool):
    """In any order, with either name, or both."""
    body = an_answer(
        *[a_result(number, echo=echo, returned=returned) for number in (3, 1, 2)]
    )

    proof = glance(body, RECORDS, NAME)

    if not echo and not returned:
        assert proof is None
        return
    assert proof == Proof(
        {2: ItemCreated("103"), 0: ItemCreated("101"), 1: ItemCreated("102")}
    )


def test_an_echo_is_enough_without_a_trace_property():
    """The portal has no unique property, and names the records all the same."""
    body = an_answer(a_result(1, returned=False))

    assert glance(body, RECORDS, None) == Proof({0: ItemCreated("101")})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(an_answer(), id="nobody"),
        pytest.param(an_answer(a_result(1), status="PENDING"), id="not complete"),
        pytest.param(an_answer(a_result(1), errors=[{}]), id="errors"),
        pytest.param(an_answer(a_result(1), numErrors=1), id="counted errors"),
        pytest.param(an_answer(a_result(9)), id="a stranger"),
        pytest.param(an_answer(a_result(1), a_result(1)), id="one twice"),
        pytest.param(an_answer(a_result(1) | {"id": 7}), id="a number for an ID"),
        pytest.param(an_answer(a_result(1) | {"id": ""}), id="no ID"),
        pytest.param(
            an_answer(a_result(1) | {"objectWriteTraceId": "abc-2"}), id="two names"
        ),
        pytest.param(an_answer(a_result(1), a_result(2, echo=False)), id="half echoed"),
        pytest.param(
            an_answer(a_result(1)).replace(b'"archived"', b'"id":"1","archived"'),
            id="an ID twice",
        ),
        pytest.param(
            an_answer(a_result(1)).replace(b'"archived"', rb'"\u0069d":"1","archived"'),
            id="a hidden ID",
        ),
        pytest.param(
            an_answer(a_result(1)).replace(b'"startedAt"', b'"results"'),
            id="results twice",
        ),
        pytest.param(
            an_answer(a_result(1)).replace(b"quoted", b"\xff\xfe"), id="no UTF-8"
        ),
        pytest.param(an_answer(a_result(1))[:-1], id="cut off"),
    ],
)
def test_anything_odd_takes_a_closer_look(body: bytes):
    """The short way says nothing about it."""
    assert glance(body, RECORDS, NAME) is None


@settings(max_examples=300, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_short_way_never_sees_a_proof_that_the_long_one_does_not(data, seed):
    """Whatever an answer has repeated, cut out, put in, escaped or swapped."""
    chance = random.Random(seed)
    numbers = data.draw(st.lists(st.integers(1, 5), max_size=4))
    body = an_answer(
        *[
            a_result(n, echo=chance.random() < 0.9, returned=chance.random() < 0.9)
            for n in numbers
        ]
    )
    for _ in range(chance.randrange(3)):
        body = mutated(body, chance)
    name = chance.choice([NAME, NAME, None])

    with pytest.MonkeyPatch.context() as patch:
        expected = the_long_way(patch, body, name)

    seen = glance(body, RECORDS, name)
    assert isinstance(expected, (Proof, Doubt))
    if seen is not None and seen != expected:
        # a name that names nobody is there twice: whichever value a parser takes
        either = [orjson.dumps(reading) for reading in readings(body)]
        assert [the_long_way(patch, each, name) for each in either] == [seen, seen]


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Return an answer with a piece repeated, dropped, escaped or exchanged."""
    words = [b'"id"', b'"results"', b'"properties"', b'"objectWriteTraceId"',
             b'"status"', b'"errors":[]', b'"loader_trace_id"', b"[", b"]", b"{", b"}",
             b",", b'"abc-1"', b'"abc-2"', b"null", b'"101"', b"\\", b"  "]  # fmt: skip
    start = chance.randrange(len(body))
    end = min(len(body), start + chance.randrange(60))
    match chance.randrange(4):
        case 0:
            return body[:end] + body[start:]
        case 1:
            return body[:start] + body[end:]
        case 2:
            word = chance.choice(words)
            return body.replace(word, chance.choice(words), 1)
        case _:
            word = chance.choice(words[:7])
            hidden = b'"\\u00%02x%b' % (word[1], word[2:])
            at = body.find(word, start)
            return body if at < 0 else body[:at] + hidden + body[at + len(word) :]
