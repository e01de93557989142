"""The ledger on real files: arm, settle, crash, plan, results, refusals."""

import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from loader.errors import (
    LedgerDamaged,
    LedgerFailed,
    LedgerMismatch,
    Owned,
    SourceChanged,
)
from loader.ledger import projection, recovery, store
from loader.ledger.journal import DUPLICATE_ID, Journal
from loader.ledger.lock import owned, owner_of
from loader.ledger.writer import Writer
from loader.model.batch import Batch
from loader.model.load import LoadIdentity
from loader.model.outcome import (
    Created,
    Existing,
    InDoubt,
    Outcome,
    Rejected,
    Settlement,
    State,
)
from loader.model.record import Duplicate, Malformed, Span
from loader.pipeline.batcher import batch_of
from tests.conftest import DIGEST, a_batch, records


@asynccontextmanager
async def journal(
    path: Path, *, keyed: bool = True, resend: bool = False
) -> AsyncIterator[Journal]:
    connection = store.connect(path)
    async with Writer(connection) as writer:
        yield Journal(writer, source_digest=DIGEST, keyed=keyed, resend=resend)
    connection.close()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = store.connect(path)
    yield connection
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def arm(journal: Journal, batch: Batch, attempt: int = 1) -> None:
    everything = frozenset(range(len(batch.records)))
    await journal.arm(batch, attempt=attempt, doubted=everything, payload=b"p" * 8)


async def settle(
    journal: Journal,
    batch: Batch,
    outcomes: dict[int, Outcome],
    doubted: frozenset[int] = frozenset(),
    *,
    closed: bool = True,
) -> None:
    settlement = Settlement(batch.span.start, outcomes, doubted, closed)
    await journal.settle(batch, settlement)


def rows(path: Path) -> list[tuple[int, State, str | None]]:
    with reading(path) as connection:
        return [(r.line, r.state, r.object_id) for r in projection.results(connection)]


def plan(path: Path, *, keyed: bool = True, resend: bool = False) -> recovery.Plan:
    with reading(path) as connection:
        return recovery.read_plan(connection, keyed=keyed, resend=resend)


async def test_an_armed_batch_is_in_doubt_after_a_crash(path):
    """Never "surely not sent"."""
    batch = a_batch(3)
    async with journal(path) as ledger:
        await arm(ledger, batch)
    async with journal(path) as ledger:
        again = await ledger.recovered(batch)

    assert again.prior is not None
    assert again.prior.doubted == again.prior.undecided == {0, 1, 2}
    assert [state for _, state, _ in rows(path)] == [State.IN_DOUBT] * 3
    assert plan(path).frontier == Span(0, 0)


async def test_outcomes_are_listed_in_line_order_with_their_objects(path):
    """Each state as the contract names it."""
    batch = a_batch(4)
    outcomes: dict[int, Outcome] = {
        0: Created("100"),
        1: Existing("7"),
        2: Rejected("VALIDATION_ERROR", "m", "c"),
        3: InDoubt("r"),
    }
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, outcomes)

    assert rows(path) == [
        (1, State.CREATED, "100"),
        (2, State.EXISTING, "7"),
        (3, State.REJECTED, None),
        (4, State.IN_DOUBT, None),
    ]
    assert plan(path, keyed=False).frontier == batch.span


@pytest.mark.parametrize("object_id", ["1", "12345678901234567890", "007", "a-b"])
async def test_object_ids_come_back_as_they_were(path, object_id):
    """Packed as integers only where nothing is lost."""
    batch = a_batch(1)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, {0: Created(object_id)})

    assert rows(path) == [(1, State.CREATED, object_id)]


async def test_a_part_settles_and_the_rest_stays_in_doubt(path):
    """A stop in the middle of a delivery loses no proof and no doubt."""
    batch = a_batch(3)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, {0: Created("1")}, frozenset({1}), closed=False)
        again = await ledger.recovered(batch)

    assert again.prior is not None
    assert again.prior.undecided == {1, 2}
    assert again.prior.doubted == {1}
    with reading(path) as connection:
        counts = projection.counts(connection)
    assert (counts.created, counts.in_doubt, counts.unsent) == (1, 1, 1)


