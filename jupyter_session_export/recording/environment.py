"""What the recorder runs on: interpreter, platform, packages. Never environment variables."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any


def describe_environment() -> dict[str, Any]:
    """Return the facts as JSON; it reads every package's metadata, so call it in a thread."""
    return {
        "interpreter": {
            "executable": sys.executable,
            "implementation": platform.python_implementation(),
            "version": platform.python_version(),
        },
        "platform": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "description": platform.platform(),
            "cpus": _cpus(),
        },
        "packages": _packages(),
    }


def _cpus() -> int | None:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return os.cpu_count() if affinity is None else len(affinity(0))


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        headers = _headers(distribution)
        # A half-removed package has a folder but no name.
        if name := headers.get("Name"):
            found.setdefault(name, headers.get("Version", ""))
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _headers(distribution: metadata.Distribution) -> dict[str, str]:
    """Read the first lines of a package's metadata: all of it takes ten times as long."""
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    headers: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon or len(headers) == len(("Name", "Version")):
            break
        if name in ("Name", "Version"):
            headers.setdefault(name, value.strip())
    return headers
