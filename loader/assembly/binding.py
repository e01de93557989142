"""Binds a ledger to what it belongs to, and seals it, before anything is sent."""

from datetime import UTC, datetime
from pathlib import Path

from loader.errors import LedgerMismatch
from loader.ledger import store
from loader.ledger.seal import first_reseal
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity

from .beginning import oldest_own
from .family import Family


async def bind(
    writer: Writer,
    identity: LoadIdentity,
    *,
    seal: Path,
    lost: LoadIdentity | None,
    rebuilding: bool,
    family: Family | None = None,
) -> datetime | None:
    """Bind a ledger, and a rebuilt one to nothing else than the ``lost`` one.

    Returns:
        the time before which no call of the portal is the load's own; None when nobody
        knows.

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
    return await oldest(writer, rebuilding=rebuilding, family=family)


async def oldest(
    writer: Writer, *, rebuilding: bool, family: Family | None
) -> datetime | None:
    """Return the time before which no call is of a load that is bound.

    None where another ledger of the load may have sent calls that are its own.
    """
    if rebuilding or family is not None:
        return None
    return oldest_own(await writer.run(store.read_begun))
