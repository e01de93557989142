"""Loads of a given size, and the room that they need."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bench import loading, records
from bench.portal.rented import Rented
from bench.processes import Cores, Cost, Failed, run_well
from bench.records import Ids

#: what a record takes beside its line: ledger, its log, and some air
BESIDE_BYTES = 200

line_bytes_option = click.option(
    "--line-bytes", default=records.LINE_BYTES, show_default=True,
    type=click.IntRange(min=records.SHORTEST), help="Bytes a line of the source.",
)  # fmt: skip
dir_option = click.option(
    "--dir", "folder", type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Where source and ledger lie; a temporary folder otherwise.",
)  # fmt: skip


def read_sizes(_: object, parameter: click.Parameter, text: str) -> Sequence[int]:
    """Read numbers with ``k`` or ``M`` behind them, between commas; smallest first."""
    try:
        return sorted({_number(each.strip()) for each in text.split(",")})
    except ValueError as error:
        says = f"{text!r} is no list of sizes such as 10k,1M"
        raise click.BadParameter(says, param=parameter) from error


def _number(text: str) -> int:
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    number = int(text.rstrip("kM")) * factor
    if number < 1:
        raise ValueError(text)
    return number


def _read_ids(_: object, parameter: click.Parameter, text: str) -> Sequence[Ids]:
    try:
        return [Ids(each.strip()) for each in text.split(",")]
    except ValueError as error:
        says = f"{error}; there are {', '.join(Ids)}"
        raise click.BadParameter(says, param=parameter) from error


def ids_option(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let the kinds of IDs be chosen."""
    return click.option(
        "--ids", "kinds", default=default, show_default=True, callback=_read_ids,
        help="Where records have their IDs from: derived (of file and line), key "
        f"(--key {records.KEY}), own (on the line).",
    )  # fmt: skip


def need_room(folder: Path | None, count: int, line_bytes: int) -> None:
    """Refuse to begin what the disk has no room for.

    Raises:
        click.ClickException: says how much is missing, and what to do.
    """
    where = folder or Path(tempfile.gettempdir())
    free, needed = shutil.disk_usage(where).free, count * (line_bytes + BESIDE_BYTES)
    if needed > free:
        raise click.ClickException(
            f"{count:,} lines of {line_bytes} bytes need {needed / 1e9:.1f} GB, and "
            f"{where} has {free / 1e9:.1f} GB; choose fewer or shorter lines "
            "(--line-bytes), or another disk (--dir)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One load of so many records, and where it takes place."""

    portal: Rented
    cores: Cores
    room: Path
    count: int
    line_bytes: int
    ids: Ids

    @property
    def folder(self) -> Path:
        """The load's folder."""
        return self.room / "load"

    def from_file(self) -> Cost:
        """Write the source, and load it to its end."""
        source = records.write(
            self.room / "calls.ndjson", self.count,
            line_bytes=self.line_bytes, ids=self.ids,
        )  # fmt: skip
        cost = self._measured(source)
        source.unlink()
        return cost

    def from_pipe(self) -> Cost:
        """Have the loader read the same lines from its standard input."""
        with subprocess.Popen(
            [
                sys.executable, "-m", "bench.records",
                str(self.count), str(self.line_bytes), self.ids,
            ],
            stdout=subprocess.PIPE,
        ) as lines:  # fmt: skip
            assert lines.stdout is not None  # noqa: S101 - asked for
            return self._measured("-", stdin=lines.stdout.fileno())

    def _measured(self, source: Path | str, stdin: int = subprocess.DEVNULL) -> Cost:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.portal.begin()
        cost = run_well(
            loading.command(source, self.folder, *self.ids.options),
            core=self.cores.client,
            environment=loading.environment(self.portal.base_url),
            stdin=stdin,
        )
        counts = self.portal.counts()
        if counts.records != self.count or counts.repeated:
            raise Failed(
                f"the portal received {counts.records} records of {self.count}, "
                f"{counts.repeated} of them twice"
            )
        return cost
