"""Words, rows and files: what people and programs are told."""

import json
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loader.model.outcome import State
from loader.model.result import Result
from loader.model.summary import Corrects, Ending, Summary
from loader.report import rows
from loader.report.files import replaced
from loader.report.text import printable, promise_line, summary_lines

WROTE = rows.Wrote(load="/loads/calls.load", source="0123456789ab")


CORRECTS = Corrects(
    load="/first.load", lines=9, created=8, existing=0, rejected=1, in_doubt=0,
    unread=0, corrected=2,
)  # fmt: skip


def a_summary(**changes: Any) -> Summary:
    given: dict[str, Any] = {
        "source": "calls.ndjson", "lines": 10, "created": 10, "existing": 0,
        "rejected": 0, "in_doubt": 0, "unread": 0, "requests": 3, "throttled": 0,
        "retried": 0, "seconds": 3723.0, "records_per_second": 5.0,
        "promise": "exactly-once", "portal_id": "1", "trace_property": "t",
        "finished": True, "ending": Ending.COMPLETE,
    }  # fmt: skip
    return Summary(**(given | changes))


def told(**changes: Any) -> str:
    summary = a_summary(**changes)
    return "\n".join(summary_lines(summary, source="calls.ndjson", load_dir="d"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "all 10 records are on the portal in 1 h 02 min"),
        ({}, "python -m loader results calls.ndjson"),
        ({"seconds": 75.0}, "1 min 15 s"),
        ({"created": 9, "rejected": 1}, "correct d/rejected.ndjson"),
        ({"created": 9, "in_doubt": 1}, "asks the portal"),
        ({"created": 9, "in_doubt": 1, "trace_property": None,
          "promise": "at-most-once"}, "python -m loader resolve calls.ndjson"),
        ({"created": 9, "unread": 1, "finished": False}, "it sends the records"),
        ({"corrected": 3}, "3 of them by corrected copies"),
        ({"corrects": CORRECTS, "rejected": 1}, "correct /first.load/rejected.ndjson"),
        ({"corrects": CORRECTS}, "the first load (/first.load) now: 9 lines"),
        ({"ending": Ending.STOPPED, "finished": False, "reason": "token"}, "token"),
        ({"ending": Ending.INTERRUPTED, "finished": False}, "same command again"),
        ({"ending": Ending.RUNNING, "finished": False}, "running"),
        ({"ignored_fields": {"id": 7}}, "id (7 lines)"),
    ],
)  # fmt: skip
def test_the_summary_says_what_happened_and_what_to_do_next(changes, words):
    """Each ending in its own words."""
    assert words in told(**changes)


@pytest.mark.parametrize("promise", ["exactly-once", "at-most-once", "at-least-once"])
def test_each_promise_is_explained_in_one_line(promise: str):
    """The name of the contract, and what it means."""
    line = promise_line(promise, None)

    assert promise in line
    assert "\n" not in line


def test_no_text_can_steer_the_terminal():
    """Control characters of a source or a portal are shown escaped."""
    assert printable("a\x1b[31mb\r\n\u202ec") == "a\\x1b[31mb\\r\\n\\u202ec"


def test_a_command_to_paste_survives_the_names_in_it():
    """A shell reads them as they are; no terminal is steered by them."""
    source = "my calls; rm x\x1b[2J"
    lines = [
        *summary_lines(a_summary(), source=source, load_dir=f"{source}.load"),
        *summary_lines(a_summary(), source="f", load_dir="a b"),
        *summary_lines(a_summary(rejected=1, in_doubt=1),
                       source=source, load_dir="d\x1b"),
    ]  # fmt: skip

    assert "\x1b" not in "".join(lines)
    assert "next: python -m loader results 'my calls; rm x\\x1b[2J'" in lines
    assert "next: python -m loader results f --load-dir 'a b'" in lines
    assert any("d\\x1b/rejected.ndjson" in line for line in lines)


