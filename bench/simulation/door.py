"""The world's door: what may be sent is decided here once more, by the protocol.

Two invariants are about requests, not about what is there at the end, so they are
checked at the send itself. I4: no byte leaves without a durable armed row; the
committed database is looked at afresh. I5: nothing in doubt is sent again without a
read, of live and of archived calls, that began after the doubt; without a trace
property it is not sent again at all, unless the user said so.

The door keeps its own account of doubt, by what was really answered.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loader.ledger.packing import unpack_positions, unpack_records

_ROW = """SELECT start_offset, first_line, records, doubted, open FROM batch
WHERE start_offset <= ? ORDER BY start_offset DESC LIMIT 1"""
_OPEN = "SELECT start_offset, first_line, records, doubted FROM batch WHERE open"


@dataclass(frozen=True, slots=True)
class _Account:
    """What is known of one ID. Numbers count the door's events."""

    #: when the last doubt began
    doubt: int | None = None
    #: it was in doubt while it could not be asked for
    unkeyed: bool = False
    #: a complete answer named it: created, refused for good, or found
    proved: bool = False
    #: when the last reads began that did not find it: of live, of archived calls
    live: int = 0
    archived: int = 0


@dataclass(slots=True, kw_only=True)
class Door:
    """Watches requests leave, over all lives. What changes: the accounts."""

    #: offset of the line behind each ID
    offsets: Mapping[str, int]
    report: Callable[[str], None]
    #: of this life: the trace property is in use; the user said "resend"
    keyed: bool = False
    resend: bool = False
    ledger: sqlite3.Connection | None = None
    requests: int = 0
    _events: int = 0
    _accounts: dict[str, _Account] | None = None
    _flying: dict[str, _Account] | None = None

    def start(self, ledger: sqlite3.Connection, *, keyed: bool, resend: bool) -> None:
        """A process begins."""
        self.ledger, self.keyed, self.resend = ledger, keyed, resend
        self._flying = {}
        if self._accounts is None:
            self._accounts = {}

    def of(self, name: str) -> _Account:
        """Return the account of an ID."""
        return (self._accounts or {}).get(name) or _Account()

    def _set(self, name: str, account: _Account) -> None:
        if self._accounts is not None:
            self._accounts[name] = account

    def _next(self) -> int:
        self._events += 1
        return self._events

    # -- creates --

    def leaves(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """The first byte of a create is about to leave."""
        names = [str(each.get("objectWriteTraceId")) for each in inputs]
        self.requests += 1
        self._check_armed(names)
        flying = self._flying if self._flying is not None else {}
        for name in names:
            account = self.of(name)
            reason = self._forbidden(account)
            if reason is not None:
                self.report(f"I5: {name} was sent again, {reason}")
            if name in flying:
                self.report(f"I5: {name} was sent while it was in flight")
            flying[name] = account
        self.in_doubt(names)

    def _forbidden(self, account: _Account) -> str | None:
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
            unkeyed = account.unkeyed or not self.keyed
            self._set(name, replace(account, doubt=now, unkeyed=unkeyed))

    def answered(
        self, names: Sequence[str], *, refused: bool, proved: set[str]
    ) -> None:
        """An answer is there: it refuses them unapplied, or proves some of them."""
        flying = self._flying if self._flying is not None else {}
        for name in names:
            before = flying.pop(name, None)
            if refused and before is not None:
                self._set(name, before)
            elif name in proved:
                self._set(name, replace(self.of(name), proved=True))

    def failed(self, names: Sequence[str]) -> None:
        """No answer will come."""
        for name in names:
            (self._flying or {}).pop(name, None)

    # -- reads --

    def asks(self) -> int:
        """A read begins; return when."""
        self.requests += 1
        return self._next()

    def told(
        self, names: Sequence[str], found: set[str], began: int, *, archived: bool
    ) -> None:
        """A read was answered, and its answer is one about each ID."""
        for name in names:
            account = self.of(name)
            if name in found:
                self._set(name, replace(account, proved=True))
            elif archived:
                self._set(name, replace(account, archived=began))
            else:
                self._set(name, replace(account, live=began))

    # -- the ledger --

    def ends(self) -> None:
        """The process is gone: whatever flew, and whatever is armed, is in doubt."""
        names = list(self._flying or ())
        names += [name for name in self._armed() if name not in names]
        self.in_doubt(names)

    def _armed(self) -> Iterator[str]:
        if self.ledger is None:
            return
        for start, first_line, records, doubted in self.ledger.execute(_OPEN):
            keys = unpack_records(records, start=start, first_line=first_line)
            for position in sorted(unpack_positions(doubted)):
                yield keys[position].trace_id

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
