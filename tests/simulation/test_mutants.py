"""The switchboard of mistakes: in and out without a trace, and each one noticed."""

import ast
import contextlib
import inspect
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

import loader
from bench.mutants import checks
from bench.mutants.board import BOARD
from bench.mutants.command import mutants
from bench.mutants.switch import Mutant

CHECKS = [
    check
    for check in vars(checks).values()
    if inspect.isfunction(check)
    and check.__module__ == checks.__name__
    and not check.__name__.startswith("_")
]
PRODUCT = Path(loader.__file__).parent


def product() -> dict[tuple[str, str], int]:
    """Return every part of the product, by its place, as it is now."""
    for module in pkgutil.walk_packages(loader.__path__, "loader."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    places: dict[str, object] = {
        name: module for name, module in sys.modules.items() if name[:7] == "loader."
    }
    for name, module in list(places.items()):
        for each in vars(module).values():
            if inspect.isclass(each) and each.__module__ == name:
                places[f"{name}.{each.__qualname__}"] = each
    return {
        (place, name): id(part)
        for place, owner in places.items()
        for name, part in vars(owner).items()
        if name[:6] != "__abc_" and name != "_abc_impl"
    }


@pytest.mark.parametrize("mutant", BOARD.values(), ids=lambda mutant: mutant.name)
def test_a_mistake_leaves_nothing_behind(mutant: Mutant):
    """It replaces parts of the product for the time of a ``with``, errors or not."""
    before = product()
    with contextlib.suppress(ZeroDivisionError), mutant.on():
        during = product()
        raise ZeroDivisionError
    after = product()

    assert during != before
    assert during.keys() == before.keys()
    assert after == before


def test_a_mistake_is_described():
    """By the rule it breaks and a sentence, for whoever reads the table."""
    assert len(BOARD) >= 120
    for mutant in BOARD.values():
        assert mutant.says.endswith(".")
        assert mutant.breaks.startswith(
            ("rule", "section", "I", "C", "R", "U", "V", "contract")
        )


def test_the_product_knows_no_switch():
    """Nothing in it imports the bench, so no setting can turn a mistake on."""
    for path in PRODUCT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "bench" for name in names), path


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_check_finds_nothing_wrong_with_the_product(check):
    """Otherwise it would kill for no reason."""
    assert check() is None


def test_the_command_names_the_killed():
    """A row each, the control first."""
    ran = CliRunner().invoke(
        mutants, ["--seeds", "1", "--jobs", "1", "--only", "two-owners"]
    )

    assert ran.exit_code == 0, ran.output
    assert "alive, as it must be" in ran.output
    assert "killed 1 of 1" in ran.output
