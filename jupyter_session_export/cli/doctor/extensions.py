"""The server extension and the front end, as this environment's servers would load them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_core.paths import SYSTEM_CONFIG_PATH, jupyter_config_dir

from ... import __version__
from .commands import mending_us, removing, replacing_us
from .finding import Finding, found, well
from .probe import ProbeFailed, ProbeTimedOut, ask
from .source import OURS

LABEXTENSION = "jupyter-session-export"
SECONDS = 120.0
"""A cold start on a slow disk takes many; a configuration that waits for something takes longer."""


def examine_extensions() -> tuple[list[Finding], list[Finding]]:
    """Return what is found of the server extension, and of the front end."""
    try:
        condition = ask([sys.executable, "-m", f"{OURS}.server.condition"], SECONDS)
    except ProbeTimedOut as error:
        why = f"Jupyter's configuration could not be read: {error.why}"
        return [found("SERVER_EXTENSION_NOT_EXAMINED", why, "jupyter server --show-config")], []
    except ProbeFailed as error:
        why = f"jupyter_server can't be imported: {error.why}"
        return [found("SERVER_EXTENSION_BROKEN", why, mending_us())], []
    return [judge_server(condition["server"])], list(judge_lab(condition["lab"]))


def judge_server(server: Mapping[str, Any]) -> Finding:
    """Tell whether servers load the extension."""
    if error := server.get("config_error"):
        return found(
            "SERVER_CONFIG_BROKEN",
            f"Jupyter's configuration raises an error, and has no effect: {error}",
            "jupyter server --show-config",
        )
    if error := server["import_error"]:
        return found(
            "SERVER_EXTENSION_BROKEN",
            f"The server extension can't be imported: {error}",
            mending_us(),
        )
    if not server["enabled"]:
        said_by = server["said_by"]
        where = f" in {said_by[0]}" if said_by else ""
        verb = "turned off" if server["enabled"] is False else "not turned on"
        return found(
            "SERVER_EXTENSION_DISABLED",
            f"The server extension is {verb}{where}.",
            _enabling(said_by, server["enabled"]),
            said_by=said_by,
        )
    return well(
        "SERVER_EXTENSION", "The server extension is on and can be imported.", **dict(server)
    )


def _enabling(said_by: Sequence[str], enabled: bool | None) -> str:
    """Return what turns it on: in the place that counts, as others may be overruled."""
    command = "jupyter server extension enable"
    if enabled is None:
        return f"{command} --sys-prefix {OURS}"
    path = Path(said_by[0]) if said_by else None
    # The command writes this file; what stands in another one of that folder counts for more.
    if path is not None and path.name == f"{OURS}.json":
        if path.is_relative_to(jupyter_config_dir()):
            return f"{command} --user {OURS}"
        if path.is_relative_to(sys.prefix) or path.parents[1] in map(Path, SYSTEM_CONFIG_PATH):
            return f"{command} --sys-prefix {OURS}"
    file = said_by[0] if said_by else "jupyter_server_config.py"
    return f"Set jpserver_extensions' {OURS} to true in {file}"


def judge_lab(lab: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Tell whether JupyterLab and Notebook load the front end, and which copy of it."""
    if lab is None:
        yield well(
            "LAB_NOT_INSTALLED",
            "Neither JupyterLab nor Notebook is installed here, nor needed.",
        )
        return
    copies = [copy for copy in lab["copies"] if copy["whole"]]
    if not copies:
        yield found(
            "LAB_EXTENSION_MISSING",
            "The front end is not installed, or not all of it.",
            replacing_us(),
            copies=lab["copies"],
        )
        return
    disabled = lab["disabled"]
    if LABEXTENSION in disabled or f"{LABEXTENSION}:plugin" in disabled:
        name = LABEXTENSION if LABEXTENSION in disabled else f"{LABEXTENSION}:plugin"
        yield found(
            "LAB_EXTENSION_DISABLED",
            f"{name} is among the extensions that JupyterLab is told to leave out.",
            _unlocking(lab, name),
            disabled=disabled,
        )
    elif disabled:
        yield found(
            "LAB_PLUGINS_DISABLED",
            f"JupyterLab is told to leave out {', '.join(disabled)}.",
            _unlocking(lab, disabled[0]),
            disabled=disabled,
        )
    yield from _judge_copies(copies)
    if not disabled and copies[0]["version"] == __version__:
        yield well("LAB_EXTENSION", f"The front end is on, in {copies[0]['path']}.", **dict(lab))


def _judge_copies(copies: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    first, *others = copies
    if first["version"] == __version__:
        return
    path, version = first["path"], first["version"]
    if any(other["version"] == __version__ for other in others):
        yield found(
            "LAB_EXTENSION_SHADOWED",
            f"The front end of version {version} in {path} hides that of {__version__}.",
            removing(path),
            copies=list(copies),
        )
    else:
        yield found(
            "LAB_EXTENSION_OTHER_VERSION",
            f"The front end is of version {version}, the server extension of {__version__}.",
            replacing_us(),
            copies=list(copies),
        )


def _unlocking(lab: Mapping[str, Any], name: str) -> str:
    """Return what turns it on in the place that turns it off."""
    if lab["disabled_at"]:
        return f"jupyter labextension enable --level={lab['disabled_at'][0]} {name}"
    return f"Remove {name} from disabledExtensions in {lab['settings']}/page_config.json"
