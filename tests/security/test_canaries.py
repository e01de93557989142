"""A canary token and canary customers go through every kind of run, and stay inside.

The token may be nowhere; what customers said only in the ledger, the result files and
the portal of a rehearsal.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from loader.sandbox import Scenario, running
from loader.sandbox.faults import (
    ErrorAfter,
    Latency,
    LostAnswer,
    Omission,
    RefuseBatch,
    Unauthorized,
)
from tests.acceptance.conftest import TOKEN, Loader, ended
from tests.acceptance.test_load import FREE, KEYED, connect
from tests.conftest import call, write_source

#: what customers said: in properties of every kind, in good and in bad lines
PERSONAL = (
    "+4915199CANARY",
    "canary-body",
    "canary-title",
    "Jane Canary",
    "c-id-canary",
)
MAY_HOLD = ("ledger.db", "ledger.db-wal", "rejected.ndjson", "in_doubt.ndjson",
            "sandbox.db", "sandbox.db-wal", "sandbox.db-shm")  # fmt: skip


def personal(number: int) -> Any:
    """Return a line with canaries: good, refused by the portal, or no record at all."""
    phone, body, title, name, named = PERSONAL
    value = call(
        number,
        hs_call_from_number=phone,
        hs_call_to_number=phone,
        hs_call_body=f"{body} {number}",
        hs_call_title=f"{title} {name}",
    )
    match number % 12:
        case 3:
            value["properties"]["hs_call_direction"] = f"{phone} {body}"
        case 4:
            value["properties"]["hs_call_duration"] = f"{name}"
        case 5:
            return json.dumps(value).encode()[:-9]
        case 6:
            value["properties"]["x"] = {name: phone}
        case 7:
            value["objectWriteTraceId"] = f"{named} \x07"
        case 8:
            value["properties"] = {"hs_call_body": body, "hs_timestamp": name}
        case 9:
            value["properties"]["hs_call_body"] = body * 10_000
    return value


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "calls.ndjson", 60, personal)


def check(folder: Path, *outputs: str) -> None:
    """Find no canary where none may be."""
    for output in outputs:
        for canary in (TOKEN, *PERSONAL):
            assert canary not in output
    paths = [each for each in folder.rglob("*") if each.is_file()]
    assert paths
    for path in paths:
        content = path.read_bytes()
        assert TOKEN.encode() not in content, path.name
        if path.name not in MAY_HOLD:
            for canary in PERSONAL:
                assert canary.encode() not in content, path.name


@pytest.mark.parametrize(
    ("scenario", "log_format"),
    [
        (Scenario(quota=FREE, installed=KEYED), "text"),
        (Scenario(quota=FREE, fault=(LostAnswer(every=2),)), "json"),
        (
            Scenario(
                quota=FREE,
                installed=KEYED,
                fault=(ErrorAfter(every=4), Omission(every=5), LostAnswer(every=7)),
            ),
            "json",
        ),
        (Scenario(quota=FREE, fault=(RefuseBatch(every=2),)), "text"),
        (
            Scenario(
                quota=FREE, fault=(Unauthorized(endpoint="create", requests=(2,)),)
            ),
            "json",
        ),
    ],
    ids=["rejects", "lost answers", "weather", "refused batches", "bad token"],
)
async def test_nothing_comes_out_of_a_run(
    loader: Loader, source: Path, scenario: Scenario, log_format: str
):
    """Good, rejected and in-doubt records, in either form of log."""
    async with running(scenario=scenario) as portal:
        connect(loader, portal.base_url)
        run = await loader(
            "run", source, "--rate", "none", "--batch-size", "10", "--patience", "5",
            "--log-format", log_format, "--json",
        )  # fmt: skip
    status = await loader("status", source)

    assert run.status in (1, 3), run.err
    assert "internal error" not in run.err
    check(loader.folder / "calls.ndjson.load", run.out, run.err, status.out, status.err)


@pytest.mark.parametrize("status", [400, 403, 409, 500])
async def test_a_portal_that_quotes_what_it_refuses_is_not_quoted(
    loader: Loader, source: Path, status: int
):
    """What ends a run is told in our words: a portal may say anything."""

    async def quote(request: web.Request) -> web.Response:
        text = await request.text()
        said = {"category": text[:900], "message": text, "status": text[:90]}
        said["message"] += request.headers["Authorization"]
        return web.json_response(said, status=status)

    async def account(_: web.Request) -> web.Response:
        return web.json_response({"portalId": 1, "results": []})

    application = web.Application(client_max_size=1 << 26)
    application.router.add_get("/{tail:.*}", account)
    application.router.add_post("/{tail:.*}", quote)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    connect(loader, f"http://{host}:{port}")
    run = await loader("run", source, "--rate", "none", "--patience", "1", "--json")
    await runner.cleanup()
    folder = loader.folder / "calls.ndjson.load"
    for name in ("in_doubt.ndjson", "rejected.ndjson", "ledger.db"):
        (folder / name).unlink()  # there the portal's words belong

    assert run.status in (1, 3), run.err
    check(folder, run.out, run.err)


def small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))


async def test_nothing_comes_out_when_the_ledger_fails(loader: Loader, tmp_path: Path):
    """Nor in what a full disk is told with."""
    source = write_source(tmp_path / "calls.ndjson", 1500, personal)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        loader.before = small_files
        run = await loader("run", source, "--rate", "none", "--batch-size", "20")

    assert run.status == 3, run.err
    assert "ledger" in run.err
    check(tmp_path / "calls.ndjson.load", run.out, run.err)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("loader.pipeline.courier", "_payload_digest"),
        ("loader.ledger.journal", "pack_records"),
        ("loader.source.decode", "malformed"),
        ("loader.hubspot.client", "create_body"),
        ("loader.report.rows", "_record"),
    ],
)
async def test_nothing_comes_out_of_an_unexpected_error(
    loader: Loader, source: Path, place: str, name: str
):
    """Its type and place are told, never its values; no traceback."""
    hook = loader.folder / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(f"""
