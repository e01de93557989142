"""The fast portal answers like HubSpot, and counts."""

import json
import os
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from bench.portal.answers import Answers
from bench.portal.rented import Rented, rented
from bench.processes import Cores

CREATE = "/crm/v3/objects/calls/batch/create"
READ = "/crm/v3/objects/calls/batch/read"


def body(*trace_ids: str) -> bytes:
    inputs = [
        {"objectWriteTraceId": each, "properties": {"hs_call_title": f"Zoë {each}"}}
        for each in trace_ids
    ]
    return json.dumps({"inputs": inputs}).encode()


def asked(*trace_ids: str) -> bytes:
    return json.dumps({"inputs": [{"id": each} for each in trace_ids]}).encode()


@pytest.fixture(scope="module")
def portal() -> Iterator[Rented]:
    with rented(Cores(None, None)) as portal:
        yield portal


def post(portal: Rented, path: str, content: bytes) -> dict:
    with urlopen(Request(portal.base_url + path, content)) as answer:
        return json.loads(answer.read())


def test_every_record_is_echoed_under_an_id_of_its_own():
    """With its properties and those that HubSpot adds."""
    answer = json.loads(Answers(10).create(memoryview(body("a", "b"))))

    first, second = answer["results"]
    assert answer["status"] == "COMPLETE"
    assert (first["objectWriteTraceId"], second["objectWriteTraceId"]) == ("a", "b")
    assert first["id"] != second["id"]
    assert first["properties"]["hs_object_id"] == first["id"]
    assert second["properties"]["hs_call_title"] == "Zoë b"


def test_a_record_that_comes_twice_is_counted():
    """Also when it is among those that are forgotten next."""
    answers = Answers(2)
    for trace_ids in (["a", "b"], ["c", "a"], ["d", "b", "d"]):
        answers.create(memoryview(body(*trace_ids)))

    assert answers.counts.records == 7
    assert answers.counts.repeated == 2, "b is forgotten: so much it was told to keep"


def test_what_was_made_is_read_back_by_its_trace_id():
    """Live only: nothing here is archived."""
    answers = Answers(10)
    (made,) = json.loads(answers.create(memoryview(body("a"))))["results"]

    live = json.loads(answers.read(memoryview(asked("b", "a")), archived=False))
    archived = json.loads(answers.read(memoryview(asked("a")), archived=True))

    assert [each["id"] for each in live["results"]] == [made["id"]]
    assert live["results"][0]["properties"]["loader_trace_id"] == "a"
    assert archived["results"] == []


def test_the_process_counts_what_comes_in(portal: Rented):
    """From ``begin`` on, with the moments of the first and the last request."""
    portal.begin()
    large = body(*(f"{number}-{'x' * 20_000}" for number in range(30)))
    answer = post(portal, CREATE, large)
    post(portal, READ, asked("0"))

    counts = portal.counts()
    assert len(answer["results"]) == 30
    assert (counts.creates, counts.reads, counts.records) == (1, 1, 30)
    assert 0 < counts.first_at <= counts.last_at
    portal.begin()
    assert portal.counts().records == 0


def test_it_falls_silent_at_a_limit(portal: Rented):
    """The call is made, and nobody is told; reads are answered."""
    portal.begin()
    portal.mark(3)
    post(portal, CREATE, body("a", "b"))
    request = Request(portal.base_url + CREATE, body("c"))
    with pytest.raises(TimeoutError):
        urlopen(request, timeout=0.2)

    answer = post(portal, READ, asked("c"))

    assert portal.counts().records == 3
    assert len(answer["results"]) == 1


def test_a_core_that_is_given_is_used_by_the_child_alone():
    """Whoever measures stays where it was."""
    before = os.sched_getaffinity(0)

    with rented(Cores(None, min(before))):
        assert os.sched_getaffinity(0) == before


def test_records_without_a_trace_id_are_made_all_the_same(portal: Rented):
    """As by clients that send none; nothing of them counts as repeated."""
    portal.begin()
    content = json.dumps({"inputs": [{"properties": {"hs_call_title": "x"}}] * 2})

    made = post(portal, CREATE, content.encode())["results"]

    assert len({each["id"] for each in made}) == 2
    counts = portal.counts()
    assert (counts.records, counts.repeated) == (2, 0)


def test_the_bulk_door_makes_every_document(portal: Rented):
    """In Elasticsearch's form, under an ID each, and counted like the others."""
    portal.begin()
    document = json.dumps({"properties": {"hs_call_title": "x"}, "associations": []})
    content = f'{{"index": {{}}}}\n{document}\n' * 3

    answer = post(portal, "/_bulk", content.encode())

    items = [each["index"] for each in answer["items"]]
    assert [each["status"] for each in items] == [201] * 3
    assert len({each["_id"] for each in items}) == 3
    assert portal.counts().records == 3
