"""The thread that asks the record and changes it: the kernel never waits for an answer."""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...client.wording import problem_line, purged_text
from ...errors import (
    NoRecordingServer,
    ServerRefused,
    ServerUnreachable,
    SessionExportError,
)
from ...insights.timeline import Run
from ..history import History
from .books import Book
from .standing import AWAY, NOBODY, Standing

LOOK_SECONDS, IDLE_LOOK_SECONDS = 2.0, 10.0
"""How often the recording and the queue are asked for, while a cell runs and while none does."""
INSIGHTS_SECONDS = 5.0
REST = 100
"""After an answer that took a second, insights aren't asked for as many seconds."""
TIMES = 2
"""How often insights are asked for when cells have ended: the first time they may not be sealed."""
MOST_WAITING = 8
SAID = {"on": "Recording is on.", "paused": "Paused: what runs now is not recorded."}


class Desk:
    """`changed` is called, in this thread, when `standing` is another one.

    `known` returns what the kernel's own knowledge yields, in the form of `Book.insights`, for
    as long as who records doesn't answer.
    """

    def __init__(
        self,
        book: Book,
        history: History,
        changed: Callable[[], object],
        known: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._book = book
        self._known = known
        self._history = history
        self._changed = changed
        self._actions: queue.Queue[Callable[[], None] | None] = queue.Queue(MOST_WAITING)
        self._looks_at = self._explains_at = 0.0
        self._counted = self._owed = -1
        self._settled = self._purges = 0
        self._closed = self._has_explained = False
        self._changing = threading.Lock()
        self.standing = Standing()
        self.first = threading.Event()
        """Set when the record has been asked for the first time."""

    def start(self) -> None:
        """Begin to ask. Raises RuntimeError where there is no thread to be had."""
        run = contextvars.copy_context().run
        threading.Thread(
            target=run, args=(self._run,), name="session-export-desk", daemon=True
        ).start()

    def set_recording(self, state: str) -> None:
        """Have the recording paused ("paused") or resumed ("on")."""
        self._put("Pausing …" if state == "paused" else "Resuming …", lambda: self._set(state))

    def purge(self, scope: Mapping[str, Any]) -> None:
        """Have recorded things removed, for good."""
        self._put("Purging …", lambda: self._purge(scope))

    def close(self) -> None:
        """End, when what is being asked has been answered. Any thread."""
        self._closed = True
        self._wake()

    def note_change(self) -> None:
        """Look soon: something has begun or ended."""
        self._looks_at = min(self._looks_at, time.monotonic() + LOOK_SECONDS)
        if self._owes_insights() and self._actions.empty():
            self._wake()

    def once(self) -> None:
        """Ask what is due now."""
        now = time.monotonic()
        if now >= self._looks_at:
            self._attempt(self._look)
            every = LOOK_SECONDS if self._history.running() else IDLE_LOOK_SECONDS
            self._looks_at = time.monotonic() + every
        if now >= self._explains_at and self._owes_insights():
            self._attempt(self._explain)
            # The first answer waits for modules to be loaded, which the others don't.
            took = time.monotonic() - now if self._has_explained else 0.0
            self._has_explained = True
            self._explains_at = now + max(INSIGHTS_SECONDS, took * REST)

    def _run(self) -> None:
        while not self._closed:
            self.once()
            self.first.set()
            try:
                action = self._actions.get(timeout=self._until_due())
            except queue.Empty:
                continue
            if action is not None and not self._closed:
                self._attempt(action)
        self._book.close()

    def _owes_insights(self) -> bool:
        if self._counted != self._history.count:
            self._counted, self._owed = self._history.count, TIMES
        return self._owed > 0

    def _owe_insights(self) -> None:
        """Ask for them soon: not only what ends here changes them."""
        self._counted = self._history.count
        self._owed, self._explains_at = TIMES, 0.0

    def _until_due(self) -> float:
        due = self._looks_at
        if self._owes_insights():
            due = min(due, self._explains_at)
        return max(0.01, due - time.monotonic())

    def _put(self, busy: str, action: Callable[[], None]) -> None:
        try:
            self._actions.put_nowait(action)
        except queue.Full:
            return  # so many are waiting already that another click says nothing new
        self._change(busy=busy, said=None)

    def _wake(self) -> None:
        try:
            self._actions.put_nowait(None)
        except queue.Full:
            return  # it is awake

    def _attempt(self, ask: Callable[[], None]) -> None:
        try:
            ask()
        except NoRecordingServer as error:
            self._change(state=NOBODY, reason=problem_line(error), busy=None)
        except (ServerUnreachable, ServerRefused) as error:
            self._lose(error)
        except SessionExportError as error:
            self._change(problem=problem_line(error), busy=None)
        except Exception as error:
            logging.getLogger(__name__).exception("The panel could not ask the record.")
            self._change(problem=f"{type(error).__name__}: {error}", busy=None)

    def _lose(self, error: SessionExportError) -> None:
        """Go on with what the kernel knows."""
        if self.standing.state != AWAY:
            self._owe_insights()
        self._change(
            state=AWAY, reason=None, queued=None, queue=(), problem=problem_line(error), busy=None
        )

    def _look(self) -> None:
        answer = self._book.look()
        recording = answer["recording"]
        if self.standing.state == AWAY:
            self._owe_insights()
        if answer.get("purges", 0) != self._purges:
            self._purges = answer["purges"]
            self._owe_insights()
        self._change(
            queued=answer.get("queued"),
            queue=tuple(str(each["source_head"]) for each in answer.get("queue", ())),
            state=str(recording["state"]),
            reason=recording.get("reason"),
            problem=None,
        )

    def _explain(self) -> None:
        until = self._history.count
        answer = self._known() if self.standing.state == AWAY else self._book.insights()
        others = self.standing.others
        if "runs" in answer:
            others = tuple(map(_run, answer["runs"]))
        if answer.get("recorded") is not None:
            # What ended since it was asked for the last time may be on its way to the record.
            self._history.compare(answer["recorded"], self._settled)
        self._settled = until
        self._owed -= 1
        self._change(insights=tuple(answer.get("insights", ())), others=others)

    def _set(self, state: str) -> None:
        recording = self._book.set_recording(state)
        state, reason = str(recording["state"]), recording.get("reason")
        self._change(state=state, reason=reason, busy=None, said=SAID.get(state), problem=None)

    def _purge(self, scope: Mapping[str, Any]) -> None:
        answer = self._book.purge(scope)
        if scope.get("scope") == "all":
            self._history.clear()
        self._owe_insights()
        self._change(busy=None, said=purged_text(answer), problem=None)

    def _change(self, **news: Any) -> None:
        with self._changing:
            before = self.standing
            self.standing = replace(before, **news)
        if self.standing != before:
            self._changed()


def _run(told: Mapping[str, Any]) -> Run:
    """Read what is known here of a run: a newer server may tell more."""
    return Run(**{name: told[name] for name in Run._fields if name in told})
