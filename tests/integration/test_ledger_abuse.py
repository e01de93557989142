"""The ledger damaged, lost, rolled back, swapped: noticed, or harmless."""

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

import loader
from bench.crash.damage_command import sweep
from loader.assembly.inspect import opened_results, standing
from loader.assembly.opening import open_ledger
from loader.assembly.preparing import prepare_portal
from loader.errors import LedgerDamaged, LedgerMismatch
from loader.ledger import projection, recovery, store
from loader.ledger.integrity import add_row_sum, row_sum
from loader.ledger.mark import read_mark
from loader.ledger.seal import reseal
from loader.ledger.sql import statements
from loader.ledger.undoing import Undo, begin_undo, spare
from loader.ledger.verification import advance_verification, begin_verification
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity
from loader.model.proof import Finding, Made, Standing
from loader.model.settings import Place
from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency, LostAnswer
from loader.sandbox.scenario import QuotaSettings
from tests.conftest import a_line, call, write_source

FREE = QuotaSettings(limit="none")
KEYED = Scenario(quota=FREE, installed=("loader_trace_id",))
IDENTITY = LoadIdentity("calls.ndjson", "0123456789ab", "42", "loader_trace_id", None)


async def test_whatever_is_damaged_nothing_is_lost_twice_or_wrong():
    """A sample of ``python -m bench damage``: refused and rebuilt, or right."""
    outcomes = await sweep(first_seed=1, seeds=20)

    assert [each for each in outcomes if each.faults] == []
    assert {each.plain for each in outcomes} == {"refused", "complete"}


def mixed(number: int):
    """Return a line of every kind that leaves a row of its own."""
    if number % 10 == 3:
        return b"{broken"
    if number % 10 == 7:
        return {**call(number), "objectWriteTraceId": f"own-{number}"}
    return call(number)


async def a_load(source: Path, base_url: str, **more) -> loader.Summary:
    settings = loader.Settings(base_url=base_url, rate="none", batch_size=20)
    return await loader.load(source, token="any", settings=settings, **more)


@pytest.fixture
async def loaded(tmp_path: Path) -> Place:
    """The folder of a load that has ended, with rows in every table."""
    source = write_source(tmp_path / "calls.ndjson", 60, mixed)
    async with running(scenario=KEYED) as portal:
        await a_load(source, portal.base_url)
    place = Place(tmp_path / "calls.ndjson.load")
    connection = store.connect(place.ledger)
    made = Made(2, 100, "id-2", "512")
    finding = Finding(3, 200, "id-3", "513", Standing.MISSING)
    state = replace(begin_verification(connection, "then"), ended_at="then")
    advance_verification(connection, state, [finding])
    begin_undo(connection, Undo("then", None, "digest", 2))
    spare(connection, [(made, "changed")])
    connection.close()
    return place


@pytest.mark.parametrize(
    "table",
    [
        "load", "batch", "exception", "identity", "tally", "mark", "verification",
        "finding", "undo", "spared",
    ],
)  # fmt: skip
async def test_no_value_of_any_row_changes_unnoticed(loaded: Place, table: str):
    """A checksum over each row, compared at opening, finds every single column."""
    original = loaded.ledger.read_bytes()
    with sqlite3.connect(loaded.ledger) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    for name in names:
        with sqlite3.connect(loaded.ledger) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(f"UPDATE {table} SET {name} = {changed(table, name)}")
        connection.close()
        with pytest.raises(LedgerDamaged, match="--rebuild"):
            store.connect(loaded.ledger)
        loaded.ledger.write_bytes(original)

    store.connect(loaded.ledger).close()


def changed(table: str, name: str) -> str:
    """Return an expression that makes a value another one of the same type."""
    if table in ("load", "tally", "mark", "verification", "undo"):
        unlike = {"text": "'x'", "integer": f"coalesce({name}, 0) + 1"}
    else:
        unlike = {"text": f"'x' || {name}", "integer": f"coalesce({name}, 0) + 1"}
    return (
        f"CASE typeof({name}) WHEN 'text' THEN {unlike['text']} "
        f"WHEN 'blob' THEN CAST(substr({name}, 2) || x'00' AS BLOB) "
        f"WHEN 'real' THEN {name} + 1.0 "
        f"ELSE CASE WHEN {name} IS NULL THEN {fits(name)} "
        f"ELSE {unlike['integer']} END END"
    )


