"""A ZIP of which everything is known before its first byte is sent."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive import ahead, ledger
from jupyter_session_export.archive.entries import Entry, Generated
from jupyter_session_export.archive.files import OpenFile
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.prepare import prepare
from jupyter_session_export.archive.prepared import PreparedArchive, cut
from jupyter_session_export.archive.staging import StagingFile
from jupyter_session_export.archive.verify import verify
from jupyter_session_export.errors import CancelledByUser, ExportExpired, SourceChanged
from tests.unit.archive.samples import (
    TIME,
    ListPlan,
    MemoryStore,
    full_content,
    on_disk,
    prepared,
    recorded,
    text,
)

KIB = 1024
STORE = MemoryStore()


def sent(archive: PreparedArchive) -> bytes:
    return b"".join(archive.read())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> PreparedArchive:
    """A ZIP with each kind of segment in it."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "media.mp4").write_bytes(os.urandom(300 * KIB))
    (folder / "table.csv").write_bytes(b"1,2,3\n" * 50_000)
    plan = ListPlan(
        [
            recorded("small", STORE.put(b"small")),
            recorded("large", STORE.put(os.urandom(200 * KIB))),
            on_disk("media.mp4", folder / "media.mp4"),
            on_disk("table.csv", folder / "table.csv"),
            text("empty", b""),
        ]
    )
    return prepared(plan, STORE, folder)


def test_the_length_is_exact(archive: PreparedArchive) -> None:
    """What was promised is what is sent, and it is a whole ZIP."""
    data = sent(archive)
    assert len(data) == archive.length
    assert verify(io.BytesIO(data)).ok
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert not any(member.flag_bits & 8 for member in opened.infolist())
        assert len(opened.infolist()) == archive.entries


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(start=st.integers(0, 600 * KIB), length=st.integers(0, 600 * KIB))
def test_any_range_is_that_part_of_the_whole(
    archive: PreparedArchive, start: int, length: int
) -> None:
    """Ranges are equal to the byte, also beyond the end."""
    whole = sent(archive)
    assert b"".join(archive.read(start, start + length)) == whole[start : start + length]


@given(st.lists(st.binary(max_size=10)), st.integers(0, 50), st.integers(0, 50))
def test_a_cut_of_chunks_is_a_slice(chunks: list[bytes], first: int, length: int) -> None:
    """Cutting chunks is the same as slicing what they make together."""
    expected = b"".join(chunks)[first : first + length]
    assert b"".join(cut(chunks, first, first + length)) == expected


def test_it_survives_a_restart(archive: PreparedArchive, tmp_path: Path) -> None:
    """The table is lines of JSON; with the staging it gives the same bytes, length and ETag."""
    made = prepared(plan_archive(full_content(STORE, tmp_path)), STORE, tmp_path)
    before = sent(made)
    made.close()
    lines = [line.encode().decode() for line in made.lines()]
    again = PreparedArchive.from_lines(lines, STORE, StagingFile(tmp_path / "staging"))
    assert sent(again) == before
    assert (again.length, again.etag, again.left_out) == (made.length, made.etag, made.left_out)


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [],
        lambda lines: ["null", *lines[1:]],
        lambda lines: [lines[0].replace('"version": 1', '"version": 99'), *lines[1:]],
        lambda lines: [lines[0], '["?", 1]', *lines[2:]],
        lambda lines: [lines[0], '["staged"]', *lines[2:]],
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-1], lines[-1][:-9]],
        lambda lines: [lines[0].replace('"staged": ', '"staged": 1'), *lines[1:]],
    ],
)
def test_a_table_of_another_layout_has_expired(
    damage: Callable[[list[str]], list[str]], tmp_path: Path
) -> None:
    """A newer, damaged or foreign table is an export that can't be had any more."""
    (tmp_path / "media.mp4").write_bytes(os.urandom(100 * KIB))
    made = prepared(ListPlan([on_disk("media.mp4", tmp_path / "media.mp4")]), STORE, tmp_path)
    lines = list(made.lines())
    made.close()
    staging = StagingFile(tmp_path / "staging")
    assert PreparedArchive.from_lines(lines, STORE, staging).length == made.length
    with pytest.raises(ExportExpired):
        PreparedArchive.from_lines(damage(lines), STORE, staging)


