"""Every exit status, each by its cause, with a sentence that says what to do."""

import json
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from loader.sandbox import Scenario, running
from loader.sandbox.faults import Daily, Latency, Unauthorized
from loader.sandbox.scenario import QuotaSettings
from tests.acceptance.conftest import Loader, ended
from tests.acceptance.test_load import FREE, KEYED, connect
from tests.conftest import call, write_source


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "calls.ndjson", 120)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "0"], "workers"),
        (["--batch-size", "101"], "1 to 100"),
        (["--rate", "fast"], "190/10s"),
        (["--key", "Not A Name"], "internal name"),
        (["--api-version", "v9"], "2026-03"),
        (["--in-doubt", "guess"], "hold"),
        (["--nonsense"], "--nonsense"),
        (["--token-file", "missing"], "token file"),
        (["--config", "missing.toml"], "missing.toml"),
        ([], "HUBSPOT_ACCESS_TOKEN"),
    ],
)
async def test_2_bad_configuration_is_refused_before_anything_is_sent(
    loader: Loader, source: Path, arguments: list[str], words: str
):
    """One sentence: what, where, what to do."""
    ended_ = await loader("run", source, *arguments)

    assert ended_.status == 2
    assert words in ended_.err
    assert "Traceback" not in ended_.err


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hubapi.com",
        "http://127.0.0.1.evil.example",
        "http://2130706433",
        "http://[::ffff:127.0.0.1]",
        "ftp://127.0.0.1",
        "https://user:pw@api.hubapi.com",
    ],
)
async def test_2_the_token_never_goes_out_unprotected(
    loader: Loader, source: Path, url: str
):
    """``http`` only to this machine, however it is written."""
    connect(loader, url)
    ended_ = await loader("run", source)

    assert ended_.status == 2
    assert "HUBSPOT_BASE_URL" in ended_.err


async def test_2_a_token_file_that_others_can_read_is_refused(
    loader: Loader, source: Path, tmp_path: Path
):
    """With the command that mends it; mended, it is taken."""
    token = tmp_path / "token"
    token.write_text("secret\n")
    token.chmod(0o644)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        loader.environment = {"HUBSPOT_BASE_URL": portal.base_url}
        refused = await loader("run", source, "--token-file", token)
        token.chmod(0o600)
        taken = await loader("run", source, "--token-file", token, "--rate", "none")

    assert (refused.status, taken.status) == (2, 0)
    assert "chmod 600" in refused.err


async def test_2_4_what_cannot_be_used_is_told_in_a_sentence(
    loader: Loader, source: Path, tmp_path: Path
):
    """A log that is a link, a configuration that is no text."""
    folder = tmp_path / "load"
    folder.mkdir(mode=0o700)
    (folder / "run.log").symlink_to(tmp_path / "elsewhere")
    linked = await loader("run", source, "--sandbox", "--load-dir", folder)
    config = tmp_path / "loader.toml"
    config.write_bytes(b'rate = "\xff"\n')
    binary = await loader("run", source, "--sandbox", "--config", config)

    assert [each.status for each in (linked, binary)] == [4, 2]
    for each, words in ((linked, "run.log"), (binary, "loader.toml")):
        assert words in each.err
        assert len(each.err.splitlines()) == 1
    assert not (tmp_path / "elsewhere").exists()


async def test_2_a_key_cannot_be_the_trace_property_too(loader: Loader, source: Path):
    """Every line would be rejected, for a property that the loader writes itself."""
    key = ("--key", "loader_trace_id")
    ended_ = await loader("run", source, "--sandbox", *key)

    assert ended_.status == 2, ended_.err
    assert "--key loader_trace_id is also the trace property" in ended_.err


async def test_2_a_standard_input_that_is_closed_is_told_before_anything_is_made(
    loader: Loader, tmp_path: Path
):
    """Else its descriptor would be that of the first file that is opened."""
    loader.before = lambda: os.close(0)
    ended_ = await loader("run", "-", "--sandbox", "--load-dir", tmp_path / "load")

    assert ended_.status == 2
    assert "standard input is closed" in ended_.err
    assert not (tmp_path / "load").exists()


