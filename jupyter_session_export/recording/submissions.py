"""Cells that the server itself is asked to run: by whom, and which cells they are.

jupyter-server-nbmodel takes them over HTTP and runs them by a client of its own, so
the kernel hears neither. Whatever offers the same `put` is listened to likewise.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Protocol

from jupyter_server import CallContext

from ..records.times import now
from .requests import Request
from .warner import Warner
from .websocket import NameOf

STACK = "execution_stack"
"""Under this name the handlers of such an extension are given what runs the cells."""

_log = logging.getLogger(__name__)


class SubmissionTap(Protocol):
    """What hears of it: `Recorder.kernels`."""

    def submitted(self, request: Request) -> None: ...


def watch_submissions(web_app: Any, tap: SubmissionTap, name_of: NameOf) -> None:
    """Listen to all that runs cells for the server, once its extensions are loaded."""
    warner = Warner(_log)
    for stack in {id(stack): stack for stack in _stacks(web_app.default_router)}.values():
        _watch(stack, tap, name_of, warner)


def _stacks(router: Any) -> Iterator[Any]:
    for rule in getattr(router, "rules", ()):
        found = (getattr(rule, "target_kwargs", None) or {}).get(STACK)
        if callable(getattr(found, "put", None)):
            yield found
        yield from _stacks(rule.target)


def _watch(stack: Any, tap: SubmissionTap, name_of: NameOf, warner: Warner) -> None:
    put = stack.put

    def recorded_put(
        kernel_id: str, code: str, metadata: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        # One with a `remote_server` names a kernel of another server, which is unknown here.
        warner.quietly(lambda: tap.submitted(_request(kernel_id, code, metadata, name_of)))
        return put(kernel_id, code, metadata, *args, **kwargs)

    stack.put = recorded_put


def _request(kernel_id: str, code: str, metadata: Any, name_of: NameOf) -> Request:
    handler: Any = CallContext.get(CallContext.JUPYTER_HANDLER)
    cell_id = metadata.get("cell_id") if isinstance(metadata, dict) else None
    return Request(
        kernel_id=kernel_id,
        msg_id="",
        code=code,
        received_at=now(),
        cell_id=cell_id if isinstance(cell_id, str) else None,
        user=None if handler is None else name_of(handler.current_user),
    )
