"""Builders for records and batches, and the sources that tests load."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.model.batch import Batch
from loader.model.record import CallRecord
from loader.pipeline.batcher import batch_of
from loader.source.decode import DecodeOptions, Decoder

DIGEST = "0123456789ab"


def call(number: int = 1, **properties: str) -> dict[str, Any]:
    """Return a call as a line of a source has it."""
    return {
        "properties": {
            "hs_timestamp": str(1_700_000_000_000 + number),
            "hs_call_title": f"call {number}",
            **properties,
        },
        "associations": [
            {
                "to": {"id": str(number)},
                "types": [
                    {
                        "associationCategory": "HUBSPOT_DEFINED",
                        "associationTypeId": 194,
                    }
                ],
            }
        ],
    }


def a_line(number: int = 1, **properties: str) -> bytes:
    """Return a call as a line with its line break."""
    return json.dumps(call(number, **properties)).encode() + b"\n"


def records(number: int, first: int = 1) -> list[CallRecord]:
    """Return consecutive records, as a source gives them."""
    decoder = Decoder(DIGEST, DecodeOptions())
    made: list[CallRecord] = []
    offset = 0
    for line in range(first, first + number):
        raw = a_line(line)
        record = decoder.decode(raw, line=line, offset=offset)
        assert isinstance(record, CallRecord)
        made.append(record)
        offset += len(raw)
    return made


def a_batch(number: int = 3) -> Batch:
    """Return a batch of consecutive records."""
    return batch_of(records(number))


def write_source(path: Path, number: int, poison: Callable[[int], Any] = call) -> Path:
    """Write a source of so many lines; ``poison`` makes each line's value or bytes."""
    with path.open("wb") as file:
        for each in range(1, number + 1):
            value = poison(each)
            line = value if isinstance(value, bytes) else json.dumps(value).encode()
            file.write(line + b"\n")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source of 250 calls."""
    return write_source(tmp_path / "calls.ndjson", 250)
