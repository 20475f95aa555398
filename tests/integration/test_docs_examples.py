"""Every block of code in README.md and docs/ does what its page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from traitlets.config import Config

from jupyter_session_export.settings import SessionExport
from jupyter_session_export.store.numbering import claim_number
from tests.exporting import export
from tests.kernel_socket import KernelSocket
from tests.pages import DOCS, Block, Page, pages
from tests.servers import RunningServer, running_server

# A page starts a dozen programs; on a busy machine each of them takes its time.
pytestmark = pytest.mark.timeout(900)
NUMBER = 42
"""Of the session in the pages' commands."""
AN_URL = "http://localhost:8888"
A_TOKEN = re.compile(r"\bTOKEN\b")
NOTEBOOK = "analysis.ipynb"
RUN = [page for page in pages() if any(block.kind for block in page.blocks())]


@contextmanager
def a_server(folder: Path, number: int) -> Iterator[RunningServer]:
    """Run a server whose first session has this number."""

    def prepare(server: RunningServer) -> None:
        server.data_dir().mkdir(parents=True, mode=0o700)
        while claim_number(server.data_dir() / "numbers") < number - 1:
            pass

    with running_server(folder, prepare=prepare if number > 1 else None) as server:
        yield server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server of all pages that don't want one of their own."""
    with a_server(tmp_path_factory.mktemp("docs"), NUMBER) as server:
        yield server


@pytest.mark.parametrize("at", ["manifest", "session_metadata", "execution_metadata"])
def test_documents_are_as_their_schemas_say(shared: RunningServer, at: str) -> None:
    """With each key that there is, and none besides."""
    with KernelSocket(shared, shared.start_kernel(path="schemas.ipynb")) as kernel:
        kernel.run("print('fine')")
        kernel.run("1 / 0")
    schema = json.loads((DOCS / "schemas" / f"{at}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    archive = export(shared)
    pattern = re.compile(schema["title"].replace("…", "[^/]*"))
    found = [name for name in archive.namelist() if pattern.fullmatch(name)]
    assert found
    for name in found:
        Draft202012Validator(schema).validate(json.loads(archive.read(name)))


class Carrier:
    """Carries out a page's blocks, in a folder and a kernel of its own."""

    def __init__(self, server: RunningServer, folder: str) -> None:
        self._server = server
        self._folder = server.root / folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._notebook = f"{folder}/{NOTEBOOK}" if folder else NOTEBOOK
        self._kernel_id: str | None = None
        self.printed = ""

    def carry_out(self, block: Block) -> None:
        """Do as a block says."""
        if block.kind == "sh":
            self._shell(block)
        elif block.kind == "cell":
            self._cell(block)
        elif block.kind == "settings":
            scope = {"c": Config(), "get_config": Config}
            exec(block.code, scope)  # noqa: S102  # the page's own code
            SessionExport(config=scope["c"])
        elif block.kind == "shown":
            assert self.printed == block.code

    def _shell(self, block: Block) -> None:
        environment = {
            **self._server.environment,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._with_server(block.code)],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        # Of the test's files only: those of a page have lain for a while.
        self.printed = re.sub(r"    was written to moments ago.*\n", "", done.stdout)
        if block.fails is None:
            assert done.returncode == 0, f"line {block.line}: {done.stderr}{done.stdout}"
        else:
            assert done.returncode != 0
            assert block.fails in done.stderr + done.stdout

    def _cell(self, block: Block) -> None:
        if self._kernel_id is None:
            self._kernel_id = self._server.start_kernel(path=self._notebook)
        # Nobody reads a socket while a shell runs, so a held one would be given up.
        with KernelSocket(self._server, self._kernel_id) as kernel:
            # Without the last line's end, as cells of a notebook are.
            code = self._with_server(block.code).rstrip("\n")
            ran = kernel.run(code, cell_id=block.cell_id)
        assert ran.reply is not None
        self.printed = ran.stream("stdout")
        if block.fails is None:
            assert ran.reply["status"] == "ok", f"line {block.line}: {ran.reply}"
            # Magics tell their problems there, and never fail.
            assert ran.stream("stderr") == "", f"line {block.line}"
        else:
            assert block.fails in str(ran.reply)

    def _with_server(self, code: str) -> str:
        code = code.replace(AN_URL, self._server.url.rstrip("/"))
        return A_TOKEN.sub(str(self._server.token), code)


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_a_page_does_what_it_says(page: Page, shared: RunningServer, tmp_path: Path) -> None:
    """All of its blocks, from top to bottom, and it prints what it shows."""
    with ExitStack() as stack:
        server, folder = shared, page.name.removesuffix(".md").replace("/", "-")
        if page.own_session:
            server, folder = stack.enter_context(a_server(tmp_path, page.own_session)), ""
        carrier = Carrier(server, folder)
        for block in page.blocks():
            if block.not_run is None:
                carrier.carry_out(block)
