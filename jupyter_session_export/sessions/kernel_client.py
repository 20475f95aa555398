"""jupyter_client's own clients of a session's kernel, for who needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NotSupported
from .link import KernelLink

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.blocking.client import BlockingKernelClient


def client_of(link: KernelLink) -> BlockingKernelClient:
    """Return a client with its channels open. Raises NotSupported where there are none here."""
    from jupyter_client.blocking.client import (  # noqa: PLC0415  # few ask for it
        BlockingKernelClient,
    )

    client = BlockingKernelClient(connection_file=_file_of(link))
    client.load_connection_file()
    client.start_channels()
    return client


def async_client_of(link: KernelLink) -> AsyncKernelClient:
    """Do `client_of` for the event loop that this is called on."""
    from jupyter_client.asynchronous.client import (  # noqa: PLC0415  # few ask for it
        AsyncKernelClient,
    )

    client = AsyncKernelClient(connection_file=_file_of(link))
    client.load_connection_file()
    client.start_channels()
    return client


def _file_of(link: KernelLink) -> str:
    file = link.connection_file
    if file is None:
        raise NotSupported(
            "The kernel runs elsewhere, and has no channels on this machine.",
            "run() and stream() reach it, and so does the server's own /api/kernels.",
        )
    return file
