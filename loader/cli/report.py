"""``report``: one page about a load, for whoever it was done for."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from loader.report.facts import Report
from loader.report.text import printable

from . import options
from .output import give, put, say

_FORMS = ("html", "json", "md")


@click.command(
    epilog="Example: python -m loader report calls.ndjson -o for-the-customer.html"
)
@options.source_argument
@click.option(
    "form", "--format", type=click.Choice(_FORMS), default="html", show_default=True,
    help="A page, JSON, or Markdown.",
)  # fmt: skip
@click.option(
    "output", "-o", "--output", metavar="FILE",
    help="Write to FILE; '-' is standard output.  "
    "[default: report.html (json, md) in the load folder]",
)  # fmt: skip
@click.option(
    "--with-data", is_flag=True,
    help="Show examples of records, and messages that quote them: personal data.",
)  # fmt: skip
@options.load_dir_option
@options.config_option
def report(
    source: str, form: str, output: str | None, load_dir: str | None, *, with_data: bool
) -> int:
    """Tell in one file what SOURCE became: when, at which rate, what was refused.

    The page loads nothing and runs nothing, so that it can be mailed. A load that is
    running is refused; 'status' tells how it stands.
    """
    # the network's modules take a third of a second, which --help need not pay
    from loader.assembly.dossier import dossier  # noqa: PLC0415

    found = dossier(source, load_dir, with_data=with_data, now=datetime.now(UTC))
    pieces = _rendered(found, form)
    if output == "-":
        give(pieces)
        return 0
    path = output or str(Path(load_dir or f"{source}.load") / f"report.{form}")
    put(path, pieces)
    say(f"wrote {printable(path)}")
    return 0


def _rendered(found: Report, form: str) -> Iterable[bytes]:
    """Give the report in a form; each brings its own libraries, and only those."""
    match form:
        case "json":
            return [msgspec.json.format(msgspec.json.encode(found)), b"\n"]
        case "md":
            from loader.report.markdown import markdown  # noqa: PLC0415

            return (f"{line}\n".encode() for line in markdown(found))
        case _:
            from loader.report.page import page  # noqa: PLC0415

            return [page(found).encode()]
