"""Sources of realistic calls: so many lines of so many bytes, the same every time.

``python -m bench.records COUNT LINE_BYTES IDS`` writes them to standard output.
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

#: what an exported call with a short note takes
LINE_BYTES = 700
#: the property by which the source system knows a call
KEY = "hs_call_external_id"
#: a line with an empty note
SHORTEST = 600


class Ids(StrEnum):
    """Where the records have their IDs from."""

    DERIVED = "derived"
    KEY = "key"
    OWN = "own"

    @property
    def options(self) -> tuple[str, ...]:
        """Return what tells the loader."""
        return ("--key", KEY) if self is Ids.KEY else ()


_NAMES = ("Hana Sato", "Jörg Weiß", "Zoë O'Neil", "Amadou Diallo", "Eva Nováková")
_TOPICS = (
    "a renewal",
    "pricing",
    "a late delivery",
    'the \\"gold\\" plan',
    "onboarding",
)
_NOTES = (
    b"Asked for an offer by the end of the month, and for a demo with the team. ",
    b"Agreed to follow up by e-mail; the contract is with their legal department. ",
    b"Wants to know whether the new tariff applies to existing customers, too. ",
)
_STATUS = ("COMPLETED", "NO_ANSWER", "BUSY", "COMPLETED", "COMPLETED")
_HEAD = (
    '{%s"properties": {"hs_timestamp": "%d", "hs_call_title": "Call with %s about %s", '
    '"hs_call_duration": "%d", "hs_call_direction": "%s", "hs_call_status": "%s", '
    '"hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7", '
    '"hs_call_from_number": "+1555%07d", "hs_call_to_number": "+1555%07d", '
    f'"{KEY}": "CA-%09d", "hs_call_body": "<p>'
)
_TAIL = (
    b'</p>"}, "associations": [{"to": {"id": "%d"}, "types": [{"associationCategory": '
    b'"HUBSPOT_DEFINED", "associationTypeId": 194}]}]}\n'
)


def line(number: int, *, line_bytes: int = LINE_BYTES, own_id: bool = False) -> bytes:
    """Return one line; its note fills it up to so many bytes, its line break included.

    ``own_id`` gives it an ``objectWriteTraceId``, as from another system.
    """
    values = (
        f'"objectWriteTraceId": "call-{number:09d}", ' if own_id else "",
        1_717_400_000_000 + number * 61_000,
        _NAMES[number % 5],
        _TOPICS[number // 5 % 5],
        1_000 + number * 7919 % 3_600_000,
        ("INBOUND", "OUTBOUND")[number % 2],
        _STATUS[number // 3 % 5],
        number % 10**7,
        number * 31 % 10**7,
        number,
    )
    head, tail = (_HEAD % values).encode(), _TAIL % (1_000 + number % 50_000)
    room, note = max(line_bytes - len(head) - len(tail), 0), _NOTES[number % 3]
    return b"".join((head, (note * (room // len(note) + 1))[:room], tail))


def lines(count: int, line_bytes: int, ids: Ids) -> Iterator[bytes]:
    """Return so many lines."""
    for number in range(1, count + 1):
        yield line(number, line_bytes=line_bytes, own_id=ids is Ids.OWN)


def write(
    path: Path, count: int, *, line_bytes: int = LINE_BYTES, ids: Ids = Ids.DERIVED
) -> Path:
    """Write a source of so many lines."""
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(lines(count, line_bytes, ids))
    return path


if __name__ == "__main__":
    sys.stdout.buffer.writelines(
        lines(int(sys.argv[1]), int(sys.argv[2]), Ids(sys.argv[3]))
    )
