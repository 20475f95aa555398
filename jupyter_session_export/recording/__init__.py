"""Watch what runs: kernels' messages become executions, which a `Sink` keeps.

`Recorder` is the centre; `KernelWatch`, `NotebookWatch` and `recording_connection`
tell it what a Jupyter server does.
"""

from __future__ import annotations

from .recorder import Recorder
from .sink import Blobs, Sink, Spool

__all__ = ["Blobs", "Recorder", "Sink", "Spool"]
