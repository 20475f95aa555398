"""What the server runs on: interpreter, platform, packages. Never environment variables."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

import psutil

from ..recording.cgroups import ControlGroups
from ..records.usage import Limits

CONTAINER, MACHINE = "container", "machine"
"""Whose figure it is."""


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
        },
        "capacity": describe_capacity(ControlGroups.of(os.getpid()).limits()),
        "packages": _packages(),
    }


def describe_capacity(limits: Limits) -> dict[str, Any]:
    """Return how much memory and how many processors there are for the server and its kernels.

    That is what their container allows; a limit above what the machine has is none.
    """
    memory: int = psutil.virtual_memory().total
    cpus = float(_cpus())
    memory_limited = limits.memory_bytes is not None and limits.memory_bytes < memory
    cpus_limited = limits.cpus is not None and limits.cpus < cpus
    return {
        "memory_bytes": limits.memory_bytes if memory_limited else memory,
        "memory_of": CONTAINER if memory_limited else MACHINE,
        "cpus": limits.cpus if cpus_limited else cpus,
        "cpus_of": CONTAINER if cpus_limited else MACHINE,
    }


def _cpus() -> int:
    """Count the processors that this process may run on, where the system can tell."""
    look = getattr(os, "sched_getaffinity", None)
    return len(look(0)) if look is not None else os.cpu_count() or 1


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        # A half-removed package has a folder but no name.
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(name, distribution.version)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))
