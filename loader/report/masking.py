"""What a portal's message says of a record, without the record's own values.

A portal quotes what it refuses: ``+49 151 … was not a valid number``. The values of the
record are known, so they are taken out wherever they stand; what remains is the reason,
the same for all records that are refused for it. Addresses and long numbers go too,
since a portal may quote what it made of a value.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import cast

import msgspec
import orjson

MASK = "•••"
#: values that are shorter stand in any sentence by chance
_SHORTEST = 2
#: of values that are longer, the beginning is looked for too: a portal may cut them
_BEGINNING = 40
#: values of a record that are looked at, its longest first
_MOST = 500
_ADDRESS = re.compile(r"[^\s\"'<>@,;:]+@[^\s\"'<>@,;:]+\.\w+")
_NUMBER = re.compile(r"\+?\d(?:[ ()/.-]{0,2}\d){5,}")
#: what numbers of lines, columns and bytes differ in
_DIGITS = re.compile(r"\b\d+\b")
#: values up to this length may be a part of any word
_SHORT = 8
_DEEP = 8


class _Fault(msgspec.Struct, frozen=True):
    """An element of the list inside HubSpot's message."""

    message: str
    name: str | None = None


_faults = msgspec.json.Decoder(list[_Fault]).decode
_LISTED = "Property values were not valid: "


def readable(message: str) -> str:
    """Return a message in words: HubSpot puts a list of JSON into some."""
    if not message.startswith(_LISTED):
        return message
    # behind the list stands what we add, such as the name that was meant
    listed, bracket, hint = message.removeprefix(_LISTED).rpartition("]")
    try:
        faults = _faults(listed + bracket)
    except msgspec.MsgspecError:
        return message
    said = (f"{each.name}: {each.message}" if each.name else each.message
            for each in faults)  # fmt: skip
    return ("; ".join(said) or message) + hint


def own_words(reason: str) -> str:
    """Return why a record is in doubt, without the words of the portal.

    They stand behind a colon, are told of a whole batch, and may quote another record
    of it, whose values are not at hand to be taken out.
    """
    ours, _, _ = reason.partition(": ")
    return ours + ")" * (ours.count("(") - ours.count(")"))


def values_of(raw: bytes) -> list[str]:
    """Return the values of a record, the longest first."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return []
    found = {text for text in _texts(record, _DEEP) if len(text) >= _SHORTEST}
    return sorted(found, key=len, reverse=True)[:_MOST]


def _texts(value: object, deep: int) -> Iterator[str]:
    """Give the values in a record; names of properties are no values."""
    if isinstance(value, str):
        text = value.strip()
        yield from (text, orjson.dumps(text)[1:-1].decode())
    elif isinstance(value, int | float):  # a boolean's word stands in many messages
        yield "" if isinstance(value, bool) else str(value)
    elif isinstance(value, dict | list) and deep:
        members = cast("dict[str, object] | list[object]", value)
        for each in members.values() if isinstance(members, dict) else members:
            yield from _texts(each, deep - 1)


def masked(message: str, values: Iterable[str]) -> str:
    """Return a message without these values, however the portal writes them."""
    for value in values:
        if value.lower() in message.lower():
            message = _pattern(value).sub(MASK, message)
        elif len(value) > _BEGINNING:
            message = _without_beginning(message, value)
    return _NUMBER.sub(MASK, _ADDRESS.sub(MASK, message))


def _pattern(value: str) -> re.Pattern[str]:
    """Match a value; a short one stands in other words, in another case, by chance."""
    text = re.escape(value)
    if value.isascii() and len(value) < _SHORT:
        text = rf"(?<!\w){text}(?!\w)"
    return re.compile(text, re.IGNORECASE if len(value) >= _SHORT // 2 else 0)


def _without_beginning(message: str, value: str) -> str:
    """Return a message without as much of a value as it has."""
    at = message.find(value[:_BEGINNING])
    if at < 0:
        return message
    pairs = zip(message[at:], value, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"{message[:at]}{MASK}{message[at + same :]}"


def likeness(message: str) -> str:
    """Return what messages for the same reason have in common."""
    return _DIGITS.sub("0", message)
