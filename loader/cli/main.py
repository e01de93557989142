"""The command group, and the one place where errors become exit statuses."""

import io
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import click

from loader.errors import LoaderError
from loader.report.text import printable

from .exits import Exit, exit_of_error
from .prepare import prepare
from .process import harden, tell
from .results import results
from .run import run
from .sandbox import sandbox
from .status import status

DISTRIBUTION = "hubspot-call-loader"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(DISTRIBUTION), package_name=DISTRIBUTION)
def group() -> None:
    """Load call records into HubSpot: nothing lost, nothing twice, resumable.

    \b
    Example: rehearse a load on the built-in portal, then look at it
      python -m loader run calls.ndjson --sandbox
      python -m loader results calls.ndjson
    """  # noqa: D301 - \b is click's mark for lines to leave as they are


for command in (run, status, results, prepare, sandbox):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with the contract's status."""
    harden()
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        status_code = group.main(
            args=arguments, prog_name="python -m loader", standalone_mode=False
        )
    except click.ClickException as error:
        _show(error)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.SIGINT
    except LoaderError as error:
        click.echo(f"error: {printable(str(error))}", err=True)
        return exit_of_error(error)
    except BrokenPipeError:
        _silence_stdout()
        return Exit.DONE
    except Exception as error:  # noqa: BLE001 - a traceback could show record data
        tell(error)
        return Exit.STOPPED
    return int(status_code or Exit.DONE)


def _show(error: click.ClickException) -> None:
    """Show a mistake in the command line, which it may quote, line by line."""
    text = io.StringIO()
    error.show(file=text)
    for line in text.getvalue().split("\n")[:-1]:
        click.echo(printable(line), err=True)


def _silence_stdout() -> None:
    """The reader of our output has gone; the interpreter must not complain of it."""
    sys.stdout = None
