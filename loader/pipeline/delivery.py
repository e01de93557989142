"""What to do next with one batch, until each of its records has an outcome.

A pure state machine: it says ``Send`` or ``Ask``, is told what came back, and decides.
Records that share a fate form a *group*; a batch starts as one and splits when it must.

::

    clean ──Send──> proved ──────────────> Created, Rejected
      ^  ^            │ named clash ─────┐
      │  └─ not applied                  v
      │             in doubt ────────> doubted ──Ask──> found ──> Created, Existing
      └─────────── absent: whole, or in halves <──────────┘

The policy decides what doubt leads to: *ask* (the portal has a unique property), *hold*
(it has none: ``InDoubt``, never sent again) or *resend* (the user's explicit word).
Requests are bounded: a refused group halves, so ``n`` records cost at most ``2n``
refusals, and a doubted group halves after ``STRIKES`` and ends after ``LAST_STRIKE``.
"""

from collections.abc import Mapping
from dataclasses import replace

from loader.model.batch import Prior
from loader.model.outcome import Created, Existing
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    ErrorKind,
    Halt,
    ItemCreated,
    ItemError,
    Oversized,
    Proof,
    Refusal,
    Unsent,
    Wait,
)

from .clashes import PERHAPS_ITSELF, Clashes, rejected
from .fates import Fates
from .group import (
    FINAL_REFUSALS,
    LAST_STRIKE,
    REFUSALS,
    STRIKES,
    Ask,
    Group,
    Policy,
    Send,
    Step,
)


