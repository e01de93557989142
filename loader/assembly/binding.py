"""Binds a ledger to what it belongs to, and seals it, before anything is sent."""

from datetime import UTC, datetime
from pathlib import Path

from loader.errors import LedgerMismatch
from loader.ledger import store
from loader.ledger.seal import first_reseal
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity

from .family import Family


async def bind(
    writer: Writer,
    identity: LoadIdentity,
    *,
    seal: Path,
    lost: LoadIdentity | None,
    rebuilding: bool,
    family: Family | None = None,
) -> None:
    """Bind a ledger, and a rebuilt one to nothing else than the ``lost`` one.

    Raises:
        LedgerMismatch: it belongs to something else, or cannot be rebuilt here.
        LedgerFailed: ledger or seal cannot be written.
    """
    if family is not None:
        family.check(identity)
    if lost is not None:
        store.check_same(lost, identity)
    if rebuilding and identity.trace_property is None:
        raise LedgerMismatch(
            "the ledger cannot be rebuilt: the portal has no unique property by "
            "which it could be asked for each record"
        )
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    await writer.run(
        lambda connection: store.bind(connection, identity, created_at=created_at)
    )
    await first_reseal(writer, seal)
