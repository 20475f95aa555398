"""How `inside` gets into a kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cloudpickle

from jupyter_session_export.sessions.state import bootstrap, inside

CHECK = """
import sys
try:
    import jupyter_session_export
except ImportError:
    pass
else:
    raise AssertionError("it can be imported")
state = sys.modules["_jupyter_session_export_state"]
assert state.NAME == state.__name__
from _jupyter_session_export_state.pickling import Pickler
assert Pickler.__mro__[1].__module__ == "cloudpickle.cloudpickle"
"""


def test_the_kernel_needs_neither_this_package_nor_cloudpickle() -> None:
    """Both are loaded by their paths, and names of theirs are the same each time."""
    folders = {
        "cloudpickle": str(Path(cloudpickle.__file__).parent),
        bootstrap._NAME: str(bootstrap._INSIDE),
    }
    packages = [(name, folder, name == bootstrap._NAME) for name, folder in folders.items()]
    code = f"packages = {packages!r}\n{bootstrap._LOADER * 2}\n{CHECK}"
    # Without site-packages it has no package but Python's own.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_names_are_the_same_on_both_sides() -> None:
    """What one version has written the next one reads."""
    assert bootstrap._NAME == inside.NAME
