"""Every error the loader raises, grouped by what the caller does next.

    LoaderError
    ├── UsageError          command line or configuration is wrong: mend it (status 2)
    ├── Refused             folder, source or portal does not fit this load (status 4)
    │   ├── Owned           another process works on this load now
    │   ├── SourceChanged   the part already loaded is no longer what it was
    │   ├── LedgerMismatch  the ledger belongs to another source, portal or key
    │   └── LedgerDamaged   the ledger cannot be read, or a newer version wrote it
    ├── Stopped             cannot go on now; the same command resumes it (status 3)
    │   └── LedgerFailed    the disk refused a write: nothing more may be sent
    └── PortalUnreachable   one question to the portal found no usable answer

A refused *record* is a value, never an exception; see ``loader.model.outcome``.
"""


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


class PortalUnreachable(LoaderError):
    """A question to the portal (not a create) found no usable answer."""
