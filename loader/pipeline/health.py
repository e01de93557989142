"""Whether the portal answers: backoff, breaker, and the end of patience.

One ``Health`` for creates and one for reads, since either may fail alone.

After ``OPEN_AFTER`` failures in a row the breaker is open: one request at a time probes
the portal, and the others wait, so that a portal in trouble is not beaten further. The
first success closes it. A run that gets nowhere for ``patience_s`` stops, resumable.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable

from .backoff import full_jitter
from .stop import Stop

#: failures in a row that open the breaker
OPEN_AFTER = 5


class Health:
    """What recent answers of one endpoint say.

    What changes: ``failures`` in a row, ``accepted`` in all, and since when it fails.
    """

    def __init__(
        self, *, now: Callable[[], float], chance: random.Random, patience_s: float
    ) -> None:
        self._now = now
        self._chance = chance
        self._patience_s = patience_s
        self._probe = asyncio.Lock()
        self._failing_since: float | None = None
        self.failures = 0
        self.accepted = 0

    @property
    def is_open(self) -> bool:
        """So many failures in a row that only probes go out."""
        return self.failures >= OPEN_AFTER

    @property
    def is_exhausted(self) -> bool:
        """Nothing has been accepted for longer than the user's patience."""
        since = self._failing_since
        return since is not None and self._now() - since >= self._patience_s

    @contextlib.asynccontextmanager
    async def passage(self, stop: Stop) -> AsyncIterator[None]:
        """Enter to send one request; with an open breaker one at a time."""
        if self.is_open:
            async with self._probe:
                if self.is_open:
                    await stop.rest(self.backoff())
                    yield
                    return
        yield  # closed, perhaps by the probe that this one waited for

    def backoff(self) -> float:
        """Return how long to wait before the next request, in seconds."""
        return full_jitter(self.failures, self._chance)

    def succeeded(self) -> None:
        """The portal did what it was asked."""
        self.accepted += 1
        self.failures = 0
        self._failing_since = None

    def waited(self) -> None:
        """The portal asked to wait: no failure, but no progress either."""
        if self._failing_since is None:
            self._failing_since = self._now()

    def failed(self) -> None:
        """No usable answer came."""
        self.failures += 1
        self.waited()

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<Health {state}, {self.failures} failures, {self.accepted} accepted>"
