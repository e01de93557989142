"""The counter where the associations of calls are read, and their types listed."""

from collections.abc import Mapping, Sequence

import msgspec

from .links import CONTACTS, TYPES_TO, object_type
from .premises import Premises
from .reading import number_of
from .refusals import check_size, invalid, read_body
from .shown import show_moment
from .store import Call
from .wire import Answer, Association, BatchError, LinkedBody, Request, as_json

_linked_body = msgspec.json.Decoder(LinkedBody)
_MOST_INPUTS = 1000
#: records at the other end that one answer lists of a call
_PAGE = 500


class Linking:
    """Performs ``batch/read`` of associations, and ``labels``."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._store = premises.store

    def read(self, request: Request) -> Answer:
        """Show what calls are associated with; those with nothing are errors."""
        to = object_type(request.name)
        if to is None:
            return _unknown_type(request)
        inputs = read_body(request, _linked_body).inputs
        check_size(request, len(inputs), limit=_MOST_INPUTS)
        now = self._premises.now()
        calls = self._calls([str(each.id) for each in inputs], now)
        results: list[dict[str, object]] = []
        errors: list[BatchError] = []
        for each in inputs:
            call_id = str(each.id)
            found = self._links(calls.get(call_id), to)
            if found:
                results.append(_page(call_id, found, int(each.after or 0)))
            else:
                errors.append(_nothing(call_id, request.name))
        return _answer(results, errors, now)

    def labels(self, request: Request) -> Answer:
        """List the types of association between calls and another object."""
        to = object_type(request.name)
        if to is None:
            return _unknown_type(request)
        own = self._premises.scenario.association_types if to == CONTACTS else ()
        kinds = [("HUBSPOT_DEFINED", TYPES_TO[to])]
        kinds += [("USER_DEFINED", each) for each in own]
        listed = [
            {"category": category, "typeId": type_id, "label": None}
            for category, type_id in kinds
        ]
        return as_json(200, {"results": listed})

    def _calls(self, wanted: Sequence[str], now: int) -> dict[str, Call]:
        numbers = [number for each in wanted if (number := number_of(each)) is not None]
        found = self._store.calls(numbers, archived=False, until=now)
        return {str(call.id): call for call in found}

    def _links(
        self, call: Call | None, to: str
    ) -> list[tuple[str, list[dict[str, object]]]]:
        """Give each record at the other end, with the types that lead there."""
        found: dict[str, list[dict[str, object]]] = {}
        for association in call.read_associations() if call is not None else ():
            types = _types_to(association, to)
            if types:
                found.setdefault(association.to.id, []).extend(types)
        return list(found.items())


def _types_to(association: Association, to: str) -> list[dict[str, object]]:
    own = to == CONTACTS
    return [
        {
            "category": kind.association_category,
            "typeId": kind.association_type_id,
            "label": None,
        }
        for kind in association.types
        if (
            kind.association_type_id == TYPES_TO[to]
            if kind.association_category == "HUBSPOT_DEFINED"
            else own
        )
    ]


def _page(
    call_id: str, found: Sequence[tuple[str, list[dict[str, object]]]], after: int
) -> dict[str, object]:
    end = after + _PAGE
    shown: dict[str, object] = {
        "from": {"id": call_id},
        "to": [
            {"toObjectId": int(target), "associationTypes": types}
            for target, types in found[after:end]
        ],
    }
    if end < len(found):
        shown["paging"] = {"next": {"after": str(end)}}
    return shown


def _nothing(call_id: str, to: str) -> BatchError:
    context: Mapping[str, tuple[str, ...]] = {
        "fromObjectId": (call_id,),
        "fromObjectType": ("call",),
        "toObjectType": (to,),
    }
    return BatchError(
        f"No {to} is associated with call {call_id}.",
        "OBJECT_NOT_FOUND",
        dict(context),
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
    )


def _answer(
    results: list[dict[str, object]], errors: list[BatchError], now: int
) -> Answer:
    moment = show_moment(now)
    envelope: dict[str, object] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": moment,
        "completedAt": moment,
    }
    if errors:
        envelope |= {"numErrors": len(errors), "errors": errors}
    return as_json(207 if errors else 200, envelope)


def _unknown_type(request: Request) -> Answer:
    return invalid(request, f"Unable to infer object type from: {request.name}")
