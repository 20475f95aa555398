"""A week of recording at the quota keeps the disk at the quota."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.room import Room
from jupyter_session_export.store.session_file import write_session
from jupyter_session_export.upkeep.cleaner import Cleaner
from jupyter_session_export.upkeep.policy import Rules
from jupyter_session_export.workspaces.listing import bytes_below
from tests.unit.recording.feed import FedKernel

MIB = 1024 * 1024
HOUR = timedelta(hours=1)
PRINTED = 50_000


@dataclass
class Week:
    """Sessions of an hour each, on a clock of their own; the quota is kept as on a server."""

    catalog: Catalog
    recorder: Recorder
    clock: datetime
    largest: int = 0
    stopped: int = 0

    async def hour(self, number: int, size: int) -> None:
        record = self.catalog.open(SessionKey("ada", f"/root-{number}"))
        session_id = record.session.id
        self.recorder.attach_session(record)
        kernel = FedKernel(self.recorder, session_id, f"kernel-{number}")
        kernel.busy("flood")
        for _ in range(size // PRINTED + 1):
            kernel.stream("flood", os.urandom(PRINTED // 2).hex())
        kernel.idle("flood")
        for count in range(20):
            kernel.run(f"{count}", f"{number}\n")
        await self.recorder.commit(session_id)
        self.stopped += self.recorder.state(session_id) == "stopped"
        self.measure()
        await self.recorder.detach_session(session_id, end=True)
        self.clock += HOUR
        # It was active in the simulated hour.
        ended = replace(record.session, last_active_at=self.clock, ended_at=self.clock)
        write_session(record.folder, ended)
        self.measure()

    def measure(self) -> int:
        used = self.catalog.room.measure(lambda: bytes_below(self.catalog.sessions_dir).bytes)
        self.largest = max(self.largest, used)
        return used

    def clean_up(self, rules: Rules) -> None:
        Cleaner(self.catalog, rules, clock=lambda: self.clock).run()
        self.measure()


@pytest.mark.parametrize(
    ("hours", "most", "share"),
    [
        (80, 24 * MIB, 200),
        pytest.param(7 * 24, 64 * MIB, 80, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
async def test_a_week_at_the_quota(
    hours: int, most: int, share: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk holds no more than the quota at any time; the newest sessions are there."""
    monkeypatch.setattr(recorder_module, "ECHO_SECONDS", 0.01)
    monkeypatch.setattr(recorder_module, "TICK", 0.05)
    catalog = Catalog(tmp_path / "data", Room(most))
    recorder = Recorder(retry_after=0.1, output_bytes=most // share)
    recorder.start()
    week = Week(catalog, recorder, now())
    rules = Rules(retention=timedelta(days=30), most_bytes=most)
    for number in range(hours):
        # Now and then one that alone would be larger than the quota.
        await week.hour(number, most * 2 if number % 24 == 5 else most // share)
        week.clean_up(rules)
    await recorder.aclose()
    assert week.largest <= most
    assert week.stopped == 0
    kept = sorted(catalog.sessions(), key=lambda session: session.number)
    assert kept[-1].number == hours
    assert [one.number for one in kept] == list(range(kept[0].number, hours + 1))
    removed = [
        json.loads(line)
        for line in (tmp_path / "data" / "audit_log.jsonl").read_text().splitlines()
        if "session.removed" in line
    ]
    assert len(removed) == hours - len(kept) > 0
    assert all("larger than it may be" in line["detail"]["reason"] for line in removed)
