"""Who records this kernel, and what can be asked of it: a server, the kernel itself, or nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ...client.access import VARIABLE, Access
from ...client.client import SessionExportClient
from ...errors import NoRecordingServer, ServerRefused, ServerUnreachable
from ...insights.finders import find_insights
from ...insights.sources import Source, look_at, silence_warnings
from ...insights.timeline import Timeline
from ..history import History
from ..origin import kernel_id_of
from ..own import own_recorder
from .runs import Runs

if TYPE_CHECKING:
    from ..own.control import OwnControl


MOST_SOURCES = 150


class Book(Protocol):
    """Its calls may block as long as a server takes; all raise SessionExportError."""

    def look(self) -> dict[str, Any]:
        """Return `recording` ("state", "reason"), and what waits where that is known."""

    def insights(self) -> dict[str, Any]:
        """Return `insights`; where there is a record also the `runs` of other kernels, and
        which of this one's are `recorded`."""

    def set_recording(self, state: str) -> dict[str, Any]: ...
    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]: ...
    def close(self) -> None: ...


def open_book(shell: Any, history: History) -> Book:
    """Return who records this kernel, for as long as the panel is open."""
    if own_recorder() is not None:
        return OwnBook()
    if os.environ.get(VARIABLE):
        return ServerBook(kernel_id_of(shell) or "")
    return NoBook(lambda: known_insights(shell, history))


class ServerBook:
    """The server's record; its connection is kept, as making one takes longer than a call."""

    def __init__(self, kernel_id: str) -> None:
        self._kernel_id = kernel_id
        self._client: SessionExportClient | None = None

    def look(self) -> dict[str, Any]:
        return self._ask(lambda client: client.queue(self._kernel_id))

    def insights(self) -> dict[str, Any]:
        return self._ask(lambda client: client.insights(self._kernel_id))

    def set_recording(self, state: str) -> dict[str, Any]:
        return self._ask(lambda client: client.set_recording(state))

    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask(lambda client: client.purge(scope))

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _ask(self, call: Callable[[SessionExportClient], dict[str, Any]]) -> dict[str, Any]:
        if self._client is None:
            self._client = SessionExportClient(Access.of_kernel())
        try:
            return call(self._client)
        except (ServerUnreachable, ServerRefused):
            # The server may be another one by now, with another port and another key.
            self.close()
            raise


class OwnBook:
    """The record that this kernel makes itself."""

    def look(self) -> dict[str, Any]:
        return self._control().look()

    def insights(self) -> dict[str, Any]:
        return self._control().insights()

    def set_recording(self, state: str) -> dict[str, Any]:
        return self._control().set_recording(state)

    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        return self._control().purge(scope)

    def close(self) -> None:
        """Nothing is held."""

    def _control(self) -> OwnControl:
        from ..own.control import OwnControl  # noqa: PLC0415  # it brings all that makes a ZIP

        own = own_recorder()
        if own is None:
            raise NoRecordingServer("This kernel's own recording has ended.")
        return OwnControl(own)


class NoBook:
    """Nobody's record: there are only insights into what the kernel knows of itself."""

    def __init__(self, known: Callable[[], dict[str, Any]]) -> None:
        self._known = known

    def look(self) -> dict[str, Any]:
        return self._refuse()

    def insights(self) -> dict[str, Any]:
        return self._known()

    def set_recording(self, state: str) -> dict[str, Any]:
        return self._refuse()

    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        return self._refuse()

    def close(self) -> None:
        """Nothing is held."""

    def _refuse(self) -> NoReturn:
        Access.of_kernel()
        raise NoRecordingServer("Nobody records this kernel.")


def known_insights(shell: Any, history: History) -> dict[str, Any]:
    """Return insights into what a kernel knows of itself, in the form of `Book.insights`."""
    runs = Runs(history)
    runs.refresh()
    codes = getattr(shell.history_manager, "input_hist_raw", [])
    timeline = Timeline(tuple(runs.ended), time.time(), _sources(codes))
    return {"insights": [each.to_json() for each in find_insights(timeline)]}


def _sources(codes: Sequence[str]) -> dict[str, Source]:
    """Look at the newest sources, by the hashes that runs name them by."""
    silence_warnings()
    looked = ((str(hash(code)), look_at(code)) for code in dict.fromkeys(codes[-MOST_SOURCES:]))
    return {digest: source for digest, source in looked if source is not None}
