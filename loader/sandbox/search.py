"""The counter for searches: live calls by the values of their properties."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from .premises import Premises
from .refusals import Refusal, invalid, read_body
from .shown import show_call
from .store import Call
from .wire import Answer, Request, as_json

_MOST_PER_PAGE = 200
_MOST_RESULTS = 10_000
_MOST_CHARACTERS = 3_000
_MOST_GROUPS = 5
_MOST_IN_GROUP = 6
_MOST_FILTERS = 18


class _Filter(msgspec.Struct, frozen=True, rename="camel"):
    property_name: str
    operator: Literal["EQ", "NEQ", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"]
    value: str | int | float | bool | None = None
    values: tuple[str, ...] = ()

    def holds(self, properties: Mapping[str, str]) -> bool:
        """Tell whether a call fits; lists are compared in lower case."""
        value = properties.get(self.property_name) or None
        match self.operator:
            case "EQ":
                return value is not None and value == str(self.value)
            case "NEQ":
                return value is not None and value != str(self.value)
            case "IN":
                return value is not None and value.lower() in self.values
            case "NOT_IN":
                return value is not None and value.lower() not in self.values
            case "HAS_PROPERTY":
                return value is not None
            case "NOT_HAS_PROPERTY":
                return value is None


class _Group(msgspec.Struct, frozen=True, rename="camel"):
    filters: tuple[_Filter, ...]


class _Sort(msgspec.Struct, frozen=True, rename="camel"):
    property_name: str
    direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING"


class _SearchBody(msgspec.Struct, frozen=True, rename="camel"):
    filter_groups: tuple[_Group, ...] = ()
    sorts: tuple[_Sort, ...] = ()
    properties: tuple[str, ...] = ()
    limit: int = 10
    after: str | int | None = None


_search_body = msgspec.json.Decoder(_SearchBody)


class Search:
    """Looks through all live calls, as an index that lags behind would know them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def find(self, request: Request) -> Answer:
        """Give one page of the calls that fit any of the groups."""
        body = read_body(request, _search_body)
        wrong = _objection(request, body)
        if wrong is not None:
            raise Refusal(invalid(request, wrong))
        lag = round(self._premises.scenario.search_lag_s * 1000)
        known = self._premises.store.live_calls(self._premises.now() - lag)
        found = _sorted(list(_matching(known, body.filter_groups)), body.sorts)
        start = int(body.after or 0)
        end = start + body.limit
        schema = self._premises.schema
        names = [each for each in body.properties if schema.find(each)]
        results = [show_call(each, names) for each in found[start:end]]
        answer: dict[str, object] = {"total": len(found), "results": results}
        if end < len(found):
            answer["paging"] = {"next": {"after": str(end)}}
        return as_json(200, answer)


def _objection(request: Request, body: _SearchBody) -> str | None:
    """Say which limit of searches a request does not keep."""
    return _filters_objection(request, body) or _page_objection(body)


def _filters_objection(request: Request, body: _SearchBody) -> str | None:
    sizes = [len(each.filters) for each in body.filter_groups]
    if len(request.body) > _MOST_CHARACTERS:
        return f"The request body is longer than {_MOST_CHARACTERS} characters."
    if len(sizes) > _MOST_GROUPS or max(sizes, default=0) > _MOST_IN_GROUP:
        return f"At most {_MOST_GROUPS} groups of {_MOST_IN_GROUP} filters each."
    if sum(sizes) > _MOST_FILTERS:
        return f"At most {_MOST_FILTERS} filters in all."
    return None


def _page_objection(body: _SearchBody) -> str | None:
    after = str(body.after or 0)
    if not 0 < body.limit <= _MOST_PER_PAGE:
        return f"limit must be from 1 to {_MOST_PER_PAGE}."
    if not (after.isascii() and after.isdigit()):
        return f"after '{after}' is not from an earlier answer."
    if int(after) + body.limit > _MOST_RESULTS:
        return f"A query gives at most {_MOST_RESULTS} results."
    return None


def _matching(calls: Iterable[Call], groups: Sequence[_Group]) -> Iterable[Call]:
    for call in calls:
        properties = call.read_properties()
        if not groups or any(
            all(each.holds(properties) for each in group.filters) for group in groups
        ):
            yield call


def _sorted(calls: list[Call], sorts: Sequence[_Sort]) -> list[Call]:
    """Sort by the first of the orders, as text; without one, by ID."""
    if not sorts:
        return calls
    name, backwards = sorts[0].property_name, sorts[0].direction == "DESCENDING"
    return sorted(
        calls,
        key=lambda call: call.read_properties().get(name, ""),
        reverse=backwards,
    )
