"""``import loader``: the coroutine that the command line uses."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import loader
from loader.assembly import verification
from loader.model.live import Live
from loader.model.record import Span
from loader.sandbox import Scenario, running
from loader.sandbox.faults import Latency, LostAnswer
from loader.sandbox.scenario import QuotaSettings
from loader.source.files import FileSource
from tests.conftest import call

FREE = QuotaSettings(limit="none")


def settings(base_url: str, **more: Any) -> loader.Settings:
    return loader.Settings(base_url=base_url, rate="none", **more)


async def calls(number: int) -> AsyncIterator[dict[str, Any]]:
    for each in range(1, number + 1):
        yield call(each)


async def test_a_path_loads_and_gives_a_summary(source: Path):
    """Counts of the whole load, typed."""
    scenario = Scenario(quota=FREE, installed=("loader_trace_id",))
    async with running(scenario=scenario) as portal:
        summary = await loader.load(
            source, token="any", settings=settings(portal.base_url)
        )

    assert isinstance(summary, loader.Summary)
    assert (summary.created, summary.lines, summary.finished) == (250, 250, True)
    assert summary.ending is loader.Ending.COMPLETE


async def test_records_of_a_program_load_and_resume(tmp_path: Path):
    """Any async iterator; the second time it is only checked."""
    scenario = Scenario(quota=FREE, installed=("loader_trace_id",))
    async with running(scenario=scenario) as portal:
        for number in (120, 150):
            summary = await loader.load(
                calls(number),
                token="any",
                load_dir=tmp_path / "load",
                settings=settings(portal.base_url),
            )
        found = portal.audit()

    assert summary.created == 150
    assert (found.objects, found.duplicates) == (150, ())


async def test_a_caller_can_stop_and_watch(source: Path):
    """Interrupted, resumable; the observer sees live counts."""
    seen: list[Live] = []
    scenario = Scenario(quota=FREE, fault=(Latency(mean_ms=50),))
    stop = loader.Stop()

    def watch(live: Live) -> None:
        seen.append(live)
        stop.interrupt("enough")

    async with running(scenario=scenario) as portal:
        summary = await loader.load(
            source,
            token="any",
            settings=settings(portal.base_url, workers=1, batch_size=10),
            stop=stop,
            observer=watch,
        )

    assert summary.ending is loader.Ending.INTERRUPTED
    assert summary.reason == "enough"
    assert summary.lines == 250
    assert summary.created + summary.unread == 250
    assert seen


async def test_resend_is_at_least_once_by_the_users_word(source: Path):
    """Nothing lost, and the summary says that records may be twice."""
    scenario = Scenario(quota=FREE, fault=(LostAnswer(requests=(1,)),))
    policy = loader.InDoubtPolicy.RESEND
    async with running(scenario=scenario) as portal:
        summary = await loader.load(
            source, token="any", settings=settings(portal.base_url, in_doubt=policy)
        )
        found = portal.audit()

    assert (summary.created, summary.promise) == (250, "at-least-once")
    assert found.objects == 350


async def test_an_unread_line_may_move_without_being_lost(tmp_path: Path):
    """The rest of the source is edited after a stop: each record once all the same."""
    source = tmp_path / "calls.ndjson"
    lines = [call(n) | {"objectWriteTraceId": f"own-{n}"} for n in range(1, 301)]
    stop = loader.Stop()

    def write() -> None:
        source.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def watch(live: Live) -> None:
        if live.created:
            stop.interrupt("test")

    write()
    slow = Scenario(
        quota=FREE, installed=("loader_trace_id",), fault=(Latency(mean_ms=300),)
    )
    async with running(scenario=slow) as portal:
        how = settings(portal.base_url, workers=1, batch_size=10)
        first = await loader.load(
            source, token="any", settings=how, stop=stop, observer=watch
        )
        del lines[290]
        write()
        last = await loader.load(
            source, token="any", settings=settings(portal.base_url)
        )
        there = portal.audit().objects

    assert 0 < first.created < 290
    assert (last.created, last.existing, there) == (299, 0, 299)


async def test_a_caller_of_a_broken_iterator_is_told_and_nothing_hangs(
    tmp_path: Path,
):
    """What came before is loaded; the summary says what happened."""

    async def breaking() -> AsyncIterator[dict[str, Any]]:
        async for each in calls(30):
            yield each
        raise LookupError("a caller's own")

    scenario = Scenario(quota=FREE, installed=("loader_trace_id",))
    async with running(scenario=scenario) as portal:
        summary = await loader.load(
            breaking(),
            token="any",
            load_dir=tmp_path / "load",
            settings=settings(portal.base_url),
        )

    assert summary.ending is loader.Ending.STOPPED
    assert "LookupError" in str(summary.reason)
    assert summary.in_doubt == 0


async def test_what_cannot_be_verified_is_not_called_complete(
    source: Path, monkeypatch: pytest.MonkeyPatch
):
    """The rest of a large file is checked beside the run: its disk fails."""
    scenario = Scenario(quota=FREE, installed=("loader_trace_id",))
    monkeypatch.setattr(verification, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(verification, "SAMPLE", 2)
    async with running(scenario=scenario) as portal:
        how = settings(portal.base_url, batch_size=10)
        first = await loader.load(source, token="any", settings=how)
        asked: list[Span] = []

        async def digest_of(self: FileSource, span: Span) -> bytes:
            asked.append(span)
            if len(asked) > 2:
                raise OSError(5, "Input/output error")
            return await whole(self, span)

        whole = FileSource.digest_of
        monkeypatch.setattr(FileSource, "digest_of", digest_of)
        again = await loader.load(source, token="any", settings=how)

    assert first.finished
    assert (again.ending, again.finished) == (loader.Ending.STOPPED, False)
    assert "cannot be verified" in str(again.reason)


async def test_what_cannot_work_is_refused_at_once(tmp_path: Path, source: Path):
    """No token, no source, records without a folder: before anything is sent."""
    with pytest.raises(loader.UsageError, match="token"):
        await loader.load(source)
    with pytest.raises(loader.UsageError, match="cannot read"):
        await loader.load(tmp_path / "missing", token="any")
    with pytest.raises(loader.UsageError, match="load_dir"):
        await loader.load(calls(1), token="any")


async def test_cancelling_a_load_leaves_a_load_that_resumes(source: Path):
    """Cancel is a fact: the lock is free, and the next run finishes."""
    slow = Scenario(
        quota=FREE, installed=("loader_trace_id",), fault=(Latency(mean_ms=300),)
    )
    async with running(scenario=slow) as portal:
        given = {"token": "any", "settings": settings(portal.base_url)}
        task = asyncio.create_task(loader.load(source, **given))
        while not any(visit.endpoint == "list_properties" for visit in portal.requests):
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        summary = await loader.load(source, **given)
        found = portal.audit()

    assert summary.created == 250
    assert (found.objects, found.duplicates) == (250, ())
