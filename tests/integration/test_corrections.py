"""Corrections of a load: where they are, and what they are to the first one."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import loader
from loader.assembly.corrections import corrections_of
from loader.assembly.inspect import opened_results, standing
from loader.errors import LedgerDamaged, LedgerMismatch, UsageError
from loader.model.settings import Place
from loader.report.rows import as_row
from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.faults import LostAnswer, Unauthorized
from tests.acceptance.test_load import BAD, FREE, KEYED, mixed
from tests.conftest import call, write_source
from tests.rejects import (
    a_row_a_line_in_an_array,
    an_array,
    as_lines,
    corrected,
    from_windows,
    read_rows,
    reordered,
)

LINES = 130
REJECTED = sorted(number for number in BAD if number <= LINES)


async def loaded(source: Path, portal: Sandbox, **more: Any) -> loader.Summary:
    settings = loader.Settings(base_url=portal.base_url, rate="none")
    return await loader.load(source, token="any", settings=settings, **more)


async def rehearsed(source: Path, **more: Any) -> loader.Summary:
    settings = loader.Settings(rate="none", **more)
    return await loader.load(source, sandbox=True, settings=settings)


def rows_of(source: Path) -> list[dict[str, Any]]:
    with opened_results(str(source), None) as results:
        return [as_row(each) for each in results]


def test_a_load_without_corrections_has_none(tmp_path: Path):
    """Neither where there is no folder, nor where it is empty or a file."""
    place = Place(tmp_path)
    none = corrections_of(place)
    place.corrections.touch()

    assert (none, corrections_of(place)) == ([], [])


def test_corrections_come_in_the_order_of_their_beginning(tmp_path: Path):
    """By number, not by text; what has no ledger has not begun."""
    place = Place(tmp_path)
    names = ["10000-0123456789ab", "0002-ffffffffffff", "0010-aaaaaaaaaaaa"]
    for name in [*names, "notes", "0003-xyz"]:
        folder = place.corrections / name
        folder.mkdir(parents=True)
        (folder / "ledger.db").touch()
    (place.corrections / "0001-0123456789ab").mkdir()

    found = [each.folder.name for each in corrections_of(place)]

    assert found == [names[1], names[2], names[0]]


@pytest.mark.parametrize("edited", [an_array, a_row_a_line_in_an_array, from_windows])
async def test_what_an_editor_made_of_the_rows_is_read_as_rows(
    tmp_path: Path, edited: Any
):
    """Spread over lines, in an array, with a mark and line ends of another system."""
    source = write_source(tmp_path / "calls.ndjson", LINES, mixed)
    await rehearsed(source)
    rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
    copy = tmp_path / "copy.json"
    copy.write_bytes(edited(rows))
    await rehearsed(copy)

    results = rows_of(source)
    assert [row["line"] for row in results] == list(range(1, LINES + 1))
    assert {row["state"] for row in results} == {"created"}


async def test_the_file_in_the_load_folder_may_be_corrected_bit_by_bit(tmp_path: Path):
    """It keeps what is still rejected, as it was last corrected, with new reasons."""
    source = write_source(tmp_path / "calls.ndjson", LINES, mixed)
    await rehearsed(source)
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = read_rows(rejected)
    half = {row["line"]: call(row["line"], hs_call_direction="UP") for row in rows[:2]}
    right = {row["line"]: call(row["line"]) for row in rows[2:4]}
    for row in rows:
        row["record"] = (half | right).get(row["line"], row["record"])
    rejected.write_bytes(as_lines(rows))
    first = await rehearsed(rejected)
    left = read_rows(rejected)
    for row in left:
        row["record"] = call(row["line"])
    rejected.write_bytes(as_lines(left))
    second = await rehearsed(rejected)
    results = rows_of(source)

    assert (first.clean, second.clean) == (False, True)
    assert {row["line"] for row in left} == set(REJECTED) - set(right)
    assert read_rows(rejected) == []
    assert first.corrects is not None
    assert first.corrects.rejected == len(REJECTED) - 2
    by_line = {row["line"]: row for row in left}
    assert all(row["state"] == "created" for row in results)
    assert len(results) == LINES
    for line in half:
        assert by_line[line]["category"] == "VALIDATION_ERROR"


async def test_a_half_corrected_record_is_what_the_next_file_has(tmp_path: Path):
    """Nobody's work is lost because a second mistake was left in."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    await rehearsed(source)
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = read_rows(rejected)
    rows[0]["record"] = call(1, hs_call_direction="UP")
    rows[1]["record"] = {"properties": {"hs_call_title": "no time yet"}}
    rejected.write_bytes(as_lines(rows[:2]) + b'{"line": 3, "broken\n')
    await rehearsed(rejected)

    left = read_rows(rejected)
    assert [row["line"] for row in left] == [1, 2, 3]
    assert left[0]["record"] == rows[0]["record"]
    assert left[1]["record"] == rows[1]["record"]
    assert left[2]["record"] == "[3]"
    (kept,) = (tmp_path / "calls.ndjson.load" / "corrections").glob("*/corrected*")
    assert b"broken" in kept.read_bytes()


