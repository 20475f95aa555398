from __future__ import annotations

import subprocess
import sys

import jupyter_session_export

LOAD = """
import sys
from IPython.core.interactiveshell import InteractiveShell
import jupyter_session_export
shell = InteractiveShell()
jupyter_session_export.load_ipython_extension(shell)
assert shell.find_line_magic("session_export")
assert shell.find_line_magic("session_recording")
print(sorted({"httpx", "tornado", "ipywidgets", "jupyter_server"} & set(sys.modules)))
"""

IMPORT = """
import sys
before = set(sys.modules)
import jupyter_session_export
print(sorted(name for name in set(sys.modules) - before if name.startswith("jupyter_session")))
"""


def run(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def test_the_package_imports_nothing_until_asked() -> None:
    """Every kernel and every server pays for this import."""
    assert run(IMPORT) == "['jupyter_session_export']"


def test_loading_the_extension_imports_nothing_heavy() -> None:
    """Every kernel loads it, few export."""
    assert run(LOAD) == "[]"


def test_the_facade_has_what_it_promises() -> None:
    """Each public name leads to what it names, any other is an AttributeError."""
    for name in jupyter_session_export.__all__:
        assert getattr(jupyter_session_export, name) is not None
    assert not hasattr(jupyter_session_export, "nonsense")


def test_the_front_end_lies_in_the_package() -> None:
    """JupyterLab's own development install asks for it."""
    (paths,) = jupyter_session_export._jupyter_labextension_paths()
    assert paths == {"src": "labextension", "dest": "jupyter-session-export"}
