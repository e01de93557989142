"""A load's result files, after a correction or a person's word changed its standing."""

import contextlib
import sqlite3
from pathlib import Path

from loader.ledger import store
from loader.ledger.lock import owned
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity
from loader.model.settings import MEBIBYTE, Place, Settings
from loader.model.summary import Corrects
from loader.source.files import LineReader, line_reader, readable

from .conclude import write_files
from .corrections import corrections_of
from .count import read_known
from .family import Family
from .opening import open_ledger
from .overlay import Overlay, opened_overlay


async def renewed(writer: Writer, family: Family, settings: Settings) -> Corrects:
    """Renew the first load's result files; return how it stands.

    Raises:
        LedgerFailed: a ledger cannot be read, or a file not be written.
    """
    reader = _reader(family.identity, settings.max_line_bytes)

    def renew(own: sqlite3.Connection) -> Corrects:
        overlay = Overlay((*family.others, own))
        write_files(
            family.connection, family.first, family.identity, overlay, read_line=reader
        )
        return _standing(family.connection, family.first, overlay)

    corrects: Corrects = await writer.run(renew)
    return corrects


def renew_files(place: Place) -> None:
    """Renew the result files of a load and of its corrections.

    Raises:
        Owned: somebody works on it; names the process.
        LedgerDamaged: a ledger cannot be read.
        LedgerFailed: a file cannot be written.
    """
    for each in (*corrections_of(place), place):
        with (
            owned(each.lock, shared=True),
            contextlib.closing(open_ledger(each, shared=True)) as connection,
            opened_overlay(each) as overlay,
        ):
            identity = store.read_identity(connection)
            reader = _reader(identity, 16 * MEBIBYTE) if identity is not None else None
            write_files(connection, each, identity, overlay, read_line=reader)


def _reader(identity: LoadIdentity, max_bytes: int) -> LineReader | None:
    """Return what reads lines that the ledger does not keep, if their file is there."""
    return line_reader(Path(identity.source_name), max_bytes=max_bytes)


def _standing(connection: sqlite3.Connection, place: Place, now: Overlay) -> Corrects:
    known = read_known(connection, now)
    counts = known.counts
    return Corrects(
        load=readable(str(place.folder.absolute())),
        lines=counts.lines,
        created=counts.created,
        existing=counts.existing,
        rejected=counts.rejected,
        in_doubt=counts.in_doubt,
        unread=counts.unsent,
        corrected=known.corrected,
    )