class Delivery:
    """The fate of one batch of ``size`` records.

    What changes: ``fates``, the groups that have no outcome yet, and the outcomes.
    """

    def __init__(
        self,
        start: int,
        size: int,
        *,
        policy: Policy,
        trace_property: str | None = None,
        prior: Prior | None = None,
        ours: frozenset[int] = frozenset(),
    ) -> None:
        self._policy = policy
        self._clashes = Clashes(trace_property)
        self._alone = False
        self.fates = Fates(start)
        if prior is None:
            self.fates.push(Group(tuple(range(size))))
        else:
            self._recover(prior, ours)

    def _recover(self, prior: Prior, ours: frozenset[int]) -> None:
        """After a crash every armed record is in doubt.

        At attempt 0 a lost ledger may have sent it; ``ours`` nobody else can have.
        """
        self.fates.push(Group(tuple(sorted(prior.undecided - prior.doubted))))
        self.fates.flown |= prior.doubted if prior.attempt else prior.doubted & ours
        group = Group(tuple(sorted(prior.doubted)), reason="the run was cut off")
        if self._policy is Policy.ASK and not prior.keyed:
            # nothing finds them, and --in-doubt speaks of portals without a property
            self.fates.hold(group.positions, "sent before the portal had the property")
            return
        self._doubt(group)

    # -- what to do --

    def step(self) -> Step | None:
        """Say what to do next; None when every record has an outcome."""
        group = self.fates.next()
        if group is None:
            return None
        if group.doubted:
            return Ask(group.positions)
        return Send(
            group.positions, again=not self.fates.flown.isdisjoint(group.positions)
        )

    @property
    def strikes(self) -> int:
        """How often in a row the group at hand fell in doubt: decides the backoff."""
        group = self.fates.next()
        return 0 if group is None else group.strikes

    # -- what came back --

    def answered(
        self, verdict: CreateVerdict, *, accepted: int, alone: bool = False
    ) -> None:
        """Take the verdict on the group last sent.

        ``accepted`` counts the creates that the portal has accepted so far in this run:
        it tells a bad record from a bad portal. ``alone``: no other batch is being
        delivered, so that nothing else could tell.
        """
        self._alone = alone
        match verdict:
            case Wait() | Unsent() | Halt():
                return
            case _:
                group = self.fates.pop()
        match verdict:
            case Proof(items):
                self._prove(group, items, accepted)
            case Oversized():
                self._shrink(group, verdict)
            case Refusal():
                self._refuse(group, verdict)
            case Doubt(reason):
                self._strike(group, group.positions, reason, accepted)

    def found(
        self,
        objects: Mapping[int, str],
        *,
        older: frozenset[int] = frozenset(),
        mute: frozenset[int] = frozenset(),
        accepted: int,
        alone: bool = False,
    ) -> None:
        """Take what the portal has of the group last asked for: position to object.

        ``older`` are those whose objects were there before the load began, ``mute``
        those of which it does not say whether it has them.
        """
        self._alone = alone
        group = self.fates.pop()
        for position in group.positions:
            if position in objects:
                self._settle_found(position, objects[position], older)
        self.fates.hold(mute, "the portal does not say whether it has the record")
        absent = tuple(p for p in group.positions if p not in mute.union(objects))
        if not absent:
            return
        rest = replace(group, positions=absent, doubted=False)
        if group.refusal is not None:
            self._split_refused(rest, group.refusal)
        elif group.clashed:
            self._retry_clashes(replace(rest, clashed=False))
        else:
            self._resend(rest, accepted)

    # -- decisions --

    def _is_to_blame(self, others_fare_well: bool) -> bool:  # noqa: FBT001 - a fact
        """The record, not the portal, or nothing is left that could tell."""
        return others_fare_well or (self._alone and self.fates.next() is None)

    def _prove(
        self,
        group: Group,
        items: Mapping[int, "ItemCreated | ItemError"],
        accepted: int,
    ) -> None:
        """Settle the items the answer names; doubt the others."""
        clashes: list[int] = []
        doubts: list[int] = []
        reason = "the answer does not mention the record"
        outcomes = self.fates.outcomes
        for number, position in enumerate(group.positions):
            match items.get(number):  # a verdict counts the records of its request
                case ItemCreated() as item:
                    outcomes[position] = Created(item.object_id)
                case ItemError(kind=ErrorKind.CLASH) as error:
                    clashes.append(position)
                    self._clashes.note(position, error)
                case ItemError(kind=ErrorKind.TRANSIENT) as error:
                    doubts.append(position)
                    reason = f"{error.category}: {error.message}"
                case ItemError() as error:
                    outcomes[position] = rejected(error)
                case None:
                    doubts.append(position)
        if doubts:
            self._strike(group, tuple(doubts), reason, accepted)
        if clashes:
            self._clash(replace(group, positions=tuple(clashes)))

    def _clash(self, group: Group) -> None:
        """A unique value is taken; where we can ask, it may be our own record."""
        if self._policy is Policy.ASK:
            self.fates.push(replace(group, doubted=True, refusal=None, clashed=True))
            return
        for position in group.positions:
            self.fates.outcomes[position] = self._clashes.outcome_unasked(
                position, was_in_doubt=position in self.fates.flown
            )

    def _shrink(self, group: Group, verdict: Oversized) -> None:
        """Refused unread: less at once, and nothing to ask."""
        group = replace(group, refusals=group.refusals + group.is_alone)
        if group.refusals < FINAL_REFUSALS:
            self.fates.push_halves(group)
            return
        self.fates.outcomes[group.positions[0]] = rejected(verdict)

    def _refuse(self, group: Group, verdict: Refusal) -> None:
        if self._policy is not Policy.ASK or not verdict.clash:
            self.fates.flown.update(group.positions)
        refused = group.after_refusal(verdict)
        match self._policy:
            case Policy.ASK:
                self.fates.push(replace(refused, doubted=True))
            case Policy.HOLD:
                self.fates.hold(
                    group.positions, f"the batch was refused ({refused.reason})"
                )
            case Policy.RESEND:
                self._split_refused(refused, verdict)

    def _split_refused(self, rest: Group, refusal: Refusal) -> None:
        """Absent after a refusal: halves, until the culprits stand alone."""
        if rest.refusals < (FINAL_REFUSALS if refusal.final else REFUSALS):
            self.fates.push_halves(replace(rest, refusal=None))
        elif rest.taken and self._policy is not Policy.ASK:
            # an earlier request, or a part of a refused one, may have made the call
            self.fates.hold(rest.positions, PERHAPS_ITSELF)
        else:
            self.fates.outcomes[rest.positions[0]] = rejected(refusal)

    def _strike(
        self, group: Group, positions: tuple[int, ...], reason: str, accepted: int
    ) -> None:
        """Positions of a group fell in doubt."""
        self.fates.flown.update(positions)
        self._doubt(group.after_strike(positions, reason, accepted), accepted=accepted)

    def _doubt(self, group: Group, *, accepted: int = 0) -> None:
        match self._policy:
            case Policy.ASK:
                self.fates.push(replace(group, doubted=True))
            case Policy.HOLD:
                self.fates.hold(group.positions, group.reason)
            case Policy.RESEND:
                self._resend(group, accepted)

    def _resend(self, group: Group, accepted: int) -> None:
        """Absent, or resent by the user's word: three cases.

        Several that keep falling in doubt are halved. One alone that does so, while
        the portal takes others or there are none, is given up. Anything else is sent
        again.
        """
        if group.strikes >= STRIKES and not group.is_alone:
            self.fates.push_halves(group)
        elif group.lone_strikes >= LAST_STRIKE and self._is_to_blame(
            accepted > group.accepted
        ):
            self.fates.hold(group.positions, group.reason)
        else:
            self.fates.push(group)

    def _settle_found(
        self, position: int, object_id: str, older: frozenset[int]
    ) -> None:
        """Ours when it was in flight before, and not there before that load began."""
        is_ours = position in self.fates.flown and position not in older
        outcome = Created if is_ours else Existing
        self.fates.outcomes[position] = outcome(object_id)

    def _retry_clashes(self, rest: Group) -> None:
        again: list[int] = []
        for position in rest.positions:
            outcome = self._clashes.outcome_absent(position)
            if outcome is None:
                again.append(position)
            else:
                self.fates.outcomes[position] = outcome
        self.fates.push(replace(rest, positions=tuple(again)))
