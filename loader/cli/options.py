"""Settings from flags, then the environment, then ``--config FILE.toml``."""

import os
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.shell_completion import CompletionItem

from loader.errors import UsageError
from loader.model.load import InDoubtPolicy
from loader.model.settings import DEFAULT_BASE_URL, Settings, checked

from . import token

F = TypeVar("F", bound=Callable[..., Any])
BASE_URL_VARIABLE = "HUBSPOT_BASE_URL"


def _read_config(context: click.Context, _: click.Parameter, path: str | None) -> None:
    """Make a TOML file's keys the defaults of the command's options.

    One file serves all commands: a key may be that of another one's option.
    """
    if path is None:
        return
    try:
        with Path(path).open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration {path}: {error.strerror}; write an example "
            "of one with 'python -m loader init'"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"cannot read the configuration {path}, which must be TOML in UTF-8: "
            f"{error}; 'python -m loader init -o -' shows an example"
        ) from error
    group = context.find_root().command
    commands = group.commands.values() if isinstance(group, click.Group) else ()
    known = {key for command in commands for key in options_of(command)}
    own = options_of(context.command)
    defaults: dict[str, Any] = {}
    for name, value in table.items():
        key = name.replace("-", "_")
        if key not in known | own.keys():
            near = get_close_matches(key, known, n=1)
            raise UsageError(
                f"the configuration {path} has an unknown key {name!r}; "
                + (f"did you mean {near[0]!r}? " if near else "")
                + "'python -m loader init -o -' shows all"
            )
        if key in own:
            place = f"the configuration {path}, {name}"
            defaults[own[key].name or key] = _default(own[key], value, place)
    context.default_map = {**(context.default_map or {}), **defaults}


#: what is asked of one call of a command, and is no setting
_NO_SETTINGS = frozenset({"config", "help", "json", "yes", "confirm"})


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Return a command's options by their keys: the long names, with ``_``."""
    return {
        name.removeprefix("--").replace("-", "_"): option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--") and name[2:] not in _NO_SETTINGS
    }


def _default(option: click.Option, value: object, place: str) -> object:
    """Return a value as click takes it.

    Raises:
        UsageError: it is none that the option can have; says where it stands.
    """
    values = _each(value) if option.multiple else [value]
    try:
        for each in values:
            if not isinstance(each, (str, int, float)):
                raise UsageError(
                    f"{place} is a table or a list; it must be a text, a number, true "
                    "or false"
                )
            option.type.convert(each, option, None)
    except click.BadParameter as error:
        raise UsageError(f"{place}: {error.message}") from error
    return values if option.multiple else value


def _each(value: object) -> list[object]:
    """Return the items of a list, or what is none as the only one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _files(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Have the shell complete the name of a file."""
    return [CompletionItem(begun, type="file")]


source_argument = click.argument("source", shell_complete=_files)
config_option = click.option(
    "--config",
    metavar="FILE.toml",
    shell_complete=_files,
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    envvar="LOADER_CONFIG",
    help="Settings that flags and environment override.",
)
load_dir_option = click.option(
    "--load-dir",
    metavar="DIR",
    shell_complete=_files,
    envvar="LOADER_LOAD_DIR",
    help="The folder of this load.  [default: SOURCE.load]",
)
json_option = click.option(
    "as_json", "--json", is_flag=True, help="One JSON object on standard output."
)
token_file_option = click.option(
    "--token-file",
    metavar="FILE",
    shell_complete=_files,
    envvar="LOADER_TOKEN_FILE",
    help=f"File of mode 0600 with the token; else {token.VARIABLE}.",
)
api_version_option = click.option(
    "--api-version",
    default="v3",
    show_default=True,
    envvar="LOADER_API_VERSION",
    help="v3, or a dated version such as 2026-03.",
)
trace_property_option = click.option(
    "--trace-property",
    metavar="NAME",
    envvar="LOADER_TRACE_PROPERTY",
    help="The unique-value property that carries the trace ID.  [default: found]",
)

rate_option = click.option(
    "--rate",
    default="auto",
    show_default=True,
    envvar="LOADER_RATE",
    help="auto (100/10s, then the portal's headers), 190/10s, or none.",
)
batch_size_option = click.option(
    "--batch-size",
    default=100,
    show_default=True,
    envvar="LOADER_BATCH_SIZE",
    help="Inputs per request, 1 to 100.",
)
key_option = click.option(
    "--key",
    metavar="PROPERTY",
    envvar="LOADER_KEY",
    help="The property that identifies a call in the source system.",
)
max_line_bytes_option = click.option(
    "--max-line-bytes",
    default=1 << 20,
    show_default=True,
    envvar="LOADER_MAX_LINE_BYTES",
    help="Longer lines are rejected.",
)
workers_option = click.option(
    "--workers",
    default=64,
    show_default=True,
    envvar="LOADER_WORKERS",
    help="Requests in flight at most; how many help is found out.",
)
patience_option = click.option(
    "--patience",
    "patience_s",
    default=120.0,
    show_default=True,
    envvar="LOADER_PATIENCE",
    help="Seconds without an accepted request before the run stops.",
)
read_timeout_option = click.option(
    "--read-timeout",
    "read_timeout_s",
    default=110.0,
    show_default=True,
    envvar="LOADER_READ_TIMEOUT",
    help="Seconds without a byte of an answer; keep it above 100.",
)
sandbox_option = click.option(
    "use_sandbox", "--sandbox", is_flag=True,
    help="Use the built-in portal, whose state is in the load folder.",
)  # fmt: skip

_RUN_OPTIONS = (
    load_dir_option,
    rate_option,
    workers_option,
    batch_size_option,
    key_option,
    trace_property_option,
    click.option(
        "--in-doubt",
        type=click.Choice([each.value for each in InDoubtPolicy]),
        default=InDoubtPolicy.HOLD.value,
        show_default=True,
        envvar="LOADER_IN_DOUBT",
        help="What to do in doubt when the portal has no unique property.",
    ),
    api_version_option,
    token_file_option,
    max_line_bytes_option,
    patience_option,
    read_timeout_option,
)


def run_options(command: F) -> F:
    """Add the options of ``run`` to a command."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


#: what a command needs that asks the portal about a load
_PORTAL_OPTIONS = (
    load_dir_option, sandbox_option, api_version_option, token_file_option,
    patience_option, read_timeout_option,
)  # fmt: skip


def portal_options(command: F) -> F:
    """Add the options of a command that asks the portal about a load."""
    for option in reversed(_PORTAL_OPTIONS):
        command = option(command)
    return command


def pace_options(command: F) -> F:
    """Add the options of a command that asks about very many records."""
    return rate_option(workers_option(command))


def settings_of(**given: Any) -> Settings:  # noqa: ANN401 - click's values, checked here
    """Make settings of click's values and the environment.

    Raises:
        UsageError: one is out of range.
    """
    given["in_doubt"] = InDoubtPolicy(given.get("in_doubt", InDoubtPolicy.HOLD))
    given["quiet"] = tuple(given.get("quiet", ()))
    base_url = os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
    return checked(Settings(base_url=base_url, **given))
