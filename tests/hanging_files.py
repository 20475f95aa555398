"""A real file system whose files don't answer, as a network folder that is gone.

It speaks just as much of the kernel's FUSE protocol (linux/fuse.h) as a folder of files
needs. Mounting takes the rights of root.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH = 1, 2, 3, 14, 15, 18, 25
INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 26, 27, 28, 29, 36, 42
UNANSWERED = (FORGET, BATCH_FORGET, INTERRUPT)
HEADER = struct.Struct("<IIQQIIII")
ATTRIBUTES = struct.Struct("<6Q10I")
ROOT = 1
SIZE = 1 << 20
ENOENT, EIO, ENOSYS = 2, 5, 38
MNT_DETACH = 2
FOREVER = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)


class HangingFiles:
    """Files of `size` in one folder; those of `hanging` don't answer what `at` names.

    `at` is "open", "read" or "stat" for files, or "list" for the folder itself.
    """

    def __init__(
        self, folder: Path, names: list[str], hanging: set[str], at: str, size: int
    ) -> None:
        self._names = names
        self._size = size
        self._hanging = {names.index(name) + 2 for name in hanging} if at != "list" else {ROOT}
        self._operation = {"open": OPEN, "read": READ, "stat": LOOKUP, "list": READDIR}[at]
        self.asked = threading.Event()
        """Set as soon as somebody hangs."""
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.device},rootmode=40755,user_id={os.getuid()},group_id={os.getgid()}"
        kind, place = b"fuse.session_export_test", os.fsencode(folder)
        if LIBC.mount(b"hanging", place, kind, 0, options.encode()):
            os.close(self.device)
            raise OSError(ctypes.get_errno(), "FUSE can't be mounted")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        # ENODEV is how the kernel says that it is unmounted.
        with contextlib.suppress(OSError):
            while True:
                request = os.read(self.device, 1 << 20)
                _, operation, unique, node, *_ = HEADER.unpack_from(request)
                if operation in UNANSWERED:
                    continue
                body = request[HEADER.size :]
                if operation == self._operation and self._target(operation, node, body):
                    self.asked.set()
                    continue
                self._answer(unique, operation, node, body)

    def _target(self, operation: int, node: int, body: bytes) -> bool:
        return (self._node(body) if operation == LOOKUP else node) in self._hanging

    def _node(self, name: bytes) -> int:
        text = name.rstrip(b"\0").decode()
        return self._names.index(text) + 2 if text in self._names else 0

    def _answer(self, unique: int, operation: int, node: int, body: bytes) -> None:
        error, data = 0, b""
        if operation == INIT:
            data = struct.pack("<4I2H2I2H8I", 7, 31, 0, 0, 0, 0, 65536, 1, 0, 0, *[0] * 8)
        elif operation == LOOKUP:
            found = self._node(body)
            data = struct.pack("<4Q2I", found, 0, 0, 0, 0, 0) + self._attributes(found)
            error = 0 if found else ENOENT
        elif operation == GETATTR:
            data = struct.pack("<Q2I", 0, 0, 0) + self._attributes(node)
        elif operation in (OPEN, OPENDIR):
            data = struct.pack("<Q2I", 0, 0, 0)
        elif operation == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = bytes(max(0, min(size, self._size - offset)))
        elif operation == READDIR:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = self._entries(offset, size)
        elif operation not in (RELEASE, RELEASEDIR, FLUSH):
            error = ENOSYS
        data = b"" if error else data
        os.write(self.device, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)

    def _entries(self, offset: int, size: int) -> bytes:
        entries = b""
        for place, name in enumerate(self._names[offset:], offset + 1):
            raw = name.encode()
            entry = struct.pack("<QQII", place + 1, place, len(raw), stat.S_IFREG >> 12) + raw
            entry += bytes(-len(entry) % 8)
            if len(entries) + len(entry) > size:
                break
            entries += entry
        return entries

    def _attributes(self, node: int) -> bytes:
        kind = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
        size = 0 if node == ROOT else self._size
        owner = (os.getuid(), os.getgid())
        return ATTRIBUTES.pack(node, size, 0, 0, 0, 0, 0, 0, 0, kind, 1, *owner, 0, 4096, 0)

    def close(self, folder: Path) -> None:
        """Have everybody who hangs get an error, and unmount."""
        LIBC.umount2(os.fsencode(folder), 1)  # MNT_FORCE: what waits is ended
        LIBC.umount2(os.fsencode(folder), MNT_DETACH)
        self._thread.join(10)
        os.close(self.device)


@contextlib.contextmanager
def hanging_files(
    folder: Path, names: list[str], hanging: set[str], at: str, size: int = SIZE
) -> Iterator[HangingFiles]:
    """Mount it for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    files = HangingFiles(folder, names, hanging, at, size)
    try:
        yield files
    finally:
        files.close(folder)


def may_mount() -> bool:
    """Tell whether this process may mount file systems."""
    return os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)
