"""Every bad line is rejected with its place and reason; no line costs a neighbour."""

import io
import json
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest

from loader.hubspot.codec import create_body
from loader.model.record import CallRecord, Item, Malformed
from loader.source import lines
from loader.source.decode import DecodeOptions, Decoder
from loader.source.lines import LineReader
from loader.source.reasons import __doc__ as documented
from loader.source.writing import written
from tests.conftest import a_line
from tests.corpora.bad_json import JSON
from tests.corpora.bad_values import VALUES
from tests.corpora.good_lines import GOOD
from tests.corpora.lines import LIMIT, TRACE, Bad, Odd

BAD = [*JSON, *VALUES]


def read(data: bytes, key: str | None = None) -> list[Item]:
    """Read a source from its beginning to its end."""
    options = DecodeOptions(key=key, trace_property=TRACE)
    reader = LineReader(io.BytesIO(data), Decoder("abc", options), max_line_bytes=LIMIT)
    items: list[Item] = []
    while chunk := reader.chunk():
        items += chunk
    return items


def good(number: int) -> bytes:
    """A good neighbour, also with a key."""
    return a_line(number, hs_call_external_id=f"k-{number}")


def no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dictionary, but not of names that repeat."""
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def sent(record: CallRecord) -> Any:
    """Return what the portal gets of a record, read by another parser."""
    body = json.loads(create_body([record], TRACE), object_pairs_hook=no_name_twice)
    assert body.keys() == {"inputs"}
    return body["inputs"][0]


def test_the_tables_are_large_and_name_each_line_once():
    """A name tells which line a failure is about."""
    assert len({each.name for each in BAD}) == len(BAD) >= 320
    assert len({each.name for each in GOOD}) == len(GOOD) >= 80


def test_every_reason_that_reading_can_find_is_in_the_tables():
    """A code without a line that gets it would be a code nobody has seen."""
    codes = {line.split()[0] for line in documented.splitlines() if line[:1].isupper()}

    told = {each.reason for each in BAD}

    assert told == {each for each in codes if each.isupper()} - {"DUPLICATE_ID"}


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_line_is_told_and_its_neighbours_arrive(bad: Bad):
    """Line number, offset, size and reason; before and after it all is as ever."""
    before, after = good(1), good(3)
    for line in (bad.line + b"\n", bad.line + b"\r\n"):
        first, item, last = read(before + line + after, bad.key)

        check(bad, item, line)
        assert isinstance(first, CallRecord)
        assert isinstance(last, CallRecord)
        assert (first.raw, last.raw) == (before, after)
        assert (last.line, last.offset) == (3, len(before + line))


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_last_line_without_a_line_break_is_told_too(bad: Bad):
    """The source ends in the middle of whatever it was."""
    first, item = read(good(1) + bad.line, bad.key)

    check(bad, item, bad.line)
    assert isinstance(first, CallRecord)


def check(bad: Bad, item: Item, line: bytes) -> None:
    """Check that a line after a good one was rejected as its row says."""
    assert isinstance(item, Malformed), item
    assert (item.line, item.offset, item.size) == (2, len(good(1)), len(line))
    assert item.reason == bad.reason, item.message
    assert bad.says in item.message
    assert item.message.isprintable()
    assert len(item.message) < 300
    assert item.raw == (b"" if bad.reason == "LINE_TOO_LONG" else line)
    # none is given to it behind the user's back
    assert item.trace_id is None or bad.reason not in ("TRACE_ID_FORMAT", "KEY_MISSING")


@pytest.mark.parametrize("odd", GOOD, ids=str)
@pytest.mark.parametrize("line_break", [b"\n", b""], ids=["lf", "none"])
def test_an_odd_line_is_sent_as_it_was_meant(odd: Odd, line_break: bytes):
    """What another parser reads in the request is the line's, to the letter."""
    before, line = good(1), odd.line + line_break
    _, record = read(before + line)

    assert isinstance(record, CallRecord), record
    assert (record.line, record.offset, record.raw) == (2, len(before), line)
    assert sent(record) == {
        "objectWriteTraceId": odd.own_id or record.trace_id,
        "associations": list(odd.associations),
        "properties": {"hs_timestamp": odd.time}
        | dict(odd.properties)
        | {TRACE: record.trace_id},
    }


