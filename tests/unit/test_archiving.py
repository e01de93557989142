"""Created calls archived, sheaf by sheaf, while the ledger lasts."""

from types import SimpleNamespace

import pytest

from loader.assembly.archiving import Archivist
from loader.errors import LedgerFailed
from loader.ledger.sheaf import Sheaf
from loader.pipeline.stop import Stop


class Broken:
    """A writer whose disk is full."""

    async def run(self, operation):
        raise LedgerFailed("the disk is full")


async def test_a_ledger_that_fails_ends_the_sheaves_beside():
    """They wait for their turn with the portal, and send nothing more."""
    stop = Stop()
    archivist = Archivist(
        opened=SimpleNamespace(writer=Broken()),
        desk=SimpleNamespace(pace=SimpleNamespace(stop=stop)),
        asker=None,
        was_over=False,
    )

    with pytest.raises(LedgerFailed):
        await archivist._sheaf(Sheaf((), ()))
    assert isinstance(stop.failure, LedgerFailed)
