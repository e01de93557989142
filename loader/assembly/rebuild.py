"""``run --rebuild``: a new ledger for a load whose own is lost, damaged, or old.

::

    portal has the trace property? ──no──> refused, nothing touched
        │ yes
    old files aside (renamed, never deleted) ──> new ledger, marked *rebuilding*
        │
    run: each batch is armed, asked for (live, then archived), settled by what is
         found, and only what is absent is sent
        │
    source at its end ──> the mark goes

The mark is in the ledger, so a rebuild that was cut off goes on by plain ``run`` too.

Decisions

* *What is found under a derived ID is* ``created``: source digest, line and content
  are in it, so only a load of this very source can have written it. *Under an ID of
  the line or of* ``--key`` *it is* ``existing``: another source may have written it.
  Instead of ``existing`` for all, after which nobody could undo a load.
* *The same* ``--key``, *portal and trace property as before*, which the seal or the old
  ledger remembers: another key gives other IDs, and everything would be there twice.
* *Refused if records were ever sent without the trace property*: a read that does not
  find them says nothing. Where neither ledger nor seal can say so, the log may.
* *Refused if an undo was begun*: its archived calls would be found, and claimed.
* *Refused before anything is touched*: the portal is asked for its property first.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loader.errors import LedgerDamaged, LedgerMismatch, UsageError
from loader.ledger import store
from loader.ledger.mark import read_mark
from loader.ledger.seal import read_seal
from loader.model.load import LoadIdentity
from loader.model.settings import Place, Settings

from .opening import open_ledger
from .portal import Pace, Preflight, opened_portal


@dataclass(frozen=True, slots=True)
class Lost:
    """What is still known of a lost ledger."""

    identity: LoadIdentity | None = None
    unkeyed: bool = False
    #: an undo of it was begun
    undone: bool = False
    #: it is a rebuild already, and only has to go on
    goes_on: bool = False


async def make_way(
    place: Place, settings: Settings, *, token: str | None, sandbox: bool, pace: Pace
) -> list[Path]:
    """Set the old ledger aside, once it is sure that it can be rebuilt.

    Returns:
        the files set aside; none when a rebuild only goes on.

    Raises:
        LedgerMismatch: it cannot be rebuilt; says why.
    """
    lost = known_of(place)
    if lost.goes_on:
        return []
    if lost.undone:
        raise LedgerMismatch(
            "this load cannot be rebuilt: it was undone, or that was begun, and its "
            "archived calls would be taken for loaded ones; put its ledger back, or "
            "use --load-dir NEW"
        )
    _check_same_key(lost, settings)
    if not sandbox:
        await _check_askable(lost, settings, token=token, pace=pace)
    return set_aside(place)


def known_of(place: Place) -> Lost:
    """Learn what is to be rebuilt: from the seal, the ledger itself, or the log."""
    from_ledger = _known_of_ledger(place)
    if from_ledger.goes_on:
        return from_ledger
    try:
        seal = read_seal(place.seal)
    except LedgerDamaged:
        seal = None
    if seal is None and from_ledger.identity is None:
        return _known_of_log(place.log)
    if seal is None:
        return from_ledger
    return Lost(
        seal.identity,
        unkeyed=seal.mark.unkeyed or from_ledger.unkeyed,
        undone=seal.mark.undone or from_ledger.undone,
    )


class _Said(msgspec.Struct, frozen=True):
    """An event of the log: a run says what it can ask by."""

    event: str
    trace_property: str | None = ""


def _known_of_log(log: Path) -> Lost:
    """Learn from the log of a run without trace property, and of an undo."""
    unkeyed = undone = False
    with contextlib.suppress(OSError), log.open("rb") as lines:
        for line in lines:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                said = msgspec.json.decode(line, type=_Said)
                is_run = said.event == "run.started"
                unkeyed = unkeyed or (is_run and said.trace_property is None)
                undone = undone or said.event == "undo.started"
    return Lost(unkeyed=unkeyed, undone=undone)


def _known_of_ledger(place: Place) -> Lost:
    if not place.ledger.is_file():
        return Lost()
    try:
        connection = store.connect(place.ledger)
    except LedgerDamaged:
        return Lost()
    try:
        mark = read_mark(connection)
        identity = store.read_identity(connection)
    finally:
        connection.close()
    return Lost(
        identity,
        unkeyed=mark.unkeyed,
        undone=mark.undone,
        goes_on=_goes_on(place),
    )


def _goes_on(place: Place) -> bool:
    """Tell whether the ledger that is there is a rebuild, sound and the latest."""
    try:
        connection = open_ledger(place)
    except LedgerDamaged:
        return False
    try:
        return read_mark(connection).rebuilding
    finally:
        connection.close()


def _check_same_key(lost: Lost, settings: Settings) -> None:
    if lost.unkeyed:
        raise LedgerMismatch(
            "this load cannot be rebuilt: records of it were sent before the portal "
            "had the trace property, and cannot be asked for; put its ledger back"
        )
    if lost.identity is not None and lost.identity.key_property != settings.key:
        raise LedgerMismatch(
            f"this load began with --key {lost.identity.key_property}, not "
            f"{settings.key}: with another key no record would be found; give the same"
        )


async def _check_askable(
    lost: Lost, settings: Settings, *, token: str | None, pace: Pace
) -> None:
    began_with = lost.identity.trace_property if lost.identity is not None else None
    async with opened_portal(settings, token=token, sandbox=None) as client:
        asking = Preflight(client, pace, patience_s=settings.patience_s)
        try:
            facts = await asking.examine(
                settings.trace_property or began_with, known=lost.identity
            )
        except UsageError as error:
            raise LedgerMismatch(f"this load cannot be rebuilt: {error}") from error
    if facts.trace_property is None:
        raise LedgerMismatch(
            "this load cannot be rebuilt: the portal has no unique property by which "
            "it could be asked for each record; put the ledger back"
        )


def set_aside(place: Place) -> list[Path]:
    """Rename a ledger's files, with the first number that is free.

    A sound seal stays: it says what the load belongs to, until the next is written.
    """
    ledger = place.ledger
    files = {
        ledger.with_name(ledger.name + suffix): f"{ledger.name}.lost-{{}}{suffix}"
        for suffix in store.SUFFIXES
    }
    if not _is_sound(place.seal):
        files[place.seal] = f"{place.seal.name}.lost-{{}}"
    number = 1
    while any(os.path.lexists(f.with_name(n.format(number))) for f, n in files.items()):
        number += 1
    moved = [
        file.rename(file.with_name(name.format(number)))
        for file, name in files.items()
        if os.path.lexists(file)
    ]
    folder = os.open(place.folder, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return moved


def _is_sound(seal: Path) -> bool:
    try:
        read_seal(seal)
    except LedgerDamaged:
        return False
    return True
