"""How far the source has settled without a gap."""

import pytest

from loader.model.frontier import Frontier
from loader.model.record import Span


def test_only_the_gap_free_prefix_counts():
    """Spans ahead of a gap wait; closing it takes them all."""
    frontier = Frontier(0)

    assert frontier.settle(Span(10, 20)) == 0
    assert frontier.settle(Span(30, 40)) == 0
    assert frontier.settle(Span(0, 10)) == 20
    assert frontier.waiting == 1


@pytest.mark.parametrize("span", [Span(0, 5), Span(5, 12)])
def test_a_span_cannot_settle_twice(span):
    """An overlap is a mistake of ours, not a fact."""
    frontier = Frontier(0)
    frontier.settle(Span(0, 10))

    with pytest.raises(ValueError, match="frontier"):
        frontier.settle(span)


def test_an_overlap_ahead_of_the_frontier_is_found_too():
    """Two spans that share bytes cannot both be right."""
    frontier = Frontier(0)
    frontier.settle(Span(10, 20))
    frontier.settle(Span(15, 25))

    with pytest.raises(ValueError, match="overlaps"):
        frontier.settle(Span(0, 10))
