"""What an undo would do, and what it has done."""

from enum import StrEnum

import msgspec

#: changed calls that are shown by line
SAMPLE = 10


class Condition(StrEnum):
    """How a created call stands before it is archived."""

    UNTOUCHED = "untouched"
    #: somebody changed it after it was made
    CHANGED = "changed"
    #: it is not among the live calls any more
    GONE = "gone"
    #: it was there before the load began: not its own, whatever the ledger says
    OLDER = "older"
    #: the portal answers for others, but not for this one
    UNANSWERED = "unanswered"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be archived, for a person to confirm."""

    source: str
    portal_id: str
    #: names the set of calls, and how each stands: another set has another digest
    digest: str
    #: by this load and its corrections
    created: int
    to_archive: int
    #: of these: by an earlier run of this undo
    archived: int
    #: of those to archive: somebody changed them since they were made
    changed: int
    #: of those to archive: the portal does not say how they stand
    unanswered: int
    #: not to archive: gone from the portal already
    gone: int
    #: not to archive: there before the load began; after a lost answer such a call is
    #: taken for one that the load made
    older: int
    #: not to archive, since ``--skip-changed`` was given
    skipped: int
    #: may be on the portal, and cannot be told from others: not touched
    in_doubt: int
    #: on the portal before this load: not touched
    existing: int
    #: the first lines whose calls were changed, and when
    samples: tuple[tuple[int, str], ...] = ()


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What an undo has done, all its runs together."""

    source: str
    portal_id: str
    digest: str
    to_archive: int
    archived: int
    #: not proved to be archived: the portal refused them, or did not say
    refused: int
    #: left alone, by reason
    left_alone: dict[str, int]
    #: requests of this run
    requests: int

    @property
    def complete(self) -> bool:
        """Everything that was confirmed is archived."""
        return self.archived == self.to_archive
