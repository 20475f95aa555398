"""What could do harm where it is unpacked is refused, before anything of it is unpacked.

Names are judged as they are in the ZIP: Python's zipfile would mend some of them silently, and
other readers would mend them otherwise. Go's archive/zip calls such names insecure, and rejects
them for that reason rather than guess what was meant (golang/go#55356).
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from ..archive.verify import is_folder
from ..errors import ArchiveRefused, ArchiveUnreadable
from .limits import Limits
from .opening import too_many_files

ENCRYPTED = 0x0001 | 0x0040 | 0x2000
"""Encrypted, strongly, or with masked headers (APPNOTE 4.4.4)."""
MOST_FOLDERS = 256
"""Before Python 3.12 nothing that lies much deeper could be removed by `shutil.rmtree`."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DRIVE = re.compile(r"[A-Za-z]:")
LOCAL_HEADER = struct.Struct("<4s22xHH")
DETAIL = "Nothing of it was unpacked."
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def refuse_harm(archive: zipfile.ZipFile, file: IO[bytes], limits: Limits) -> None:
    """Look at the directory of a ZIP, and at where its members lie in the file.

    Raises ArchiveRefused for what could do harm, ArchiveUnreadable where
    members are not where the directory says.
    """
    members = archive.infolist()
    _refuse_amounts(members, limits)
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        if why := objection(member):
            raise _refused(name, why)
        if name in seen:
            raise _refused(name, "is in there twice")
        seen.add(name)
    _refuse_files_as_folders(seen)
    _refuse_overlaps(members, file, archive.start_dir)


def objection(member: zipfile.ZipInfo) -> str | None:
    """Tell what speaks against a member, by its entry in the directory; None: nothing."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if why := _objection_to_name(member.orig_filename):
        return why
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"is {KINDS.get(kind, 'a special file')}, not a file"
    if (kind == stat.S_IFDIR or member.orig_filename.endswith("/")) and not is_folder(member):
        return "is a folder with content"
    if member.flag_bits & ENCRYPTED:
        return "is encrypted"
    if member.compress_type not in METHODS:
        return f"is compressed by method {member.compress_type}, which our exports never use"
    return None


def _objection_to_name(name: str) -> str | None:
    if "\0" in name:
        return "has a null byte in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or DRIVE.match(name):
        return "has an absolute path"
    if any(part in ("", ".", "..") for part in name.removesuffix("/").split("/")):
        return "has a path that leads elsewhere"
    if name.count("/") > MOST_FOLDERS:
        return f"lies in more than {MOST_FOLDERS} folders"
    return None


def _refuse_amounts(members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.max_files:
        raise too_many_files(len(members), limits)
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > limits.max_bytes:
        raise ArchiveRefused(
            f"The ZIP unpacks to {size:,} bytes, and {limits.max_bytes:,} are allowed.",
            "Allow more bytes if it comes from somebody you trust.",
        )
    if size > max(limits.harmless_bytes, limits.max_ratio * packed):
        raise ArchiveRefused(
            f"The ZIP unpacks to {size:,} bytes, {size / max(1, packed):,.0f} times its own size; "
            f"{limits.max_ratio:g} times are allowed.",
            "It may be a bomb. Allow a higher ratio if it comes from somebody you trust.",
        )


def _refuse_files_as_folders(names: set[str]) -> None:
    folders: set[str] = set()
    for name in names:
        folder = name.removesuffix("/").rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    if both := folders & names:
        raise _refused(min(both), "is a file, and a folder with files in it too")


def _refuse_overlaps(members: Sequence[zipfile.ZipInfo], file: IO[bytes], end: int) -> None:
    """Refuse members that share bytes: so 10 MB can unpack to petabytes, each member in all."""
    before, where = "", 0
    for begins, ends, name in sorted(_extents(members, file)):
        if begins < where:
            raise _refused(name, f"shares bytes with {_shown(before)}")
        before, where = name, ends
    if where > end:
        raise _refused(before, "shares bytes with the directory")


def _extents(members: Sequence[zipfile.ZipInfo], file: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < 0:
            raise ArchiveUnreadable(f"{_shown(member.orig_filename)} lies outside of the ZIP.")
        file.seek(member.header_offset)
        header = file.read(30)
        if len(header) < 30 or not header.startswith(b"PK\3\4"):
            raise ArchiveUnreadable(f"{_shown(member.orig_filename)} is not where it should be.")
        _, name, extra = LOCAL_HEADER.unpack(header)
        ends = member.header_offset + 30 + name + extra + member.compress_size
        yield member.header_offset, ends, member.orig_filename


def _refused(name: str, why: str) -> ArchiveRefused:
    return ArchiveRefused(f"The ZIP is refused: {_shown(name)} {why}.", DETAIL)


def _shown(name: str) -> str:
    return name if name.isprintable() and name and len(name) < 200 else repr(name[:200])
