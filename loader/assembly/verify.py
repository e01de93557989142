"""``verify``: what a load created, read back from the portal and compared.

::

    ledger ──sheaves──> lines of the source, checked ──┐
                                                       ├──> findings ──> ledger
    portal ──calls by ID, what they are linked with────┘

Decisions

* *All of it, by object ID*, which is what the ledger has of a created record; instead
  of a sample, which proves nothing of the rest, or of search, which lags.
* *A sheaf of a thousand records is the unit*: its findings and the frontier are one
  transaction, so one that was cut off reads again what was under way, and no more.
* *Ten requests for a thousand calls, and one more for each object that associations of
  theirs lead to*: 11,000 for a million calls with their contacts.
* *The source is compared with the ledger's digests first*: nothing is proved about
  lines that are not those that were sent.
* *Corrections are loads like the first*, each with its source beside its ledger.
"""

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from loader import telemetry
from loader.errors import LedgerMismatch
from loader.hubspot.comparison import USUAL_TYPES
from loader.ledger.projection import counts
from loader.ledger.verification import (
    Verification,
    advance_verification,
    begin_verification,
)
from loader.model.certificate import Certificate
from loader.model.settings import Settings, checked
from loader.pipeline.stop import Stop
from loader.source.again import Again, read_again
from loader.source.decode import DecodeOptions

from .asking import Desk, opened_desk
from .certify import certify
from .comparing import Comparer
from .family import head_of
from .opened import Opened, known_place, opened_loads, source_file
from .reading import Reader
from .walk import Shown, walk

log = telemetry.get_logger()


async def verify(
    source: str,
    *,
    settings: Settings,
    load_dir: str | os.PathLike[str] | None,
    token: str | None,
    sandbox: bool,
    stop: Stop,
    show: Shown,
    say: Callable[[str], None],
    with_data: bool = False,
) -> list[Certificate]:
    """Compare a load and its corrections with the portal, each to a certificate.

    One that was cut off goes on where it was.

    Raises:
        UsageError: there is no such load, or its lines cannot be read.
        Refused: the load is owned, damaged, of another portal, or its source changed.
        Stopped: the portal will not answer, or somebody asked to stop; resumable.
    """
    checked(settings)
    place = known_place(source, load_dir)
    async with (
        opened_loads(source_file(source), place) as loads,
        opened_desk(
            settings,
            stop,
            token=token,
            sandbox=head_of(place) if sandbox else None,
        ) as desk,
    ):
        types = await desk.types() or USUAL_TYPES
        verifiers = [Verifier(each, desk, types, show, say) for each in loads]
        return await certified(verifiers, with_data=with_data)


async def certified(
    verifiers: Sequence["Verifier"], *, with_data: bool
) -> list[Certificate]:
    """Compare loads, and certify each; the first one together with the others."""
    certificates: list[tuple[Opened, Certificate]] = []
    for verifier in (*verifiers[1:], verifiers[0]):
        state = await verifier.compare()
        certify_it = partial(
            certify,
            opened=verifier.opened,
            state=state,
            corrections=certificates if verifier is verifiers[0] else (),
            with_data=with_data,
        )
        certificate: Certificate = await verifier.opened.writer.run(certify_it)
        log.info(
            "verification.ended",
            created=certificate.created,
            equal=certificate.equal,
            requests=certificate.requests,
        )
        certificates.append((verifier.opened, certificate))
    return [certificates[-1][1], *(each for _, each in certificates[:-1])]


@dataclass(slots=True)
class Verifier:
    """The verification of one load. What changes: how far it is."""

    opened: Opened
    desk: Desk
    types: Mapping[str, str]
    show: Shown
    say: Callable[[str], None]

    async def compare(self) -> Verification:
        """Compare what is left."""
        opened = self.opened
        options = DecodeOptions(
            key=opened.identity.key_property,
            trace_property=opened.identity.trace_property,
        )
        with read_again(opened.source, options) as again:
            self._check_source(again)
            opened.check_portal(self.desk.portal_id)
            begin = partial(begin_verification, now=self.desk.today())
            state: Verification = await opened.writer.run(begin)
            log.info("verification.started", frontier=state.frontier)
            if state.frontier:
                self.say(
                    f"going on behind {state.compared:,} records that were compared "
                    f"since {state.begun_at}"
                )
            state = await self._compare(again, state)
        state = msgspec.structs.replace(state, ended_at=self.desk.today())
        await opened.writer.run(
            lambda connection: advance_verification(connection, state, ())
        )
        return state

    def _check_source(self, again: Again) -> None:
        identity = self.opened.identity
        if again.digest != identity.source_digest:
            raise LedgerMismatch(
                f"the ledger belongs to another source: {identity.source_name} (digest "
                f"{identity.source_digest}), not {self.opened.source} (digest "
                f"{again.digest}); give the file that was loaded"
            )

    async def _compare(self, again: Again, state: Verification) -> Verification:
        opened, cost = self.opened, self.desk.cost
        comparer = Comparer(
            reader=Reader(self.desk),
            again=again,
            types=self.types,
            trace_property=opened.identity.trace_property,
            unkeyed=opened.mark.unkeyed,
        )
        created = (await opened.writer.run(counts)).created
        before = cost.requests if state.frontier else 0
        steps = walk(
            opened.writer,
            comparer.compare,
            frontier=state.frontier,
            most=self.desk.sheaf,
        )
        async with contextlib.aclosing(steps):
            async for sheaf, findings in steps:
                state = msgspec.structs.replace(
                    state,
                    frontier=sheaf.end,
                    compared=state.compared + len(sheaf.made),
                    requests=state.requests + cost.requests - before,
                )
                before = cost.requests
                await opened.writer.run(
                    partial(advance_verification, state=state, findings=findings)
                )
                self.show(state.compared, created)
        return state
