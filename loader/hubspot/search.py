"""The search for calls that may be a record in doubt.

Search looks into an index that lags behind: what it finds exists, what it does not find
may exist all the same.
"""

from collections.abc import Collection, Sequence

import msgspec

from loader.model.verdict import Failed, Halt, Wait

from .answers import NOT_JSON
from .likeness import instant
from .objects import CallElement
from .raw import RawAnswer
from .refusal import READ_SCOPE, judge_common

#: calls that a search returns at most
MOST = 100
#: HubSpot takes bodies of 3,000 characters; so many are left for names of properties
_NAMES = 2_000


class _Page(msgspec.Struct, frozen=True):
    results: list[CallElement]


_decode = msgspec.json.Decoder(_Page).decode


def moments(timestamp: str) -> list[str]:
    """Return the forms in which a portal may have a time: milliseconds, and as sent."""
    milliseconds = instant(timestamp)
    forms = [timestamp] if milliseconds is None else [str(milliseconds), timestamp]
    return list(dict.fromkeys(forms))


def search_body(moment: str, properties: Collection[str]) -> dict[str, object]:
    """Write the body of a search for the calls of one moment."""
    wanted = {"propertyName": "hs_timestamp", "operator": "EQ", "value": moment}
    names: list[str] = []
    for name in ("hs_timestamp", *sorted(properties)):
        if sum(map(len, names)) + 3 * len(names) < _NAMES and name not in names:
            names.append(name)
    return {
        "filterGroups": [{"filters": [wanted]}],
        "properties": names,
        "limit": MOST,
    }


def judge_search(answer: RawAnswer) -> Sequence[CallElement] | Wait | Halt | Failed:
    """Read a page of calls; a portal that does not take the form of a time has none."""
    common = judge_common(answer, READ_SCOPE)
    if common is not None:
        return common
    if answer.status == 400:  # noqa: PLR2004 - HTTP
        return ()
    if answer.status != 200 or not answer.is_json:  # noqa: PLR2004 - HTTP
        return Failed(f"HTTP {answer.status}")
    try:
        return _decode(answer.body).results
    except NOT_JSON:
        return Failed(f"HTTP {answer.status} with an odd body")
