"""IDs that come twice, in a source of any length."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.check.findings import Level
from loader.check.repeats import Repeat, Repeats
from loader.errors import Stopped
from loader.model.catalogue import Catalogue, PropertyFacts
from tests.conftest import call
from tests.unit.check.examined import examined, found

IDS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([b"1", b"2"])))


@given(IDS, st.integers(1, 5))
def test_the_first_line_has_the_id_and_all_later_ones_repeat_it(
    lines: list[tuple[str, bytes]], run_entries: int
):
    """However many runs there are."""
    repeats = Repeats(run_entries=run_entries)
    first: dict[str, tuple[int, bytes]] = {}
    expected: dict[int, Repeat] = {}
    for number, (name, content) in enumerate(lines, 1):
        repeats.add(name, content, number)
        if name in first:
            before, said = first[name]
            expected[number] = Repeat(number, before, says_the_same=said == content)
        first.setdefault(name, (number, content))

    told = {each.line: each for each in repeats.found()}
    repeats.close()

    assert told == expected


def test_a_repeated_key_with_other_content_is_rejected():
    """As run does it: the first line has the key."""
    lines = [call(1, ref="a"), call(2, ref="a"), call(1, ref="a"), call(3, ref="b")]

    tallies = found(lines, key="ref")

    assert tallies["DUPLICATE_ID"].first == [2]
    assert "line 2 has the ID of line 1" in tallies["DUPLICATE_ID"].kind.message
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


def test_ids_that_differ_in_case_only_are_the_same_with_other_content():
    """As for the ledger: the portal may not tell them apart."""
    lines = [call(1) | {"objectWriteTraceId": each} for each in ("Own", "own", "Own")]

    tallies = found(lines)

    assert tallies["DUPLICATE_ID"].first == [2]
    assert tallies["REPEATED"].first == [3]


def test_the_first_lines_are_the_first_whatever_order_they_are_found_in():
    """Repetitions are found in the order of their digests."""
    lines = [call(n % 50, ref=f"{n % 50}") for n in range(1, 200)]

    tally = found(lines, key="ref")["REPEATED"]

    assert tally.first == [51, 52, 53, 54, 55]
    assert tally.lines == 199 - 50


UNIQUE = Catalogue(
    {
        "hs_timestamp": PropertyFacts("hs_timestamp", "datetime"),
        "hs_call_title": PropertyFacts("hs_call_title", "string"),
        "ref": PropertyFacts("ref", "string", is_unique=True),
    }
)


def test_a_unique_value_that_comes_twice_is_refused_by_the_portal():
    """Unless the property is the key: then run sees to it."""
    lines = [call(1, ref="a"), call(2, ref="a"), call(3, ref="b"), call(4, ref="")]

    refused = found(lines, UNIQUE)
    keyed = found(lines[:3], UNIQUE, key="ref")

    assert [*refused] == ["VALUE_TWICE"]
    assert (refused["VALUE_TWICE"].first, refused["VALUE_TWICE"].kind.subject) == (
        [2], "ref",
    )  # fmt: skip
    assert [*keyed] == ["DUPLICATE_ID"]
    assert keyed["DUPLICATE_ID"].kind.level is Level.REJECTED
