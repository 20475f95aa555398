"""node's archiver at level 9, the reference for speed and size; no server, so no HTTP either."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from ..cache import built_once
from ..reader import Download

HERE = Path(__file__).parent
TIMEOUT = 600


def pack(folder: Path) -> Download:
    """Pack a folder and discard the ZIP; the start of node is not counted."""
    script = _installed() / "archiver.mjs"
    output = subprocess.run(
        [program("node"), script, folder], stdout=subprocess.PIPE, check=True, timeout=TIMEOUT
    ).stdout
    told = json.loads(output)
    return Download(told["firstByte"], told["seconds"], told["bytes"])


def _installed() -> Path:
    version = json.loads((HERE / "package.json").read_text())["dependencies"]["archiver"]
    return built_once(f"archiver-{version}", _install)


def _install(folder: Path) -> None:
    for name in ("package.json", "archiver.mjs"):
        shutil.copy(HERE / name, folder)
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    subprocess.run(
        [program("npm"), "install", "--prefix", folder, *quiet], check=True, timeout=TIMEOUT
    )


def program(name: str) -> str:
    """Return where a program of node's is. Raises FileNotFoundError."""
    # npm is a .cmd file on Windows, which only its full path finds.
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not on PATH; node's archiver is what ZIPs are held to")
    return path
