"""Disk images after a power cut, opened by the product's own recovery.

Every worker makes all the calls of the log, and after its share of them computes a few
images, writes each to a folder in memory and opens it.
"""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loader.errors import LoaderError
from loader.ledger import projection, recovery, store
from loader.ledger.sql import QUERIES

from .filesystem import after_power_cut
from .marks import Acknowledged
from .policies import chosen, turns
from .replay import Recorded, Replay

#: told of losses, at most
_TOLD = 5
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
_RESULT_FILES = ("status.json", "rejected.ndjson", "in_doubt.ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One worker's part of the images."""

    recorded: Recorded
    #: after every ``step``-th call, from the ``first`` on
    first: int
    step: int
    #: images of each policy that has a choice, after each of these calls
    rounds: int
    seed: int


class Found(msgspec.Struct):
    """What the images of a worker had. What changes: it grows."""

    images: int = 0
    #: different from all before, together with what had been acknowledged
    distinct: int = 0
    #: images in which an acknowledged write is missing
    lost: int = 0
    #: that the product refuses to open
    refused: int = 0
    #: images with a result file that is neither the old nor the new
    torn: int = 0
    #: acknowledged writes that were looked for, over all images
    acknowledged: int = 0
    by_policy: Counter[str] = msgspec.field(default_factory=Counter[str])
    told: list[str] = msgspec.field(default_factory=list[str])

    def add(self, other: "Found") -> None:
        """Add what another worker found."""
        self.images += other.images
        self.distinct += other.distinct
        self.lost += other.lost
        self.refused += other.refused
        self.torn += other.torn
        self.acknowledged += other.acknowledged
        self.by_policy += other.by_policy
        self.told += other.told[: _TOLD - len(self.told)]


def examine(share: Share) -> Found:
    """Compute and open a worker's images."""
    found = Found()
    known = set[int]()
    memory = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        for place, image, replay in _images(share, found):
            key = _key(image, replay.acknowledged.writes)
            if key in known:
                continue
            known.add(key)
            _open(image, replay, Path(folder), found, place)
    found.distinct = len(known)
    return found


def _images(
    share: Share, found: Found
) -> Iterator[tuple[str, dict[str, bytes] | None, Replay]]:
    replay = Replay(share.recorded)
    for number, call in enumerate(replay.run()):
        if number % share.step != share.first:
            continue
        for policy, turn in turns(share.rounds):
            place = f"call {call}, {policy}, {turn}"
            names, pieces = chosen(policy, random.Random(f"{share.seed} {place}"))
            found.images += 1
            found.by_policy[policy] += 1
            image = after_power_cut(
                replay.files, share.recorded.folder, names=names, pieces=pieces
            )
            yield place, image, replay


def _key(image: dict[str, bytes] | None, writes: int) -> int:
    """Tell images apart, quickly; within a process the same image has the same key."""
    return hash((writes, tuple(sorted((image or {}).items()))))


def _open(
    image: dict[str, bytes] | None,
    replay: Replay,
    folder: Path,
    found: Found,
    place: str,
) -> None:
    """Write an image, open it, and note what is not as promised."""
    files = {} if image is None else image
    found.acknowledged += replay.acknowledged.writes
    torn = [
        name
        for name in _RESULT_FILES
        if name in files and files[name] not in replay.versions[name]
    ]
    if torn:
        found.torn += 1
        _tell(found, f"{place}: {torn[0]} is torn")
    load = folder / "load"
    load.mkdir()
    try:
        for name, content in files.items():
            (load / name).write_bytes(content)
        if missing := _missing(load, replay.acknowledged):
            found.lost += 1
            _tell(found, f"{place}: {missing}")
    except LoaderError as error:
        found.refused += 1
        _tell(found, f"{place}: {error}")
    finally:
        shutil.rmtree(load)


def _tell(found: Found, line: str) -> None:
    if len(found.told) < _TOLD:
        found.told.append(line)


def _missing(load: Path, acknowledged: Acknowledged) -> str | None:
    """Open a ledger as a resumed run does; return an acknowledged write it lacks.

    Raises:
        LedgerDamaged: it cannot be opened.
    """
    with closing(store.connect(load / "ledger.db")) as connection:
        store.read_identity(connection)
        recovery.read_plan(connection, keyed=True, resend=False)
        attempts = {
            start: connection.execute(QUERIES["batch"], (start,)).fetchone()
            for start in acknowledged.attempts
        }
        results = {
            each.line: (str(each.state), each.object_id)
            for each in projection.results(connection)
        }
    return _difference(acknowledged, attempts, results)


def _difference(
    acknowledged: Acknowledged,
    attempts: Mapping[int, tuple[object, int] | None],
    results: Mapping[int, tuple[str, str | None]],
) -> str | None:
    for start, attempt in acknowledged.attempts.items():
        row = attempts[start]
        if row is None or row[1] < attempt:
            return f"request {attempt} of the batch at {start} was armed, and is not"
    for line, outcome in acknowledged.outcomes.items():
        if results.get(line) != outcome:
            return f"line {line} was settled as {outcome}, and is {results.get(line)}"
    return None
