"""A host for tests of one's own: Python code runs in a thread of this process, in no kernel.

It keeps variables and files, prints, fails, is interrupted and times out as a kernel would. What
code does beyond that, such as changing its folder or starting processes, it does to the tests.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import ctypes
import shutil
import sys
import tempfile
import threading
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..client.delivery import Delivered
from ..client.destination import Destination
from ..client.job import Progress, Request
from ..errors import KernelDied, NotSupported, SessionNotFound
from ..records.execution import Kernel
from ..records.times import now
from ..settings import SessionExport
from .backend import Known, Wanted
from .ground import Ground
from .hosting import Hosting
from .languages import choose_kernel
from .link import Hear, Heard, Reply, ignore
from .local.files import LocalFiles
from .session import Host


def fake_host() -> Host:
    """Return a host whose sessions begin at once and end without a trace."""
    return Host(Hosting(lambda _, __: FakeBackend(), SessionExport()))


class FakeBackend:
    """A `Backend`."""

    def __init__(self) -> None:
        self._places: dict[str, FakePlace] = {}

    async def begin(self, wanted: Wanted) -> FakePlace:
        choose_kernel({"python3": "python"}, wanted.language, wanted.kernel)
        place = FakePlace(wanted, self._places)
        self._places[place.id] = place
        return place

    async def find(self, session_id: str) -> FakePlace:
        if session_id not in self._places:
            raise SessionNotFound(f"No session {session_id} lives here.")
        return self._places[session_id]

    async def list(self) -> Sequence[Known]:
        return [place.known for place in self._places.values()]

    async def close(self) -> None:
        for place in list(self._places.values()):
            await place.close()


class FakePlace:
    """A `Place`; its files are in a temporary folder."""

    ground: Ground | None = None
    gone = False

    def __init__(self, wanted: Wanted, places: dict[str, FakePlace]) -> None:
        self.id = uuid.uuid4().hex
        self.known = Known(self.id, wanted.name, wanted.language, now())
        self._wanted, self._places = wanted, places
        self._folder = Path(tempfile.mkdtemp(prefix="session_export-"))
        self.files = LocalFiles(self._folder)
        self.link = FakeLink(self._folder, wanted.env)

    async def renew(self) -> FakeLink:
        self.link = FakeLink(self._folder, self._wanted.env)
        return self.link

    async def restart(self) -> None:
        await self.link.restart()

    async def export(
        self, request: Request, destination: Destination, report: Callable[[Progress], object]
    ) -> Delivered:
        raise NotSupported("A fake records nothing.")

    async def close(self) -> None:
        self._places.pop(self.id, None)
        await self.link.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def abandon(self) -> None:
        await self.close()


class FakeLink:
    """A `KernelLink`."""

    pid: int | None = None
    connection_file: str | None = None
    ended: KernelDied | None = None
    busy = False

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.kernel = Kernel(uuid.uuid4().hex, "fake", "python", ".py")
        self._folder, self._env = folder, env
        self._turn = asyncio.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._begin()

    async def execute(
        self,
        code: str,
        *,
        hear: Hear = ignore,
        silent: bool = False,
        store_history: bool = True,
        expressions: Mapping[str, str] | None = None,
    ) -> Reply:
        async with self._turn:
            if self._closed:
                raise KernelDied("The session was closed.")
            self._count += bool(store_history and not silent)
            run = _Run(self._names, self._count, dict(expressions or {}), hear)
            done = asyncio.ensure_future(asyncio.to_thread(run.carry_out, code, self._enter))
            return await asyncio.shield(done)

    async def interrupt(self) -> None:
        thread = self._thread
        if thread is not None and thread.ident is not None:
            number, kind = ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(number, kind)

    async def signal(self, number: int) -> None:
        raise NotSupported("A fake has no process.")

    async def restart(self) -> None:
        await self.interrupt()
        self._begin()

    async def is_alive(self) -> bool:
        return not self._closed

    async def close(self) -> None:
        self._closed = True
        await self.interrupt()

    def _enter(self, thread: threading.Thread | None) -> None:
        self._thread = thread

    def _begin(self) -> None:
        self._count = 0
        self._names: dict[str, Any] = {"__name__": "__main__", "environ": dict(self._env)}
        self._names["__builtins__"] = {**vars(builtins), "open": self._open}

    def _open(self, file: Any, *arguments: Any, **options: Any) -> Any:
        place = self._folder / file if isinstance(file, (str, Path)) else file
        return open(place, *arguments, **options)  # noqa: PTH123  # as the code would


class _Run:
    """One execution, in a thread."""

    def __init__(
        self, names: dict[str, Any], count: int, expressions: dict[str, str], hear: Hear
    ) -> None:
        self._names, self._count, self._expressions = names, count, expressions
        self._loop = asyncio.get_running_loop()
        self._hear = hear

    def carry_out(self, code: str, enter: Callable[[threading.Thread | None], None]) -> Reply:
        self._names["__builtins__"]["print"] = self._print
        enter(threading.current_thread())
        try:
            value = self._execute(code)
            content: dict[str, Any] = {"status": "ok", "user_expressions": self._answers()}
        except BaseException as error:  # noqa: BLE001  # whatever user code raises is its result
            value, content = None, _told(error)
        finally:
            enter(None)
        if content["status"] == "error":
            self._tell("error", content)
        elif value is not None:
            data = {"text/plain": repr(value)}
            self._tell(
                "execute_result",
                {"data": data, "metadata": {}, "execution_count": self._count},
            )
        self._tell("status", {"execution_state": "idle"})
        return Reply(content["status"], {**content, "execution_count": self._count})

    def _execute(self, code: str) -> Any:
        tree = ast.parse(code)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, "<run>", "exec"), self._names)  # noqa: S102  # that is what it is for
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), "<run>", "eval"), self._names)  # noqa: S307

    def _answers(self) -> dict[str, Any]:
        return {
            name: {
                "status": "ok",
                "data": {"text/plain": repr(eval(expression, self._names))},  # noqa: S307
            }
            for name, expression in self._expressions.items()
        }

    def _print(self, *values: Any, sep: str = " ", end: str = "\n", **options: Any) -> None:
        name = "stderr" if options.get("file") is sys.stderr else "stdout"
        self._tell("stream", {"name": name, "text": sep.join(map(str, values)) + end})

    def _tell(self, kind: str, content: Mapping[str, Any]) -> None:
        self._loop.call_soon_threadsafe(self._hear, Heard(kind, content))


def _told(error: BaseException) -> dict[str, Any]:
    return {
        "status": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": traceback.format_exception(error),
    }
