"""``sandbox``: serve the local portal."""

import asyncio
from pathlib import Path

import click

from loader.errors import UsageError

from .output import say


@click.command(epilog="Example: python -m loader sandbox --port 8787 --state portal.db")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
@click.option("--port", default=8787, show_default=True, help="Port; 0 for any free.")
@click.option(
    "--scenario", metavar="FILE", help="Weather: latency, throttling, lost answers."
)
@click.option(
    "--state", metavar="FILE", help="Keep the portal's records here.  [default: memory]"
)
def sandbox(host: str, port: int, scenario: str | None, state: str | None) -> int:
    """Serve a local HubSpot portal to rehearse against.

    \b
    Then, in another terminal:
      export HUBSPOT_BASE_URL=http://127.0.0.1:8787 HUBSPOT_ACCESS_TOKEN=any
      python -m loader prepare
      python -m loader run calls.ndjson
    """  # noqa: D301 - \b is click's mark for lines to leave as they are
    # the network's modules take a third of a second, which --help need not pay
    from loader.sandbox import (  # noqa: PLC0415
        LIMITATIONS,
        ScenarioError,
        StateError,
        load_scenario,
        serve,
    )

    try:
        weather = load_scenario(Path(scenario)) if scenario else None
    except ScenarioError as error:
        raise UsageError(str(error)) from error

    def announce(base_url: str) -> None:
        say(f"portal at {base_url}; Ctrl-C ends it")
        say(f"use it: export HUBSPOT_BASE_URL={base_url} HUBSPOT_ACCESS_TOKEN=any")
        say("It is not HubSpot:")
        for each in LIMITATIONS:
            say(f"  - {each}")

    try:
        asyncio.run(
            serve(host, port, Path(state) if state else None, weather, announce)
        )
    except KeyboardInterrupt:
        return 0
    except StateError as error:
        raise UsageError(f"{error}; give another file with --state") from error
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"cannot listen at {host}, port {port}: {why}; give another --port, or 0 "
            "for any that is free"
        ) from error
    return 0
