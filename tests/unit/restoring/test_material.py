"""What outputs are made of: sealed streams, and what is sealed while it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.content.codec import seal
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.restoring import direct
from jupyter_session_export.restoring.material import Streams, source_of
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.reader import RecordReader

from .runs import run_of
from .sealing import SHOWN, running


class Reader:
    """Has the content of one stream, in small pieces."""

    def __init__(self, content: bytes) -> None:
        self.sealed, self._kept = seal(content)

    def open(self, _: Any) -> Any:
        kept = bytes(self._kept)
        return (kept[at : at + 3] for at in range(0, len(kept), 3))


@given(st.binary(max_size=200), st.lists(st.integers(0, 220), max_size=8))
def test_ranges_are_read_in_their_order(content: bytes, bounds: list[int]) -> None:
    """With gaps, where outputs were cleared, and beyond the end, where a crash cut it."""
    reader: Any = Reader(content)
    streams = Streams(reader, {"stdout.txt": reader.sealed})
    ordered = sorted(bounds)
    for start, end in zip(ordered[::2], ordered[1::2], strict=False):
        assert b"".join(streams.read("stdout.txt", start, end)) == content[start:end]
    assert b"".join(streams.read("stderr.txt", 0, 5)) == b""


def test_what_another_process_seals_meanwhile_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not sealed when the record was asked, and has left the spool when that is read."""
    catalog = Catalog(tmp_path)
    record = catalog.open(SessionKey("ada", "/root"))
    run = run_of("x", session_id=record.session.id)
    with running(record, monkeypatch) as one:
        find = RecordReader.find

        def late(reader: RecordReader, number: int) -> tuple[Execution, list[Member]] | None:
            found = find(reader, number)
            one.end()
            return found

        with catalog.read(record.session.id) as reader:
            assert source_of(reader, 1) == "print('shown')"
        monkeypatch.setattr(RecordReader, "find", late)
        found = direct._load(catalog, run, 1, 1000)
    assert (found.run.status, found.outputs) == ("ok", [SHOWN])
    assert found.source == "print('shown')"
