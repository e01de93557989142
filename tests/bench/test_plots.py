"""Plots stand by themselves."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest

from bench import plots

SVG = "{http://www.w3.org/2000/svg}"


def draw(kind: str, file: Path) -> ET.Element:
    if kind == "curves":
        points = {"loader": [(0.0, 1.0), (2.0, 3000.0)]}
        plots.curves(file, title="Rate", unit="1/s", x_unit="s", points=points)
    else:
        rows = {"loader": [1.0, None], "wrk": [2.0, 3000.0]}
        labels = ["10 %", "50 %"]
        getattr(plots, kind)(file, title="Rate", unit="1/s", labels=labels, rows=rows)
    return ET.parse(file).getroot()


@pytest.mark.parametrize("kind", ["bars", "steps", "curves"])
def test_a_plot_needs_no_script_and_nothing_from_elsewhere(tmp_path: Path, kind: str):
    """It may be opened anywhere, also where nothing may run."""
    root = draw(kind, tmp_path / "plot.svg")

    texts = [each.text for each in root.iter(f"{SVG}text")]
    links = [
        value for each in root.iter() for key, value in each.items() if "href" in key
    ]
    assert "Rate" in texts
    assert "loader" in texts
    assert not list(root.iter(f"{SVG}script"))
    assert links == []


def test_a_missing_library_is_named_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Everything else works without."""
    monkeypatch.setitem(sys.modules, "pygal", None)

    with pytest.raises(click.ClickException, match=r"pip install -e '\.\[bench\]'"):
        draw("bars", tmp_path / "plot.svg")
