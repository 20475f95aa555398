"""What is not imported: by the package itself, by servers, kernels and commands that start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

OURS = "jupyter_session_export"
FRONT_DOOR = "import " + OURS
SERVER = f"import {OURS}.server.app"
KERNEL = f"import {OURS}.kernel.extension"
COMMAND = f"import {OURS}.cli.command"
NOT_AT_ALL = {"typing", "re", "logging", "asyncio", "traitlets", "tornado", "IPython", "zmq"}
NOT_BY_SERVERS = {
    "httpx",
    "rich",
    "IPython",
    "ipykernel",
    "ipywidgets",
    "nbconvert",
    "cloudpickle",
    "websocket",
    "psutil",
    "filelock",
    f"{OURS}.archive.contents",
    f"{OURS}.archive.files",
    f"{OURS}.cli",
    f"{OURS}.client.client",
    f"{OURS}.exports.planning",
    f"{OURS}.exports.walks",
    f"{OURS}.importing",
    f"{OURS}.insights",
    f"{OURS}.kernel",
    f"{OURS}.recording.debugging.kernel",
    f"{OURS}.recording.standing",
    f"{OURS}.restoring",
    f"{OURS}.sessions",
    f"{OURS}.store.custody",
    f"{OURS}.store.reader",
    f"{OURS}.workspaces.collectors",
    f"{OURS}.workspaces.recordings",
}
NOT_BY_KERNELS = {
    "httpx",
    "psutil",
    "sqlite3",
    "filelock",
    "deflate",
    "isal",
    "ipywidgets",
    "nbformat",
    "nbconvert",
    "tornado.web",
    "jupyter_server",
    f"{OURS}.archive",
    f"{OURS}.client.client",
    f"{OURS}.exports",
    f"{OURS}.recording",
    f"{OURS}.server",
    f"{OURS}.sessions",
    f"{OURS}.settings",
    f"{OURS}.store",
}

NOT_BY_COMMANDS = {"IPython", "ipykernel", "jsonschema", "jupyter_server", "nbconvert", "nbformat"}


def imported(statement: str, before: str = "") -> set[str]:
    """Return the modules that a fresh interpreter has after it that it hadn't before it."""
    code = (
        f"import json, sys\n{before}\nknown = set(sys.modules)\n{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - known)))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    return set(json.loads(out))


def test_the_package_is_next_to_nothing() -> None:
    """Every kernel and server of the environment imports it, also where nobody needs it."""
    # json, which tells, has imported these itself.
    forget = "for name in ('typing', 're', 'logging'): sys.modules.pop(name, None)"
    modules = imported(FRONT_DOOR, forget)
    assert modules & NOT_AT_ALL == set()
    assert {name for name in modules if name.startswith(OURS)} == {OURS}


@pytest.mark.parametrize(
    ("statement", "before", "absent"),
    [
        (SERVER, "import jupyter_server.serverapp", NOT_BY_SERVERS),
        (KERNEL, "import ipykernel.kernelapp", NOT_BY_KERNELS),
        (COMMAND, "", NOT_BY_COMMANDS),
    ],
    ids=["server", "kernel", "command"],
)
def test_what_is_heavy_waits_until_it_is_needed(
    statement: str, before: str, absent: set[str]
) -> None:
    """A start imports what it needs at once, and no more."""
    assert imported(statement, before) & absent == set()


def test_a_first_export_need_not_wait_for_what_a_start_left_out() -> None:
    """A server loads it once it has started."""
    statement = f"from {OURS}.exports.archiver import load_all; load_all()"
    needed = {"archive.prepare", "archive.zipstream", "exports.planning", "store.reader"}
    assert {f"{OURS}.{name}" for name in needed} <= imported(statement)
