"""Python's own zipfile at level 9, in a process of its own.

Run as `python -m benchmarks.peers.python_zipfile FOLDER`; prints seconds and bytes as JSON.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from ..reader import Download


class Counter(io.RawIOBase):
    """A file that is only counted."""

    def __init__(self) -> None:
        self.bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.bytes += len(data)
        return len(data)


def pack(folder: Path) -> Download:
    """Pack a folder and discard the ZIP; the start of Python is not counted."""
    command = [sys.executable, "-m", __name__, str(folder)]
    root = Path(__file__).parents[2]
    output = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True).stdout
    told = json.loads(output)
    return Download(0.0, told["seconds"], told["bytes"])


def main() -> None:
    folder, counter = Path(sys.argv[1]), Counter()
    began = time.perf_counter()
    with ZipFile(counter, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    print(json.dumps({"seconds": time.perf_counter() - began, "bytes": counter.bytes}))


if __name__ == "__main__":
    main()
