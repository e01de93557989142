"""The command group, and the one place where errors become exit statuses."""

import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import click

from loader.errors import LoaderError, Unexpected
from loader.report.text import printable

from . import output
from .check import check
from .completion import VARIABLE, completion
from .exits import Exit, exit_of_error
from .init import init
from .prepare import prepare
from .process import harden, share_one_arena
from .report import report
from .resolve import resolve
from .results import results
from .run import run
from .sandbox import sandbox
from .status import status
from .undo import undo
from .verify import verify

DISTRIBUTION = "hubspot-call-loader"


class InOrder(click.Group):
    """Lists its commands in the order of a load's day."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added."""
        del ctx
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(DISTRIBUTION), package_name=DISTRIBUTION)
def group() -> None:
    """Load call records into HubSpot: nothing lost, nothing twice, resumable.

    \b
    Example: rehearse a load on the built-in portal, then look at it
      python -m loader run calls.ndjson --sandbox
      python -m loader results calls.ndjson
    """  # noqa: D301 - \b is click's mark for lines to leave as they are


for command, purpose in (
    (init, "Write an example of a configuration file."),
    (prepare, "Create the property that makes a load exactly-once."),
    (check, "Look at every line, and send nothing."),
    (run, "Load a file; the same again resumes it."),
    (status, "Show where a load stands, at any time."),
    (results, "List what became of each record."),
    (resolve, "Decide what became of records in doubt."),
    (verify, "Compare the portal with what was loaded."),
    (report, "Write one page about a load."),
    (undo, "Archive what a load created, and nothing else."),
    (sandbox, "Serve a portal on this machine to rehearse against."),
    (completion, "Print the completion script of a shell."),
):
    command.short_help = purpose
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with the contract's status."""
    harden()
    share_one_arena()
    # from here on Ctrl-C is an exception again, which each command may end in its way
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    output.prepare()
    voice = output.Voice()
    try:
        status_code = group.main(
            args=arguments,
            prog_name="python -m loader",
            complete_var=VARIABLE,
            standalone_mode=False,
            obj=voice,
        )
    except click.ClickException as error:
        voice.show(error)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.SIGINT
    except LoaderError as error:
        voice.say(f"error: {printable(str(error))}")
        return exit_of_error(error)
    except BrokenPipeError:  # the reader of a --help has seen enough
        output.discard(sys.stdout)
        return Exit.DONE
    except Exception as error:  # noqa: BLE001 - a traceback could show record data
        voice.say(f"error: {Unexpected(error)}")
        return Exit.STOPPED
    return int(status_code or Exit.DONE)
