"""Whatever people, programs and clocks do: a line in the ledger, and nothing else lost."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import executions, export, manifest, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def shared(server: RunningServer) -> str:
    """A kernel that serves one notebook after the other."""
    return server.start_kernel(path="first.ipynb")


@contextmanager
def opened(server: RunningServer, kernel_id: str, path: str) -> Iterator[KernelSocket]:
    """Open a notebook on a kernel that runs already."""
    server.start_kernel(path=path, kernel_id=kernel_id)
    with KernelSocket(server, kernel_id) as kernel:
        yield kernel


def of_notebook(server: RunningServer, path: str) -> zipfile.ZipFile:
    """Export one notebook and check the ZIP."""
    archive = export(server, scope="notebook", path=path)
    assert archive.fp is not None
    copy = server.home / f"{uuid.uuid4()}.zip"
    archive.fp.seek(0)
    copy.write_bytes(archive.fp.read())
    assert verify(copy).ok
    return archive


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text", b"this is a letter, not a notebook"),
        ("torn", b'{"cells": [{"cell_type": "code", "source": "1'),
        ("list", b"[1, 2, 3]"),
        ("empty", b""),
        ("binary", bytes(range(256))),
        ("cells", b'{"cells": [null, 3, {"cell_type": 5}], "nbformat": 4, "metadata": []}'),
        ("deep", b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_a_broken_notebook_is_packed_as_it_is(
    server: RunningServer, shared: str, name: str, content: bytes
) -> None:
    """What is on disk goes into the ZIP to the byte; what ran is there beside it."""
    path = f"broken {name}.ipynb"
    (server.root / path).write_bytes(content)
    with opened(server, shared, path) as kernel:
        kernel.run(f"'in {name}'")
    archive = of_notebook(server, path)
    assert archive.read("code/notebook_1.ipynb") == content
    about = json.loads(archive.read("code/notebook_1_metadata.json"))
    assert about["path"] == path
    assert about["rebuilt"] is False
    assert about["script"] or "code/notebook_1.py" in archive.namelist()
    if name != "cells":
        assert "no notebook" in manifest(archive)["code/notebook_1.ipynb"]["reason"]
    (execution,) = executions(archive)
    assert archive.read(f"{execution['folder']}/source.py").decode() == f"'in {name}'"


@pytest.mark.parametrize("state", ["deleted", "never saved"])
def test_a_notebook_that_is_not_on_disk_is_rebuilt(server: RunningServer, state: str) -> None:
    """From what ran of it, each cell with its last outputs; the ledger says so."""
    path = f"{state}.ipynb"
    if state == "deleted":
        (server.root / path).write_text("{}")
    with KernelSocket(server, server.start_kernel(path=path)) as kernel:
        kernel.run("print('first try')", cell_id="a")
        kernel.run("1/0", cell_id="b")
        kernel.run("print('second try')", cell_id="a")
    (server.root / path).unlink(missing_ok=True)
    archive = of_notebook(server, path)
    notebook = json.loads(archive.read("code/notebook_1.ipynb"))
    assert [cell["id"] for cell in notebook["cells"]] == ["a", "b"]
    assert notebook["cells"][0]["outputs"][0]["text"] == "second try\n"
    assert notebook["cells"][1]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert b"second try" in archive.read("code/notebook_1.py")
    line = manifest(archive)["code/notebook_1.ipynb"]
    assert "rebuilt from its executions" in line["reason"]
    assert json.loads(archive.read("code/notebook_1_metadata.json"))["rebuilt"] is True


def test_bytes_that_are_no_text_come_through(server: RunningServer) -> None:
    """Lone surrogates and bytes that are no UTF-8 are kept as the bytes that the kernel sent."""
    with KernelSocket(server, server.start_kernel(path="bytes.ipynb")) as kernel:
        kernel.run(r"print('a\udcffb')")
        kernel.run(r"from IPython.display import HTML; HTML('<b>\udcff</b>')")
        kernel.run(r"raise ValueError('\udcff')")
        kernel.run(r"import os; os.write(1, b'c\xff\xfed\n'); print('e')")
        kernel.run("print('whole')")
    archive = of_notebook(server, "bytes.ipynb")
    text, html, error, written, whole = executions(archive)
    assert archive.read(f"{text['folder']}/stdout.txt") == b"a\xffb\n"
    (file,) = (one["file"] for one in html["outputs"] if one["mime"] == "text/html")
    assert archive.read(f"{html['folder']}/{file}") == b"<b>\xff</b>"
    assert error["error"]["name"] == "ValueError"
    assert b"e\n" in archive.read(f"{written['folder']}/stdout.txt")
    assert archive.read(f"{whole['folder']}/stdout.txt") == b"whole\n"
    for one in executions(archive):
        json.loads(archive.read(f"{one['folder']}/outputs.json"))


def test_one_huge_output_is_kept_whole(server: RunningServer) -> None:
    """100 MB printed at once are in the ZIP to the byte, whatever the page got to see."""
    with KernelSocket(server, server.start_kernel(path="huge.ipynb")) as kernel:
        kernel.run("print('0123456789' * 10_000_000)", cell_id="huge")
        kernel.run("'next'")
    archive = of_notebook(server, "huge.ipynb")
    huge, following = executions(archive)
    with archive.open(f"{huge['folder']}/stdout.txt") as file:
        for _ in range(100):
            assert file.read(1_000_000) == b"0123456789" * 100_000
        assert file.read() == b"\n"
    assert (huge["status"], huge["truncated"]) == ("ok", False)
    assert following["status"] == "ok"


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
def test_very_many_outputs_are_kept(server: RunningServer, count: int) -> None:
    """Each in its place, though the tab was closed when they had only begun."""
    path = f"{count} outputs.ipynb"
    kernel_id = server.start_kernel(path=path)
    with KernelSocket(server, kernel_id) as kernel:
        run = kernel.submit(
            "from IPython.display import display\n"
            f"for n in range({count}):\n"
            "    display({'text/plain': str(n)}, raw=True)"
        )
        while not run.messages:
            kernel.receive(run)
    with server.client() as client:
        url = f"api/kernels/{kernel_id}"
        wait_until(lambda: client.get(url).json()["execution_state"] == "idle", 600)
    archive = of_notebook(server, path)
    (execution,) = executions(archive)
    assert (execution["status"], execution["truncated"]) == ("ok", False)
    outputs = json.loads(archive.read(f"{execution['folder']}/outputs.json"))
    assert len(outputs) == count
    for n in (0, 1, count // 2, count - 1):
        name = outputs[n]["data"]["text/plain"]["$ref"]
        assert archive.read(f"{execution['folder']}/{name}") == str(n).encode()


@pytest.mark.parametrize(
    "path",
    [
        "a:b*c?.ipynb",
        "two\nlines\tand\x01.ipynb",
        "n" * 245 + ".ipynb",
        "n" * 300 + ".ipynb",
        "данные/مرحبا 你好 🚀.ipynb",
        "e\u0301 é.ipynb",
        " leading and trailing .ipynb",
        "<script>alert(1)</script>.ipynb",
        "CON.ipynb",
    ],
)
def test_any_name_of_a_notebook_will_do(server: RunningServer, shared: str, path: str) -> None:
    """The ZIP's own names are plain; the notebook's name is told in its metadata."""
    with opened(server, shared, path) as kernel:
        kernel.run("'named'")
    archive = of_notebook(server, path)
    (execution,) = executions(archive)
    assert (execution["status"], execution["notebook"]) == ("ok", path)
    assert all(
        len(name) < 200 and ".." not in name.split("/") and name.isascii()
        for name in archive.namelist()
    )
    about = json.loads(archive.read("code/notebook_1_metadata.json"))
    assert about["path"].endswith(".ipynb")
    assert about["rebuilt"] is True


def test_a_notebook_that_leads_out_of_the_root_is_not_read(server: RunningServer) -> None:
    """A link or a name with `..` gets nothing from elsewhere into the ZIP."""
    (server.root.parent / "secret.ipynb").write_text('{"cells": [], "secret": 1}')
    (server.root / "link.ipynb").symlink_to(server.root.parent / "secret.ipynb")
    kernel_id = server.start_kernel(path="link.ipynb")
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        kernel.run("'by a link'")
        (row,) = (row for row in client.get("api/sessions").json() if row["path"] == "link.ipynb")
        renamed = {"path": "../secret.ipynb"}
        assert client.patch(f"api/sessions/{row['id']}", json=renamed).status_code == 200
        kernel.run("'by its name'")
    archive = one_shot(server, include="code,workspace")
    for name in archive.namelist():
        assert b'"secret"' not in archive.read(name)
    reasons = [line["reason"] or "" for line in manifest(archive).values()]
    assert any("out of the root" in reason for reason in reasons)


def test_two_notebooks_of_one_name_stay_apart(server: RunningServer) -> None:
    """Each has its own copy and its own executions."""
    for folder in ("one", "two"):
        (server.root / folder).mkdir()
        (server.root / folder / "same.ipynb").write_text(json.dumps({"cells": [], "in": folder}))
        with KernelSocket(server, server.start_kernel(path=f"{folder}/same.ipynb")) as kernel:
            kernel.run(f"'in {folder}'")
    for folder in ("one", "two"):
        archive = of_notebook(server, f"{folder}/same.ipynb")
        assert json.loads(archive.read("code/notebook_1.ipynb"))["in"] == folder
        (execution,) = executions(archive)
        assert archive.read(f"{execution['folder']}/source.py").decode() == f"'in {folder}'"


def test_a_repeated_msg_id_is_another_execution(server: RunningServer, shared: str) -> None:
    """Nothing is overwritten, and each has a folder of its own."""
    with opened(server, shared, "repeated.ipynb") as kernel:
        for n in range(3):
            kernel.run(f"print({n})", msg_id="../same id")
    archive = of_notebook(server, "repeated.ipynb")
    found = executions(archive)
    assert [one["repeat"] for one in found] == [0, 1, 2]
    assert [archive.read(f"{one['folder']}/stdout.txt") for one in found] == [
        b"0\n",
        b"1\n",
        b"2\n",
    ]
    assert len({one["id"] for one in found}) == 3


@pytest.mark.parametrize("date", ["1999-12-31T23:59:59Z", "2999-01-01T00:00:00Z", "yesterday", ""])
def test_a_clients_clock_is_not_believed(server: RunningServer, shared: str, date: str) -> None:
    """Times are the server's and the kernel's."""
    start = datetime.now(timezone.utc)
    path = f"clock {date[:4]}.ipynb"
    with opened(server, shared, path) as kernel:
        kernel.run("print('now')", date=date)
    (execution,) = executions(of_notebook(server, path))
    times = [
        datetime.fromisoformat(execution[name].replace("Z", "+00:00"))
        for name in ("submitted_at", "started_at", "finished_at")
    ]
    assert sorted(times) == times
    assert start < times[0]
    assert times[-1] < datetime.now(timezone.utc)


@pytest.mark.parametrize(
    "content",
    [{"sent": None}, {"sent": 5}, {"sent": "'\ud800'"}, {"silent": "yes"}, {"store_history": 0}],
)
def test_a_senseless_request_harms_nobody(
    server: RunningServer, shared: str, content: dict[str, Any]
) -> None:
    """Whatever a client sends, what others run after it is recorded."""
    path = f"senseless {content!a}.ipynb"
    with opened(server, shared, path) as kernel:
        kernel.submit("", stop_on_error=False, **content)
        kernel.submit("'queued'", stop_on_error=False)
    with KernelSocket(server, shared) as kernel:
        kernel.run("print('after')")
    archive = of_notebook(server, path)
    last = executions(archive)[-1]
    assert archive.read(f"{last['folder']}/stdout.txt") == b"after\n"
