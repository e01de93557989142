"""Mistakes in what an answer proves of single records: section 4."""

from collections.abc import Callable, Sequence

from loader.hubspot import proof
from loader.hubspot.answers import BatchAnswer, ErrorElement, ResultElement
from loader.model.record import CallRecord
from loader.model.verdict import (
    Doubt,
    ErrorKind,
    ItemCreated,
    ItemError,
    ItemVerdict,
    Proof,
)

from .switch import Swap, Swaps, Way, mistake

Records = Sequence[CallRecord]
Items = dict[int, ItemVerdict]


def _reading_items(
    wrong: Callable[[Items, Records, BatchAnswer], Items | None],
) -> Swaps:
    """Let ``wrong`` change what a sound answer proves; None leaves it."""
    right: Way = proof.prove

    def prove(
        records: Records,
        answer: BatchAnswer,
        errors: Sequence[ErrorElement],
        trace_property: str | None,
    ) -> Proof | Doubt:
        proved: Proof | Doubt = right(records, answer, errors, trace_property)
        if isinstance(proved, Doubt):
            return proved
        items = wrong(dict(proved.items), records, answer)
        return proved if items is None else Proof(items)

    return [Swap(proof, "prove", prove)]


@mistake("section 4: position proves nothing")
def results_by_position() -> Swaps:
    """The first result is the first record, and so on."""

    def wrong(items: Items, records: Records, answer: BatchAnswer) -> Items:
        found: Items = {n: i for n, i in items.items() if isinstance(i, ItemError)}
        for number, (_, each) in enumerate(zip(records, answer.results, strict=False)):
            found[number] = ItemCreated(each.object_id)
        return found

    return _reading_items(wrong)


@mistake("section 4: counts prove nothing")
def results_by_count() -> Swaps:
    """As many results as records: all are created, and IDs are given in order."""

    def wrong(_: Items, records: Records, answer: BatchAnswer) -> Items | None:
        if len(answer.results) != len(records):
            return None
        return {n: ItemCreated(each.object_id) for n, each in enumerate(answer.results)}

    return _reading_items(wrong)


@mistake("section 4: absence from errors proves nothing")
def no_error_is_created() -> Swaps:
    """What ``errors`` does not name is created."""

    def wrong(items: Items, records: Records, _: BatchAnswer) -> Items:
        made = {n: ItemCreated("0") for n in range(len(records)) if n not in items}
        return {**items, **made}

    return _reading_items(wrong)


@mistake("section 4: a validation error rejects the record that it names, no other")
def errors_by_position() -> Swaps:
    """The first error is about the first record that has no result, and so on."""

    def wrong(items: Items, records: Records, _: BatchAnswer) -> Items:
        made = {n: i for n, i in items.items() if isinstance(i, ItemCreated)}
        errors = [i for i in items.values() if isinstance(i, ItemError)]
        rest = [n for n in range(len(records)) if n not in made]
        return {**made, **dict(zip(rest, errors, strict=False))}

    return _reading_items(wrong)


@mistake("section 4: a temporary error of one record is in doubt")
def transient_is_rejected() -> Swaps:
    """A record that the portal could not take just now is rejected."""

    def wrong(items: Items, records: Records, _: BatchAnswer) -> Items:
        del records
        return {
            n: ItemError(ErrorKind.INVALID, i.category, i.message)
            if isinstance(i, ItemError) and i.kind is ErrorKind.TRANSIENT
            else i
            for n, i in items.items()
        }

    return _reading_items(wrong)


def _putting(wrong: Callable[["proof._Named", str, ItemVerdict], bool]) -> Swaps:
    """Let ``wrong`` take an item that an answer names; False leaves it."""
    right: Way = proof._Named._put

    def put(self: proof._Named, trace_id: str, verdict: ItemVerdict) -> None:
        if not wrong(self, trace_id, verdict):
            right(self, trace_id, verdict)

    return [Swap(proof._Named, "_put", put)]


@mistake("section 4: an ID named twice puts the whole answer in doubt")
def first_of_two_wins() -> Swaps:
    """Of two elements that name one record the first counts."""
    return _putting(
        lambda named, trace_id, _: named._positions.get(trace_id) in named.items
    )


@mistake("section 4: an ID that was not sent puts the whole answer in doubt")
def foreign_id_is_ignored() -> Swaps:
    """An element that names a record that was not sent is passed over."""
    return _putting(lambda named, trace_id, _: trace_id not in named._positions)


@mistake("section 4: an ID named twice puts the whole answer in doubt")
def last_of_two_wins() -> Swaps:
    """Of two elements that name one record the last counts."""

    def wrong(named: proof._Named, trace_id: str, verdict: ItemVerdict) -> bool:
        position = named._positions.get(trace_id)
        if position is None or position not in named.items:
            return False
        named.items[position] = verdict
        return True

    return _putting(wrong)


@mistake("section 4, I8: an object named twice puts the whole answer in doubt")
def shared_object_is_tolerated() -> Swaps:
    """One object may stand for two records."""
    right: Way = proof._Named.take_result

    def wrong(self: proof._Named, *element: object) -> bool:
        self._objects.clear()
        taken: bool = right(self, *element)
        return taken

    return [Swap(proof._Named, "take_result", wrong)]


@mistake("section 4: in hold mode only exact equality names a record")
def likeness_by_order() -> Swaps:
    """Without an echo, the results are taken for the records in their order."""

    def wrong(self: proof._Named, unnamed: Sequence[ResultElement]) -> None:
        waiting = [n for n in range(len(self._records)) if n not in self.items]
        for position, element in zip(waiting, unnamed, strict=False):
            self.items[position] = ItemCreated(element.object_id)

    return [Swap(proof._Named, "take_alike", wrong)]
