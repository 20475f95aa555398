"""The commands that remedies consist of."""

from __future__ import annotations

import sys
from pathlib import Path

from ... import __version__

OURS = "jupyter_session_export"
_IS_WINDOWS = sys.platform == "win32"


def pip_install(what: str, python: str = sys.executable, options: str = "") -> str:
    """Return the command that installs a package into an interpreter's environment."""
    return f'{quoted(python)} -m pip install {options}"{what}"'


def pip_reinstall() -> str:
    """Return the command that puts our own files in place again."""
    return pip_install(f"{OURS}=={__version__}", options="--force-reinstall --no-deps ")


def moving(path: Path, target: Path) -> str:
    """Return the command that moves a file or folder."""
    return f"{'move' if _IS_WINDOWS else 'mv'} {quoted(str(path))} {quoted(str(target))}"


def removing(folder: str) -> str:
    """Return the command that removes a folder."""
    return f"{'rmdir /s' if _IS_WINDOWS else 'rm -r'} {quoted(folder)}"


def stopping(pid: int) -> str:
    """Return the command that ends a process."""
    return f"{'taskkill /pid' if _IS_WINDOWS else 'kill'} {pid}"


def quoted(path: str) -> str:
    """Write a path so that a shell takes it for one word."""
    return f'"{path}"' if set(path) & set(" ()&;'") else path
