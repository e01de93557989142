"""The world's door: what may be sent is decided here once more, by the protocol.

Two invariants are about requests, not about what is there at the end, so they are
checked at the send itself. I4: no byte leaves without a durable armed row; the
committed database is looked at afresh. I5: nothing in doubt is sent again without a
read, of live and of archived calls, that began after the doubt; without a trace
property it is not sent again at all, unless the user said so.

Two more are seen best from here. I6: the frontier that is told is never ahead of the
committed rows. Rule 7: nothing leaves once the ledger has failed.

The door keeps its own account of doubt, by what was really answered. Three of
``undoing`` are checked here too: U1 and U2 as calls are archived, U4 as creates leave.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from loader.ledger import projection
from loader.ledger.mark import read_mark
from loader.ledger.packing import unpack_positions, unpack_records
from loader.model.outcome import State

from .accounts import Account
from .world import World

_ROW = """SELECT start_offset, first_line, records, doubted, open FROM batch
WHERE start_offset <= ? ORDER BY start_offset DESC LIMIT 1"""
_SPANS = "SELECT start_offset, end_offset, open FROM batch ORDER BY start_offset"
#: the stages hear of a failure of the ledger within so many seconds
_HEARD_S = 0.001
_OPEN = "SELECT start_offset, first_line, records, doubted FROM batch WHERE open"


@dataclass(slots=True, kw_only=True)
class Door:
    """Watches requests leave, over all lives. What changes: the accounts."""

    #: of this life: offset of the line behind each ID
    offsets: Mapping[str, int]
    world: World
    report: Callable[[str], None]
    now: Callable[[], float]
    #: of this life: how far it says it is, and when its ledger failed
    frontier: Callable[[], int] = lambda: 0
    failed_at: float | None = None
    #: of this life: the trace property is in use; the user said "resend"
    keyed: bool = False
    resend: bool = False
    #: of this life: the ledgers it has opened, its own first
    ledgers: Sequence[sqlite3.Connection] = ()
    #: calls of which the portal says nothing: not even how old they are
    mute: AbstractSet[str] = frozenset()
    #: calls that somebody said are to be left alone, by object ID
    spared: set[str] = field(default_factory=set[str])
    requests: int = 0
    #: of these: creates
    creates: int = 0
    #: creates and removals
    writes: int = 0
    _events: int = 0
    _accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    #: IDs in flight: doubt and its kind, as they were before
    _flying: dict[str, tuple[int | None, bool]] = field(
        default_factory=dict[str, tuple[int | None, bool]]
    )

    def start(
        self,
        ledgers: Sequence[sqlite3.Connection],
        *,
        offsets: Mapping[str, int],
        keyed: bool,
        resend: bool,
    ) -> None:
        """A process begins."""
        self.ledgers, self.offsets = ledgers, offsets
        self.keyed, self.resend = keyed, resend
        self.frontier, self.failed_at = lambda: 0, None
        self._flying.clear()

    def of(self, name: str) -> Account:
        """Return the account of an ID."""
        account = self._accounts.get(name)
        if account is None:
            account = self._accounts[name] = Account()
        return account

    @property
    def unaskable(self) -> set[str]:
        """IDs that fell in doubt while they could not be asked for."""
        return {name for name, each in self._accounts.items() if each.unkeyed}

    @property
    def named(self) -> set[str]:
        """IDs that a sound answer named."""
        return {name for name, each in self._accounts.items() if each.named}

    def _next(self) -> int:
        self._events += 1
        return self._events

    # -- creates --

    def leaves(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """The first byte of a create is about to leave."""
        names = [str(each.get("objectWriteTraceId")) for each in inputs]
        self.requests += 1
        self.creates += 1
        self.writes += 1
        self._check_alive()
        self._check_frontier()
        self._check_armed(names)
        if any(read_mark(ledger).undone for ledger in self.ledgers):
            self.report(f"U4: {names[0]} was sent for a load that was taken back")
        for name in names:
            account = self.of(name)
            reason = self._forbidden(account)
            if reason is not None:
                self.report(f"I5: {name} was sent again, {reason}")
            if name in self._flying:
                self.report(f"I5: {name} was sent while it was in flight")
            self._flying[name] = (account.doubt, account.unkeyed)
        self.in_doubt(names)

    def _forbidden(self, account: Account) -> str | None:
        """Say why an ID must not be sent; None when it may be."""
        if account.proved:
            return "although the portal had proved it"
        if account.doubt is None:
            return None
        if not self.keyed or account.unkeyed:
            return None if self.resend else "although it could not be asked for"
        if account.live < account.doubt:
            return "unasked"
        if account.archived < account.doubt:
            return "without asking for archived calls"
        return None

    def in_doubt(self, names: Sequence[str]) -> None:
        """These are in doubt from now on."""
        now = self._next()
        for name in names:
            account = self.of(name)
            account.doubt = now
            account.unkeyed = account.unkeyed or not self.keyed

    def answered(
        self,
        names: Sequence[str],
        *,
        refused: bool,
        proved: set[str],
    ) -> None:
        """An answer is there: it refuses them unapplied, or proves some of them."""
        for name in names:
            before = self._flying.pop(name, None)
            account = self.of(name)
            if refused and before is not None:
                account.doubt, account.unkeyed = before
            elif name in proved:
                account.proved = account.named = True

    def failed(self, names: Sequence[str]) -> None:
        """No answer will come."""
        for name in names:
            self._flying.pop(name, None)

    def names(self, names: Iterable[str]) -> None:
        """A sound answer names these, whoever was asked."""
        for name in names:
            self.of(name).named = True

    # -- removals --

    def removes(self, object_ids: Sequence[str]) -> None:
        """The first byte of a request to archive is about to leave."""
        self.requests += 1
        self.writes += 1
        self._check_alive()
        created = self._created_and_closed()
        for each in object_ids:
            call = self.world.calls.get(each)
            if each not in created:
                self.report(f"U1: {each} was archived, which no closed load created")
            elif call is None or not (call.ours or each in self.mute):
                self.report(f"U1: {each} was archived, which others made")
            elif each in self.spared:
                self.report(f"U2: {each} was archived, which was to be left alone")

    def _created_and_closed(self) -> set[str]:
        """Return the objects that ledgers have as created, once these are closed."""
        return {
            row.object_id
            for ledger in self.ledgers
            if not ledger.in_transaction and read_mark(ledger).undone
            for row in projection.results(ledger)
            if row.state is State.CREATED and row.object_id is not None
        }

    # -- reads --

    def asks(self) -> int:
        """A read begins; return when."""
        self.requests += 1
        self._check_alive()
        return self._next()

    def told(
        self, names: Sequence[str], found: set[str], began: int, *, archived: bool
    ) -> None:
        """A read was answered, and its answer is one about each ID."""
        for name in names:
            account = self.of(name)
            if name in found:
                account.proved = account.named = True
            elif archived:
                account.archived = began
            else:
                account.live = began

    @property
    def ledger(self) -> sqlite3.Connection | None:
        """The ledger that this life writes."""
        return self.ledgers[0] if self.ledgers else None

    # -- the ledger --

    def ends(self) -> None:
        """The process is gone: whatever flew, and whatever is armed, is in doubt."""
        armed = list(self.armed(self.ledger))
        self.in_doubt([*self._flying, *armed])
        for name in armed:  # what proved it died with the process
            self.of(name).proved = False

    def armed(self, ledger: sqlite3.Connection | None) -> Iterator[str]:
        """Give the IDs that a ledger has as armed, and not settled."""
        if ledger is None:
            return
        for start, first_line, records, doubted in ledger.execute(_OPEN):
            keys = unpack_records(records, start=start, first_line=first_line)
            for position in sorted(unpack_positions(doubted)):
                yield keys[position].trace_id

    def _check_alive(self) -> None:
        if self.failed_at is not None and self.now() > self.failed_at + _HEARD_S:
            self.report("rule 7: a request left after the ledger had failed")

    def _check_frontier(self) -> None:
        """What people are told is derived from rows that are on disk."""
        settled = 0
        for start, end, is_open in self.ledger.execute(_SPANS) if self.ledger else ():
            if start != settled or is_open:
                break
            settled = end
        if self.frontier() > settled:
            self.report(f"I6: the frontier {self.frontier()} is told, not {settled}")

    def _check_armed(self, names: Sequence[str]) -> None:
        ledger = self.ledger
        if ledger is None or ledger.in_transaction:
            self.report("I4: a request left before its row was committed")
            return
        offset = self.offsets.get(names[0])
        if offset is None:
            self.report(f"I10: {names[0]} is not the ID of a line")
            return
        row = ledger.execute(_ROW, (offset,)).fetchone()
        armed: set[str] = set()
        if row is not None and row[4]:
            start, first_line, records, doubted, _ = row
            keys = unpack_records(records, start=start, first_line=first_line)
            armed = {keys[each].trace_id for each in unpack_positions(doubted)}
        for name in names:
            if name not in armed:
                self.report(f"I4: {name} was sent without an armed row")
