"""Goals said plainly, and tables of figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One claim of the README, and what came of it."""

    name: str
    value: float
    #: what ``value`` must reach, or must not exceed when ``at_most``
    goal: float
    at_most: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is as good as was promised."""
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def figures(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "name": self.name,
            "value": self.value,
            "goal": self.goal,
            "at_most": self.at_most,
            "unit": self.unit,
            "met": self.met,
        }

    def told(self) -> str:
        """Return it as a sentence."""
        unit = f" {self.unit}" if self.unit else ""
        word = "at most" if self.at_most else "at least"
        verdict = "met" if self.met else "MISSED"
        figure = f"{self.value:,.4g}{unit}"
        return f"{verdict}: {self.name} {figure} ({word} {self.goal:g}{unit})"


def tell(goals: Sequence[Goal]) -> Iterator[str]:
    """Return each goal as a sentence."""
    return (each.told() for each in goals)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Set rows under a head: the first column to the left, figures to the right."""
    texts = [[str(each) for each in row] for row in (head, *rows)]
    widths = [max(len(row[n]) for row in texts) for n in range(len(head))]
    for row in texts:
        first, *others = (
            text.rjust(width) for text, width in zip(row, widths, strict=True)
        )
        yield "  ".join([row[0].ljust(len(first)), *others]).rstrip()
