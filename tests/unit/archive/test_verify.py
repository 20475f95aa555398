"""A ZIP against its own manifest."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.verify import Problem, verify
from jupyter_session_export.errors import ArchiveUnreadable
from tests.unit.archive.samples import (
    ListPlan,
    MemoryStore,
    content,
    execution,
    recorded,
    streamed,
    text,
)


def made() -> bytes:
    store = MemoryStore()
    plan = ListPlan([text("a", b"first" * 100), recorded("b", store.put(os.urandom(5000)))])
    return streamed(plan, store)


DATA = made()


def rewritten(data: bytes, **changes: bytes | None) -> bytes:
    """Return a ZIP with members replaced, added, or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, member in {**members, **changes}.items():
            if member is not None:
                new.writestr(name, member)
    return target.getvalue()


def problems(data: bytes) -> set[Problem]:
    found = verify(io.BytesIO(data))
    assert found.ok is (not found.problems)
    return set(found.problems)


def test_a_whole_zip_is_found_whole(tmp_path: Path) -> None:
    """By path or as an open file; also when another tool packed it anew."""
    (tmp_path / "a.zip").write_bytes(DATA)
    assert verify(tmp_path / "a.zip").ok
    assert verify(str(tmp_path / "a.zip")).entries == 6
    assert problems(rewritten(DATA)) == set()
    assert problems(rewritten(DATA, **{"folder/": b""})) == set()


def test_every_change_is_named() -> None:
    """A member that was replaced, added or taken away."""
    assert problems(rewritten(DATA, a=b"second")) == {
        Problem("a", "is not what manifest.json says: its SHA-256 differs"),
        Problem("a", "is not what manifest-sha256.txt says: its SHA-256 differs"),
    }
    assert problems(rewritten(DATA, c=b"new")) == {
        Problem("c", "is not in manifest.json"),
        Problem("c", "is not in manifest-sha256.txt"),
    }
    assert problems(rewritten(DATA, a=None)) == {
        Problem("a", "is missing, though manifest.json has it"),
        Problem("a", "is missing, though manifest-sha256.txt has it"),
    }


def test_a_forged_manifest_does_not_fit_the_checksums() -> None:
    """The two lists guard each other."""
    with zipfile.ZipFile(io.BytesIO(DATA)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["entries"][0]["sha256"] = "0" * 64
    forged = rewritten(DATA, **{"manifest.json": json.dumps(manifest).encode()})
    assert {problem.path for problem in problems(forged)} == {"a", "manifest.json"}


def test_damaged_content_is_named() -> None:
    """A flipped byte within a member is that member's problem and no other's."""
    data = bytearray(DATA)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.getinfo("b").header_offset
    data[start + 100] ^= 1
    (problem,) = problems(bytes(data))
    assert problem.path == "b"
    assert problem.what.startswith("is damaged")


def test_a_name_that_is_there_twice_is_named() -> None:
    """Readers differ in which of the two they take."""
    target = io.BytesIO(DATA)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a", b"first" * 100)
    assert Problem("a", "is in the ZIP twice") in problems(target.getvalue())


@pytest.mark.parametrize("name", ["manifest.json", "manifest-sha256.txt"])
def test_a_foreign_zip_is_unreadable(name: str) -> None:
    """Without our manifest nothing can be said of a ZIP."""
    with pytest.raises(ArchiveUnreadable, match=name):
        verify(io.BytesIO(rewritten(DATA, **{name: None})))


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"entries": [1]}', b"[" * 100_000])
def test_a_manifest_of_another_layout_is_unreadable(manifest: bytes) -> None:
    """It is an error with a code, not a traceback."""
    with pytest.raises(ArchiveUnreadable):
        verify(io.BytesIO(rewritten(DATA, **{"manifest.json": manifest})))


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 0.999))
def test_a_zip_that_was_cut_off_is_unreadable(part: float) -> None:
    """Wherever a download broke off."""
    data = DATA
    with pytest.raises(ArchiveUnreadable):
        verify(io.BytesIO(data[: int(len(data) * part)]))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_byte_is_noticed_or_harmless(at: int, flip: int) -> None:
    """Damage anywhere is told; where the verdict is good, every member reads as it was."""
    data = bytearray(DATA)
    data[at % len(data)] ^= flip
    with contextlib.suppress(ArchiveUnreadable):
        if verify(io.BytesIO(bytes(data))).ok:
            assert _contents(bytes(data)) == _contents(DATA)


def _contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_no_file_and_no_zip_are_unreadable(tmp_path: Path) -> None:
    """A missing file, a folder, text."""
    (tmp_path / "a.zip").write_text("no zip")
    for path in (tmp_path / "missing.zip", tmp_path / "a.zip", tmp_path):
        with pytest.raises(ArchiveUnreadable):
            verify(path)


def test_a_manifest_that_claims_to_be_huge_is_not_read() -> None:
    """A bomb in place of the manifest is refused by its declared size."""
    data = bytearray(DATA)
    at = data.rindex(b"manifest.json") - 46
    assert data[at : at + 4] == b"PK\1\2"
    struct.pack_into("<I", data, at + 24, 3_000_000_000)
    with pytest.raises(ArchiveUnreadable, match="too large"):
        verify(io.BytesIO(bytes(data)))


def test_progress_counts_bytes() -> None:
    """It ends at the total."""
    store, told = MemoryStore(), []
    data = streamed(plan_archive(content(store, executions=[execution(store, 1)])), store)
    verify(io.BytesIO(data), lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
