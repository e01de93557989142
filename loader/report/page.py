"""The report as one HTML page that loads nothing and runs nothing.

Every text is escaped twice over: what could steer a reader's eye (control characters,
overrides of the writing direction) is spelled out, then Jinja escapes what HTML would
take for markup. The page forbids scripts and everything from elsewhere by its own
policy, so that a hole in the first two would still do nothing.
"""

from importlib import resources

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from . import words
from .facts import Report
from .plots import Plot, plots_of
from .series import coarser
from .text import printable

_PACKAGE = "loader.report"


def page(report: Report) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tone, verdict = words.verdict(report)
    style = resources.files(_PACKAGE).joinpath("templates/page.css").read_text()
    return environment.get_template("page.html").render(
        report=report,
        style=Markup(style),  # noqa: S704 - our own file
        tone=tone,
        verdict=verdict,
        counts=list(words.counts(report.summary)),
        facts=list(words.facts(report)),
        plots=[_shown(plot) for plot in plots_of(report.steps)],
        steps=[words.step_row(step) for step in coarser(report.steps)],
        runs=[words.run_row(run) for run in report.runs],
        proof=list(words.proof(report)),
        checksums=list(words.checksums(report)),
        standing=words.standing(report.source),
        moment=words.moment,
        lines_of=words.lines_of,
        verified=words.verified,
        words=words,
    )


def _finalized(value: object) -> object:
    """Spell out what is not printable, but for line breaks of our own markup."""
    return printable(value) if type(value) is str else value


def _shown(plot: Plot) -> Plot:
    """Mark the drawings as markup: pygal escapes what it writes."""
    return Plot(
        plot.name,
        plot.description,
        plot.lines,
        Markup(plot.wide),  # noqa: S704 - made of numbers alone
        Markup(plot.narrow),  # noqa: S704 - made of numbers alone
    )
