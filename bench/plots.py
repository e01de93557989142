"""Figures as pictures: SVG that stands by itself, without scripts, in any browser."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pygal
from pygal.style import Style

#: one value a label; None where there is none
Row = Sequence[float | None]
_NAMESPACE = "{http://www.w3.org/2000/svg}"
#: told apart also by those who see few colours, and in print
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#000000")
_SIZES = {"title": 16, "label": 12, "major_label": 12, "legend": 12, "value": 11}


def _ready(_: object, parameter: click.Parameter, file: Path | None) -> Path | None:
    """Refuse at once what could not be drawn after minutes of measuring."""
    if file is not None and not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}", param=parameter)
    return file


plot_option = click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg",
    callback=_ready, help="Draw the figures, too.",
)  # fmt: skip


def bars(
    file: Path, *, title: str, unit: str, labels: Sequence[str], rows: Mapping[str, Row]
) -> None:
    """Draw a group of bars a label, and write their values on them."""
    chart = _chart("Bar", title, print_values=True, y_title=unit)
    _fill(chart, labels, rows)
    _write(chart, file)


def steps(
    file: Path, *, title: str, unit: str, labels: Sequence[str], rows: Mapping[str, Row]
) -> None:
    """Draw a line a row over labels that stand at equal distances."""
    chart = _chart("Line", title, y_title=unit)
    _fill(chart, labels, rows)
    _write(chart, file)


def curves(
    file: Path,
    *,
    title: str,
    unit: str,
    x_unit: str,
    points: Mapping[str, Sequence[tuple[float, float]]],
) -> None:
    """Draw a line through each row of points."""
    chart = _chart("XY", title, y_title=unit, x_title=x_unit, show_dots=False)
    for name, row in points.items():
        chart.add(name, list(row))
    _write(chart, file)


def _fill(chart: Any, labels: Sequence[str], rows: Mapping[str, Row]) -> None:  # noqa: ANN401 - pygal has no types
    chart.x_labels = list(labels)
    for name, row in rows.items():
        chart.add(name, list(row))


def _chart(kind: str, title: str, **options: Any) -> Any:  # noqa: ANN401 - pygal has no types
    """Return an empty chart in the style of all."""
    sizes = {f"{name}_font_size": size for name, size in _SIZES.items()}
    look = Style(
        background="white", plot_background="white", colors=_COLOURS,
        font_family="sans-serif", **sizes,
    )  # fmt: skip
    return getattr(pygal, kind)(
        title=title, style=look, js=[], width=800, height=440, margin=16,
        truncate_legend=-1, min_scale=3, max_scale=8, include_x_axis=True,
        explicit_size=True, stroke_style={"width": 2}, value_formatter=_plain,
        x_value_formatter=_plain, **options,
    )  # fmt: skip


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"  # noqa: PLR2004 - three digits


def _write(chart: Any, file: Path) -> None:  # noqa: ANN401 - pygal has no types
    """Write the picture without the settings that pygal hands to its own script."""
    root = ET.fromstring(chart.render())  # noqa: S314 - our own
    for parent in list(root.iter()):
        for script in parent.findall(f"{_NAMESPACE}script"):
            parent.remove(script)
    ET.register_namespace("", _NAMESPACE.strip("{}"))
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    file.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
