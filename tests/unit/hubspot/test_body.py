"""A request's body: written once, and kept no longer."""

from typing import Any

import pytest

from loader.hubspot.body import Body


class Writer:
    """Remembers what was written. What changes: that."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    async def write(self, chunk: bytes) -> None:
        self.written.append(chunk)


async def test_a_body_is_written_as_it_is_and_forgotten():
    """Its length is still known, since headers may be written again."""
    body, writer = Body(b'{"inputs":[]}'), Writer()
    of_any: Any = writer
    before = body.consumed, await body.as_bytes()
    await body.write_with_length(of_any, 13)

    assert before == (False, b'{"inputs":[]}')
    assert writer.written == [b'{"inputs":[]}']
    assert body.size == 13
    assert body.content_type == "application/json"
    assert (body.consumed, await body.as_bytes()) == (True, b"")


async def test_a_body_is_not_written_twice():
    """Not even empty: the library must not repeat what we have sent."""
    body, writer = Body(b"{}"), Writer()
    of_any: Any = writer
    await body.write_with_length(of_any, None)
    with pytest.raises(RuntimeError, match="once"):
        await body.write_with_length(of_any, None)

    assert writer.written == [b"{}"]
