"""What a seed draws: the source, the portal, the weather, and each life's end."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loader.model.load import InDoubtPolicy, Promise, promise_of
from loader.model.settings import Rate, parse_rate

from .chance import happens
from .disk import DiskFault
from .lines import Kind, Line, draw_lines
from .points import PLACES, Blow
from .premises import Style
from .weather import Weather, draw_weather

#: the trace property of these portals
TRACE = "loader_trace_id"
#: of every request, in seconds
READ_TIMEOUT_S = 110.0
#: how a load may be run: with the key from the start, holding or resending without it,
#: or without it until somebody runs ``prepare``
MODES = ("key", "hold", "resend", "prepared")


@dataclass(frozen=True, slots=True)
class LifePlan:
    """One process. Everything after ``visible`` of the source comes later."""

    visible: int
    keyed: bool
    #: the user said so; it counts while there is no trace property
    said_resend: bool
    batch_size: int
    workers: int
    rate: str
    patience_s: float
    #: how long a commit takes at most, in seconds
    commit_s: float
    slow_source: float
    blows: Mapping[tuple[str, int], Blow]
    #: the disk fails at the n-th commit
    disk: tuple[int, DiskFault] | None
    #: time until the next life, in seconds
    rest_s: float
    calm: bool = False

    @property
    def resend(self) -> bool:
        """Records in doubt are sent again unasked."""
        return self.said_resend and not self.keyed


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole schedule; the last life is calm."""

    seed: int
    mode: str
    by_key: bool
    lines: tuple[Line, ...]
    lives: tuple[LifePlan, ...]
    style: Style
    weather: Weather
    keeps_values: bool
    first_id: int


def draw(seed: int, mode: str | None = None) -> Plan:
    """Draw the plan of a seed."""
    rng = random.Random(seed)
    drawn = rng.choices(MODES, (6, 2, 1, 1))[0]
    mode = mode or drawn
    by_key = happens(rng, 0.3)
    lines = draw_lines(rng, keyed=mode == "key", by_key=by_key)
    return Plan(
        seed=seed,
        mode=mode,
        by_key=by_key,
        lines=lines,
        lives=_draw_lives(rng, mode, lines),
        style=_draw_style(rng),
        weather=draw_weather(rng),
        keeps_values=happens(rng, 0.5),
        first_id=rng.choice((1, 1000, 98_765_432_100)),
    )


def _draw_style(rng: random.Random) -> Style:
    return Style(
        echo=happens(rng, 0.6),
        whole=happens(rng, 0.25),
        read_missing=rng.choice(("omit", "omit", "errors", "empty", "404")),
        quota=rng.choice((None, None, Rate(100, 10.0), Rate(10, 1.0), Rate(5, 2.0))),
        tells_quota=happens(rng, 0.5),
        stalls=rng.choice((0.0, 0.0, 0.05, 0.2)),
        archives=rng.choice((0.0, 0.0, 0.1, 0.3)),
    )


def _draw_lives(
    rng: random.Random, mode: str, lines: Sequence[Line]
) -> tuple[LifePlan, ...]:
    count = rng.choice((1, 1, 1, 2, 2, 4))
    visible = _draw_growth(rng, lines, count)
    prepared_from = rng.randint(1, count) if mode == "prepared" else 0
    resend = mode == "resend" or (mode == "prepared" and happens(rng, 0.3))
    keyed_from = {"key": 0, "prepared": prepared_from}.get(mode, count + 1)
    lives = [
        draw_life(rng, visible[n], keyed=n >= keyed_from, resend=resend)
        for n in range(count)
    ]
    last = draw_life(rng, lines[-1].end, keyed=count >= keyed_from, resend=resend)
    return (*lives, replace(last, blows={}, disk=None, calm=True))


def _draw_growth(
    rng: random.Random, lines: Sequence[Line], count: int
) -> Sequence[int]:
    """Draw how much of the source each life sees; the last line may lack its break."""
    if happens(rng, 0.7):
        return [lines[-1].end] * count
    ends: list[int] = []
    for number in sorted(rng.randrange(len(lines)) for _ in range(count)):
        line = lines[number]
        cut = line.kind is not Kind.BLANK and happens(rng, 0.4)
        ends.append(line.offset + len(line.raw.rstrip(b"\r\n")) if cut else line.end)
    return sorted(ends)


def draw_life(
    rng: random.Random, visible: int, *, keyed: bool, resend: bool
) -> LifePlan:
    """Draw a process, and where it is cut off."""
    disk = None
    if happens(rng, 0.08):
        disk = (rng.randint(0, 25), rng.choice(tuple(DiskFault)))
    return LifePlan(
        visible=visible,
        keyed=keyed,
        said_resend=resend,
        batch_size=rng.randint(1, 10),
        workers=rng.randint(1, 6),
        rate=rng.choice(("auto", "none", "none", "20/1s", "5/1s")),
        patience_s=rng.choice((30.0, 120.0, 600.0)),
        commit_s=rng.choice((0.0, 0.002, 0.05, 1.0)),
        slow_source=rng.choice((0.0, 0.0, 0.1, 0.4)),
        blows=_draw_blows(rng),
        disk=disk,
        rest_s=rng.random() * rng.choice((0.1, 10.0, 1000.0)),
    )


def _draw_blows(rng: random.Random) -> dict[tuple[str, int], Blow]:
    """Draw where a process is stopped, killed, or loses its power: often nowhere."""
    blows: dict[tuple[str, int], Blow] = {}
    if happens(rng, 0.8):
        blow = Blow.POWER if happens(rng, 0.3) else Blow.KILL
        blows[_draw_point(rng)] = blow
    if happens(rng, 0.25):
        blows[_draw_point(rng)] = Blow.INTERRUPT
    return blows


def _draw_point(rng: random.Random) -> tuple[str, int]:
    place = rng.choice(PLACES)
    return place, 1 if place.startswith(("bind", "plan", "write")) else rng.randint(
        1, 9
    )


def rate_of(plan: LifePlan) -> Rate | None:
    """Return the rate of a life."""
    return parse_rate(plan.rate)


def promise(plan: LifePlan) -> Promise:
    """Return the promise that a life can keep."""
    policy = InDoubtPolicy.RESEND if plan.said_resend else InDoubtPolicy.HOLD
    return promise_of(TRACE if plan.keyed else None, policy)
