"""The portal's truth: unique values, archived calls, requests that come late."""

from typing import Any

import pytest

from bench.simulation.world import Call, Clash, Invalid, Request, World

TRACE = "loader_trace_id"


def given(name: str, **properties: str) -> dict[str, Any]:
    return {
        "objectWriteTraceId": name,
        "properties": {"hs_timestamp": "1", **properties},
    }


def keyed(name: str) -> dict[str, Any]:
    return given(name, **{TRACE: name})


def a_world(*, keeps_values: bool = True) -> World:
    world = World(keeps_values=keeps_values)
    world.make_unique(TRACE)
    return world


def request(*inputs: dict[str, Any], applied: set[int], whole: bool = False) -> Request:
    return Request(inputs, frozenset(applied), whole)


def test_the_same_trace_id_makes_two_calls():
    """It is no idempotency key: only a unique property refuses the second."""
    world = a_world()
    first, second = world.create(given("a")), world.create(given("a"))

    assert isinstance(first, Call)
    assert isinstance(second, Call)
    assert first.id != second.id


def test_a_unique_value_is_refused_the_second_time():
    """With the name of the one who has it."""
    world = a_world()
    first = world.create(keyed("a"))

    assert isinstance(first, Call)
    assert world.create(keyed("a")) == Clash(TRACE, "a", first.id)
    assert len(world.calls) == 1


def test_a_value_that_does_not_fit_is_refused():
    """The portal's own validation."""
    assert isinstance(a_world().create(given("a", hs_call_duration="long")), Invalid)


def test_a_request_is_applied_when_it_is_due_and_not_before():
    """Whether or not its sender still lives."""
    world = a_world()
    world.post(10.0, request(keyed("a"), applied={0}))
    world.advance(9.9)
    before = len(world.calls)
    world.advance(10.0)

    assert (before, len(world.calls)) == (0, 1)
    assert world.under_way == set()


def test_requests_are_applied_in_the_order_in_which_they_are_due():
    """The second one meets what the first has done."""
    world = a_world()
    late, early = (request(keyed("a"), applied={0}) for _ in range(2))
    world.post(2.0, late)
    world.post(1.0, early)
    under_way = world.under_way
    world.advance(5.0)

    assert under_way == {"a"}
    assert isinstance((early.results or [])[0], Call)
    assert isinstance((late.results or [])[0], Clash)


def test_what_is_passed_over_is_not_applied():
    """And has no result."""
    world = a_world()
    sent = request(keyed("a"), keyed("b"), applied={1})
    world.post(0.0, sent)
    world.advance(0.0)

    assert sent.results is not None
    assert sent.results[0] is None
    assert [call.trace_id for call in world.calls.values()] == ["b"]


def test_one_bad_input_refuses_its_batch_where_a_portal_is_like_that():
    """Nothing of it is written."""
    world = a_world()
    bad = given("b", hs_call_duration="long")
    sent = request(keyed("a"), bad, applied={0, 1}, whole=True)
    world.post(0.0, sent)
    world.advance(0.0)

    assert isinstance(sent.problem, Invalid)
    assert world.calls == {}


@pytest.mark.parametrize("keeps_values", [True, False])
def test_an_archived_call_is_found_among_the_archived_only(keeps_values: bool):
    """Whether or not its values are free again."""
    world = a_world(keeps_values=keeps_values)
    call = world.create(keyed("a"))
    assert isinstance(call, Call)
    world.archive(call)

    assert world.find(TRACE, "a", archived=False) is None
    assert world.find(TRACE, "a", archived=True) is call
    assert isinstance(world.create(keyed("a")), Clash if keeps_values else Call)


def test_calls_are_found_by_a_unique_value():
    """From the record store, without a lag."""
    world = a_world()
    call = world.create(keyed("a"))

    assert world.find(TRACE, "a", archived=False) is call
    assert world.find(TRACE, "b", archived=False) is None
    assert world.find(TRACE, "a", archived=True) is None