def fits(name: str) -> str:
    """Return a value of the column's type in place of NULL."""
    blobs = ("payload", "doubted", "objects", "raw", "checksum")
    numbers = ("duplicate_of",)
    return "x'01'" if name in blobs else "1" if name in numbers else "'x'"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX batch_line",
        "ALTER TABLE batch RENAME COLUMN doubted TO doubtee",
        "DELETE FROM tally",
        "DELETE FROM mark",
        "PRAGMA user_version = 0",
    ],
)
async def test_a_ledger_of_another_shape_is_damaged(loaded: Place, statement: str):
    """Tables, indexes and the single rows are those that this version makes."""
    with sqlite3.connect(loaded.ledger) as connection:
        connection.execute(statement)
    connection.close()

    with pytest.raises(LedgerDamaged, match="damaged"):
        store.connect(loaded.ledger)


async def test_a_ledger_of_version_1_is_taken_along(tmp_path: Path):
    """Its rows get their checksums; what it held in doubt, and how, is kept."""
    path = tmp_path / "ledger.db"
    script = (Path(__file__).parent / "ledger_version_1.sql").read_text()
    connection = sqlite3.connect(path, isolation_level=None)
    for each in statements(script):
        connection.execute(each)
    connection.executescript(f"""
        PRAGMA application_id = {store.APPLICATION_ID};
        PRAGMA user_version = 1;
        INSERT INTO load VALUES (1, 's', 'd', 'calls', '42', NULL, NULL, 'then');
        INSERT INTO batch VALUES (0, 10, 1, 2, 1, 0, 0, 0, 1, 0, 0, x'00', x'00',
                                  x'95a0909080c0', NULL, NULL);
        INSERT INTO exception (line, offset, state, category, raw)
            VALUES (1, 0, 'rejected', 'NOT_JSON', x'7b');
        INSERT INTO identity VALUES (x'aa', 1, x'bb');
        UPDATE tally SET requests = 7, finished = 1;
    """)
    connection.close()
    for _ in range(2):
        connection = store.connect(path)
        counts = projection.counts(connection)
        identity, mark = store.read_identity(connection), read_mark(connection)
        plan = recovery.read_plan(connection, keyed=False, resend=False)
        connection.close()

    assert (counts.requests, counts.rejected, counts.finished) == (7, 1, True)
    assert identity == LoadIdentity("s", "d", "42", None, None)
    assert (mark.generation, mark.rebuilding, mark.unkeyed) == (0, False, True)
    assert plan.frontier.end == 10


def version_2(path: Path, seal: Path, *, flaw: str = "") -> None:
    """Write a ledger and its seal as version 2 did."""
    script = (Path(__file__).parent / "ledger_version_2.sql").read_text()
    connection = sqlite3.connect(path, isolation_level=None)
    add_row_sum(connection)
    for each in statements(script):
        connection.execute(each)
    connection.executescript(f"""
        PRAGMA application_id = {store.APPLICATION_ID};
        PRAGMA user_version = 2;
        INSERT INTO load VALUES (1, 's', 'd', 'calls', '42', NULL, NULL, 'then',
            row_sum(1, 's', 'd', 'calls', '42', NULL, NULL, 'then'));
        INSERT INTO tally VALUES (1, 7, 0, 0, 0.5, 1, row_sum(1, 7, 0, 0, 0.5, 1));
        INSERT INTO mark VALUES (1, 'ab', 3, 0, 1, row_sum(1, 'ab', 3, 0, 1));
        {flaw}
    """)
    connection.close()
    told = (
        b'{"mark":{"ledger":"ab","generation":3,"rebuilding":false,"unkeyed":true},'
        b'"identity":{"source_name":"s","source_digest":"d","portal_id":"42",'
        b'"trace_property":null,"key_property":null,"object_type":"calls"}}'
    )
    checksum = row_sum(told).hex().encode()
    seal.write_bytes(b'{"seal":' + told + b',"checksum":"' + checksum + b'"}\n')