async def test_a_settled_state_never_changes(path):
    """A second outcome for a record is a mistake of ours: the ledger stops."""
    batch = a_batch(1)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, {0: Rejected("A", "first")})
        with pytest.raises(LedgerFailed):
            await settle(ledger, batch, {0: Rejected("B", "second")})
        with pytest.raises(LedgerFailed):
            await arm(ledger, batch)

    assert rows(path) == [(1, State.REJECTED, None)]


async def test_an_object_id_is_never_replaced(path):
    """Nor may a created record get another object."""
    batch = a_batch(1)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, {0: Created("1")}, closed=False)
        with pytest.raises(LedgerFailed):
            await settle(ledger, batch, {0: Created("2")})


async def test_the_frontier_stops_at_the_first_gap(path):
    """A span settled beyond a gap does not move it."""
    items = records(6)
    first, second, third = (batch_of(items[n : n + 2]) for n in (0, 2, 4))
    async with journal(path) as ledger:
        for batch in (first, third):
            await arm(ledger, batch)
            await settle(ledger, batch, {0: Created("1"), 1: Created("2")})
    found = plan(path)

    assert found.frontier == first.span
    assert [known.span for known in found.spans] == [first.span, third.span]
    assert second.span.start == first.span.end


async def test_spans_without_records_settle_as_they_are_read(path):
    """Malformed lines are listed, and the frontier passes them."""
    bad = Malformed(1, 0, 4, "NOT_JSON", "m", b"bad\n")
    async with journal(path) as ledger:
        await ledger.pass_over(batch_of([bad]))

    assert rows(path) == [(1, State.REJECTED, None)]
    assert plan(path).frontier == Span(0, 4)


async def test_the_second_line_with_an_id_repeats_or_contradicts_the_first(path):
    """Same content is one record; other content is rejected with the first's line."""
    named = [replace_(r, trace_id="own", named=True) for r in records(3)]
    same = replace_(named[1], content=named[0].content)
    async with journal(path) as ledger:
        claimed = await ledger.claim([named[0], same, named[2]])
        again = await ledger.claim([named[0]])

    assert claimed[0] == again[0] == named[0]
    assert isinstance(claimed[1], Duplicate)
    assert claimed[1].first_line == 1
    assert isinstance(claimed[2], Malformed)
    assert claimed[2].reason == DUPLICATE_ID
    assert "another objectWriteTraceId, or none" in claimed[2].message
    assert "line 1" in claimed[2].message


async def test_ids_that_differ_only_in_case_are_not_two_records(path):
    """Nobody knows whether the portal tells them apart."""
    upper, lower = (replace_(r, named=True) for r in records(2))
    upper = replace_(upper, trace_id="OWN")
    lower = replace_(lower, trace_id="own", content=upper.content)
    async with journal(path) as ledger:
        _, second = await ledger.claim([upper, lower])

    assert isinstance(second, Malformed)
    assert second.reason == DUPLICATE_ID


async def test_what_was_only_read_ahead_is_forgotten_on_resume(path):
    """An unread line may move: its ID is no repetition of what stands there now."""
    named = [replace_(r, trace_id=f"own-{r.line}", named=True) for r in records(4)]
    sent = batch_of(named[:2])
    async with journal(path) as ledger:
        await ledger.claim(named)
        await arm(ledger, sent)
    moved = replace_(named[3], line=3)
    async with journal(path) as ledger:
        with_claims = await ledger.claim([moved])
        await ledger._writer.run(lambda c: recovery.resume(c, keyed=True, resend=False))
        without = await ledger.claim([moved])
        repeated = await ledger.claim([replace_(named[0], line=4)])

    assert isinstance(with_claims[0], Duplicate)
    assert without == [moved]
    assert isinstance(repeated[0], Duplicate)


