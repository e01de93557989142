"""The seal: a small file beside the ledger that says which ledger belongs there.

It repeats the ledger's mark and identity, and is written after the ledger's own commit,
so it never runs ahead of it: a ledger that is older than its seal is an old copy, and a
seal without a ledger says that one was lost. Without a seal nothing is compared.

Decision: a file of its own, replaced at the start of a run and once a second; instead
of a second flush with every commit, which would halve the rate. So a ledger that went
back by less than a second, or a whole folder that went back, is not noticed: with the
trace property the portal still refuses the second record, without it nothing does.
"""

import asyncio
import os
import secrets
import sqlite3
import stat
from pathlib import Path

import msgspec

from loader.errors import LedgerDamaged, LedgerFailed
from loader.model.load import LoadIdentity

from .integrity import row_sum
from .mark import Mark, change_mark, read_mark
from .store import REBUILD, read_identity
from .writer import Writer

#: a seal is far smaller
_MOST_BYTES = 1 << 16


class Seal(msgspec.Struct, frozen=True):
    """What the ledger said of itself when the seal was written."""

    mark: Mark
    identity: LoadIdentity


class _Sealed(msgspec.Struct, frozen=True):
    seal: Seal
    checksum: str


async def reseal(writer: Writer, path: Path) -> None:
    """Move the ledger on by a generation, then the seal.

    Raises:
        LedgerFailed: the ledger cannot be written.
        OSError: the seal cannot be written.
    """
    seal: Seal | None = await writer.run(_advanced)
    if seal is not None:
        await asyncio.to_thread(_write, path, seal)


async def first_reseal(writer: Writer, path: Path) -> None:
    """Seal the ledger of a run that begins: nothing is sent without.

    Raises:
        LedgerFailed: ledger or seal cannot be written.
    """
    try:
        await reseal(writer, path)
    except OSError as error:
        raise LedgerFailed(
            f"{path} could not be written ({error.strerror}); nothing was sent; free "
            "the disk and run the same command again"
        ) from error


def _advanced(connection: sqlite3.Connection) -> Seal | None:
    identity = read_identity(connection)
    if identity is None:
        return None
    change_mark(connection, "advance_mark")
    return Seal(read_mark(connection), identity)


def _write(path: Path, seal: Seal) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(draft, flags, 0o600)
    try:
        try:
            os.write(fd, _encoded(seal))
            os.fsync(fd)
        finally:
            os.close(fd)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _encoded(seal: Seal) -> bytes:
    checksum = row_sum(msgspec.json.encode(seal)).hex()
    return msgspec.json.encode(_Sealed(seal, checksum)) + b"\n"


def read_seal(path: Path) -> Seal | None:
    """Return the seal; None when there is none.

    Raises:
        LedgerDamaged: it is not what was written.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged(path, error.strerror or "error") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _damaged(path, "it is no file")
        content = os.read(fd, _MOST_BYTES)
        seal = msgspec.json.decode(content, type=_Sealed).seal
    except (OSError, ValueError) as error:
        raise _damaged(path, "it cannot be read") from error
    finally:
        os.close(fd)
    if content != _encoded(seal):
        raise _damaged(path, "it is not what was written")
    return seal


def _damaged(path: Path, why: str) -> LedgerDamaged:
    return LedgerDamaged(
        f"the seal {path} is damaged ({why}): nobody can say whether the ledger is the "
        f"latest one; delete the seal if you know that it is, or {REBUILD}"
    )


def check_sealed(connection: sqlite3.Connection, seal: Seal | None) -> None:
    """Compare a ledger with its seal.

    A ledger that is being rebuilt may lie beside the seal of the lost one: it asks for
    every record before it sends it.

    Raises:
        LedgerDamaged: it is another one, or older.
    """
    mark = read_mark(connection)
    if seal is None or (mark.rebuilding and mark.ledger != seal.mark.ledger):
        return
    if mark.ledger != seal.mark.ledger:
        raise LedgerDamaged(
            f"the ledger is not the one of this folder ({mark.ledger}, not "
            f"{seal.mark.ledger}); put the right one back, or {REBUILD}"
        )
    if mark.generation < seal.mark.generation:
        raise LedgerDamaged(
            f"the ledger is an older copy (generation {mark.generation}, the last was "
            f"{seal.mark.generation}): what was sent since is not in it; put the "
            f"latest one back, or {REBUILD}"
        )
