from __future__ import annotations

import os
import random
import stat
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.records.content import DEFLATED, STORED, Member, Sealed
from jupyter_session_export.records.execution import Execution
from jupyter_session_export.store import blobs as module
from jupyter_session_export.store import database as database_module
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.kept_blobs import INLINE_LIMIT, TOGETHER
from jupyter_session_export.store.record import Record

NOISE = random.Random(1).randbytes(300_000)  # noqa: S311 - a test's content
TEXT = b"".join(b"line %d of a log\n" % number for number in range(50_000))
Make = Callable[..., Execution]


def files(record: Record) -> list[Path]:
    return [path for path in record.folder.blobs.rglob("*") if path.is_file()]


def refer(record: Record, make: Make, number: int, *sealeds: Sealed) -> None:
    execution = make(number)
    assert execution.finished_at is not None
    members = [
        Member(f"{n}.txt", sealed, execution.finished_at) for n, sealed in enumerate(sealeds)
    ]
    record.write(execution, members)
    record.commit()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=1000) | st.integers(0, 300_000).map(lambda n: NOISE[:n]))
def test_any_content_comes_back(record: Record, content: bytes) -> None:
    """What is put is read, and what is kept is what a ZIP's member holds."""
    sealed = record.blobs.put(content)
    kept = b"".join(record.blobs.open(sealed))
    assert len(kept) == sealed.stored_size
    assert (zlib.decompress(kept, -15) if sealed.method == DEFLATED else kept) == content
    assert record.blobs.read(sealed) == content


def test_what_is_small_is_read_together(record: Record) -> None:
    """Any number, each once; what lies in a file of its own, or nowhere, isn't among it."""
    contents = [b"%d" % number for number in range(2 * TOGETHER + 1)]
    small = [record.blobs.put(content) for content in contents]
    large = record.blobs.put(NOISE)
    gone = small[0]._replace(sha256="0" * 64)
    found = record.blobs.read_small([large, *small, gone, *small[:5]])
    assert found == {sealed.sha256: b"".join(record.blobs.open(sealed)) for sealed in small}
    assert record.blobs.read_small([]) == {}


