from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_session_export.errors import FileMissing, InvalidName, StoreUnavailable
from jupyter_session_export.workspaces.files import STALE_SECONDS, OwnFiles
from jupyter_session_export.workspaces.names import partial_name


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def content(files: OwnFiles, path: str) -> bytes:
    opened = files.open(path)
    try:
        return b"".join(opened.read(0, opened.size))
    finally:
        opened.close()


def test_a_file_is_saved_and_found_again(files: OwnFiles) -> None:
    """Private, whole, and at the path that `save` says."""
    saved = files.save("deep/er/a.txt", b"one")
    assert (saved.path, saved.bytes) == ("single/deep/er/a.txt", 3)
    assert content(files, saved.path) == b"one"
    assert (files.path / saved.path).stat().st_mode & 0o777 == 0o600
    assert (files.path / "single").stat().st_mode & 0o777 == 0o700


def test_a_file_object_is_read_to_its_end(files: OwnFiles) -> None:
    """In chunks, whatever its size."""
    data = os.urandom(3_000_001)
    assert files.save("a.bin", io.BytesIO(data)).bytes == len(data)
    assert content(files, "single/a.bin") == data


def test_saving_again_replaces_at_once(files: OwnFiles) -> None:
    """Who reads the former file reads it to its end."""
    files.save("a", b"former")
    opened = files.open("single/a")
    files.save("a", b"new")
    assert b"".join(opened.read(0, opened.size)) == b"former"
    opened.close()
    assert content(files, "single/a") == b"new"


def test_of_many_writers_one_wins(files: OwnFiles) -> None:
    """Never a mixture, and nothing unfinished is left."""
    contents = {bytes([letter]) * 200_000 for letter in range(8)}
    threads = [
        threading.Thread(target=lambda data=data: [files.save("a", data) for _ in range(10)])
        for data in contents
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if (files.path / "single/a").exists():
            assert (files.path / "single/a").read_bytes() in contents
    assert content(files, "single/a") in contents
    assert names(files.path / "single") == ["a"]


def test_a_save_that_fails_leaves_the_former_file(files: OwnFiles) -> None:
    """Also when the data itself breaks off."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ValueError("the source broke")
            return super().read(1000)

    files.save("a", b"former")
    with pytest.raises(ValueError, match="the source broke"):
        files.save("a", Broken(b"x" * 5000))
    assert content(files, "single/a") == b"former"
    assert names(files.path / "single") == ["a"]


def test_a_full_disk_leaves_the_former_file(files: OwnFiles) -> None:
    """The error says that there is no room; the unfinished file is gone."""
    files.save("a", b"former")
    code = """
import resource, signal, sys
from pathlib import Path
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.workspaces.files import OwnFiles
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    OwnFiles(Path(sys.argv[1])).save("a", b"x" * 300_000)
except StoreUnavailable as error:
    print(error.message)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(files.path)], capture_output=True, text=True, check=True
    )
    assert "there is no room" in run.stdout
    assert content(files, "single/a") == b"former"
    assert names(files.path / "single") == ["a"]


def test_a_killed_writer_is_swept_away(files: OwnFiles) -> None:
    """What it left is hidden at once and removed after a day, never what is being written."""
    files.save("a", b"1")
    old, fresh = (files.path / "single" / partial_name() for _ in range(2))
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    long_ago = time.time() - STALE_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    files.save("b", b"2")
    assert not old.exists()
    assert fresh.exists()


def test_links_are_not_followed(files: OwnFiles, tmp_path: Path) -> None:
    """Neither as a file nor as a folder, to read, to write or to delete."""
    single = files.path / "single"
    single.mkdir()
    (single / "file").symlink_to(tmp_path / "secret.txt")
    (single / "up").symlink_to(tmp_path)
    for path in ("single/file", "single/up/secret.txt", "single/up"):
        with pytest.raises(FileMissing):
            files.open(path)
    with pytest.raises(FileMissing):
        files.save("up/new.txt", b"x")
    with pytest.raises(FileMissing):
        files.delete("single/up/secret.txt")
    files.save("file", b"mine")
    files.delete("single/up")
    assert (tmp_path / "secret.txt").read_bytes() == b"another's"
    assert not (single / "file").is_symlink()
    assert sorted(names(tmp_path)) == ["outputs", "secret.txt"]


@pytest.mark.parametrize("category", ["single", "bulk"])
def test_a_folder_that_became_a_link_is_refused(
    files: OwnFiles, tmp_path: Path, category: str
) -> None:
    """Also the top ones: nothing is written where they lead."""
    (tmp_path / "elsewhere").mkdir()
    (files.path / category).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileMissing):
        files.save("a", b"x", category)
    assert names(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    "path",
    ["", "single", "single/", "../secret.txt", "single/../../secret.txt", "/etc/passwd",
     "single/none", "single/a\0b", "..\\secret.txt", "single/%2e%2e/x", "single//a"],
)  # fmt: skip
def test_what_is_no_file_is_not_there(files: OwnFiles, path: str) -> None:
    """All of it is the same error, that tells nothing."""
    files.save("a", b"x")
    with pytest.raises(FileMissing):
        files.open(path)


def test_a_fifo_is_no_file(files: OwnFiles) -> None:
    """Asking for it doesn't hang."""
    os.mkfifo(files.bulk("x") / "pipe")
    with pytest.raises(FileMissing):
        files.open("bulk/x/pipe")


def test_a_file_does_not_replace_a_folder(files: OwnFiles) -> None:
    """Neither the other way round."""
    files.save("a/b", b"x")
    with pytest.raises(InvalidName):
        files.save("a", b"x")
    with pytest.raises((FileMissing, InvalidName)):
        files.save("a/b/c", b"x")


def test_a_bulk_is_a_folder_to_write_to(files: OwnFiles) -> None:
    """The same name gives the same folder."""
    folder = files.bulk("frames")
    (folder / "1.png").write_bytes(b"png")
    assert files.bulk("frames") == folder == files.path / "bulk/frames"
    assert content(files, "bulk/frames/1.png") == b"png"


def test_deleting_counts_what_went(files: OwnFiles) -> None:
    """A file, or a folder with all that is in it; the two top folders stay."""
    files.save("a", b"123")
    folder = files.bulk("x/y")
    (folder / "1").write_bytes(b"12")
    (folder / "2").write_bytes(b"1")
    assert files.delete("single/a").bytes == 3
    removed = files.delete("bulk/x")
    assert (removed.files, removed.bytes) == (2, 3)
    assert names(files.path / "bulk") == []
    with pytest.raises(FileMissing):
        files.delete("single/a")
    with pytest.raises(InvalidName):
        files.delete("bulk")


def test_a_session_that_is_gone_has_no_files(tmp_path: Path) -> None:
    """Nothing is made anew in its place."""
    with pytest.raises((FileMissing, StoreUnavailable)):
        OwnFiles(tmp_path / "gone").save("a", b"x")
    assert not (tmp_path / "gone").exists()
