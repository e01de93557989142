"""What the commands say of themselves: examples, the configuration, completion."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from loader.cli.init import configuration
from loader.cli.main import group
from loader.cli.options import options_of
from loader.errors import UsageError


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(group, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.parametrize("name", sorted(group.commands))
def test_the_example_of_a_command_can_be_typed(name: str):
    """Its help shows one, and the command takes it."""
    command = group.commands[name]
    (example,) = re.findall(rf"python -m loader {name}([^\n)]*)", command.epilog or "")
    context = command.make_context(name, shlex.split(example))

    assert "Example: " in command.get_help(context)


def test_the_list_of_commands_is_whole_sentences_in_the_order_of_the_day():
    """A narrow terminal cuts none of them."""
    listed = invoke("--help").split("Commands:\n")[1]
    names = re.findall(r"^  (\w+)", listed, re.MULTILINE)

    assert names[:4] == ["init", "prepare", "check", "run"]
    assert set(names) == set(group.commands)
    assert all(line.endswith(".") for line in listed.splitlines())
    assert "..." not in listed


def settings() -> dict[str, click.Option]:
    return {
        key: option
        for command in group.commands.values()
        for key, option in options_of(command).items()
        if option.envvar is not None
    }


def test_the_configuration_has_every_setting_with_its_meaning_and_default():
    """It is written from the options, so it cannot say otherwise."""
    text = "\n".join(configuration(group))
    given = tomllib.loads(re.sub(r"(?m)^# (\w+ = )", r"\1", text))

    assert tomllib.loads(text) == {}
    assert given.keys() == settings().keys()
    for key, option in settings().items():
        assert option.help in text
        assert f"in the environment {option.envvar}" in text
        if option.is_flag:
            assert given[key] is False
        elif isinstance(option.default, (str, int, float)):
            assert given[key] == option.default


def test_the_defaults_of_the_configuration_are_taken_by_every_command(tmp_path: Path):
    """One file serves all."""
    lines = "\n".join(configuration(group))
    defaults = re.sub(r"(?m)^# (\w+ = (?![\"][A-Z]))", r"\1", lines)
    path = tmp_path / "loader.toml"
    path.write_text(defaults)
    assert len(tomllib.loads(defaults)) > 5
    for name, command in group.commands.items():
        needs = ["source"] if any(p.name == "source" for p in command.params) else []
        if any(p.name == "config" for p in command.params):
            command.make_context(
                name, [*needs, "--config", str(path)], parent=click.Context(group)
            )


def test_init_writes_a_file_and_never_over_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Somebody's settings may be in it."""
    monkeypatch.chdir(tmp_path)
    invoke("init")
    written = Path("loader.toml").read_text()
    Path("loader.toml").write_text("rate = 'none'")
    with pytest.raises(UsageError, match="is there already"):
        invoke("init")
    with pytest.raises(UsageError, match="cannot write"):
        invoke("init", "-o", "no/such/folder.toml")

    assert written == invoke("init", "-o", "-")
    assert Path("loader.toml").read_text() == "rate = 'none'"


def test_half_a_configuration_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A disk that is full at the last byte."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("loader.cli.init._flushed", full)
    with pytest.raises(UsageError, match="No space"):
        invoke("init", "-o", str(tmp_path / "loader.toml"))

    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str):
    """It names the program, and how the program is asked."""
    script = invoke("completion", shell)

    assert f"_CALL_LOADER_COMPLETE={shell}_complete" in script
    assert "call-loader" in script


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rat = 'none'", "did you mean 'rate'?"),
        ("quite_other = 1", "python -m loader init -o -"),
        ("workers = 'many'", "c.toml, workers: 'many' is not a valid integer"),
        ("workers = [1]", "c.toml, workers is a table or a list"),
        ("in_doubt = 'maybe'", "c.toml, in_doubt: 'maybe' is not one of"),
        ("workers = ", "must be TOML in UTF-8"),
    ],
)
def test_a_mistake_in_the_configuration_is_told_with_its_place(
    tmp_path: Path, text: str, words: str
):
    """The file, the key, and what would be right."""
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=re.escape(words)):
        invoke("run", "calls.ndjson", "--config", str(path))


def test_a_configuration_that_is_not_there_is_told_with_how_to_get_one(tmp_path: Path):
    """Without Python's own words for it."""
    with pytest.raises(UsageError) as told:
        invoke("run", "calls.ndjson", "--config", str(tmp_path / "c.toml"))

    assert "python -m loader init" in str(told.value)
    assert "Errno" not in str(told.value)


@pytest.mark.parametrize("option", ["--workers", "--patience", "--read-timeout"])
def test_a_setting_out_of_range_is_called_as_it_is_typed(option: str):
    """Whatever its name inside is."""
    with pytest.raises(UsageError, match=f"^{option} is "):
        invoke("run", "calls.ndjson", "--sandbox", option, "99999999")
