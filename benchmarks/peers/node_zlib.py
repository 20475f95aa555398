"""node's own zlib at level 9, which is what archiver deflates with; not the same as Python's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .archiver import program

SCRIPT = Path(__file__).with_name("zlib9.mjs")


def deflate(file: Path) -> tuple[float, int]:
    """Return the seconds that deflating a file took and the size it came to."""
    command = [program("node"), str(SCRIPT), str(file)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return told["seconds"], told["bytes"]
