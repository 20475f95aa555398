"""The open session of a kernel that records itself; only its recorder's thread imports this."""

from __future__ import annotations

import ctypes
import getpass
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...recording.environment import describe_environment
from ...recording.facts import facts
from ...recording.kernelstates import SHUT_DOWN
from ...recording.queue import Packet
from ...recording.recorder import Recorder
from ...recording.requests import Reply, Request, told_by
from ...records.execution import Kernel
from ...records.session import ENVIRONMENT, SessionKey
from ...records.times import from_timestamp
from ...settings import SessionExport, load_settings
from ...store.catalog import Catalog
from ...store.record import Record
from ...store.room import Room
from ..origin import kernel_id_of
from .measuring import Measuring
from .place import Place, kernel_key
from .tap import Answered, Asked, Missed, Published

if TYPE_CHECKING:
    from ...upkeep.cleaner import Cleaner


@dataclass(frozen=True, slots=True)
class Writing:
    """A kernel's session, its recorder, and what both were made by."""

    settings: SessionExport
    catalog: Catalog
    record: Record
    recorder: Recorder
    measuring: Measuring
    kernel: Kernel
    place: Place

    @classmethod
    def begin(cls, shell: Any, folder: str, log: logging.Logger) -> Writing | None:
        """Open or resume the kernel's session; None where nothing is to be recorded.

        Raises StoreError, or whatever the configuration raises.
        """
        settings = load_settings()
        if not settings.record:
            return None
        room = Room(settings.max_store_bytes)
        catalog = Catalog(Path(settings.data_dir).expanduser(), room)
        place = Place.of(os.environ, shell.user_ns, folder)
        own = kernel_key(shell.kernel.parent.connection_file, shell.kernel.session.key)
        record = catalog.open(SessionKey(_account(), place.root, own), guest=settings.guest)
        recorder = Recorder(
            log,
            listens=False,
            output_bytes=settings.max_execution_output_bytes,
            unrecorded_notebooks=settings.unrecorded_notebooks,
        )
        # The room counts what this kernel writes; what others take has to be measured.
        measuring = Measuring(catalog, partial(_make_room, catalog, settings), log)
        writing = cls(settings, catalog, record, recorder, measuring, _kernel(shell), place)
        record.set_value(ENVIRONMENT, describe_environment())
        writing.recorder.start()
        writing.recorder.attach_session(record)
        writing._introduce(shell.kernel.kernel_info)
        return writing

    @property
    def session_id(self) -> str:
        return self.record.session.id

    def publish(self, messages: Sequence[Published]) -> None:
        """Hand over messages, in order."""
        packets = [Packet(self.kernel.id, each.frames, each.at, each.size) for each in messages]
        if packets:
            self.recorder.kernels.heard(packets)

    def ask(self, asked: Asked) -> None:
        """Tell of a request before its busy comes."""
        header, content = asked.request["header"], asked.request["content"]
        metadata = asked.request.get("metadata") or {}
        silent, cell_id = bool(content.get("silent")), metadata.get("cellId")
        self.recorder.kernels.requested(
            Request(
                kernel_id=self.kernel.id,
                msg_id=str(header["msg_id"]),
                code=str(content.get("code", "")),
                received_at=from_timestamp(asked.at),
                cell_id=cell_id if isinstance(cell_id, str) else None,
                store_history=bool(content.get("store_history", not silent)) and not silent,
                silent=silent,
                is_receipt=False,
            )
        )

    def answer(self, answered: Answered) -> None:
        """Tell of a reply."""
        told = told_by(answered.content)
        reply = Reply(self.kernel.id, answered.msg_id, from_timestamp(answered.at), told)
        self.recorder.kernels.replied(reply)

    def miss(self, missed: Missed) -> None:
        """Tell of messages that there was no room for."""
        self.recorder.lose(self.kernel.id, missed.at, missed.bytes, missed.messages)

    def tidy(self, log: logging.Logger) -> Cleaner | None:
        """See to it that old sessions go; return what does it. Raises OSError."""
        from .tidying import tidy_daily  # noqa: PLC0415  # the recording doesn't wait for it

        return tidy_daily(self.catalog, self.settings, log)

    def close(self, seconds: float, *, end: bool) -> None:
        """Record what has come, and `end` the session; a guest's is gone then."""
        self.measuring.stop()
        if end:
            self.recorder.kernels.stopped(self.kernel.id)
        self.recorder.close(seconds, SHUT_DOWN, end=end)
        if end and self.record.session.guest:
            from .tidying import remove_guest  # noqa: PLC0415  # few kernels need it

            remove_guest(self.catalog, self.session_id)

    def forget(self) -> None:
        """Never let go of the record in a forked process, not even when that ends.

        SQLite would take back what the other process is writing, and an older filelock
        would give its lease away.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.record))

    def _introduce(self, info: dict[str, Any]) -> None:
        kernels = self.recorder.kernels
        kernels.add_own(self.kernel, self.session_id)
        kernels.started(self.kernel.id, facts(self.kernel, info))
        if self.place.notebook is not None:
            kernels.opened_notebook(self.kernel.id, "own", self.place.notebook)


def _make_room(catalog: Catalog, settings: SessionExport) -> None:
    from .tidying import clean_up  # noqa: PLC0415  # few kernels need it

    clean_up(catalog, settings)


def _kernel(shell: Any) -> Kernel:
    language = shell.kernel.language_info
    major = str(language["version"]).partition(".")[0]
    # Its kernelspec's name is told to nobody; this is what ipykernel installs.
    name = f"{language['name']}{major}"
    kernel_id = kernel_id_of(shell) or ""
    return Kernel(kernel_id, name, language["name"], language["file_extension"])


def _account() -> str:
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())  # a container's account may have no name
