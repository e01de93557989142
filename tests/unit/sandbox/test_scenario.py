"""A scenario is read from a file, or refused in words that help to mend it."""

from pathlib import Path
from typing import get_args

import pytest

from loader.sandbox import Scenario, ScenarioError, load_scenario
from loader.sandbox.faults import AnyFault, LateWrite

KINDS = {each.__struct_config__.tag for each in get_args(AnyFault)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a place for a scenario."""
    return tmp_path / "storm.toml"


def test_empty(file: Path) -> None:
    """An empty file is fair weather."""
    file.write_text("")

    assert load_scenario(file) == Scenario()


def test_full(file: Path) -> None:
    """Everything in the file is read."""
    file.write_text(
        """
        seed = 7
        echo = true
        read_missing = "omit"
        installed = ["loader_trace_id"]
        time_zone = "Europe/Berlin"
        [quota]
        limit = "none"
        daily = 1000
        [[fault]]
        kind = "late_write"
        requests = [2]
        delay_ms = 250
        """
    )

    scenario = load_scenario(file)

    assert (scenario.seed, scenario.echo, scenario.read_missing) == (7, True, "omit")
    assert scenario.installed == ("loader_trace_id",)
    assert (scenario.quota.limit, scenario.quota.daily) == ("none", 1000)
    assert scenario.fault == (LateWrite(requests=(2,), delay_ms=250),)


@pytest.mark.parametrize("kind", sorted(map(str, KINDS)))
def test_kinds(file: Path, kind: str) -> None:
    """Every kind of fault can be written with nothing but its name."""
    file.write_text(f'[[fault]]\nkind = "{kind}"')

    (fault,) = load_scenario(file).fault

    assert fault.__struct_config__.tag == kind


FAULT = '[[fault]]\nkind = "{}"\n{}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sed = 1", ["unknown key sed;", "seed", "time_zone"]),
        ("seed = 'x'", ["seed: Expected `int`"]),
        ("read_missing = 'x'", ["read_missing: ", "'errors', 'omit', 'empty'"]),
        ("partial_status = 202", ["partial_status: ", "200, 201, 207"]),
        ("quota = 3", ["quota: Expected `object`"]),
        ("[quota]\nlimt = 3", ["unknown key quota.limt;", "limit, interval_ms"]),
        ("[[rule]]\nkind = 'x'", ["unknown key rule[0].kind;", "property, type"]),
        ("[[quota.change]]\nx = 1", ["unknown key quota.change[0].x;", "at_s"]),
        ("[quota]\nlimit = 0", ["quota.limit: ", "'none', or a number from 1"]),
        ("[quota]\nlimit = 'x'", ["quota.limit: ", "'none', or a number from 1"]),
        ("fault = 3", ["fault: Expected `array`"]),
        ("[[fault]]\nevery = 2", ["fault[0]: ", "`kind`"]),
        (FAULT.format("wind", ""), ["fault[0].kind: ", "'wind'", "lost_answer"]),
        ("[[fault]]\nkind = []", ["fault[0].kind: ", "lost_answer"]),
        (FAULT.format("hang", "mean = 1"), ["unknown key fault[0].mean;", "hang_ms"]),
        (FAULT.format("hang", "endpoint = 'x'"), ["fault[0].endpoint: ", "'archive'"]),
        (FAULT.format("hang", "requests = [0]"), ["fault[0].requests[0]: ", ">= 1"]),
        (FAULT.format("hang", "share = 2"), ["fault[0].share: ", "<= 1"]),
        (FAULT.format("hang", "share = 1\nevery = 1"), ["fault[0]: only one of"]),
        (FAULT.format("error_after", "status = 200"), ["fault[0].status: ", "502"]),
        ("time_zone = 'Mars'", ["time_zone: ", "'Mars'", "Europe/Berlin"]),
        ("a = = 1", ["line 1"]),
    ],
)
def test_refused(file: Path, text: str, words: list[str]) -> None:
    """An error names the file, the key, and what is allowed."""
    file.write_text(text)

    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)

    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert all(each in message for each in words), message


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_unreadable(file: Path, content: bytes | None) -> None:
    """A file that is not there or no text is refused by its name."""
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ScenarioError, match=r"storm\.toml: "):
        load_scenario(file)
