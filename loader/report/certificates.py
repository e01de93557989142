"""A certificate in words: what was found, where the rest is, what to do next."""

from collections.abc import Iterator

from loader.model.certificate import Certificate

from .text import pasted, printable

_COMPARED = ("equal", "different", "missing", "archived", "unanswered")
_OTHERS = ("existing", "rejected", "in_doubt", "unread")


def certificate_lines(certificate: Certificate) -> Iterator[str]:
    """Give the lines about one load."""
    yield _headline(certificate)
    yield f"  {'created':<12}{certificate.created:>12,}"
    for name in _COMPARED:
        yield f"    {name:<10}{getattr(certificate, name):>12,}"
    for name in _OTHERS:
        yield f"  {name:<12}{getattr(certificate, name):>12,}"
    if certificate.corrected:
        yield f"    {'corrected':<10}{certificate.corrected:>12,}"
    yield f"  {'lines':<12}{certificate.lines:>12,}"
    folder = certificate.load
    if not certificate.proved:
        yield f"what differs, line by line: {printable(folder)}/differences.ndjson"
    yield (
        f"portal {printable(certificate.portal_id)}, {certificate.requests:,} "
        f"requests, sha256 of the source {certificate.source_sha256}"
    )
    yield f"certificate: {printable(folder)}/certificate.json"
    if certificate.unread:
        source = pasted(certificate.source)
        yield f"next: python -m loader run {source}; some lines were never loaded"


def _headline(certificate: Certificate) -> str:
    if certificate.undone:
        undone = f"{certificate.undone:,} of {certificate.created:,} created records"
        return f"undone: {undone} were archived by 'undo'"
    created = f"{certificate.created:,} created records"
    if certificate.complete:
        return f"verified and complete: all {created} are as their lines say"
    if certificate.proved:
        return f"verified: all {created} are as their lines say; the load is not whole"
    wrong = certificate.created - certificate.equal
    return f"NOT as loaded: {wrong:,} of {created} differ, or are gone"
