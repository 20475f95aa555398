"""Files that another program changes while they are packed: what is in the ZIP is told exactly."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.archive import ahead
from jupyter_session_export.archive.entries import Entry, LedgerLine
from jupyter_session_export.archive.files import GREW, SHRANK, WRITTEN
from jupyter_session_export.archive.ledger import Head, Ledger
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.prepare import prepare
from jupyter_session_export.archive.staging import StagingFile
from jupyter_session_export.archive.verify import verify
from jupyter_session_export.archive.zipstream import ZipStream
from jupyter_session_export.errors import SourceChanged
from tests.exporting import export, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.unit.archive.samples import MemoryStore, content
from tests.writer_process import WriterProcess, writing

MIB = 1024 * 1024
SIZE = 8 * MIB
"""More than workers read ahead, so that the end of a file is not read when its header goes out."""
SHRUNK = SIZE - MIB
STORE = MemoryStore()
Act = Callable[[], None]
Line = tuple[str, "str | None", "bytes | None"]


@pytest.fixture(scope="module")
def writer() -> Iterator[WriterProcess]:
    with writing() as process:
        yield process


@pytest.fixture(params=["outputs", "workspace"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder that is packed: the session's own files, or the notebook's folder."""
    folder = tmp_path / str(request.param) / "sub"
    folder.mkdir(parents=True)
    return folder


class ActingPlan:
    """The plan of a folder; `act` is called when `acted` is planned, before it is opened."""

    def __init__(self, folder: Path, acted: str | None = None, act: Act = id) -> None:  # type: ignore[assignment]
        root = folder.parent
        section = root.name
        place: dict[str, Any] = {"outputs": root}
        if section == "workspace":
            place = {"workspace": [(root, root)]}
        self._plan = plan_archive(content(STORE, include=frozenset([section]), **place))
        self._acted, self._act = acted, act

    def __iter__(self) -> Iterator[Entry | LedgerLine]:
        for item in self._plan:
            if self._acted and item.path.endswith(self._acted):
                self._act()
            yield item

    @property
    def head(self) -> Head:
        return self._plan.head

    def closing(self, ledger: Ledger) -> Iterator[Entry]:
        return self._plan.closing(ledger)


class ActingStaging(StagingFile):
    """A staging that calls `act` when it gets its first header."""

    def __init__(self, path: Path, act: Act) -> None:
        super().__init__(path)
        self._act: Act | None = act

    def append(self, data: bytes | bytearray | memoryview) -> None:
        act, self._act = self._act, None
        if act:
            act()
        super().append(data)


def at_once(plan: ActingPlan, _: Path, act: Act) -> bytes:
    """Stream a ZIP; `act` is called between the first header and what follows."""
    stream = iter(ZipStream(plan, STORE))
    first = next(stream)
    act()
    return first + b"".join(stream)


def prepared_first(plan: ActingPlan, folder: Path, act: Act) -> bytes:
    """Prepare a ZIP and send it; `act` is called between the first header and what follows."""
    staging = ActingStaging(folder.parents[1] / "staging", act)
    archive = prepare(plan, STORE, staging)
    data = b"".join(archive.read())
    assert len(data) == archive.length
    return data


both_ways = pytest.mark.parametrize("way", [at_once, prepared_first], ids=lambda w: w.__name__)


def nothing() -> None:
    """Do nothing."""


def line_of(data: bytes, name: str) -> Line:
    """Return what the manifest says of a file, and its content in the ZIP: both must agree."""
    assert verify(io.BytesIO(data)).problems == ()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = json.loads(archive.read("manifest.json"))["entries"]
        (line,) = [line for line in lines if line["path"].endswith(f"/{name}")]
        member = archive.read(line["path"]) if line["sha256"] else None
        readme = archive.read("README.txt").decode()
    if member is not None:
        assert line["sha256"] == hashlib.sha256(member).hexdigest()
        assert line["bytes"] == len(member)
    is_told = f"1 {line['disposition']}. manifest.json" in readme
    assert is_told is (line["disposition"] != "included")
    return line["disposition"], line["reason"], member