def test_a_ledger_of_version_2_is_taken_along_with_its_seal(tmp_path: Path):
    """It knows of no verification and no undo; its old seal still fits."""
    place = Place(tmp_path)
    version_2(place.ledger, place.seal)
    for _ in range(2):
        connection = open_ledger(place)
        counts, mark = projection.counts(connection), read_mark(connection)
        connection.close()

    assert counts.requests == 7
    assert (mark.generation, mark.unkeyed, mark.undone) == (3, True, False)


def test_a_mark_of_version_2_that_is_damaged_is_not_taken_along(tmp_path: Path):
    """The migration gives no new checksum to what was not written so."""
    place = Place(tmp_path)
    version_2(place.ledger, place.seal, flaw="UPDATE mark SET generation = 9;")

    with pytest.raises(LedgerDamaged, match="mark"):
        open_ledger(place)


# -- lost, old, or another's --


async def sealed(place: Place, times: int) -> None:
    """Move a ledger and its seal on, as runs do."""
    connection = open_ledger(place)
    async with Writer(connection) as writer:
        await writer.run(
            lambda connection: store.bind(connection, IDENTITY, created_at="now")
        )
        for _ in range(times):
            await reseal(writer, place.seal)
    connection.close()


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    """A folder with a ledger and its seal."""
    (tmp_path / "load").mkdir()
    place = Place(tmp_path / "load")
    await sealed(place, 1)
    return place


async def test_an_older_copy_is_noticed(place: Place):
    """Also without the trace property: the seal beside it is further on."""
    shutil.copy(place.ledger, place.folder / "copy")
    await sealed(place, 1)
    (place.folder / "copy").replace(place.ledger)

    with pytest.raises(LedgerDamaged, match=r"older copy.*--rebuild"):
        open_ledger(place)


async def test_a_log_that_is_gone_after_a_crash_is_noticed(place: Place):
    """The database alone is an older copy."""
    connection = open_ledger(place)
    async with Writer(connection) as writer:
        await reseal(writer, place.seal)
        database = place.ledger.read_bytes()
    connection.close()
    place.ledger.write_bytes(database)

    with pytest.raises(LedgerDamaged, match="older copy"):
        open_ledger(place)


async def test_another_ledger_in_its_place_is_noticed(place: Place, tmp_path: Path):
    """Even one of the same source and portal."""
    (tmp_path / "other").mkdir()
    await sealed(Place(tmp_path / "other"), 5)
    (tmp_path / "other" / "ledger.db").replace(place.ledger)

    with pytest.raises(LedgerDamaged, match="not the one of this folder"):
        open_ledger(place)


def gone(ledger: Path) -> None:
    ledger.unlink()


