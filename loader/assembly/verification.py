"""Whether the part of a file that was loaded is still what it was.

All of it when it is small; else its first and last spans and an even sample before the
first request, and the rest while the load runs: a resumed run starts at once however
much was loaded before.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from loader.errors import LoaderError, SourceFailed
from loader.ledger.recovery import KnownSpan
from loader.model.record import Span
from loader.pipeline.stages import changed
from loader.pipeline.stop import Stop
from loader.telemetry import get_logger

log = get_logger()

#: settled spans are all checked before the first request up to this many bytes
AT_ONCE_BYTES = 64 << 20
#: else so many of them
SAMPLE = 64

Digest = Callable[[Span], Awaitable[bytes]]


def split(spans: Sequence[KnownSpan]) -> tuple[list[KnownSpan], list[KnownSpan]]:
    """Return the spans to check before the first request, and those to check later."""
    settled = [each for each in spans if not each.recover]
    total = sum(each.span.size for each in settled)
    if total <= AT_ONCE_BYTES or len(settled) <= SAMPLE:
        return settled, []
    step = (len(settled) - 1) / (SAMPLE - 1)
    chosen = {round(step * number) for number in range(SAMPLE)}
    return (
        [settled[number] for number in sorted(chosen)],
        [each for number, each in enumerate(settled) if number not in chosen],
    )


async def verify(spans: Iterable[KnownSpan], digest_of: Digest) -> None:
    """Check spans in order.

    Raises:
        SourceChanged: one differs; names the first.
    """
    for each in spans:
        if await digest_of(each.span) != each.digest:
            raise changed(each)


async def verify_later(
    spans: Sequence[KnownSpan], digest_of: Digest, stop: Stop
) -> None:
    """Check the rest while the load runs; what cannot be verified stops it."""
    try:
        await verify(spans, digest_of)
    except LoaderError as failure:
        stop.fail(failure)
        return
    except OSError as error:
        stop.fail(SourceFailed(f"the source cannot be verified: {error.strerror}"))
        return
    log.info(
        "source.verified",
        spans=len(spans),
        bytes=sum(each.span.size for each in spans),
    )
