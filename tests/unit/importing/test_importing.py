"""An exported ZIP comes back whole, or nothing of it does."""

from __future__ import annotations

import os
import stat
import tempfile
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
from jupyter_session_export.importing.importing import import_archive
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
from tests.unit.importing.hostile import SESSION_ID, Evil, packed
from tests.unit.importing.imports import below, imported, members

MODE = stat.S_IFREG | 0o644


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
    | st.sampled_from(["a", "A", "é/x", "e\u0301/x", "CON", "a/b", "x." * 200, "y/" * 250 + "z"]),
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