async def test_without_the_property_a_doubt_of_one_copy_is_not_sent_by_another(
    tmp_path: Path,
):
    """An answer was lost: the record is held, whatever copy it comes from."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    lossy = Scenario(quota=FREE, echo=True, fault=(LostAnswer(requests=(1,)),))
    async with running(scenario=lossy) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows))
        first = await loaded(copy, portal)
        copy.write_bytes(reordered(rows))
        second = await loaded(copy, portal)
        objects = portal.audit().objects
    status = standing(str(source), None)
    in_doubt = read_rows(tmp_path / "calls.ndjson.load" / "in_doubt.ndjson")

    assert first.in_doubt == 3
    assert (second.rejected, objects) == (3, 3)
    assert status.in_doubt == 3
    assert [row["line"] for row in in_doubt] == [1, 2, 3]
    assert in_doubt[0]["record"] == rows[0]["record"]


@pytest.mark.parametrize("habits", [{"installed": KEYED}, {"echo": True}], ids=str)
async def test_what_one_copy_has_begun_to_send_is_not_sent_by_another(
    tmp_path: Path, habits: dict[str, Any]
):
    """It was refused unread, and is sent by the next run of that copy: one of them."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    refusing = Scenario(quota=FREE, fault=(Unauthorized(requests=(1,)),), **habits)
    async with running(scenario=refusing) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        begun = as_lines(rows)
        copy.write_bytes(begun)
        stopped = await loaded(copy, portal)
        edited = [row | {"record": call(40 + row["line"])} for row in rows]
        copy.write_bytes(as_lines(edited))
        other = await loaded(copy, portal)
        copy.write_bytes(begun)
        resumed = await loaded(copy, portal)
        objects = portal.audit().objects

    assert (stopped.created, stopped.finished) == (0, False)
    assert (other.created, other.rejected) == (0, 3)
    assert (resumed.created, objects) == (3, 3)
    assert {row["state"] for row in rows_of(source)} == {"created"}


