"""Loads call records into HubSpot in bulk: nothing lost, nothing twice, resumable.

The whole Python interface is one coroutine::

    import asyncio
    import loader

    summary = asyncio.run(loader.load("calls.ndjson", token="..."))
    print(summary.created, summary.rejected, summary.finished)

The command line, ``python -m loader``, is its thin user. Names are imported when they
are first used, since the network's modules take a third of a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.assembly.load import load
    from loader.errors import LoaderError, Refused, UsageError
    from loader.model.load import InDoubtPolicy
    from loader.model.settings import Settings
    from loader.model.summary import Ending, Summary
    from loader.pipeline.pause import Pause
    from loader.pipeline.stop import Stop

__all__ = [
    "Ending",
    "InDoubtPolicy",
    "LoaderError",
    "Pause",
    "Refused",
    "Settings",
    "Stop",
    "Summary",
    "UsageError",
    "load",
]

_HOMES = {
    "Ending": "loader.model.summary",
    "InDoubtPolicy": "loader.model.load",
    "LoaderError": "loader.errors",
    "Pause": "loader.pipeline.pause",
    "Refused": "loader.errors",
    "Settings": "loader.model.settings",
    "Stop": "loader.pipeline.stop",
    "Summary": "loader.model.summary",
    "UsageError": "loader.errors",
    "load": "loader.assembly.load",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)
