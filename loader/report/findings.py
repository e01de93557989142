"""Rows of ``differences.ndjson``: what a verification found."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from loader.model.proof import Difference, Finding


def finding_row(finding: Finding, *, with_data: bool) -> dict[str, Any]:
    """Return a row; the values, which are somebody's data, only on demand."""
    row: dict[str, Any] = {
        "line": finding.line,
        "offset": finding.offset,
        "objectWriteTraceId": finding.trace_id,
        "id": finding.object_id,
        "standing": finding.standing.value,
    }
    if finding.differences:
        row["differences"] = [
            _difference(each, with_data=with_data) for each in finding.differences
        ]
    return row


def _difference(difference: Difference, *, with_data: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "what": difference.what,
        "name": difference.name,
        "how": difference.how,
    }
    if with_data and difference.sent is not None:
        row |= {"sent": difference.sent, "found": difference.found}
    return row


def finding_rows(findings: Iterable[Finding], *, with_data: bool) -> Iterator[bytes]:
    """Give each row as a JSON line."""
    for each in findings:
        row = finding_row(each, with_data=with_data)
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
