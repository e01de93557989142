"""No answer whatever proves what it does not name, and none raises."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.hubspot.preflight import (
    judge_account,
    judge_groups,
    judge_properties,
    judge_property,
)
from loader.hubspot.verdict import (
    RawAnswer,
    judge_create,
    judge_read,
    read_allowance,
)
from loader.model.record import CallRecord
from loader.model.verdict import Doubt, Failed, Found, ItemCreated, Proof, Unclear
from tests.conftest import records
from tests.corpora.answers import readings

SENT = records(6)
TRACE = "loader_trace_id"
JSON = {"content-type": "application/json"}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "results", "errors", "status", "context", "properties", TRACE,
                 "objectWriteTraceId", "category", "message"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.integers(100, 599), st.binary(max_size=60) | VALUES.map(orjson.dumps))
def test_any_answer_has_a_verdict(status: int, body: bytes):
    """Judging never raises, and noise creates nothing."""
    verdict = judge_create(RawAnswer(status, JSON, body), SENT, TRACE)
    judge_read(RawAnswer(status, JSON, body), ["a", "b"], TRACE)

    if isinstance(verdict, Proof):
        assert not any(isinstance(i, ItemCreated) for i in verdict.items.values())


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[int], list[dict[str, Any]]]:
    """Draw which records the portal made, and an answer that may lie by omission."""
    named = draw(st.lists(st.integers(0, 5), max_size=8))
    results = [
        {"id": str(100 + n), "properties": {TRACE: SENT[n].trace_id}} for n in named
    ]
    if draw(st.booleans()):
        results.append({"id": "999", "properties": {TRACE: "foreign"}})
        named.append(-1)
    return named, draw(st.permutations(results))


@given(answers())
def test_only_named_records_are_created_and_under_their_own_object(drawn):
    """Permuted, omitted, repeated or foreign results never give a false creation."""
    named, results = drawn
    body = orjson.dumps({"status": "COMPLETE", "results": results})
    verdict = judge_create(RawAnswer(207, JSON, body), SENT, TRACE)

    if len(set(named)) < len(named) or -1 in named:
        assert isinstance(verdict, Doubt)
    else:
        assert verdict == Proof({n: ItemCreated(str(100 + n)) for n in named})


#: values that a portal may make equal, and some that it may not
NEAR = ["a", "a ", "A", "b", "1", "1.0", "", "a  b", "a b"]
NAMES = ["hs_call_title", "hs_call_body", "x"]
CONTENTS = st.fixed_dictionaries(
    {"hs_timestamp": st.sampled_from(["1700000000000", "2023-11-14T22:13:20Z", "7"])},
    optional={name: st.sampled_from(NEAR) for name in NAMES},
)
#: what a portal may do to a value
HABITS = {
    "as it is": lambda text: text,
    "trims": str.strip,
    "folds": str.casefold,
    "joins spaces": lambda text: " ".join(text.split()),
    "counts": lambda text: text.removesuffix(".0"),
    "empty is none": lambda text: text or None,
}


@st.composite
def portals(draw: st.DrawFn) -> tuple[list[CallRecord], dict[str, int], bytes]:
    """Draw records, the truth (object ID to position), and a lossy nameless answer.

    The portal has habits of its own, forgets properties or fills them in, passes over
    records, and answers in any order; it echoes some names, or none.
    """
    associations = st.sampled_from([[], [{"to": {"id": "1"}, "types": []}]])
    contents = draw(st.lists(st.tuples(CONTENTS, associations), min_size=1, max_size=6))
    sent = [
        CallRecord(
            number,
            number,
            f"id-{number}",
            orjson.dumps({"associations": linked, "properties": properties}),
            b"",
        )
        for number, (properties, linked) in enumerate(contents)
    ]
    habit = HABITS[draw(st.sampled_from(sorted(HABITS)))]
    forgotten = draw(st.none() | st.sampled_from(NAMES))
    filled = draw(st.none() | st.sampled_from(NAMES))
    truth: dict[str, int] = {}
    results: list[dict[str, Any]] = []
    for position, (properties, _) in enumerate(contents):
        fate = draw(st.sampled_from(["told", "told", "told", "echoed", "passed over"]))
        if fate == "passed over":
            continue
        kept = {n: habit(v) for n, v in properties.items() if n != forgotten}
        if filled is not None:
            kept.setdefault(filled, "a")
        object_id = str(100 + position)
        truth[object_id] = position
        result: dict[str, Any] = {"id": object_id, "properties": kept | {"y": "z"}}
        if fate == "echoed":
            result["objectWriteTraceId"] = sent[position].trace_id
        results.append(result)
    answer = {"status": "COMPLETE", "results": draw(st.permutations(results))}
    return sent, truth, orjson.dumps(answer)


@settings(max_examples=500)
@given(portals())
def test_likeness_never_gives_a_record_the_object_of_another(drawn):
    """Hold mode: what is proved is true, up to records that are the same in all."""
    sent, truth, body = drawn
    verdict = judge_create(RawAnswer(207, JSON, body), sent, None)

    assert isinstance(verdict, Proof)
    for position, item in verdict.items.items():
        assert isinstance(item, ItemCreated)
        assert sent[truth[item.object_id]].content == sent[position].content
    objects = [
        i.object_id for i in verdict.items.values() if isinstance(i, ItemCreated)
    ]
    assert len(set(objects)) == len(objects)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_likeness_proves_every_record_of_a_faithful_portal(order, told):
    """Records that differ are told apart, in any order, however many came back."""
    results = [
        {"id": str(100 + n), "properties": orjson.loads(SENT[n].content)["properties"]}
        for n in order[:told]
    ]
    body = orjson.dumps({"status": "COMPLETE", "results": results})
    verdict = judge_create(RawAnswer(201, JSON, body), SENT, None)

    assert verdict == Proof({n: ItemCreated(str(100 + n)) for n in order[:told]})


@given(st.lists(VALUES, max_size=3))
def test_odd_errors_take_nothing_from_the_results_beside_them(errors):
    """They name nobody, or somebody: then the answer may contradict itself."""
    results = [
        {"id": str(100 + n), "properties": {TRACE: record.trace_id}}
        for n, record in enumerate(SENT)
    ]
    body = {"status": "COMPLETE", "results": results, "errors": errors}
    verdict = judge_create(RawAnswer(207, JSON, orjson.dumps(body)), SENT, TRACE)

    if isinstance(verdict, Doubt):
        assert verdict.alarm
    else:
        assert verdict == Proof({n: ItemCreated(str(100 + n)) for n in range(6)})


@given(st.data(), st.sampled_from([200, 201, 207]))
def test_an_answer_that_is_cut_proves_nothing(data, status):
    """Wherever the cut is."""
    results = [{"id": "1", "properties": {TRACE: SENT[0].trace_id}}]
    body = orjson.dumps({"status": "COMPLETE", "results": results})
    cut = data.draw(st.integers(0, len(body) - 1))

    verdict = judge_create(RawAnswer(status, JSON, body[:cut]), SENT, TRACE)

    assert isinstance(verdict, Doubt)


#: what may stand where an answer is torn, and fields that may be sown into it
SHREDS = [b"", b'"', b"{", b"}", b"]", b",", b"null", b"1", b"\\", b"\xff"]
SHREDS += [b'{"id":"100"},', b'{"id":"7"},']
FIELDS = [b'"id":"7",', b'"id":null,', b'"status":"COMPLETE",', b'"results":[],']
FIELDS += [b'"properties":{},', b'"x":{"id":"8"},', b'"loader_trace_id":"x",']
FIELDS += [b'"objectWriteTraceId":"%b",' % each.trace_id.encode() for each in SENT[:2]]


def said(number: int, how: str) -> dict[str, Any]:
    """Return a result that names a record in one of the ways."""
    result: dict[str, Any] = {"id": str(100 + number)}
    if how in ("echo", "both"):
        result["objectWriteTraceId"] = SENT[number].trace_id
    if how in ("property", "both"):
        result["properties"] = {TRACE: SENT[number].trace_id}
    if how == "likeness":
        result["properties"] = orjson.loads(SENT[number].content)["properties"]
    return result


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """Draw an answer, with pieces of it cut out, written over or sown into it."""
    ways = st.sampled_from(["echo", "property", "both", "likeness", "none"])
    numbers = draw(st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True))
    results = [said(number, draw(ways)) for number in numbers]
    named = draw(st.lists(st.sampled_from([r.trace_id for r in SENT]), max_size=1))
    errors = [{"category": "X", "context": {"objectWriteTraceId": named}}]
    body = {"status": "COMPLETE", "results": results}
    raw = orjson.dumps(body | ({"errors": errors} if named else {}))
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.booleans()):
            seams = [at + 1 for at, byte in enumerate(raw) if byte in b"{"]
            gone, new = 0, draw(st.sampled_from(FIELDS))
        else:
            seams = [at + 1 for at, byte in enumerate(raw) if byte in b"{,[:"]
            gone, new = draw(st.sampled_from([0, 1, 20])), draw(st.sampled_from(SHREDS))
        at = draw(st.sampled_from(seams or [0]))
        raw = raw[:at] + new + raw[at + gone :]
    return raw


@settings(max_examples=250)
@given(torn(), st.sampled_from([200, 201, 207]), st.sampled_from([TRACE, None]))
def test_whoever_is_created_is_named_by_an_element_as_another_parser_reads_it(
    body, status, trace_property
):
    """By its echo, its property, or by all that it says; under that very object."""
    verdict = judge_create(RawAnswer(status, JSON, body), SENT, trace_property)

    created = {
        position: item.object_id
        for position, item in (
            verdict.items if isinstance(verdict, Proof) else {}
        ).items()
        if isinstance(item, ItemCreated)
    }
    if not created:
        return
    for answer in readings(body):
        assert answer["status"] == "COMPLETE"
        for position, object_id in created.items():
            (element,) = (e for e in answer["results"] if str(e.get("id")) == object_id)
            properties = element.get("properties") or {}
            ours = orjson.loads(SENT[position].content)["properties"]
            if trace_property is None and not element.get("objectWriteTraceId"):
                assert ours.items() <= properties.items()
            else:
                name = element.get("objectWriteTraceId") or properties[TRACE]
                assert name == SENT[position].trace_id


#: what may befall an element on its way, by which it names its record no longer
LOSSES = {
    "none": lambda e: e,
    "no object": lambda e: e | {"id": None},
    "odd object": lambda e: e | {"id": " "},
    "no properties": lambda e: {"id": e["id"]},
    "no name": lambda e: e | {"properties": {}},
    "name no text": lambda e: e | {"properties": {TRACE: 7}},
    "echo only": lambda e: {
        "id": e["id"],
        "objectWriteTraceId": e["properties"][TRACE],
    },
    "another name": lambda e: e | {"properties": {TRACE: "another"}},
    "in errors": lambda e: {
        "category": "X",
        "context": {"id": [e["properties"][TRACE]]},
    },
}


@given(
    st.dictionaries(st.integers(0, 5), st.sampled_from(sorted(LOSSES)), max_size=6),
    st.sampled_from([200, 201, 207]),
    st.booleans(),
)
def test_no_record_that_a_read_speaks_of_is_called_absent(told, status, says_absent):
    """However its element is spoilt; who is not spoken of is absent."""
    spoilt = {n: LOSSES[how](said(n, "property")) for n, how in told.items()}
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": [e for n, e in spoilt.items() if told[n] != "in errors"],
        "errors": [e for n, e in spoilt.items() if told[n] == "in errors"],
    }
    if says_absent:
        body["errors"].append({"category": "OBJECT_NOT_FOUND"})
    asked = [record.trace_id for record in SENT]
    verdict = judge_read(RawAnswer(status, JSON, orjson.dumps(body)), asked, TRACE)

    if set(told.values()) <= {"none"}:
        expected = {asked[n]: str(100 + n) for n in told}
        empty = status == 207 and not told
        assert verdict == (Unclear("207 without results") if empty else Found(expected))
    else:
        assert isinstance(verdict, Failed)


@given(
    st.sampled_from([judge_account, judge_properties, judge_property, judge_groups]),
    st.integers(100, 599),
    st.binary(max_size=60) | VALUES.map(orjson.dumps),
    st.dictionaries(
        st.sampled_from(["content-type", "retry-after", "x-hubspot-ratelimit-max"]),
        st.text(max_size=12) | st.just("application/json"),
    ),
)
def test_preflight_and_headers_take_anything(judge, status, body, headers):
    """No answer of a portal raises."""
    judge(RawAnswer(status, headers, body))
    read_allowance(headers)
    judge_create(RawAnswer(status, headers, body), SENT, None)
