from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.upkeep.recovery import recover

CRASH = """
import os, sys, time
from pathlib import Path
from jupyter_session_export.recording.queue import Packet
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.execution import Kernel
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_client.session import Session
record = Catalog(Path(sys.argv[1])).open(SessionKey("ada", "", "own"))
recorder = Recorder(listens=False)
recorder.start()
recorder.attach_session(record)
recorder.kernels.add_own(Kernel("k", "python3", "python", ".py"), record.session.id)
session = Session(key=b"k")
request = session.msg("execute_request")
for kind, content in (
    ("status", {"execution_state": "busy"}),
    ("execute_input", {"code": "run()", "execution_count": 1}),
    ("stream", {"name": "stdout", "text": "so far"}),
):
    frames = session.serialize(session.msg(kind, content, parent=request))
    recorder.kernels.heard([Packet("k", frames, time.time(), sum(map(len, frames)))])
spool = record.folder.spool
while not any(path.stat().st_size for path in spool.rglob("stdout.txt")):
    time.sleep(0.01)
os._exit(1)
"""


def test_what_a_dead_kernel_ran_is_recovered(tmp_path: Path) -> None:
    """Once; then there is nothing left to recover, and nobody holds the session."""
    subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], check=False)
    catalog = Catalog(tmp_path)
    (session,) = catalog.sessions()
    assert recover(catalog, session.id)
    assert not recover(catalog, session.id)
    assert not catalog.in_use(session.id)
    with catalog.read(session.id) as reader:
        (execution,) = reader.executions()
    assert (execution.status, execution.cause) == (Status.LOST, "kernel died")
    assert execution.recovered


def test_what_is_written_is_left_alone(tmp_path: Path) -> None:
    """Its writer recovers it by itself."""
    catalog = Catalog(tmp_path)
    record = catalog.open(SessionKey("ada", "", "own"))
    assert not recover(Catalog(tmp_path), record.session.id)
    record.close()
    assert not recover(catalog, record.session.id)
