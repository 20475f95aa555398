from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.store.spool import NAMES, Spool, spools_in

LIMITED = """
import resource, sys
from pathlib import Path
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.store.spool import Spool
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
spool = Spool(Path(sys.argv[1]), 1)
spool.append("stdout.txt", b"x" * 600)
try:
    spool.append("stdout.txt", b"x" * 600)
except StoreUnavailable as error:
    print(error.code, spool.size("stdout.txt"), flush=True)
"""
APPEND = """
import sys
from pathlib import Path
from jupyter_session_export.store.spool import Spool
Spool(Path(sys.argv[1]), 7).append("journal.jsonl", b"{}\\n")
spool = Spool(Path(sys.argv[1]), 7)
spool.append("stdout.txt", b"last words")
print("appended", flush=True)
sys.stdin.read()
"""


def content(spool: Spool, name: str, *span: int) -> bytes:
    return b"".join(spool.read(name, *span))


def test_nothing_is_made_before_the_first_append(tmp_path: Path) -> None:
    """A spool that is never used leaves no trace."""
    spool = Spool(tmp_path, 1)
    assert not spool.exists()
    assert spool.size("stdout.txt") == 0
    assert content(spool, "stdout.txt") == b""
    spool.close()
    spool.remove()
    assert not list(tmp_path.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.tuples(st.sampled_from(sorted(NAMES)), st.binary(max_size=50)), min_size=1),
    start=st.integers(0, 60),
    end=st.none() | st.integers(0, 60),
)
def test_what_is_appended_is_read(
    tmp_path: Path, pieces: list[tuple[str, bytes]], start: int, end: int | None
) -> None:
    """Each file is the concatenation of its pieces, and any span of it can be read."""
    spool = Spool(tmp_path, 1)
    for name, piece in pieces:
        spool.append(name, piece)
    for name in NAMES:
        whole = b"".join(piece for other, piece in pieces if other == name)
        assert spool.size(name) == len(whole)
        assert b"".join(spool.read(name, start, end)) == whole[start:end]
    spool.remove()


def test_its_files_are_private(tmp_path: Path) -> None:
    """The folder is 0700 and its files are 0600."""
    spool = Spool(tmp_path, 1)
    spool.append("stdout.txt", b"x")
    spool.close()
    path = spool.path("stdout.txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_appending_goes_on_after_closing(tmp_path: Path) -> None:
    """A closed spool, or the next process's, appends to what is there."""
    spool = Spool(tmp_path, 1)
    spool.append("stdout.txt", b"one")
    spool.close()
    spool.append("stdout.txt", b"two")
    assert spool.size("stdout.txt") == 6
    spool.close()
    assert content(Spool(tmp_path, 1), "stdout.txt") == b"onetwo"


@pytest.mark.parametrize("name", ["", "other.txt", "../stdout.txt", "/etc/passwd"])
def test_only_known_names(tmp_path: Path, name: str) -> None:
    """No name from outside becomes a file."""
    with pytest.raises(ValueError, match="not a spool file"):
        Spool(tmp_path, 1).append(name, b"x")


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link planted in the spool is neither written nor read through."""
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    spool = Spool(tmp_path, 1)
    spool.path("stdout.txt").parent.mkdir()
    spool.path("stdout.txt").symlink_to(target)
    with pytest.raises(StoreUnavailable):
        spool.append("stdout.txt", b"x")
    with pytest.raises(StoreUnavailable):
        content(spool, "stdout.txt")
    assert target.read_bytes() == b"precious"


def test_a_file_that_may_not_grow_is_unavailable(
    tmp_path: Path, child: Callable[..., Popen[str]]
) -> None:
    """A write that fails half-way is told, and the size is what really lies there."""
    output, _ = child(LIMITED, tmp_path).communicate()
    assert output.split() == ["STORE_UNAVAILABLE", "1000"]


def test_appended_bytes_outlive_a_kill(tmp_path: Path, child: Callable[..., Popen[str]]) -> None:
    """What was appended before SIGKILL is there, without close or flush."""
    process = child(APPEND, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "appended\n"
    process.kill()
    process.wait()
    (spool,) = spools_in(tmp_path)
    assert spool.number == 7
    assert content(spool, "stdout.txt") == b"last words"


def test_spools_are_listed_by_number(tmp_path: Path) -> None:
    """Only folders with a number for a name count, in the order of numbers."""
    for name in ("10", "9", "x", "1x", "²"):
        (tmp_path / name).mkdir()
    (tmp_path / "3").touch()
    (tmp_path / "4").symlink_to(tmp_path / "9")
    assert [spool.number for spool in spools_in(tmp_path)] == [9, 10]
