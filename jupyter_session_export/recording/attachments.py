"""Which notebooks kernels serve, and where those lie."""

from __future__ import annotations

from ..records.activity import Deed
from .announcer import Announcer
from .kernelstate import KernelState
from .session import SessionRecording


class Attachments(Announcer):
    """What is said of notebooks; `row` is the id of a Jupyter session."""

    def opened_notebook(self, kernel_id: str, row: str, path: str, user: str | None = None) -> None:
        """Say that a notebook uses this kernel; `row` is the id of its Jupyter session."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, path)
            session.meet_notebooks(state)
            session.attempt(lambda: session.sink.note_notebook(path, kernel_id))
            session.note_deed(Deed("notebook.attach", path, user, {"kernel_id": kernel_id}))

        self._call(kernel_id, handle)

    def renamed_notebook(
        self, kernel_id: str, row: str, old: str, new: str, user: str | None = None
    ) -> None:
        """Say that a notebook has another path now."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, new)
            self._states.follow(session, old, new, told=True)
            session.meet_notebooks(state)
            session.note_deed(Deed("notebook.rename", new, user, {"old": old}))

        self._call(kernel_id, handle)

    def relocated(self, old: str, new: str, told: str | None = None) -> None:
        """Say that a file or folder lies elsewhere; the session `told` knows of it already."""
        self._queue.call(lambda: self._states.relocate(old, new, told))

    def closed_notebook(self, kernel_id: str, row: str, path: str, user: str | None = None) -> None:
        """Say that a notebook doesn't use this kernel any more."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.close_notebook(row)
            session.note_deed(Deed("notebook.detach", path, user, {"kernel_id": kernel_id}))

        self._call(kernel_id, handle)