def text_of(size: int) -> bytes:
    lines = b"".join(b"%d,%d\n" % (n, n * n) for n in range(100_000))
    return (lines * (size // len(lines) + 1))[:size]


OUTSIDE = "/etc/hostname"
BEFORE_IT_IS_OPENED: dict[str, tuple[Callable[[WriterProcess, Path], None], Line]] = {
    "grows": (lambda w, p: w.do("grow", p, 5), ("changed", GREW, b"content")),
    "shrinks": (lambda w, p: w.do("shrink", p, 3), ("included", None, b"con")),
    "vanishes": (
        lambda w, p: w.do("vanish", p),
        ("failed", "vanished before it could be read", None),
    ),
    "is replaced": (lambda w, p: w.do("replace", p, 7), ("included", None, b"???????")),
    "is replaced by a larger one": (
        lambda w, p: w.do("replace", p, 9),
        ("changed", GREW, b"???????"),
    ),
    "becomes a link that leads out": (
        lambda w, p: w.do("link", p, OUTSIDE),
        ("skipped", "link out of the root folder", None),
    ),
    "becomes a dangling link": (
        lambda w, p: w.do("link", p, "nowhere"),
        ("failed", "vanished before it could be read", None),
    ),
    "becomes a FIFO": (
        lambda w, p: w.do("fifo", p),
        ("skipped", "not a regular file any more", None),
    ),
    "becomes a folder": (
        lambda w, p: w.do("folder", p),
        ("skipped", "not a regular file any more", None),
    ),
    "is in a folder that becomes a link out": (
        lambda w, p: w.do("lead_out", p, "/etc"),
        ("skipped", "link out of the root folder", None),
    ),
}


@both_ways
@pytest.mark.parametrize("case", BEFORE_IT_IS_OPENED)
def test_a_file_that_changes_before_it_is_opened(
    way: Callable[..., bytes], case: str, folder: Path, writer: WriterProcess
) -> None:
    """Between being seen and being opened; the file beside it is packed as ever."""
    change, expected = BEFORE_IT_IS_OPENED[case]
    path = folder / ("hostname" if "link out" in case else "file")
    path.write_bytes(b"content")
    (folder.parent / "beside").write_bytes(b"stays")
    data = way(ActingPlan(folder, path.name, lambda: change(writer, path)), folder, nothing)
    assert line_of(data, path.name) == expected
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read(f"{folder.parent.name}/beside") == b"stays"


WHILE_IT_IS_READ: dict[str, tuple[Callable[[WriterProcess, Path], None], str, str | None]] = {
    "grows": (lambda w, p: w.do("grow", p, 1000), "changed", GREW),
    "shrinks": (lambda w, p: w.do("shrink", p, SHRUNK), "changed", SHRANK),
    "is written to": (lambda w, p: w.do("overwrite", p, 100), "changed", WRITTEN),
    "vanishes": (lambda w, p: w.do("vanish", p), "included", None),
    "is replaced": (lambda w, p: w.do("replace", p, 1000), "included", None),
}


@both_ways
@pytest.mark.parametrize("media", [False, True], ids=["text", "media"])
@pytest.mark.parametrize("case", WHILE_IT_IS_READ)
def test_a_file_that_changes_while_it_is_read(
    way: Callable[..., bytes],
    media: bool,
    case: str,
    folder: Path,
    writer: WriterProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As far as it went when it was opened; what was opened can be read to its end."""
    change, disposition, reason = WHILE_IT_IS_READ[case]
    monkeypatch.setattr(ahead, "WHOLE_LIMIT", MIB)  # so that it goes out in blocks
    path, before = folder / "file", os.urandom(SIZE) if media else text_of(SIZE)
    path.write_bytes(before)
    (folder / "z").write_bytes(b"stays")
    if way is prepared_first and media and disposition == "included":
        # Media is sent from where it lies: it is gone, so that no ZIP may pretend to have it.
        with pytest.raises(SourceChanged):
            way(ActingPlan(folder), folder, lambda: change(writer, path))
        return
    data = way(ActingPlan(folder), folder, lambda: change(writer, path))
    told, why, member = line_of(data, "file")
    after = {
        "shrinks": before[:SHRUNK],
        "is written to": before[:-100] + b"!" * 100,
    }
    assert (told, why) == (disposition, reason)
    assert member == after.get(case, before)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read(f"{folder.parent.name}/sub/z") == b"stays"


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with a notebook in a folder, and files beside it and in the session's own."""
    with running_server(tmp_path) as server:
        (server.root / "work").mkdir()
        with KernelSocket(server, server.start_kernel(path="work/n.ipynb")) as kernel:
            kernel.run("print(1)")
        yield server


ALLOWED = {
    ("included", None),
    ("changed", GREW),
    ("changed", SHRANK),
    ("changed", WRITTEN),
    ("failed", "vanished before it could be read"),
}


def test_a_storm_of_changes_spares_the_rest(busy: RunningServer) -> None:
    """Each path has one line that fits, each member its sum, and what holds still is complete."""
    own = Path(busy.access()["files"]) / "bulk"
    stormy: list[Path] = []
    for folder in (own, busy.root / "work"):
        folder.mkdir(exist_ok=True)
        for number in range(100):
            (folder / f"calm-{number}").write_bytes(b"calm %d" % number * 1000)
            stormy.append(folder / f"stormy-{number}")
            stormy[-1].write_bytes(b"storm" * 10_000)
    with writing() as writer:
        writer.do("storm", stormy, 50_000)
        for way in (export, one_shot, export, one_shot):
            archive = way(busy, include="outputs,workspace")
            _require_all_told(archive)


def _require_all_told(archive: zipfile.ZipFile) -> None:
    assert archive.fp is not None
    archive.fp.seek(0)
    assert verify(io.BytesIO(archive.fp.read())).problems == ()
    lines = json.loads(archive.read("manifest.json"))["entries"]
    for base in ("outputs/bulk", "workspace"):
        told = {line["path"]: line for line in lines if line["path"].startswith(f"{base}/")}
        for number in range(100):
            line = told.pop(f"{base}/calm-{number}")
            assert line["disposition"] == "included"
            assert archive.read(line["path"]) == b"calm %d" % number * 1000
            stormy = told.pop(f"{base}/stormy-{number}", None)
            # What is not there in the moment when its folder is listed is no candidate.
            assert stormy is None or (stormy["disposition"], stormy["reason"]) in ALLOWED
        assert all(name.endswith(".new") for name in told)
