"""Whatever becomes of an answer on its way: it is whole, or in doubt; never resent."""

import asyncio
import gzip
import zlib
from dataclasses import dataclass

import pytest

from loader.model.verdict import Doubt
from tests.corpora.hostile import (
    CREATED,
    SENT,
    Seen,
    complete,
    http,
    playing,
    sending,
    served,
)

_BODY = complete()
_WHOLE = http(_BODY)
_HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
_LENGTH = b"Content-Length: %d\r\n" % len(_BODY)
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"%x\r\n%b\r\n" % (len(_BODY), _BODY)
_PACKED = gzip.compress(_BODY, mtime=0)
_HALF = len(_WHOLE) - len(_BODY) // 2


class _Act:
    """Something else than bytes that a portal does."""


CLOSE, RESET, WAIT = _Act(), _Act(), _Act()


@dataclass(frozen=True)
class Way:
    """What the portal does once it has read a request; whether that is an answer."""

    name: str
    parts: tuple[bytes | _Act, ...]
    is_whole: bool = False

    def __str__(self) -> str:
        return self.name


def _way(name: str, *parts: bytes | _Act) -> Way:
    return Way(name, parts)


def _whole(name: str, *parts: bytes | _Act) -> Way:
    return Way(name, parts, is_whole=True)


