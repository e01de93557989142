"""A disk full or broken from some call on; a sample of ``python -m bench disk``."""

from pathlib import Path

import pytest

from bench.crash.beginnings import Beginnings
from bench.crash.disk import Failure, fail_from
from bench.crash.kill import Place
from tests.crash.test_kill import FRESH, RESUMED, traced

STOPPED, REFUSED = 3, 4


@traced
@pytest.mark.parametrize(
    ("failure", "status", "failed"),
    [
        (Failure(Place(FRESH, "pwrite64", 30, traced=True), "ENOSPC"), STOPPED, True),
        (Failure(Place(FRESH, "openat", 1, traced=True), "ENOSPC"), REFUSED, False),
        (Failure(Place(RESUMED, "fdatasync", 2, traced=True), "EIO"), STOPPED, True),
        (Failure(Place(FRESH, "fdatasync", 1, traced=True), "EIO"), STOPPED, False),
    ],
    ids=str,
)
async def test_a_failing_disk_stops_the_load_and_costs_nothing(
    tmp_path: Path, failure: Failure, status: int, failed: bool
):
    """It ends as told, silent after the failure; a good disk makes it whole."""
    beginnings = Beginnings(tmp_path)
    await beginnings.make(resumed=failure.place.resumed)
    verdict = await fail_from(beginnings, failure)

    assert verdict.wrong == ()
    assert verdict.status == status
    assert verdict.failed == failed  # a ledger that was open
