"""What every command of the bench prints: machine, command, figures."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
import orjson


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)),
    }


def command_line() -> str:
    """Return the command as a person would type it."""
    return " ".join(["python -m bench", *sys.argv[1:]])


def show(
    figures: Mapping[str, Any], *, as_json: bool, lines: Sequence[str] = ()
) -> None:
    """Print figures: as one JSON object, or as lines of text under the command."""
    if as_json:
        whole = {"machine": machine(), "command": command_line(), **figures}
        click.echo(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
        return
    on = machine()
    click.echo(f"{command_line()}  ({on['cores']} cores, CPython {on['python']})")
    for line in lines or [f"{name}: {value}" for name, value in figures.items()]:
        click.echo(f"  {line}")


def say(step: str) -> None:
    """Tell a person who waits at a terminal what is being done."""
    if sys.stderr.isatty():
        click.echo(step, err=True)
