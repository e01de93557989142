"""A sample of ``python -m bench peers``: what is lost, twice or unexplained is seen."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import environments
from bench.peers import sides, trial
from bench.peers.bulk import BulkError, as_bulk, as_create, read_actions
from bench.peers.command import peers, turns
from bench.peers.sides import SIDES, Installed
from bench.peers.tables import lines as drawn
from bench.peers.trial import in_weather
from bench.peers.truth import Left, left_behind
from bench.peers.weather import WEATHERS
from bench.processes import Failed
from bench.records import KEY
from loader.sandbox.wire import Answer

#: a tool that sends again whatever failed, and one that says "failed" and goes on
BLIND = """
import json, os, urllib.request
from bench.peers.adapters.shared import *

source, folder, url = arguments()
report = Report(folder)
for batch in in_batches(read_records(source)):
    body = json.dumps({{"inputs": batch}}).encode()
    head = {{"Authorization": "Bearer any", "Content-Type": "application/json"}}
    ok = False
    for attempt in range({attempts}):
        try:
            urllib.request.urlopen(urllib.request.Request(url + CREATE, body, head))
            ok = True
            break
        except OSError:
            pass
    report.tell(map(key_of, batch), ok=ok)
"""


def ran(*arguments: str) -> dict:
    result = CliRunner().invoke(peers, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def bulk(*rows: dict) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def document(key: str) -> dict:
    return {"properties": {KEY: key}}


def answered(status: int, *, made: tuple[str, ...] = (), why: str = "") -> Answer:
    body = {"results": [{"id": f"9{k}", "properties": {KEY: k}} for k in made]}
    if why:
        context = {"objectWriteTraceId": ["b"]}
        body["errors"] = [{"message": why, "context": context}]
    return Answer(status, json.dumps(body).encode())


def a_pace(rate: int) -> dict:
    return {"median": rate, "cpu_us": 1.0, "rounds": [rate]}


@pytest.mark.parametrize(
    ("copies", "told", "left"),
    [
        ({"a": 1, "b": 1}, {"a": True, "b": True}, Left(0, 0, 0)),
        ({"a": 1}, {"a": True, "b": False}, Left(1, 0, 0)),
        ({"a": 1}, {"a": True, "b": True}, Left(1, 0, 1)),
        ({"a": 1}, {"a": True}, Left(1, 0, 1)),
        ({"a": 1, "b": 1}, {"a": True, "b": False}, Left(0, 0, 1)),
        ({"a": 1, "b": 1}, {"a": True}, Left(0, 0, 1)),
        ({"a": 3, "b": 2}, {"a": True, "b": True}, Left(0, 3, 0)),
        ({}, {}, Left(2, 0, 2)),
    ],
)
def test_what_is_left_is_what_portal_and_tool_do_not_agree_on(
    copies: dict[str, int], told: dict[str, bool], left: Left
):
    """Lost and twice by the portal alone; unexplained by what the tool said of it."""
    assert left_behind(["a", "b"], copies, told) == left


def test_a_side_that_fails_has_a_reason_in_place_of_a_figure():
    """In either table."""
    figures = {
        "speed": {"loader": {"failed": "status 3"}, "dlt": a_pace(1_000)},
        "left": {"dlt": {"cut": {"failed": "it hangs"}}},
        **dict.fromkeys(("lines", "speed_lines"), 10),
        "missing": {"singer": "no network"},
        "versions": ["dlt==1"],
    }

    text = "\n".join(drawn(figures))

    for each in ("status 3", "1,000", "it hangs", "not here: no network", "dlt==1"):
        assert each in text


def test_every_side_has_its_turn_and_the_order_turns_round():
    """A machine that slows down does so for all."""
    assert turns(["a", "b"], 3) == ["a", "b", "b", "a", "a", "b"]


def test_a_bulk_body_becomes_a_create_and_its_answer_a_bulk_answer():
    """Items come in the order of the actions, whatever the order of the results."""
    index = {"index": {"_index": "calls"}}
    actions = read_actions(bulk(index, document("a"), index, document("b")))

    answer = as_bulk(actions, answered(201, made=("b", "a")))

    inputs = json.loads(as_create(actions))["inputs"]
    assert [each["properties"][KEY] for each in inputs] == ["a", "b"]
    items = [each["index"] for each in json.loads(answer.body)["items"]]
    assert [(each["_id"], each["status"]) for each in items] == [
        ("9a", 201),
        ("9b", 201),
    ]
    assert answer.headers["X-Elastic-Product"] == "Elasticsearch"


@pytest.mark.parametrize(
    ("head", "why", "status"),
    [
        ({"index": {"_id": "b"}}, "document_id is taken", 200),
        ({"create": {"_id": "b"}}, "document_id is taken", 409),
        ({"index": {}}, "no such property", 400),
    ],
)
def test_an_id_of_ones_own_is_written_once(head: dict, why: str, status: int):
    """As Elasticsearch has it: ``index`` overwrites, ``create`` is refused."""
    actions = read_actions(bulk(head, document("b")))

    whole = json.loads(as_bulk(actions, answered(207, why=why)).body)

    ((item,),) = (each.values() for each in whole["items"])
    assert item["status"] == status
    assert whole["errors"] == (status != 200)


def test_a_refusal_of_the_whole_keeps_its_status_and_headers():
    """So that a client sees ``Retry-After``."""
    refused = Answer(429, b'{"message": "too many"}', headers={"Retry-After": "1"})

    answer = as_bulk([], refused)

    assert answer.status == 429
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "body", [b"{", bulk({"index": {}}), bulk({"delete": {}}, document("a"))]
)
def test_what_is_no_bulk_body_is_refused(body: bytes):
    """With a reason, rather than half done."""
    with pytest.raises(BulkError):
        read_actions(body)


def test_the_loader_leaves_nothing_behind():
    """Answers lost and a kill at half, as a process against the portal's process."""
    figures = ran(
        *("--peers", "loader", "--lines", "600", "--rounds", "1"),
        *("--speed-lines", "200", "--weather", "cut", "--weather", "killed"),
    )

    row = figures["left"]["loader"]
    assert set(row) == {"cut", "killed"}
    for each in row.values():
        assert (each["lost"], each["twice"], each["unexplained"]) == (0, 0, 0)
    assert row["killed"]["killed_at"] >= 300
    assert list(figures["speed"]) == ["loader"]
    assert figures["speed"]["loader"]["median"] > 0


