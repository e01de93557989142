"""Who takes part: the loader, and each peer by the name that the command line knows."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench import loading
from bench.environments import node_with, python_with
from bench.processes import Failed
from bench.throughput.sides import OFFICIAL

ROOT = Path(__file__).parents[2]
PRODUCT = "loader"
_ADAPTERS = Path(__file__).parent / "adapters"


@dataclass(frozen=True, slots=True)
class Peer:
    """What somebody else has published, and our script for it."""

    kind: Literal["python", "node"]
    #: the name of its environment, and what is installed there
    room: str
    requirement: str
    #: module or file in ``adapters``
    adapter: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of them."""

    name: str
    title: str
    #: None: the loader itself
    peer: Peer | None = None
    #: what the adapter gets after source and folder
    variant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """What runs a side, and where its packages are."""

    interpreter: str
    room: Path
    #: of the peer and of its interpreter
    version: str


_HUBSPOT = Peer("python", "official", OFFICIAL, "hubspot_python")
_NODE = Peer("node", "node", "@hubspot/api-client@14.0.1", "hubspot_node")
_DLT = Peer("python", "dlt", "dlt==1.31.0", "dlt_destination")
_SINGER = Peer("python", "singer", "singer-sdk==0.54.9", "singer_target")
_ELASTIC = Peer("python", "elastic", "elasticsearch[async]==9.5.1", "elastic")
SIDES = {
    side.name: side
    for side in (
        Side(PRODUCT, "this loader"),
        Side("hubspot-python", "hubspot-api-client", _HUBSPOT),
        Side("hubspot-python-post", "… told to retry POST", _HUBSPOT, ("post",)),
        Side("hubspot-node", "@hubspot/api-client (Node)", _NODE),
        Side("dlt", "dlt", _DLT),
        Side("singer", "singer-sdk", _SINGER),
        Side("elasticsearch", "elasticsearch-py", _ELASTIC),
        Side("elasticsearch-id", "… with _id given", _ELASTIC, ("id",)),
    )
}


def install(side: Side) -> Installed:
    """Return a side's environment, made if it is not there yet.

    Raises:
        Failed: it cannot be made, or does not work.
    """
    peer = side.peer
    if peer is None:
        return Installed(sys.executable, Path(sys.prefix), "")
    if peer.kind == "node":
        room = node_with(peer.room, [peer.requirement])
        return Installed(
            "node", room, f"{peer.requirement}, node {_said('node', '-v')}"
        )
    python = python_with(peer.room, [peer.requirement])
    version = f"{peer.requirement}, {_said(str(python), '-V')}"
    return Installed(str(python), python.parents[1], version)


def _said(*command: str) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(str(error)) from error
    return ran.stdout.strip()


def run_command(
    side: Side, installed: Installed, source: Path, folder: Path
) -> list[str]:
    """Return the command that loads a source."""
    if side.peer is None:
        return loading.command(source, folder / "load", "--json")
    module = ("-m", f"bench.peers.adapters.{side.peer.adapter}")
    script = (str(_ADAPTERS / f"{side.peer.adapter}.mjs"),)
    called = module if side.peer.kind == "python" else script
    return [
        installed.interpreter, *called, str(source), str(folder), *side.variant
    ]  # fmt: skip


def variables(installed: Installed, url: str) -> dict[str, str]:
    """Return the environment variables of a side: the machine's, and the portal's."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUBSPOT_", "LOADER_", "COV_", "PYTHON", "DLT_"))
    }
    return inherited | {
        "PEER_URL": url,
        "PEER_ROOM": str(installed.room),
        **loading.environment(url),
        "PYTHONPATH": str(ROOT),
    }
