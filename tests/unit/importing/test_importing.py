"""An exported ZIP comes back whole, or nothing of it does."""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive.names import Names
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.errors import (
    ArchiveDamaged,
    ArchiveRefused,
    ArchiveUnreadable,
    DestinationUnwritable,
)
from jupyter_session_export.importing.importing import Imported, import_archive
from jupyter_session_export.importing.limits import Limits
from jupyter_session_export.importing.place import Place
from tests.unit.archive.samples import (
    TIME,
    ListPlan,
    MemoryStore,
    full_content,
    prepared,
    recorded,
    streamed,
    text,
)
from tests.unit.importing.hostile import SESSION_ID, Evil, overlapping, packed, zipped

MODE = stat.S_IFREG | 0o644


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def imported(
    data: bytes,
    folder: Path,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
    report: Callable[[str, int, int], object] = silent,
) -> Imported:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return import_archive(file, Place(folder, "export"), limits, report)


def below(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_whole_session_comes_back(tmp_path: Path) -> None:
    """Every byte of every section, private, with its own time, in a new folder."""
    store = MemoryStore()
    (tmp_path / "work").mkdir()
    (tmp_path / "work/a.txt").write_text("a")
    os.utime(tmp_path / "work/a.txt", (1_700_000_001, 1_700_000_001))
    data = streamed(plan_archive(full_content(store, tmp_path / "work")), store)
    found = imported(data, tmp_path)
    assert found.path == tmp_path / "export"
    assert found.session_id == "0123456789abcdef" * 2
    assert below(found.path) == members(data)
    assert (found.files, found.renamed) == (len(members(data)), ())
    assert found.bytes == sum(map(len, members(data).values()))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in found.path.rglob("*") if path.is_dir()}
    assert modes == {0o700} == {stat.S_IMODE(found.path.stat().st_mode)}
    assert {stat.S_IMODE(p.stat().st_mode) for p in found.path.rglob("*") if p.is_file()} == {0o600}
    assert (found.path / "workspace/a.txt").stat().st_mtime == 1_700_000_001
    assert sorted(os.listdir(tmp_path)) == ["export", "work"]  # noqa: PTH208 - names


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A name that is taken, by whatever it is, is left alone."""
    (tmp_path / "export").mkdir()
    (tmp_path / "export_2").write_text("mine")
    (tmp_path / "export_3").symlink_to("nowhere")
    assert imported(packed([]), tmp_path).path == tmp_path / "export_4"
    assert not any((tmp_path / "export").iterdir())
    assert (tmp_path / "export_2").read_text() == "mine"


NAMES = st.lists(
    st.text(st.characters(), min_size=1, max_size=60)
    | st.sampled_from(["a", "A", "é/x", "e\u0301/x", "CON", "a/b", "x." * 200, "y/" * 300 + "z"]),
    max_size=8,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, st.lists(st.binary(max_size=300), min_size=8, max_size=8), st.booleans())
def test_whatever_was_exported_comes_back_byte_for_byte(
    names: list[str], contents: list[bytes], at_once: bool
) -> None:
    """Under the very names that it has in the ZIP, streamed or prepared."""
    store, claimed = MemoryStore(), Names()
    entries = [
        make(claimed.claim(f"workspace/{name}"), store, data)
        for make, name, data in zip([as_text, as_sealed] * 4, names, contents, strict=False)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "to").mkdir()
        if at_once:
            data = streamed(ListPlan(entries), store)
        else:
            data = b"".join(prepared(ListPlan(entries), store, folder).read())
        found = imported(data, folder / "to")
        assert below(found.path) == members(data)
        assert found.renamed == ()
        times = {
            path.stat().st_mtime for path in found.path.rglob("workspace/**/*") if path.is_file()
        }
        assert times <= {TIME.timestamp()}


def as_text(path: str, _: MemoryStore, data: bytes):  # type: ignore[no-untyped-def]
    return text(path, data)


def as_sealed(path: str, store: MemoryStore, data: bytes):  # type: ignore[no-untyped-def]
    return recorded(path, store.put(data))


HOSTILE = {
    "climbs": Evil("../evil"),
    "climbs within": Evil("a/../../evil"),
    "absolute": Evil("/tmp/evil"),  # noqa: S108 - never written
    "drive": Evil("C:/evil"),
    "drive-relative": Evil("c:evil"),
    "UNC": Evil("\\\\host\\share\\evil"),
    "backslash": Evil("..\\evil"),
    "empty part": Evil("a//evil"),
    "dot": Evil("./evil"),
    "null byte": Evil("evil\0.txt"),
    "link": Evil("evil", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "device": Evil("evil", b"", stat.S_IFCHR | 0o666),
    "block device": Evil("evil", b"", stat.S_IFBLK | 0o666),
    "FIFO": Evil("evil", b"", stat.S_IFIFO | 0o666),
    "socket": Evil("evil", b"", stat.S_IFSOCK | 0o666),
    "folder with content": Evil("evil/", b"x"),
    "encrypted": Evil("evil", flags=1),
    "strongly encrypted": Evil("evil", flags=0x41),
    "another method": Evil("evil", method=zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("member", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_member_is_refused(member: Evil, tmp_path: Path) -> None:
    """Although manifest and checksums vouch for it; it is named, and nothing is left behind."""
    with pytest.raises(ArchiveRefused) as told:
        imported(packed([member]), tmp_path)
    assert told.value.code == "ARCHIVE_REFUSED"
    assert "evil" in told.value.message
    assert not any(tmp_path.iterdir())


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """What was verified might be another one than what is unpacked."""
    with pytest.raises(ArchiveRefused, match="twice"):
        imported(packed([Evil("a"), Evil("a")]), tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    """Whichever of them comes first."""
    for pair in ([Evil("a"), Evil("a/b")], [Evil("a/b"), Evil("a")]):
        with pytest.raises(ArchiveRefused, match="folder with files"):
            imported(packed(pair), tmp_path)
    assert not any(tmp_path.iterdir())


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    """So it is that 10 MB become 281 TB."""
    with pytest.raises(ArchiveRefused, match="b shares bytes with a"):
        imported(overlapping(), tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(max_bytes=1_000_000), "1,000,000 are allowed"),
        (Limits(max_files=3), "holds 4 files, and 3"),
        (Limits(harmless_bytes=1_000_000), "times its own size; 200 times are allowed"),
    ],
    ids=["total", "count", "ratio"],
)
def test_a_bomb_is_refused(limits: Limits, said: str, tmp_path: Path) -> None:
    """By what its directory says, before a byte is unpacked; the limits are the caller's."""
    data = packed([Evil("evil", bytes(2_000_000))])
    with pytest.raises(ArchiveRefused, match=said):
        imported(data, tmp_path, limits)
    assert not any(tmp_path.iterdir())
    assert imported(data, tmp_path).files == 4