@pytest.mark.parametrize(
    ("attempts", "left"), [(3, Left(0, 100, 0)), (1, Left(0, 0, 100))]
)
async def test_what_a_tool_leaves_behind_is_seen(
    attempts: int, left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of ten batches the answer to one is lost: sent again, or said to have failed."""
    script = tmp_path / "blind.py"
    script.write_text(BLIND.format(attempts=attempts))

    def command(_: object, __: object, source: Path, folder: Path) -> list[str]:
        return [sys.executable, str(script), str(source), str(folder)]

    monkeypatch.setattr(trial, "run_command", command)
    installed = Installed(sys.executable, tmp_path, "")

    tried = await in_weather(
        SIDES["hubspot-python"], installed, WEATHERS["cut"], 1_000, tmp_path
    )

    assert tried.left == left


def test_a_peer_that_cannot_be_installed_has_a_reason_and_no_figures(
    monkeypatch: pytest.MonkeyPatch,
):
    """The row says so; nothing is made up."""

    def offline(room: str, packages: list[str]) -> Path:
        raise Failed(f"no network for {packages[0]}, {room}\nand much more")

    monkeypatch.setattr(sides, "python_with", offline)

    figures = ran("--peers", "dlt", "--rounds", "0", "--weather", "none")

    assert figures["missing"] == {"dlt": "no network for dlt==1.31.0, dlt"}
    assert figures["left"] == {}
    assert figures["speed"] == {}


def test_without_node_its_client_is_told_missing(monkeypatch: pytest.MonkeyPatch):
    """Rather than failing at the first trial."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Failed, match="no node"):
        environments.node_with("node", ["@hubspot/api-client"])
