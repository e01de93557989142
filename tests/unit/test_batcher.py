"""Lines to batches: bounds, and spans without a gap."""

from itertools import pairwise

from loader.model.record import Blank, CallRecord, Duplicate, Malformed, Span
from loader.pipeline.batcher import WIRE_OVERHEAD, Batcher, Bounds, batch_of
from tests.conftest import records


def test_a_batch_is_sealed_when_it_has_its_inputs():
    """The hundredth record completes a batch; the rest waits."""
    batcher = Batcher(Bounds(inputs=100))
    sealed = batcher.feed(records(250))
    rest = batcher.seal()

    assert [len(batch.records) for batch in sealed + rest] == [100, 100, 50]
    assert batcher.is_empty


def test_a_batch_is_bounded_in_bytes_but_its_first_record_always_fits():
    """A single record above the bound goes alone."""
    one = records(1)[0]
    weight = len(one.content) + WIRE_OVERHEAD
    batcher = Batcher(Bounds(inputs=100, body_bytes=weight + 50))
    sealed = batcher.feed(records(3)) + batcher.seal()

    assert [len(batch.records) for batch in sealed] == [1, 1, 1]


def test_spans_follow_each_other_without_a_gap():
    """Every byte of the source is in exactly one span."""
    batcher = Batcher(Bounds(inputs=7))
    sealed = batcher.feed(records(40)) + batcher.seal()

    assert sealed[0].span.start == 0
    assert all(left.span.end == right.span.start for left, right in pairwise(sealed))


def test_what_is_no_record_travels_in_the_span_of_its_neighbours():
    """Malformed, repeated and blank lines belong to the span, not to the request."""
    first = records(1)[0]
    at = first.size
    items = [
        first,
        Malformed(2, at, 4, "NOT_JSON", "m", b"bad\n"),
        Duplicate(3, at + 4, 1, first.trace_id, b"dup\n"),
        Blank(4, at + 8, b"\n"),
    ]
    batch = batch_of(items)

    assert batch.span == Span(0, at + 9)
    assert (batch.first_line, batch.end_line, batch.lines) == (1, 5, 3)


def test_a_line_too_long_to_keep_has_a_span_of_its_own():
    """Its digest was made while it was read, so no neighbour can share the span."""
    one, two = records(2)
    long = Malformed(2, one.size, 999, "LINE_TOO_LONG", "m", b"", digest=b"d" * 8)
    batcher = Batcher(Bounds())
    sealed = batcher.feed([one, long]) + batcher.feed([two]) + batcher.seal()

    assert [batch.digest == b"d" * 8 for batch in sealed] == [False, True, False]


def test_a_blank_line_too_long_to_keep_has_a_span_of_its_own_too():
    """No record and no line, but a digest that its neighbours cannot share."""
    one, two = records(2)
    blank = Blank(2, one.size, b"", length=999, digest=b"d" * 8)
    batcher = Batcher(Bounds())
    sealed = batcher.feed([one, blank, two]) + batcher.seal()

    assert [batch.digest == b"d" * 8 for batch in sealed] == [False, True, False]
    assert sealed[1].span.size == 999
    assert sealed[1].lines == 0


def test_spans_without_records_are_sealed_too():
    """A file of nothing but blank lines still moves the frontier."""
    batcher = Batcher(Bounds())
    sealed = batcher.feed([Blank(n + 1, n, b"\n") for n in range(2500)])

    assert [batch.span.size for batch in sealed] == [1000, 1000]


def test_what_was_collected_can_be_forgotten():
    """On a stop it stays unread."""
    batcher = Batcher(Bounds())
    batcher.feed(records(3))
    batcher.clear()

    assert batcher.seal() == []


def test_the_line_break_a_growing_file_adds_is_not_counted_as_a_line():
    """It belongs to the line before, which has its own row already."""
    record = records(1, first=11)[0]
    batch = batch_of([Blank(10, 0, b"\n"), record])

    assert (batch.first_line, batch.end_line) == (11, 12)
    assert isinstance(batch.records[0], CallRecord)
