"""Ways to damage a ledger's two files, each drawn from a seed."""

import random
from collections.abc import Callable
from pathlib import Path

PAGE = 16_384

Files = dict[str, bytes]
#: changes the files; the third are those of an older copy
Damage = Callable[[Files, random.Random, Files], None]


def strike(folder: Path, older: Path, kind: str, chance: random.Random) -> None:
    """Change the ledger's files in a folder."""
    files = _read(folder)
    DAMAGES[kind](files, chance, _read(older))
    for name in ("ledger.db", "ledger.db-wal"):
        path = folder / name
        path.unlink(missing_ok=True)
        if name in files:
            path.write_bytes(files[name])


def _read(folder: Path) -> Files:
    names = ("ledger.db", "ledger.db-wal")
    return {n: (folder / n).read_bytes() for n in names if (folder / n).exists()}


def _a_file(files: Files, chance: random.Random) -> str:
    return chance.choice([name for name in sorted(files) if files[name]])


def _flip(files: Files, name: str, chance: random.Random, bits: int) -> None:
    name = name if files.get(name) else "ledger.db"  # a log that ended well is gone
    data = bytearray(files[name])
    for _ in range(bits):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    files[name] = bytes(data)


def _noise(files: Files, chance: random.Random, _: Files) -> None:
    name = _a_file(files, chance)
    at = chance.randrange(len(files[name]))
    size = chance.choice((1, 16, 512, 4096))
    data = files[name]
    files[name] = (data[:at] + chance.randbytes(size) + data[at + size :])[: len(data)]


def _truncate(files: Files, chance: random.Random, _: Files) -> None:
    name = _a_file(files, chance)
    files[name] = files[name][: chance.randrange(len(files[name]))]


def _page(data: bytes, chance: random.Random) -> int:
    return PAGE * chance.randrange(max(1, len(data) // PAGE))


def _zero_page(files: Files, chance: random.Random, _: Files) -> None:
    name = _a_file(files, chance)
    at = _page(files[name], chance)
    files[name] = files[name][:at] + bytes(PAGE) + files[name][at + PAGE :]


def _double_page(files: Files, chance: random.Random, _: Files) -> None:
    data = files["ledger.db"]
    old, at = _page(data, chance), _page(data, chance)
    files["ledger.db"] = data[:at] + data[old : old + PAGE] + data[at + PAGE :]


def _stale_page(files: Files, chance: random.Random, older: Files) -> None:
    at = _page(older["ledger.db"], chance)
    old = older["ledger.db"][at : at + PAGE]
    data = files["ledger.db"]
    files["ledger.db"] = data[:at] + old + data[at + PAGE :]


def _append(files: Files, chance: random.Random, _: Files) -> None:
    files[_a_file(files, chance)] += chance.randbytes(chance.choice((1, 500, PAGE)))


def _roll_back(files: Files, chance: random.Random, older: Files) -> None:
    if chance.random() < 0.5:  # noqa: PLR2004 - with the log that is there, or without
        files.pop("ledger.db-wal", None)
    files["ledger.db"] = older["ledger.db"]


def _remove(name: str) -> Damage:
    def remove(files: Files, _: random.Random, __: Files) -> None:
        files.pop(name, None)

    return remove


def _empty(name: str) -> Damage:
    return lambda files, _, __: files.update({name: b""})


DAMAGES: dict[str, Damage] = {
    "bit in the database": lambda f, c, _: _flip(f, "ledger.db", c, 1),
    "bits in the database": lambda f, c, _: _flip(f, "ledger.db", c, c.randint(2, 40)),
    "bit in the log": lambda f, c, _: _flip(f, "ledger.db-wal", c, 1),
    "noise": _noise,
    "truncated": _truncate,
    "page of zeros": _zero_page,
    "page twice": _double_page,
    "old page": _stale_page,
    "appended": _append,
    "rolled back": _roll_back,
    "database gone": _remove("ledger.db"),
    "log gone": _remove("ledger.db-wal"),
    "database empty": _empty("ledger.db"),
    "log empty": _empty("ledger.db-wal"),
}
