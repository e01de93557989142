"""Records that were refused, or are in doubt, grouped by why: in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from loader.model.outcome import State
from loader.model.result import Result

from .facts import Example, Group, Groups
from .masking import likeness, masked, own_words, readable, values_of

#: groups that are told apart, and shown
KEPT = 1_000
SHOWN = 40
_LINES = 10
_EXAMPLES = 3
_RECORD_CHARACTERS = 600
_MESSAGE_CHARACTERS = 500

#: gives the line of a result as it was; empty when it is not to be had
RawLine = Callable[[Result], bytes]


@dataclass(slots=True)
class _Growing:
    """A group that grows while the results are read."""

    category: str
    message: str
    number: int = 0
    first_lines: list[int] = field(default_factory=list[int])
    examples: list[Example] = field(default_factory=list[Example])


class Grouping:
    """Takes results one by one. What changes: the groups."""

    def __init__(self, raw_line: RawLine, *, with_data: bool) -> None:
        self._raw_line = raw_line
        self._with_data = with_data
        self._groups: dict[tuple[str, str], _Growing] = {}
        self._others = 0

    def add(self, result: Result) -> None:
        """Count a result with the others of its reason."""
        raw = self._raw_line(result)
        category = result.category or ""
        said = readable(result.message or "")
        message = masked(said, values_of(raw))
        if result.state is State.IN_DOUBT:
            message = own_words(message)
        key = (category, likeness(message))
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= KEPT:
                self._others += 1
                return
            shown = _cut(message, _MESSAGE_CHARACTERS)
            group = self._groups[key] = _Growing(category, shown)
        group.number += 1
        if len(group.first_lines) < _LINES:
            group.first_lines.append(result.line)
        if len(group.examples) < _EXAMPLES:
            group.examples.append(self._example(result, said, raw))

    def _example(self, result: Result, said: str, raw: bytes) -> Example:
        example = Example(
            line=result.line,
            offset=result.offset,
            correlation_id=result.correlation_id,
        )
        if not self._with_data:
            return example
        record = raw[: 4 * _RECORD_CHARACTERS].decode("utf-8", "backslashreplace")
        return msgspec.structs.replace(
            example,
            trace_id=result.trace_id,
            message=_cut(said, _MESSAGE_CHARACTERS),
            record=_cut(record.strip(), _RECORD_CHARACTERS) or None,
        )

    def groups(self) -> Groups:
        """Return the groups, the largest first, and how many records are in none."""
        ordered = sorted(
            self._groups.values(), key=lambda each: (-each.number, each.first_lines)
        )
        shown = [
            Group(
                category=each.category,
                message=each.message,
                number=each.number,
                first_lines=each.first_lines,
                examples=each.examples,
            )
            for each in ordered[:SHOWN]
        ]
        rest = sum(each.number for each in ordered[SHOWN:])
        return Groups(shown, self._others + rest)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