def a_folder(ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()


def a_link(ledger: Path) -> None:
    ledger.symlink_to(ledger.rename(ledger.with_name("elsewhere")))


def a_link_to_nothing(ledger: Path) -> None:
    ledger.unlink()
    ledger.symlink_to("nowhere")


def empty(ledger: Path) -> None:
    ledger.write_bytes(b"")


def empty_beside_a_log(ledger: Path) -> None:
    ledger.write_bytes(b"")
    ledger.with_name("ledger.db-wal").write_bytes(b"log" * 100)


def gone_beside_a_log(ledger: Path) -> None:
    ledger.unlink()
    ledger.with_name("ledger.db-wal").write_bytes(b"log" * 100)


def a_log_that_is_a_link(ledger: Path) -> None:
    ledger.with_name("ledger.db-wal").symlink_to("elsewhere")


def sizes(place: Place) -> dict[str, int]:
    return {each.name: each.lstat().st_size for each in place.folder.iterdir()}


@pytest.mark.parametrize(
    "abuse",
    [gone, a_folder, a_link, a_link_to_nothing, empty, empty_beside_a_log,
     gone_beside_a_log, a_log_that_is_a_link],
)  # fmt: skip
async def test_what_is_no_ledger_any_more_is_refused_and_left_as_it_is(
    place: Place, abuse
):
    """With what to do, and without making a new one in its place."""
    abuse(place.ledger)
    before = sizes(place)

    with pytest.raises(LedgerDamaged, match="--rebuild"):
        open_ledger(place)
    assert before == sizes(place)


@pytest.mark.parametrize("noise", [b"", b"{}", b"noise", b"\xff" * 70_000])
async def test_a_damaged_seal_is_no_reason_to_trust_the_ledger(
    place: Place, noise: bytes
):
    """Refused, with what to do."""
    place.seal.write_bytes(noise)

    with pytest.raises(LedgerDamaged, match="seal"):
        open_ledger(place)


async def test_every_bit_of_the_seal_counts(place: Place):
    """None can flip unnoticed."""
    original = place.seal.read_bytes()
    for position in range(len(original) * 8 - 8):  # the last byte is a line break
        flipped = bytearray(original)
        flipped[position // 8] ^= 1 << position % 8
        place.seal.write_bytes(flipped)
        with pytest.raises(LedgerDamaged):
            open_ledger(place).close()


async def test_a_ledger_that_others_may_read_is_closed_to_them(place: Place):
    """Whatever its mode has become."""
    place.ledger.chmod(0o666)
    open_ledger(place).close()

    assert stat.S_IMODE(place.ledger.stat().st_mode) == 0o600


# -- rebuilt --


async def test_a_lost_ledger_is_rebuilt_by_asking(tmp_path: Path):
    """Found is settled by whose ID it is, absent is sent, archived stays archived."""
    source = write_source(tmp_path / "calls.ndjson", 60, mixed)
    place = Place(tmp_path / "calls.ndjson.load")
    async with running(scenario=KEYED) as portal:
        first = await a_load(source, portal.base_url)
        source.write_bytes(source.read_bytes() + a_line(61) + a_line(62))
        place.ledger.write_bytes(b"noise")
        with pytest.raises(LedgerDamaged, match="--rebuild"):
            await a_load(source, portal.base_url)
        with pytest.raises(LedgerDamaged, match="--rebuild"):
            standing(str(source), None)
        said: list[str] = []
        rebuilt = await a_load(source, portal.base_url, rebuild=True, say=said.append)
        creates = sum(visit.endpoint == "create" for visit in portal.requests)
        again = await a_load(source, portal.base_url)
        there = {each.trace_id: each.id for each in portal.calls()}
        found = portal.audit()
    with opened_results(str(source), None) as results:
        rows = list(results)

    assert (first.created, first.rejected) == (54, 6)
    assert (rebuilt.created, rebuilt.existing, rebuilt.rejected) == (50, 6, 6)
    assert (rebuilt.ending, again.ending) == ("complete", "complete")
    assert creates == 3 + 1
    assert found.duplicates == ()
    assert {r.trace_id for r in rows if r.state == "existing"} == {
        f"own-{n}" for n in range(7, 60, 10)
    }
    assert all(r.object_id == there.get(r.trace_id) for r in rows if r.object_id)
    assert (place.folder / "ledger.db.lost-1").read_bytes() == b"noise"
    assert any("ledger.db.lost-1" in line for line in said)


async def test_a_rebuild_that_is_cut_off_goes_on_by_the_plain_command(tmp_path: Path):
    """It still asks before it sends, and keeps what it knows already."""
    source = write_source(tmp_path / "calls.ndjson", 100)
    place = Place(tmp_path / "calls.ndjson.load")
    slow = Scenario(
        quota=FREE, installed=("loader_trace_id",),
        fault=(Latency(endpoint="read", mean_ms=30),),
    )  # fmt: skip
    async with running(scenario=slow) as portal:
        await a_load(source, portal.base_url)
        place.ledger.unlink()
        stop = loader.Stop()
        settings = loader.Settings(
            base_url=portal.base_url, rate="none", batch_size=10, workers=1
        )
        cut = await loader.load(
            source, token="any", settings=settings, rebuild=True, stop=stop,
            observer=lambda _: stop.interrupt("enough"),
        )  # fmt: skip
        creates = sum(visit.endpoint == "create" for visit in portal.requests)
        ended = await a_load(source, portal.base_url)
        more = sum(visit.endpoint == "create" for visit in portal.requests)
        found = portal.audit()

    assert cut.ending == "interrupted"
    assert cut.created + cut.in_doubt + cut.unread == 100
    assert (ended.created, ended.ending) == (100, "complete")
    assert more == creates
    assert (found.objects, found.duplicates) == (100, ())


async def test_what_someone_archived_is_not_brought_back(tmp_path: Path):
    """The archived are asked for too, before anything is sent."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    state = tmp_path / "portal.db"
    async with running(state=state, scenario=KEYED) as portal:
        await a_load(source, portal.base_url)
        victim = next(iter(portal.calls()))
        portal._store.archive([int(victim.id)], 1)
        Place(tmp_path / "calls.ndjson.load").ledger.unlink()
        rebuilt = await a_load(source, portal.base_url, rebuild=True)
        found = portal.audit()

    assert rebuilt.created == 20
    assert (found.objects, found.archived) == (20, 1)


async def test_without_the_trace_property_nothing_can_be_rebuilt(tmp_path: Path):
    """Refused before anything is touched."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    place = Place(tmp_path / "calls.ndjson.load")
    async with running(scenario=Scenario(quota=FREE)) as portal:
        await a_load(source, portal.base_url)
        for each in (place.seal, place.log):
            each.unlink()
        place.ledger.write_bytes(b"noise")
        with pytest.raises(LedgerMismatch, match="no unique property"):
            await a_load(source, portal.base_url, rebuild=True)

    assert place.ledger.read_bytes() == b"noise"
    assert not list(place.folder.glob("*.lost-*"))


@pytest.mark.parametrize("sealed", [True, False])
async def test_records_sent_before_there_was_a_key_forbid_to_rebuild(
    tmp_path: Path, *, sealed: bool
):
    """A read that does not find them would say nothing; the log remembers it, too."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    place = Place(tmp_path / "calls.ndjson.load")
    async with running(scenario=Scenario(quota=FREE)) as portal:
        await a_load(source, portal.base_url)
        await prepare_portal(loader.Settings(base_url=portal.base_url), "any")
        write_source(source, 30)
        await a_load(source, portal.base_url)
        place.ledger.unlink()
        if not sealed:
            place.seal.unlink()
        with pytest.raises(LedgerMismatch, match="before the portal had"):
            await a_load(source, portal.base_url, rebuild=True)
        found = portal.audit()

    assert (found.objects, found.duplicates) == (30, ())


async def test_a_rebuild_with_another_key_is_refused(tmp_path: Path):
    """Other IDs would be asked for, and every record sent again."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    place = Place(tmp_path / "calls.ndjson.load")
    async with running(scenario=KEYED) as portal:
        await a_load(source, portal.base_url)
        place.ledger.unlink()
        settings = loader.Settings(base_url=portal.base_url, key="hs_call_title")
        with pytest.raises(LedgerMismatch, match="--key"):
            await loader.load(source, token="any", settings=settings, rebuild=True)


async def test_a_rebuild_under_a_damaged_seal_starts_from_the_portal(tmp_path: Path):
    """The seal is set aside with the ledger."""
    source = write_source(tmp_path / "calls.ndjson", 20)
    place = Place(tmp_path / "calls.ndjson.load")
    async with running(scenario=KEYED) as portal:
        await a_load(source, portal.base_url)
        place.seal.write_bytes(b"noise")
        place.ledger.write_bytes(b"noise")
        rebuilt = await a_load(source, portal.base_url, rebuild=True)
        creates = sum(visit.endpoint == "create" for visit in portal.requests)

    assert (rebuilt.created, creates) == (20, 1)
    assert (place.folder / "ledger.seal.lost-1").read_bytes() == b"noise"


async def test_an_old_copy_with_the_key_is_harmless_even_unnoticed(tmp_path: Path):
    """Without its seal: the portal refuses what is there, and it is found."""
    source = write_source(tmp_path / "calls.ndjson", 40)
    place = Place(tmp_path / "calls.ndjson.load")
    lost = Scenario(
        quota=FREE, installed=("loader_trace_id",), fault=(LostAnswer(requests=(5,)),)
    )
    async with running(scenario=lost) as portal:
        await a_load(source, portal.base_url)
        old = place.ledger.read_bytes()
        write_source(source, 120)
        await a_load(source, portal.base_url)
        place.ledger.write_bytes(old)
        place.seal.unlink()
        again = await a_load(source, portal.base_url)
        there = {each.trace_id: each.id for each in portal.calls()}
        found = portal.audit()
    with opened_results(str(source), None) as results:
        rows = list(results)

    assert (again.created, again.existing, again.ending) == (40, 80, "complete")
    assert (found.objects, found.duplicates) == (120, ())
    assert [there[row.trace_id] for row in rows] == [row.object_id for row in rows]
