"""What a server of this environment would load: `python -m` prints it, and starts no server.

A program of its own, since a configuration is Python and may do anything. It reads what
jupyter_server and jupyterlab_server would read, by their own means, and changes nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path
from jupyter_server.serverapp import ServerApp

PACKAGE = "jupyter_session_export"
LABEXTENSION = "jupyter-session-export"
LEVELS = ("user", "sys_prefix", "system")
LIST_KEY = "disabledExtensions"


def describe() -> dict[str, Any]:
    """Return the state of the server extension and of the front end."""
    return {"server": _server(), "lab": _lab()}


def _server() -> dict[str, Any]:
    # A server would log the error and go on without that file.
    app = ServerApp(raise_config_file_errors=True)
    try:
        app.load_config_file(suppress_errors=False)
    except Exception as error:  # noqa: BLE001  # it is Python, so it may raise anything
        return {"config_error": f"{type(error).__name__}: {error}"}
    app.find_server_extensions()
    return {
        "enabled": app.jpserver_extensions.get(PACKAGE),
        "said_by": [str(path) for path in _sayings(app.config_file_paths)],
        "import_error": _import_error(),
    }


def _import_error() -> str | None:
    try:
        from .app import SessionExportApp  # noqa: PLC0415  # this is what is tried
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told
        return f"{type(error).__name__}: {error}"
    return None if SessionExportApp.name else "SessionExportApp has no name."


def _sayings(folders: list[str]) -> Iterator[Path]:
    """Yield the files that turn the extension on or off, that which counts first."""
    for folder in map(Path, folders):
        name = "jupyter_server_config"
        for path in (
            folder / f"{name}.json",
            *sorted(folder.glob(f"{name}.d/*.json"), reverse=True),
        ):
            extensions = _read(path).get("ServerApp", {}).get("jpserver_extensions", {})
            if PACKAGE in extensions:
                yield path


def _lab() -> dict[str, Any] | None:
    try:
        from jupyterlab_server.config import (  # noqa: PLC0415  # it may not be installed
            get_page_config,
            get_static_page_config,
        )
    except ImportError:
        return None
    folders = jupyter_path("labextensions")
    application = Path(os.environ.get("JUPYTERLAB_DIR") or Path(sys.prefix, "share/jupyter/lab"))
    settings = application / "settings"
    disabled = get_page_config(folders, str(settings)).get(LIST_KEY, [])
    ours = [name for name in disabled if name.partition(":")[0] == LABEXTENSION]
    packages = (Path(folder, LABEXTENSION, "package.json") for folder in folders)
    levels = {level: get_static_page_config(level=level).get(LIST_KEY, {}) for level in LEVELS}
    return {
        "copies": [_copy(path) for path in packages if path.is_file()],
        "disabled": ours,
        "disabled_at": [level for level in LEVELS if any(levels[level].get(one) for one in ours)],
        "settings": str(settings),
    }


def _copy(package: Path) -> dict[str, Any]:
    """Return where a copy of the front end is, its version, and whether it is all there."""
    data = _read(package)
    load = data.get("jupyterlab", {}).get("_build", {}).get("load")
    return {
        "path": str(package.parent),
        "version": data.get("version"),
        "whole": bool(load) and (package.parent / load).is_file(),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


if __name__ == "__main__":
    print(json.dumps(describe()))  # noqa: T201  # this is its answer