async def test_what_one_copy_has_in_flight_is_not_claimed_by_another(tmp_path: Path):
    """It stopped without an answer: its next run asks, and finds what it created."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    faults = (
        LostAnswer(requests=(1,)),
        Unauthorized(endpoint="read", requests=(3,)),
    )
    cut_off = Scenario(quota=FREE, installed=KEYED, fault=faults)
    async with running(scenario=cut_off) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows))
        stopped = await loaded(copy, portal)
        there = portal.audit().objects
        copy.write_bytes(reordered(rows))
        other = await loaded(copy, portal)
        copy.write_bytes(as_lines(rows))
        resumed = await loaded(copy, portal)
        objects = portal.audit().objects

    assert (stopped.finished, stopped.in_doubt, there) == (False, 3, 3)
    assert (other.created, other.rejected) == (0, 3)
    assert (resumed.created, objects) == (3, 3)


async def test_rows_of_another_load_are_left_to_it(tmp_path: Path):
    """They would be created here, and again where they belong."""
    one = write_source(tmp_path / "one.ndjson", 3, lambda n: [n])
    two = write_source(tmp_path / "two.ndjson", 2, lambda n: [n, n])
    both = tmp_path / "both.ndjson"
    async with running(scenario=Scenario(quota=FREE, echo=True)) as portal:
        for source in (one, two):
            await loaded(source, portal)
        files = [each.with_name(f"{each.name}.load") for each in (one, two)]
        rows = [corrected(read_rows(each / "rejected.ndjson")) for each in files]
        both.write_bytes(as_lines([*rows[0], *rows[1]]))
        mixed_up = await loaded(both, portal)
        own = tmp_path / "own.ndjson"
        own.write_bytes(as_lines(rows[1]))
        apart = await loaded(own, portal)
        objects = portal.audit().objects

    assert (mixed_up.created, mixed_up.rejected) == (3, 2)
    assert (apart.created, objects) == (2, 5)
    assert (
        "OTHER_LOAD"
        in (files[0] / "corrections")
        .joinpath(
            *[
                each.name
                for each in (files[0] / "corrections").iterdir()
                if each.is_dir()
            ],
            "rejected.ndjson",
        )
        .read_text()
    )


async def test_a_line_that_a_copy_has_by_itself_is_created_once_too(tmp_path: Path):
    """It was added by hand, rejected, and corrected in two ways."""
    source = write_source(tmp_path / "calls.ndjson", 2, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    async with running(scenario=Scenario(quota=FREE, echo=True)) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows) + b'["a line of its own"]\n')
        first = await loaded(copy, portal)
        (place,) = corrections_of(Place(tmp_path / "calls.ndjson.load"))
        (own,) = read_rows(place.rejected)
        made = []
        for number in (50, 51):
            copy.write_bytes(as_lines([own | {"record": call(number)}]))
            made.append(await loaded(copy, portal))
        objects = portal.audit().objects

    assert (first.created, first.rejected) == (2, 1)
    assert [(each.created, each.existing) for each in made] == [(1, 0), (0, 1)]
    assert objects == 3


@pytest.mark.parametrize("field", ["line", "offset"])
async def test_a_row_whose_place_was_edited_is_not_sent(tmp_path: Path, field: str):
    """Nobody could tell which line it corrects; the right row may still come."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    async with running(scenario=Scenario(quota=FREE, echo=True)) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
        wrong = rows[0] | {field: rows[0][field] + 1}
        copy.write_bytes(as_lines([wrong, *rows[1:]]))
        edited = await loaded(copy, portal)
        copy.write_bytes(as_lines(rows))
        right = await loaded(copy, portal)
        objects = portal.audit().objects

    assert (edited.created, edited.rejected) == (2, 1)
    assert (right.created, right.existing, objects) == (1, 2, 3)


async def test_the_folder_of_a_correction_is_not_loaded_by_itself(tmp_path: Path):
    """That would go past its family; it is refused, and says what to run."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.ndjson"
    await rehearsed(source)
    rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
    copy.write_bytes(as_lines(rows))
    await rehearsed(copy)
    (place,) = corrections_of(Place(tmp_path / "calls.ndjson.load"))

    with pytest.raises(UsageError, match=r"corrected\.ndjson without --load-dir"):
        await loader.load(copy, load_dir=place.folder, sandbox=True)


@pytest.mark.parametrize("load", ["x" * 5000, "a\0b", "/nowhere/\ud800"])
async def test_a_row_may_name_a_folder_that_cannot_be(tmp_path: Path, load: str):
    """The file is loaded by itself, as any."""
    source = tmp_path / "copy.ndjson"
    row = {"line": 1, "offset": 0, "load": load, "source": "0" * 12, "record": call()}
    source.write_text(json.dumps(row) + "\n")
    summary = await rehearsed(source)

    assert (summary.created, summary.rejected) in {(1, 0), (0, 1)}


async def test_status_of_an_array_of_rows_counts_what_was_taken_of_it(tmp_path: Path):
    """Its brackets are no lines."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    copy = tmp_path / "copy.json"
    await rehearsed(source)
    rows = corrected(read_rows(tmp_path / "calls.ndjson.load" / "rejected.ndjson"))
    copy.write_bytes(an_array(rows))
    ran = await rehearsed(copy)
    shown = standing(str(copy), None)

    assert (ran.lines, ran.unread, ran.finished) == (3, 0, True)
    assert (shown.lines, shown.unread, shown.finished) == (3, 0, True)


