"""HubSpot's refusals in words that say what to do: what was meant, what to grant.

Only messages change, never what an answer proves.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from loader.model.nearest import Nearest
from loader.model.verdict import CreateVerdict, ItemError, Proof, Refusal

#: properties of calls that HubSpot documents, for a portal that does not show its own
DOCUMENTED = (
    "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_duration",
    "hs_call_direction", "hs_call_status", "hs_call_disposition",
    "hs_call_from_number", "hs_call_to_number", "hs_call_recording_url",
    "hubspot_owner_id", "hs_activity_type", "hs_attachment_ids",
    "hs_call_callee_object_id", "hs_call_callee_object_type", "hs_call_source",
)  # fmt: skip
#: a name in a message, which may be JSON within JSON
_UNKNOWN = re.compile(r'Property \\*"([^"\\]{1,100})\\*" does not exist')


class Advice:
    """Explains refusals by what a portal has."""

    def __init__(self, properties: Iterable[str] = DOCUMENTED) -> None:
        self._nearest = Nearest(properties)

    def explained(self, verdict: CreateVerdict) -> CreateVerdict:
        """Return the verdict with what to do added to its messages."""
        match verdict:
            case Refusal():
                return replace(verdict, message=self._said(verdict.message))
            case Proof() if ItemError in set(map(type, verdict.items.values())):
                errors = {
                    position: replace(item, message=self._said(item.message))
                    for position, item in verdict.items.items()
                    if isinstance(item, ItemError)
                }
                return Proof({**verdict.items, **errors})
            case _:
                return verdict

    def _said(self, message: str) -> str:
        """Add which names were meant, where names are unknown."""
        names = dict.fromkeys(_UNKNOWN.findall(message))
        hints = [hint for hint in map(self._hint, names) if hint]
        return f"{message} ({'; '.join(hints)})" if hints else message

    def _hint(self, name: str) -> str:
        meant = self._nearest.to(name)
        return "" if meant is None else f"nearest to {name} is {meant}"
