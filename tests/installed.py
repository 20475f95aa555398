"""What must hold wherever the package was installed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from jupyter_session_export import __version__
from tests.building import Environment, run
from tests.exporting import export, recorded_in
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, isolated_environment, running_server

PACKAGE = "jupyter_session_export"
LABEXTENSION = "share/jupyter/labextensions/jupyter-session-export"
STARTUP = f"etc/ipython/startup/50-{PACKAGE}.py"
SERVER_CONFIG = f"etc/jupyter/jupyter_server_config.d/{PACKAGE}.json"
CELLS = [
    f"import {PACKAGE} as package; print(package.__file__)",
    "%session_panel",
    "%session_export",
    "6 * 7",
]


def everything_is_on(environment: Environment, folder: Path) -> None:
    """Server extension, front end and magic are on without another command."""
    env = isolated_environment(folder / "lists")
    env.pop("PYTHONPATH", None)
    jupyter = environment.program("jupyter")
    assert (environment.prefix / STARTUP).is_file()
    servers = run(jupyter, "server", "extension", "list", cwd=folder, env=env)
    assert f"{PACKAGE} {__version__}" in servers
    assert "error" not in servers.lower()
    front_ends = run(jupyter, "labextension", "list", cwd=folder, env=env)
    (line,) = (line for line in front_ends.splitlines() if "jupyter-session-export" in line)
    assert "enabled" in line
    assert "OK" in line
    code = "print('session_export' in get_ipython().magics_manager.magics['line'])"
    ipython = (environment.python, "-m", "IPython", "--colors=NoColor", "-c", code)
    assert run(*ipython, cwd=folder, env=env).strip() == "True"


def records_and_exports(environment: Environment, folder: Path, app: str = "lab") -> str:
    """A server of the environment records a kernel of it; the magic and the routes export it.

    Return what the server logged.
    """
    with server_of(environment, folder, app) as server:
        kernel_id = server.start_kernel()
        with KernelSocket(server, kernel_id) as kernel:
            runs = [kernel.run(code) for code in CELLS]
        failed = [traceback for run in runs for traceback in run.tracebacks()]
        assert not failed, "\n".join(failed)
        assert str(environment.prefix) in runs[0].stream("stdout")
        archive = export(server)
        assert [one["source"] for one in recorded_in(archive)] == CELLS
        path = folder / "exported.zip"
        assert archive.fp is not None
        archive.fp.seek(0)
        path.write_bytes(archive.fp.read())
        (by_magic,) = server.root.glob("*.zip")
        verify = (environment.program("jupyter"), "session-export", "verify", path, by_magic)
        said = run(*verify, cwd=folder, env=server.environment)
        assert said.count("all as recorded") == 2
        return server.log.read_text()


def server_of(
    environment: Environment, folder: Path, app: str
) -> AbstractContextManager[RunningServer]:
    """Run a server of the environment, with all that is installed there turned on."""
    outside = {"PYTHONPATH": "", "JUPYTER_CONFIG_PATH": ""}
    return running_server(folder, app=app, python=environment.python, environment=outside)
