"""jupyter_client's own client of a session's kernel, for who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NotSupported
from .link import KernelLink

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient


def client_of(link: KernelLink) -> BlockingKernelClient:
    """Return a client with its channels open. Raises NotSupported where there are none here."""
    file = link.connection_file
    if file is None:
        raise NotSupported("The kernel runs elsewhere, and has no channels on this machine.")
    from jupyter_client.blocking.client import (  # noqa: PLC0415  # few ask for it
        BlockingKernelClient,
    )

    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    return client
