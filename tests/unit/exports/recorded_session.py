"""A session on disk with recorded content of several sizes, and media beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
OWNER = "ada"
KIB = 1024


@dataclass
class RecordedSession:
    """`record` is that of the one who writes it."""

    catalog: Catalog
    record: Record

    @property
    def session(self) -> Session:
        return self.record.session

    @property
    def media(self) -> Path:
        return self.record.folder.outputs / "bulk" / "film.mp4"

    @property
    def exports(self) -> Path:
        return self.record.folder.exports

    def write(self, contents: dict[str, bytes]) -> None:
        """Write the session's execution anew; what it had before is referred to no more."""
        record = self.record
        kernel = Kernel("k1", "python3", "python", ".py")
        execution = Execution(
            key=ExecutionKey(kernel.id, 1, "message"),
            number=1,
            session_id=self.session.id,
            user_id=OWNER,
            kernel=kernel,
            status=Status.OK,
            started_at=AT,
            finished_at=AT,
        )
        record.write(
            execution, [Member(name, record.blobs.put(data), AT) for name, data in contents.items()]
        )
        record.commit()

    def blobs(self) -> int:
        """Count the blobs that are files."""
        return sum(path.is_file() for path in self.record.folder.blobs.rglob("*"))

    def files(self) -> set[str]:
        """Return the kinds of files that exports have on disk."""
        return {path.suffix for path in self.exports.iterdir()}


def recorded_session(folder: Path) -> RecordedSession:
    """Make one; the caller closes its record."""
    catalog = Catalog(folder / "data")
    recorded = RecordedSession(catalog, catalog.open(SessionKey(OWNER, "")))
    large = {f"large {n}.bin": os.urandom(200 * KIB) for n in range(2)}
    recorded.write({"source.py": b"print()", **large})
    recorded.media.parent.mkdir(parents=True)
    recorded.media.write_bytes(os.urandom(1200 * KIB))
    os.utime(recorded.media, (AT.timestamp(), AT.timestamp()))
    (recorded.media.parent / "dangling").symlink_to("nowhere")
    return recorded
