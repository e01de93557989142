"""``init``: a commented configuration file, written from the options themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from loader.errors import UsageError

from .options import options_of
from .output import give_lines, say

_HEAD = (
    "# Settings of the call loader, for --config or LOADER_CONFIG.",
    "#",
    "# A flag comes before the environment, that before this file, and this before the",
    "# default. One file serves all commands. Take away the # in front of a setting to",
    "# change it; what is shown is the default, or an example where there is none.",
    "# The token is no setting: HUBSPOT_ACCESS_TOKEN, or a file of mode 0600.",
)


@click.command(epilog="Example: python -m loader init -o loader.toml")
@click.option(
    "-o", "--output", metavar="FILE", default="loader.toml", show_default=True,
    help="Where to write it; - for standard output. A file that is there stays.",
)  # fmt: skip
@click.pass_context
def init(context: click.Context, output: str) -> int:
    """Write an example of a configuration file, with every setting and its meaning."""
    group = context.find_root().command
    lines = [*configuration(group if isinstance(group, click.Group) else click.Group())]
    if output == "-":
        give_lines(lines)
        return 0
    _write(Path(output), "".join(f"{line}\n" for line in lines))
    say(f"wrote {output}; next: python -m loader run calls.ndjson --config {output}")
    return 0


def configuration(group: click.Group) -> Iterator[str]:
    """Give the lines of the example: each setting, its meaning, and who obeys it.

    A setting is an option that the environment may set, too; others are asked of one
    call of a command.
    """
    yield from _HEAD
    commands: dict[str, list[str]] = {}
    settings: dict[str, click.Option] = {}
    for name, command in group.commands.items():
        for key, option in options_of(command).items():
            if option.envvar is not None:
                settings.setdefault(key, option)
                commands.setdefault(key, []).append(name)
    for key, option in settings.items():
        yield ""
        yield f"# {option.help}{_choices(option)}"
        yield f"# Of {', '.join(commands[key])}; in the environment {option.envvar}."
        yield f"# {key} = {_value(option)}"


def _choices(option: click.Option) -> str:
    if not isinstance(option.type, click.Choice):
        return ""
    return f" One of {', '.join(option.type.choices)}."


def _value(option: click.Option) -> str:
    """Return the default in TOML, or what an example of a value is called."""
    default = option.default
    if option.is_flag:
        return json.dumps(default is True)
    if isinstance(default, (str, int, float)):
        return json.dumps(default)
    example = option.metavar or ""
    return json.dumps([example] if option.multiple else example)


def _write(path: Path, text: str) -> None:
    """Write a file that must not be there.

    Raises:
        UsageError: it is, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                _flushed(file, text)
            except OSError:
                path.unlink()  # half a file is worse than none
                raise
    except FileExistsError as error:
        raise UsageError(
            f"{path} is there already and stays as it is; give another name with -o"
        ) from error
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}; give another file with -o, in a "
            "folder that exists and that you can write"
        ) from error


def _flushed(file: TextIO, text: str) -> None:
    file.write(text)
    file.flush()
