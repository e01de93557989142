"""``verify``: read every created record back and compare."""

import asyncio
from collections.abc import Sequence
from typing import Any

import click
import msgspec
import orjson

from loader.model.certificate import Certificate
from loader.pipeline.stop import Stop
from loader.report.certificates import certificate_lines

from . import options
from .counting import Counting, counting
from .exits import Exit
from .output import give, give_lines
from .signals import interruptible
from .token import read_token


@click.command(epilog="Example: python -m loader verify calls.ndjson")
@options.source_argument
@click.option(
    "--with-data", is_flag=True,
    help="Write the values that differ into differences.ndjson; they may be personal.",
)  # fmt: skip
@options.portal_options
@options.pace_options
@options.config_option
@options.json_option
def verify(
    source: str,
    load_dir: str | None,
    token_file: str | None,
    *,
    with_data: bool,
    use_sandbox: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's values, checked by settings_of
) -> int:
    """Compare what the load of SOURCE created with what the portal has.

    Every created record is read back, its properties and its associations. The same
    command again resumes one that was interrupted. Status 0: all are as their lines
    say; 1: some are not.
    """
    settings = options.settings_of(**given)
    token = None if use_sandbox else read_token(token_file)

    async def work(stop: Stop, shown: Counting) -> list[Certificate]:
        from loader.assembly.verify import verify  # noqa: PLC0415

        return await verify(
            source,
            settings=settings,
            load_dir=load_dir,
            token=token,
            sandbox=use_sandbox,
            stop=stop,
            show=shown.show,
            say=shown.say,
            with_data=with_data,
        )

    with counting("compared") as shown:
        certificates = asyncio.run(interruptible(lambda stop: work(stop, shown), shown))
    if isinstance(certificates, Exit):
        return certificates
    _give(certificates, as_json=as_json)
    proved = all(each.proved for each in certificates)
    return Exit.DONE if proved else Exit.INCOMPLETE


def _give(certificates: Sequence[Certificate], *, as_json: bool) -> None:
    """Print what was found of the load, and of each of its corrections."""
    if as_json:
        first, *others = (msgspec.to_builtins(each) for each in certificates)
        give([orjson.dumps(first | {"corrections": others}), b"\n"])
        return
    for each in certificates:
        give_lines(certificate_lines(each))
