"""The main job, run once from end to end: `make demo`.

Starts a Jupyter server, runs `demo.ipynb` in a real kernel through it, downloads the session's
ZIP, verifies it and shows what is in it. The ZIP stays in `artefacts/demo`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from demo_kernel import CellFailed, run_notebook
from demo_server import DemoServer, ServerFailed

from jupyter_session_export.archive.verify import verify
from jupyter_session_export.client.access import Access
from jupyter_session_export.client.client import SessionExportClient
from jupyter_session_export.client.delivery import Delivered, deliver
from jupyter_session_export.client.destination import Destination
from jupyter_session_export.client.job import Request
from jupyter_session_export.client.wording import counted, problem_line, result_text
from jupyter_session_export.errors import ArchiveDamaged, SessionExportError

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "artefacts" / "demo"


def main() -> int:
    """Run the demo and return the exit code."""
    try:
        run()
    except (ServerFailed, CellFailed) as error:
        return fail(str(error))
    except SessionExportError as error:
        return fail(problem_line(error))
    except KeyboardInterrupt:
        return fail("Interrupted.", 130)
    say("\nThe same by hand: `make lab` opens JupyterLab with the notebook; run it and click")
    say("“Download Session” in its toolbar.")
    return 0


def run() -> None:
    """Do the main job. Raises what went wrong in it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="session-export-demo-") as temporary:
        root = Path(temporary, "root")
        root.mkdir()
        shutil.copy(HERE / "demo.ipynb", root)
        step("Starting a Jupyter server")
        with DemoServer(Path(temporary), root) as server:
            step("Running demo.ipynb in a kernel, through the server")
            cells = run_notebook(server, root / "demo.ipynb", say)
            step("Downloading the session")
            delivered = download(server)
            step("Stopping the server")
    step("Verifying the ZIP")
    check(delivered, cells)
    show(delivered)


def download(server: DemoServer) -> Delivered:
    """Ask for the session's ZIP as the button does: by a job, with the user's token."""
    access = Access(url=server.url, key=server.token, scheme="token")
    with SessionExportClient(access) as client:
        session = client.session()
        say(f"  Session{session['number']} of {session['owner']}")
        delivered = deliver(client, Request(), Destination(TARGET), lambda progress: None)
    say(f"  {result_text(delivered)}")
    return delivered


def check(delivered: Delivered, cells: int) -> None:
    """Prove the ZIP by its manifest, and that each cell's run is in it. Raises ArchiveDamaged."""
    found = verify(delivered.path)
    if not found.ok:
        problems = "; ".join(f"{each.path}: {each.what}" for each in found.problems)
        raise ArchiveDamaged(f"{delivered.path} is damaged: {problems}.")
    if delivered.executions != cells:
        raise ArchiveDamaged(f"{cells} cells were run, but {delivered.executions} are in the ZIP.")
    say(f"  {counted(found.entries, 'file')} as recorded, all {cells} executions among them")


def show(delivered: Delivered) -> None:
    """Print the ZIP's tree, its summary, and where it lies."""
    with zipfile.ZipFile(delivered.path) as archive:
        names = archive.namelist()
        summary = archive.read("SESSION_SUMMARY.txt").decode()
    step(delivered.path.name)
    show_tree([name.split("/") for name in names], say)
    step("SESSION_SUMMARY.txt")
    say(summary.rstrip())
    step(f"The ZIP lies in {delivered.path}")


def show_tree(paths: list[list[str]], write: Callable[[str], object], indent: str = "") -> None:
    """Print paths as a tree in their order, folders after the files beside them."""
    for path in paths:
        if len(path) == 1:
            write(f"{indent}{path[0]}")
    for folder in dict.fromkeys(path[0] for path in paths if len(path) > 1):
        write(f"{indent}{folder}/")
        inside = [path[1:] for path in paths if len(path) > 1 and path[0] == folder]
        show_tree(inside, write, indent + "    ")


def step(text: str) -> None:
    say(f"\n== {text}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text: str, code: int = 1) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"\nThe demo failed. {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
