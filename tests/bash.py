"""A Bash kernel for tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

SPEC = {
    "argv": [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
    "env": {"PS1": "$"},
}


def add_bash(data: Path) -> None:
    """Have those who look into Jupyter's data folder know Bash.

    bash_kernel's own installer writes a spec that traitlets warns of.
    """
    spec = data / "kernels" / "bash" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(SPEC))
