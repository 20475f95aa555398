"""Notebooks as the server's contents manager has them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import ensure_async
from tornado import web

from ..errors import NotebookChanged, NotebookShared, NotebookUnreadable
from .statuses import message_of

COLLABORATION = "jupyter_server_ydoc"
"""The extension of jupyter-collaboration that keeps shared documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook's content, which the caller may change, and which state of the file it is."""

    path: str
    content: Any
    state: tuple[Any, ...]


class Documents:
    """Reads and writes by whatever contents manager there is; `serverapp` has it."""

    def __init__(self, serverapp: Any) -> None:
        self._contents = serverapp.contents_manager
        self._extensions = serverapp.extension_manager.extension_apps
        parameters = inspect.signature(self._contents.get).parameters
        self._hash = {"require_hash": True} if "require_hash" in parameters else {}

    async def read(self, path: str) -> Document:
        """Raises NotebookUnreadable, and NotebookShared where it is open as a shared document."""
        for extension in self._extensions.get(COLLABORATION, ()):
            shared = await extension.get_document(
                path=path, content_type="notebook", file_format="json", copy=False
            )
            if shared is not None:
                raise NotebookShared(
                    "This notebook is open as a shared document, which keeps its outputs itself.",
                    "Restore there, or close it in all pages and try again a minute later.",
                )
        model = await self._model(path, content=True, type="notebook")
        return Document(path, model["content"], _state(model))

    async def write(self, document: Document) -> None:
        """Save a notebook if it is what it was. Raises NotebookChanged, NotebookUnreadable."""
        model = await self._model(document.path, content=False, type="notebook")
        if _state(model) != document.state:
            raise NotebookChanged(
                "The notebook was changed while outputs were restored; nothing was written.",
                "Try it again.",
            )
        saved = {"type": "notebook", "format": "json", "content": document.content}
        try:
            await ensure_async(self._contents.save(saved, document.path))
        except web.HTTPError as error:
            raise _unreadable(document.path, error) from error

    async def _model(self, path: str, **options: Any) -> dict[str, Any]:
        try:
            model = await ensure_async(self._contents.get(path, **options, **self._hash))
        except web.HTTPError as error:
            raise _unreadable(path, error) from error
        return dict(model)


def _state(model: dict[str, Any]) -> tuple[Any, ...]:
    return (model.get("last_modified"), model.get("hash"))


def _unreadable(path: str, error: web.HTTPError) -> NotebookUnreadable:
    return NotebookUnreadable(
        f"The server can't read or write {path} as a notebook.", message_of(error)
    )
