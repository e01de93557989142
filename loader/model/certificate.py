"""What a verification proves of a load, in numbers that add up."""

import msgspec


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate of completeness of one load.

    ``created + existing + rejected + in_doubt + unread == lines``, and
    ``equal + different + missing + archived + unanswered == created``.
    """

    #: the source was read to its end, each of its lines is on the portal, and all that
    #: this load and its corrections created is there as its line has it
    complete: bool
    source: str
    load: str
    portal_id: str
    trace_property: str | None
    promise: str
    lines: int
    created: int
    existing: int
    rejected: int
    in_doubt: int
    unread: int
    #: of the rejected: on the portal by a correction, which has a certificate too
    corrected: int = 0
    equal: int
    different: int
    missing: int
    archived: int
    unanswered: int
    #: calls that ``undo`` has archived
    undone: int
    source_bytes: int
    #: what ``sha256sum SOURCE`` prints
    source_sha256: str
    #: what ``python -m loader results SOURCE | sha256sum`` prints
    results_sha256: str
    #: of the file ``differences.ndjson`` beside the certificate
    differences_sha256: str
    #: when the reading began and ended, UTC, ISO 8601
    begun_at: str
    ended_at: str
    #: sent for this verification
    requests: int
    version: str

    @property
    def proved(self) -> bool:
        """All that this load created is on the portal as its line has it."""
        return self.equal == self.created
