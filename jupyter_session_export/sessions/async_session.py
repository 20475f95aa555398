"""The Session API for coroutines: the same calls as in `session`, from any event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client.delivery import Delivered
from ..client.destination import Destination
from ..client.job import Progress as ExportProgress
from ..client.job import Request
from ..records.finding import Finding
from .backend import Known
from .either import Either
from .events import Event
from .following import acarry_out, afollow
from .hosting import Hosting, ahere, aserver, batch_of, called, once
from .kernel_client import async_client_of
from .live import LiveSession
from .options import DONE_OF_TOTAL, spelled_out
from .pausing import FREEZE
from .result import RunResult
from .state import Lost, State
from .status import SessionStatus
from .transfers import Downloads, Uploads
from .wishes import Beginning, Followed, Mapped, Once, Running, callbacks_of, order_of, wanted

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from typing_extensions import Unpack


class AsyncSession:
    """A session that lives, as `Session` is; an async context manager that closes it.

    A task that is cancelled while it waits for a run interrupts the code.
    """

    def __init__(self, hosting: Hosting, live: LiveSession) -> None:
        self._hosting, self._live = hosting, live

    @staticmethod
    @spelled_out(Beginning)
    async def create(**wishes: Unpack[Beginning]) -> AsyncSession:
        """Begin a session on this machine; `with` closes it at the end.

        Raises KernelNotInstalled, KernelStartFailed, TooManySessions, PackagesFailed, FileMissing,
        InvalidName, InvalidRequest.
        """
        return await AsyncHost(await ahere()).create(**wishes)

    @staticmethod
    async def get(session_id: str) -> AsyncSession:
        """Return a session that lives in this process."""
        return await AsyncHost(await ahere()).get(session_id)

    @staticmethod
    async def list() -> Sequence[Known]:
        """Return the sessions that live in this process."""
        return await AsyncHost(await ahere()).list()

    @staticmethod
    @spelled_out(Mapped, on_progress=DONE_OF_TOTAL)
    async def map(
        code: str, inputs: Sequence[Any], **options: Unpack[Mapped]
    ) -> Sequence[RunResult]:
        """Run Python code once for each input, as `Session.map` does."""
        return await AsyncHost(await ahere()).map(code, inputs, **options)

    @staticmethod
    async def connect(
        url: str, *, token: str | None = None, certificate: str | None = None
    ) -> AsyncHost:
        """Return a Jupyter server, or a gateway, whose sessions outlive this process."""
        return AsyncHost(await aserver(url, token, certificate))

    @staticmethod
    @spelled_out(Once)
    async def _run_once(code: str, **options: Unpack[Once]) -> RunResult:
        """Run code in a new session of this machine, or in the one that `session_id` names.

        Returns a RunResult: `text`, `stdout`, `stderr`, `outputs`, `success`, `error`, `exit_code`,
        `files`, `timing`, `cost`, `insights`. Code that fails, or takes too long, is a result, too.
        Raises KernelNotInstalled, KernelStartFailed, TooManySessions, SessionNotFound, KernelDied
        (it was dead before), FileMissing, InvalidName, PackagesFailed, InvalidRequest.
        """
        return await AsyncHost(await ahere()).run(code, **options)

    @spelled_out(Followed)
    async def _run_here(self, code: str, **options: Unpack[Followed]) -> RunResult:
        """Run code and wait for it; after what other tasks run. It resumes a paused session.

        Returns and raises what `Session`'s does. What is called meanwhile, coroutines too, is
        called on this event loop; an error of that, or a cancelled task, interrupts the code.
        """
        run = partial(self._live.run, order_of(code, options))
        return await acarry_out(self._hosting.loop, run, callbacks_of(options))

    run = Either(_run_once, _run_here)

    @spelled_out(Running)
    def stream(self, code: str, **options: Unpack[Running]) -> AsyncGenerator[Event, None]:
        """Yield what happens as it happens, `Finished` last; to stop early interrupts the code."""
        return afollow(self._hosting.loop, partial(self._live.run, order_of(code, options)))

    @property
    def id(self) -> str:
        return self._live.id

    async def status(self) -> SessionStatus:
        """Tell how it stands: its state and its end, what it used, what it was given."""
        return await self._hosting.loop.hand(self._live.status())

    async def keep_alive(self, seconds: float | None = None) -> None:
        """Have it live at least so long from now on, by default its lifetime."""
        await self._hosting.loop.hand(called(lambda: self._live.keep_alive(seconds)))

    async def interrupt(self) -> None:
        """Interrupt what runs; its result has a KeyboardInterrupt."""
        await self._hosting.loop.hand(self._live.control.interrupt())

    async def restart(self) -> None:
        """Start the kernel anew, without its variables; the record goes on."""
        await self._hosting.loop.hand(self._live.control.restart())

    async def pause(self, how: str = FREEZE) -> State | None:
        """Pause it: "freeze" stops the kernel at once, in the middle of a run, too.

        "suspend" waits for what runs, writes the variables to disk and ends the kernel; what
        could not be kept is in the state that is returned. Either way `run` resumes by itself.
        """
        return await self._hosting.loop.hand(self._live.control.pause(how))

    async def resume(self) -> Sequence[Lost]:
        """Go on after a pause; return the variables that could not be given back."""
        return await self._hosting.loop.hand(self._live.control.resume())

    async def snapshot(self, name: str) -> State:
        """Keep the variables as they are now under a name, until the session is closed."""
        return await self._hosting.loop.hand(self._live.control.snapshot(name))

    async def restore(self, name: str) -> Sequence[Lost]:
        """Have a snapshot's variables instead of the present ones; return those that are lost."""
        return await self._hosting.loop.hand(self._live.control.restore(name))

    async def snapshots(self) -> Sequence[str]:
        """Return the names of the snapshots."""
        return await self._hosting.loop.hand(called(self._live.control.snapshots))

    async def upload(self, files: Uploads) -> Sequence[str]:
        """Send files whose content the session doesn't have; return the paths of those sent."""
        return await self._hosting.loop.hand(self._live.upload(files))

    async def download(self, files: Downloads) -> dict[str, Path]:
        """Fetch files; return where each is now."""
        return await self._hosting.loop.hand(self._live.download(files))

    async def files(self) -> Sequence[str]:
        """Return the paths of the session's files."""
        return await self._hosting.loop.hand(self._live.files.list())

    async def insights(self) -> Sequence[Finding]:
        """Return what could be better about its runs so far."""
        return await self._hosting.loop.hand(called(self._live.insights))

    async def export(
        self,
        path: str | PathLike[str] | None = None,
        *,
        include: Sequence[str] | None = None,
        compression: str | None = None,
        on_progress: Callable[[ExportProgress], object] = lambda _: None,
    ) -> Delivered:
        """Write the session's ZIP, as `Session.export` does."""
        request = Request(include=include, compression=compression)
        destination = Destination.parse(path, Path.cwd())
        return await self._hosting.loop.hand(self._live.export(request, destination, on_progress))

    async def kernel_client(self) -> AsyncKernelClient:
        """Return a client of jupyter_client's for the kernel, with its channels open.

        Raises NotSupported where the kernel has none here, SessionClosed, KernelDied.
        """
        return async_client_of(self._live.awake_link())

    async def close(self) -> None:
        """End the kernel and the session; the record stays. More than once does no harm."""
        await self._hosting.loop.hand(self._hosting.engine.close(self._live))

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncSession {self.id}>"


