"""A namespace as a kernel has it, in this process."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.sessions.state import inside
from jupyter_session_export.sessions.state.inside.blocks import hashed
from jupyter_session_export.sessions.state.inside.pickling import forget_classes

PARTS = ("contents", "objects", "buffers")


class FakeShell:
    """What `inside` asks of IPython's shell."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.user_ns = vars(self.module)
        self.user_ns.update(get_ipython=lambda: self, _oh={}, _="", __="", ___="")
        self.user_ns_hidden = dict(self.user_ns)
        self.execution_count = 1
        self.history_manager = SimpleNamespace(input_hist_parsed=[""], input_hist_raw=[""])
        self.displayhook = SimpleNamespace(_="", __="", ___="")

    def push(self, names: dict[str, Any], interactive: bool = True) -> None:
        self.user_ns.update(names)
        if not interactive:
            self.user_ns_hidden.update(names)

    def run(self, code: str) -> None:
        """Run code as a cell."""
        exec(compile(code, "<cell>", "exec"), self.user_ns)  # noqa: S102  # the test's own code

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Be this process's main module."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "__main__", self.module)
            yield

    def dump(self, folder: Path) -> dict[str, Any]:
        """Write the state; return what it contains, or what went wrong."""
        given = {part: str(folder / part) for part in PARTS}
        with self.in_place():
            told: dict[str, Any] = json.loads(inside.dump(json.dumps(given)))
        return told if "errno" in told else dict(json.loads((folder / "contents").read_bytes()))

    def load(self, folder: Path, digest: str = "") -> dict[str, Any]:
        """Take a state, as a fresh process would."""
        forget_classes()
        digest = digest or hashed(folder / "contents")[0]
        given = {part: str(folder / part) for part in PARTS}
        with self.in_place():
            told = inside.load(json.dumps({**given, "sha256": digest}))
        return dict(json.loads(told))


def cycled(shell: FakeShell, folder: Path) -> FakeShell:
    """Return a fresh shell with what the other one had."""
    folder.mkdir()
    shell.dump(folder)
    fresh = FakeShell()
    assert fresh.load(folder) == {"lost": []}
    return fresh
