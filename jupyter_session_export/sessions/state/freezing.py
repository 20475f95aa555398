"""Stopping a kernel where it stands, and letting it go on: its memory stays, its cores are free."""

from __future__ import annotations

import signal

from ...errors import NotSupported
from ..link import KernelLink


async def freeze(link: KernelLink) -> None:
    """Stop the kernel and what it has started, in the middle of a cell, too.

    Raises NotSupported on a system without such signals, or where the kernel runs elsewhere.
    """
    await _signal(link, "SIGSTOP")


async def thaw(link: KernelLink) -> None:
    """Let it go on; one that wasn't stopped doesn't notice."""
    await _signal(link, "SIGCONT")


async def _signal(link: KernelLink, name: str) -> None:
    number = getattr(signal, name, None)
    if number is None:
        raise NotSupported(
            "This system can't stop a process and let it go on.",
            "`suspend` writes the session's variables to a file instead.",
        )
    await link.signal(number)
