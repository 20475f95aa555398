"""The clocks: whether they run alike, and whether the record's times lie in the past."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ...client.wording import duration
from ...records.session import Session
from ...records.times import from_timestamp, now, to_iso
from .commands import setting_clock
from .finding import Finding, found, well
from .trial import trial_folder

AHEAD_SECONDS = 60.0
"""Two machines that share a data folder may differ by some seconds."""
JUMP_SECONDS = 1.0
FILE_SECONDS = 5.0
"""FAT counts in steps of 2 s."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks of this process, at one instant."""

    wall: float
    steady: float

    @classmethod
    def take(cls) -> Reading:
        return cls(time.time(), time.monotonic())


def examine_clock(data_dir: Path, sessions: Sequence[Session], began: Reading) -> Iterator[Finding]:
    """Compare the clocks since `began`, with the file system's, and with what was recorded."""
    found_any = False
    for finding in (
        *_judge_jump(began, Reading.take()),
        *_judge_past(time.time()),
        *_judge_files(data_dir),
        *judge_record(sessions),
    ):
        found_any = True
        yield finding
    if not found_any:
        yield well("CLOCK", "The clocks run alike, and nothing recorded lies in the future.")


def judge_record(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Tell of sessions that were active later than it is now."""
    limit = now() + timedelta(seconds=AHEAD_SECONDS)
    ahead = [session for session in sessions if session.last_active_at > limit]
    if not ahead:
        return
    newest = max(ahead, key=lambda session: session.last_active_at)
    skew = (newest.last_active_at - now()).total_seconds()
    yield found(
        "CLOCK_BEHIND_RECORD",
        f"Session{newest.number} was last active {duration(skew)} from now: "
        "this clock is slow, or the one that recorded it was fast.",
        setting_clock(),
        seconds=round(skew, 3),
        sessions=[session.number for session in ahead],
    )


def _judge_jump(began: Reading, ended: Reading) -> Iterator[Finding]:
    jumped = (ended.wall - began.wall) - (ended.steady - began.steady)
    if abs(jumped) >= JUMP_SECONDS:
        yield found(
            "CLOCK_JUMPS",
            f"The clock was set by {jumped:+.1f} s while this ran; times in the record jump, too.",
            setting_clock(),
            seconds=round(jumped, 3),
        )


def _judge_past(wall: float) -> Iterator[Finding]:
    """Compare with when this package was installed: a machine without a battery begins in 1970."""
    installed = Path(__file__).stat().st_mtime
    if wall < installed - AHEAD_SECONDS:
        told = to_iso(from_timestamp(wall))
        yield found(
            "CLOCK_IN_THE_PAST",
            f"It is {told} by this clock, which is before this package was installed.",
            setting_clock(),
            seconds=round(wall - installed, 3),
        )


def _judge_files(data_dir: Path) -> Iterator[Finding]:
    try:
        with trial_folder(data_dir) as folder:
            before = time.time()
            (folder / "stamp").write_bytes(b"")
            after = time.time()
            stamp = (folder / "stamp").stat().st_mtime
    except OSError:
        # That nothing can be written there is found by another examination.
        return
    differs = max(before - stamp, stamp - after)
    if differs >= FILE_SECONDS:
        yield found(
            "FILE_CLOCK_DIFFERS",
            f"The data folder's file system tells the time {duration(differs)} off this machine's.",
            setting_clock(),
            seconds=round(differs, 3),
        )
