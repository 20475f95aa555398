"""A folder that is held open: what is done in it can't be led elsewhere by a link.

Where the system has `openat` and its kin, every step is relative to an open
descriptor. Elsewhere paths are checked just before they are used.
"""

# pathlib knows no descriptors

# ruff: noqa: PTH101, PTH114, PTH118 - pathlib knows no descriptors

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

BY_DESCRIPTOR = (
    {os.open, os.stat, os.mkdir, os.rename, os.unlink, os.rmdir} <= os.supports_dir_fd
    and os.scandir in os.supports_fd
    and hasattr(os, "O_DIRECTORY")
)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_SAFELY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO put in a file's place must not hang us
)


class Directory:
    """An open folder; a context manager. Every method raises OSError."""

    def __init__(self, path: str, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: str | Path) -> Directory:
        """Open a folder that is no link itself."""
        text = os.fspath(path)
        if BY_DESCRIPTOR:
            return cls(text, os.open(text, _FOLDER | getattr(os, "O_CLOEXEC", 0)))
        _require_folder(os.lstat(text), text)
        return cls(text, None)

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def enter(self, name: str, *, create: bool = False) -> Directory:
        """Open a folder in this one, which may be made."""
        if create:
            with suppress(FileExistsError):
                os.mkdir(self._place(name), 0o700, dir_fd=self._descriptor)
        if self._descriptor is None:
            return Directory.open(self._place(name))
        descriptor = os.open(name, _FOLDER, dir_fd=self._descriptor)
        return Directory(os.path.join(self.path, name), descriptor)

    def descend(self, names: Sequence[str], *, create: bool = False) -> Directory:
        """Open a folder further below; with no names, this one once more."""
        if self._descriptor is None:
            current = Directory(self.path, None)
        else:
            current = Directory(self.path, os.dup(self._descriptor))
        for name in names:
            with current:
                current = current.enter(name, create=create)
        return current

    def open_file(self, name: str, flags: int = os.O_RDONLY) -> int:
        """Open a file of this folder and return its descriptor; refuse a link."""
        if self._descriptor is None and os.path.islink(self._place(name)):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        return os.open(self._place(name), flags | _SAFELY, 0o600, dir_fd=self._descriptor)

    def stat(self, name: str | None = None) -> os.stat_result:
        """Look at something in this folder, not at what it links to; or at the folder itself."""
        if name is not None:
            return os.stat(self._place(name), dir_fd=self._descriptor, follow_symlinks=False)
        return os.lstat(self.path) if self._descriptor is None else os.fstat(self._descriptor)

    def scan(self) -> Iterator[os.DirEntry[str]]:
        """Yield what is in it; to look at an entry never follows a link if one says so."""
        with os.scandir(self.path if self._descriptor is None else self._descriptor) as entries:
            yield from entries

    def rename(self, name: str, target: Directory, new: str) -> None:
        """Move something into another folder; a file that has the name there is replaced."""
        os.replace(
            self._place(name),
            target._place(new),
            src_dir_fd=self._descriptor,
            dst_dir_fd=target._descriptor,
        )

    def claim(self, name: str, new: str) -> None:
        """Give a file a name that nothing has. Raises FileExistsError."""
        here = self._descriptor
        try:
            os.link(
                self._place(name),
                self._place(new),
                src_dir_fd=here,
                dst_dir_fd=here,
                follow_symlinks=False,
            )
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            # A file system without hard links: nothing better can be had there.
            with suppress(FileNotFoundError):
                self.stat(new)
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new) from None
            self.rename(name, self, new)
        else:
            self.unlink(name)

    def stamp(self, mode: int, modified_ns: int) -> None:
        """Give the folder its former permissions and time."""
        place = self.path if self._descriptor is None else self._descriptor
        os.chmod(place, mode)
        os.utime(place, ns=(modified_ns, modified_ns))

    def unlink(self, name: str) -> None:
        os.unlink(self._place(name), dir_fd=self._descriptor)

    def rmdir(self, name: str) -> None:
        os.rmdir(self._place(name), dir_fd=self._descriptor)

    def allow(self) -> None:
        """Let its owner list and change it."""
        if self._descriptor is not None:
            os.fchmod(self._descriptor, 0o700)

    def allow_entering(self, name: str) -> None:
        """Let the owner of a folder in this one open it; a link is left alone."""
        if os.chmod in os.supports_follow_symlinks and os.chmod in os.supports_dir_fd:
            os.chmod(self._place(name), 0o700, dir_fd=self._descriptor, follow_symlinks=False)
        elif hasattr(os, "O_PATH") and self._descriptor is not None:
            # Linux has no fchmodat without following, but a path to what is open.
            place = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=self._descriptor)
            try:
                if stat.S_ISDIR(os.fstat(place).st_mode):
                    os.chmod(f"/proc/self/fd/{place}", 0o700)
            finally:
                os.close(place)

    def sync(self) -> None:
        """Wait until the disk has the names in it, where that can be asked for."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.fsync(self._descriptor)

    def _place(self, name: str) -> str:
        return name if self._descriptor is not None else os.path.join(self.path, name)


def _require_folder(status: os.stat_result, path: str) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
