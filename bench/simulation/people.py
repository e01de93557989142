"""People at work on the portal: they edit calls, archive some, and delete some."""

import random
from dataclasses import dataclass

from .chance import happens
from .report import Story
from .world import Call, World


@dataclass(slots=True)
class People:
    """Whoever else works there. What changes: calls."""

    world: World
    rng: random.Random
    story: Story
    #: share of calls that they lay hands on, each time
    busy: float

    def meddle(self) -> None:
        """Change some calls, whoever made them."""
        for call in self.world.calls.values():
            if not call.gone and happens(self.rng, self.busy):
                self._change(call)

    def _change(self, call: Call) -> None:
        how = self.rng.choice(("edits", "edits", "unlinks", "archives", "deletes"))
        self.story.say(f"  somebody {how} {call.id}")
        if how == "archives":
            self.world.archive(call)
        elif how == "deletes":
            self.world.delete(call)
        elif not call.archived:
            name = self.rng.choice(("hs_call_body", "hs_timestamp", "hs_call_duration"))
            self.world.edit(call, name if how == "edits" else None)
