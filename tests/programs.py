"""Make sure that the programs a test run needs are there: find, install or say how to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN = {
    "curl": "curl",
    "unzip": "unzip",
    "7z": "p7zip-full",
    "bsdtar": "libarchive-tools",
    "jar": "default-jdk-headless",
    "java": "default-jdk-headless",
    "chromium": "chromium",
    "tree": "tree",
}
"""Each program and the Debian package that has it."""


def missing(programs: list[str]) -> list[str]:
    return [name for name in programs if not is_there(name)]


def is_there(program: str) -> bool:
    if program == "chromium":
        return chromium() is not None
    return shutil.which(program) is not None


def chromium() -> str | None:
    """Return a Chromium that browser tests may use, or None."""
    named = os.environ.get("CHROMIUM")
    for name in [named, "chromium", "chromium-browser", "google-chrome"]:
        path = shutil.which(name) if name else None
        if path:
            return path
    return playwright_chromium()


def playwright_chromium() -> str | None:
    """Return the Chromium that Playwright installed for itself, or None."""
    code = (
        "from playwright.sync_api import sync_playwright as p\n"
        "with p() as q: print(q.chromium.executable_path)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    path = found.stdout.strip()
    return path if found.returncode == 0 and Path(path).exists() else None


def install(programs: list[str]) -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = sorted({DEBIAN[name] for name in programs})
        print("installing", *packages, flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            check=False,
            env=quiet,
            stdout=subprocess.DEVNULL,
        )
    elif "chromium" in programs:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main(programs: list[str]) -> int:
    absent = missing(programs)
    if absent:
        install(absent)
    for name in missing(programs):
        print(f"{name} is missing: install it (Debian's package is {DEBIAN[name]}).")
    return 1 if missing(programs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
