"""Signals: the first SIGINT or SIGTERM asks to stop, the second leaves at once.

SIGUSR1 pauses a load, SIGUSR2 lets it go on.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from loader.errors import Stopped
from loader.model.summary import Ending
from loader.pipeline.pause import Pause
from loader.pipeline.stop import Stop

from .exits import Exit

T = TypeVar("T")


class Speaker(Protocol):
    """Whoever can say a line of text."""

    def say(self, text: str) -> None:
        """Say it."""
        ...


async def interruptible(
    work: Callable[[Stop], Awaitable[T]], speaker: Speaker
) -> T | Exit:
    """Do work that ends with ``Stopped`` when it is asked to stop.

    Returns:
        its result, or the status of the signal that ended it.
    """
    stop = Stop()
    with signals(stop, speaker.say) as received:
        try:
            return await work(stop)
        except Stopped:
            if stop.ending is not Ending.INTERRUPTED:
                raise
            speaker.say("interrupted; the same command goes on where it was")
            return received[-1]


@contextmanager
def signals(stop: Stop, say: Callable[[str], None]) -> Iterator[list[Exit]]:
    """Ask to stop by the first signal: what is in flight is finished.

    By the second the process ends; all that was done is on disk already. The last of
    the list is the status that belongs to the signal that came.
    """
    received: list[Exit] = [Exit.SIGINT]

    def on_signal(number: int) -> None:
        status = Exit(128 + number)
        if stop.is_set:
            os._exit(status)
        received.append(status)
        stop.interrupt(signal.Signals(number).name)
        say("finishing the requests in flight; once more to leave at once")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield received
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextmanager
def pauses(pause: Pause) -> Iterator[None]:
    """SIGUSR1 pauses the load, SIGUSR2 lets it go on."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, pause.begin)
    loop.add_signal_handler(signal.SIGUSR2, pause.end)
    try:
        yield
    finally:
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)  # a late one would end the process
