"""What an undo is about to do, and what it has done, in words."""

from collections.abc import Iterator

from loader.model.undo import Proposal, Undone

from .text import arguments, printable


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """Give the lines that a person reads before confirming."""
    source, portal = printable(proposal.source), printable(proposal.portal_id)
    yield f"undo of {source} in portal {portal}"
    for name, number, remark in _counts(proposal):
        yield f"  {name:<14}{number:>12,}  {remark}".rstrip()
    for line, updated_at in proposal.samples:
        yield f"  line {line:,} was changed {printable(updated_at)}"
    more = proposal.changed + proposal.skipped - len(proposal.samples)
    if proposal.samples and more > 0:
        yield f"  and {more:,} more"
    yield f"digest: {proposal.digest}"
    yield (
        "archived calls can be restored in HubSpot for 90 days; their recordings are "
        "deleted for good"
    )


def _counts(proposal: Proposal) -> Iterator[tuple[str, int, str]]:
    yield "created", proposal.created, "by this load and its corrections"
    yield "to archive", proposal.to_archive, ""
    for name, number, remark in (
        ("  archived", proposal.archived, "by an earlier run of undo"),
        ("  changed", proposal.changed, "by somebody, since they were made"),
        ("  unanswered", proposal.unanswered, "the portal does not show them"),
        ("left alone", proposal.skipped, "changed since they were made, or not shown"),
        ("gone", proposal.gone, "archived or deleted already"),
        ("left alone", proposal.older, "older than this load: not its own after all"),
    ):
        if number:
            yield name, number, remark
    yield "not touched", proposal.existing, "on the portal before this load"
    yield "not touched", proposal.in_doubt, "in doubt: look for them by hand"


def undone_lines(undone: Undone, *, load_dir: str) -> Iterator[str]:
    """Give the lines that say what was done."""
    what = f"{undone.archived:,} of {undone.to_archive:,} calls are archived"
    yield f"undone: {what}; {undone.requests:,} requests in this run"
    if undone.refused:
        yield (
            f"  {undone.refused:,} not proved to be archived: the portal refused them, "
            "or did not say; the same command tries them again"
        )
    for reason, number in sorted(undone.left_alone.items()):
        yield f"  {number:,} left alone ({printable(reason)})"
    yield f"next: python -m loader results {arguments(undone.source, load_dir)}"
