"""What a kernel that records itself is, and where: pure functions over what it was told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VSCODE_NOTEBOOK = "__vsc_ipynb_file__"
"""The variable in which VS Code tells a kernel its notebook."""


@dataclass(frozen=True, slots=True)
class Place:
    """The root folder of a kernel's session, and its notebook below that where it is known."""

    root: str
    notebook: str | None

    @classmethod
    def of(cls, environment: Mapping[str, str], namespace: Mapping[str, Any], folder: str) -> Place:
        """Tell by the environment, the user's variables and the working folder.

        nbclient, papermill and consoles tell no notebook.
        """
        told = environment.get("JPY_SESSION_NAME") or namespace.get(VSCODE_NOTEBOOK)
        if not isinstance(told, str) or not Path(told).is_absolute():
            return cls(folder, None)
        notebook = Path(told)
        root = folder if notebook.is_relative_to(folder) else str(notebook.parent)
        return cls(root, notebook.relative_to(root).as_posix())


def kernel_key(connection_file: str, key: bytes) -> str:
    """Return what stands for a kernel over its restarts, and for no other.

    Its manager keeps connection file and key for as long as it restarts it; either alone
    may come again, such as `kernel-<pid>.json`.
    """
    return hashlib.sha256(Path(connection_file).name.encode() + b"\0" + key).hexdigest()[:32]
