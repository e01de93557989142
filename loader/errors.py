"""Every error the loader raises, grouped by what the caller does next.

    LoaderError
    ├── UsageError          command line or configuration is wrong: mend it (status 2)
    ├── Refused             folder, source or portal does not fit this load (status 4)
    │   ├── Owned           another process works on this load now
    │   ├── SourceChanged   the part already loaded is no longer what it was
    │   ├── LedgerMismatch  the ledger belongs to another source, portal or key
    │   └── LedgerDamaged   the ledger cannot be read, or a newer version wrote it
    ├── Stopped             cannot go on now; the same command resumes it (status 3)
    │   ├── LedgerFailed    the disk refused a write: nothing more may be sent
    │   ├── SourceFailed    the source could not be read further
    │   └── Unexpected      a mistake of ours; what was in flight is asked about next
    └── PortalUnreachable   one question to the portal found no usable answer

A refused *record* is a value, never an exception; see ``loader.model.outcome``.
"""

from pathlib import Path


class LoaderError(Exception):
    """The root: a sentence that says what is wrong, where, and what to do."""


class UsageError(LoaderError):
    """The command line or the configuration is wrong; nothing was sent."""


class Refused(LoaderError):
    """The load cannot be started as asked; nothing was sent."""


class Owned(Refused):
    """Another process owns this load.

    Attributes:
        pid: the owner's process ID, or None when it could not be read.
    """

    def __init__(self, message: str, *, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class SourceChanged(Refused):
    """The source differs from what was already loaded from it.

    Attributes:
        offset: start in bytes of the first span that differs.
    """

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class LedgerMismatch(Refused):
    """The ledger was made for another source, portal, object type or key."""


class LedgerDamaged(Refused):
    """The ledger is damaged, or was written by a newer version."""


class Stopped(LoaderError):
    """The run ends now and can be resumed by the same command."""


class LedgerFailed(Stopped):
    """The ledger's disk failed; after this nothing more is sent in this process."""


class SourceFailed(Stopped):
    """The source could not be read further; what was read is loaded and settled."""


class Unexpected(Stopped):
    """An error that nobody thought of; named by type and place, never by its values."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"internal error: {place_of(error)}; please report it")


class PortalUnreachable(LoaderError):
    """A question to the portal (not a create) found no usable answer."""


def place_of(error: BaseException) -> str:
    """Say what an error is and where it was raised; its text may hold record data."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    file = Path(place.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {file}:{place.tb_lineno}"
