"""Environments of other people's clients, Python's and Node's, made once and kept."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .output import say
from .processes import Failed

#: written last, so that one which was broken off is made again
_DONE = "complete"


def cache() -> Path:
    """Return the folder where the bench keeps what it has installed."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "hubspot-call-loader-bench"


def python_with(name: str, packages: Sequence[str]) -> Path:
    """Return the interpreter of an environment that has these packages.

    Raises:
        Failed: it cannot be made; with pip's last words.
    """
    room = _room(name)
    python = room / "bin" / "python"
    if not is_made(name, packages):
        say(f"installing {', '.join(packages)} into {room}")
        _run([sys.executable, "-m", "venv", "--clear", str(room)])
        _run([str(python), "-m", "pip", "install", "-qq", *packages])
        (room / _DONE).write_text("\n".join(packages))
    return python


def node_with(name: str, packages: Sequence[str]) -> Path:
    """Return the folder in which npm has installed these packages.

    Raises:
        Failed: there is no Node here, or npm cannot install them; with its last words.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Failed(f"there is no {program} on this machine")
    room = _room(name)
    if not is_made(name, packages):
        say(f"installing {', '.join(packages)} into {room}")
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        _run(
            [
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(room),
                *packages,
            ]
        )
        (room / _DONE).write_text("\n".join(packages))
    return room


def is_made(name: str, packages: Sequence[str]) -> bool:
    """Whether an environment is there, with exactly these packages."""
    done = _room(name) / _DONE
    return done.exists() and done.read_text() == "\n".join(packages)


def _room(name: str) -> Path:
    return cache() / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"


def _run(arguments: Sequence[str]) -> None:
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if ran.returncode:
        words = (ran.stderr or ran.stdout)[-2000:]
        raise Failed(f"{' '.join(arguments[:5])} ended with {ran.returncode}: {words}")
