"""The frontier in any order of settlement."""

from hypothesis import given
from hypothesis import strategies as st

from loader.model.frontier import Frontier
from loader.model.record import Span


@given(st.permutations(range(12)), st.integers(0, 12))
def test_the_frontier_is_the_end_of_the_settled_prefix(order: list[int], settled: int):
    """Never over a gap, never behind what is settled."""
    frontier = Frontier(0)
    done: set[int] = set()
    for number in order[:settled]:
        frontier.settle(Span(number * 10, number * 10 + 10))
        done.add(number)
    expected = next(n for n in range(13) if n not in done)

    assert frontier.offset == expected * 10
    assert frontier.waiting == len(done) - expected
