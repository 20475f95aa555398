"""`log_reading` and `register_device`, in the process that calls them."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_session_export import log_reading, register_device
from jupyter_session_export.errors import InvalidRequest, NoRecordingServer, ServerUnreachable
from jupyter_session_export.kernel import readings
from jupyter_session_export.records.reading import Reading
from jupyter_session_export.workspaces.spool import Item, read_spool

AT = datetime(2025, 5, 2, 10, 15, tzinfo=timezone.utc)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The session's folder, as a kernel is given it."""
    access = {"url": "http://x/", "key": "k", "session_id": "s", "files": str(tmp_path / "outputs")}
    (tmp_path / "access.json").write_text(json.dumps(access))
    monkeypatch.setenv("JPY_SESSION_EXPORT", str(tmp_path / "access.json"))
    monkeypatch.setattr(readings, "_opened", None)
    yield tmp_path
    if readings._opened is not None:
        readings._opened.close()


def logged(folder: Path) -> list[Item]:
    readings.flush_readings()
    (path,) = (folder / "readings").iterdir()
    return list(read_spool(path, "kernel", 2_000_000_000_000_000))


def test_a_reading_is_kept_beside_the_sessions_files(folder: Path) -> None:
    """With all that was said of it, and the present time where none was."""
    before = datetime.now(timezone.utc).timestamp()
    log_reading("temperature", 21.5, unit="°C", device="0x1")
    log_reading("door", "open", at=AT)
    one, other = logged(folder)
    assert isinstance(one, Reading)
    assert isinstance(other, Reading)
    assert one[1:5] == ("0x1", "temperature", 21.5, "°C")
    assert before <= one.micros / 1e6 + 0.001
    assert other.micros / 1e6 == AT.timestamp()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1, 1),
        (True, True),
        (None, None),
        ("on", "on"),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.arange(3), [0, 1, 2]),
        (Decimal("1.25"), 1.25),
        (date(2025, 5, 2), "2025-05-02"),
        ({"x": [1, float("nan")]}, {"x": [1, "NaN"]}),
    ],
)
def test_values_of_many_types_are_kept(folder: Path, value: Any, kept: Any) -> None:
    """NumPy's too; what is mutable is kept as it was."""
    log_reading("s", value)
    if isinstance(value, dict):
        value.clear()
    (reading,) = logged(folder)
    assert isinstance(reading, Reading)
    assert reading.value == kept


@pytest.mark.parametrize(
    ("at", "micros"),
    [
        (AT, AT),
        (AT.astimezone(timezone(timedelta(hours=9))), AT),
        (AT.timestamp(), AT),
        ("2025-05-02 10:15", AT),
        (AT.astimezone().replace(tzinfo=None), AT),
    ],
)
def test_times_are_taken_in_many_forms(folder: Path, at: Any, micros: datetime) -> None:
    """A naive datetime is the kernel's local time, as it is to Python."""
    log_reading("s", 1, at=at)
    (reading,) = logged(folder)
    assert isinstance(reading, Reading)
    assert reading.micros == round(micros.timestamp() * 1e6)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [
        {"sensor": "", "value": 1},
        {"sensor": None, "value": 1},
        {"sensor": "s", "value": object()},
        {"sensor": "s", "value": 1, "at": "soon"},
        {"sensor": "s", "value": 1, "at": float("nan")},
    ],
)
def test_what_can_not_be_kept_is_refused(arguments: dict[str, Any]) -> None:
    """In the call that gives it, not at the export."""
    with pytest.raises(InvalidRequest):
        log_reading(**arguments)


def test_a_device_is_registered(folder: Path) -> None:
    """With whatever facts there are."""
    register_device("0x1", name="Window", position=(1, 2))
    with pytest.raises(InvalidRequest):
        register_device(" ")
    ((device, facts),) = [item for item in logged(folder) if not isinstance(item, Reading)]
    assert device == "0x1"
    assert facts["name"] == "Window"  # type: ignore[call-overload, index]
    assert facts["position"] == [1, 2]  # type: ignore[call-overload, index]


@pytest.mark.parametrize("files", [None, ""])
def test_a_kernel_without_a_session_folder_is_refused(
    folder: Path, files: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one behind a gateway: it says so, and what to do."""
    access = {"url": "http://x/", "key": "k", "session_id": "s", "files": files}
    (folder / "access.json").write_text(json.dumps(access))
    with pytest.raises(NoRecordingServer, match="no session to keep them in") as refusal:
        log_reading("s", 1)
    assert "gateway" in (refusal.value.detail or "")
    monkeypatch.delenv("JPY_SESSION_EXPORT")
    with pytest.raises(NoRecordingServer):
        register_device("d")


def test_a_server_that_is_gone_is_told(folder: Path) -> None:
    """It took back what would lead to its session."""
    (folder / "access.json").unlink()
    with pytest.raises(ServerUnreachable):
        log_reading("s", 1)


FORKS = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@FORKS
def test_a_forked_process_keeps_its_own_readings(folder: Path) -> None:
    """What its parent held is written once, by the parent."""
    log_reading("parent", 1)
    child = os.fork()
    if child == 0:
        log_reading("child", 2)
        readings.flush_readings()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert sensors(folder) == ["child", "parent"]


@FORKS
def test_a_worker_process_loses_nothing_at_its_end(folder: Path) -> None:
    """Processes of multiprocessing end at once, without what others do at their end."""
    log_reading("parent", 1)
    worker = multiprocessing.get_context("fork").Process(target=log_reading, args=("worker", 2))
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    assert sensors(folder) == ["parent", "worker"]


def sensors(folder: Path) -> list[str]:
    """The sensors that all processes wrote readings of."""
    readings.flush_readings()
    return sorted(
        item.sensor
        for path in (folder / "readings").iterdir()
        for item in read_spool(path, "kernel", 2_000_000_000_000_000)
        if isinstance(item, Reading)
    )