LOST = [
    _way("closed", CLOSE),
    _way("reset", RESET),
    _way("silent", WAIT),
    _way("closed in the first line", _WHOLE[:9], CLOSE),
    _way("reset in the first line", _WHOLE[:9], RESET),
    _way("closed in the head", _HEAD[:-9], CLOSE),
    _way("reset in the head", _HEAD[:-9], RESET),
    _way("silent in the head", _HEAD[:-9], WAIT),
    _way("closed after the head", _HEAD + _LENGTH + b"\r\n", CLOSE),
    _way("reset after the head", _HEAD + _LENGTH + b"\r\n", RESET),
    _way("silent after the head", _HEAD + _LENGTH + b"\r\n", WAIT),
    _way("closed in the body", _WHOLE[:_HALF], CLOSE),
    _way("reset in the body", _WHOLE[:_HALF], RESET),
    _way("silent in the body", _WHOLE[:_HALF], WAIT),
    _way("closed a byte early", _WHOLE[:-1], CLOSE),
    _way("closed in the body without a length", _HEAD + b"\r\n" + _BODY[:-9], CLOSE),
    _way("closed between chunks", _CHUNKED + b"5\r\n" + _BODY[:5] + b"\r\n", CLOSE),
    _way("silent between chunks", _CHUNKED + b"5\r\n" + _BODY[:5] + b"\r\n", WAIT),
    _way("closed before the last chunk", _CHUNKED + _CHUNK, CLOSE),
    _way("reset before the last chunk", _CHUNKED + _CHUNK, RESET),
]
LENGTHS = [
    _way("length too long", _HEAD + b"Content-Length: 99999\r\n\r\n" + _BODY, CLOSE),
    _way("length too long, silent", _HEAD + b"Content-Length: 99999\r\n\r\n" + _BODY,
         WAIT),
    _way("length too short", _HEAD + b"Content-Length: 20\r\n\r\n" + _BODY),
    _way("length zero", _HEAD + b"Content-Length: 0\r\n\r\n" + _BODY),
    _way("length negative", _HEAD + b"Content-Length: -1\r\n\r\n" + _BODY, CLOSE),
    _way("length a word", _HEAD + b"Content-Length: all\r\n\r\n" + _BODY, CLOSE),
    _way("length huge", _HEAD + b"Content-Length: %d\r\n\r\n" % 10**40 + _BODY, CLOSE),
    _way("two lengths", _HEAD + _LENGTH + b"Content-Length: 5\r\n\r\n" + _BODY, CLOSE),
    _way("length and chunks", _HEAD + _LENGTH + b"Transfer-Encoding: chunked\r\n\r\n"
         + _BODY, CLOSE),
    _way("chunk of no number", _CHUNKED + b"zz\r\n" + _BODY, CLOSE),
    _way("chunk negative", _CHUNKED + b"-5\r\n" + _BODY, CLOSE),
    _way("chunk too long", _CHUNKED + b"fffff\r\n" + _BODY + b"\r\n0\r\n\r\n", CLOSE),
    _way("chunk too short", _CHUNKED + b"5\r\n" + _BODY + b"\r\n0\r\n\r\n", CLOSE),
    _way("chunk beyond 64 bits", _CHUNKED + b"f" * 40 + b"\r\n" + _BODY, CLOSE),
]  # fmt: skip
NO_HTTP = [
    _way("a body without a head", _BODY, CLOSE),
    _way("a page without a head", b"<html></html>\r\n\r\n", CLOSE),
    _way("garbage", bytes(range(256)), CLOSE),
    _way("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x28", CLOSE),
    _way("the start of HTTP/2", b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18, CLOSE),
    _way("an answer with garbage behind it", _WHOLE + b"garbage"),
    _way("a request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", CLOSE),
    _way("another protocol", b"SSH-2.0-OpenSSH_9.0\r\n", CLOSE),
    _way("a version of the future", _WHOLE.replace(b"/1.1", b"/9.9", 1), CLOSE),
    _way("status of two digits", _WHOLE.replace(b" 201 ", b" 20 ", 1), CLOSE),
    _way("status of four digits", _WHOLE.replace(b" 201 ", b" 2010 ", 1), CLOSE),
    _way("status of no number", _WHOLE.replace(b" 201 ", b" two ", 1), CLOSE),
    _way("a header without colon", _HEAD + b"nonsen\r\n" + _LENGTH + b"\r\n" + _BODY,
         CLOSE),
    _way("a header with NUL", _HEAD + b"X: \0\r\n" + _LENGTH + b"\r\n" + _BODY, CLOSE),
    _way("a header of a megabyte", _HEAD + b"X: " + b"x" * (1 << 20), CLOSE),
    _way("headers without end", _HEAD + b"X: y\r\n" * 100_000, CLOSE),
    _way("other protocol agreed", b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade"
         b"\r\n\r\n" + _BODY),
    _way("nothing but interim answers", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, CLOSE),
]  # fmt: skip
PACKED = [
    _way("no gzip", http(_BODY, Content_Encoding="gzip"), CLOSE),
    _way("gzip cut off", http(_PACKED[:-12], Content_Encoding="gzip")),
    _way("gzip, wrong sum", http(_PACKED[:-8] + bytes(8), Content_Encoding="gzip")),
    _way("gzip twice", http(gzip.compress(_PACKED), Content_Encoding="gzip")),
    _way("gzip not told", http(_PACKED)),
    _way("an encoding nobody knows", http(_BODY, Content_Encoding="x")[:-1], CLOSE),
    _way("a bomb", http(gzip.compress(bytes(20 << 20)), Content_Encoding="gzip")),
    _way("a bomb around an answer", http(gzip.compress(_BODY + b" " * (20 << 20)),
         Content_Encoding="gzip")),
    _way("too long", http(_BODY + b" " * (2 << 20))),
]  # fmt: skip
WHOLE = [
    _whole("at once", _WHOLE),
    _whole("byte by byte", *(b"%c" % each for each in _WHOLE)),
    _whole("in one chunk", _CHUNKED + _CHUNK + b"0\r\n\r\n"),
    _whole("in chunks of a byte", _CHUNKED, *(b"1\r\n%c\r\n" % each for each in _BODY),
           b"0\r\n\r\n"),
    _whole("with a trailer", _CHUNKED + _CHUNK + b"0\r\nX: y\r\n\r\n"),
    _whole("ended by its connection", _HEAD + b"\r\n" + _BODY, CLOSE),
    _whole("of HTTP/1.0", _WHOLE.replace(b"/1.1", b"/1.0", 1), CLOSE),
    _whole("that closes", http(_BODY, Connection="close"), CLOSE),
    _whole("that says it closes, and does not", http(_BODY, Connection="close")),
    _whole("after interim answers", b"HTTP/1.1 100 Continue\r\n\r\n"
           b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + _WHOLE),
    _whole("with another behind it", _WHOLE + http(b'{"policyName":"DAILY"}', 429)),
    _whole("packed", http(_PACKED, Content_Encoding="gzip")),
    _whole("packed otherwise", http(zlib.compress(_BODY), Content_Encoding="deflate")),
]  # fmt: skip
WAYS = [*LOST, *LENGTHS, *NO_HTTP, *PACKED, *WHOLE]


def test_the_table_is_large_and_names_each_way_once():
    """A name tells which way a failure is about."""
    assert len({each.name for each in WAYS}) == len(WAYS) >= 70


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_what_comes_of_an_answer_on_its_way(way: Way):
    """A whole one proves, anything else is in doubt; the next request is unharmed."""

    async def play(_seen: Seen, writer: asyncio.StreamWriter) -> None:
        for part in way.parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            elif part is RESET:
                writer.transport.abort()
            elif part is CLOSE:
                writer.close()
            else:
                await asyncio.Event().wait()

    limits = {
        "read_timeout_s": 0.4 if WAIT in way.parts else 5.0,
        "max_answer_bytes": 1 << 20,
    }
    async with served(play) as server, sending(server.base_url, **limits) as client:
        first = (await client.create(SENT)).verdict
        assert len(server.seen) == 1
        server.play = playing(_WHOLE)
        second = (await client.create(SENT)).verdict

    assert second == CREATED
    assert len(server.seen) == 2
    if way.is_whole:
        assert first == CREATED
    else:
        assert isinstance(first, Doubt)
        assert not first.alarm