async def test_a_clash_of_ids_is_ended_by_another_id_or_none(tmp_path: Path):
    """The same ID again would pass one call off as another."""

    def clashing(number: int) -> Any:
        return call(number) | {"objectWriteTraceId": "same"}

    source = write_source(tmp_path / "calls.ndjson", 4, clashing)
    await rehearsed(source)
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = read_rows(rejected)
    del rows[0]["record"]["objectWriteTraceId"]
    rows[0]["objectWriteTraceId"] = None
    rows[1]["record"]["objectWriteTraceId"] = "another"
    rows[2]["record"]["properties"]["hs_call_title"] = "still the same"
    rejected.write_bytes(as_lines(rows))
    ran = await rehearsed(rejected)
    results = rows_of(source)

    assert ran.created == 2
    states = {row["line"]: row["state"] for row in results}
    assert states == {1: "created", 2: "created", 3: "created", 4: "rejected"}
    assert results[2]["objectWriteTraceId"] == "another"
    assert "another objectWriteTraceId" in results[3]["message"]


async def test_with_a_key_the_corrected_value_is_the_identity(tmp_path: Path):
    """A line without its key gets it from the person; one that is there already is."""

    def keyed(number: int) -> Any:
        made = call(number, hs_call_external_id=f"k{number}")
        if number > 2:
            del made["properties"]["hs_call_external_id"]
        return made

    source = write_source(tmp_path / "calls.ndjson", 4, keyed)
    await rehearsed(source, key="hs_call_external_id")
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = read_rows(rejected)
    for row, value in zip(rows, ("k3", "k2"), strict=True):
        row["record"]["properties"]["hs_call_external_id"] = value
    rejected.write_bytes(as_lines(rows))
    ran = await rehearsed(rejected)
    results = rows_of(source)

    assert (ran.created, ran.existing) == (1, 1)
    assert [row["state"] for row in results] == [
        "created", "created", "created", "existing",
    ]  # fmt: skip
    assert results[3]["id"] == results[1]["id"]


async def test_a_correction_goes_where_the_first_load_went(tmp_path: Path):
    """Another portal would have no part of it; a moved folder is found by its file."""
    source = write_source(tmp_path / "calls.ndjson", 3, lambda n: [n])
    folder = tmp_path / "calls.ndjson.load"
    copy = tmp_path / "copy.ndjson"
    async with running(scenario=Scenario(installed=KEYED, portal_id=7)) as portal:
        await loaded(source, portal)
        rows = corrected(read_rows(folder / "rejected.ndjson"))
        copy.write_bytes(as_lines(rows))
        async with running(scenario=Scenario(installed=KEYED, portal_id=8)) as other:
            with pytest.raises(LedgerMismatch, match="another portal: 7, not 8"):
                await loaded(copy, other)
            nothing = other.audit().objects
        moved = tmp_path / "moved.load"
        shutil.move(folder, moved)
        (moved / "rejected.ndjson").write_bytes(as_lines(rows[:1]))
        in_place = await loaded(moved / "rejected.ndjson", portal)
        said: list[str] = []
        alone = await loaded(copy, portal, say=said.append)
        objects = portal.audit().objects

    assert nothing == 0
    assert in_place.corrects is not None
    assert in_place.corrects.created == 1
    assert "which is not there" in said[0]
    assert (alone.existing, alone.created, objects) == (1, 2, 3)


async def test_a_correction_whose_ledger_is_lost_is_not_passed_over(tmp_path: Path):
    """What it sent is not known, so nothing is sent or said without it."""
    source = write_source(tmp_path / "calls.ndjson", 2, lambda n: [n])
    await rehearsed(source)
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
    rows = corrected(read_rows(rejected))
    rejected.write_bytes(as_lines(rows))
    await rehearsed(rejected)
    (lost,) = corrections_of(Place(rejected.parent))
    lost.ledger.unlink()
    rejected.write_bytes(reordered(rows))

    with pytest.raises(LedgerDamaged, match="missing"):
        await rehearsed(rejected)
    with pytest.raises(LedgerDamaged, match="missing"):
        rows_of(source)
    settings = loader.Settings(rate="none")
    again = await loader.load(
        lost.corrected, sandbox=True, settings=settings, rebuild=True
    )
    assert again.existing == 2
    assert {row["state"] for row in rows_of(source)} == {"existing"}
