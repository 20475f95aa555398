"""Seal an execution: its journal becomes the members that the ZIP has."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from ..errors import ContentDamaged, StoreError
from ..records.content import Member, Sealed
from ..records.execution import Execution, OutputFile
from ..records.shown import Shown
from .encoding import to_bytes
from .folding import Fold, Line
from .journal import JoinedView
from .notebook_outputs import summarize
from .outputs import RenderedOutputs, render, to_document
from .refs import references_in, resolve, resolve_texts, seal_value, sealed_of
from .sink import JOURNAL, STDERR, STDOUT, Blobs

RAW = ".raw.jsonl"
RAW_FOLDER = ".raw/"
"""Content that only the raw journal refers to, as outputs that were cleared."""
INLINE_SEAL_BYTES = 1024 * 1024
"""A journal up to this size is sealed at once, a larger one by the sealer's thread."""


@dataclass(frozen=True, slots=True)
class SealedExecution:
    """What was sealed, and the state of the journal that it stands for.

    `error` is why it isn't all, where it isn't.
    """

    execution: Execution
    members: list[Member]
    changes: int
    shown: Shown | None = None
    error: Exception | None = None


def seal(
    execution: Execution,
    source: str,
    view: JoinedView,
    blobs: Blobs,
    modified: datetime,
    *,
    before: Mapping[str, Sealed] = MappingProxyType({}),
) -> SealedExecution:
    """Fold a journal and seal all that belongs to its execution. Any thread.

    `before` are the members that were sealed before: streams that are whole only ever
    grow, so one of the same length is the same.
    """
    references: dict[str, Sealed] = {}
    fold = Fold().take(_resolved(view, blobs, references))
    rendered = render(
        fold.outputs,
        view.read_all,
        lambda mime, value: seal_value(mime, value, blobs),
    )
    members = _Members(modified)
    members.add(f"source{execution.kernel.file_extension}", blobs.put(to_bytes(source)))
    streams = _seal_streams(view, blobs, before)
    for name, sealed in streams.items():
        members.add(name, sealed)
    if execution.inputs:
        document = [one.to_json() for one in execution.inputs]
        members.add("inputs.json", blobs.put(to_document(document)))
    members.add("outputs.json", blobs.put(to_document(rendered.document)))
    for file, sealed in rendered.files:
        members.add(file.file, sealed)
    execution = replace(execution, outputs=_output_files(streams, rendered))
    members.add("metadata.json", blobs.put(to_document(execution.to_json())))
    members.add(RAW, _seal_part(view, JOURNAL, blobs))
    shown = {sealed.sha256 for _, sealed in rendered.files}
    for sha256, sealed in references.items():
        if sha256 not in shown:
            members.add(RAW_FOLDER + sha256, sealed)
    if fold.captured:
        # A ZIP has all that came; a page shows the rest inside of the widget.
        fold = Fold(in_cell=True).take(resolve_texts(line, blobs) for line in view.lines())
    shows = summarize(fold.outputs, view.read, lambda value: resolve(value, blobs))
    return SealedExecution(execution, members.all, view.changes, shows)


def seal_roughly(
    execution: Execution, source: str, view: JoinedView, blobs: Blobs, modified: datetime
) -> SealedExecution:
    """Seal what can be had without folding the journal. Any thread."""
    members = _Members(modified)
    members.add(f"source{execution.kernel.file_extension}", blobs.put(to_bytes(source)))
    streams = _seal_streams(view, blobs, {})
    for name, sealed in streams.items():
        members.add(name, sealed)
    files = _output_files(streams, RenderedOutputs())
    execution = replace(execution, outputs=files, truncated=True)
    members.add("metadata.json", blobs.put(to_document(execution.to_json())))
    return SealedExecution(execution, members.all, view.changes)


def attempt(
    job: Callable[[], SealedExecution], rescue: Callable[[Exception], SealedExecution]
) -> SealedExecution | Exception:
    """Seal an execution, or what can be saved of it; return what keeps it from both."""
    try:
        return job()
    except Exception as error:  # noqa: BLE001  # told by the recorder's thread
        if _is_of_the_store(error):
            return error
        try:
            return rescue(error)
        except Exception as worse:  # noqa: BLE001  # as above
            return worse if _is_of_the_store(worse) else error


def _is_of_the_store(error: Exception) -> bool:
    return isinstance(error, StoreError) and not isinstance(error, ContentDamaged)


class Sealer:
    """A thread that seals what is too large to hold up the recorder."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name="session-export-sealer", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job, which hands on its own outcome. There is at most one per execution."""
        self._jobs.put(job)

    def close(self, timeout: float) -> None:
        """End the thread after the jobs submitted so far."""
        self._jobs.put(None)
        if self.thread.is_alive():
            self.thread.join(timeout)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001  # one execution's failure must not end them all
                self._log.exception("The session recorder could not seal an execution")


class _Members:
    def __init__(self, modified: datetime) -> None:
        self.all: list[Member] = []
        self._modified = modified

    def add(self, name: str, sealed: Sealed) -> None:
        self.all.append(Member(name, sealed, self._modified))


def _resolved(view: JoinedView, blobs: Blobs, references: dict[str, Sealed]) -> Iterator[Line]:
    """Yield the lines as outputs are made of them; note what they refer to."""
    for line in view.lines():
        for reference in references_in(line):
            references[reference["ref"]] = sealed_of(reference)
        yield resolve_texts(line, blobs)


def _seal_streams(
    view: JoinedView, blobs: Blobs, before: Mapping[str, Sealed]
) -> dict[str, Sealed]:
    streams = {}
    for name in (STDOUT, STDERR):
        known = before.get(name)
        if view.is_whole and known is not None and known.size == view.size(name):
            streams[name] = known
        elif view.size(name):
            streams[name] = _seal_part(view, name, blobs)
    return streams


def _seal_part(view: JoinedView, name: str, blobs: Blobs) -> Sealed:
    size = view.size(name)
    if size > INLINE_SEAL_BYTES:
        return blobs.put_read(size, lambda at, length: view.read_all(name, at, at + length))
    return blobs.put(view.read_all(name))


def _output_files(streams: dict[str, Sealed], rendered: RenderedOutputs) -> tuple[OutputFile, ...]:
    files = [OutputFile("stream", "text/plain", name, s.size) for name, s in streams.items()]
    return (*files, *(file for file, _ in rendered.files))
