"""What an undo and a verification say to people."""

import msgspec
import pytest

from loader.model.certificate import Certificate
from loader.model.proof import Difference, Finding, Standing
from loader.model.undo import Proposal, Undone
from loader.report.certificates import certificate_lines
from loader.report.findings import finding_row
from loader.report.proposals import proposal_lines, undone_lines

PROPOSAL = Proposal(
    source="calls.ndjson", portal_id="42", digest="0123456789abcdef", created=1500,
    to_archive=1490, archived=0, changed=12, unanswered=0, gone=10, older=0, skipped=0,
    in_doubt=3, existing=5, samples=((7, "2026-01-01T00:00:00Z"),),
)  # fmt: skip


def changed(value: msgspec.Struct, **more: object) -> str:
    lines = {
        Proposal: proposal_lines,
        Undone: lambda one: undone_lines(one, load_dir="calls.ndjson.load"),
        Certificate: certificate_lines,
    }[type(value)]
    return "\n".join(lines(msgspec.structs.replace(value, **more)))


def test_a_proposal_says_how_much_where_and_what_is_not_touched():
    """With what somebody changed since, by line, and the digest to confirm."""
    told = changed(PROPOSAL)

    for text in (
        "portal 42",
        "1,490",
        "12  by somebody, since they were made",
        "10  archived or deleted already",
        "3  in doubt",
        "line 7 was changed 2026-01-01T00:00:00Z",
        "and 11 more",
        "digest: 0123456789abcdef",
        "90 days",
    ):
        assert text in told
    assert "earlier run" not in told


def test_a_proposal_says_what_is_older_than_the_load():
    """It is left alone, and why is told; nothing where there is none."""
    assert "2  older than this load" in changed(PROPOSAL, older=2)
    assert "older" not in changed(PROPOSAL)


def test_a_proposal_that_goes_on_says_so():
    """What is archived already is told; what a portal says is escaped."""
    told = changed(PROPOSAL, archived=500, samples=((1, "\x1b[2J"),), changed=1)

    assert "500  by an earlier run of undo" in told
    assert "\x1b" not in told
    assert "more" not in told


def test_what_was_undone_is_told_with_what_is_still_there():
    """And where to look."""
    undone = Undone(
        source="calls.ndjson", portal_id="42", digest="d", to_archive=10, archived=8,
        refused=2, left_alone={"gone": 3}, requests=4,
    )  # fmt: skip
    told = changed(undone)

    assert "8 of 10 calls are archived" in told
    assert "2 not proved to be archived" in told
    assert "3 left alone (gone)" in told
    assert not undone.complete


CERTIFICATE = Certificate(
    complete=True, source="a b.ndjson", load="d", portal_id="42", trace_property=None,
    promise="exactly-once", lines=10, created=10, existing=0, rejected=0, in_doubt=0,
    unread=0, corrected=0, equal=10, different=0, missing=0, archived=0, unanswered=0,
    undone=0,
    source_bytes=1, source_sha256="x", results_sha256="y", differences_sha256="z",
    begun_at="then", ended_at="now", requests=3, version="1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "verified and complete: all 10 created"),
        ({"complete": False, "rejected": 1, "lines": 11}, "the load is not whole"),
        ({"complete": False, "unread": 2}, "next: python -m loader run 'a b.ndjson'"),
        ({"complete": False, "equal": 8, "missing": 2}, "NOT as loaded: 2 of 10"),
        ({"complete": False, "equal": 0, "undone": 10}, "undone: 10 of 10"),
    ],
)
def test_a_certificate_begins_with_what_it_proves(more: dict[str, object], text: str):
    """Whole, proved, or not."""
    assert text in changed(CERTIFICATE, **more)


def test_a_finding_has_values_only_on_demand():
    """An association has none."""
    finding = Finding(
        1, 0, "id", "512", Standing.DIFFERENT,
        (
            Difference("property", "title", "another value", "mine", "theirs"),
            Difference("association", "contacts 1", "not on the portal"),
        ),
    )  # fmt: skip

    plain = finding_row(finding, with_data=False)["differences"]
    full = finding_row(finding, with_data=True)["differences"]

    assert plain[0] == {"what": "property", "name": "title", "how": "another value"}
    assert full[0] == plain[0] | {"sent": "mine", "found": "theirs"}
    assert full[1] == plain[1]
