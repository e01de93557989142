"""The options of ``run`` for the hours in which a load works, and who watches it."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--until",
        metavar="HH:MM",
        envvar="LOADER_UNTIL",
        help="End the run at this local time, resumable (status 3).",
    ),
    click.option(
        "--quiet",
        metavar="HH:MM-HH:MM",
        multiple=True,
        envvar="LOADER_QUIET",
        help="Send nothing in these local hours; may be given again.",
    ),
    click.option(
        "--daily-share",
        metavar="PERCENT",
        envvar="LOADER_DAILY_SHARE",
        help="Stay within this share of the portal's daily requests, such as 60%, and "
        "wait for the portal's midnight.",
    ),
    click.option(
        "--daily-limit",
        type=int,
        metavar="N",
        envvar="LOADER_DAILY_LIMIT",
        help="The portal's daily requests.  [default: as it says, else 250,000]",
    ),
    click.option(
        "--dashboard",
        is_flag=True,
        envvar="LOADER_DASHBOARD",
        help="Serve a page with live charts and a pause button to this machine.",
    ),
    click.option(
        "--dashboard-port",
        type=int,
        default=0,
        metavar="PORT",
        envvar="LOADER_DASHBOARD_PORT",
        help="Where; asks for the page, too.  [default: a free port, told at the "
        "start]",
    ),
    click.option(
        "--metrics",
        type=int,
        metavar="PORT",
        envvar="LOADER_METRICS",
        help="Serve metrics for Prometheus to this machine; 0 takes a free port.",
    ),
)


def wants_page(context: click.Context) -> bool:
    """Tell whether the page is asked for, be it by its port on the command line."""
    port = context.get_parameter_source("dashboard_port")
    return context.params["dashboard"] or port is click.core.ParameterSource.COMMANDLINE


def watch_options(command: F) -> F:
    """Add these options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
