"""Opening a load's ledger: there, sound, and the one that belongs here."""

import os
import sqlite3
import stat
from pathlib import Path

from loader.errors import LedgerDamaged, Refused
from loader.ledger import store
from loader.ledger.mark import Mark
from loader.ledger.seal import check_sealed, read_seal
from loader.model.settings import Place


def is_lost(place: Place) -> bool:
    """Tell whether a ledger was here and is not any more, or is empty.

    The seal is written before the first record is sent, ``status.json`` soon after.
    """
    if os.path.lexists(place.ledger):
        found = place.ledger.lstat()
        if found.st_size or not stat.S_ISREG(found.st_mode):
            return False
    return place.seal.exists() or place.status.exists()


def check_not_undone(mark: Mark, folder: Path) -> None:
    """Refuse to send anything for a load that was taken back.

    Raises:
        Refused: it was, or that was begun.
    """
    if mark.undone:
        raise Refused(
            f"the load in {folder} was undone, or that was begun: its calls are "
            "archived, and nothing more is sent for it ('python -m loader status' says "
            "how far); to load the source again, use --load-dir NEW"
        )


def open_ledger(
    place: Place, *, rebuilding: bool = False, shared: bool = False
) -> sqlite3.Connection:
    """Open the ledger, making it where no load was before.

    ``rebuilding`` allows to make it where one was lost, marked as its replacement;
    ``shared`` is for readers, several of which may be there.

    Raises:
        LedgerDamaged: it is lost, damaged, an older copy, or another load's.
    """
    if is_lost(place) and not rebuilding:
        raise LedgerDamaged(
            f"the ledger of this load is missing ({place.ledger}), and with it what "
            f"was sent; put it back, or {store.REBUILD}; to begin a new load, delete "
            f"the folder {place.folder}"
        )
    seal = read_seal(place.seal)
    connection = store.connect(place.ledger, rebuilding=rebuilding, shared=shared)
    try:
        check_sealed(connection, seal)
    except BaseException:
        connection.close()
        raise
    return connection
