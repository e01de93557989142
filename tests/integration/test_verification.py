"""How far a verification has come, and what makes an end of it."""

import contextlib
from pathlib import Path

from msgspec.structs import replace

from loader.ledger import store
from loader.ledger.undoing import Undo, advance_undo, begin_undo
from loader.ledger.verification import begin_verification


def test_an_undo_makes_an_end_of_a_verification_whatever_the_clock_says(tmp_path: Path):
    """The clock was an hour fast when it began, and has been set right since."""
    with contextlib.closing(store.connect(tmp_path / "ledger.db")) as connection:
        begun = begin_verification(connection, "2026-01-01T13:00:00+00:00")
        goes_on = begin_verification(connection, "2026-01-01T13:00:10+00:00")
        undo = Undo("2026-01-01T12:10:00+00:00", None, "d", 0)
        begin_undo(connection, undo)
        advance_undo(connection, replace(undo, ended_at="2026-01-01T12:10:05+00:00"))
        after = begin_verification(connection, "2026-01-01T12:20:00+00:00")

    assert goes_on == begun
    assert after.begun_at == "2026-01-01T12:20:00+00:00"


def test_an_undo_that_tries_the_rest_again_makes_an_end_of_it_too(tmp_path: Path):
    """What was refused before is archived now."""
    with contextlib.closing(store.connect(tmp_path / "ledger.db")) as connection:
        undo = Undo("2026-01-01T12:10:00+00:00", "2026-01-01T12:10:05+00:00", "d", 1)
        begin_undo(connection, undo)
        begin_verification(connection, "2026-01-01T12:20:00+00:00")
        advance_undo(connection, replace(undo, archived=1))
        after = begin_verification(connection, "2026-01-01T12:30:00+00:00")

    assert after.begun_at == "2026-01-01T12:30:00+00:00"
