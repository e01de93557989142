r"""Why a line cannot be sent: the codes, and the words for them.

=====================  ==================================================
reason                 the line
=====================  ==================================================
NOT_UTF8               is not UTF-8
NOT_JSON               is not one JSON value (``NaN`` and ``Infinity`` are none)
LONE_SURROGATE         has half of a ``\ud83d\ude00`` pair, which no UTF-8 can hold
TOO_DEEP               nests deeper than 100 levels
NUMBER_OUT_OF_RANGE    has a number that no double holds, or over 4,300 digits
NOT_AN_OBJECT          is JSON, but no object
NO_PROPERTIES          has no object ``properties``
PROPERTY_TYPE          has a property that is no string, number, boolean or null
PROPERTY_TOO_LONG      has a property above HubSpot's limit
NO_TIMESTAMP           has no ``hs_timestamp``
ASSOCIATION_SHAPE      has an association that is not of HubSpot's form
ASSOCIATION_CATEGORY   has an association of no category that HubSpot knows
TRACE_ID_FORMAT        has an ``objectWriteTraceId`` that cannot be one
TRACE_PROPERTY_SET     sets the trace property to something of its own
KEY_MISSING            lacks the property that ``--key`` names
LINE_TOO_LONG          is longer than ``--max-line-bytes`` (found while reading)
DUPLICATE_ID           has the ID of an earlier line (found by the ledger)
=====================  ==================================================

Messages name fields, types, lengths and places, never a value: values are personal.
"""

from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_NAME_CHARACTERS = 60


class Unfit(Exception):
    """The line cannot be sent; a reason code and a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def shown(name: str) -> str:
    """Return a name fit for a message: printable, at most 60 characters."""
    text = "".join(each if each.isprintable() else "?" for each in name[:61])
    return text if len(text) <= _NAME_CHARACTERS else f"{text[:57]}..."


def kind(value: Json) -> str:
    """Say what a value is, and nothing of what it says."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            return "a number"
