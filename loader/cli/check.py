"""``check``: look at every line before the run, and say what a load would take."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import orjson

from loader import telemetry
from loader.errors import UsageError
from loader.report.text import pasted, printable
from loader.source.files import check_readable

from . import options
from .exits import Exit
from .output import give, give_lines, say
from .terminal import display
from .token import VARIABLE, read_token

#: seconds between two lines of progress
_EVERY_S = 5.0


@click.command(
    epilog="Example: python -m loader check calls.ndjson --key hs_call_external_id"
)
@options.source_argument
@click.option(
    "use_sandbox", "--sandbox", is_flag=True,
    help="Check against the built-in portal instead of HubSpot.",
)  # fmt: skip
@click.option(
    "--offline", is_flag=True,
    help="Ask no portal, also where there is a token.",
)  # fmt: skip
@click.option(
    "--strict", is_flag=True, help="Exit with 1 for warnings, too.",
)  # fmt: skip
@options.key_option
@options.trace_property_option
@options.batch_size_option
@options.rate_option
@options.max_line_bytes_option
@options.api_version_option
@options.token_file_option
@options.config_option
@options.json_option
def check(
    source: str,
    token_file: str | None,
    *,
    use_sandbox: bool,
    offline: bool,
    strict: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's values, checked by settings_of
) -> int:
    """Look at every line of SOURCE, a file of NDJSON call records or '-'.

    Sends no record. With a token, or --sandbox, also asks the portal for its
    properties, owners and rules. Give --key and --trace-property as to run. Exit
    status 1 when there are problems; warnings alone are none.
    """
    # what only this command needs, no other pays for
    from loader.assembly.check import as_run_would, told_nothing  # noqa: PLC0415
    from loader.assembly.check import check as examine  # noqa: PLC0415
    from loader.check.outline import outline_lines  # noqa: PLC0415

    settings = options.settings_of(**given)
    if use_sandbox and offline:
        raise UsageError("--offline asks no portal, and --sandbox asks one: give one")
    if source != "-":
        check_readable(Path(source))
    settings, corrects = as_run_would(source, settings)
    token = None if use_sandbox or offline else _token(token_file)
    if token is None and not use_sandbox:
        told = told_nothing(settings)
    else:
        # the network's modules take a third of a second, which others need not pay
        from loader.assembly.survey import ask_portal  # noqa: PLC0415

        with display("text") as shown, telemetry.outputs(shown.event):
            told = asyncio.run(ask_portal(settings, token=token))
    outline = examine(
        source, told, settings=settings, corrects=corrects, watcher=_progress()
    )
    if as_json:
        give([orjson.dumps(msgspec.to_builtins(outline)), b"\n"])
    else:
        give_lines(map(printable, outline_lines(outline)))
        give_lines([_next(source, is_clean=outline.is_clean)])
    clean = outline.is_silent if strict else outline.is_clean
    return Exit.DONE if clean else Exit.INCOMPLETE


def _token(token_file: str | None) -> str | None:
    """Return the token, if there is one: without it no portal is asked."""
    if token_file is None and not os.environ.get(VARIABLE, "").strip():
        return None
    return read_token(token_file)


def _next(source: str, *, is_clean: bool) -> str:
    if not is_clean:
        return "next: mend these lines, and check again"
    if source == "-":
        return "next: run, with the same options"
    return f"next: python -m loader run {pasted(source)}, with the same options"


def _progress() -> Callable[[int, float | None], None]:
    """Return what tells every few seconds how far a long check is."""
    last = time.monotonic()

    def tell(lines: int, share: float | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_S:
            last = now
            of = "" if share is None else f", {share:.0%} of the source"
            say(f"{lines:,} lines checked{of}")

    return tell
