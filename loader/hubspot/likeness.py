"""Which record a result without a name is, where the portal echoes neither name.

A portal may trim a text, write a number in another way, leave out a property that it
does not know, or fill in one that was not sent; and it may pass over a record without a
word. So a result *may be* a record when nothing it says contradicts what we sent: each
property came back loosely equal, or not at all, or is one that the portal may have
filled in for all. It *is* the record when

* every property came back exactly, and none that only other records have;
* it may be no other content (content includes the associations, which no answer shows);
* no more results than records may be that content.

Everything else stays in doubt. Identical records are interchangeable.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from .answers import ResultElement

#: every record has one, and it tells most of them apart
_TIMESTAMP = "hs_timestamp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_MILLISECONDS = re.compile(r"\d{1,15}", re.ASCII)

#: a value without what a portal may change about it; None for no value
Loose = str | float | None


class _Content(msgspec.Struct, frozen=True):
    properties: dict[str, str]


_decode_content = msgspec.json.Decoder(_Content).decode


@dataclass(frozen=True, slots=True)
class _Sent:
    """One content, and who has it. What changes: the results that may be it."""

    properties: Mapping[str, str]
    loose: Mapping[str, Loose]
    positions: Sequence[int]
    likely: list["_Returned"] = field(default_factory=list["_Returned"])


@dataclass(frozen=True, slots=True)
class _Returned:
    """One result. What changes: the contents that it may be."""

    object_id: str
    properties: Mapping[str, object]
    loose: dict[str, Loose]
    likely: list[_Sent] = field(default_factory=list[_Sent])

    def may_be(self, sent: _Sent) -> bool:
        """Nothing that came back contradicts what was sent."""
        mine = self.loose
        return all(
            mine[name] in (None, value)
            for name, value in sent.loose.items()
            if value is not None
        )

    def is_exactly(self, sent: _Sent) -> bool:
        """All that was sent came back, and nothing that only others sent."""
        return all(
            _same(name, sent.properties.get(name), self.properties.get(name))
            for name in self.loose
        )


def recognise(
    waiting: Mapping[bytes, Sequence[int]], elements: Sequence[ResultElement]
) -> Iterator[tuple[int, str]]:
    """Give position and object ID of each record that a result surely is.

    ``waiting`` maps a content to the positions of the records that have it and that no
    element names.
    """
    if not elements:
        return
    contents = [_sent(content, waiting[content]) for content in waiting]
    names = sorted({name for each in contents for name in each.properties})
    results = [_returned(element, names) for element in elements]
    for name in names:
        if name != _TIMESTAMP and _is_the_portals_own(name, contents, results):
            for each in results:
                each.loose[name] = None
    _compare(contents, results)
    for sent in contents:
        if len(sent.likely) > len(sent.positions):
            continue
        same = [
            result
            for result in sent.likely
            if len(result.likely) == 1 and result.is_exactly(sent)
        ]
        for position, result in zip(sent.positions[: len(same)], same, strict=True):
            yield position, result.object_id


def _sent(content: bytes, positions: Sequence[int]) -> _Sent:
    properties = _decode_content(content).properties
    loose = {name: _loosely(name, value) for name, value in properties.items()}
    return _Sent(properties, loose, positions)


def _is_the_portals_own(
    name: str, contents: Sequence[_Sent], results: Sequence[_Returned]
) -> bool:
    """Tell whether a property may say of the portal what it says, and not of a record.

    All results have one value, where not all records were sent with it: whoever fills
    it in for all may have put it in the place of another, and it tells nobody apart.
    """
    found = {each.loose[name] for each in results}
    sent = {each.loose.get(name) for each in contents}
    return len(found) == 1 and None not in found and len(sent) > 1


def _returned(element: ResultElement, names: Sequence[str]) -> _Returned:
    properties = element.properties or {}
    loose = {name: _loosely(name, properties.get(name)) for name in names}
    return _Returned(element.object_id, properties, loose)


def _compare(contents: Sequence[_Sent], results: Sequence[_Returned]) -> None:
    """Note on both sides who may be whom; only equal times need a closer look."""
    by_time: defaultdict[Loose, list[_Sent]] = defaultdict(list)
    for sent in contents:
        by_time[sent.loose.get(_TIMESTAMP)].append(sent)
    for result in results:
        for sent in by_time.get(result.loose.get(_TIMESTAMP), ()):
            if result.may_be(sent):
                result.likely.append(sent)
                sent.likely.append(result)


def _loosely(name: str, value: object) -> Loose:
    """Return what two values have in common that a portal may make equal."""
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if name == _TIMESTAMP:
        moment = instant(text)
        if moment is not None:
            return moment
    folded = " ".join(text.split()).casefold()
    return float(folded) if _NUMBER.fullmatch(folded) else folded or None


def _same(name: str, sent: str | None, returned: object) -> bool:
    if returned == sent:
        return True
    if not sent or returned is None:
        return not sent and returned in (None, "")  # an empty value is no value
    if name != _TIMESTAMP or not isinstance(returned, str):
        return False
    moment = instant(sent)
    return moment is not None and moment == instant(returned)


def instant(text: str) -> int | None:
    """Return milliseconds since 1970 of either form that HubSpot documents."""
    if _MILLISECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
