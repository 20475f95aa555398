"""The start of a kernel's process, which another program can spoil."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from jupyter_client.connect import LocalPortCache
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ...errors import KernelDied, KernelStartFailed
from .words import LastWords

T = TypeVar("T")


async def at_most_twice(
    start: Callable[[], Awaitable[T]],
    again: Callable[[], Awaitable[T]],
    words: LastWords,
    log: logging.Logger,
) -> T:
    """Start a kernel, and `again` where it ended by itself. Raises KernelStartFailed.

    Jupyter chooses a kernel's ports long before the kernel binds them: a program that asks the
    system for any port may be given one of them meanwhile (jupyter_client's issue 487).
    """
    words.forget()
    try:
        return await start()
    except KernelDied as error:
        last_line = words.tail().rpartition("\n")[2]
        log.info("A kernel ended as it started; it is tried again. %s %s", error.message, last_line)
    words.forget()
    try:
        return await again()
    except KernelDied as error:
        detail = f"{error.message} {words.tail()}".strip()
        raise KernelStartFailed("The kernel ended as it started.", detail) from error


def forget_ports(manager: Any) -> None:
    """Have the next start of a kernel that has ended choose other ports, where this machine does.

    `cleanup_random_ports`, with which Jupyter would do so, leaves ports that a provisioner chose.
    """
    provisioner = manager.provisioner
    if not isinstance(provisioner, LocalProvisioner):
        return
    if provisioner.ports_cached:
        for port in manager.ports:
            LocalPortCache.instance().return_port(port)
        # The next start asks the cache, which gives no port to two kernels of this process.
        provisioner.ports_cached = False
    manager.cleanup_random_ports()
    manager.cleanup_connection_file()
