"""The Session API for code that waits; `async_session` has the same for coroutines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
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
from .following import carry_out, follow
from .hosting import Hosting, at_server, batch_of, called, here, once
from .kernel_client import client_of
from .live import LiveSession
from .options import DONE_OF_TOTAL, spelled_out
from .pausing import FREEZE
from .result import RunResult
from .state import Lost, State
from .status import SessionStatus
from .transfers import Downloads, Uploads
from .wishes import Beginning, Followed, Mapped, Once, Running, callbacks_of, order_of, wanted

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient
    from typing_extensions import Unpack


class Session:
    """A session that lives: a kernel with its variables, files and record.

    A context manager that closes it. Every call raises a SessionExportError for what goes
    wrong around the code; what goes wrong in it is in the result.
    """

    def __init__(self, hosting: Hosting, live: LiveSession) -> None:
        self._hosting, self._live = hosting, live

    @staticmethod
    @spelled_out(Beginning)
    def create(**wishes: Unpack[Beginning]) -> Session:
        """Begin a session on this machine; `with` closes it at the end.

        Raises KernelNotInstalled, KernelStartFailed, TooManySessions, PackagesFailed, FileMissing,
        InvalidName, InvalidRequest.
        """
        return Host(here()).create(**wishes)

    @staticmethod
    def get(session_id: str) -> Session:
        """Return a session that lives in this process."""
        return Host(here()).get(session_id)

    @staticmethod
    def list() -> Sequence[Known]:
        """Return the sessions that live in this process."""
        return Host(here()).list()

    @staticmethod
    @spelled_out(Mapped, on_progress=DONE_OF_TOTAL)
    def map(code: str, inputs: Sequence[Any], **options: Unpack[Mapped]) -> Sequence[RunResult]:
        """Run Python code once for each input, which it has as `item`; inputs are JSON.

        Returns a result for each, in their order; one that fails leaves the others alone. The
        sessions are used again for further inputs. Raises InvalidRequest, and what stops a session
        from beginning.
        """
        return Host(here()).map(code, inputs, **options)

    @staticmethod
    def connect(url: str, *, token: str | None = None, certificate: str | None = None) -> Host:
        """Return a Jupyter server, or a gateway, whose sessions outlive this process."""
        return Host(at_server(url, token, certificate))

    @staticmethod
    @spelled_out(Once)
    def _run_once(code: str, **options: Unpack[Once]) -> RunResult:
        """Run code in a new session of this machine, or in the one that `session_id` names.

        Returns a RunResult: `text`, `stdout`, `stderr`, `outputs`, `success`, `error`, `exit_code`,
        `files`, `timing`, `cost`, `insights`. Code that fails, or takes too long, is a result, too.
        Raises KernelNotInstalled, KernelStartFailed, TooManySessions, SessionNotFound, KernelDied
        (it was dead before), FileMissing, InvalidName, PackagesFailed, InvalidRequest.
        """
        return Host(here()).run(code, **options)

    @spelled_out(Followed)
    def _run_here(self, code: str, **options: Unpack[Followed]) -> RunResult:
        """Run code and wait for it; after what other threads run. It resumes a paused session.

        Returns a RunResult, as `Session.run` does; what is called meanwhile is called in this
        thread, and an error of that interrupts the code. Raises SessionClosed, KernelDied (it was
        dead before), StateRefused, FileMissing, InvalidName, PackagesFailed.
        """
        run = partial(self._live.run, order_of(code, options))
        return carry_out(self._hosting.loop, run, callbacks_of(options))

    run = Either(_run_once, _run_here)

    @spelled_out(Running)
    def stream(self, code: str, **options: Unpack[Running]) -> Generator[Event, None, None]:
        """Yield what happens as it happens, `Finished` last; to stop early interrupts the code."""
        return follow(self._hosting.loop, partial(self._live.run, order_of(code, options)))

    @property
    def id(self) -> str:
        return self._live.id

    def status(self) -> SessionStatus:
        """Tell how it stands: its state and its end, what it used, what it was given."""
        return self._hosting.loop.run(self._live.status())

    def keep_alive(self, seconds: float | None = None) -> None:
        """Have it live at least so long from now on, by default its lifetime."""
        self._hosting.loop.run(called(lambda: self._live.keep_alive(seconds)))

    def interrupt(self) -> None:
        """Interrupt what another thread runs; its result has a KeyboardInterrupt."""
        self._hosting.loop.run(self._live.control.interrupt())

    def restart(self) -> None:
        """Start the kernel anew, without its variables; the record goes on."""
        self._hosting.loop.run(self._live.control.restart())

    def pause(self, how: str = FREEZE) -> State | None:
        """Pause it: "freeze" stops the kernel at once, in the middle of a run, too.

        "suspend" waits for what runs, writes the variables to disk and ends the kernel; what
        could not be kept is in the state that is returned. Either way `run` resumes by itself.
        """
        return self._hosting.loop.run(self._live.control.pause(how))

    def resume(self) -> Sequence[Lost]:
        """Go on after a pause; return the variables that could not be given back."""
        return self._hosting.loop.run(self._live.control.resume())

    def snapshot(self, name: str) -> State:
        """Keep the variables as they are now under a name, until the session is closed."""
        return self._hosting.loop.run(self._live.control.snapshot(name))

    def restore(self, name: str) -> Sequence[Lost]:
        """Have a snapshot's variables instead of the present ones; return those that are lost."""
        return self._hosting.loop.run(self._live.control.restore(name))

    def snapshots(self) -> Sequence[str]:
        """Return the names of the snapshots."""
        return self._hosting.loop.run(called(self._live.control.snapshots))

    def upload(self, files: Uploads) -> Sequence[str]:
        """Send files whose content the session doesn't have; return the paths of those sent."""
        return self._hosting.loop.run(self._live.upload(files))

    def download(self, files: Downloads) -> dict[str, Path]:
        """Fetch files; return where each is now."""
        return self._hosting.loop.run(self._live.download(files))

    def files(self) -> Sequence[str]:
        """Return the paths of the session's files."""
        return self._hosting.loop.run(self._live.files.list())

    def insights(self) -> Sequence[Finding]:
        """Return what could be better about its runs so far."""
        return self._hosting.loop.run(called(self._live.insights))

    def export(
        self,
        path: str | PathLike[str] | None = None,
        *,
        include: Sequence[str] | None = None,
        compression: str | None = None,
        on_progress: Callable[[ExportProgress], object] = lambda _: None,
    ) -> Delivered:
        """Write the session's ZIP, also after it was closed; nothing is overwritten.

        `path` is a folder or the name of a `.zip`, by default the current folder.
        `on_progress` is called in another thread.
        """
        request = Request(include=include, compression=compression)
        destination = Destination.parse(path, Path.cwd())
        return self._hosting.loop.run(self._live.export(request, destination, on_progress))

    def kernel_client(self) -> BlockingKernelClient:
        """Return a client of jupyter_client's for the kernel, with its channels open.

        Raises NotSupported where the kernel has none here, SessionClosed, KernelDied.
        """
        return client_of(self._live.awake_link())

    def close(self) -> None:
        """End the kernel and the session; the record stays. More than once does no harm."""
        self._hosting.loop.run(self._hosting.engine.close(self._live))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self.id}>"


