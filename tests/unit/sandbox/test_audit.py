"""The audit tells what there is, and what is there twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loader.sandbox import Duplicate, Scenario, StateError, audit, read_calls
from loader.sandbox.store import Store
from tests.unit.sandbox.desk import KEY, Clock, Desk, an_input, keyed, linked

OpenDesk = Callable[..., Desk]


def test_duplicates_by_trace_id(desk: Desk) -> None:
    """Two calls of one trace ID are found, though no property shows it."""
    desk.create(an_input("a"), an_input("b"))
    desk.create(an_input("a"))

    found = desk.audit()

    assert found.by_trace_id == {"a": 2, "b": 1}
    (duplicate,) = found.duplicates
    assert duplicate.key == "objectWriteTraceId"
    assert duplicate.value == "a"
    assert len(duplicate.ids) == 2


def test_duplicates_by_value(desk: Desk) -> None:
    """Two calls with one value of a named property are found."""
    desk.create(an_input(hs_call_title="x"), an_input(hs_call_title="x"), an_input())

    found = desk.audit("hs_call_title")

    ids = ("60000000001", "60000000002")
    assert found.duplicates == (Duplicate("hs_call_title", "x", ids),)
    assert found.by_value == {"hs_call_title": {"x": 2}}
    assert found.by_trace_id == {}


def test_archived_duplicates(open_desk: OpenDesk) -> None:
    """A call that was archived and made again is a duplicate too."""
    desk = open_desk(Scenario(installed=(KEY,)))
    (made,) = desk.create(keyed("a")).results
    desk.archive(made["id"])
    desk.create(keyed("a"))

    found = desk.audit()

    assert (found.objects, found.live, found.archived) == (2, 1, 1)
    assert [each.key for each in found.duplicates] == ["objectWriteTraceId", KEY]


def test_file(open_desk: OpenDesk, tmp_path: Path) -> None:
    """The state of a portal can be audited while the portal uses it."""
    state = tmp_path / "portal.db"
    desk = open_desk(Scenario(installed=(KEY,)), state=state)
    call = keyed("a", hs_call_title="T") | {"associations": linked(194)}
    desk.create(call)

    found, (stored,) = audit(state), read_calls(state)

    assert found == desk.audit()
    assert found.by_value == {KEY: {"a": 1}}
    assert stored.trace_id == "a"
    assert stored.properties["hs_call_title"] == "T"
    assert stored.associations[0].to.id == "17"
    assert stored.associations[0].types[0].association_type_id == 194
    assert not stored.archived


@pytest.mark.parametrize("content", [None, b"", b"no database" * 100])
def test_no_state(tmp_path: Path, content: bytes | None) -> None:
    """A file that is no portal's state is refused by its name."""
    state = tmp_path / "portal.db"
    if content is not None:
        state.write_bytes(content)

    with pytest.raises(StateError, match=r"portal\.db"):
        audit(state)


def test_foreign_file(tmp_path: Path) -> None:
    """A portal does not begin in a file that is something else."""
    state = tmp_path / "notes.txt"
    state.write_text("something else" * 100)

    with pytest.raises(StateError, match=r"notes\.txt"):
        Store.open(state)


def test_no_folder(tmp_path: Path) -> None:
    """A portal does not begin where there is no folder."""
    with pytest.raises(StateError, match=r"portal\.db"):
        Store.open(tmp_path / "nowhere" / "portal.db")


def test_portal_id_stays(open_desk: OpenDesk, tmp_path: Path) -> None:
    """A portal keeps its ID, whatever a later scenario says; another has its own."""
    state = tmp_path / "portal.db"
    first = open_desk(state=state).portal.portal_id
    again = open_desk(Scenario(portal_id=5), state=state).portal.portal_id
    other = open_desk(clock=Clock(1.0)).portal.portal_id

    assert first == again == audit(state).portal_id
    assert other != first
