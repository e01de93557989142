"""Rows of rejected.ndjson, as a person and his editor leave them."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import call

Rows = list[dict[str, Any]]


def read_rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text().splitlines()]


def corrected(rows: Rows) -> Rows:
    """Give each row the record that its line should have been."""
    return [row | {"record": call(row["line"])} for row in rows]


def as_lines(rows: Rows) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def reordered(rows: Rows) -> bytes:
    return as_lines([dict(sorted(row.items())) for row in reversed(rows)])


def pretty(rows: Rows) -> bytes:
    return "\n".join(json.dumps(row, indent=2) for row in rows).encode()


def from_windows(rows: Rows) -> bytes:
    return b"\xef\xbb\xbf" + as_lines(rows).replace(b"\n", b"\r\n")


def an_array(rows: Rows) -> bytes:
    return json.dumps(rows, indent="\t").encode()


def a_row_a_line_in_an_array(rows: Rows) -> bytes:
    return b"[\n" + as_lines(rows).rstrip().replace(b"\n", b",\n") + b"\n]\n"
