"""Every bad and every odd line between good ones, in one load from outside."""

import json
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import TOKEN, Loader
from tests.conftest import a_line
from tests.corpora.bad_json import JSON
from tests.corpora.bad_values import KEY, VALUES
from tests.corpora.good_lines import GOOD
from tests.corpora.lines import TRACE, Bad, Odd

PORTAL = Scenario(quota=QuotaSettings(limit="none"), installed=(TRACE,))
BAD = [*JSON, *VALUES]
#: what the portal adds to a call
ADDED = {"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}


def write(path: Path, middle: list[Bad | Odd]) -> dict[int, tuple[int, Bad | Odd]]:
    """Write a source with a good line around each; return lines with their offsets."""
    places: dict[int, tuple[int, Bad | Odd]] = {}
    with path.open("wb") as file:
        file.write(a_line(1, hs_call_external_id="k-1"))
        for number, each in enumerate(middle, 1):
            places[2 * number] = file.tell(), each
            file.write(each.line + b"\n")
            last = 2 * number + 1
            file.write(a_line(last, hs_call_external_id=f"k-{last}"))
    return places


def check_odd(odd: Odd, row: dict[str, Any], call: Any) -> None:
    """Check that an odd line was sent: created as it was meant, or refused there."""
    if odd.portal_refuses:
        assert (row["state"], row["category"]) == ("rejected", "VALIDATION_ERROR")
        assert row["correlationId"]
        return
    assert row["state"] == "created", (odd.name, row)
    assert call is not None
    expected = {"hs_timestamp": odd.time, TRACE: call.trace_id} | odd.properties
    shown = call.properties.items()
    assert {name: text for name, text in shown if name not in ADDED} == expected
    assert [each.to.id for each in call.associations] == [
        each["to"]["id"] for each in odd.associations
    ]
    assert call.trace_id == odd.own_id or odd.own_id is None


@pytest.mark.parametrize("key", [None, KEY])
async def test_a_load_of_nothing_but_odd_and_bad_lines(
    loader: Loader, tmp_path: Path, key: str | None
):
    """Bad ones are told where they stand, the others are there once and unharmed."""
    source = tmp_path / "calls.ndjson"
    bad = [each for each in BAD if each.key == key]
    middle: list[Bad | Odd] = [*bad, *(GOOD if key is None else [])]
    places = write(source, middle)
    arguments = () if key is None else ("--key", key)
    async with running(scenario=PORTAL) as portal:
        loader.environment = {
            "HUBSPOT_BASE_URL": portal.base_url,
            "HUBSPOT_ACCESS_TOKEN": TOKEN,
        }
        run = await loader("run", source, "--rate", "none", "--json", *arguments)
        calls = {each.id: each for each in portal.calls()}
        duplicates = portal.audit().duplicates
    results = await loader("results", source)

    assert run.status == 1, run.err
    assert run.summary["finished"]
    assert duplicates == ()
    rows = {row["line"]: row for row in results.rows}
    assert list(rows) == list(range(1, 2 * len(middle) + 2))
    titles: list[str] = []
    for number, row in rows.items():
        if number not in places:
            assert row["state"] == "created", row
            titles.append(calls[row["id"]].properties["hs_call_title"])
            continue
        offset, each = places[number]
        assert row["offset"] == offset
        if isinstance(each, Odd):
            check_odd(each, row, calls.get(row["id"]))
        else:
            assert (row["state"], row["category"]) == ("rejected", each.reason), each
            assert row["correlationId"] is None
            assert each.says in row["message"]
    assert titles == [f"call {number}" for number in range(1, len(rows) + 1, 2)]
    assert len({row["id"] for row in rows.values() if row["id"]}) == len(calls)
    check_rejected(tmp_path / "calls.ndjson.load" / "rejected.ndjson", rows, places)


def check_rejected(
    path: Path,
    rows: dict[int, dict[str, Any]],
    places: dict[int, tuple[int, Bad | Odd]],
) -> None:
    """Check that the file holds each rejected line with its reason, as it was."""
    # with Python's own parser, as a user's script would
    written = path.read_bytes().splitlines(keepends=True)
    rejected = {row["line"]: row for row in map(json.loads, written)}
    assert list(rejected) == [
        n for n, row in rows.items() if row["state"] == "rejected"
    ]
    for number, row in rejected.items():
        record = row.pop("record")
        assert row.pop("load") == str(path.parent)
        assert row.pop("source")
        assert row == rows[number]
        line = places[number][1].line
        if isinstance(record, str):
            assert record == line.decode("utf-8", "backslashreplace").rstrip("\r\n")
        elif record is not None:
            assert record == json.loads(line)
        else:
            assert row["category"] == "LINE_TOO_LONG"