def test_a_bomb_that_understates_its_size_is_damaged(tmp_path: Path) -> None:
    """No more is unpacked than the directory says."""
    data = packed([Evil("evil", bytes(2_000_000), claimed_size=10)])
    with pytest.raises(ArchiveDamaged, match="not what its manifest says"):
        imported(data, tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_directory_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """Python's zipfile reads it whole: by then it would be too late."""
    limits = Limits(max_files=1)
    size = limits.directory_bytes + 1
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0)
    with pytest.raises(ArchiveRefused, match="directory is too large"):
        imported(bytes(size) + end, tmp_path, limits)
    many = zipped(Evil(f"{number}", b"") for number in range(30_000))
    with pytest.raises(ArchiveRefused, match="holds 30,000 files"):
        imported(many, tmp_path, Limits(max_files=10))


def test_a_foreign_zip_is_unreadable(tmp_path: Path) -> None:
    """Without our manifest nothing can be verified."""
    with pytest.raises(ArchiveUnreadable, match="has no manifest"):
        imported(packed([], foreign=True), tmp_path)
    for data in (b"", b"no zip", b"PK\5\6" + bytes(18)):
        with pytest.raises(ArchiveUnreadable):
            imported(data, tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_zip_that_another_tool_packed_comes_back(tmp_path: Path) -> None:
    """With folders of their own, and names that not every system takes: those are renamed."""
    names = ["data/con.txt", "data/a:b", "data/End.", "data/é", "data/e\u0301"]
    folders = [Evil("data/", b"", stat.S_IFDIR | 0o755, method=0)]
    found = imported(packed([*folders, *(Evil(name, name.encode()) for name in names)]), tmp_path)
    assert found.session_id == SESSION_ID
    assert [each.path for each in found.renamed] == [names[0], names[1], names[2], names[4]]
    for each in found.renamed:
        assert (found.path / each.name).read_bytes() == each.path.encode()
    assert (found.path / "data/é").read_bytes() == "data/é".encode()


def test_no_room_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills up half-way would disturb everything else on it."""
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    stages: list[str] = []
    with pytest.raises(DestinationUnwritable, match="100 free"):
        imported(packed([]), tmp_path, report=lambda stage, *_: stages.append(stage))
    assert stages == []
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("stage", ["verifying", "unpacking"])
def test_an_interrupted_import_leaves_nothing(stage: str, tmp_path: Path) -> None:
    """Whenever it is interrupted."""

    def interrupt(now: str, done: int, total: int) -> None:
        if now == stage and done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(packed([Evil("a"), Evil("b/c")]), tmp_path, report=interrupt)
    assert not any(tmp_path.iterdir())


def test_a_zip_that_changes_after_it_was_verified_is_damaged(tmp_path: Path) -> None:
    """What is unpacked is checked once more: the file is somebody else's to write to."""
    data = packed([Evil("a", b"x" * 999_999, method=0)])
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()

        def change(stage: str, done: int, total: int) -> None:
            if stage == "verifying" and done == total:
                os.pwrite(file.fileno(), b"y", data.index(b"xxxx"))

        with pytest.raises(ArchiveDamaged, match="a changed while"):
            import_archive(file, Place(tmp_path, "export"), Limits(), change)
    assert not any(tmp_path.iterdir())


STORE = MemoryStore()
SOUND = streamed(
    ListPlan([text("code/a.txt", b"first" * 99), recorded("b", STORE.put(os.urandom(3000)))]),
    STORE,
)
DAMAGE = st.tuples(st.sampled_from("xcid"), st.floats(0, 1), st.binary(min_size=1, max_size=40))


def damaged(data: bytes, kind: str, where: float, what: bytes) -> bytes:
    """Flip bytes, cut off, insert or drop some."""
    at = int(where * len(data))
    if kind == "x":
        flipped = bytes(a ^ b for a, b in zip(data[at:], what, strict=False))
        return data[:at] + flipped + data[at + len(flipped) :]
    if kind == "c":
        return data[:at]
    return (
        data[:at] + (what if kind == "i" else b"") + data[at + (0 if kind == "i" else len(what)) :]
    )


@settings(deadline=None, max_examples=300)
@given(st.lists(DAMAGE, min_size=1, max_size=3))
def test_damage_anywhere_leaves_all_or_nothing(damages: list[tuple[str, float, bytes]]) -> None:
    """An error with a code and no files, or every byte as it was: never a traceback."""
    data = SOUND
    for damage in damages:
        data = damaged(data, *damage)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = imported(data, Path(folder))
        except (ArchiveDamaged, ArchiveRefused):
            assert not any(Path(folder).iterdir())
        else:
            assert below(found.path) == members(SOUND)
