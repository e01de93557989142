"""What a seed draws of a load's life after its runs: what is done with it, and how.

Drawn by itself, so that the runs of a seed are the same with and without it, but for
the last, which an early act takes the place of.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .chance import happens
from .plan import LifePlan, Plan, draw_life
from .points import PLACES, Blow
from .weather import ArchiveFault, draw_archives

_ASKED = ("show leaves", "show left", "show answered")
#: where a process that undoes may be cut off
UNDO = (
    "forget_spared before", "spare after", "begin_undo before", "begin_undo after",
    "_advanced before", "_advanced after", "read_sheaf after", "spared_among before",
    "advance_undo before", "advance_undo after", "archived_after_all before",
    "archived_after_all after", "archive leaves", "archive left", "archive answered",
    *_ASKED,
)  # fmt: skip
#: where a correction is cut off: rather in the midst of sending
_SENDING = (
    *(each for each in PLACES if each.startswith(("claim", "settle", "source"))),
    *("arm after", "create leaves", "create left", "create answered") * 4,
    "read leaves", "read answered", "bind before", "bind after",
)  # fmt: skip
#: where a process that verifies may be cut off
VERIFY = (
    "begin_verification before", "begin_verification after", "read_sheaf after",
    "advance_verification before", "advance_verification after", "certify before",
    *_ASKED * 2,
)  # fmt: skip
#: where a process that asks a person may be cut off
RESOLVE = (
    "next_held before", "next_held after", "_do before", "_do after",
    "_advanced before", "_advanced after", *_ASKED,
)  # fmt: skip
_GLANCE = ("advance_verification after", "advance_verification after", "show answered")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done with a load. The last of its processes is calm."""

    kind: str
    lives: tuple[LifePlan, ...]
    #: by how much the clock on the wall is wrong in each, in seconds
    clock_errors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class After:
    """What comes after the runs of a load."""

    acts: tuple[Act, ...]
    #: the load was not run to its end
    early: bool
    #: what may happen to requests to archive
    archives: Sequence[ArchiveFault]
    #: share of calls that people lay hands on, each time
    busy: float
    #: share of calls of which the portal never says anything
    mute: float
    skip_changed: bool
    declines: bool


def draw_after(plan: Plan) -> After:
    """Draw it for a seed; for some, nothing comes after."""
    rng = random.Random(plan.seed ^ 0xAF7E2)
    acts: list[Act] = []
    if happens(rng, 0.3):
        acts.append(_draw_act(rng, "correct", _SENDING, plan))
    if plan.mode != "key" and happens(rng, 0.6):
        acts.insert(0, _draw_act(rng, "resolve", RESOLVE, plan))
    undoes = happens(rng, 0.4)
    kind = ""
    if happens(rng, 0.3):
        # it may be left where it was cut off, and gone on with after the next act
        kind = "glance" if undoes and happens(rng, 0.6) else "verify"
        places = _GLANCE if kind == "glance" else VERIFY
        acts.append(_draw_act(rng, kind, places, plan))
    if undoes:
        acts.append(_draw_act(rng, "undo", UNDO, plan))
    if undoes and happens(rng, 0.8 if kind == "glance" else 0.3):
        acts.append(_draw_act(rng, "verify", VERIFY, plan))
    return After(
        acts=tuple(acts),
        early=bool(acts) and happens(rng, 0.2),
        archives=draw_archives(rng),
        busy=rng.choice((0.0, 0.1, 0.3)),
        mute=rng.choice((0.0, 0.0, 0.0, 0.2)),
        skip_changed=happens(rng, 0.4),
        declines=happens(rng, 0.1),
    )


def _draw_act(rng: random.Random, kind: str, places: Sequence[str], plan: Plan) -> Act:
    """Draw processes that may be cut off at these places; the last is calm."""
    last = plan.lives[-1]
    lives: list[LifePlan] = []
    for _ in range(rng.choice((1, 2, 2, 3, 4))):
        life = draw_life(rng, last.visible, keyed=last.keyed, resend=last.said_resend)
        patience_s = rng.choice((120.0, 600.0))
        blows = _draw_blows(rng, places)
        lives.append(replace(life, blows=blows, patience_s=patience_s))
    # what to ask for beside a mute call is chance, too: it gets time
    calm = replace(lives[-1], blows={}, disk=None, calm=True, patience_s=3600.0)
    lives.append(calm)
    errors = tuple(rng.choice((0.0, 0.0, -3600.0, 3600.0)) for _ in lives)
    return Act(kind, tuple(lives), errors)


def _draw_blows(
    rng: random.Random, places: Sequence[str]
) -> dict[tuple[str, int], Blow]:
    kind = rng.choice((Blow.KILL, Blow.KILL, Blow.POWER, Blow.INTERRUPT))
    return {(rng.choice(places), rng.choice((1, 1, 1, 2, 3, 5))): kind}
