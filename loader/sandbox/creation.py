"""The counter where calls are created, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from .premises import Premises
from .refusals import check_size, read_body, refuse
from .shown import answer_batch, show_moment
from .validate import Problem, as_iso, as_texts, clash, conflict, find_problem
from .wire import (
    Answer,
    Association,
    BatchError,
    CallResult,
    CreateBody,
    CreateInput,
    Request,
)

_create_body = msgspec.json.Decoder(CreateBody)
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Draft:
    """A call that is about to be; changes: a problem may be found."""

    id: int
    trace_id: str | None
    properties: dict[str, str]
    associations: tuple[Association, ...]
    problem: Problem | None = None


class _Failure(NamedTuple):
    """What is wrong with one input."""

    trace_id: str
    problem: Problem


class Creation:
    """Performs ``batch/create``; what changes is in the store."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._scenario = premises.scenario
        self._store = premises.store

    def create(self, request: Request) -> Answer:
        """Create the calls that are in order, or none of them.

        When every input has a trace ID of its own, each stands for itself; otherwise
        one bad input fails them all.
        """
        inputs = read_body(request, _create_body).inputs
        check_size(request, len(inputs))
        now = self._premises.now()
        drafts = self._draft(inputs)
        self._find_clashes(drafts)
        failures = self._failures(drafts)
        if failures and (self._scenario.whole_batch_errors or not _are_traced(inputs)):
            return _refuse_all(request, [each.problem for each in failures])
        results = self._insert([each for each in drafts if each.problem is None], now)
        if self._scenario.shuffle:
            self._premises.random.shuffle(results)
        status = self._scenario.partial_status if failures else 201
        return answer_batch(status, results, [_error(each) for each in failures], now)

    def _draft(self, inputs: Sequence[CreateInput]) -> list[_Draft]:
        """Judge each input by itself."""
        premises = self._premises
        drafts: list[_Draft] = []
        for number, each in zip(self._store.take_ids(len(inputs)), inputs, strict=True):
            properties = as_texts(each.properties)
            associations = each.associations or ()
            problem = find_problem(
                properties,
                associations,
                schema=premises.schema,
                associable=premises.associable,
                portal_id=premises.portal_id,
            )
            trace_id = each.object_write_trace_id
            drafts.append(_Draft(number, trace_id, properties, associations, problem))
        return drafts

    def _find_clashes(self, drafts: Sequence[_Draft]) -> None:
        """Find unique values that are taken, also by an earlier input."""
        taken: dict[str, dict[str, int]] = {}
        for name in self._premises.schema.unique:
            values = [
                self._premises.comparable(each.properties.get(name)) for each in drafts
            ]
            wanted = [each for each in values if each]
            if wanted:
                taken[name] = dict(self._store.holders(name, wanted))
        for draft in drafts:
            if draft.problem is None and taken:
                self._claim(draft, taken)

    def _claim(self, draft: _Draft, taken: dict[str, dict[str, int]]) -> None:
        """Take all unique values of a draft, or none."""
        claims = [
            (name, key, draft.properties[name])
            for name in taken
            if (key := self._premises.comparable(draft.properties.get(name)))
        ]
        for name, key, value in claims:
            holder = taken[name].get(key)
            if holder is not None:
                draft.problem = self._clash(name, value, draft.id, holder)
                return
        for name, key, _ in claims:
            taken[name][key] = draft.id

    def _clash(self, name: str, value: str, new: int, holder: int) -> Problem:
        if self._scenario.conflict == "conflict":
            return conflict(holder)
        portal_id = self._premises.portal_id
        return clash(name, value, new=new, holder=holder, portal_id=portal_id)

    def _insert(self, drafts: Sequence[_Draft], now: int) -> list[CallResult]:
        """Write the calls, and show them."""
        moment = show_moment(now)
        rows: list[tuple[object, ...]] = []
        values: list[tuple[str, str, int]] = []
        results: list[CallResult] = []
        for draft in drafts:
            properties = _encode(self._complete(draft, moment))
            associations = _encode(draft.associations).decode()
            rows.append(
                (draft.id, draft.trace_id, properties.decode(), associations, now)
            )
            for name in self._premises.schema.unique:
                value = self._premises.comparable(draft.properties.get(name))
                if value:
                    values.append((name, value, draft.id))
            results.append(self._result(draft, properties, moment))
        self._store.insert_calls(rows)
        self._store.insert_unique_values(values)
        return results

    def _complete(self, draft: _Draft, moment: str) -> dict[str, str]:
        """Add what the portal itself sets."""
        properties = draft.properties
        if self._scenario.datetimes == "iso":
            find = self._premises.schema.find
            for name, value in properties.items():
                known = find(name)
                if value and known is not None and known.type == "datetime":
                    properties[name] = as_iso(value)
        properties["hs_createdate"] = moment
        properties["hs_lastmodifieddate"] = moment
        properties["hs_object_id"] = str(draft.id)
        return properties

    def _result(self, draft: _Draft, properties: bytes, moment: str) -> CallResult:
        echoed = draft.trace_id if self._scenario.echo else None
        return CallResult(
            id=str(draft.id),
            properties=msgspec.Raw(properties),
            created_at=moment,
            updated_at=moment,
            object_write_trace_id=msgspec.UNSET if echoed is None else echoed,
        )

    def _failures(self, drafts: Sequence[_Draft]) -> list[_Failure]:
        """Gather what is wrong."""
        text = self._scenario.context_as_text
        return [
            _Failure(each.trace_id or "", problem.in_text() if text else problem)
            for each in drafts
            if (problem := each.problem) is not None
        ]


def _are_traced(inputs: Sequence[CreateInput]) -> bool:
    """Tell whether every input has a trace ID of its own."""
    trace_ids = {each.object_write_trace_id for each in inputs}
    return len(trace_ids - {None, ""}) == len(inputs)


def _refuse_all(request: Request, problems: Sequence[Problem]) -> Answer:
    """Refuse a batch without saying which of its inputs are to blame."""
    first = problems[0]
    return refuse(
        request,
        409 if first.category == "CONFLICT" else 400,
        first.category,
        first.message,
        context=dict(first.context),
        errors=tuple(detail for each in problems for detail in each.details),
    )


def _error(failure: _Failure) -> BatchError:
    """Say what is wrong with one input, naming it."""
    problem = failure.problem
    return BatchError(
        problem.message,
        problem.category,
        {"objectWriteTraceId": (failure.trace_id,), **dict(problem.context)},
        problem.details or msgspec.UNSET,
    )
