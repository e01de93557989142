"""The portal's own truth: which calls there are, and which of them are one too many."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .store import Call, Store
from .wire import Association


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as the portal keeps it."""

    id: str
    #: the objectWriteTraceId of the request that made it; no answer need ever show it
    trace_id: str | None
    properties: dict[str, str]
    associations: tuple[Association, ...]
    archived: bool
    #: Unix milliseconds
    created_at: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Calls that share what no two of them should."""

    #: ``objectWriteTraceId``, or the name of a property
    key: str
    value: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What there is, live and archived together unless it says otherwise."""

    portal_id: int
    objects: int
    archived: int
    #: late requests that have not been performed yet
    waiting: int
    #: calls per objectWriteTraceId they were created with
    by_trace_id: dict[str, int]
    #: calls per value of each trace property
    by_value: dict[str, dict[str, int]]
    duplicates: tuple[Duplicate, ...]

    @property
    def live(self) -> int:
        """Calls that are not archived."""
        return self.objects - self.archived


def audit(state: Path, *properties: str) -> Audit:
    """Count what a portal has, also while it is being served.

    Args:
        state: the portal's file.
        properties: which properties no two calls should share a value of; without any,
            the portal's unique ones.

    Raises:
        StateError: there is no portal's state in this file.
    """
    with closing(Store.look(state)) as store:
        return audit_store(store, *properties)


def read_calls(state: Path) -> Iterator[StoredCall]:
    """Give every call of a portal, archived ones too, in order of their IDs.

    Raises:
        StateError: there is no portal's state in this file.
    """
    with closing(Store.look(state)) as store:
        yield from stored_calls(store)


def audit_store(store: Store, *properties: str) -> Audit:
    """Count what there is in an open store."""
    names = properties or store.unique_names()
    objects, archived = store.count()
    by_trace_id = store.by_trace_id()
    by_value = {name: store.by_value(name) for name in names}
    return Audit(
        portal_id=store.portal_id(),
        objects=objects,
        archived=archived,
        waiting=store.waiting()[1],
        by_trace_id=by_trace_id,
        by_value=by_value,
        duplicates=tuple(_duplicates(store, by_trace_id, by_value)),
    )


def stored_calls(store: Store) -> Iterator[StoredCall]:
    """Give every call of an open store."""
    return map(_stored, store.all_calls())


def _stored(call: Call) -> StoredCall:
    return StoredCall(
        id=str(call.id),
        trace_id=call.trace_id,
        properties=call.read_properties(),
        associations=call.read_associations(),
        archived=call.archived_at is not None,
        created_at=call.created_at,
    )


def _duplicates(
    store: Store, by_trace_id: dict[str, int], by_value: dict[str, dict[str, int]]
) -> Iterator[Duplicate]:
    for trace_id in _repeated(by_trace_id):
        ids = store.ids_of_trace_id(trace_id)
        yield Duplicate("objectWriteTraceId", trace_id, tuple(map(str, ids)))
    for name, counts in by_value.items():
        for value in _repeated(counts):
            ids = store.ids_of_value(name, value)
            yield Duplicate(name, value, tuple(map(str, ids)))


def _repeated(counts: dict[str, int]) -> list[str]:
    return [each for each, count in counts.items() if count > 1]
