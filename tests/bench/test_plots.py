"""Plots stand by themselves."""

from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner

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


@click.command()
@plots.plot_option
def measure(plot: Path | None) -> None:
    click.echo(f"measured, {plot}")


def test_a_folder_that_is_not_there_is_named_before_anything_is_measured(
    tmp_path: Path,
):
    """It would be a pity afterwards."""
    ran = CliRunner().invoke(measure, ["--plot", str(tmp_path / "no" / "plot.svg")])

    assert ran.exit_code == 2
    assert "there is no folder" in ran.output