async def test_settings_come_from_flags_then_environment_then_configuration(
    loader: Loader, source: Path, tmp_path: Path
):
    """The nearer one wins; an unknown key is refused by name."""
    config = tmp_path / "loader.toml"
    config.write_text('workers = 0\nrate = "none"\n')
    arguments = ("run", source, "--sandbox", "--config", config)
    from_file = await loader(*arguments)
    loader.environment = {"LOADER_WORKERS": "-1"}
    from_environment = await loader(*arguments)
    from_flag = await loader(*arguments, "--workers", "4")
    config.write_text("colour = 1\n")
    unknown = await loader(*arguments)

    assert "workers is 0" in from_file.err
    assert "workers is -1" in from_environment.err
    assert from_flag.status == 0, from_flag.err
    assert unknown.status == 2
    assert "colour" in unknown.err


async def test_one_configuration_serves_all_commands(
    loader: Loader, source: Path, tmp_path: Path
):
    """Its keys are the options' long names; each command takes those of its own."""
    config = tmp_path / "loader.toml"
    config.write_text(
        'rate = "none"\npatience = 5\n"read-timeout" = 7.5\nin_doubt = "hold"\n'
        'load_dir = "elsewhere"\nformat = "csv"\nstate = ["created"]\n'
        'sandbox = true\nlog_format = "json"\nport = 0\n'
    )
    ran = await loader("run", source, "--config", config)
    listed = await loader("results", source, "--config", config)
    stands = await loader("status", source, "--config", config, "--json")

    assert ran.status == 0, ran.err
    assert ran.err.startswith("{")
    assert listed.out.startswith("line,offset")
    assert stands.summary["created"] == 120
    assert (tmp_path / "elsewhere").is_dir()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("json = true", "json"),
        ("patience_s = 5", "patience_s"),
        ("workers = [1]", "workers"),
        ("rate = {a = 1}", "rate"),
        ("read-timeout = 0", "read-timeout"),
    ],
)
async def test_2_a_configuration_that_makes_no_sense_is_told(
    loader: Loader, source: Path, tmp_path: Path, line: str, words: str
):
    """By the key that is wrong."""
    config = tmp_path / "loader.toml"
    config.write_text(line)
    ended_ = await loader("run", source, "--sandbox", "--config", config)

    assert ended_.status == 2
    assert words in ended_.err
    assert "internal" not in ended_.err


async def stopped(loader: Loader, source: Path, scenario: Scenario) -> str:
    async with running(scenario=scenario) as portal:
        connect(loader, portal.base_url)
        ended_ = await loader("run", source, "--rate", "none", "--json")
    assert ended_.status == 3, ended_.err
    assert not ended_.summary["finished"]
    assert ended_.summary["lines"] == 120
    return ended_.summary["reason"]


async def test_3_a_refused_token_stops_the_run(loader: Loader, source: Path):
    """It says where the token comes from; the same command resumes."""
    fault = Unauthorized(endpoint="any")
    reason = await stopped(loader, source, Scenario(quota=FREE, fault=(fault,)))
    assert "HUBSPOT_ACCESS_TOKEN" in reason

    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        resumed = await loader("run", source, "--rate", "none")
    assert resumed.status == 0


async def test_3_a_missing_scope_is_told_by_name(loader: Loader, source: Path):
    """And what to do about it."""
    scope = "crm.objects.contacts.write"
    scenario = Scenario(quota=FREE, installed=KEYED, missing_scopes=(scope,))
    reason = await stopped(loader, source, scenario)

    assert scope in reason
    assert "add it" in reason


async def test_3_the_daily_limit_tells_when_it_ends(loader: Loader, source: Path):
    """Midnight of the portal's zone, in UTC."""
    fault = Daily(endpoint="create")
    scenario = Scenario(quota=FREE, installed=KEYED, fault=(fault,))
    reason = await stopped(loader, source, scenario)

    assert "daily" in reason
    assert "00:00 UTC" in reason


