"""A small ZIP of the contract's form."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

MEMBERS = {"README.txt": b"read me", "executions/execution_1_aaaaaaaa/stdout.txt": b"hello"}


def write_archive(path: Path, members: dict[str, bytes]) -> Path:
    """Write members and a manifest that promises `MEMBERS`."""
    entries = [
        {
            "path": name,
            "source": "record",
            "disposition": "included",
            "reason": None,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in MEMBERS.items()
    ]
    manifest = json.dumps({"version": 1, "entries": entries}).encode()
    promised = {**MEMBERS, "manifest.json": manifest}
    sums = "".join(f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in promised.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest-sha256.txt", sums)
    return path
