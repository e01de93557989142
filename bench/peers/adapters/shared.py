"""What every adapter does alike: read the source, and write down what the tool said."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

#: HubSpot's limit for one request
BATCH = 100
#: requests in flight, where the tool leaves that to its user
WORKERS = 8
CREATE = "/crm/v3/objects/calls/batch/create"
TOKEN = "any"  # noqa: S105 - the portal takes every one
_KEY = "hs_call_external_id"

Record = dict[str, Any]


class Report:
    """What the tool says of each record; grows, and is on disk as it grows."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "report.ndjson").open("w", encoding="utf-8")

    def tell(self, keys: Iterable[str], *, ok: bool) -> None:
        """Note records, as there or as not there."""
        for key in keys:
            self._file.write(json.dumps({"key": key, "ok": ok}) + "\n")
        self._file.flush()


def arguments() -> tuple[Path, Path, str]:
    """Return source, folder, and the portal's address."""
    source, folder = map(Path, sys.argv[1:3])
    return source, folder, os.environ["PEER_URL"]


def read_records(source: Path) -> Iterator[Record]:
    """Give the records in order."""
    with source.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def in_batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Give them as many at a time as a request can hold."""
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield batch


def key_of(record: Record) -> str:
    """Return what the source system calls this record."""
    key: str = record["properties"][_KEY]
    return key
