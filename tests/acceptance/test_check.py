"""``check`` as a process: it sees what ``run`` and the portal would refuse."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import TOKEN, Ended, Loader
from tests.acceptance.test_corpus import BAD, GOOD, KEY, TRACE, write
from tests.conftest import call, write_source

OWNERS = tuple(str(each) for each in range(1, 251))
PORTAL = Scenario(quota=QuotaSettings(limit="none"), installed=(TRACE,), owners=OWNERS)

PORTAL_WITH_KEY = Scenario(quota=QuotaSettings(limit="none"), installed=(TRACE, "ref"))


def environment(base_url: str) -> dict[str, str]:
    return {"HUBSPOT_BASE_URL": base_url, "HUBSPOT_ACCESS_TOKEN": TOKEN}


def codes(ended: Ended) -> dict[str, int]:
    """Return the codes that were found, and on how many lines."""
    return {each["code"]: each["lines"] for each in ended.summary["findings"]}


@pytest.mark.parametrize("key", [None, KEY])
async def test_check_and_run_never_disagree(
    loader: Loader, tmp_path: Path, key: str | None
):
    """The lines that one would reject are those that the other rejects, and why."""
    source = tmp_path / "calls.ndjson"
    write(source, [each for each in BAD if each.key == key] + (GOOD if not key else []))
    with source.open("ab") as file:  # IDs that repeat, with other content and without
        for number, own_id in ((1, "own"), (2, "own"), (1, "own"), (3, "OWN")):
            line = call(number, hs_call_external_id=f"k-{number}")
            file.write(json.dumps(line | {"objectWriteTraceId": own_id}).encode())
            file.write(b"\n")
    arguments = () if key is None else ("--key", key)
    async with running(scenario=PORTAL) as portal:
        loader.environment = environment(portal.base_url)
        check = await loader("check", source, "--json", *arguments)
        run = await loader("run", source, "--rate", "none", "--json", *arguments)
    results = await loader("results", source, "--state", "rejected")

    rejected: dict[str, list[int]] = {}
    for row in results.rows:
        if row["correlationId"] is None:
            rejected.setdefault(row["category"], []).append(row["line"])
    told = [each for each in check.summary["findings"] if each["level"] == "rejected"]
    assert check.status == run.status == 1, check.err
    assert {each["code"]: each["lines"] for each in told} == {
        code: len(lines) for code, lines in rejected.items()
    }
    assert {each["code"]: each["first_lines"] for each in told} == {
        code: lines[:5] for code, lines in rejected.items()
    }
    assert check.summary["lines"] == run.summary["lines"]
    assert (
        check.summary["forecast"]["records"]
        == run.summary["lines"]
        - sum(not row["correlationId"] for row in results.rows)
        - codes(check)["REPEATED"]
    )


async def test_what_the_portal_would_refuse_it_refuses(loader: Loader, tmp_path: Path):
    """Line by line, for all that can be known from its own list."""
    wrong: list[dict[str, Any]] = [
        {"hs_call_titel": "x"},
        {"hs_object_id": "1"},
        {"hs_call_direction": "inbound"},
        {"hs_call_disposition": "Busy"},
        {"hs_call_duration": "1 min"},
        {"hs_timestamp": "yesterday"},
        {"hubspot_owner_id": "999"},
        {"hs_call_status": "DONE"},
    ]
    fine: list[dict[str, Any]] = [{"hubspot_owner_id": "250"}, {}]
    reversed_link = call(11)
    reversed_link["associations"][0]["types"][0]["associationTypeId"] = 193
    lines = [call(n, **each) for n, each in enumerate([*wrong, *fine], 1)]
    lines.append(reversed_link)
    source = write_source(tmp_path / "calls.ndjson", 11, lambda n: lines[n - 1])
    async with running(scenario=PORTAL) as portal:
        loader.environment = environment(portal.base_url)
        check = await loader("check", source, "--json")
        asked = portal.requests
        written = [each for each in asked if "batch" in each.path]
        run = await loader("run", source, "--rate", "none", "--json")
    results = await loader("results", source, "--state", "rejected")

    assert written == [], "check sends no record"
    assert not check.err
    assert check.summary["portal_id"] == run.summary["portal_id"]
    assert check.summary["refused"] == run.summary["rejected"] == 9
    refused = {
        line
        for each in check.summary["findings"]
        if each["level"] == "refused"
        for line in each["first_lines"]
    }
    assert refused == {row["line"] for row in results.rows}
    assert "nearest to hs_call_titel is hs_call_title" in results.rows[0]["message"]
    (titel,) = (
        each for each in check.summary["findings"] if each["code"] == "UNKNOWN_PROPERTY"
    )
    assert "hs_call_title was meant" in titel["message"]


async def test_a_sound_source_is_told_so_with_a_forecast(
    loader: Loader, tmp_path: Path
):
    """Status 0, no load folder, nothing on standard error, and what it would take."""
    source = write_source(tmp_path / "calls.ndjson", 250)

    check = await loader("check", source)

    assert check.status == 0, check.out
    assert check.err == ""
    assert "no problem in 250 lines" in check.out
    assert "250 records in 3 requests of at most 100" in check.out
    assert "without a portal" in check.out
    assert [each.name for each in tmp_path.iterdir()] == ["calls.ndjson"]


async def test_warnings_alone_are_no_problem_unless_asked(
    loader: Loader, tmp_path: Path
):
    """Status 0, and 1 with --strict."""
    line = call(1) | {"associations": []}
    source = write_source(tmp_path / "calls.ndjson", 1, lambda _: line)

    plain = await loader("check", source)
    strict = await loader("check", source, "--strict")

    assert (plain.status, strict.status) == (0, 1)
    assert "NO_ASSOCIATION" in plain.out


async def test_the_built_in_portal_can_be_asked(loader: Loader, tmp_path: Path):
    """Without a token, and without leaving anything behind."""
    source = write_source(
        tmp_path / "calls.ndjson", 1, lambda n: call(n, hs_call_titel="x")
    )

    check = await loader("check", source, "--sandbox", "--json")

    assert check.status == 1
    assert codes(check) == {"UNKNOWN_PROPERTY": 1}
    assert check.summary["trace_property"] == "loader_trace_id"
    assert [each.name for each in tmp_path.iterdir()] == ["calls.ndjson"]


async def test_standard_input_and_a_rejects_file_are_sources_too(
    loader: Loader, tmp_path: Path
):
    """What run left in rejected.ndjson is examined like any line."""
    source = write_source(
        tmp_path / "calls.ndjson", 5, lambda n: call(n, hs_call_status="DONE")
    )
    await loader("run", source, "--sandbox", "--rate", "none")
    rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"

    piped = await loader("check", "-", "--json", stdin=source)
    again = await loader("check", rejected, "--json")

    assert codes(piped) == codes(again) == {"NOT_AN_OPTION": 5}
    assert again.summary["lines"] == 5


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("missing.ndjson",), 2, "cannot read missing.ndjson"),
        (("calls.ndjson", "--key", "k", "--trace-property", "k"), 2, "--key k is also"),
    ],
)
async def test_a_wrong_command_line_is_status_2(
    loader: Loader, source: Path, arguments: tuple[str, ...], status: int, words: str
):
    """With what is wrong, before any line is read."""
    check = await loader("check", *arguments)

    assert check.status == status
    assert words in check.err
    assert check.out == ""


async def test_a_refused_token_is_status_3(loader: Loader, source: Path):
    """The portal could not be asked; --offline checks without it."""
    async with running(scenario=PORTAL, token="another") as portal:
        loader.environment = environment(portal.base_url)
        asked = await loader("check", source)
        offline = await loader("check", source, "--offline")

    assert asked.status == 3
    assert "refused the access token" in asked.err
    assert offline.status == 0


async def test_scopes_that_lack_are_noted_and_no_more(loader: Loader, source: Path):
    """Owners and rules stay unchecked, and the outline says why."""
    scenario = Scenario(missing_scopes=("crm.objects.owners.read",))
    async with running(scenario=scenario) as portal:
        loader.environment = environment(portal.base_url)
        check = await loader("check", source, "--json")

    notes = " ".join(check.summary["not_checked"])
    assert check.status == 0
    assert "lacks the scope crm.objects.owners.read" in notes


async def test_a_reader_that_leaves_does_not_change_the_status(
    loader: Loader, source: Path
):
    """``check | head -1`` ends as it would have."""
    process = await loader.start("check", source)
    assert process.stdout is not None
    process.stdout._transport.close()  # type: ignore[attr-defined]

    _, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 0
    assert b"Traceback" not in err


async def test_a_corrected_copy_is_read_as_run_reads_it(loader: Loader, tmp_path: Path):
    """With the first load's key, and tidied after an editor spread it over lines."""
    source = write_source(
        tmp_path / "calls.ndjson",
        4,
        lambda n: call(n, ref=f"{n}", hs_call_status="DONE"),
    )
    async with running(scenario=PORTAL_WITH_KEY) as portal:
        loader.environment = environment(portal.base_url)
        await loader("run", source, "--key", "ref", "--rate", "none")
        rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
        rows = [json.loads(line) for line in rejected.read_text().splitlines()]
        del rows[1]["record"]["properties"]["ref"], rows[1]["objectWriteTraceId"]
        copy = tmp_path / "copy.ndjson"
        copy.write_text("\n".join(json.dumps(row, indent=2) for row in rows))
        check = await loader("check", copy, "--json")
        run = await loader("run", copy, "--rate", "none", "--json")

    assert check.summary["lines"] == run.summary["lines"] == 4
    assert codes(check) == {"KEY_MISSING": 1, "NOT_AN_OPTION": 3}
    assert run.summary["rejected"] == 4
    assert any("first load" in each for each in check.summary["not_checked"])
