"""The recording of one session: on, paused or stopped, and what happens when its store fails.

Only the recorder's thread calls it, but for `state` and `reason`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ..errors import StoreError
from ..records.activity import Deed, LogLine
from ..records.purge import Purged, PurgeScope
from ..records.times import from_timestamp, now, to_iso
from ..records.unrecorded import NOTEBOOKS_OFF
from .archivist import Archivist
from .captures import Capture
from .kernelstate import KernelState
from .logbook import Logbook
from .notebooks_off import NotebooksOff
from .outage import Outage
from .promise import reject
from .queue import Loss
from .recovery import Recovery
from .requests import Answer, Prompt, Reply
from .sink import Sink
from .track import Track
from .wire import Message

ON = "on"
PAUSED = "paused"
STOPPED = "stopped"
DROPPED = "the kernel dropped messages that it sent faster than they could leave it"


class SessionRecording:
    """Feeds a session's track while it is on; keeps account of what it misses while it isn't."""

    def __init__(
        self,
        sink: Sink,
        track: Track,
        archivist: Archivist,
        log: logging.Logger,
        retry_after: float,
        *,
        notebooks_off: NotebooksOff | None = None,
    ) -> None:
        self.sink = sink
        self.track = track
        self.archivist = archivist
        self.paused = False
        self.notebooks_off = notebooks_off or NotebooksOff()
        self._log = log
        self._outage = Outage(sink, track.index, archivist, log, retry_after)
        self._touched_at: float | None = None
        self.is_open = True
        archivist.on_failed = self._outage.begin

    @property
    def id(self) -> str:
        return self.sink.session.id

    @property
    def logbook(self) -> Logbook:
        return self.archivist.logbook

    @property
    def state(self) -> str:
        if self._outage.lasts:
            return STOPPED
        return PAUSED if self.paused else ON

    @property
    def reason(self) -> str | None:
        """Why it is stopped."""
        return self._outage.reason

    def take(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a message of an execution."""
        self._touched_at = at
        try:
            if not self._outage.lasts and self.records(kernel):
                self.track.take(kernel, message, at)
            else:
                self._outage.miss()
                self.track.ignore(kernel, message, at)
        except StoreError as error:
            self._outage.begin(error)

    def take_comm(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a comm message, of the kernel or of a front end."""
        if not self.records(kernel) or kernel.skips(message.parent_id):
            return
        self._touched_at = at
        number = self.track.number_of(kernel, message)
        self.archivist.comms.take(kernel.id, message, number, from_timestamp(at))

    def take_captures(self, kernel: KernelState, captures: list[Capture]) -> None:
        """Note in executions that widgets take their output, or don't any more."""
        if captures and not self._outage.lasts and self.records(kernel):
            self.attempt(lambda: self.track.capture(kernel, captures))

    def reply(self, kernel: KernelState, reply: Reply) -> None:
        """Take an execute_reply; of what isn't recorded only how it went."""
        told = reply if self.records(kernel) else reply.without_content()
        self.attempt(lambda: self.track.reply(kernel, told))

    def hear(self, kernel: KernelState, told: Prompt | Answer) -> None:
        """Take what a kernel asks a person, or what the person answers."""
        if self.takes(kernel):
            self.attempt(lambda: self.track.hear(kernel, told))

    def takes(self, kernel: KernelState) -> bool:
        """Tell whether what comes of a kernel now gets into the record."""
        return self.state == ON and self.records(kernel)

    def records(self, kernel: KernelState) -> bool:
        """Tell whether its owner wants recorded what runs in a kernel now.

        A request doesn't say which of the kernel's notebooks it comes from: one that is off
        has nothing of that kernel recorded.
        """
        return not (self.paused or any(map(self.notebooks_off.has, kernel.notebooks)))

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something with the sink; a failing one stops the recording, never the caller."""
        try:
            action()
        except StoreError as error:
            self._outage.begin(error)

    def note(self, action: str, target: str | None = None, **detail: Any) -> None:
        """Write an activity line."""
        user_id = self.sink.session.user_id
        self.attempt(lambda: self.logbook.note(action, target, user_id=user_id, **detail))

    def note_deed(self, deed: Deed) -> None:
        """Write down what somebody did; not in a pause, and not while the store fails.

        Nor with a notebook that isn't recorded.
        """
        if self.state == ON and not any(map(self.notebooks_off.has, deed.notebooks)):
            self.tell(deed)

    def tell(self, deed: Deed) -> None:
        """Write down what somebody did, also in a pause: the record can't be read without."""
        user_id = self.track.user_id(deed.user) if deed.user is not None else None
        self.attempt(lambda: self.logbook.note_deed(deed, user_id))

    def follow(self, old: str, new: str, *, told: bool) -> None:
        """Follow a notebook, or a folder of some; say so unless that was `told` here already."""

        def rename() -> None:
            hidden = self.notebooks_off.has(old) or self.notebooks_off.has(new)
            if self.sink.rename_notebook(old, new) and not (told or hidden):
                self.logbook.note("notebook.rename", new, old=old)

        self.attempt(rename)
        if self.notebooks_off.rename(old, new):
            self._keep_notebooks_off()

    def log(self, line: LogLine) -> None:
        """Write a line that somebody else made."""
        self.attempt(lambda: self.logbook.add(line))

    def note_loss(self, kernel: KernelState, loss: Loss) -> None:
        """Write down what the queue could not hold."""
        self.attempt(lambda: self.track.truncate(kernel))
        self.note(
            "recording.gap",
            kernel.id,
            since=to_iso(from_timestamp(loss.first_at)),
            until=to_iso(from_timestamp(loss.last_at)),
            reason="messages came faster than they could be recorded",
            messages=loss.messages,
            bytes=loss.bytes,
        )

    def note_gap(self, kernel: KernelState, messages: int, *, begins: bool) -> None:
        """Write down what a kernel could not send; `begins` tells that another execution does."""
        if self.state != ON:
            return
        self.attempt(lambda: self.track.truncate(kernel))
        if begins:
            self.attempt(lambda: self.track.give_up(kernel, now()))
        self.note("recording.gap", kernel.id, reason=DROPPED, messages=messages)

    def recover(self) -> None:
        """Take up what the record says, and seal what a crashed writer left behind."""
        self.notebooks_off.add(self.sink.value(NOTEBOOKS_OFF) or ())
        self.sink.end_debug_sessions(now(), "server died")
        Recovery(self.archivist, self.sink, self._log).run()

    def pause(self) -> None:
        if not self.paused:
            self.paused = True
            self.note("recording.paused")

    def resume(self) -> None:
        # Somebody wants it now, and may have made room.
        self._outage.try_soon()
        if self.paused:
            self.paused = False
            self.note("recording.resumed")

    def pause_notebook(self, path: str, *, off: bool) -> None:
        """Record nothing of a notebook, or go on with it. Raises InvalidRequest."""
        if self.notebooks_off.change(path, off=off):
            self._keep_notebooks_off()
            self.note("recording.paused" if off else "recording.resumed", path)

    def meet_notebooks(self, kernel: KernelState) -> None:
        """Know the notebooks that a kernel serves now."""
        for path in kernel.notebooks:
            self.notebooks_off.meet(path)

    def _keep_notebooks_off(self) -> None:
        paths = sorted(self.notebooks_off.paths)
        self.attempt(lambda: self.sink.set_value(NOTEBOOKS_OFF, paths))

    def tick(self) -> None:
        """Flush, seal, commit; or try whether the store works again."""
        if self._outage.lasts:
            self._outage.tick()
        else:
            self.attempt(self._tick)

    def freeze(self, without: str | None, done: Future[int]) -> None:
        """Seal all; whatever comes of it, somebody waits for the end of `done`."""
        try:
            self.logbook.tell_left_out(all_of_it=True)
            self.archivist.freeze(without, done)
        except StoreError as error:
            self._outage.begin(error)
            reject(done, error)
        except Exception as error:
            reject(done, error)
            raise

    def commit(self) -> int:
        """Have readers see what has come; return how much text of it isn't sealed yet."""
        if not self._outage.lasts:
            self.attempt(self.archivist.commit)
        return self.archivist.unsealed_bytes

    def purge(self, scope: PurgeScope, done: Future[Purged]) -> None:
        """Remove what was recorded; whatever comes of it, somebody waits for `done`."""
        try:
            self.archivist.purges.add(scope, done)
        except StoreError as error:
            self._outage.begin(error)
            reject(done, error)

    def end(self) -> None:
        """Note that nobody resumes the session any more."""
        self.note("session.ended")
        self.attempt(lambda: self.sink.end(now()))

    def close(self) -> None:
        self.is_open = False
        self.attempt(self.archivist.release)
        self.attempt(self._tick)
        self.attempt(self.sink.close)

    def _tick(self) -> None:
        if self._touched_at is not None:
            self.sink.touch(from_timestamp(self._touched_at))
            self._touched_at = None
        self.logbook.tell_left_out()
        self.archivist.tick()