def test_what_is_left_out_is_told_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the manifest has it, also after a restart; the number is exact where lines are bounded."""
    monkeypatch.setattr(ledger, "MOST_LEFT_OUT", 1200)
    gone = (on_disk(f"\udcff{n}", tmp_path / "gone" / f"{n}") for n in range(1500))
    made = prepared(ListPlan([text("there"), *gone]), STORE, tmp_path)
    made.close()
    staging = StagingFile(tmp_path / "staging")
    for archive in (made, PreparedArchive.from_lines(list(made.lines()), STORE, staging)):
        assert archive.left_out == 1500
        assert [line.path for line in archive.left_out_lines(0, 2)] == ["\udcff0", "\udcff1"]
        assert [line.path for line in archive.left_out_lines(1198, 9)] == [
            "\udcff1198",
            "\udcff1199",
        ]
        assert archive.left_out_lines(1023, 1)[0].path == "\udcff1023"
        assert archive.left_out_lines(1200, 9) == archive.left_out_lines(9999, 9) == []
        (line,) = archive.left_out_lines(7, 1)
        assert (line.disposition, line.sha256) == ("failed", None)
        assert "vanished" in str(line.reason)


def test_a_staging_that_is_gone_ends_the_transfer(tmp_path: Path) -> None:
    """It ends before its promised length, with an error that says what to do."""
    archive = prepared(ListPlan([text("a")]), STORE, tmp_path)
    (tmp_path / "staging").unlink()
    with pytest.raises(SourceChanged):
        sent(archive)


@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("harm", ["grow", "shrink", "replace", "remove", "touch", "same size"])
def test_media_that_changed_ends_the_transfer(
    tmp_path: Path, harm: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that isn't what was prepared is never mixed into the ZIP."""
    if large:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    media = tmp_path / "a.mp4"
    media.write_bytes(os.urandom(700 * KIB))
    os.utime(media, (0, 0))
    archive = prepared(ListPlan([on_disk("a.mp4", media)]), STORE, tmp_path)
    _harm(media, harm)
    received: list[bytes] = []
    with pytest.raises(SourceChanged):
        received.extend(archive.read())
    assert len(b"".join(received)) < archive.length


def _harm(media: Path, harm: str) -> None:
    if harm == "grow":
        media.write_bytes(media.read_bytes() + b"more")
    elif harm == "shrink":
        media.write_bytes(media.read_bytes()[:-1])
    elif harm == "replace":
        other = media.with_suffix(".new")
        other.write_bytes(media.read_bytes())
        os.utime(other, (0, 0))
        other.replace(media)
    elif harm == "remove":
        media.unlink()
    elif harm == "touch":
        media.touch()
    else:  # written to in a way that leaves size and time as they were
        media.write_bytes(os.urandom(700 * KIB))
        os.utime(media, (0, 0))


def test_media_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doesn't shrink stays where it is; the staging holds the rest."""
    monkeypatch.setattr(ahead, "WHOLE_LIMIT", 1024 * KIB)
    for name, size in {"a.mp4": 700 * KIB, "b.mp4": 3000 * KIB}.items():
        (tmp_path / name).write_bytes(os.urandom(size))
    plan = ListPlan([on_disk(n, tmp_path / n) for n in ("a.mp4", "b.mp4")])
    archive = prepared(plan, STORE, tmp_path)
    assert (tmp_path / "staging").stat().st_size < 10 * KIB
    assert verify(io.BytesIO(sent(archive))).ok


