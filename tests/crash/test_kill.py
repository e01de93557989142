"""The real process, killed; a sample of ``python -m bench kill``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.crash import kill_command, tracing
from bench.crash.beginnings import Beginnings
from bench.crash.kill import Place, Verdict, kill_at, sampled

FRESH, RESUMED = False, True
FAILPOINTS = [
    (FRESH, "_create/before", 1),
    (FRESH, "bind/after", 1),
    (FRESH, "Journal.arm/after", 2),
    (FRESH, "request/half", 1),
    (FRESH, "request/whole", 4),
    (FRESH, "Client.create/after", 2),
    (FRESH, "_Job.run/after", 9),
    (FRESH, "Writer._tell/before", 8),
    (FRESH, "rejected.ndjson/before", 1),
    (RESUMED, "Client.read/after", 1),
    (RESUMED, "Journal.arm/after", 1),
    (RESUMED, "status.json/before", 2),
]
CALLS = [
    (FRESH, "fdatasync", 4),
    (FRESH, "openat", 4),
    (RESUMED, "pwrite64", 6),
    (RESUMED, "rename", 1),
]
traced = pytest.mark.skipif(
    tracing.why_not() is not None, reason=str(tracing.why_not())
)


async def verdict(folder: Path, place: Place) -> Verdict:
    beginnings = Beginnings(folder)
    await beginnings.make(resumed=place.resumed)
    return await kill_at(beginnings, place)


@pytest.mark.parametrize(("resumed", "name", "nth"), FAILPOINTS)
async def test_a_load_survives_a_kill_at_a_failpoint(
    tmp_path: Path, resumed: bool, name: str, nth: int
):
    """Each good line once, results right, nothing sent unarmed or by a further run."""
    place = Place(resumed, name, nth, traced=False)

    assert await verdict(tmp_path, place) == Verdict(place, reached=True, wrong=())


@traced
@pytest.mark.parametrize(("resumed", "name", "nth"), CALLS)
async def test_a_load_survives_a_kill_at_a_system_call(
    tmp_path: Path, resumed: bool, name: str, nth: int
):
    """The same, in the midst of what SQLite and the kernel do."""
    place = Place(resumed, name, nth, traced=True)

    assert await verdict(tmp_path, place) == Verdict(place, reached=True, wrong=())


def test_a_sample_has_every_sort_before_it_repeats_one():
    """And is the same for the same seed."""
    places = [
        Place(FRESH, name, nth, traced=False) for name in "aab" for nth in (1, 2, 3)
    ]
    some = sampled(places, 2, 1, sort=lambda place: place.name)

    assert {place.name for place in some} == {"a", "b"}
    assert some == sampled(places, 2, 1, sort=lambda place: place.name)
    assert sampled(places, None, 1, sort=str) == places


@pytest.mark.parametrize(("wrong", "status"), [((), 0), (("some are twice",), 1)])
def test_the_command_fails_when_a_load_does(
    monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, ...], status: int
):
    """With the place, so that it can be killed there again."""
    place = Place(RESUMED, "Journal.arm/after", 2, traced=False)

    async def swept(*_: object) -> list[Verdict]:
        return [Verdict(place, reached=True, wrong=wrong)]

    monkeypatch.setattr(kill_command, "_swept", swept)
    ran = CliRunner().invoke(kill_command.kill, ["--only", "failpoints", "--json"])

    assert ran.exit_code == status
    assert ("resumed Journal.arm/after #2: some are twice" in ran.output) == bool(wrong)
