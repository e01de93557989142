"""The gate: lint, format, types, import contracts, sizes; a part of the tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PRODUCT = sorted((ROOT / "loader").rglob("*.py"))
MODULES = [*PRODUCT, *sorted((ROOT / "bench").rglob("*.py"))]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["basedpyright", "--pythonpath", sys.executable],
    ],
    ids=" ".join,
)
def test_a_tool_of_the_gate_finds_nothing(command: list[str]):
    """Lint, format and both type checkers, as pyproject.toml sets them."""
    arguments = [sys.executable, "-m", *command]
    ran = subprocess.run(
        arguments, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_rooms_import_downwards_only(monkeypatch: pytest.MonkeyPatch):
    """The contracts of pyproject.toml hold."""
    monkeypatch.chdir(ROOT)

    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_one_idea(path: Path):
    """It says what for, is short, and so are its functions."""
    text = path.read_text()
    tree = ast.parse(text)
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]

    assert ast.get_docstring(tree), "a module begins with what it is for"
    assert len(text.splitlines()) <= LONGEST_MODULE
    for each in functions:
        docstring = ast.get_docstring(each, clean=False) or ""
        lines = each.end_lineno - each.lineno + 1 - len(docstring.splitlines())
        assert lines <= LONGEST_FUNCTION, each.name


def test_every_test_says_what_it_shows():
    """In a docstring: one sentence of behaviour."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            if is_function and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_every_event_is_in_the_table_and_the_reverse():
    """The table in ``telemetry`` is what a person greps the log by."""
    levels = {"debug", "info", "warning", "error"}
    logged = {
        node.args[0].value
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in levels
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and "." in node.args[0].value
    }
    docstring = ast.get_docstring(ast.parse((ROOT / "loader/telemetry.py").read_text()))
    assert docstring is not None
    named = {
        line.split()[0]
        for line in docstring.splitlines()
        if line and line[0].islower() and "." in line.split()[0]
    }

    assert logged == named
