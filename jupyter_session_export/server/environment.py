"""What the server runs on: interpreter, platform, packages. Never environment variables."""

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
        # A half-removed package has a folder but no name.
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(name, distribution.version)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))
