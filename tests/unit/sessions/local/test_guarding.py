"""The guardian ends what a process has left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_session_export.sessions.local.guarding import Guardian

SLEEPING = (sys.executable, "-c", "import time; time.sleep(600)")


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(SLEEPING, start_new_session=True)


@pytest.fixture
def guardian() -> Guardian:
    return Guardian()


def test_what_is_watched_ends_with_us(guardian: Guardian, tmp_path: Path) -> None:
    """When nothing more can come, groups are killed and files removed, also of stopped ones."""
    file = tmp_path / "kernel.json"
    file.write_text("{}")
    process = sleeper()
    os.kill(process.pid, 19)
    guardian.watch(process.pid, [str(file)])
    guardian.close()
    assert process.wait(60) == -9
    assert not file.exists()


def test_what_is_forgotten_goes_on(guardian: Guardian, tmp_path: Path) -> None:
    """A group that was let go of may be another's by now."""
    file = tmp_path / "kernel.json"
    file.write_text("{}")
    process = sleeper()
    guardian.watch(process.pid, [str(file)])
    guardian.forget(process.pid)
    guardian.close()
    assert process.poll() is None
    assert file.exists()
    process.kill()
    process.wait()


def test_a_group_that_is_gone_does_no_harm(guardian: Guardian) -> None:
    """The others are seen to all the same."""
    gone, process = sleeper(), sleeper()
    gone.kill()
    gone.wait()
    guardian.watch(gone.pid, ["/nowhere/at/all.json"])
    guardian.watch(process.pid, [])
    guardian.close()
    assert process.wait(60) == -9


def test_a_guardian_that_was_killed_has_a_follower(guardian: Guardian) -> None:
    """The next one knows all that the first one did."""
    first, second = sleeper(), sleeper()
    guardian.watch(first.pid, [])
    process = guardian._process
    assert process is not None
    process.kill()
    process.wait()
    guardian.watch(second.pid, [])
    guardian.close()
    assert (first.wait(60), second.wait(60)) == (-9, -9)


def test_without_kernels_there_is_none(guardian: Guardian) -> None:
    """To close what never began is nothing."""
    guardian.close()
    assert guardian._process is None
