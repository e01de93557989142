"""The README is true today: its commands, options, exit statuses and reasons exist."""

import re
from pathlib import Path

import click

from bench.__main__ import bench
from loader.cli.exits import Exit
from loader.cli.main import group

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_command_and_every_option_named_exists():
    """What a reader types is there."""
    for line in re.findall(r"python -m loader ([^\n`;&|]*)", README):
        words = line.split("#")[0].split()
        if not words or words[0].startswith("-"):
            continue
        command = group.commands[words[0]]
        known = {name for p in command.params for name in p.opts}
        for option in (w.split("=")[0] for w in words if w.startswith("--")):
            assert option in known | {"--help"}, line


def test_every_command_of_the_bench_that_is_named_exists():
    """With its options, as it was called for the figure beside it."""
    context = click.Context(bench)
    for line in re.findall(r"python -m bench ([^\n`;&|]*)", README):
        words = line.split("#")[0].split()
        if words[0].startswith("-"):
            continue
        command = bench.get_command(context, words[0])
        assert command is not None, line
        known = {name for p in command.params for name in p.opts}
        assert {w for w in words if w.startswith("--")} <= known, line


def test_every_command_shows_an_example():
    """``--help`` of each ends with one."""
    for command in group.commands.values():
        shown = command.get_help(click.Context(command))
        assert "Example:" in shown or "export" in shown


def test_every_exit_status_is_told():
    """The table has each one."""
    for status in Exit:
        assert re.search(rf"\b{status.value}\b", README), status


def test_continuous_integration_runs_the_readmes_test_command():
    """One command for both, so that neither can be wrong alone."""
    script = (ROOT / ".ci" / "run").read_text()
    commands = [line for line in script.splitlines() if line and line[0] not in "#!"]
    (tests,) = [line for line in commands if "pytest" in line]

    assert f"{tests}\n" in README
