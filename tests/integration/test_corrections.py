"""Corrections of a load: where they are, and what they are to the first one."""

from pathlib import Path

from loader.assembly.corrections import corrections_of
from loader.model.settings import Place


def test_a_load_without_corrections_has_none(tmp_path: Path):
    """Neither where there is no folder, nor where it is empty or a file."""
    place = Place(tmp_path)
    none = corrections_of(place)
    place.corrections.touch()

    assert (none, corrections_of(place)) == ([], [])


def test_corrections_come_in_the_order_of_their_beginning(tmp_path: Path):
    """By number, not by text; what has no ledger has not begun."""
    place = Place(tmp_path)
    names = ["10000-0123456789ab", "0002-ffffffffffff", "0010-aaaaaaaaaaaa"]
    for name in [*names, "notes", "0003-xyz"]:
        folder = place.corrections / name
        folder.mkdir(parents=True)
        (folder / "ledger.db").touch()
    (place.corrections / "0001-0123456789ab").mkdir()

    found = [each.folder.name for each in corrections_of(place)]

    assert found == [names[1], names[2], names[0]]
