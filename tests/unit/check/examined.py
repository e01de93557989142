"""Sources in memory, examined as ``check`` examines files."""

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from loader.check.examiner import Examiner
from loader.check.findings import Tally
from loader.check.forecast import Requests
from loader.model.catalogue import Catalogue
from loader.source.decode import DecodeOptions
from loader.source.lines import LineReader
from loader.source.sight import SeeingDecoder
from tests.conftest import call

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OFFLINE = Catalogue()


def examined(
    lines: Iterable[bytes | dict[str, Any]],
    catalogue: Catalogue = OFFLINE,
    *,
    key: str | None = None,
    batch_size: int = 100,
) -> Examiner:
    """Examine lines, given as bytes or as what is to be encoded."""
    raw = b"\n".join(
        each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines
    )
    examiner = Examiner(
        catalogue=catalogue,
        requests=Requests(inputs=batch_size, body_bytes=3 << 20, overhead=400),
        now=NOW,
        identifying=(key or "",),
    )
    decoder = SeeingDecoder("abc", DecodeOptions(key=key))
    reader = LineReader(io.BytesIO(raw), decoder, max_line_bytes=1 << 20)
    while chunk := reader.chunk():
        examiner.take(chunk)
    examiner.conclude()
    return examiner


def found(
    lines: Iterable[bytes | dict[str, Any]], catalogue: Catalogue = OFFLINE, **more: Any
) -> dict[str, Tally]:
    """Return what was found, by code."""
    tallies = examined(lines, catalogue, **more).findings.found()
    return {each.kind.code: each for each in tallies}


def codes_of(name: str, value: str, catalogue: Catalogue = OFFLINE) -> list[str]:
    """Return the codes for one value of one property."""
    return [*found([call(1, **{name: value})], catalogue)]