@pytest.mark.parametrize("large", [True, False])
def test_a_full_staging_sends_files_as_they_are(
    tmp_path: Path, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit files are stored rather than the disk filled."""
    if large:
        monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    (tmp_path / "a.csv").write_bytes(os.urandom(500 * KIB).hex().encode())
    staging = StagingFile(tmp_path / "staging", limit=10 * KIB)
    plan = ListPlan([on_disk("a.csv", tmp_path / "a.csv")])
    archive = prepare(plan, STORE, staging)
    assert staging.size < 20 * KIB
    assert verify(io.BytesIO(sent(archive))).ok


def test_a_full_staging_leaves_recorded_content_where_it_is(tmp_path: Path) -> None:
    """Beyond the limit it is sent from the record, small as it is, and is pinned there."""
    store = MemoryStore()
    sealeds = [store.put(os.urandom(KIB)) for _ in range(20)]
    staging = StagingFile(tmp_path / "staging", limit=10 * KIB)
    plan = ListPlan([recorded(f"{n}", sealed) for n, sealed in enumerate(sealeds)])
    archive = prepare(plan, store, staging)
    assert 0 < len(list(archive.sealed())) < len(sealeds)
    assert verify(io.BytesIO(sent(archive))).ok


def test_media_that_is_written_to_meanwhile_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording under way doesn't make its export impossible; the ledger says `changed`."""
    monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    media = tmp_path / "a.mp4"
    media.write_bytes(os.urandom(1500 * KIB))
    read = OpenFile.read

    def growing(self: OpenFile, length: int) -> bytes:
        with media.open("ab") as file:
            file.write(b"more")
        return read(self, length)

    monkeypatch.setattr(OpenFile, "read", growing)
    archive = prepared(ListPlan([on_disk("a.mp4", media)]), STORE, tmp_path)
    assert verify(io.BytesIO(sent(archive))).ok
    assert archive.left_out == 1


def test_compressed_files_may_change_afterwards(tmp_path: Path) -> None:
    """What was compressed while preparing is a copy."""
    table = tmp_path / "a.csv"
    table.write_bytes(b"1,2,3\n" * 10_000)
    archive = prepared(ListPlan([on_disk("a.csv", table)]), STORE, tmp_path)
    table.unlink()
    with zipfile.ZipFile(io.BytesIO(sent(archive))) as opened:
        assert opened.read("a.csv") == b"1,2,3\n" * 10_000


def test_large_files_and_texts_have_their_sizes_in_front(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers are written again when a block-wise member is done."""
    monkeypatch.setattr(ahead, "WHOLE_LIMIT", 0)
    (tmp_path / "a.csv").write_bytes(os.urandom(2000 * KIB).hex().encode())
    source = Generated(lambda: (b"%d\n" % n * 1000 for n in range(2000)))
    plan = ListPlan(
        [on_disk("a.csv", tmp_path / "a.csv"), Entry("log", source, TIME, "a test"), text("b")]
    )
    data = sent(prepared(plan, STORE, tmp_path))
    assert verify(io.BytesIO(data)).ok
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert not any(member.flag_bits & 8 for member in opened.infolist())


def test_the_same_job_has_the_same_etag_and_another_has_not(tmp_path: Path) -> None:
    """The ETag stands for the bytes; it is strong and quoted."""
    (tmp_path / "work").mkdir()
    content = full_content(STORE, tmp_path / "work")
    tags: list[str] = []
    for each in (content, content, replace(content, exported_at=TIME + timedelta(days=1))):
        folder = tmp_path / f"{len(tags)}"
        folder.mkdir()
        tags.append(prepared(plan_archive(each), STORE, folder).etag)
    assert tags[0] == tags[1] != tags[2]
    assert tags[0].startswith('"')


def test_needed_content_of_the_store_is_named(archive: PreparedArchive) -> None:
    """Only what wasn't copied has to stay there."""
    assert [sealed.size for sealed in archive.sealed()] == [200 * KIB]


def test_content_of_the_store_that_is_gone_ends_the_transfer(tmp_path: Path) -> None:
    """The same as a file that changed."""
    store = MemoryStore()
    sealed = store.put(os.urandom(200 * KIB))
    archive = prepared(ListPlan([recorded("a", sealed)]), store, tmp_path)
    store.kept.clear()
    with pytest.raises(SourceChanged):
        sent(archive)


def test_content_of_the_store_that_was_gone_before_fails_alone(tmp_path: Path) -> None:
    """It is a line of the ledger, and the archive is whole without it."""
    store = MemoryStore()
    sealed = store.put(b"gone")
    store.kept.clear()
    archive = prepared(ListPlan([recorded("a", sealed), text("b")]), store, tmp_path)
    assert archive.left_out == 1
    assert verify(io.BytesIO(sent(archive))).ok


def test_preparing_can_be_cancelled(tmp_path: Path) -> None:
    """The check's error reaches the caller."""

    def check() -> None:
        raise CancelledByUser("enough")

    with pytest.raises(CancelledByUser):
        prepared(ListPlan([text("a")]), STORE, tmp_path, check=check)


def test_preparing_tells_its_progress(tmp_path: Path) -> None:
    """Entries count up."""
    told: list[int] = []
    prepared(
        ListPlan([text(f"{n}") for n in range(5)]),
        STORE,
        tmp_path,
        progress=lambda p: told.append(p.entries),
    )
    assert told == [1, 2, 3, 4, 5]


def test_preparing_tells_of_a_large_file_while_it_is_packed(tmp_path: Path) -> None:
    """Its size is known before it is read, and what was read of it counts up."""
    size = ahead.WHOLE_LIMIT + 5
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(size)
    told: list[tuple[int, int]] = []
    prepared(
        ListPlan([on_disk("large.txt", tmp_path / "large.txt")]),
        STORE,
        tmp_path,
        progress=lambda p: told.append((p.raw_bytes, p.found_bytes)),
    )
    done = [done for done, _ in told]
    assert len(set(done)) > 5
    assert done == sorted(done)
    assert {found for _, found in told} == {size}
    assert done[-1] == size


def test_staging_is_private(tmp_path: Path) -> None:
    """What is staged is as private as the record."""
    prepared(ListPlan([text("a")]), STORE, tmp_path)
    assert (tmp_path / "staging").stat().st_mode & 0o777 == 0o600


def test_readers_do_not_disturb_each_other(archive: PreparedArchive) -> None:
    """Several downloads of one export may run at once."""
    readers = [archive.read() for _ in range(3)]
    parts: list[list[bytes]] = [[], [], []]
    turns = random.Random(1)  # noqa: S311 - the same turns each time
    alive = {0, 1, 2}
    while alive:
        turn = turns.choice(sorted(alive))
        chunk = next(readers[turn], None)
        if chunk is None:
            alive.discard(turn)
        else:
            parts[turn].append(chunk)
    assert {b"".join(each) for each in parts} == {sent(archive)}
