"""One export from the request to the file: what the magic and the command line ask for."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ArchiveUnreadable
from .client import SessionExportClient
from .destination import Destination, PartialFile
from .job import Job, Progress, Request

_EXECUTION = re.compile(r"executions/[^/]+/metadata\.json")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A ZIP that arrived: its path, its bytes, how many files and executions are in it."""

    path: Path
    bytes: int
    files: int
    executions: int
    left_out: int

    def to_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "bytes": self.bytes,
            "files": self.files,
            "executions": self.executions,
            "left_out": self.left_out,
        }

    @classmethod
    def inspect(cls, path: Path, left_out: int) -> Delivered:
        """Count what is in the ZIP, by its directory. Raises ArchiveUnreadable."""
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise ArchiveUnreadable(f"{path} is not a readable ZIP.", str(error)) from error
        executions = sum(1 for name in names if _EXECUTION.fullmatch(name))
        return cls(path, path.stat().st_size, len(names), executions, left_out)


def deliver(
    client: SessionExportClient,
    request: Request,
    destination: Destination,
    report: Callable[[Progress], object],
) -> Delivered:
    """Have an export made and fetch it; either way the server keeps none.

    If anything stops it, it is cancelled and leaves no file.
    """
    job = client.create_export(request)
    try:
        ready = _prepared(client, job, report)
        path = _fetch(client, ready, destination, report)
    except BaseException:
        client.abandon(job.id)
        raise
    _release(client, ready)
    return Delivered.inspect(path, ready.left_out)


def _release(client: SessionExportClient, job: Job) -> None:
    """Have the server let go of its ZIP; ours is whole, so that nothing may fail any more."""
    with suppress(KeyboardInterrupt):
        client.abandon(job.id)


def _prepared(client: SessionExportClient, job: Job, report: Callable[[Progress], object]) -> Job:
    latest = job
    for latest in client.follow(job):
        report(latest.progress)
    return latest


def _fetch(
    client: SessionExportClient,
    job: Job,
    destination: Destination,
    report: Callable[[Progress], object],
) -> Path:
    partial = PartialFile(destination)
    try:
        for progress in client.download(job, partial.write):
            report(progress)
        return partial.keep(job.filename)
    finally:
        partial.discard()
