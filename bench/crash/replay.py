"""A recorded load, call by call: its files, and what was acknowledged so far."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from .filesystem import Files, as_path
from .marks import Acknowledged, Mark
from .recording import Call, read_log


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: a log for each process, in order."""

    #: the folder of the load, and the one it is in
    folder: PurePosixPath
    marks: PurePosixPath
    logs: tuple[Path, ...]

    def calls(self) -> list[Sequence[Call]]:
        """Return the calls of each process."""
        sessions: list[Sequence[Call]] = []
        for log in self.logs:
            with log.open() as lines:
                sessions.append(list(read_log(lines)))
        return sessions


@dataclass(slots=True)
class Replay:
    """The state after so many calls. What changes: all of it, by ``run``."""

    recorded: Recorded
    files: Files = field(init=False)
    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    #: every whole content that a name was given by a rename
    versions: dict[str, set[bytes]] = field(
        default_factory=lambda: defaultdict[str, set[bytes]](set)
    )
    _marks_fd: int = -1

    def __post_init__(self) -> None:
        self.files = Files(self.recorded.folder.parent)

    def run(self) -> Iterator[int]:
        """Make the calls; give the number of those made, after each that changes."""
        before = 0
        for session in self.recorded.calls():
            for number, call in enumerate(session, before):
                if self._made(number, before + call.begun, call):
                    yield number
            before += len(session)
            self.files.forget_handles()

    def _made(self, index: int, begun: int, call: Call) -> bool:
        """Make one call; False when it has nothing to do with the load."""
        files = self.files
        match call.name:
            case "openat" | "mkdir" | "mkdirat" | "unlink" | "unlinkat":
                return self._named(index, call)
            case "rename" | "renameat" | "renameat2":
                return self._renamed(index, call)
            case "close":
                files.close(_fd(call))
                return False
            case "fsync" | "fdatasync":
                files.flush(_fd(call), begun)
                return True
            case "ftruncate":
                files.truncate(index, _fd(call), int(call.arguments[1]))
                return True
            case _:
                return self._wrote(index, call)

    def _named(self, index: int, call: Call) -> bool:
        path = as_path(call.texts[0])
        if path == self.recorded.marks:
            self._marks_fd = call.result
        if not self._is_ours(path):
            return False
        match call.name:
            case "openat":
                self.files.open(index, path, call.arguments[2], call.result)
            case "mkdir" | "mkdirat":
                self.files.make_folder(index, path)
            case _:
                self.files.remove(index, path)
        return True

    def _is_ours(self, path: PurePosixPath) -> bool:
        folder = self.recorded.folder
        return path in (folder, folder.parent) or path.parent == folder

    def _renamed(self, index: int, call: Call) -> bool:
        old, new = map(as_path, call.texts)
        if not self._is_ours(new):
            return False
        self.versions[new.name].add(bytes(self.files.seen[old].seen))
        self.files.rename(index, old, new)
        return True

    def _wrote(self, index: int, call: Call) -> bool:
        data = call.texts[0][: call.result]
        fd = _fd(call)
        if fd == self._marks_fd:
            for line in data.splitlines():
                self.acknowledged.add(msgspec.json.decode(line, type=Mark))
            return True
        offset = int(call.arguments[3]) if call.name == "pwrite64" else None
        return self.files.write(index, fd, data, offset)


def _fd(call: Call) -> int:
    return int(call.arguments[0])
