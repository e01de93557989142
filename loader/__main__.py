"""``python -m loader``."""

import os
import signal
from typing import NoReturn


def _leave(number: int, _: object) -> NoReturn:
    """End at once, with the contract's status: nothing has begun."""
    os._exit(128 + number)


def main() -> NoReturn:
    """Run the command line.

    It takes some tenths of a second to import; a signal that comes meanwhile must show
    nobody a traceback. Commands that have something to finish take signals themselves.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from loader.cli import main as run  # noqa: PLC0415 - after the signals

    run()


if __name__ == "__main__":
    main()