class AsyncHost:
    """Where sessions live, as `Host` is."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    @spelled_out(Beginning)
    async def create(self, **wishes: Unpack[Beginning]) -> AsyncSession:
        """Begin a session there. Raises what `Session.create` does, ServerUnreachable."""
        wish = wanted(self._hosting.settings, wishes)
        live = await self._hosting.loop.hand(self._hosting.engine.create(wish))
        return AsyncSession(self._hosting, live)

    async def get(self, session_id: str) -> AsyncSession:
        """Return a session that lives there, whoever has begun it. Raises SessionNotFound."""
        live = await self._hosting.loop.hand(self._hosting.engine.get(session_id))
        return AsyncSession(self._hosting, live)

    async def list(self) -> Sequence[Known]:
        """Return the sessions that live there, the oldest first."""
        return await self._hosting.loop.hand(self._hosting.engine.list())

    @spelled_out(Once)
    async def run(self, code: str, **options: Unpack[Once]) -> RunResult:
        """Run code in a session of its own, or in the one that `session_id` names."""
        begin = once(self._hosting, code, options)
        return await acarry_out(self._hosting.loop, begin, callbacks_of(options))

    @spelled_out(Mapped, on_progress=DONE_OF_TOTAL)
    async def map(
        self, code: str, inputs: Sequence[Any], **options: Unpack[Mapped]
    ) -> Sequence[RunResult]:
        """Run Python code once for each input, as `Session.map` does."""
        return await self._hosting.loop.hand(batch_of(self._hosting, code, inputs, options))

    async def close(self) -> None:
        """Let go of it. Sessions of a server live on there; those of this machine end."""
        await self._hosting.aclose()

    async def __aenter__(self) -> AsyncHost:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
