"""Exit statuses, and which error or ending leads to which.

0 every record is created or existing; 1 read to the end, but some are rejected or in
doubt; 2 command line or configuration; 3 stopped, resumable; 4 refused to start;
130 and 143 interrupted by SIGINT and SIGTERM, resumable.
"""

from enum import IntEnum

from loader.errors import LoaderError, Refused, UsageError
from loader.model.summary import Ending, Summary


class Exit(IntEnum):
    """The contract's exit statuses."""

    DONE = 0
    INCOMPLETE = 1
    USAGE = 2
    STOPPED = 3
    REFUSED = 4
    SIGINT = 130
    SIGTERM = 143


def exit_of_error(error: LoaderError) -> Exit:
    """Return the status for an error that ended a command."""
    if isinstance(error, UsageError):
        return Exit.USAGE
    return Exit.REFUSED if isinstance(error, Refused) else Exit.STOPPED


def exit_of_summary(summary: Summary, *, signal: Exit = Exit.SIGINT) -> Exit:
    """Return the status for a run that ended; ``signal`` is what interrupted it."""
    match summary.ending:
        case Ending.COMPLETE:
            return Exit.DONE if summary.clean else Exit.INCOMPLETE
        case Ending.INTERRUPTED:
            return signal
        case Ending.STOPPED | Ending.RUNNING:
            return Exit.STOPPED
