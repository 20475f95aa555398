"""The recording of one session: on, paused or stopped, and what happens when its store fails.

Only the recorder's thread calls it, but for `state` and `reason`.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import ContentDamaged, StoreDamaged, StoreError
from ..records.activity import Deed, LogLine
from ..records.purge import Purged, PurgeScope
from ..records.times import from_timestamp, now, to_iso
from ..records.unrecorded import NOTEBOOKS_OFF
from .archivist import Archivist
from .kernelstate import KernelState
from .logbook import Logbook
from .notebooks_off import NotebooksOff
from .promise import reject
from .queue import Loss
from .requests import Answer, Prompt, Reply
from .sink import Sink
from .track import Track
from .wire import Message

ON = "on"
PAUSED = "paused"
STOPPED = "stopped"
PATIENT_TRIES = 3
"""So often it is tried to go on before what is not sealed is shortened."""
WARN_AGAIN = 3600.0
DROPPED = "the kernel dropped messages that it sent faster than they could leave it"


@dataclass(slots=True)
class Gap:
    """A stretch that is not in the record."""

    since: datetime
    reason: str
    messages: int = 0


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
        self._retry_after = retry_after
        self._retry_at = 0.0
        self._tries = 0
        self._warned: dict[str, float] = {}
        self._gap: Gap | None = None
        self._touched_at: float | None = None
        self.is_open = True
        archivist.on_failed = self._stop

    @property
    def id(self) -> str:
        return self.sink.session.id

    @property
    def logbook(self) -> Logbook:
        return self.archivist.logbook

    @property
    def state(self) -> str:
        if self._gap is not None:
            return STOPPED
        return PAUSED if self.paused else ON

    @property
    def reason(self) -> str | None:
        """Why it is stopped."""
        return None if self._gap is None else self._gap.reason

    def take(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a message of an execution."""
        self._touched_at = at
        try:
            if self._gap is None and self.records(kernel):
                self.track.take(kernel, message, at)
            else:
                if self._gap is not None:
                    self._gap.messages += 1
                self.track.ignore(kernel, message, at)
        except StoreError as error:
            self._stop(error)

    def take_comm(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a comm message, of the kernel or of a front end."""
        if not self.records(kernel) or kernel.skips(message.parent_id):
            return
        self._touched_at = at
        number = self.track.number_of(kernel, message)
        self.archivist.comms.take(kernel.id, message, number, from_timestamp(at))

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
            self._stop(error)

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
        for spool in self.sink.leftovers():
            try:
                self.archivist.recover(spool)
            except (ValueError, KeyError, TypeError, ContentDamaged):
                self._log.warning("A crashed recording left a journal that can't be read")
        for key in self.sink.unfinished():
            self.archivist.recover_unspooled(key)

    def pause(self) -> None:
        if not self.paused:
            self.paused = True
            self.note("recording.paused")

    def resume(self) -> None:
        if self._retry_at < math.inf:
            # Somebody wants it now, and may have made room.
            self._retry_at = 0.0
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
        if self._gap is not None:
            if time.monotonic() >= self._retry_at:
                self._retry(self._gap)
            return
        self.attempt(self._tick)

    def freeze(self, without: str | None, done: Future[int]) -> None:
        """Seal all; whatever comes of it, somebody waits for the end of `done`."""
        try:
            self.logbook.tell_left_out(all_of_it=True)
            self.archivist.freeze(without, done)
        except StoreError as error:
            self._stop(error)
            reject(done, error)
        except Exception as error:
            reject(done, error)
            raise

    def commit(self) -> int:
        """Have readers see what has come; return how much text of it isn't sealed yet."""
        if self._gap is None:
            self.attempt(self.archivist.commit)
        return self.archivist.unsealed_bytes

    def purge(self, scope: PurgeScope, done: Future[Purged]) -> None:
        """Remove what was recorded; whatever comes of it, somebody waits for `done`."""
        try:
            self.archivist.purges.add(scope, done)
        except StoreError as error:
            self._stop(error)
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

    def _stop(self, error: StoreError) -> None:
        if isinstance(error, StoreDamaged):
            # Writing on would damage it further.
            self._retry_at = math.inf
        if self._gap is None:
            self._begin_gap(error)
        # Only now: who hears of it may ask for the state next.
        self.archivist.fail(error)

    def _begin_gap(self, error: StoreError) -> None:
        self._gap = Gap(now(), error.message)
        self._tries = 0
        outlook = "it is not tried again before the server is restarted."
        if not isinstance(error, StoreDamaged):
            self._retry_at = time.monotonic() + self._retry_after
            outlook = f"it is tried again every {self._retry_after:g} s."
        self._log.log(
            self._level(error.message),
            "Recording of session %s has stopped: %s Kernels and files are not affected; %s",
            self.sink.session.number,
            error.message,
            outlook,
        )
        for live in self.archivist.lives.values():
            if not live.ended:
                live.outcome.truncated = True

    def _retry(self, gap: Gap) -> None:
        self._retry_at = time.monotonic() + self._retry_after
        self._tries += 1
        try:
            if self._tries > PATIENT_TRIES:
                # What is itself too large for the disk would be in its own way for ever.
                self.archivist.shorten()
            self.track.index.prune()
            self.archivist.seal_ended()
            self.archivist.tick()
            self._write_gap(gap)
        except StoreError as error:
            self._stop(error)
            return
        self._gap = None
        self._log.warning("Recording of session %s goes on.", self.sink.session.number)

    def _level(self, reason: str) -> int:
        """Warn once an hour at most of what comes and goes."""
        at = time.monotonic()
        if at < self._warned.get(reason, -math.inf) + WARN_AGAIN:
            return logging.INFO
        self._warned = {reason: at}
        return logging.WARNING

    def _write_gap(self, gap: Gap) -> None:
        self.logbook.note(
            "recording.gap",
            user_id=self.sink.session.user_id,
            since=to_iso(gap.since),
            until=to_iso(now()),
            reason=gap.reason,
            messages=gap.messages,
        )
        self.sink.commit()