async def test_3_an_unreachable_portal_ends_the_users_patience(
    loader: Loader, source: Path
):
    """After the time that was asked for, not for ever."""
    connect(loader, "http://127.0.0.1:9")
    ended_ = await loader("run", source, "--patience", "0.3")

    assert ended_.status == 3
    assert "same command" in ended_.err


async def test_3_a_full_disk_stops_the_run_and_nothing_is_sent_after(
    loader: Loader, tmp_path: Path
):
    """The ledger's failure is the end; with room again the same command resumes."""
    source = write_source(tmp_path / "calls.ndjson", 3000)
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        loader.before = limit_files
        full = await loader("run", source, "--rate", "none", "--batch-size", "20")
        loader.before = None
        resumed = await loader("run", source, "--rate", "none", "--json")
        found = portal.audit()

    assert full.status == 3, full.err
    assert "ledger" in full.err
    assert "same command" in full.err
    assert (resumed.status, resumed.summary["created"]) == (0, 3000)
    assert (found.objects, found.duplicates) == (3000, ())


def limit_files() -> None:
    """Let no file of this process grow beyond 250 kB, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))


async def loaded(loader: Loader, source: Path) -> Path:
    ended_ = await loader("run", source, "--sandbox", "--rate", "none")
    assert ended_.status == 0
    return source.with_name(source.name + ".load")


async def test_4_another_source_is_refused(loader: Loader, source: Path):
    """By its first line, or by any line that was loaded; with both names or offset."""
    await loaded(loader, source)
    whole = source.read_bytes()
    source.write_bytes(json.dumps(call(9999)).encode() + b"\n" + whole)
    other = await loader("run", source, "--sandbox")
    source.write_bytes(whole.replace(b"call 110", b"call 011"))
    changed = await loader("run", source, "--sandbox")
    source.write_bytes(whole[: len(whole) // 2])
    shorter = await loader("run", source, "--sandbox")

    assert [other.status, changed.status, shorter.status] == [4, 4, 4]
    assert "another source" in other.err
    assert "offset" in changed.err
    assert "--load-dir" in shorter.err


async def test_4_another_portal_is_refused(loader: Loader, source: Path):
    """A ledger belongs to the portal it was begun with."""
    for number, status in ((1, 0), (2, 4)):
        scenario = Scenario(portal_id=number, quota=FREE, installed=KEYED)
        async with running(scenario=scenario) as portal:
            connect(loader, portal.base_url)
            ended_ = await loader("run", source, "--rate", "none")
        assert ended_.status == status
    assert "portal: 1, not 2" in ended_.err


async def test_4_another_key_or_a_lost_trace_property_is_refused(
    loader: Loader, source: Path
):
    """IDs would change, or records could no longer be asked for."""
    before = Scenario(portal_id=7, quota=FREE, installed=KEYED)
    async with running(scenario=before) as portal:
        connect(loader, portal.base_url)
        await loader("run", source)
        key = await loader("run", source, "--key", "hs_call_title")
    async with running(scenario=Scenario(portal_id=7, quota=FREE)) as portal:
        connect(loader, portal.base_url)
        gone = await loader("run", source)

    assert (key.status, gone.status) == (4, 4)
    assert "--key" in key.err
    assert "loader_trace_id" in gone.err


async def test_4_a_damaged_ledger_is_refused(loader: Loader, source: Path):
    """And left as it is."""
    folder = await loaded(loader, source)
    (folder / "ledger.db").write_bytes(b"noise" * 5000)
    for command in ("run", "status", "results"):
        arguments = ["--sandbox"] if command == "run" else []
        ended_ = await loader(command, source, *arguments)
        assert ended_.status == 4, command
        assert "ledger" in ended_.err


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
async def test_130_143_a_signal_finishes_what_is_in_flight(
    loader: Loader, tmp_path: Path, number: signal.Signals, status: int
):
    """Nothing is left in doubt, and the same command resumes."""
    source = write_source(tmp_path / "calls.ndjson", 900)
    slow = Scenario(quota=FREE, installed=KEYED, fault=(Latency(mean_ms=200),))
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        process = await loader.until(
            lambda: any(visit.endpoint == "create" for visit in portal.requests),
            "run", source, "--rate", "none", "--workers", "2", "--json",
        )  # fmt: skip
        process.send_signal(number)
        interrupted = await ended(process)
        resumed = await loader("run", source, "--rate", "none", "--json")
        found = portal.audit()

    assert interrupted.status == status, interrupted.err
    summary = interrupted.summary
    assert summary["in_doubt"] == 0
    assert 0 < summary["created"] < 900
    assert summary["created"] + summary["unread"] == summary["lines"] == 900
    assert (resumed.status, resumed.summary["created"]) == (0, 900)
    assert (found.objects, found.duplicates) == (900, ())


async def test_143_a_silent_stream_does_not_keep_a_signal_waiting(
    loader: Loader, tmp_path: Path
):
    """Not one line has come, and the writer stays: one SIGTERM is enough."""
    fifo, folder = tmp_path / "calls", tmp_path / "load"
    os.mkfifo(fifo)
    writer = os.open(fifo, os.O_RDWR)
    process = await loader.until(
        (folder / "ledger.db-wal").exists,
        "run", fifo, "--sandbox", "--load-dir", folder,
    )  # fmt: skip
    process.send_signal(signal.SIGTERM)
    stopped = await ended(process)
    os.close(writer)

    assert stopped.status == 143, stopped.err
    assert "run the same command again" in stopped.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_while_the_program_starts_shows_no_traceback(
    loader: Loader, source: Path, number: signal.Signals
):
    """Modules are still imported, and nothing has begun: it ends with the status."""
    reached = source.with_name("reached")
    loader.environment["PYTHONPATH"] = os.pathsep.join(
        [str(source.parent / "slow"), *sys.path]
    )
    slow = source.parent / "slow" / "click"
    slow.mkdir(parents=True)
    (slow / "__init__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(reached)!r}).touch()\ntime.sleep(60)"
    )
    process = await loader.until(reached.exists, "run", source, "--sandbox")
    process.send_signal(number)
    stopped = await ended(process)

    assert (stopped.status, stopped.err) == (128 + number, "")


async def test_a_second_signal_leaves_at_once(loader: Loader, tmp_path: Path):
    """Everything is on disk already: the next run asks for what was in flight."""
    source = write_source(tmp_path / "calls.ndjson", 300)
    slow = Scenario(
        quota=FREE, installed=KEYED, fault=(Latency(mean_ms=2000, times=1),)
    )
    async with running(scenario=slow) as portal:
        connect(loader, portal.base_url)
        folder = tmp_path / "calls.ndjson.load"
        process = await loader.until(
            (folder / "status.json").exists,
            "run", source, "--rate", "none", "--workers", "1",
        )  # fmt: skip
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while b"once more" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        interrupted = await ended(process)
        resumed = await loader("run", source, "--rate", "none", "--json")
        found = portal.audit()

    assert interrupted.status == 130
    assert (resumed.status, resumed.summary["created"]) == (0, 300)
    assert (found.objects, found.duplicates) == (300, ())


async def test_throttling_is_counted_and_harmless(loader: Loader, tmp_path: Path):
    """A quota below the pace: refused requests are sent again, nothing is lost."""
    source = write_source(tmp_path / "calls.ndjson", 400)
    quota = QuotaSettings(limit=4, interval_ms=300)
    async with running(scenario=Scenario(quota=quota, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        ended_ = await loader(
            "run", source, "--rate", "none", "--batch-size", "20", "--json"
        )
        found = portal.audit()

    assert ended_.status == 0, ended_.err
    assert ended_.summary["throttled"] > 0
    assert (found.objects, found.duplicates) == (400, ())
