"""The loader as a process, led to a portal of the bench."""

import sys
from pathlib import Path


def command(
    source: Path | str, folder: Path, *options: str, module: str = "loader"
) -> list[str]:
    """Return the command line of a load that nothing slows down."""
    return [
        sys.executable, "-m", module, "run", str(source),
        "--rate", "none", "--load-dir", str(folder), *options,
    ]  # fmt: skip


def environment(base_url: str) -> dict[str, str]:
    """Return what leads the loader to the portal."""
    return {"HUBSPOT_BASE_URL": base_url, "HUBSPOT_ACCESS_TOKEN": "any"}
