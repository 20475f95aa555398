"""What `%load_ext jupyter_session_export` does."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

from .magic import SessionMagics


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics. Kernels load this at their start, so it does nothing else."""
    shell.register_magics(SessionMagics)