def test_a_run_that_did_not_come_to_its_end_is_to_be_resumed_first():
    """One that was cut off has not renewed the files that a person could correct."""
    steps = [
        line
        for line in summary_lines(
            a_summary(ending=Ending.INTERRUPTED, rejected=1, in_doubt=1, unread=1),
            source="f", load_dir="f.load",
        )
        if line.startswith("next:")
    ]  # fmt: skip

    assert steps == ["next: run the same command again; it resumes (f)"]


REJECTED = Result(
    line=2, offset=9, trace_id="t-2", state=State.REJECTED, category="C", message="m"
)
CREATED = Result(line=1, offset=0, trace_id="t-1", state=State.CREATED, object_id="7")
DOUBTED = Result(
    line=3, offset=20, trace_id="t-1", state=State.IN_DOUBT, message="r", duplicate_of=1
)


def test_rows_have_the_contracts_names():
    """Created rows are short; rejected ones have category, message, correlationId."""
    first, second, third = (json.loads(row) for row in
                            rows.ndjson([CREATED, REJECTED, DOUBTED]))  # fmt: skip

    assert first == {
        "line": 1, "offset": 0, "objectWriteTraceId": "t-1", "state": "created",
        "id": "7",
    }  # fmt: skip
    assert second["correlationId"] is None
    assert (second["category"], second["message"], second["id"]) == ("C", "m", None)
    assert (third["message"], third["duplicateOf"]) == ("r", 1)


def test_csv_has_a_header_and_the_same_values():
    """One line a row, empty where there is nothing."""
    text = b"".join(rows.as_csv([CREATED, REJECTED])).decode()

    assert text.splitlines()[1:] == [
        "1,0,t-1,created,7,,,,,",
        "2,9,t-2,rejected,,C,m,,,",
    ]


@pytest.mark.parametrize(
    ("message", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\\t=1"),
        ("a\x1b[2J=b", "a\\x1b[2J=b"),
        ("one = two", "one = two"),
    ],
)
def test_no_cell_of_the_csv_can_steer_a_spreadsheet(message: str, cell: str):
    """The portal's words may quote a record, which can say anything."""
    result = msgspec.structs.replace(REJECTED, message=message, category="=C")
    text = b"".join(rows.as_csv([result])).decode()

    assert text.splitlines()[1] == f"2,9,t-2,rejected,,'=C,{cell},,,"


@pytest.mark.parametrize(
    ("raw", "record"),
    [
        (b'{"properties": {"a": 1}}\r\n', {"properties": {"a": 1}}),
        (b'{"cut off\n', '{"cut off'),
        (b"[1]\n", "[1]"),
        (b"\xffx\n", "\\xffx"),
        (b"", None),
    ],
)
def test_result_files_have_the_line_as_it_was(tmp_path: Path, raw: bytes, record):
    """An object as an object, anything else as text, so that a person can mend it."""
    path = tmp_path / "rejected.ndjson"
    number = rows.write_records(path, [REJECTED], lambda _: raw, wrote=WROTE)

    assert number == 1
    row = json.loads(path.read_bytes())
    assert row["record"] == record
    assert (row["load"], row["source"]) == ("/loads/calls.load", "0123456789ab")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_record_that_nests_deep_is_given_as_text(tmp_path: Path):
    """Python's own parser, for one, would not read the row."""
    path = tmp_path / "rejected.ndjson"
    raw = b'{"x":' + b"[" * 1000 + b"]" * 1000 + b"}\n"
    result = msgspec.structs.replace(REJECTED, category="TOO_DEEP")
    rows.write_records(path, [result], lambda _: raw, wrote=WROTE)

    assert json.loads(path.read_bytes())["record"] == raw.decode().rstrip()


def test_a_row_is_one_line_for_every_reader(tmp_path: Path):
    """Also for those that break lines at a carriage return."""
    path = tmp_path / "rejected.ndjson"
    raw = b'{"a":\r1,\r\r"b":2}\r\n'
    rows.write_records(path, [REJECTED], lambda _: raw, wrote=WROTE)

    (row,) = path.read_text().splitlines()
    assert json.loads(row)["record"] == {"a": 1, "b": 2}


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path):
    """When the writing fails, the old file stays and no draft is left."""
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(TypeError), replaced(path) as file:
        file.writelines([b"half", None])

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
