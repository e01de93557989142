"""What a power cut can leave of files, by the rules of POSIX and of no kinder system.

A write, a truncation or a new size is safe once its file was flushed after it; a name
(made, renamed, removed) once its folder was. Everything else may be there or not, each
piece by itself, a write also in part, by sectors.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Piece:
    """A change of a file's content that is not safe yet; no data: a truncation."""

    index: int
    offset: int
    data: bytes | None

    def applied(self, content: bytearray) -> None:
        """Make the change."""
        if self.data is None:
            _resize(content, self.offset)
            return
        end = self.offset + len(self.data)
        if len(content) < end:
            _resize(content, end)
        content[self.offset : end] = self.data

    def sectors(self) -> "list[Piece]":
        """Return a write in the parts that a disk writes as one."""
        if self.data is None:
            return [self]
        cuts = range(
            self.offset - self.offset % SECTOR, self.offset + len(self.data), SECTOR
        )
        return [
            Piece(
                self.index,
                max(cut, self.offset),
                self.data[max(cut - self.offset, 0) : cut - self.offset + SECTOR],
            )
            for cut in cuts
        ]


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


@dataclass(slots=True)
class Inode:
    """A file: what is safe of it, what is not, and what its readers see."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Piece] = field(default_factory=list[Piece])
    seen: bytearray = field(default_factory=bytearray)

    def change(self, piece: Piece) -> None:
        """Change the content."""
        piece.applied(self.seen)
        self.pending.append(piece)

    def flush(self, before: int) -> None:
        """Make safe what was changed before a moment."""
        for each in self.pending:
            if each.index < before:
                each.applied(self.safe)
        self.pending = [each for each in self.pending if each.index >= before]


#: names and what they stand for; a folder has an inode too, whose content means nothing
Names = dict[PurePosixPath, Inode]


@dataclass(frozen=True, slots=True)
class Naming:
    """A change of names that is not safe yet."""

    index: int
    #: the name that is made; None: one is only removed
    made: tuple[PurePosixPath, Inode] | None
    removed: PurePosixPath | None

    def applied(self, names: Names) -> None:
        """Make the change."""
        if self.removed is not None:
            names.pop(self.removed, None)
        if self.made is not None:
            path, inode = self.made
            names[path] = inode


@dataclass(slots=True)
class _Handle:
    path: PurePosixPath
    inode: Inode
    position: int = 0
    appends: bool = False


class Files:
    """The files below a root. What changes: everything, as its methods say."""

    def __init__(self, root: PurePosixPath) -> None:
        self.root = root
        self.seen: Names = {}
        self.safe: Names = {}
        self.pending: list[Naming] = []
        self._handles: dict[int, _Handle] = {}

    def open(self, index: int, path: PurePosixPath, flags: str, fd: int) -> None:
        """Open a file or folder, making it where the flags say so."""
        inode = self.seen.get(path)
        if inode is None:
            inode = Inode()
            if "O_CREAT" in flags:
                self._name(Naming(index, (path, inode), None))
        if "O_TRUNC" in flags:
            inode.change(Piece(index, 0, None))
        self._handles[fd] = _Handle(path, inode, appends="O_APPEND" in flags)

    def close(self, fd: int) -> None:
        """Close, when it is one of ours."""
        self._handles.pop(fd, None)

    def forget_handles(self) -> None:
        """Close everything: the process has ended."""
        self._handles.clear()

    def write(self, index: int, fd: int, data: bytes, offset: int | None) -> bool:
        """Write at an offset, or where the handle stands; False: no file of ours."""
        handle = self._handles.get(fd)
        if handle is None:
            return False
        if offset is None:
            at = len(handle.inode.seen) if handle.appends else handle.position
            handle.position = at + len(data)
        else:
            at = offset
        handle.inode.change(Piece(index, at, data))
        return True

    def truncate(self, index: int, fd: int, size: int) -> None:
        """Cut or extend a file."""
        if handle := self._handles.get(fd):
            handle.inode.change(Piece(index, size, None))

    def flush(self, fd: int, before: int) -> None:
        """Make safe what a file or a folder was before a moment."""
        handle = self._handles.get(fd)
        if handle is None:
            return
        handle.inode.flush(before)
        flushed = [
            each
            for each in self.pending
            if each.index < before and _folder_of(each) == handle.path
        ]
        for each in flushed:
            each.applied(self.safe)
        self.pending = [each for each in self.pending if each not in flushed]

    def make_folder(self, index: int, path: PurePosixPath) -> None:
        """Make a folder."""
        self._name(Naming(index, (path, Inode()), None))

    def rename(self, index: int, old: PurePosixPath, new: PurePosixPath) -> None:
        """Give a file another name, in one step."""
        if old in self.seen:
            self._name(Naming(index, (new, self.seen[old]), old))

    def remove(self, index: int, path: PurePosixPath) -> None:
        """Remove a name."""
        if path in self.seen:
            self._name(Naming(index, None, path))

    def _name(self, naming: Naming) -> None:
        naming.applied(self.seen)
        self.pending.append(naming)


def _folder_of(naming: Naming) -> PurePosixPath:
    path = naming.made[0] if naming.made is not None else naming.removed
    return PurePosixPath() if path is None else path.parent


#: which of the changes that are not safe a power cut leaves
Choice = Callable[[list[Piece]], list[Piece]]
NameChoice = Callable[[list[Naming]], list[Naming]]


def after_power_cut(
    files: Files, folder: PurePosixPath, *, names: NameChoice, pieces: Choice
) -> dict[str, bytes] | None:
    """Return what a folder has after a power cut; None: the folder itself is gone."""
    left = dict(files.safe)
    for naming in names(files.pending):
        naming.applied(left)
    if folder not in left:
        return None
    content: dict[str, bytes] = {}
    for path, inode in left.items():
        if path.parent == folder:
            kept = bytearray(inode.safe)
            for piece in pieces(inode.pending):
                piece.applied(kept)
            content[path.name] = bytes(kept)
    return content


def as_path(text: bytes) -> PurePosixPath:
    """Return a path as the log has it."""
    return PurePosixPath(os.fsdecode(text))
