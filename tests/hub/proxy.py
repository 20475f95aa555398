"""JupyterHub's own proxy, configurable-http-proxy: it comes by npm, from the lock file beside this.

Run as `python -m tests.hub.proxy` it installs the proxy, with whatever Node is at hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.front_end import is_installed, provide_node

FOLDER = Path(__file__).parent
SCRIPT = FOLDER / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"


def install() -> None:
    """Install what the lock file names, unless that was done."""
    provide_node()
    if is_installed(FOLDER):
        return
    npm = shutil.which("npm") or "npm"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([npm, "ci", *quiet], cwd=FOLDER, check=True)


def command() -> list[str]:
    """Return what starts the proxy. Raises FileNotFoundError where it isn't installed."""
    # A Node that was installed for these checks lies beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    node = shutil.which("node", path=path)
    if node is None or not SCRIPT.is_file():
        raise FileNotFoundError("The proxy is missing: run `python -m tests.hub.proxy`.")
    # That one is started by a script, which wouldn't take its Node along when it is ended.
    asked = [node, "-p", "process.execPath"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return [found, str(SCRIPT)]


if __name__ == "__main__":
    install()
