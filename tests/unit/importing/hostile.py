"""ZIPs of the contract's form with something wrong in them that their manifests vouch for."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_session_export.archive.format import local_header, stamp
from jupyter_session_export.content.codec import seal
from tests.unit.archive.samples import TIME

CENTRAL = b"PK\1\2"
SESSION_ID = "5" * 32


@dataclass(frozen=True)
class Evil:
    """A member: its name, content and type, and what is patched in its directory entry."""

    name: str
    content: bytes = b"evil"
    mode: int = stat.S_IFREG | 0o644
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    claimed_size: int | None = None


def packed(members: Iterable[Evil], *, foreign: bool = False) -> bytes:
    """Return a ZIP whose manifest and checksums fit all of its members."""
    members = [Evil("README.txt", b"read me"), *members]
    files = [each for each in members if each.content or not each.name.endswith("/")]
    sums = {each.name: hashlib.sha256(each.content).hexdigest() for each in files}
    entries = [
        {"path": name, "source": "a test", "disposition": "included", "sha256": digest}
        for name, digest in sums.items()
    ]
    manifest = json.dumps({"version": 1, "session_id": SESSION_ID, "entries": entries}).encode()
    sums["manifest.json"] = hashlib.sha256(manifest).hexdigest()
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    closing = [Evil("manifest.json", manifest), Evil("manifest-sha256.txt", listed)]
    return zipped([*members, *([] if foreign else closing)])


def zipped(members: Iterable[Evil]) -> bytes:
    """Return a ZIP of just these members."""
    members, target = list(members), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, each in enumerate(members):
            # Names of the right length, replaced below: zipfile mends some that it is given.
            name = f"{number:x}".rjust(len(each.name.encode()), "~")
            info = zipfile.ZipInfo(name, TIME.timetuple()[:6])
            info.external_attr = each.mode << 16
            info.compress_type = each.method
            archive.writestr(info, each.content)
        offsets = [info.header_offset for info in archive.infolist()]
    data = bytearray(target.getvalue())
    at = data.find(CENTRAL, data.rfind(b"PK\5\6") - _directory_size(data))
    for each, offset in zip(members, offsets, strict=True):
        name = each.name.encode()
        _patch(data, offset + 30, name)
        _patch(data, at + 46, name)
        for flags in (offset + 6, at + 8):
            struct.pack_into("<H", data, flags, 0x800 | each.flags)
        if each.claimed_size is not None:
            struct.pack_into("<I", data, at + 24, each.claimed_size)
        at += 46 + len(name) + sum(struct.unpack_from("<HH", data, at + 30))
    return bytes(data)


def overlapping() -> bytes:
    """Return a ZIP with a member that lies within another one, as in "quoted" bombs."""
    sealed, kept = seal(b"inner")
    inner = local_header(b"b", stamp(TIME), sealed) + bytes(kept)
    data = bytearray(
        packed([Evil("a", inner, method=zipfile.ZIP_STORED), Evil("b", b"inner", method=0)])
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        outer, second = archive.getinfo("a"), archive.getinfo("b")
    at = data.index(CENTRAL + b"\x14\x03\x14\0\0\x08\0\0", archive.start_dir)
    while data[at + 46 : at + 46 + second.file_size][:1] != b"b" or data[at + 28] != 1:
        at = data.index(CENTRAL, at + 1)
    struct.pack_into("<I", data, at + 42, outer.header_offset + 31)
    return bytes(data)


def _directory_size(data: bytes | bytearray) -> int:
    return int(struct.unpack_from("<I", data, data.rfind(b"PK\5\6") + 12)[0])


def _patch(data: bytearray, at: int, name: bytes) -> None:
    data[at : at + len(name)] = name
