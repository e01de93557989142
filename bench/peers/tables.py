"""The two tables, for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.goals import table

from .sides import PRODUCT, SIDES
from .weather import ANSWER_MS, WEATHERS


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Return both tables, with what one has to know to read them."""
    if figures["speed"]:
        yield from _speed(figures)
    if figures["left"]:
        yield from _left(figures)
    for name, reason in figures["missing"].items():
        yield f"{SIDES[name].title}: not here: {reason}"
    yield f"versions: {'; '.join(figures['versions'])}"


def _speed(figures: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"records/s, {figures['speed_lines']:,} lines, no fault, no limit, "
        "from the start of the process to its end; median of the rounds"
    )
    paces = figures["speed"]
    own = paces[PRODUCT].get("median")
    rows = [(SIDES[name].title, *_row(pace, own)) for name, pace in paces.items()]
    yield from table(("", "median", "the loader is", "CPU us a record", "rounds"), rows)


def _row(pace: Mapping[str, Any], own: int | None) -> tuple[str, ...]:
    if "failed" in pace:
        return ("-", "-", "-", pace["failed"])
    rounds = " ".join(f"{each:,.0f}" for each in pace["rounds"])
    ratio = f"{own / pace['median']:.1f}x" if own else "-"
    return (f"{pace['median']:,.0f}", ratio, f"{pace['cpu_us']:.1f}", rounds)


def _left(figures: Mapping[str, Any]) -> Iterator[str]:
    left: Mapping[str, Mapping[str, Any]] = figures["left"]
    yield (
        f"left of {figures['lines']:,} lines: lost / twice / unexplained; "
        f"an answer takes {ANSWER_MS:.0f} ms"
    )
    weathers = list(next(iter(left.values())))
    head = ("", *(WEATHERS[each].title for each in weathers))
    rows = [
        (SIDES[name].title, *(_cell(row[each]) for each in weathers))
        for name, row in left.items()
    ]
    yield from table(head, rows)


def _cell(trial: Mapping[str, Any]) -> str:
    if "failed" in trial:
        return str(trial["failed"])
    return " / ".join(f"{trial[each]:,}" for each in ("lost", "twice", "unexplained"))
