"""A row of ``results``: what became of one line."""

import msgspec

from .outcome import State


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the source and its state, as the contract names it."""

    line: int
    #: where the line starts in the source, in bytes
    offset: int
    trace_id: str | None
    state: State
    #: the call on the portal
    object_id: str | None = None
    #: rejected rows: HubSpot's category, or our reason code
    category: str | None = None
    message: str | None = None
    #: HubSpot's, None when the rejection is local
    correlation_id: str | None = None
    #: the first line with this ID, when this one repeats it
    duplicate_of: int | None = None
    #: an undo of the load has archived the call
    undone: bool = False
