"""Real kernels, started by the server's kernel manager and spoken to by a client of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyter_session_export.recording.cgroups import ControlGroups
from jupyter_session_export.recording.kernels import KernelWatch
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.sink import Sink
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.usage import Limits
from tests.bash import add_bash
from tests.servers import isolated_environment
from tests.unit.recording.fake_sink import FakeSink


class Kernels:
    """A recorded kernel manager."""

    def __init__(self, sink: FakeSink) -> None:
        self.sink = sink
        self.recorder = Recorder()
        self.manager = AsyncMappingKernelManager(connection_dir=os.environ["JUPYTER_RUNTIME_DIR"])
        self.watch = KernelWatch(
            self.manager,
            self.recorder,
            session_for=self._session,
            # A recorded kernel holds more messages than ZeroMQ's own limit.
            environment_for=lambda _: {"RECORDED": "yes", "JPY_SESSION_EXPORT": os.devnull},
        )
        self._clients: list[AsyncKernelClient] = []

    def start(self) -> None:
        self.recorder.start()
        self.recorder.attach_session(self.sink)
        self.watch.start()

    async def kernel(self, name: str = "python3") -> tuple[str, AsyncKernelClient]:
        kernel_id = await self.manager.start_kernel(kernel_name=name)
        return kernel_id, await self.client(kernel_id)

    async def client(self, kernel_id: str) -> AsyncKernelClient:
        client: AsyncKernelClient = self.manager.get_kernel(kernel_id).client()
        client.start_channels()
        self._clients.append(client)
        return client

    async def restarted(self) -> None:
        """Wait until a dead kernel's successor has been heard."""
        await asyncio.to_thread(self.sink.wait_for, lambda: "kernel.restart" in self.sink.actions())

    async def freeze(self) -> None:
        await self.recorder.freeze(self.sink)

    async def close(self) -> None:
        for client in self._clients:
            client.stop_channels()
        for kernel_id in self.manager.list_kernel_ids():
            await self.manager.shutdown_kernel(kernel_id, now=True)
        await self.watch.stop()
        await self.recorder.aclose()
        self.manager.context.destroy(linger=0)

    async def _session(self) -> Sink:
        return self.sink


@pytest_asyncio.fixture
async def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kernels]:
    for name, value in isolated_environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    kernels = Kernels(FakeSink(tmp_path / "spool"))
    kernels.start()
    yield kernels
    await kernels.close()


async def execute(client: AsyncKernelClient, code: str, **options: Any) -> dict[str, Any]:
    """Execute and return the reply."""
    msg_id = client.execute(code, **options)
    while True:
        message = await client.get_shell_msg(timeout=120)
        if message["parent_header"].get("msg_id") == msg_id:
            reply: dict[str, Any] = message["content"]
            return reply


async def until_printed(client: AsyncKernelClient, text: str) -> None:
    while True:
        message = await client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "stream" and text in message["content"]["text"]:
            return


async def test_first_cell_is_heard(kernels: Kernels) -> None:
    """A cell that is sent as soon as the kernel has started is recorded as a whole."""
    _, client = await kernels.kernel()
    await execute(client, "import os; print(os.environ['RECORDED'])")
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    assert execution.status is Status.OK
    assert execution.client == "local client"
    assert execution.kernel.language == "python"
    assert kernels.sink.content(execution, "stdout.txt") == b"yes\n"


@pytest.mark.parametrize("round_", range(3))
async def test_first_cell_after_restart_is_heard(kernels: Kernels, round_: int) -> None:
    """Nothing is lost after restarts, whose kernels count as further incarnations."""
    kernel_id, client = await kernels.kernel()
    for number in range(1, 3):
        await kernels.manager.restart_kernel(kernel_id)
        await execute(client, f"print({number})")
    await kernels.freeze()
    executions = kernels.sink.all()
    assert [e.key.incarnation for e in executions] == [2, 3]
    texts = [kernels.sink.content(e, "stdout.txt") for e in executions]
    assert texts == [b"1\n", b"2\n"]
    assert round_ < 3


@pytest.fixture
def load() -> Iterator[None]:
    """As many processes as there are cores, each of which takes what it gets."""
    command = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()


