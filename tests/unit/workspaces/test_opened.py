from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.errors import SourceChanged
from jupyter_session_export.workspaces.files import OwnFiles
from jupyter_session_export.workspaces.opened import CHUNK_BYTES

DATA = os.urandom(2 * CHUNK_BYTES + 123)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, len(DATA)), st.integers(0, len(DATA)))
def test_any_range_is_that_of_the_file(files: OwnFiles, start: int, end: int) -> None:
    """In chunks of bounded size."""
    files.save("a", DATA)
    opened = files.open("single/a")
    chunks = list(opened.read(start, end))
    opened.close()
    assert b"".join(chunks) == DATA[start:end]
    assert all(len(chunk) <= CHUNK_BYTES for chunk in chunks)


@pytest.mark.parametrize("change", [b"", b"other" * CHUNK_BYTES])
def test_a_file_that_changes_breaks_off(files: OwnFiles, change: bytes) -> None:
    """Cut or overwritten in place: it never ends as if it were whole."""
    files.save("a", DATA)
    opened = files.open("single/a")
    chunks = opened.read(0, opened.size)
    next(chunks)
    (files.path / "single/a").write_bytes(change)
    with pytest.raises(SourceChanged):
        list(chunks)
    opened.close()


def test_the_tag_is_that_of_the_content(files: OwnFiles) -> None:
    """The same as long as nothing changes, another after any change."""
    files.save("a", b"one")
    first, again = files.open("single/a"), files.open("single/a")
    assert first.etag == again.etag
    before = (files.path / "single/a").stat()
    (files.path / "single/a").write_bytes(b"two")
    os.utime(files.path / "single/a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert files.open("single/a").etag != first.etag
