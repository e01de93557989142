"""How far workers may be ahead of what is settled: in spans, and in bytes."""

from dataclasses import replace

from loader.model.batch import Batch
from loader.model.frontier import Frontier
from loader.model.record import Span
from loader.pipeline.channel import Window
from tests.conftest import a_batch


def batches(*sizes: int) -> list[Batch]:
    """Batches one behind the other, of so many bytes each."""
    start, made = 0, []
    for size in sizes:
        made.append(replace(a_batch(1), span=Span(start, start + size)))
        start += size
    return made


def test_what_is_held_is_bounded_in_bytes():
    """Long lines: fewer batches at a time."""
    window = Window(Frontier(0), held_bytes=100)
    first, second, third = batches(60, 60, 60)
    seen = [window.has_room]
    for act in (
        lambda: window.take(first),
        lambda: window.take(second),
        lambda: window.settle(second),
        lambda: window.take(third),
        lambda: window.settle(first),
    ):
        act()
        seen.append(window.has_room)

    assert seen == [True, True, False, True, False, True]


def test_a_batch_larger_than_the_bound_still_has_its_turn():
    """Alone."""
    window = Window(Frontier(0), held_bytes=100)
    (huge,) = batches(1000)
    before = window.has_room
    window.take(huge)
    held = window.has_room
    window.settle(huge)

    assert (before, held, window.has_room) == (True, False, True)


def test_one_stuck_batch_stops_the_reader():
    """What settles behind it may wait for it, up to a number of spans."""
    window = Window(Frontier(0), size=2)
    stuck, *others = batches(10, 10, 10)
    for each in (stuck, *others):
        window.take(each)
    before = window.has_room
    for each in others:
        window.settle(each)
    waiting = window.has_room
    window.settle(stuck)

    assert (before, waiting, window.has_room) == (True, False, True)
    assert window.frontier.offset == 30
