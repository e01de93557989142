"""What a tool left behind, by the portal's own account: lost, twice, unexplained."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Left:
    """What is wrong once a tool has ended; all of it zero is what anyone wants."""

    #: lines of the source that are not on the portal
    lost: int
    #: calls on the portal beyond the first of each line
    twice: int
    #: lines of which the tool says nothing, or not what the portal has
    unexplained: int


def left_behind(
    keys: Iterable[str], copies: Mapping[str, int], told: Mapping[str, bool]
) -> Left:
    """Compare source, portal and what the tool told.

    Args:
        keys: one for each line of the source.
        copies: how many calls the portal has under a key.
        told: whether the tool says at its end that it is there; a key that is missing
            here is one that the tool says nothing of.
    """
    lost = twice = unexplained = 0
    for key in keys:
        count = copies.get(key, 0)
        lost += count == 0
        twice += max(0, count - 1)
        unexplained += told.get(key) is not (count > 0)
    return Left(lost, twice, unexplained)
