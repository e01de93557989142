"""Corrections: the loads of corrected copies of a load's rejected records.

::

    FIRST.load/                       the first load, as ever
        corrections/
            0001-5f0c1d2e3a4b/        a load folder like any, with a ledger of its own,
                corrected.ndjson      and the copy that it loads, as it was when it ran
            0002-…/

A settled state never changes, so the first ledger keeps its rejects; what became of
them is what the latest of these loads say. Whoever wants all that a load made looks at
its own ledger and at those of ``corrections_of``.
"""

import re
from pathlib import Path

from loader.model.settings import Place

#: order of beginning, and a digest of the copy
_NAME = re.compile(r"(\d{4,})-[0-9a-f]{12}")


def corrections_of(place: Place) -> list[Place]:
    """Return the corrections of a load that have begun, in order of beginning.

    One whose ledger is lost is among them, so that whoever opens it hears of it.
    Each is a load folder; the source of its lines is ``corrected``.
    """
    if not place.corrections.is_dir():
        return []
    begun = [
        (numbered(each), each)
        for each in place.corrections.iterdir()
        if numbered(each) and _has_begun(Place(each))
    ]
    return [Place(folder) for _, folder in sorted(begun)]


def _has_begun(place: Place) -> bool:
    return place.ledger.exists() or place.seal.exists()


def numbered(folder: Path) -> int:
    """Return the number of a correction by its folder; 0 when it is none."""
    match = _NAME.fullmatch(folder.name)
    return int(match[1]) if match else 0
