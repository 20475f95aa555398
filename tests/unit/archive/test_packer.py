"""What is asked of the companion's program, and what it answers."""

from __future__ import annotations

import io
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive import packer
from jupyter_session_export.archive.entries import Entry, LedgerLine, OnDisk
from jupyter_session_export.archive.packer import GREETING, from_reply, read_rows, to_request
from jupyter_session_export.archive.packing import pack_all
from jupyter_session_export.content.deflating import FAST, deflating
from tests.unit.archive.samples import TIME, on_disk

NAMES = st.text(st.characters(), max_size=20)
SOURCES = st.builds(
    OnDisk,
    NAMES | NAMES.map(Path),
    NAMES,
    st.none() | st.integers(0, 1 << 60),
    st.none() | st.tuples(st.integers(0, 1 << 63), st.integers(0, 1 << 63)),
    st.booleans(),
    st.booleans(),
)


def answered(request: bytes) -> bytes:
    """Have the program answer what is asked, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        replies = io.BytesIO()
        patch.setattr(packer.signal, "signal", lambda *_: None)
        patch.setattr(packer, "gc", Mock())
        patch.setattr(packer.sys, "argv", ["", FAST])
        patch.setattr(packer.sys, "stdin", io.TextIOWrapper(io.BytesIO(request)))
        patch.setattr(packer.sys, "stdout", writer := io.TextIOWrapper(replies))
        packer.main()
        writer.detach()
    return replies.getvalue()


@given(SOURCES, NAMES)
def test_what_is_asked_arrives(source: OnDisk, name: str) -> None:
    """Any name that a system can give, with or without what was seen of the file."""
    line = LedgerLine("x", "x", "failed", "y", 0, None)
    request = to_request([line, Entry(name, source, TIME, "a test")])
    (row,) = read_rows(io.BytesIO(request))
    path, root, *rest = source
    assert row == (name, str(path), str(root), *rest)


def test_the_answer_is_what_would_be_packed_here(tmp_path: Path) -> None:
    """Included, refused, noted, and the lines between them; batch after batch."""
    (tmp_path / "a").write_bytes(b"a" * 999)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    noted = on_disk("a", tmp_path / "a")._replace(note="renamed")
    batch = [
        on_disk("a", tmp_path / "a"),
        LedgerLine("left", "left", "skipped", "hidden", 0, None),
        on_disk("gone", tmp_path / "gone"),
        noted,
        on_disk("folder", tmp_path / "folder"),
        Entry("all of it", OnDisk(tmp_path / "a", tmp_path, 99, stored=True), TIME, "cut"),
        on_disk("empty", tmp_path / "empty"),
    ]
    replies = io.BytesIO(answered(2 * to_request(batch)))
    assert read_rows(replies) == [GREETING]
    for _ in range(2):
        assert from_reply(batch, read_rows(replies)) == pack_all(batch, {}, deflating(FAST))
    with pytest.raises(EOFError):
        read_rows(replies)


def test_what_is_cut_off_is_no_reply() -> None:
    """A program that is killed while it writes has not answered."""
    whole = to_request([on_disk("a", Path("a"))])
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            read_rows(io.BytesIO(whole[:length]))


def test_another_program_is_no_packer() -> None:
    """What it says is taken for nothing else, and nobody waits for a gigabyte of it."""
    with pytest.raises(ValueError, match="bytes announced"):
        read_rows(io.BytesIO(b"Welcome to this machine!\n" * 100))
    with pytest.raises((ValueError, TypeError, EOFError)):
        read_rows(io.BytesIO(b"\4\0\0\0none"))


@pytest.mark.parametrize(
    "reply", [[], [()], [("a", "b", "c")], [(b"", "included", None, (), ("", 1))]]
)
def test_a_reply_of_another_version_is_refused(reply: list[tuple[object, ...]]) -> None:
    """Too few rows, or rows of another shape."""
    with pytest.raises((ValueError, TypeError)):
        from_reply([on_disk("a", Path("a"))], reply)
