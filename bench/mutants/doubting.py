"""Mistakes in what a doubt leads to: rule 3, section 4."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from loader.model.outcome import Created, Existing, Rejected
from loader.model.verdict import (
    Failed,
    Found,
    ItemCreated,
    ItemError,
    ReadVerdict,
    Refusal,
    Unclear,
)
from loader.pipeline.courier import Courier
from loader.pipeline.delivery import Delivery
from loader.pipeline.fates import Fates
from loader.pipeline.group import Group, Policy
from loader.pipeline.inquiry import Inquiry

from .switch import Swap, Swaps, Way, mistake


@mistake("rule 3, I5: doubt leads to a read")
def resend_without_reading() -> Swaps:
    """A record in doubt is sent again unasked."""
    right: Way = Delivery._doubt

    def wrong(self: Delivery, group: Group, *, accepted: int = 0) -> None:
        if self._policy is Policy.ASK:
            self.fates.push(replace(group, doubted=False))
        else:
            right(self, group, accepted=accepted)

    return [Swap(Delivery, "_doubt", wrong)]


def _asking(*, archived: tuple[bool, ...]) -> Swaps:
    right: Way = Courier._inquire

    async def wrong(self: Courier, *asked: object, archived: bool) -> bool:
        if archived not in among:
            return True  # as if nothing were there
        told: bool = await right(self, *asked, archived=archived)
        return told

    among = archived
    return [Swap(Courier, "_inquire", wrong)]


@mistake("rule 3: both archived=false and archived=true")
def archived_is_not_read() -> Swaps:
    """Only live records are looked for: a deleted call comes back to life."""
    return _asking(archived=(False,))


@mistake("rule 3: both archived=false and archived=true")
def only_archived_is_read() -> Swaps:
    """Only archived records are looked for."""
    return _asking(archived=(True,))


@mistake("rule 3, I5: a read that answered")
def failed_read_is_absence() -> Swaps:
    """A read without a usable answer is taken for "nothing is there"."""
    right: Way = Courier._read

    async def wrong(self: Courier, *asked: object, archived: bool) -> ReadVerdict:
        verdict: ReadVerdict = await right(self, *asked, archived=archived)
        return Found({}) if isinstance(verdict, Failed | Unclear) else verdict

    return [Swap(Courier, "_read", wrong)]


@mistake("rule 3, I5: every record in doubt is asked about")
def half_is_asked() -> Swaps:
    """Of the records in doubt only the first half is asked about."""
    right: Way = Inquiry.__init__

    def wrong(self: Inquiry, trace_ids: Sequence[str]) -> None:
        right(self, trace_ids[: (len(trace_ids) + 1) // 2])

    return [Swap(Inquiry, "__init__", wrong)]


@mistake("section 2, rule 3: in hold mode hold")
def held_is_sent_again() -> Swaps:
    """Without the unique property, too, what is in doubt is sent again."""
    right: Way = Delivery._doubt

    def wrong(self: Delivery, group: Group, *, accepted: int = 0) -> None:
        if self._policy is Policy.HOLD:
            self._resend(group, accepted)
        else:
            right(self, group, accepted=accepted)

    return [Swap(Delivery, "_doubt", wrong)]


@mistake("section 7: held, and shown as in doubt")
def held_is_rejected() -> Swaps:
    """What is given up as in doubt is reported as rejected."""

    def wrong(self: Fates, positions: Sequence[int], reason: str) -> None:
        for position in positions:
            self.outcomes[position] = Rejected("IN_DOUBT", reason)

    return [Swap(Fates, "hold", wrong)]


def _omitted(wrong: Way) -> Swaps:
    """Let ``wrong`` decide on the positions that an answer does not mention."""
    right: Way = Delivery._prove

    def prove(
        self: Delivery,
        group: Group,
        items: Mapping[int, ItemCreated | ItemError],
        accepted: int,
    ) -> None:
        named = [number for number in range(len(group.positions)) if number in items]
        omitted = [p for n, p in enumerate(group.positions) if n not in items]
        wrong(self, replace(group, positions=tuple(omitted)))
        mentioned = replace(group, positions=tuple(group.positions[n] for n in named))
        items = {place: items[number] for place, number in enumerate(named)}
        right(self, mentioned, items, accepted)

    return [Swap(Delivery, "_prove", prove)]


@mistake("section 4: an input that is not mentioned is in doubt")
def omitted_is_created() -> Swaps:
    """A record that a complete answer does not mention counts as created."""

    def wrong(self: Delivery, omitted: Group) -> None:
        for position in omitted.positions:
            self.fates.outcomes[position] = Created("0")

    return _omitted(wrong)


@mistake("section 4: an input that is not mentioned is in doubt")
def omitted_is_rejected() -> Swaps:
    """A record that a complete answer does not mention counts as rejected."""

    def wrong(self: Delivery, omitted: Group) -> None:
        for position in omitted.positions:
            self.fates.outcomes[position] = Rejected("OMITTED", "not mentioned")

    return _omitted(wrong)


@mistake("section 4, I5: an input that is not mentioned is in doubt")
def omitted_is_sent_again() -> Swaps:
    """A record that a complete answer does not mention is sent again at once."""

    def wrong(self: Delivery, omitted: Group) -> None:
        self.fates.push(omitted)

    return _omitted(wrong)


@mistake("section 4: one bad record never condemns its neighbours")
def refusal_condemns_all() -> Swaps:
    """A batch that was refused as a whole is rejected as a whole."""

    def wrong(self: Delivery, group: Group, verdict: Refusal) -> None:
        for position in group.positions:
            outcome = Rejected(verdict.category, verdict.message)
            self.fates.outcomes[position] = outcome

    return [Swap(Delivery, "_refuse", wrong)]


@mistake("section 4: in key mode read first")
def refusal_is_split_unread() -> Swaps:
    """A refused batch is halved and sent again without a read."""

    def wrong(self: Delivery, group: Group, verdict: Refusal) -> None:
        self._split_refused(
            replace(group, refusals=group.refusals + group.is_alone), verdict
        )

    return [Swap(Delivery, "_refuse", wrong)]


@mistake("section 4: a duplicate-value error is in doubt and read")
def clash_is_existing_unread() -> Swaps:
    """A value that is taken counts as existing without a read."""

    def wrong(self: Delivery, group: Group) -> None:
        for position in group.positions:
            holder = self._clashes._errors[position][-1].existing_id or "0"
            self.fates.outcomes[position] = Existing(holder)

    return [Swap(Delivery, "_clash", wrong)]


@mistake("section 4: a duplicate-value error is in doubt and read")
def clash_is_rejected_unread() -> Swaps:
    """A value that is taken counts as rejected without a read."""

    def wrong(self: Delivery, group: Group) -> None:
        for position in group.positions:
            error = self._clashes._errors[position][-1]
            self.fates.outcomes[position] = Rejected(error.category, error.message)

    return [Swap(Delivery, "_clash", wrong)]


@mistake("section 4: in halves until the culprits stand alone")
def halving_loses_the_odd_record() -> Swaps:
    """A group of an odd number is split into two equal parts."""
    right: Way = Group.halves

    def wrong(self: Group) -> list[Group]:
        middle = len(self.positions) // 2
        if not middle:
            parts: list[Group] = right(self)
            return parts
        halves = self.positions[:middle], self.positions[middle : 2 * middle]
        return [replace(self, positions=half) for half in halves]

    return [Swap(Group, "halves", wrong)]


@mistake("section 4: created if we had it in flight before, else existing")
def found_is_always_existing() -> Swaps:
    """A record that a read finds counts as existing, whoever made it."""

    def wrong(self: Delivery, position: int, object_id: str, _: object) -> None:
        self.fates.outcomes[position] = Existing(object_id)

    return [Swap(Delivery, "_settle_found", wrong)]


@mistake("section 4: created if we had it in flight before, else existing")
def found_is_always_created() -> Swaps:
    """A record that a read finds counts as created, whoever made it."""

    def wrong(self: Delivery, position: int, object_id: str, _: object) -> None:
        self.fates.outcomes[position] = Created(object_id)

    return [Swap(Delivery, "_settle_found", wrong)]


@mistake("section 4: created if we had it in flight before, else existing")
def age_is_not_looked_at() -> Swaps:
    """What was there before the load began counts as its own, after a lost answer."""
    right: Way = Delivery._settle_found

    def wrong(self: Delivery, position: int, object_id: str, _: object) -> None:
        right(self, position, object_id, frozenset())

    return [Swap(Delivery, "_settle_found", wrong)]
