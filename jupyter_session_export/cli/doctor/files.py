"""`jupyter session-export doctor FILE`: why a file is a session's recording, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...exports.belongings import Belongings
from ...records.recording import Recording
from ...records.session import Session
from ...records.times import now, to_iso
from ..screen import Screen


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is said of one file; `others` are the other sessions that take it."""

    file: str
    session: Session
    taken: bool
    reason: str
    recording: Recording | None
    others: tuple[Session, ...]

    def to_json(self) -> dict[str, Any]:
        recording = self.recording
        return {
            "file": self.file,
            "session_id": self.session.id,
            "session": self.session.number,
            "taken": self.taken,
            "reason": self.reason,
            "path": None if recording is None else f"recordings/{recording.name}",
            "time": None if recording is None else to_iso(recording.time),
            "time_from": None if recording is None else recording.time_from,
            "still_written": None if recording is None else recording.still_written,
            "taken_by": [other.number for other in self.others],
        }

    def lines(self) -> Iterator[str]:
        verdict = "taken" if self.taken else "not taken"
        yield f"{self.file}: {verdict} by Session{self.session.number}, since {self.reason}"
        recording = self.recording
        if recording is not None:
            yield f"    in the ZIP as recordings/{recording.name}"
            yield f"    at {to_iso(recording.time)}, from its {recording.time_from}"
            if recording.still_written:
                yield "    was written to moments ago, so it is packed up to the size it has then"
        for other in self.others:
            yield f"    taken by Session{other.number}"


def diagnose(
    files: Sequence[str],
    session: Session,
    sessions: Sequence[Session],
    belongings: Belongings,
    screen: Screen,
) -> int:
    """Write what becomes of each file."""
    found = [_diagnosis(file, session, sessions, belongings) for file in files]
    if screen.json:
        screen.document([each.to_json() for each in found])
    else:
        for each in found:
            for line in each.lines():
                screen.line(line)
    return 0


def _diagnosis(
    file: str, session: Session, sessions: Sequence[Session], belongings: Belongings
) -> Diagnosis:
    path, present = Path(file).expanduser(), now()
    recordings = belongings.recordings(session, present)
    verdict, recording = recordings.judge(path)
    others = (
        other
        for other in sessions
        if other.id != session.id and belongings.recordings(other, present).judge(path)[0].taken
    )
    return Diagnosis(file, session, verdict.taken, verdict.reason, recording, tuple(others))