class Host:
    """Where sessions live: this machine, or a server that `Session.connect` returned."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    @spelled_out(Beginning)
    def create(self, **wishes: Unpack[Beginning]) -> Session:
        """Begin a session there. Raises what `Session.create` does, ServerUnreachable."""
        wish = wanted(self._hosting.settings, wishes)
        return Session(self._hosting, self._hosting.loop.run(self._hosting.engine.create(wish)))

    def get(self, session_id: str) -> Session:
        """Return a session that lives there, whoever has begun it. Raises SessionNotFound."""
        return Session(self._hosting, self._hosting.loop.run(self._hosting.engine.get(session_id)))

    def list(self) -> Sequence[Known]:
        """Return the sessions that live there, the oldest first."""
        return self._hosting.loop.run(self._hosting.engine.list())

    @spelled_out(Once)
    def run(self, code: str, **options: Unpack[Once]) -> RunResult:
        """Run code in a session of its own, or in the one that `session_id` names.

        Returns and raises what `Session.run` does.
        """
        begin = once(self._hosting, code, options)
        return carry_out(self._hosting.loop, begin, callbacks_of(options))

    @spelled_out(Mapped, on_progress=DONE_OF_TOTAL)
    def map(
        self, code: str, inputs: Sequence[Any], **options: Unpack[Mapped]
    ) -> Sequence[RunResult]:
        """Run Python code once for each input, as `Session.map` does."""
        return self._hosting.loop.run(batch_of(self._hosting, code, inputs, options))

    def close(self) -> None:
        """Let go of it. Sessions of a server live on there; those of this machine end."""
        self._hosting.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
