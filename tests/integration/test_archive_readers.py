"""Readers that know nothing of us open our ZIPs without a warning, and to the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from isal import isal_zlib

from jupyter_session_export.archive import ahead
from jupyter_session_export.archive.entries import Entry, LedgerLine
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.verify import verify
from jupyter_session_export.archive.zipstream import ZipStream
from jupyter_session_export.importing.importing import import_archive
from jupyter_session_export.importing.limits import Limits
from jupyter_session_export.importing.place import Place
from jupyter_session_export.records.content import DEFLATED, Sealed
from tests.unit.archive.samples import (
    ListPlan,
    MemoryStore,
    full_content,
    on_disk,
    prepared,
    recorded,
    text,
)
from tests.zip_readers import (
    READERS,
    Sums,
    by_7z,
    by_bsdtar,
    by_jar,
    by_java_stream,
    by_python,
    by_unzip,
    run,
    sum_of,
)

MIB = 1024 * 1024
Maker = Callable[[Iterable["Entry | LedgerLine"], Path], Path]


def one_shot(items: Iterable[Entry | LedgerLine], folder: Path) -> Path:
    return write(folder, ZipStream(ListPlan(items), STORE))


def prepared_first(items: Iterable[Entry | LedgerLine], folder: Path) -> Path:
    return write(folder, prepared(ListPlan(items), STORE, folder).read())


def write(folder: Path, chunks: Iterable[bytes]) -> Path:
    with (folder / "export.zip").open("wb") as file:
        file.writelines(chunks)
    return folder / "export.zip"


STORE = MemoryStore(chunk=512 * 1024)
MAKERS = [one_shot, prepared_first]
by_each_maker = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
by_each_reader = pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__, scope="module")
def mixed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Sums]:
    """A ZIP with every kind of member in it, and what its members should be."""
    folder = tmp_path_factory.mktemp("mixed")
    files = {
        "empty": b"",
        "table.csv": b"".join(b"%d,%d\n" % (n, n * n) for n in range(200_000)),
        "video.mp4": os.urandom(3 * MIB + 123),
        "photo.png": os.urandom(300_000),
        "Ünïcödé/日本語/эхо.txt": "🐍".encode(),
        "two words/and 'quotes' & $igns.txt": b"x",
        "x" * 240 + ".txt": b"long",
    }
    source = folder / "files"
    for number, data in enumerate(files.values()):
        (source / f"{number}").parent.mkdir(exist_ok=True)
        (source / f"{number}").write_bytes(data)
    items: list[Entry | LedgerLine] = [
        on_disk(f"disk/{name}", source / f"{number}") for number, name in enumerate(files)
    ]
    items += [recorded(f"sealed/{name}", STORE.put(data)) for name, data in files.items()]
    items += [text(f"text/{name}", data) for name, data in files.items()]
    expected = {
        f"{kind}/{name}": sum_of(data)
        for kind in ("disk", "sealed", "text")
        for name, data in files.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "WHOLE_LIMIT", 2 * MIB)  # so that some go out in blocks
        return request.param(items, folder), expected


@by_each_reader
def test_every_reader_gets_the_same_bytes(
    mixed: tuple[Path, Sums], read: Callable[[Path, Path], Sums], tmp_path: Path
) -> None:
    """Sealed, new, large, media, empty, with names in all alphabets: one-shot and prepared."""
    archive, expected = mixed
    got = read(archive, tmp_path / "out")
    closing = {"README.txt", "SESSION_SUMMARY.txt", "manifest.json", "manifest-sha256.txt"}
    assert closing <= set(got)
    assert {name: got[name] for name in set(got) - closing} == expected


@pytest.mark.parametrize("read", [by_python, by_unzip, by_7z, by_bsdtar, by_jar, by_java_stream])
def test_a_whole_session_is_read_by_all(read: Callable[[Path, Path], Sums], tmp_path: Path) -> None:
    """The ZIP of a session with each of its sections."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work/a.txt").write_text("a")
    export = full_content(STORE, tmp_path / "work")
    archive = write(tmp_path, ZipStream(plan_archive(export), STORE))
    assert read(archive, tmp_path / "out") == by_python(archive, tmp_path)
    assert verify(archive).ok


@by_each_maker
def test_sha256sum_checks_the_extracted_files(make: Maker, tmp_path: Path) -> None:
    """`sha256sum -c manifest-sha256.txt` passes, and fails when a file is changed."""
    archive = make([text("a", b"1"), text("ü/b c", b"2"), text("d~e'f", b"3")], tmp_path)
    run("unzip", "-qq", archive, "-d", tmp_path / "out")
    assert "FAILED" not in run(
        "sha256sum", "--strict", "-c", "manifest-sha256.txt", cwd=tmp_path / "out"
    )
    (tmp_path / "out/a").write_bytes(b"2")
    with pytest.raises(AssertionError):
        run("sha256sum", "--strict", "-c", "manifest-sha256.txt", cwd=tmp_path / "out")


