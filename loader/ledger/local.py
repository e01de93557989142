"""Rows of lines that are settled without a request: rejected here, repeated, known."""

from loader.model.batch import Batch
from loader.model.outcome import State


def local_rows(batch: Batch) -> list[tuple[object, ...]]:
    """Return the parameters of ``insert_local`` for each such line of a batch."""
    rows: list[tuple[object, ...]] = [
        (m.line, m.offset, m.trace_id, State.REJECTED, None, m.reason, m.message, None,
         m.raw)
        for m in batch.malformed
    ]  # fmt: skip
    rows += [
        (d.line, d.offset, d.trace_id, "duplicate", None, None, None, d.first_line,
         d.raw)
        for d in batch.duplicates
    ]  # fmt: skip
    rows += [
        (k.line, k.offset, k.trace_id, State.EXISTING, k.object_id, None, None, None,
         None)
        for k in batch.known
    ]  # fmt: skip
    return rows
