"""The loader with a ledger that does not wait for the disk, to see what waiting costs.

``python -m bench.throughput.relaxed run SOURCE …``
"""

import sqlite3

from loader.__main__ import main
from loader.ledger import store


def relax() -> None:
    """Have every ledger opened with ``synchronous=OFF``."""
    original = store._configure

    def configure(connection: sqlite3.Connection, *, shared: bool = False) -> None:
        original(connection, shared=shared)
        connection.execute("PRAGMA synchronous = OFF")

    store._configure = configure


if __name__ == "__main__":
    relax()
    main()
