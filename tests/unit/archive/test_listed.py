"""What a manifest and its checksums say is in a ZIP."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive import listed
from jupyter_session_export.archive.entries import LedgerLine
from jupyter_session_export.archive.ledger import Head, Ledger
from jupyter_session_export.archive.listed import listed_sums, manifest_sums
from jupyter_session_export.content.codec import unseal
from jupyter_session_export.errors import ArchiveUnreadable
from tests.unit.archive.samples import TIME

DIGEST = "ab" * 32
NAMES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)
LINES = st.lists(
    st.builds(
        LedgerLine, NAMES, st.text(), st.just("included"), st.none(), st.just(5), st.just(DIGEST)
    )
    | st.builds(LedgerLine, NAMES, st.text(), st.just("failed"), st.text(), st.just(0), st.none()),
    max_size=20,
)


@given(LINES, st.booleans())
def test_what_a_ledger_wrote_is_read(lines: list[LedgerLine], indented: bool) -> None:
    """A line at a time, or as one document where another program laid it out anew."""
    ledger = Ledger(Head("s", TIME, 7))
    for line in lines:
        ledger.add(line)
    manifest = b"".join(unseal(*ledger.manifest()))
    if indented:
        manifest = json.dumps(json.loads(manifest), indent=2).encode()
    packed = [(line.path, DIGEST) for line in lines if line.sha256]
    assert list(manifest_sums(io.BytesIO(manifest))) == packed
    checksums = b"".join(unseal(*ledger.checksums()))
    assert list(listed_sums(io.BytesIO(checksums))) == packed


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b'{"entries": [\n',
        b'{"entries": [\n{"path": "a", "sha256": null}\n',
        b'{"entries": [\n{"path": "a", "sha256": nul\n]}\n',
        b'{"entries": [\n["a"]\n]}\n',
        b'{"entries": [\n{"path": "a"}\n]}\n',
        b'{"entries": [\n' + b"[" * 100_000 + b"\n]}\n",
        b'{"entries": [\n{"path": "' + b"a" * listed.MOST_LINE_BYTES + b'"}\n]}\n',
        b'{"entries": {}',
        b"\xff\xfe",
    ],
)
def test_another_layout_is_unreadable(manifest: bytes) -> None:
    """Cut off, of other types, nested without end, or with a line without end."""
    with pytest.raises(ArchiveUnreadable):
        list(manifest_sums(io.BytesIO(manifest)))


def test_a_foreign_layout_is_read_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to be held whole, several times over."""
    monkeypatch.setattr(listed, "MOST_WHOLE_BYTES", 100)
    entries = [{"path": f"{number}", "sha256": DIGEST} for number in range(9_000)]
    manifest = json.dumps({"entries": entries}).encode()
    with pytest.raises(ArchiveUnreadable):
        list(manifest_sums(io.BytesIO(manifest)))
