"""A plan becomes a ZIP at once."""

from __future__ import annotations

import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive import ahead
from jupyter_session_export.archive.chunks import CHUNK_BYTES
from jupyter_session_export.archive.entries import Entry, Generated, LedgerLine, OnDisk
from jupyter_session_export.archive.files import GREW, SHRANK, OpenFile
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.progress import Progress
from jupyter_session_export.archive.verify import verify
from jupyter_session_export.archive.zipstream import ZipStream
from jupyter_session_export.errors import CancelledByUser, InvalidRequest, StoreDamaged
from tests.unit.archive.samples import (
    TIME,
    ListPlan,
    MemoryStore,
    content,
    execution,
    full_content,
    on_disk,
    recorded,
    streamed,
    text,
)

MIB = 1024 * 1024
LARGE_TEXT = os.urandom(MIB).hex().encode() * 20


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the members that a test named, as Python reads them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        closing = {"README.txt", "SESSION_SUMMARY.txt", "manifest.json", "manifest-sha256.txt"}
        return {n: archive.read(n) for n in archive.namelist() if n not in closing}


def lines(data: bytes) -> dict[str, LedgerLine]:
    """Return what the manifest tells."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = json.loads(archive.read("manifest.json"))["entries"]
    return {entry["path"]: LedgerLine(**entry) for entry in entries}


def run(items: list[Entry | LedgerLine], **options: Any) -> tuple[bytes, dict[str, LedgerLine]]:
    stream = ZipStream(ListPlan(items), MemoryStore(), **options)
    data = b"".join(stream)
    return data, lines(data)


CONTENT = st.binary(max_size=2000) | st.integers(0, 300_000).map(lambda n: b"abc" * n)


@settings(deadline=None, max_examples=40)
@given(st.lists(CONTENT, max_size=8), st.sampled_from(["maximum", "fast"]))
def test_any_content_comes_back(contents: list[bytes], compression: str) -> None:
    """What goes in, sealed or new, comes out to the byte, in the same order."""
    store = MemoryStore()
    items: list[Entry] = []
    for number, data in enumerate(contents):
        items.append(text(f"text/{number}", data))
        items.append(recorded(f"sealed/{number}", store.put(data)))
    data = streamed(ListPlan(items), store, compression=compression)
    expected = [(item.path, contents[number // 2]) for number, item in enumerate(items)]
    assert list(unpacked(data).items()) == expected


@pytest.mark.parametrize("compression", ["maximum", "fast"])
def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, compression: str) -> None:
    """Neither threads nor the time of the export show in the ZIP."""
    for name, data in {"a.csv": b"1,2,3\n" * 4 * MIB, "b.mp4": os.urandom(20 * MIB)}.items():
        (tmp_path / name).write_bytes(data)
    store = MemoryStore()
    made = {
        streamed(plan_archive(full_content(store, tmp_path)), store, compression=compression)
        for _ in range(3)
    }
    assert len(made) == 1


def test_large_files_go_out_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text in primed blocks, media in stored blocks, of any length around a block's."""
    monkeypatch.setattr(ahead, "WHOLE_LIMIT", MIB // 2)
    sizes = [MIB - 1, MIB, MIB + 1, 3 * MIB + 12_345]
    files = {}
    for size in sizes:
        files[f"t{size}"] = (b"some text that repeats, %d\n" % size * size)[:size]
        files[f"m{size}"] = os.urandom(size)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    data, ledger = run([on_disk(name, tmp_path / name) for name in files])
    assert unpacked(data) == files
    assert {ledger[name].disposition for name in files} == {"included"}
    assert len(data) < sum(sizes) * 1.1


def test_chunks_are_of_a_size_that_servers_like() -> None:
    """Many small members are joined, large ones are cut."""
    store = MemoryStore(chunk=10)
    items = [recorded(f"{n}", store.put(os.urandom(3000))) for n in range(300)]
    items.append(recorded("big", store.put(os.urandom(2 * MIB))))
    sizes = [len(chunk) for chunk in ZipStream(ListPlan(items), store)]
    assert max(sizes) <= CHUNK_BYTES + 8 * 1024
    # The first goes out at once.
    assert min(sizes[1:-1]) > 100 * 1024


def test_the_first_bytes_go_out_before_the_plan_is_known() -> None:
    """A plan without an end is sent from its beginning."""
    store = MemoryStore()
    sealed = store.put(os.urandom(100_000))

    def forever() -> Iterator[Entry]:
        number = 0
        while True:
            number += 1
            yield recorded(f"{number}", sealed)

    stream = ZipStream(ListPlan(forever()), store)
    assert next(iter(stream)).startswith(b"PK\3\4")
    stream.close()


def test_content_that_is_gone_fails_alone() -> None:
    """A sealed member that can't be opened is a line of the ledger; all else is complete."""
    store = MemoryStore()
    there, gone = store.put(b"there" * 100), store.put(b"gone" * 100)
    del store.kept[gone.sha256]
    plan = ListPlan([recorded("gone", gone), recorded("there", there)])
    data = b"".join(ZipStream(plan, store))
    assert unpacked(data) == {"there": b"there" * 100}
    assert lines(data)["gone"].disposition == "failed"


@pytest.mark.parametrize("change", [-1, 1])
def test_damaged_content_ends_the_stream(change: int) -> None:
    """Once a header has promised a length, anything else is an error, never a broken member."""
    store = MemoryStore()
    sealed = store.put(os.urandom(5000))
    plan = ListPlan([recorded("a", sealed._replace(stored_size=sealed.stored_size + change))])
    with pytest.raises(StoreDamaged):
        streamed(plan, store)


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_that_vanished_fails_alone(
    tmp_path: Path, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says so; the members around it are there."""
    if not whole:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", -1)
    gone = Entry("gone", OnDisk(tmp_path / "gone", tmp_path, size=10), TIME, "a test")
    data, ledger = run([text("a"), gone, text("b")])
    assert set(unpacked(data)) == {"a", "b"}
    assert ledger["gone"].disposition == "failed"
    assert ledger["gone"].reason == "vanished before it could be read"


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("planned", "reason"), [(3_000_000, GREW), (5_000_000, SHRANK)])
def test_a_file_that_changed_in_size_is_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: int, reason: str, whole: bool
) -> None:
    """No more is packed than was promised, what there is of it is, and the ledger says so."""
    if not whole:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    (tmp_path / "log").write_bytes(b"line\n" * 800_000)
    monkeypatch.setattr(OpenFile, "promise", lambda self, source: source.size)
    entry = Entry("log", OnDisk(tmp_path / "log", tmp_path, planned), TIME, "a test")
    data, ledger = run([entry, text("b")])
    kept = min(planned, 4_000_000)
    assert unpacked(data) == {"log": (b"line\n" * 800_000)[:kept], "b": b"text"}
    assert (ledger["log"].disposition, ledger["log"].reason) == ("changed", reason)
    assert ledger["log"].bytes == kept
    assert verify(io.BytesIO(data)).ok


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_that_cannot_be_read_on_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """A disk error in the middle of a file leaves a whole ZIP that says so."""
    if not whole:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    (tmp_path / "bad").write_bytes(b"x" * 3 * MIB)
    read, reads = OpenFile.read, iter(range(100))

    def failing(self: OpenFile, length: int) -> bytes:
        if next(reads) == (0 if whole else 1):
            raise OSError(5, "Input/output error")
        return read(self, length)

    monkeypatch.setattr(OpenFile, "read", failing)
    data, ledger = run([on_disk("bad", tmp_path / "bad"), text("b")])
    assert unpacked(data).get("bad", b"") == (b"" if whole else b"x" * MIB)
    assert ledger["bad"].disposition == "failed"
    assert "Input/output error" in (ledger["bad"].reason or "")
    assert verify(io.BytesIO(data)).ok


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_is_never_followed_out_of_its_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Also when a link took its place after it was planned."""
    if not whole:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    (tmp_path / "root").mkdir()
    (tmp_path / "secret").write_bytes(b"secret" * 1000)
    (tmp_path / "root/link").symlink_to(tmp_path / "secret")
    source = OnDisk(tmp_path / "root/link", tmp_path / "root", 6000, (1, 2))
    data, ledger = run([Entry("link", source, TIME, "a test")])
    assert unpacked(data) == {}
    assert ledger["link"].disposition == "skipped"


def test_a_fifo_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    """It is opened without waiting for a writer, looked at and refused."""
    os.mkfifo(tmp_path / "fifo")
    data, ledger = run([on_disk("fifo", tmp_path / "fifo"), text("b")])
    assert set(unpacked(data)) == {"b"}
    assert ledger["fifo"].disposition == "skipped"


def test_generated_content_may_be_large() -> None:
    """Content that is made when its turn comes is not held in memory."""
    source = Generated(lambda: (b"%d\n" % n * 1000 for n in range(2000)))
    data, ledger = run([Entry("log", source, TIME, "a test"), text("b")])
    assert unpacked(data)["log"] == b"".join(source.chunks())
    assert ledger["log"].disposition == "included"


def test_an_error_of_a_source_reaches_the_caller() -> None:
    """Nothing that isn't expected is swallowed, and no thread is left behind."""

    def broken() -> Iterator[bytes]:
        yield b"a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run([text("a"), Entry("b", Generated(broken), TIME, "a test")])
    assert not packing_threads()


@pytest.mark.parametrize("after", [0, 1, 5, 20])
def test_a_check_that_raises_ends_it_at_once(tmp_path: Path, after: int) -> None:
    """Within a second nothing runs any more, wherever the export was."""
    (tmp_path / "a.csv").write_bytes(LARGE_TEXT)
    calls = iter(range(10_000))

    def check() -> None:
        if next(calls) >= after:
            raise CancelledByUser("enough")

    plan = ListPlan([on_disk(f"{n}", tmp_path / "a.csv") for n in range(4)])
    stream = ZipStream(plan, MemoryStore(), check=check)
    with pytest.raises(CancelledByUser):
        b"".join(stream)
    assert not packing_threads()


def test_closing_in_the_middle_joins_the_workers(tmp_path: Path) -> None:
    """A client that goes away leaves no thread and no open file within a second."""
    (tmp_path / "a.csv").write_bytes(LARGE_TEXT)
    plan = ListPlan([on_disk(f"{n}", tmp_path / "a.csv") for n in range(4)])
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    stream = ZipStream(plan, MemoryStore())
    next(iter(stream))
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < 1
    assert not packing_threads()
    assert len(os.listdir("/proc/self/fd")) == files  # noqa: PTH208 - a count


def test_recorded_content_starts_no_threads() -> None:
    """An export of what is sealed needs no worker for its own texts."""
    store = MemoryStore()
    stream = ZipStream(ListPlan([recorded("a", store.put(b"x" * 999_999))]), store)
    b"".join(stream)
    assert not packing_threads()
    assert stream.ledger.counts["included"] == 5


def test_progress_is_told() -> None:
    """Entries and bytes go up, and end where the ZIP ends."""
    store = MemoryStore()
    told: list[Progress] = []
    items = [recorded(f"{n}", store.put(os.urandom(50_000))) for n in range(50)]
    data = streamed(ListPlan(items), store, progress=told.append)
    assert [p.written_bytes for p in told] == sorted(p.written_bytes for p in told)
    assert told[-1].written_bytes == len(data)
    assert told[-1].raw_bytes >= 50 * 50_000
    assert told[-1].entries == 54


def test_unknown_compression_is_refused() -> None:
    """It is an error of the request, before the first byte."""
    with pytest.raises(InvalidRequest):
        ZipStream(ListPlan([]), MemoryStore(), compression="best")


def test_sealed_members_keep_their_bytes() -> None:
    """Kept bytes stand in the ZIP as the store has them."""
    store = MemoryStore()
    sealed = store.put(b"compress me once " * 1000)
    assert store.kept[sealed.sha256] in streamed(ListPlan([recorded("a", sealed)]), store)


def test_an_empty_session_is_a_whole_zip() -> None:
    """With nothing recorded there are still the texts and the manifest."""
    store = MemoryStore()
    data = streamed(plan_archive(content(store)), store)
    assert verify(io.BytesIO(data)).ok
    assert set(unpacked(data)) == {"data/session_metadata.json"}


def test_many_executions_stay_in_order() -> None:
    """The order of the record is that of the ZIP."""
    store = MemoryStore()
    executions = [execution(store, number) for number in range(1, 50)]
    names = list(unpacked(streamed(plan_archive(content(store, executions=executions)), store)))
    folders = [name.split("/")[1] for name in names if name.count("/") == 2]
    assert list(dict.fromkeys(folders)) == [each.folder for each in executions]


def packing_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "session-export-pack"]
