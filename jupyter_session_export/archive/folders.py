"""Lists a folder so that what is seen of its children is seen there and nowhere else."""

# ruff: noqa: PTH208 - strings: Path costs more than the system calls

from __future__ import annotations

import errno
import os

from .files import real_path

OPEN_FOLDER = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
BY_DESCRIPTOR = os.listdir in os.supports_fd and os.stat in os.supports_dir_fd
"""Whether the system can look into a folder that is open, whatever its name leads to by now."""


class OpenFolder:
    """A folder within `root`. Raises OSError where it is not, or can't be listed."""

    def __init__(self, path: str, root: str) -> None:
        self._path = path
        self._file: int | None = None
        if BY_DESCRIPTOR:
            self._file = os.open(path, OPEN_FOLDER)
            if not is_inside(real_path(self._file, path), root):
                self.close()
                raise OSError(errno.ELOOP, "a link out of the root folder took its place")

    def __enter__(self) -> OpenFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> list[str]:
        """Return what is in it, in order."""
        names: list[str] = os.listdir(self._path if self._file is None else self._file)
        return sorted(names)

    def look(self, name: str = "") -> os.stat_result:
        """Look at a child without following it, or at the folder itself."""
        if self._file is None:
            return os.lstat(os.path.join(self._path, name))  # noqa: PTH118 - as above
        return os.lstat(name, dir_fd=self._file) if name else os.fstat(self._file)

    def inode(self, status: os.stat_result) -> tuple[int, int] | None:
        """Return what a file that was looked at is known by, if it was surely within the root."""
        return None if self._file is None else (status.st_dev, status.st_ino)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_inside(path: str, folder: str) -> bool:
    """Tell whether a real path is a folder or below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
