"""How a power cut chooses among the changes that were not safe yet, from a seed."""

import random
from collections.abc import Sequence
from typing import TypeVar

from .filesystem import Choice, NameChoice, Naming, Piece

T = TypeVar("T")
#: how much of what is not safe survives
_SHARES = (0.1, 0.5, 0.9)
#: nothing to choose: the same each time
FIXED: tuple[str, ...] = ("none", "all")
RANDOM: tuple[str, ...] = ("first", "last", "some", "torn", "noise")


def turns(rounds: int) -> list[tuple[str, int]]:
    """Return the images to make of one state, by policy and number."""
    return [(policy, 0) for policy in FIXED] + [
        (policy, number) for policy in RANDOM for number in range(rounds)
    ]


def chosen(policy: str, chance: random.Random) -> tuple[NameChoice, Choice]:
    """Return the choices of one power cut."""
    share = chance.choice(_SHARES)

    def some(items: Sequence[T]) -> list[T]:
        match policy:
            case "none":
                return []
            case "all":
                return list(items)
            case "first":
                return list(items[: chance.randint(0, len(items))])
            case "last":
                return list(items[chance.randint(0, len(items)) :])
            case _:
                return [each for each in items if chance.random() < share]

    def names(pending: list[Naming]) -> list[Naming]:
        return some(pending)

    def pieces(pending: list[Piece]) -> list[Piece]:
        if policy not in ("torn", "noise"):
            return some(pending)
        parts = some([part for each in pending for part in each.sectors()])
        if policy == "torn":
            return parts
        # the size may be safe before the data is: then anything stands there
        return [*_grown(pending, chance), *parts]

    return names, pieces


def _grown(pending: Sequence[Piece], chance: random.Random) -> list[Piece]:
    """Return writes of noise where a file grew."""
    return [
        Piece(each.index, each.offset, chance.randbytes(len(each.data)))
        for each in pending
        if each.data is not None and chance.random() < _SHARES[1]
    ]
