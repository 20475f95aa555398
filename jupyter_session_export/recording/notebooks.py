"""Watch a session manager: which notebook uses which kernel, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .recorder import Recorder

COLLABORATION_DRIVE = "RTC:"
"""What jupyter-collaboration puts before the path of a shared notebook."""


@dataclass(frozen=True, slots=True)
class Row:
    """A notebook's Jupyter session."""

    path: str
    kernel_id: str


class NotebookWatch:
    """Wraps the methods of one session manager; all of it runs in the server's event loop."""

    def __init__(
        self,
        session_manager: Any,
        recorder: Recorder,
        *,
        user: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._manager = session_manager
        self._user = user
        self._recorder = recorder
        self._rows: dict[str, Row] = {}
        self._originals: dict[str, Any] = {}

    def start(self) -> None:
        """Wrap the manager's methods on the instance."""
        for name in ("save_session", "update_session", "delete_session"):
            self._originals[name] = getattr(self._manager, name)
            setattr(self._manager, name, getattr(self, f"_{name}"))

    def stop(self) -> None:
        """Unwrap."""
        for name in self._originals:
            vars(self._manager).pop(name, None)

    def notebook_of(self, kernel_id: str) -> str | None:
        """Return the notebook opened last of those that a kernel serves."""
        paths = [row.path for row in self._rows.values() if row.kernel_id == kernel_id]
        return paths[-1] if paths else None

    def moved(self, old: str, new: str) -> None:
        """Know what lies elsewhere now, before the client says so of its session."""
        for session_id, row in self._rows.items():
            if row.path == old or row.path.startswith(f"{old}/"):
                self._rows[session_id] = replace(row, path=new + row.path.removeprefix(old))

    async def _save_session(self, session_id: str, **kwargs: Any) -> Any:
        result = await self._originals["save_session"](session_id, **kwargs)
        if kwargs.get("type") == "notebook" and kwargs.get("path") and kwargs.get("kernel_id"):
            self._open(session_id, Row(without_drive(kwargs["path"]), kwargs["kernel_id"]))
        return result

    async def _update_session(self, session_id: str, **kwargs: Any) -> Any:
        result = await self._originals["update_session"](session_id, **kwargs)
        old = self._rows.get(session_id)
        if old is None:
            return result
        path = without_drive(kwargs["path"]) if kwargs.get("path") else old.path
        new = Row(path, kwargs.get("kernel_id") or old.kernel_id)
        if new.path != old.path:
            self._recorder.kernels.renamed_notebook(
                old.kernel_id, session_id, old.path, new.path, self._user()
            )
        if new.kernel_id != old.kernel_id:
            self._recorder.kernels.closed_notebook(
                old.kernel_id, session_id, new.path, self._user()
            )
            self._open(session_id, new)
        self._rows[session_id] = new
        return result

    async def _delete_session(self, session_id: str) -> Any:
        row = self._rows.pop(session_id, None)
        result = await self._originals["delete_session"](session_id)
        if row is not None:
            self._recorder.kernels.closed_notebook(
                row.kernel_id, session_id, row.path, self._user()
            )
        return result

    def _open(self, session_id: str, row: Row) -> None:
        self._rows[session_id] = row
        self._recorder.kernels.opened_notebook(row.kernel_id, session_id, row.path, self._user())


def without_drive(path: str) -> str:
    """Return the path of a notebook as files know it."""
    return path.removeprefix(COLLABORATION_DRIVE)
