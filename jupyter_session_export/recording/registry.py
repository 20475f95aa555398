"""What the server says of its kernels, brought into the recorder's thread in order."""

from __future__ import annotations

from .attachments import Attachments
from .clientele import Clientele
from .lifecycle import Lifecycle


class KernelRegistry(Lifecycle, Clientele, Attachments):
    """All that may be said of the kernels of all sessions, from any thread; nothing blocks."""
