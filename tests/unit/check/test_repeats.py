"""IDs that come twice, in a source of any length."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.check.repeats import Repeats
from loader.errors import Stopped
from tests.conftest import call
from tests.unit.check.examined import examined, found

IDS = st.lists(st.tuples(st.sampled_from("aAbBcd"), st.sampled_from([b"1", b"2"])))


@given(IDS, st.integers(1, 5))
def test_the_first_line_has_the_id_and_all_later_ones_repeat_it(
    lines: list[tuple[str, bytes]], run_entries: int
):
    """However many runs there are, and in their order; case makes no difference."""
    repeats = Repeats(run_entries=run_entries)
    first: dict[str, tuple[str, bytes]] = {}
    expected: dict[int, bool] = {}
    for number, (name, content) in enumerate(lines, 1):
        repeats.add(name, content, number)
        if name.lower() in first:
            expected[number] = first[name.lower()] == (name, content)
        first.setdefault(name.lower(), (name, content))

    told = dict(repeats.found())
    repeats.close()

    assert told == expected


def test_a_repeated_key_with_other_content_is_rejected():
    """As run does it: the first line has the key."""
    lines = [call(1, ref="a"), call(2, ref="a"), call(1, ref="a"), call(3, ref="b")]

    tallies = found(lines, key="ref")

    assert tallies["DUPLICATE_ID"].first == [2]
    assert tallies["REPEATED"].first == [3]


def test_records_that_repeat_are_not_counted_as_records():
    """They are sent once."""
    lines = [call(1) | {"objectWriteTraceId": "x"}] * 3

    examiner = examined(lines)

    assert (examiner.lines, examiner.records) == (3, 1)


def test_a_line_that_cannot_be_sent_claims_no_id():
    """The later, good line has it, as with run."""
    bad = {"properties": {"ref": "a"}}

    assert [*found([bad, call(2, ref="a")], key="ref")] == ["NO_TIMESTAMP"]


def test_no_room_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch):
    """With what to do about it."""

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    repeats = Repeats(run_entries=1)

    with pytest.raises(Stopped, match="TMPDIR"):
        repeats.add("a", b"", 1)
