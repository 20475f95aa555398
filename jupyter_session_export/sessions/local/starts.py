"""The start of a kernel's process, which another program can spoil."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from jupyter_client.connect import port_names
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ...errors import KernelDied, KernelStartFailed

T = TypeVar("T")


async def at_most_twice(
    start: Callable[[], Awaitable[T]], said: Callable[[], str], log: logging.Logger
) -> T:
    """Start a kernel, once more where it ends at once. Raises KernelStartFailed.

    Jupyter chooses a kernel's ports long before the kernel binds them: a program that asks the
    system for any port may be given one of them meanwhile (jupyter_client's issue 487).
    """
    try:
        return await start()
    except KernelDied as error:
        log.info("A kernel ended as it started, another one is tried: %s", said() or error.message)
    try:
        return await start()
    except KernelDied as error:
        raise KernelStartFailed(
            "The kernel ended as it started.", said() or error.message
        ) from error


def forget_ports(manager: Any) -> None:
    """Have the next start of a kernel that has ended choose its ports anew.

    `cleanup_random_ports`, with which Jupyter would do so, leaves ports that a provisioner chose.
    """
    if isinstance(manager.provisioner, LocalProvisioner):
        for name in port_names:
            setattr(manager, name, 0)
        manager.cleanup_connection_file()
