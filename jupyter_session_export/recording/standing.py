"""How executions stand that readers of the record can't see whole. The recorder's thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..records.execution import Execution
from .journal import JoinedView
from .kernelstate import KernelState
from .live import Live
from .requests import Request
from .session import SessionRecording


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An execution as it is now. `heard` has ids and dates of the last messages that are in it.

    `view` may be read in any thread for as long as the execution isn't over; then its
    journal may be gone, and the record has all of it.
    """

    execution: Execution
    source: str
    view: JoinedView
    heard: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ongoing:
    """An execution that isn't sealed as it is now; `bytes` are those of its output so far."""

    execution: Execution
    source: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Queued:
    """What a kernel is yet to run; the notebook is that of the kernel."""

    request: Request
    notebook: str | None
    incarnation: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`incarnations` has each live kernel, and how often it was started."""

    ongoing: dict[int, Ongoing]
    queued: list[Queued]
    incarnations: dict[str, int]


def standing(session: SessionRecording, kernels: list[KernelState]) -> Standing:
    """Commit what has come, and return the rest. Raises StoreError."""
    session.archivist.spread()
    session.archivist.commit()
    return Standing(
        ongoing={
            live.execution.number: Ongoing(live.current, live.source, live.output_bytes)
            for live in session.archivist.lives.values()
            if not live.is_sealed
        },
        queued=list(_queued(session, kernels)),
        incarnations={state.id: state.incarnation for state in kernels},
    )


def glimpse(session: SessionRecording, number: int) -> Glimpse | None:
    """Return an execution that isn't wholly sealed, or was moments ago. Raises StoreError."""
    session.archivist.spread()
    live = session.archivist.numbered(number)
    if live is None or live.journal is None:
        return None
    return Glimpse(live.current, live.source, live.journal.view(), tuple(live.heard))


def _queued(session: SessionRecording, kernels: Iterable[KernelState]) -> Iterator[Queued]:
    """Yield what wasn't begun, in order."""
    for state in kernels:
        begun = [live for live in session.track.index.running(state) if _waits(live)]
        for live in begun:
            yield Queued(_request(live), live.execution.notebook, state.incarnation)
        for request in state.requests.values():
            if not (request.silent or request.hidden) and request.store_history:
                yield Queued(request, state.notebook, state.incarnation)


def _waits(live: Live) -> bool:
    """Tell whether its kernel has said no more of it than that it is busy."""
    return live.journal is None and not (live.outcome.silent or live.execution.tool)


def _request(live: Live) -> Request:
    execution = live.execution
    return Request(
        kernel_id=execution.kernel.id,
        msg_id=execution.key.msg_id,
        code=live.source,
        received_at=execution.submitted_at or live.last_at,
        cell_id=execution.cell_id,
    )
