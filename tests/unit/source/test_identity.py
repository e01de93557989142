"""Who a record is, whatever happens to its file."""

import hashlib
import re

import pytest

from loader.source.identity import (
    NAMING_BYTES,
    content_check,
    is_usable,
    key_trace_id,
    line_trace_id,
    source_digest,
    span_digest,
)


def test_a_source_keeps_its_name_through_windows_and_growth():
    """The line break of the first line is no part of the name."""
    assert source_digest(b"{}") == source_digest(b"{}\n") == source_digest(b"{}\r\n")
    assert source_digest(b"{}") != source_digest(b"{ }")
    assert re.fullmatch(r"[0-9a-f]{12}", source_digest(b""))


def test_a_first_line_longer_than_memory_still_names_its_source():
    """Only its first mebibyte does, for a stream is named before it is read."""
    start = b"x" * NAMING_BYTES

    assert source_digest(start + b"y") == source_digest(start + b"z\n")


def test_an_id_tells_source_line_and_content():
    """A person reads the line number off it; other content has another ID."""
    check = hashlib.blake2b(b'{"a":1}', digest_size=8).hexdigest()

    assert line_trace_id("abc", 17, b'{"a":1}\n') == f"abc-17-{check}"
    assert line_trace_id("abc", 17, b'{"a":2}\n') != f"abc-17-{check}"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b" \t\r\n"])
def test_what_ends_a_line_is_not_its_content(end):
    """A file that went through Windows gives the same IDs."""
    assert content_check(b"{}" + end) == content_check(b"{}")


def test_a_key_gives_the_same_id_wherever_the_line_stands():
    """Name and value are kept apart, so that they cannot run into each other."""
    assert key_trace_id("ref", "A1") == key_trace_id("ref", "A1")
    assert key_trace_id("ref", "A1") != key_trace_id("refA", "1")
    assert re.fullmatch(r"key-[0-9a-f]{32}", key_trace_id("ref", "Ü"))


@pytest.mark.parametrize("trace_id", ["a", "A-1", "x" * 255, "two words", "~!"])
def test_printable_ascii_can_be_an_id(trace_id):
    """Up to 255 characters, as the source system has them."""
    assert is_usable(trace_id)


@pytest.mark.parametrize(
    "trace_id", ["", " a", "a ", "x" * 256, "ü", "a\nb", "a\tb", "\x7f", "a\x00"]
)
def test_nothing_else_can_be_an_id(trace_id):
    """Nobody knows whether HubSpot trims, folds or cuts it."""
    assert not is_usable(trace_id)


def test_the_digest_of_a_span_does_not_depend_on_its_pieces():
    """One reader has lines, another has blocks."""
    whole = hashlib.blake2b(b"abcdef", digest_size=8).digest()

    assert span_digest([b"abcdef"]) == span_digest([b"ab", b"", b"cdef"]) == whole
