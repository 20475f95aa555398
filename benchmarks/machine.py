"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = ("jupyter_session_export", "jupyter_server", "ipykernel", "tornado", "pyzmq",
            "jupyter-archive", "deflate", "zlib-ng", "isal")  # fmt: skip


def describe() -> dict[str, str]:
    """Return the machine and the versions that matter."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "node": _node(),
        **{name: _version(name) for name in PACKAGES},
    }


def sentence() -> str:
    """Return it all as one line."""
    facts = describe()
    return "; ".join(
        value if name in ("processor", "memory", "system") else f"{name} {value}"
        for name, value in facts.items()
        if value
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        return ""
    return subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()  # noqa: PLW1510


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