@by_each_maker
def test_more_members_than_16_bits_can_count(make: Maker, tmp_path: Path) -> None:
    """65,600 members are all found, by readers with and without the directory."""
    sealed = STORE.put(b"tiny")
    archive = make((recorded(f"{n // 1000}/{n}", sealed) for n in range(65_600)), tmp_path)
    with zipfile.ZipFile(archive) as opened:
        assert len(opened.namelist()) == 65_604
    assert run("unzip", "-tqq", archive) == ""
    assert "Files: 65604" in run("7z", "t", archive)
    assert len(run("bsdtar", "-tf", archive).splitlines()) == 65_604
    assert len(run("jar", "tf", archive).splitlines()) == 65_604
    assert len(by_java_stream(archive, tmp_path / "out")) == 65_604


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_more_members_than_16_bits_can_count_come_back(tmp_path: Path) -> None:
    """An import writes each of them."""
    sealed = STORE.put(b"tiny")
    items = (recorded(f"{n // 1000}/{n}", sealed) for n in range(65_600))
    with one_shot(items, tmp_path).open("rb") as file:
        found = import_archive(file, Place(tmp_path, "back"), Limits(), lambda *_: None)
    assert (found.files, found.renamed) == (65_604, ())
    assert (found.path / "65/65599").read_bytes() == b"tiny"


@by_each_maker
def test_times_are_the_contents_own(make: Maker, tmp_path: Path) -> None:
    """Extracted files carry the time in UTC to the second, whatever the time zone."""
    archive = make([text("a")], tmp_path)
    run("unzip", "-qq", archive, "-d", tmp_path / "out")
    assert (tmp_path / "out/a").stat().st_mtime == 1769860804
    assert oct((tmp_path / "out/a").stat().st_mode & 0o777) == "0o644"


def zeros(size: int) -> tuple[Sealed, bytes, int]:
    """Return sealed zeros, with the stream of one MiB and how often it repeats."""
    packer = isal_zlib.compressobj(3, isal_zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(isal_zlib.Z_FULL_FLUSH)
    times = size // MIB
    crc, digest = 0, hashlib.sha256()
    for _ in range(times):
        crc = zlib.crc32(bytes(MIB), crc)
        digest.update(bytes(MIB))
    stored = len(block) * times + 2
    return Sealed(digest.hexdigest(), times * MIB, stored, crc, DEFLATED), block, times


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_sealed_member_of_more_than_4_gib(tmp_path: Path) -> None:
    """Its sizes are told in 64 bits, and every reader finds what follows it."""
    sealed, block, times = zeros(4400 * MIB)

    class Store(MemoryStore):
        def open(self, wanted: Sealed, offset: int = 0) -> Iterator[bytes]:
            if wanted != sealed:
                return super().open(wanted, offset)
            return (c for part in ([block] * times, [b"\3\0"]) for c in part)

    store = Store()
    small = store.put(b"small")
    plan = ListPlan([recorded("zeros", sealed), recorded("small", small)])
    archive = write(tmp_path, ZipStream(plan, store))
    assert verify(archive).ok
    run("unzip", "-tqq", archive)
    assert "Everything is Ok" in run("7z", "t", archive)
    assert by_java_stream(archive, tmp_path / "java")["zeros"] == sealed.sha256
    assert run("bsdtar", "-xOf", archive, "small") == "small"
    with archive.open("rb") as file:
        limits = Limits(max_ratio=2000)
        found = import_archive(file, Place(tmp_path, "back"), limits, lambda *_: None)
    try:
        assert (found.path / "zeros").stat().st_size == sealed.size
        assert run("sha256sum", "--quiet", "-c", "manifest-sha256.txt", cwd=found.path) == ""
    finally:
        (found.path / "zeros").unlink()


@pytest.mark.soak
@pytest.mark.timeout(900)
@by_each_maker
@pytest.mark.parametrize("media", [False, True], ids=["text", "media"])
def test_a_sparse_file_of_more_than_4_gib(make: Maker, media: bool, tmp_path: Path) -> None:
    """One-shot with a descriptor of 64 bits, prepared with its sizes in front."""
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(4 * 1024 * MIB + 5 * MIB)
        if media:  # what the trial looks at does not shrink, so that it is stored
            for quarter in (1, 2, 3):
                file.seek(file.seek(0, io.SEEK_END) * quarter // 4 - 20_000)
                file.write(os.urandom(40_000))
    archive = make([on_disk("big", big), text("after")], tmp_path)
    assert verify(archive).ok
    run("unzip", "-tqq", archive)
    assert "Everything is Ok" in run("7z", "t", archive)
    assert run("bsdtar", "-xOf", archive, "after") == "text"
    assert set(by_java_stream(archive, tmp_path / "java")) >= {"big", "after"}
    (tmp_path / "jar").mkdir()
    run("jar", "xf", archive, "after", cwd=tmp_path / "jar")
    assert (tmp_path / "jar/after").read_bytes() == b"text"