import os, importlib, {place}
def broken(*values, **more):
    token = os.environ.get("HUBSPOT_ACCESS_TOKEN")
    raise RuntimeError(f"{{token}} {{values!r}} {{more!r}}")
{place}.{name} = broken
""")
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        paths = [str(hook), str(Path(__file__).parents[2])]
        loader.environment["PYTHONPATH"] = os.pathsep.join(paths)
        run = await loader("run", source, "--rate", "none", "--patience", "1")
    (hook / "sitecustomize.py").unlink()

    assert run.status == 3
    assert "Traceback" not in run.err
    check(loader.folder / "calls.ndjson.load", run.out, run.err)


async def test_nothing_is_seen_of_a_running_process_nor_left_by_a_killed_one(
    loader: Loader, source: Path
):
    """No argument, no child, no core; what a SIGABRT leaves is no dump."""
    slow = Scenario(quota=FREE, installed=KEYED, fault=(Latency(mean_ms=200),))
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        for number in (signal.SIGABRT, signal.SIGKILL):
            goal = len(portal.requests) + 5
            process = await loader.until(
                lambda goal=goal: len(portal.requests) >= goal,
                "run", source, "--rate", "none", "--batch-size", "5", "--workers", "2",
            )  # fmt: skip
            proc = Path("/proc", str(process.pid))
            arguments = (proc / "cmdline").read_bytes().decode()
            children = [each.read_text() for each in proc.glob("task/*/children")]
            limits = (proc / "limits").read_text()
            process.send_signal(number)
            result = await ended(process)
            check(loader.folder / "calls.ndjson.load", arguments, result.err)

    assert "".join(children).split() == []
    (core,) = [line for line in limits.splitlines() if "core file" in line]
    assert core.split()[4:6] in (["1", "1"], ["0", "0"])
    assert not list(loader.folder.rglob("core*"))


async def test_nothing_is_shown_on_a_terminal(
    loader: Loader, source: Path, monkeypatch: pytest.MonkeyPatch
):
    """The bar and the messages above it."""
    ours, theirs = os.openpty()
    weather = (LostAnswer(every=3), Latency(mean_ms=20))
    async with running(scenario=Scenario(quota=FREE, fault=weather)) as portal:
        process = await asyncio.create_subprocess_exec(
            *command("run", str(source), "--rate", "none", "--batch-size", "10"),
            env=dict(os.environ)
            | {"HUBSPOT_BASE_URL": portal.base_url, "HUBSPOT_ACCESS_TOKEN": TOKEN},
            cwd=loader.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = await asyncio.to_thread(read_all, lambda: os.read(ours, 65536))
        await process.wait()
    os.close(ours)

    assert process.returncode == 1
    assert b"in_doubt" in shown
    check(loader.folder / "calls.ndjson.load", shown.decode("utf-8", "replace"))


def command(*arguments: str) -> list[str]:

    return [sys.executable, "-m", "loader", *arguments]


def read_all(read: Callable[[], bytes]) -> bytes:
    """Read a terminal until its other end is closed."""
    pieces: list[bytes] = []
    while True:
        try:
            piece = read()
        except OSError:
            return b"".join(pieces)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
