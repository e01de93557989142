"""What is known of each record of a batch: open in a group, or with its outcome."""

from collections.abc import Iterable

from loader.model.outcome import InDoubt, Outcome, Settlement

from .group import Group


class Fates:
    """The open groups of a batch and the outcomes of its other records.

    What changes: a position leaves its group once, for an outcome. ``flown`` are the
    positions that have been in doubt, ever.
    """

    def __init__(self, start: int) -> None:
        self._start = start
        self._stack: list[Group] = []
        self._told: set[int] = set()
        self.outcomes: dict[int, Outcome] = {}
        self.flown: set[int] = set()

    def next(self) -> Group | None:
        """Return the group at hand; None when every record has an outcome."""
        return self._stack[-1] if self._stack else None

    def pop(self) -> Group:
        """Take the group at hand, to decide about it."""
        return self._stack.pop()

    def push(self, group: Group) -> None:
        """Put a group at hand; one without records is nothing."""
        if group.positions:
            self._stack.append(group)

    def push_halves(self, group: Group) -> None:
        """Put a group at hand in two parts, the first part first."""
        for half in reversed(group.halves()):
            self.push(half)

    def hold(self, positions: Iterable[int], reason: str) -> None:
        """Give records up as in doubt."""
        for position in positions:
            self.outcomes[position] = InDoubt(reason)

    @property
    def doubted(self) -> frozenset[int]:
        """Positions without outcome that may be on the portal, now or later.

        One that was in flight stays among them although a read did not find it: the
        request may still be applied.
        """
        return frozenset(
            position
            for group in self._stack
            for position in group.positions
            if group.doubted or position in self.flown
        )

    def take_settlement(self) -> Settlement:
        """Return the outcomes since the last call, and what is still open."""
        fresh = {
            position: outcome
            for position, outcome in self.outcomes.items()
            if position not in self._told
        }
        self._told |= fresh.keys()
        return Settlement(
            start=self._start,
            outcomes=fresh,
            doubted=self.doubted,
            closed=not self._stack,
        )

    @property
    def has_news(self) -> bool:
        """There are outcomes that no settlement has told yet."""
        return len(self.outcomes) > len(self._told)
