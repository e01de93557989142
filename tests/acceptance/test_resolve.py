"""Records in doubt without the trace property: a person says what became of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.faults import Latency, LostAnswer, LostRequest
from tests.acceptance.conftest import Loader, ended
from tests.acceptance.test_load import FREE, connect
from tests.conftest import call, write_source
from tests.rejects import as_lines, corrected, read_rows

HALF = (LostAnswer(requests=(1,)), LostRequest(requests=(2,)))


async def in_doubt(
    loader: Loader, tmp_path: Path, portal: Sandbox, number: int = 4
) -> Path:
    """Load so that the first half is there and the second is not, all in doubt."""
    connect(loader, portal.base_url)
    source = write_source(tmp_path / "calls.ndjson", number)
    ran = await loader(
        "run", source, "--rate", "none", "--json",
        "--batch-size", str(number // 2), "--workers", "1",
    )  # fmt: skip
    assert ran.summary["in_doubt"] == number, ran.err
    return source


def write_answers(path: Path, *answers: dict[str, Any]) -> Path:
    path.write_bytes(as_lines([*answers]))
    return path


async def test_what_is_found_is_created_and_what_is_not_is_sent_by_the_next_run(
    loader: Loader, tmp_path: Path
):
    """All end up on the portal once, and the results say so."""
    async with running(scenario=Scenario(quota=FREE, echo=True, fault=HALF)) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        listed = await loader("resolve", source, "--json")
        answers = []
        for row in listed.rows:
            best = row["candidates"][:1]
            answers.append(
                {"line": row["line"]}
                | (
                    {"decision": "found", "id": best[0]["id"]}
                    if best
                    else {"decision": "send"}
                )
            )
        path = write_answers(tmp_path / "answers.ndjson", *answers)
        before = portal.audit().objects
        resolved = await loader("resolve", source, "--answers", path)
        again = await loader("resolve", source, "--answers", path)
        unsent = portal.audit().objects
        ran = await loader("run", source, "--rate", "none", "--json")
        found = portal.audit()
        calls = {each.id: each for each in portal.calls()}
    results = await loader("results", source)

    assert listed.status == 1, listed.err
    assert [len(row["candidates"]) for row in listed.rows] == [1, 1, 0, 0]
    best = listed.rows[0]["candidates"][0]
    assert best["different"] == []
    assert best["properties"] == listed.rows[0]["properties"]
    assert resolved.status == 0, resolved.err
    assert "2 settled as created, 2 to be sent again, 0 left" in resolved.out
    assert f"python -m loader run {source}" in resolved.out
    assert again.status == 0
    assert "not used" not in resolved.err
    assert "not used: 4 of the answers" in again.err
    assert "(1, 2, 3, 4)" in again.err
    assert before == unsent == 2
    assert (ran.status, ran.summary["created"], found.objects) == (0, 4, 4), ran.err
    assert [row["state"] for row in results.rows] == ["created"] * 4
    for row in results.rows:
        title = calls[row["id"]].properties["hs_call_title"]
        assert title == f"call {row['line']}"
    assert (tmp_path / "calls.ndjson.load" / "in_doubt.ndjson").read_bytes() == b""


async def test_what_nobody_decides_stays_in_doubt_and_is_not_sent(
    loader: Loader, tmp_path: Path
):
    """To skip, to list, or to say nothing is no word."""
    async with running(scenario=Scenario(quota=FREE, echo=True, fault=HALF)) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        path = write_answers(
            tmp_path / "answers.ndjson", {"line": 1, "decision": "skip"}
        )
        resolved = await loader("resolve", source, "--answers", path)
        ran = await loader("run", source, "--rate", "none", "--json")
        objects = portal.audit().objects

    assert resolved.status == 1
    assert "4 left in doubt" in resolved.out
    assert (ran.summary["in_doubt"], objects) == (4, 2)
    rows = read_rows(tmp_path / "calls.ndjson.load" / "in_doubt.ndjson")
    assert [row["line"] for row in rows] == [1, 2, 3, 4]


async def test_a_call_is_one_record_and_must_be_there(loader: Loader, tmp_path: Path):
    """An ID of another record, or of nothing, is refused; what was said holds."""
    async with running(scenario=Scenario(quota=FREE, echo=True, fault=HALF)) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        first, _ = (each.id for each in portal.calls())
        tried = [
            await loader(
                "resolve", source, "--answers",
                write_answers(tmp_path / "answers.ndjson", *answers),
            )
            for answers in (
                [{"line": 1, "decision": "found", "id": first},
                 {"line": 2, "decision": "found", "id": first}],
                [{"line": 2, "decision": "found", "id": "4711"}],
                [{"line": 2, "decision": "found"}],
                [{"line": 2, "decision": "maybe"}],
            )
        ]  # fmt: skip
        listed = await loader("resolve", source, "--json")
    results = await loader("results", source)

    assert [each.status for each in tried] == [2, 2, 2, 2]
    assert "that of line 1 already" in tried[0].err
    assert "is not on the portal" in tried[1].err
    assert "needs the call's id" in tried[2].err
    assert "is no answer" in tried[3].err
    states = [row["state"] for row in results.rows]
    assert states == ["created", "in_doubt", "in_doubt", "in_doubt"]
    assert [row["line"] for row in listed.rows] == [2, 3, 4]
    assert first not in [each["id"] for each in listed.rows[0]["candidates"]]


async def test_a_search_that_lags_finds_nothing_and_says_nothing(
    loader: Loader, tmp_path: Path
):
    """Absence from the index decides nothing."""
    lagging = Scenario(quota=FREE, echo=True, fault=HALF, search_lag_s=3600)
    async with running(scenario=lagging) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        listed = await loader("resolve", source, "--json")
        asked = [each.endpoint for each in portal.requests]

    assert [row["candidates"] for row in listed.rows] == [[]] * 4
    assert asked.count("create") == 2


async def test_doubts_of_a_correction_are_asked_about_with_its_first_load(
    loader: Loader, tmp_path: Path
):
    """Its word is for the correction's ledger; the first load's results show it."""
    scenario = Scenario(quota=FREE, echo=True, fault=(LostAnswer(requests=(1,)),))
    async with running(scenario=scenario) as portal:
        connect(loader, portal.base_url)
        source = write_source(tmp_path / "calls.ndjson", 2, lambda n: [n])
        await loader("run", source, "--rate", "none")
        rejected = tmp_path / "calls.ndjson.load" / "rejected.ndjson"
        rejected.write_bytes(as_lines(corrected(read_rows(rejected))))
        await loader("run", rejected, "--rate", "none")
        listed = await loader("resolve", source, "--json")
        one, two = listed.rows
        answers = write_answers(
            tmp_path / "answers.ndjson",
            {"load": one["load"], "line": one["line"], "decision": "found",
             "id": one["candidates"][0]["id"]},
            {"load": two["load"], "line": two["line"], "decision": "found",
             "id": two["candidates"][0]["id"]},
        )  # fmt: skip
        resolved = await loader("resolve", source, "--answers", answers)
    results = await loader("results", source)

    assert resolved.status == 0, resolved.err
    assert "corrections" in one["load"]
    assert [row["state"] for row in results.rows] == ["created", "created"]


async def test_a_load_that_runs_or_another_portal_is_refused(
    loader: Loader, tmp_path: Path
):
    """And so is a terminal that is none."""
    slow = Scenario(quota=FREE, echo=True, fault=(Latency(mean_ms=300), *HALF))
    async with running(scenario=Scenario(quota=FREE, echo=True, fault=HALF)) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        mute = await loader("resolve", source)
        async with running(scenario=Scenario(portal_id=9)) as other:
            connect(loader, other.base_url)
            elsewhere = await loader("resolve", source, "--json")
    live = write_source(tmp_path / "live.ndjson", 100)
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        process = await loader.until(
            (tmp_path / "live.ndjson.load" / "status.json").exists,
            "run", live, "--workers", "1", "--batch-size", "2",
        )  # fmt: skip
        refused = await loader("resolve", live, "--json")
        process.kill()
        await ended(process)

    assert (mute.status, elsewhere.status, refused.status) == (2, 4, 4)
    assert "no terminal" in mute.err
    assert f"process {process.pid}" in refused.err


@pytest.mark.parametrize("decision", ["send", "found"])
async def test_a_word_outlives_a_damaged_ending(
    loader: Loader, tmp_path: Path, decision: str
):
    """Each is durable by itself: the ledger is sound after any of them."""
    async with running(scenario=Scenario(quota=FREE, echo=True, fault=HALF)) as portal:
        source = await in_doubt(loader, tmp_path, portal)
        (first, _) = (each.id for each in portal.calls())
        answer: dict[str, Any] = {"line": 1, "decision": decision}
        if decision == "found":
            answer["id"] = first
        path = write_answers(
            tmp_path / "answers.ndjson", answer,
            {"line": 2, "decision": "found", "id": "4711"},
        )  # fmt: skip
        stopped = await loader("resolve", source, "--answers", path)
        status = await loader("status", source, "--json")

    assert stopped.status == 2
    assert status.summary["in_doubt"] == 3
    assert status.summary["created"] == (decision == "found")
    assert status.summary["unread"] == (decision == "send")
    assert not status.summary["finished"] or decision == "found"
    rows = read_rows(tmp_path / "calls.ndjson.load" / "in_doubt.ndjson")
    assert json.dumps(rows[0]["record"]) == json.dumps(call(2))
