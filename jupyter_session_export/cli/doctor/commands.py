"""The commands that remedies consist of."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ... import __version__
from .source import OURS, Source

_IS_WINDOWS = sys.platform == "win32"


def pip_install(what: str, python: str = sys.executable, options: str = "") -> str:
    """Return the command that installs a package into an interpreter's environment."""
    return f'{quoted(python)} -m pip install {options}"{what}"'


def installing_us(python: str = sys.executable) -> str:
    """Return the command that installs this very version."""
    return _pip_install_us(python, "")


def mending_us(python: str = sys.executable) -> str:
    """Return the command that puts all files in place again, ours and those of what we need."""
    return _pip_install_us(python, "--force-reinstall ")


def replacing_us(python: str = sys.executable) -> str:
    """Return the command that puts our own files in place again."""
    return _pip_install_us(python, "--force-reinstall --no-deps ")


def upgrading_us() -> str:
    """Return the command that installs the newest version."""
    source = Source.of_this()
    command = pip_install(source.newest or OURS, options="--upgrade ")
    return f"git -C {quoted(source.clone)} pull && {command}" if source.clone else command


def _pip_install_us(python: str, options: str) -> str:
    source = Source.of_this()
    # Another environment's copy is to stand by itself.
    options += "--editable " if source.editable and python == sys.executable else ""
    return pip_install(source.this or f"{OURS}=={__version__}", python, options)


def moving(path: Path, target: Path) -> str:
    """Return the command that moves a file or folder."""
    return f"{'move' if _IS_WINDOWS else 'mv'} {quoted(str(path))} {quoted(str(target))}"


def removing(folder: str) -> str:
    """Return the command that removes a folder."""
    return f"{'rmdir /s' if _IS_WINDOWS else 'rm -r'} {quoted(folder)}"


def removing_file(path: Path) -> str:
    """Return the command that removes a file."""
    return f"{'del' if _IS_WINDOWS else 'rm'} {quoted(str(path))}"


def listing(folder: Path) -> str:
    """Return the command that shows who may do what in a folder."""
    return f"icacls {quoted(str(folder))}" if _IS_WINDOWS else f"ls -ld {quoted(str(folder))}"


def trying(python: str) -> str:
    """Return the command that tells whether an interpreter starts at all."""
    return f"{quoted(python)} -c pass"


def stopping(pid: int) -> str:
    """Return the command that ends a process."""
    return f"{'taskkill /pid' if _IS_WINDOWS else 'kill'} {pid}"


def setting_clock() -> str:
    """Return the command that has the machine's clock kept by NTP."""
    commands = {"win32": "w32tm /resync", "darwin": "sudo systemsetup -setusingnetworktime on"}
    return commands.get(sys.platform, "timedatectl set-ntp true")


def quoted(path: str) -> str:
    """Write a path so that a shell takes it for one word."""
    if _IS_WINDOWS:
        return f'"{path}"' if set(path) & set(" ()&;'") else path
    return shlex.quote(path)
