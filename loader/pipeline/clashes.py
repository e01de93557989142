"""Unique values that are taken: perhaps by the record itself."""

from loader.model.outcome import InDoubt, Outcome, Rejected
from loader.model.verdict import ItemError, Oversized, Refusal

#: how often our own property may be said to be taken while no call is found by it
CLASHES = 2
PERHAPS_ITSELF = "a unique value is taken, perhaps by the record itself"


class Clashes:
    """What the portal said of each record whose unique value is taken.

    What changes: the errors, by position.
    """

    def __init__(self, trace_property: str | None) -> None:
        self._trace_property = trace_property
        self._errors: dict[int, list[ItemError]] = {}

    def note(self, position: int, error: ItemError) -> None:
        """Keep an error that names the record."""
        self._errors.setdefault(position, []).append(error)

    def outcome_unasked(self, position: int, *, was_in_doubt: bool) -> Outcome:
        """Say what became of a record that cannot be asked for."""
        if was_in_doubt:
            return InDoubt(PERHAPS_ITSELF)
        return rejected(self._errors[position][-1])

    def outcome_absent(self, position: int) -> Outcome | None:
        """Say what became of a record that is not found; None to send it again.

        A value is taken, but nothing is under our ID: another property, or a lag.
        """
        errors = self._errors[position]
        name = errors[-1].property_name
        if name in (None, self._trace_property) and len(errors) < CLASHES:
            return None
        if name == self._trace_property:
            return InDoubt(
                "the portal says the trace ID is taken, but finds no call with it"
            )
        return rejected(errors[-1])


def rejected(error: ItemError | Refusal | Oversized) -> Rejected:
    """Return the outcome of a record that the portal refused for good."""
    return Rejected(error.category, error.message, error.correlation_id)
