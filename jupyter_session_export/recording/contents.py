"""Watch a contents manager: which files and notebooks are opened, saved, moved and removed.

Its events say nothing of who did it, and `POST /api/events` can forge them; its methods can't
be called from outside.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from ..records.activity import Actor, Deed
from .deeds import METHODS, api_path, deed_of

_inside: ContextVar[bool] = ContextVar("session_export_contents", default=False)
"""Whether a method is called by another one, which is told of as a whole."""


class ContentsWatch:
    """Wraps the methods of one contents manager, sync or async.

    `actor` says who acts now, or None where no session is to be told; `note`
    tells it; `moved` is told of each renaming, and of the session that knows.
    """

    def __init__(
        self,
        contents_manager: Any,
        *,
        actor: Callable[[], Actor | None],
        note: Callable[[str, Deed], None],
        moved: Callable[[str, str, str | None], None],
        log: logging.Logger | None = None,
    ) -> None:
        self._manager = contents_manager
        self._actor = actor
        self._note = note
        self._moved = moved
        self._log = log or logging.getLogger(__name__)
        self._wrapped: list[str] = []

    def start(self) -> None:
        """Wrap the manager's methods on the instance."""
        for name in METHODS:
            original = getattr(self._manager, name, None)
            if callable(original):
                setattr(self._manager, name, self._watching(name, original))
                self._wrapped.append(name)

    def stop(self) -> None:
        """Unwrap."""
        while self._wrapped:
            vars(self._manager).pop(self._wrapped.pop(), None)

    def _watching(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @wraps(original)
        def watching(*args: Any, **kwargs: Any) -> Any:
            if _inside.get():
                return original(*args, **kwargs)

            def tell(result: Any) -> Any:
                self._tell(name, signature, (args, kwargs), result)
                return result

            with _within():
                result = original(*args, **kwargs)
            return _told_later(result, tell) if inspect.isawaitable(result) else tell(result)

        return watching

    def _tell(self, name: str, signature: inspect.Signature, given: Any, result: Any) -> None:
        try:
            call = signature.bind(*given[0], **given[1]).arguments
            actor = self._actor()
            deed = deed_of(name, call, result, actor.user if actor else None)
            if deed is not None and actor is not None:
                self._note(actor.session_id, deed)
            if name == "rename":
                told = actor.session_id if actor else None
                self._moved(api_path(call["old_path"]), api_path(call["new_path"]), told)
        except Exception:  # noqa: BLE001  # a file is saved with or without a line about it
            self._log.warning("What was done to a file could not be recorded", exc_info=True)


async def _told_later(result: Awaitable[Any], tell: Callable[[Any], Any]) -> Any:
    with _within():
        value = await result
    return tell(value)


@contextmanager
def _within() -> Iterator[None]:
    before = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(before)