@pytest.mark.parametrize("content", [NOISE[:1000], NOISE])
@given(offset=st.integers(0, 1000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_reading_begins_anywhere(record: Record, content: bytes, offset: int) -> None:
    """From the database as from a file; what the whole is checked for is checked all the same."""
    sealed = record.blobs.put(content)
    whole = b"".join(record.blobs.open(sealed))
    offset = offset * len(whole) // 1000
    assert b"".join(record.blobs.open(sealed, offset)) == whole[offset:]
    for path in files(record):
        os.truncate(path, sealed.stored_size - 1)
        with pytest.raises(StoreDamaged, match="cut short"):
            list(record.blobs.open(sealed, offset))
        path.write_bytes(whole)


def test_small_content_is_inline_and_large_is_a_file(record: Record) -> None:
    """Up to 64 KiB of stored size nothing but the database is touched."""
    assert record.blobs.put(NOISE[:INLINE_LIMIT]).stored_size == INLINE_LIMIT
    assert not files(record)
    sealed = record.blobs.put(NOISE)
    (path,) = files(record)
    assert path.relative_to(record.folder.blobs) == Path(sealed.sha256[:2], sealed.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"x", NOISE, TEXT])
def test_the_same_content_is_sealed_once(
    record: Record, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content that is known, also from an earlier process, is not compressed again."""
    sealed = record.blobs.put(content)
    monkeypatch.setattr(module, "seal", None)
    assert record.blobs.put(content) == sealed


@pytest.mark.parametrize(("content", "method"), [(TEXT * 2, DEFLATED), (NOISE * 3, STORED)])
@pytest.mark.parametrize("limit", [module.WHOLE_LIMIT, 100_000])
def test_files_are_kept_as_content_is(
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    method: int,
    limit: int,
) -> None:
    """What is read and what is in memory are the same blob, whole or streamed."""
    monkeypatch.setattr(module, "WHOLE_LIMIT", limit)
    sealed = record.blobs.put_read(len(content), lambda at, n: content[at : at + n])
    assert sealed.method == method
    assert record.blobs.read(sealed) == content
    monkeypatch.setattr(module, "seal", None)
    monkeypatch.setattr(module, "seal_chunks", None)
    assert record.blobs.put(content) == sealed


def test_content_that_was_let_go_is_collected(record: Record) -> None:
    """What was put twice and let go once stays; then it goes."""
    sealed = record.blobs.put(NOISE)
    record.blobs.put(NOISE)
    record.blobs.let_go(sealed)
    assert record.blobs.collect() == 0
    record.blobs.let_go(sealed)
    assert record.blobs.collect() == 1
    assert files(record) == []


def test_missing_or_damaged_content_is_told(record: Record) -> None:
    """A lost, shortened or altered file never becomes a member."""
    sealed = record.blobs.put(NOISE)
    (path,) = files(record)
    path.write_bytes(b"\0" * sealed.stored_size)
    with pytest.raises(StoreDamaged):
        record.blobs.read(sealed)
    path.write_bytes(NOISE[:-1])
    with pytest.raises(StoreDamaged, match="cut short"):
        list(record.blobs.open(sealed))
    path.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        list(record.blobs.open(sealed))
    with pytest.raises(StoreDamaged, match="missing"):
        list(record.blobs.open(Sealed("0" * 64, 1, 1, 1, STORED)))


def test_a_link_in_a_blobs_place_is_not_read(record: Record, tmp_path: Path) -> None:
    """Content comes from the session's own files."""
    sealed = record.blobs.put(NOISE)
    (path,) = files(record)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreDamaged):
        list(record.blobs.open(sealed))


def test_threads_may_put(record: Record, make_execution: Make) -> None:
    """Threads that put the same and different content agree on each blob."""
    contents = [NOISE[n : n + 100_000] for n in range(5)] + [b"%d" % n for n in range(50)]
    sealeds: list[list[Sealed]] = []

    def put() -> None:
        sealeds.append([record.blobs.put(content) for content in contents])

    threads = [threading.Thread(target=put) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sealeds[0] == sealeds[1] == sealeds[2]
    refer(record, make_execution, 1, *sealeds[0])
    assert [record.blobs.read(sealed) for sealed in sealeds[0]] == contents


def test_only_the_unused_is_collected(record: Record, make_execution: Make) -> None:
    """What the record refers to stays; what it referred to goes, from disk too."""
    old, new, small = (record.blobs.put(c) for c in (NOISE, NOISE[1:], b"small"))
    refer(record, make_execution, 1, old, small)
    assert record.blobs.collect() == 0
    refer(record, make_execution, 1, new)
    assert record.blobs.collect() == 2
    assert [path.name for path in files(record)] == [new.sha256]
    assert record.blobs.read(new) == NOISE[1:]
    with pytest.raises(StoreDamaged):
        record.blobs.read(small)


def test_what_was_put_but_not_written_yet_is_not_collected(
    record: Record, make_execution: Make
) -> None:
    """Collecting between put and write loses nothing, even if the content was unused before."""
    refer(record, make_execution, 1, record.blobs.put(b"again"))
    refer(record, make_execution, 1)
    fresh, again = record.blobs.put(NOISE), record.blobs.put(b"again")
    assert record.blobs.collect() == 0
    refer(record, make_execution, 2, fresh, again)
    assert record.blobs.read(again) == b"again"


def test_pinned_blobs_survive(record: Record, make_execution: Make) -> None:
    """What an export pinned is there until it lets go."""
    sealed = record.blobs.put(NOISE)
    refer(record, make_execution, 1, sealed)
    with record.blobs.pin([sealed]):
        refer(record, make_execution, 1)
        assert record.blobs.collect() == 0
        assert record.blobs.read(sealed) == NOISE
    assert record.blobs.collect() == 1
    assert not files(record)


def test_files_of_a_crash_are_removed(catalog: Catalog, record: Record) -> None:
    """Unfinished files go when the session is opened, unknown ones when it is collected."""
    key = record.session.key
    record.close()
    unfinished = record.folder.blobs / "new" / "0123"
    unfinished.touch()
    unknown = record.folder.blobs / "ab" / ("ab" * 32)
    unknown.parent.mkdir()
    unknown.touch()
    other = unknown.with_name("somebody's")
    other.touch()
    record = catalog.open(key)
    assert not unfinished.exists()
    record.blobs.collect()
    assert not unknown.exists()
    assert other.exists()
    record.close()


def test_a_folder_that_is_a_link_is_refused(record: Record, tmp_path: Path) -> None:
    """Blobs are not written to where a link leads."""
    name = record.blobs.put(NOISE).sha256[:2]
    other = next(n for n in range(999) if module.seal(NOISE[n:])[0].sha256[:2] != name)
    prefix = module.seal(NOISE[other:])[0].sha256[:2]
    (tmp_path / "target").mkdir()
    (record.folder.blobs / prefix).symlink_to(tmp_path / "target")
    with pytest.raises(StoreUnavailable):
        record.blobs.put(NOISE[other:])
    assert not list((tmp_path / "target").iterdir())
    assert not list((record.folder.blobs / "new").iterdir())


@pytest.mark.parametrize("content", [b"<p>small</p>" * 500, NOISE])
@pytest.mark.parametrize("times", [1, 3])
def test_a_given_up_transaction_loses_no_content(
    record: Record, make_execution: Make, content: bytes, times: int
) -> None:
    """What was put just before is read, referred to and kept all the same, however often."""
    sealed = record.blobs.put(content)
    for _ in range(times):
        record._database.rows("ROLLBACK")
        assert record.blobs.read(sealed) == content
    record._database.rows("ROLLBACK")
    refer(record, make_execution, 1, sealed)
    record.collect()
    assert record.blobs.read(sealed) == content


def test_collecting_spares_what_a_given_up_transaction_had(record: Record) -> None:
    """Also where collecting is what notices it."""
    sealed = record.blobs.put(NOISE)
    record._database.rows("ROLLBACK")
    record.collect()
    assert record.blobs.read(sealed) == NOISE


def test_what_is_committed_is_not_held_in_memory(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is more than a bound before: that much is committed at once."""
    held = record._database._kept
    record.blobs.put(NOISE[:1000])
    assert held
    record.commit()
    assert not record._database._kept
    monkeypatch.setattr(database_module, "KEPT_BYTES", 5000)
    for n in range(20):
        record.blobs.put(NOISE[1000 * n : 1000 * (n + 1)])
        assert record._database._kept_bytes <= 5000
