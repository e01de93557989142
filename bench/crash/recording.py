"""A run's calls on its files, read from the tracer's log, in the order of their ends.

A call of one thread may be interrupted by another's in the log; a flush covers only
what had ended when it began.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE = re.compile(r"(\d+) +(\w+)\((.*)$", re.DOTALL)
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$", re.DOTALL)
_UNFINISHED = "<unfinished ...>"
_RETURNED = re.compile(r"\)\s*= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True, slots=True)
class Call:
    """A call that succeeded."""

    name: str
    #: the arguments as the log has them, texts taken out
    arguments: tuple[str, ...]
    #: paths and data, in order
    texts: tuple[bytes, ...]
    result: int
    #: how many calls had ended when it began
    begun: int


def read_log(lines: Iterable[str]) -> Iterator[Call]:
    """Give the calls of a log that succeeded.

    Raises:
        ValueError: the tracer has cut off data.
    """
    unfinished: dict[str, tuple[str, int]] = {}
    ended = 0
    for line in lines:
        if found := _RESUMED.match(line):
            thread, name, rest = found.groups()
            head, begun = unfinished.pop(thread)
            text = head + rest
        elif found := _LINE.match(line):
            thread, name, text = found.groups()
            begun = ended
        else:
            continue
        if text.rstrip().endswith(_UNFINISHED):
            unfinished[thread] = text.rstrip().removesuffix(_UNFINISHED), begun
            continue
        call = _parsed(name, text, begun)
        if call is not None:
            ended += 1
            yield call


def _parsed(name: str, text: str, begun: int) -> Call | None:
    texts = list(_TEXT.finditer(text))
    if any(each[2] for each in texts):
        raise ValueError(f"the log has only a part of the data of {name}")
    bare = _TEXT.sub("", text)
    returned = _RETURNED.search(bare)
    if returned is None or int(returned[1]) < 0:
        return None  # failed, or its process died in it
    return Call(
        name=name,
        arguments=tuple(each.strip() for each in bare[: returned.start()].split(",")),
        texts=tuple(bytes.fromhex(each[1].replace("\\x", "")) for each in texts),
        result=int(returned[1]),
        begun=begun,
    )
