"""``run``: load a source; the same command again resumes it."""

import asyncio
from typing import Any

import click
import msgspec
import orjson

from loader import telemetry
from loader.model.settings import Settings
from loader.model.summary import Summary
from loader.report.text import summary_lines

from . import options, output
from .exits import Exit, exit_of_summary
from .process import importing
from .signals import pauses, signals
from .terminal import Display, display
from .token import read_token
from .watching import wants_page, watch_options


def _choose_form(context: click.Context, _: click.Parameter, form: str) -> str:
    """Have everything on standard error written in the form that was chosen."""
    context.ensure_object(output.Voice).as_json = form == "json"
    return form


@click.command(epilog="Example: python -m loader run calls.ndjson --rate 190/10s")
@options.source_argument
@click.option(
    "use_sandbox", "--sandbox", is_flag=True,
    help="Load into the built-in portal instead of HubSpot.",
)  # fmt: skip
@click.option(
    "--rebuild", is_flag=True,
    help="The ledger is lost, damaged or an old copy: keep it aside, begin a new one, "
    "and ask the portal for every record before sending it (exactly-once loads only).",
)  # fmt: skip
@options.run_options
@watch_options
@options.config_option
@options.json_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    is_eager=True,  # so that a mistake in another option is told in this form
    callback=_choose_form,
    show_default=True,
    envvar="LOADER_LOG_FORMAT",
    help="Progress and messages as text, or as JSON lines.",
)
def run(
    source: str,
    load_dir: str | None,
    token_file: str | None,
    log_format: str,
    *,
    use_sandbox: bool,
    rebuild: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's values, checked by settings_of
) -> int:
    """Load SOURCE, a file of NDJSON call records or '-', into HubSpot.

    The same command again resumes where the last one ended, however it ended.
    """
    given["dashboard"] = wants_page(click.get_current_context())
    settings = options.settings_of(**given)
    token = None if use_sandbox else read_token(token_file)
    with display(log_format) as shown, telemetry.outputs(shown.event):
        summary, ended_by = asyncio.run(
            _run(source, settings, load_dir, token, shown, rebuild=rebuild)
        )
    if as_json:
        output.give([orjson.dumps(msgspec.to_builtins(summary)), b"\n"])
    if log_format == "text":
        folder = load_dir or f"{source}.load"
        for line in summary_lines(summary, source=source, load_dir=folder):
            output.say(line)
    return exit_of_summary(summary, signal=ended_by)


async def _run(
    source: str,
    settings: Settings,
    load_dir: str | None,
    token: str | None,
    shown: Display,
    *,
    rebuild: bool,
) -> tuple[Summary, Exit]:
    with importing():
        # the network's modules take a third of a second, which --help need not pay
        from loader.assembly.load import load  # noqa: PLC0415
        from loader.pipeline.pause import Pause  # noqa: PLC0415
        from loader.pipeline.stop import Stop  # noqa: PLC0415

    stop, pause = Stop(), Pause()
    with signals(stop, shown.say) as ended_by, pauses(pause):
        summary = await load(
            source,
            settings=settings,
            load_dir=load_dir,
            token=token,
            sandbox=token is None,
            rebuild=rebuild,
            stop=stop,
            pause=pause,
            observer=shown.observe,
            say=shown.say,
        )
    return summary, ended_by[-1]
