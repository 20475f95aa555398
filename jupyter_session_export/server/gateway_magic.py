"""Exports that kernels of a gateway ask for, answered in the page's output of the cell."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_server.utils import url_path_join
from tornado.websocket import WebSocketClosedError

from ..client.wording import problem_line, size
from ..errors import InvalidRequest, SessionExportError, SessionNotFound
from ..exports.job import ExportJob
from ..exports.request import ExportRequest
from ..records.times import now, to_iso
from .owners import Owner

if TYPE_CHECKING:
    from ..recording.kernels import KernelWatch
    from ..recording.notebooks import NotebookWatch
    from .service import SessionExportService

MOST_TEXT = 200
"""Characters of an id that a kernel names."""


@dataclass(slots=True)
class Asking:
    """An export that a kernel asked for, and the connections by which that was heard."""

    parent: dict[str, Any]
    display_id: str
    msg_id: str
    connections: list[Any] = field(default_factory=list)

    def answer(self, text: str, html: str) -> None:
        """Replace the output in every page that is still open."""
        content = {
            "data": {"text/plain": text, "text/html": html},
            "metadata": {},
            "transient": {"display_id": self.display_id},
        }
        for connection in self.connections:
            try:
                connection.websocket_handler.write_message(_message(self.parent, content))
            except WebSocketClosedError:
                continue


class GatewayMagic:
    """Makes one export at a time for each kernel; all of it runs in the server's event loop."""

    def __init__(
        self,
        service: SessionExportService,
        kernels: KernelWatch,
        notebooks: NotebookWatch,
        base_url: str,
        log: logging.Logger,
    ) -> None:
        self._service = service
        self._kernels = kernels
        self._notebooks = notebooks
        self._base_url = base_url
        self._log = log
        self._asked: dict[str, Asking] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, connection: Any, document: dict[str, Any]) -> None:
        """Take a request; each connection of the kernel hears it."""
        kernel_id, msg_id = connection.kernel_id, str(document["header"]["msg_id"])
        under_way = self._asked.get(kernel_id)
        if under_way is not None:
            if under_way.msg_id == msg_id:
                under_way.connections.append(connection)
            return
        content, parent = document["content"], document["parent_header"]
        asking = Asking(parent, str(content["display_id"])[:MOST_TEXT], msg_id, [connection])
        self._asked[kernel_id] = asking
        task = asyncio.get_running_loop().create_task(self._serve(kernel_id, content, asking))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way; the exports themselves end with the server's."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, kernel_id: str, content: dict[str, Any], asking: Asking) -> None:
        try:
            job = await self._export(kernel_id, content, asking)
            await job.over.wait()
            if job.error is not None:
                raise job.error
            self._tell(job, asking)
        except SessionExportError as error:
            self._log.info("An export that kernel %s asked for: %s", kernel_id, error.code)
            line = problem_line(error)
            asking.answer(line, escape(line))
        finally:
            del self._asked[kernel_id]

    async def _export(self, kernel_id: str, content: dict[str, Any], asking: Asking) -> ExportJob:
        session_id = self._kernels.session_of(kernel_id)
        record = session_id and self._service.sessions.record_of(session_id)
        if not record:
            raise SessionNotFound("This kernel belongs to no session that is recorded.")
        asked: dict[str, Any] = {
            "include": content.get("include"),
            "compression": content.get("compression"),
            "asked_by": {"kernel_id": kernel_id, "msg_id": str(asking.parent.get("msg_id"))},
        }
        if content.get("notebook"):
            asked |= {"scope": "notebook", "path": self._notebook_of(kernel_id)}
        named = content.get("session_id")
        if named is not None and named != record.session.id:
            # All that vouches for the kernel is that it runs: it has no key to another session.
            raise InvalidRequest(
                "A kernel of a gateway exports its own session only.",
                "Export another one from the sidebar.",
            )
        owner = Owner(record.session.owner, record.session.guest)
        request = ExportRequest.parse(asked, compression=self._service.settings.compression)
        return await self._service.exporting.begin(owner, record.session.id, request)

    def _notebook_of(self, kernel_id: str) -> str:
        path = self._notebooks.notebook_of(kernel_id)
        if path is None:
            raise InvalidRequest(
                "This kernel belongs to no notebook.", "Export the session, without --notebook."
            )
        return path

    def _tell(self, job: ExportJob, asking: Asking) -> None:
        url = url_path_join(self._base_url, f"session-export/api/exports/{job.id}/download")
        bytes_ = job.prepared.length if job.prepared is not None else 0
        told = f"{size(bytes_)}; {job.left_out or 'nothing'} left out"
        link = f'<a href="{escape(url)}" download>{escape(job.filename)}</a>'
        asking.answer(f"{url}\n{told}", f"<div>{link}<br>{escape(told)}</div>")


def _message(parent: dict[str, Any], content: dict[str, Any]) -> str:
    msg_id, msg_type = uuid.uuid4().hex, "update_display_data"
    header = {
        "msg_id": msg_id,
        "msg_type": msg_type,
        "username": "session_export",
        "session": "session_export",
        "date": to_iso(now()),
        "version": "5.3",
    }
    message = {
        "channel": "iopub",
        "header": header,
        "msg_id": msg_id,
        "msg_type": msg_type,
        "parent_header": parent,
        "metadata": {},
        "content": content,
        "buffers": [],
    }
    return json.dumps(message)