async def test_a_line_that_a_settled_one_repeats_stays_claimed(path):
    """It was never sent itself: the plan says what it must be when it is read."""
    first, *_, last = (replace_(r, trace_id="own", named=True) for r in records(3))
    last = replace_(last, content=first.content)
    async with journal(path) as ledger:
        _, twice = await ledger.claim([first, last])
        await ledger.pass_over(batch_of([twice]))
        resumed = await ledger._writer.run(
            lambda c: recovery.resume(c, keyed=True, resend=False)
        )
        again = await ledger.claim([first])
    with reading(path) as connection:
        counts = projection.counts(connection)

    assert resumed.promised == {1: "own"}
    assert again == [first]
    assert (counts.existing, counts.unsent) == (0, 1)
    assert rows(path) == []


def replace_(record, **changes):
    return msgspec.structs.replace(record, **changes)


@pytest.mark.parametrize(
    ("first", "repeated"),
    [
        (Created("9"), State.EXISTING),
        (Existing("9"), State.EXISTING),
        (Rejected("A", "m"), State.REJECTED),
        (InDoubt("r"), State.IN_DOUBT),
        (None, State.IN_DOUBT),
    ],
)
async def test_a_repeated_line_shares_the_fate_of_the_first(path, first, repeated):
    """It is counted and listed, under the same object."""
    record = records(1)[0]
    twice = Duplicate(2, record.size, 1, record.trace_id, record.raw)
    batch = batch_of([record, twice])
    async with journal(path) as ledger:
        await arm(ledger, batch)
        if first is not None:
            await settle(ledger, batch, {0: first})

    assert rows(path)[1][:2] == (2, repeated)
    with reading(path) as connection:
        counts = projection.counts(connection)
    assert counts.lines == counts.created + counts.existing + counts.rejected + (
        counts.in_doubt
    )


async def test_held_records_are_asked_for_once_the_portal_has_a_key(path):
    """Only those that were sent with the key can be found by it."""
    items = records(4)
    keyed, unkeyed = batch_of(items[:2]), batch_of(items[2:])
    held: dict[int, Outcome] = {0: Created("1"), 1: InDoubt("lost")}
    for batch, with_key in ((keyed, True), (unkeyed, False)):
        async with journal(path, keyed=with_key) as ledger:
            await arm(ledger, batch)
            await settle(ledger, batch, held)
    recover = [known.recover for known in plan(path).spans]
    async with journal(path) as ledger:
        again = await ledger.recovered(keyed)
        await settle(ledger, again, {1: Created("2")})

    assert recover == [True, False]
    assert again.prior is not None
    assert again.prior.undecided == again.prior.doubted == {1}
    assert [state for _, state, _ in rows(path)] == [
        State.CREATED, State.CREATED, State.CREATED, State.IN_DOUBT,
    ]  # fmt: skip
    assert [k.recover for k in plan(path, keyed=False, resend=True).spans][1]


async def test_a_record_armed_again_is_counted_once(path):
    """While a held record is asked about, the open batch speaks for it."""
    batch = a_batch(2)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        await settle(ledger, batch, {0: Created("1"), 1: InDoubt("lost")})
        again = await ledger.recovered(batch)
        await ledger.arm(again, attempt=2, doubted=frozenset({1}), payload=b"p")
    with reading(path) as connection:
        counts = projection.counts(connection)

    assert (counts.lines, counts.created, counts.in_doubt) == (2, 1, 1)


async def test_other_records_in_a_known_span_are_refused(path):
    """The source's bytes may be the same, but not what was made of them."""
    batch = a_batch(2)
    async with journal(path) as ledger:
        await arm(ledger, batch)
        other = replace(batch, records=batch.records[:1])
        with pytest.raises(SourceChanged) as caught:
            await ledger.recovered(other)
        await arm(ledger, batch, attempt=2)

    assert caught.value.offset == 0


