"""A folder with everything in it that a file system allows, and what should become of each."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024
LONG_AGO = 283_996_799  # the last second of 1978
RENAMED = "renamed: not every system takes the name as it is"
DENIED = "Permission denied"
UNFINISHED = ".session_export-0123456789abcdef.part"
KEYS = "shown nowhere"
"""The content of what must never be in a ZIP."""


@dataclass
class HostileTree:
    """What was made below a folder, by its name there.

    `packed` is the SHA-256 of what has to be in the ZIP, `renamed` which of those
    can't keep their names, `left_out` the disposition and reason of all the others.
    """

    packed: dict[str, str] = field(default_factory=dict)
    renamed: set[str] = field(default_factory=set)
    left_out: dict[str, tuple[str, str]] = field(default_factory=dict)

    def names(self) -> set[str]:
        return set(self.packed) | set(self.left_out)


class Planting:
    """Makes a hostile tree in a folder; `outside` is a folder that must not be reached."""

    def __init__(self, folder: Path, outside: Path, *, many: int, sparse: int) -> None:
        self.tree = HostileTree()
        self._folder = folder
        self._outside = outside
        self._many = many
        self._sparse = sparse

    def plant(self) -> HostileTree:
        self._folder.mkdir(parents=True)
        self._outside.mkdir(parents=True)
        (self._outside / "key").write_text(KEYS)
        for part in (
            self._links,
            self._special_files,
            self._unreadable,
            self._times,
            self._names_alike,
            self._names_unsafe,
            self._shapes,
            self._amounts,
        ):
            part()
        return self.tree

    def _file(self, name: str, content: bytes | None = None, *, renamed: bool = False) -> Path:
        content = name.encode("utf-8", "surrogateescape") if content is None else content
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.tree.packed[name] = hashlib.sha256(content).hexdigest()
        if renamed:
            self.tree.renamed.add(name)
        return path

    def _out(self, name: str, disposition: str, reason: str) -> Path:
        self.tree.left_out[name] = disposition, reason
        return self._folder / name

    def _links(self) -> None:
        self._file("plain.txt")
        self._file("folder/inner.txt")
        for name, target, reason in (
            ("dangling", "nowhere", "dangling link"),
            ("itself", "itself", "link loop"),
            ("loop-a", "loop-b", "link loop"),
            ("loop-b", "loop-a", "link loop"),
            ("upwards", "..", "link loop"),
            ("here", ".", "link loop"),
            ("absolute", "/etc/passwd", "link out of the root folder"),
            ("file-outside", str(self._outside / "key"), "link out of the root folder"),
            ("folder-outside", str(self._outside), "link out of the root folder"),
            ("to-device", "/dev/null", "link out of the root folder"),
            ("link-2", "plain.txt", "link to the same file as {base}link-1"),
            ("to-folder", "folder", "link to {base}folder, which is packed itself"),
            ("through-file", "plain.txt/x", ""),
        ):
            if reason:
                self._out(name, "skipped", reason).symlink_to(target)
        self._out("through-file", "failed", "unreadable: Not a directory").symlink_to("plain.txt/x")
        (self._folder / "link-1").symlink_to("plain.txt")
        self.tree.packed["link-1"] = self.tree.packed["plain.txt"]
        os.link(self._folder / "plain.txt", self._folder / "hard-link")
        self.tree.packed["hard-link"] = self.tree.packed["plain.txt"]

    def _special_files(self) -> None:
        os.mkfifo(self._out("fifo", "skipped", "FIFO"))
        (self._folder / "link-to-fifo").symlink_to("fifo")
        self.tree.left_out["link-to-fifo"] = "skipped", "FIFO"
        path = self._out("socket", "skipped", "socket")
        _bind(path)
        self._device("zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        self._device("disk", stat.S_IFBLK | 0o600, os.makedev(7, 0))

    def _device(self, name: str, mode: int, numbers: int) -> None:
        try:
            os.mknod(self._folder / name, mode, numbers)
        except PermissionError:
            return  # only a root with all privileges may; the unit tests walk /dev itself
        self._out(name, "skipped", "device")

    def _unreadable(self) -> None:
        """Refuse reading to whoever asks, but a root with all privileges."""
        self._out("secret.txt", "failed", f"unreadable: {DENIED}").write_text(KEYS)
        (self._folder / "secret.txt").chmod(0)
        for name, mode in (("closed", 0), ("enter-only", 0o100)):
            folder = self._out(name, "failed", f"unreadable folder: {DENIED}")
            folder.mkdir()
            (folder / "inner.txt").write_text(KEYS)
            folder.chmod(mode)
        listed = self._folder / "list-only"
        listed.mkdir()
        for name in ("a", "b"):
            self._out(f"list-only/{name}", "failed", f"unreadable: {DENIED}").write_text(KEYS)
        listed.chmod(0o400)

    def add_huge(self, file: Path, digest: str) -> None:
        """Have a file of more than 4 GiB in the tree, too, by a hard link."""
        os.link(file, self._folder / "huge.mp4")
        self.tree.packed["huge.mp4"] = digest

    def open_up(self) -> None:
        """Let the folders be removed."""
        for name in ("closed", "enter-only", "list-only"):
            (self._folder / name).chmod(0o700)

    def _times(self) -> None:
        for name, seconds in (
            ("of-1978", LONG_AGO),
            ("of-1901", -(2**31)),
            ("of-2200", 7_258_118_400),
            ("of-odd-second", 1_700_000_001),
        ):
            os.utime(self._file(name), (seconds, seconds))

    def _names_alike(self) -> None:
        self._file("CASE.TXT")
        self._file("Case.txt", renamed=True)
        self._file("case.txt", renamed=True)
        self._file("Sub/a.txt")
        self._file("sub/a.txt", renamed=True)
        self._file("sub/b.txt", renamed=True)
        self._file("e\u0301.txt", renamed=True)
        self._file("\u00e9.txt", renamed=True)
        self._file("o\u0308.txt", renamed=True)
        self._file("strasse")
        self._file("stra\u00dfe", renamed=True)

    def _names_unsafe(self) -> None:
        for name in (
            "CON",
            "aux.txt",
            "nul.tar.gz",
            "com1.log",
            "end.",
            "end ",
            "a:b",
            "a?b",
            "back\\slash",
            "..\\climb",
            "C:\\x",
            'quo"te',
            "new\nline",
            "\x1b[31m.txt",
            "gnp\u202etxt.exe",
            "latin-\udcff.txt",
            "prn/x",
        ):
            self._file(name, renamed=True)
        self._file("a_b", renamed=True)  # "a:b" comes first and takes the name
        for name in (".hidden", ".config/key", " lead", "...x", "-rf", "~root", "$HOME", "`id`"):
            self._file(name)
        for name in ("%TEMP%", "\u65e5\u672c", "\u042d\u0445\u043e \U0001f40d.txt"):
            self._file(name)
        self._file("x" * 251 + ".txt")

    def _shapes(self) -> None:
        self._file("empty", b"")
        self._file("d/" * 60 + "deep.txt")
        self._file("media.mp4", os.urandom(3 * MIB + 1))
        self._file("large.bin", os.urandom(17 * MIB))
        self._file("large.csv", b"".join(b"%d,%d\n" % (n, n * n) for n in range(1_200_000)))
        (self._folder / "empty-folder").mkdir()
        self._out(UNFINISHED, "skipped", "not whole yet").write_text(KEYS)

    def _amounts(self) -> None:
        for number in range(self._many):
            self._file(f"many/{number}", b"%d" % number)
        path = self._folder / "sparse"
        with path.open("wb") as file:
            file.truncate(self._sparse)
        digest = hashlib.sha256()
        for _ in range(self._sparse // MIB):
            digest.update(bytes(MIB))
        self.tree.packed["sparse"] = digest.hexdigest()


def _bind(path: Path) -> None:
    """Make a socket; its name must be short for that, so that it is moved there."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(before)
