"""What every counter of the portal works with."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .scenario import Scenario
from .schema import Property, Schema, custom_text, default_properties
from .store import Store
from .validate import Associable


@dataclass(slots=True)
class Premises:
    """One portal: who it is, how it is set, and what it remembers.

    Changes: the schema grows when a new property becomes visible.
    """

    portal_id: int
    scenario: Scenario
    store: Store
    schema: Schema
    associable: Associable
    #: wall time in seconds
    clock: Callable[[], float]
    random: Random
    #: new properties that are not seen yet, and from when they are
    hidden: list[tuple[Property, int]]

    def now(self) -> int:
        """Tell the time in Unix milliseconds."""
        return round(self.clock() * 1000)

    def comparable(self, value: str | None) -> str:
        """Give a unique value as it is compared; no value, none."""
        if not value:
            return ""
        return value.casefold() if self.scenario.fold_unique_values else value

    def reveal(self) -> None:
        """Make the properties visible whose time has come."""
        if self.hidden:
            now = self.now()
            for each, visible_from in self.hidden:
                if visible_from <= now:
                    self.schema.add(each)
            self.hidden = [each for each in self.hidden if each[1] > now]


def open_premises(
    store: Store, scenario: Scenario, clock: Callable[[], float]
) -> Premises:
    """Open a portal as its last day left it, or a new one."""
    now = round(clock() * 1000)
    store.begin(scenario.portal_id or 10_000_000 + now % 90_000_000, now)
    installed = (custom_text(each, unique=True) for each in scenario.installed)
    defaults = default_properties(
        unique_id=scenario.unique_id, dispositions=scenario.dispositions
    )
    premises = Premises(
        portal_id=store.portal_id(),
        scenario=scenario,
        store=store,
        schema=Schema(
            (*defaults, *installed),
            (*scenario.owners, *scenario.archived_owners),
            scenario.rule,
        ),
        associable=Associable(
            custom_types=frozenset(scenario.association_types),
            missing=frozenset(scenario.missing_associations),
        ),
        clock=clock,
        random=Random(f"{scenario.seed}/portal"),  # noqa: S311 - order, no secret
        hidden=store.properties(),
    )
    premises.reveal()
    return premises