@pytest.mark.parametrize(
    "count", [5, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
async def test_first_cells_under_load(kernels: Kernels, load: None, count: int) -> None:
    """Nothing of them is lost, after as many starts as restarts, however busy the machine is."""
    for number in range(count):
        kernel_id, client = await kernels.kernel()
        await execute(client, f"print('start', {number})")
        await kernels.manager.restart_kernel(kernel_id)
        await execute(client, f"print('restart', {number})")
        await kernels.manager.shutdown_kernel(kernel_id)
    await kernels.freeze()
    texts = [kernels.sink.content(e, "stdout.txt").decode() for e in kernels.sink.all()]
    assert texts == [f"{how} {n}\n" for n in range(count) for how in ("start", "restart")]
    assert not [e for e in kernels.sink.all() if e.truncated]


async def test_server_that_stalls_loses_nothing(kernels: Kernels, tmp_path: Path) -> None:
    """Of 50,000 messages none is missing, though the server's loop stood still meanwhile."""
    _, client = await kernels.kernel()
    await execute(client, "from pathlib import Path")
    done = tmp_path / "done"
    client.execute(
        "kernel, parent = get_ipython().kernel, get_ipython().parent_header\n"
        "def send(text):\n"
        "    content = {'name': 'stdout', 'text': text}\n"
        "    kernel.session.send(kernel.iopub_socket, 'stream', content, parent=parent)\n"
        "for i in range(50_000): send(f'{i}\\n')\n"
        f"Path({str(done)!r}).touch()"
    )
    while not done.exists():
        time.sleep(0.05)  # noqa: ASYNC251  # the loop is what stalls
    await kernels.freeze()
    flood = kernels.sink.all()[1]
    assert kernels.sink.content(flood, "stdout.txt").decode() == "".join(
        f"{i}\n" for i in range(50_000)
    )
    assert not flood.truncated
    assert "recording.gap" not in kernels.sink.actions()


async def test_flood_is_complete(kernels: Kernels) -> None:
    """Of 20,000 flushed prints none is missing."""
    _, client = await kernels.kernel()
    await execute(client, "for i in range(20_000): print(i, flush=True)")
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    expected = "".join(f"{i}\n" for i in range(20_000)).encode()
    assert kernels.sink.content(execution, "stdout.txt") == expected
    assert not execution.truncated


BURST = """
import threading
kernel, big = get_ipython().kernel, bytes(300_000)
session, thread = kernel.session, kernel.iopub_thread
content = {"data": {"text/plain": "x"}, "metadata": {}}
parent = get_ipython().parent_header
made = [session.msg("display_data", content, parent=parent) for _ in range(5000)]
ready = [[b"burst", *session.serialize(message), big] for message in made]
done = threading.Event()
def burst():
    for frames in ready:
        thread.socket.send_multipart(frames, copy=False)
    done.set()
thread.schedule(burst)
_ = done.wait()
import time; time.sleep(1)
"""
"""Messages faster than ZeroMQ can write them to a connection, with buffers that make them large."""


async def test_what_the_kernel_drops_is_noted(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What never reached the socket is counted to the message, and its execution marked."""
    # With our extension a kernel holds a hundred times as many.
    monkeypatch.setattr(kernels.watch._starts, "_environment_for", lambda _: {})
    _, client = await kernels.kernel()
    await execute(client, BURST)
    await execute(client, "'after'")
    await kernels.freeze()
    burst, after = kernels.sink.all()
    assert burst.truncated
    assert not after.truncated
    kept = sum(output.type == "display_data" for output in burst.outputs)
    gaps = [line.detail for line in kernels.sink.lines if line.action == "recording.gap"]
    assert 0 < kept < 5000
    assert kept + sum(gap["messages"] for gap in gaps) == 5000


async def test_kernel_is_killed(kernels: Kernels) -> None:
    """A killed kernel's cell is lost with the signal's name and all that it had printed."""
    kernel_id, client = await kernels.kernel()
    client.execute("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    await until_printed(client, "\n")
    process = kernels.manager.get_kernel(kernel_id).provisioner.process
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(kernels.sink.wait_ended, 1)
    (execution,) = kernels.sink.all()
    assert (execution.status, execution.cause) == (Status.LOST, "kernel died (signal SIGKILL)")
    assert kernels.sink.content(execution, "stdout.txt") == f"{process.pid}\n".encode()
    assert "kernel.died" in kernels.sink.actions()
    await kernels.restarted()
    await execute(await kernels.client(kernel_id), "print('again')")
    await kernels.freeze()
    again = kernels.sink.all()[1]
    assert again.key.incarnation == 2
    assert kernels.sink.content(again, "stdout.txt") == b"again\n"


async def test_kernel_exits(kernels: Kernels) -> None:
    """A kernel that exits by itself is lost with its exit code."""
    _, client = await kernels.kernel()
    # An exit at once would be faster than the thread that publishes what happens.
    client.execute("import os, time; time.sleep(.5); os._exit(3)")
    await asyncio.to_thread(kernels.sink.wait_ended, 1)
    assert kernels.sink.all()[0].cause == "kernel died (exit code 3)"
    await kernels.restarted()


async def test_out_of_memory(kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that the system kills when its group has run out of memory says so."""
    counts = [5]
    monkeypatch.setattr(ControlGroups, "memory_kills", lambda _: counts[-1])
    monkeypatch.setattr(ControlGroups, "limits", lambda _: Limits(memory_bytes=2**30))
    _, client = await kernels.kernel()
    counts.append(6)
    client.execute("import os, time; time.sleep(.5); os.kill(os.getpid(), 9)")
    await asyncio.to_thread(kernels.sink.wait_ended, 1)
    cause = "kernel died (signal SIGKILL, out of memory: limit of 1,024 MiB)"
    assert kernels.sink.all()[0].cause == cause
    await kernels.restarted()


async def test_shutdown_in_the_middle(kernels: Kernels) -> None:
    """A cell that a forced shutdown cuts off is lost, with that as its cause."""
    kernel_id, client = await kernels.kernel()
    client.execute("print('so far', flush=True)\nimport time; time.sleep(60)")
    await until_printed(client, "so far")
    await kernels.manager.shutdown_kernel(kernel_id, now=True)
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    assert (execution.status, execution.cause) == (Status.LOST, "kernel was shut down")
    assert kernels.sink.content(execution, "stdout.txt") == b"so far\n"
    assert "kernel.shutdown" in kernels.sink.actions()


async def test_culled_in_the_middle(kernels: Kernels) -> None:
    """A cell whose kernel the server takes for idle says that nobody asked for its end."""
    kernel_id, client = await kernels.kernel()
    client.execute("print('so far', flush=True)\nimport time; time.sleep(60)")
    await until_printed(client, "so far")
    kernels.manager.cull_idle_timeout, kernels.manager.cull_busy = -1, True
    await kernels.manager.cull_kernel_if_idle(kernel_id)
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    assert execution.status in (Status.LOST, Status.INTERRUPTED)
    assert execution.cause == "culled"
    (stopped,) = (line for line in kernels.sink.lines if line.action == "kernel.shutdown")
    assert stopped.detail == {"cause": "culled"}


async def test_thread_prints_later(kernels: Kernels) -> None:
    """What a thread prints after its cell has finished belongs to that cell."""
    _, client = await kernels.kernel()
    await execute(
        client,
        "import threading\n"
        "go = threading.Event()\n"
        "def work():\n    print('begun', flush=True); go.wait(); print('late', flush=True)\n"
        "thread = threading.Thread(target=work); thread.start()\nprint('cell')",
    )
    await kernels.freeze()
    await execute(client, "go.set(); thread.join(); print('other')")
    await kernels.freeze()
    first, second = kernels.sink.all()
    assert kernels.sink.content(second, "stdout.txt").count(b"other") == 1
    everything = kernels.sink.content(first, "stdout.txt") + kernels.sink.content(
        second, "stdout.txt"
    )
    assert everything.count(b"late") == 1


async def test_subshell_beside_the_main_shell(kernels: Kernels) -> None:
    """A subshell's cell and the main shell's keep their own outputs while both run."""
    _, client = await kernels.kernel()
    client.control_channel.send(client.session.msg("create_subshell_request"))
    reply = await client.get_control_msg(timeout=30)
    subshell_id = reply["content"]["subshell_id"]
    code = "import time\nfor i in range(20): print('{0}', flush=True); time.sleep(.02)"
    sent = []
    for name, header in (("main", {}), ("sub", {"subshell_id": subshell_id})):
        content = {"code": code.format(name), "silent": False, "store_history": True}
        message = client.session.msg("execute_request", content)
        message["header"].update(header)
        client.shell_channel.send(message)
        sent.append(message["header"]["msg_id"])
    while sent:
        message = await client.get_shell_msg(timeout=60)
        sent.remove(message["parent_header"]["msg_id"])
    await kernels.freeze()
    texts = {
        kernels.sink.content(e, "source.py")[41:45]: kernels.sink.content(e, "stdout.txt")
        for e in kernels.sink.all()
    }
    assert sorted(texts.values()) == [b"main\n" * 20, b"sub\n" * 20]


async def test_bytes_that_are_no_utf8(kernels: Kernels) -> None:
    """Surrogate escapes on stdout arrive as the bytes they stand for."""
    _, client = await kernels.kernel()
    await execute(client, "print('caf\\u00e9 \\udcff\\udcfe', end='')")
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    assert kernels.sink.content(execution, "stdout.txt") == b"caf\xc3\xa9 \xff\xfe"


async def test_rich_outputs(kernels: Kernels) -> None:
    """Pictures, tables and results are kept in each of their types, in order."""
    _, client = await kernels.kernel()
    await execute(
        client,
        "from IPython.display import display, HTML, Image, JSON\n"
        "import base64\n"
        "display(Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + bytes(3000), format='png'))\n"
        "display(JSON({'a': [1, 2.5, 'é']}))\n"
        "display({'text/latex': '$x$', 'application/vnd.x+json': {'y': 1}}, raw=True)\n"
        "print('text')\n"
        "HTML('<b>b</b>')",
    )
    await kernels.freeze()
    (execution,) = kernels.sink.all()
    content = {
        name: kernels.sink.content(execution, name) for name in kernels.sink.names(execution)
    }
    assert content["outputs/output_1.png"] == b"\x89PNG\r\n\x1a\n" + bytes(3000)
    assert content["outputs/output_2.json"] == '{"a": [1, 2.5, "é"]}'.encode()
    assert content["outputs/output_3.tex"] == b"$x$"
    assert content["outputs/output_3.json"] == b'{"y": 1}'
    assert content["outputs/output_5.html"] == b"<b>b</b>"


async def test_bash(kernels: Kernels) -> None:
    """Another language's kernel has its own name and extension, errors and interrupts."""
    add_bash(Path(os.environ["JUPYTER_DATA_DIR"]))
    kernel_id, client = await kernels.kernel("bash")
    await execute(client, "echo hello; echo oops >&2")
    await execute(client, "false")
    await kernels.freeze()
    hello, failed = kernels.sink.all()
    assert hello.kernel.language == "bash"
    assert hello.kernel.file_extension == ".sh"
    assert "source.sh" in kernels.sink.names(hello)
    assert b"hello\n" in kernels.sink.content(hello, "stdout.txt")
    assert failed.status is Status.ERROR
    assert kernel_id == failed.kernel.id


async def test_kernel_starts_without_a_session(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no session can be opened, the kernel starts all the same."""

    async def refuse() -> Sink:
        raise OSError("no disk")

    monkeypatch.setattr(kernels.watch._starts, "_session_for", refuse)
    _, client = await kernels.kernel()
    assert (await execute(client, "1"))["status"] == "ok"
    await kernels.freeze()
    assert kernels.sink.all() == []


async def test_pending_kernels(kernels: Kernels) -> None:
    """A manager that doesn't wait for its kernels is watched in the background."""
    kernels.manager.use_pending_kernels = True
    kernel_id = await kernels.manager.start_kernel(kernel_name="python3")
    manager = kernels.manager.get_kernel(kernel_id)
    await manager.ready
    await asyncio.to_thread(kernels.sink.wait_for, lambda: "kernel.start" in kernels.sink.actions())
    client = await kernels.client(kernel_id)
    await execute(client, "print('heard')")
    await kernels.freeze()
    assert kernels.sink.content(kernels.sink.all()[0], "stdout.txt") == b"heard\n"
    kernels.manager.use_pending_kernels = False
