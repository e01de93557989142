"""After a correction: the first load's result files and counts, as they are now."""

import sqlite3
from pathlib import Path

from loader.ledger.writer import Writer
from loader.model.settings import Place, Settings
from loader.model.summary import Corrects
from loader.source.files import read_line, readable

from .conclude import LineReader, write_files
from .count import read_known
from .family import Family
from .overlay import Overlay


async def renewed(writer: Writer, family: Family, settings: Settings) -> Corrects:
    """Renew the first load's result files; return how it stands.

    Raises:
        LedgerFailed: a ledger cannot be read, or a file not be written.
    """
    reader = _reader(family, settings)

    def renew(own: sqlite3.Connection) -> Corrects:
        overlay = Overlay((*family.others, own))
        write_files(
            family.connection, family.first, family.identity, overlay, read_line=reader
        )
        return _standing(family.connection, family.first, overlay)

    corrects: Corrects = await writer.run(renew)
    return corrects


def _reader(family: Family, settings: Settings) -> LineReader | None:
    """Return what reads lines that the ledger does not keep, if their file is there."""
    path = Path(family.identity.source_name)
    limit = settings.max_line_bytes
    return (
        (lambda offset: read_line(path, offset, max_bytes=limit))
        if path.is_file()
        else None
    )


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