def test_all_lines_in_one_source_keep_their_places():
    """Every bad and odd line between two good ones, in one go."""
    keyless = [each for each in BAD if each.key is None]
    middle = [*keyless, *GOOD]
    source: list[bytes] = []
    for number, each in enumerate(middle):
        source += [good(2 * number + 1), each.line + b"\n"]
    source.append(good(2 * len(middle) + 1))
    items = read(b"".join(source))

    assert [(each.line, each.size) for each in items] == [
        (number, len(line)) for number, line in enumerate(source, 1)
    ]
    told = {each.line: each.reason for each in items if isinstance(each, Malformed)}
    assert told == {2 * number + 2: each.reason for number, each in enumerate(keyless)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_source_in_another_encoding_gives_reasons_and_no_records(encoding: str):
    """Python's parser would take some; where a line ends is then anybody's guess."""
    source = (good(1) + a_line(2, hs_call_title="ü") * 9).decode().encode(encoding)
    items = read(source)

    assert sum(each.size for each in items) == len(source)
    told = {each.reason for each in items if isinstance(each, Malformed)}
    assert told <= {"NOT_UTF8", "NOT_JSON"}
    assert all(isinstance(each, Malformed) for each in items)


@pytest.mark.parametrize("line_break", [b"\r", "\u2028".encode(), b"\x1e", b"\0"])
def test_a_source_with_other_line_breaks_is_one_bad_line(line_break: bytes):
    """Only a line feed ends a line, so nothing of it is sent by halves."""
    source = line_break.join([good(1).strip(), good(2).strip(), good(3).strip()])
    (item,) = read(source)

    assert isinstance(item, Malformed)
    assert (item.reason, item.size) == ("NOT_JSON", len(source))


def test_a_program_that_gives_bad_records_is_told_the_same():
    """Bytes are the line that a file would have."""
    decoder = Decoder("abc", DecodeOptions(trace_property=TRACE))
    for each in BAD:
        if each.key is None and each.reason != "LINE_TOO_LONG":
            item = decoder.decode(written(each.line).raw, line=2, offset=9)
            assert isinstance(item, Malformed)
            assert item.reason == each.reason


def len_of(pieces: Iterable[bytes]) -> int:
    """Go through pieces as a digest does."""
    return sum(map(len, pieces))


class Endless:
    """A line of any length. What changes: how much of it is left."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._after = io.BytesIO(b"\n" + good(2))

    def readline(self, size: int) -> bytes:
        """Return a piece of the line, or of what comes after it."""
        if not self._left:
            return self._after.readline(size)
        piece = bytes(min(self._left, size))
        self._left -= len(piece)
        return piece

    read = readline


def test_a_line_of_ten_gigabytes_takes_the_memory_of_a_piece(
    monkeypatch: pytest.MonkeyPatch,
):
    """Nothing of it is kept; the next line arrives."""
    # hashing would take a minute; that it sees every byte is shown elsewhere
    monkeypatch.setattr(lines, "span_digest", lambda pieces: b"%d" % len_of(pieces))
    size = 10 << 30
    decoder = Decoder("abc", DecodeOptions())
    reader = LineReader(Endless(size), decoder, max_line_bytes=LIMIT)
    tracemalloc.start()
    (long,), (after,) = reader.chunk(), reader.chunk()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(long, Malformed)
    assert (long.reason, long.size, long.raw) == ("LINE_TOO_LONG", size + 1, b"")
    assert long.digest == b"%d" % (size + 1)
    assert isinstance(after, CallRecord)
    assert (after.line, after.offset) == (2, size + 1)
    assert peak < 8 << 20