IDENTITY = LoadIdentity("calls.ndjson", DIGEST, "42", "loader_trace_id", None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("source_digest", "ffff", "source"),
        ("portal_id", "43", "portal: 42, not 43"),
        ("key_property", "ref", "--key: none, not ref"),
        ("trace_property", "other", "trace property"),
        ("trace_property", None, "trace property"),
    ],
)
async def test_a_ledger_belongs_to_one_load(path, field, value, words):
    """Anything else is refused with both names."""
    async with journal(path) as ledger:
        await arm(ledger, a_batch())
    with reading(path) as connection:
        store.bind(connection, IDENTITY, created_at="now")
        with pytest.raises(LedgerMismatch, match=words):
            store.bind(
                connection, replace(IDENTITY, **{field: value}), created_at="now"
            )


def test_a_source_that_was_empty_gets_its_name_from_its_first_line(path):
    """A file filled after a first, empty run is no other source."""
    with reading(path) as connection:
        store.bind(connection, IDENTITY, created_at="now")
        filled = replace(IDENTITY, source_digest="ffff")
        store.bind(connection, filled, created_at="now")

        assert store.read_identity(connection) == filled


def test_a_load_may_adopt_a_trace_property_and_keeps_it(path):
    """From hold mode to key mode, never back; a moved file is the same source."""
    with reading(path) as connection:
        before = replace(IDENTITY, trace_property=None)
        store.bind(connection, before, created_at="now")
        store.bind(connection, replace(IDENTITY, source_name="b"), created_at="now")

        assert store.read_identity(connection) == IDENTITY
        with pytest.raises(LedgerMismatch):
            store.bind(connection, before, created_at="now")


def test_one_owner_at_a_time(tmp_path):
    """The second is refused with the first's process ID; readers keep writers away."""
    lock = tmp_path / "owner.lock"
    assert owner_of(lock) is None
    with owned(lock):
        assert owner_of(lock) == os.getpid()
        with pytest.raises(Owned) as caught, owned(lock):
            pass
    with owned(lock, shared=True), owned(lock, shared=True), pytest.raises(Owned):
        owned(lock).__enter__()

    assert caught.value.pid == os.getpid()
    assert owner_of(lock) is None


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 100])
def test_a_file_that_is_no_ledger_is_refused(path, content):
    """With advice, and unchanged."""
    path.write_bytes(content)

    with pytest.raises(LedgerDamaged, match="--rebuild"):
        store.connect(path)
    assert path.read_bytes() == content


def test_a_foreign_database_and_a_newer_ledger_are_refused(tmp_path):
    """Whoever made it knows better what to do with it."""
    for name, statement, words in (
        ("foreign", "CREATE TABLE t (x)", "not a ledger"),
        ("newer", "PRAGMA user_version = 99", "version 99"),
    ):
        path = tmp_path / name
        if name == "newer":
            store.connect(path).close()
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()
        with pytest.raises(LedgerDamaged, match=words):
            store.connect(path)


async def test_a_damaged_ledger_is_refused(path):
    """A page of noise in the middle is found at opening."""
    async with journal(path) as ledger:
        for start in range(40):
            batch = batch_of(records(100, first=1 + 100 * start))
            moved = replace(batch, span=Span(start * 10**6, start * 10**6 + 10))
            await arm(ledger, moved)
    data = bytearray(path.read_bytes())
    data[8192:16384] = os.urandom(8192)
    path.write_bytes(data)

    with pytest.raises(LedgerDamaged, match=r"damaged|malformed"):
        store.connect(path)


def test_the_ledger_is_for_its_owners_eyes_only(path):
    """Mode 0600, whatever the umask; a symbolic link is refused."""
    store.connect(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    link = path.with_name("link")
    link.symlink_to(path)

    with pytest.raises(LedgerDamaged):
        store.connect(link)


async def test_a_million_records_take_thirty_megabytes_at_most(path):
    """Measured on a tenth of a batch's worth, packed as the real ones are."""
    batch = a_batch(100)
    outcomes: dict[int, Outcome] = {
        n: Created(str(50_000_000_000 + n)) for n in range(100)
    }
    async with journal(path) as ledger:
        for number in range(200):
            start = number * 70_000
            moved = replace(batch, span=Span(start, start + 70_000))
            await arm(ledger, moved)
            await settle(ledger, moved, outcomes)

    assert path.stat().st_size / (200 * 100) <= 30
