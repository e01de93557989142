"""How a created call stands before an undo: whose it is by its age."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from loader.assembly.beginning import CLOCKS, oldest_own
from loader.assembly.proposing import Looker
from loader.hubspot.objects import CallElement
from loader.ledger.sheaf import Sheaf
from loader.model.proof import Made
from loader.model.undo import Condition

BEGAN = "2026-05-01T12:00:00+00:00"
SOURCE = "0123456789ab"


class Shown:
    """A reader of one call, made so long before the load began."""

    desk = SimpleNamespace(batch=100)

    def __init__(self, before: timedelta) -> None:
        moment = (datetime.fromisoformat(BEGAN) - before).isoformat()
        self.call = CallElement("7", {}, moment, moment, archived=False)

    async def calls(self, wanted, names, *, archived):
        return dict.fromkeys(wanted, self.call), set()


async def condition_of(
    before: timedelta, *, trace_id: str = "own-1", rebuilding: bool = False
) -> Condition:
    looker = Looker(
        opened=SimpleNamespace(
            identity=SimpleNamespace(trace_property=None, source_digest=SOURCE),
            mark=SimpleNamespace(rebuilding=rebuilding),
        ),
        reader=Shown(before),
        skip_changed=False,
        show=lambda _done, _all: None,
    )
    looker._oldest_own = oldest_own(BEGAN)
    (stand,) = await looker._stands(Sheaf((), (Made(1, 0, trace_id, "7"),)))
    return stand.condition


async def test_a_call_that_is_older_than_the_load_is_not_its_own():
    """A create without an answer, and its ID found: another had made it."""
    assert await condition_of(timedelta(hours=1)) is Condition.OLDER


@pytest.mark.parametrize("minutes", [-60, 0, 4])
async def test_clocks_differ(minutes: int):
    """By some minutes; that makes no call older."""
    assert await condition_of(timedelta(minutes=minutes)) is Condition.UNTOUCHED


async def test_a_rebuilt_ledger_is_younger_than_its_load():
    """What derives from its source is its own; what has another name may not be."""
    derived = f"{SOURCE}-1-0123456789abcdef"
    own = await condition_of(timedelta(days=1), trace_id=derived, rebuilding=True)
    named = await condition_of(timedelta(days=1), trace_id="K-1", rebuilding=True)
    again = await condition_of(timedelta(days=1), trace_id=derived)

    assert (own, named, again) == (
        Condition.UNTOUCHED, Condition.OLDER, Condition.OLDER,
    )  # fmt: skip


def test_a_time_that_cannot_be_read_makes_nothing_older():
    """Neither the ledger's nor the portal's."""
    moment = oldest_own(BEGAN, "2026")

    assert oldest_own("2026") is oldest_own() is None
    assert moment == datetime.fromisoformat(BEGAN) - CLOCKS
    assert not CallElement("7", {}).made_before(moment)
