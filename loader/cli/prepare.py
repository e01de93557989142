"""``prepare``: create the trace property on the portal."""

import asyncio

import click

from . import options
from .output import give_lines
from .token import read_token


@click.command(epilog="Example: HUBSPOT_ACCESS_TOKEN=... python -m loader prepare")
@options.token_file_option
@options.api_version_option
@options.config_option
def prepare(token_file: str | None, api_version: str) -> int:
    """Create the unique property that makes a load exactly-once.

    Needs a scope that may write the properties of calls; does nothing when the
    property is there already.
    """
    # the network's modules take a third of a second, which --help need not pay
    from loader.assembly.preparing import prepare_portal  # noqa: PLC0415

    settings = options.settings_of(api_version=api_version)
    token = read_token(token_file)
    give_lines([asyncio.run(prepare_portal(settings, token))])
    return 0
