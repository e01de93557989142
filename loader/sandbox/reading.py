"""The counter where calls are read and archived, in batches."""

from collections.abc import Sequence

import msgspec

from .premises import Premises
from .refusals import check_size, invalid, read_body
from .shown import answer_batch, show_call
from .wire import (
    Answer,
    ArchiveBody,
    BatchError,
    CallResult,
    ObjectId,
    ReadBody,
    Request,
)

_read_body = msgspec.json.Decoder(ReadBody)
_archive_body = msgspec.json.Decoder(ArchiveBody)
#: SQLite's largest integer; no call has a longer ID
_MAX_ID = 2**63 - 1


class Reading:
    """Performs ``batch/read`` and ``batch/archive``."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._scenario = premises.scenario
        self._store = premises.store

    def read(self, request: Request) -> Answer:
        """Show the calls that are there, by ID or by a unique property."""
        body = read_body(request, _read_body)
        check_size(request, len(body.inputs))
        archived = request.query.get("archived", "false") == "true"
        wanted = [str(each.id) for each in body.inputs]
        by = body.id_property
        known = None if by is None else self._premises.schema.find(by)
        if by is not None and (known is None or not known.has_unique_value):
            return self._not_unique(request, by)
        now = self._premises.now()
        ids = self._ids(wanted, by, archived=archived)
        until = now - round(self._scenario.read_lag_ms)
        calls = {
            each.id: each
            for each in self._store.calls(
                list(ids.values()), archived=archived, until=until
            )
        }
        missing = [each for each in wanted if ids.get(each) not in calls]
        schema = self._premises.schema
        names = [each for each in body.properties or () if schema.find(each)]
        results = [show_call(each, names) for each in calls.values()]
        return self._answer_read(results, missing, now)

    def archive(self, request: Request) -> Answer:
        """Take calls out of sight; those that are not there do not matter."""
        inputs = read_body(request, _archive_body).inputs
        check_size(request, len(inputs))
        self._store.archive(_numbers(inputs), self._premises.now())
        return Answer(204)

    def _not_unique(self, request: Request, name: str) -> Answer:
        portal_id = self._premises.portal_id
        return invalid(
            request,
            f"Unable to perform read by non-unique 0-48 property {name} "
            f"in portal ID {portal_id}",
        )

    def _ids(
        self, wanted: Sequence[str], by: str | None, *, archived: bool
    ) -> dict[str, int]:
        """Find the ID behind each of the wanted names."""
        if by is None:
            named = {each: number_of(each) for each in wanted}
            return {each: found for each, found in named.items() if found is not None}
        keys = {each: self._premises.comparable(each) for each in wanted}
        found = dict(self._store.holders(by, list(keys.values()), archived=archived))
        return {each: found[key] for each, key in keys.items() if key in found}

    def _answer_read(
        self, results: list[CallResult], missing: list[str], now: int
    ) -> Answer:
        """Say what is not there in the way that the scenario wants it."""
        how = self._scenario.read_missing
        if not missing or how == "omit":
            return answer_batch(200, results, [], now)
        if how == "empty":
            return answer_batch(207, [], [], now)
        error = BatchError(
            "Could not get some CALL objects, they may be deleted or not exist. "
            "Check that ids are valid.",
            "OBJECT_NOT_FOUND",
            {"ids": tuple(missing)},
        )
        return answer_batch(207, results, [error], now)


def _numbers(inputs: Sequence[ObjectId]) -> list[int]:
    found = (number_of(str(each.id)) for each in inputs)
    return [each for each in found if each is not None]


def number_of(text: str) -> int | None:
    """Read the ID of a call; None where no call can have it."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= _MAX_ID else None
