"""Associations of calls read back: which questions, and what their answers say.

``batch/read`` of calls shows no associations. There are two ways to them: a request per
call (``GET …/calls/ID?associations=``), or the batch of the associations API, which
takes 1,000 calls for one type of object at the other end: a thousandth of them. So the
types of a record's associations are sorted by the object that they lead to: by
HubSpot's published table, else by what the portal lists as its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from loader.model.verdict import Failed, Halt, Unclear, Wait

from .answers import NOT_JSON, error_elements
from .objects import Envelope, complete, unexplained
from .raw import RawAnswer, asked_wait
from .refusal import judge_common, word

#: HubSpot's own types of association from a call, and the object at the other end
PUBLISHED: Mapping[int, str] = {
    194: "contacts", 182: "companies", 206: "deals", 220: "tickets", 597: "0-136",
    773: "0-123", 913: "0-421", 867: "0-410", 891: "0-420", 841: "0-162",
    1156: "0-19", 1258: "0-970",
}  # fmt: skip
#: calls that one request may ask for
MOST_CALLS = 1000
#: pages of one call's associations that are read at most
MOST_PAGES = 100
_OK = (200, 201, 207)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of association."""

    category: str
    type_id: int


class _Type(msgspec.Struct, frozen=True):
    category: str
    typeId: int  # noqa: N815 - HubSpot's name

    @property
    def kind(self) -> Kind:
        return Kind(self.category, self.typeId)


class _To(msgspec.Struct, frozen=True):
    toObjectId: str | int  # noqa: N815 - HubSpot's name
    associationTypes: list[_Type]  # noqa: N815 - HubSpot's name


class _From(msgspec.Struct, frozen=True):
    id: str | int


class _Next(msgspec.Struct, frozen=True):
    after: str | None = None


class _Paging(msgspec.Struct, frozen=True):
    next: _Next | None = None


class _Result(msgspec.Struct, frozen=True):
    from_: _From = msgspec.field(name="from")
    to: list[_To]
    paging: _Paging | None = None


class _Links(Envelope, frozen=True, kw_only=True):
    results: list[_Result]


class _Labels(msgspec.Struct, frozen=True):
    results: list[_Type]


@dataclass(frozen=True, slots=True)
class Linked:
    """What calls are associated with; a call that is not in it has nothing."""

    #: call to record to types
    targets: Mapping[str, Mapping[str, frozenset[Kind]]]
    #: calls of which there is more, and where it goes on
    after: Mapping[str, str]


LinkedVerdict = Linked | Unclear | Failed | Wait | Halt

_decode = msgspec.json.Decoder(_Links).decode
_decode_labels = msgspec.json.Decoder(_Labels).decode


def links_body(object_ids: Sequence[str], after: Mapping[str, str]) -> object:
    """Write the body of ``batch/read`` of associations."""
    return {
        "inputs": [
            {"id": each} | ({"after": after[each]} if each in after else {})
            for each in object_ids
        ]
    }


def judge_links(answer: RawAnswer, object_ids: Sequence[str], to: str) -> LinkedVerdict:
    """Say what an answer knows of the associations of these calls; total."""
    try:
        if answer.status in _OK:
            return _judge_linked(answer, object_ids)
        return _judge_refusal(answer, to)
    except Exception as error:  # noqa: BLE001 - total: the default is "ask again"
        return Failed(f"HTTP {answer.status}, and {type(error).__name__} in reading it")


def _judge_linked(answer: RawAnswer, object_ids: Sequence[str]) -> LinkedVerdict:
    envelope = complete(answer, _decode)
    if isinstance(envelope, str):
        return Failed(envelope)
    names = [str(each.from_.id) for each in envelope.results]
    if len(set(names)) < len(names) or not set(names) <= set(object_ids):
        return Failed("the read has a call twice, or one that was not asked for")
    errors = list(error_elements(envelope.errors, answer.correlation_id))
    fault = unexplained(envelope, errors)
    if fault and len(names) < len(object_ids):
        return Failed(fault)
    results = dict(zip(names, envelope.results, strict=True))
    return Linked(
        targets={name: _targets(each) for name, each in results.items()},
        after={
            name: each.paging.next.after
            for name, each in results.items()
            if each.paging and each.paging.next and each.paging.next.after
        },
    )


def _targets(result: _Result) -> dict[str, frozenset[Kind]]:
    found: dict[str, frozenset[Kind]] = {}
    for each in result.to:
        kinds = frozenset(one.kind for one in each.associationTypes)
        record = str(each.toObjectId)
        found[record] = found.get(record, frozenset()) | kinds
    return found


def _judge_refusal(answer: RawAnswer, to: str) -> Unclear | Failed | Wait | Halt:
    common = judge_common(answer, f"to read {to} and calls")
    if common is not None:
        return common
    error = answer.error()
    if answer.status == 400 and error is not None:  # noqa: PLR2004 - HTTP
        return Unclear(f"HTTP 400 {word(error.category)}")
    return Failed(f"HTTP {answer.status}", at_least_s=asked_wait(answer))


def judge_labels(
    answer: RawAnswer,
) -> frozenset[Kind] | Failed | Wait | Halt:
    """Read which types of association there are; none where there is no such object."""
    try:
        if answer.status == 200 and answer.is_json:  # noqa: PLR2004 - HTTP
            listed = _decode_labels(answer.body).results
            return frozenset(each.kind for each in listed)
        if answer.status in (400, 403, 404):
            return frozenset()
        common = judge_common(answer)
    except NOT_JSON:
        return Failed("the list of association types cannot be read")
    return common if common is not None else Failed(f"HTTP {answer.status}")
