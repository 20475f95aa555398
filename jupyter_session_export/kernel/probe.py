"""Run by a kernel's own interpreter, of any environment: what that has of us, as a line of JSON.

It stands alone, and for Python 3.8, since `doctor` hands it over as text: the package may not
be there at all. Its argument is the module that the kernel is launched by.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from importlib import metadata
from pathlib import Path

PACKAGE = "jupyter_session_export"
STARTUP = "50-jupyter_session_export.py"
SHOWN = (PACKAGE, "ipykernel", "ipython", "ipywidgets", "xeus-python")


def describe(launcher: str) -> dict[str, object]:
    """Return versions, whether the kernel can be launched, and whether our plugin would load."""
    version, error = _plugin()
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable,
        "launched": not launcher or importlib.util.find_spec(launcher) is not None,
        "plugin": version,
        "error": error,
        "startup": _startup_file() if version else None,
        "versions": _versions(),
    }


def _plugin() -> tuple[str | None, str | None]:
    """Return the plugin's version, or why it can't be imported; neither where it isn't there."""
    if importlib.util.find_spec(PACKAGE) is None:
        return None, None
    try:
        import jupyter_session_export  # noqa: PLC0415  # this is what is tried
        import jupyter_session_export.kernel.extension  # noqa: PLC0415
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told
        return None, f"{type(error).__name__}: {error}"
    return jupyter_session_export.__version__, None


def _startup_file() -> str | None:
    """Return the file by which IPython loads the plugin, where IPython looks for such files."""
    from IPython.core.application import (  # noqa: PLC0415  # there, as the plugin has loaded
        ENV_CONFIG_DIRS,
        SYSTEM_CONFIG_DIRS,
    )

    # IPython's own get_ipython_dir would make it.
    own = os.environ.get("IPYTHONDIR") or str(Path("~/.ipython").expanduser())
    folders = [str(Path(own, "profile_default")), *ENV_CONFIG_DIRS, *SYSTEM_CONFIG_DIRS]
    files = (Path(folder, "startup", STARTUP) for folder in folders)
    return next((str(file) for file in files if file.is_file()), None)


def _versions() -> dict[str, str]:
    found = {}
    for name in SHOWN:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1])))  # noqa: T201  # this is its answer
