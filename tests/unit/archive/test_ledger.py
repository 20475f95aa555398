"""What became of each candidate."""

from __future__ import annotations

import json
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive.entries import LedgerLine
from jupyter_session_export.archive.growing import Grown
from jupyter_session_export.archive.ledger import Head, Ledger
from jupyter_session_export.content.codec import unseal
from tests.unit.archive.samples import TIME

HEAD = Head("s", TIME, 7)

LINES = st.builds(
    LedgerLine,
    st.text(max_size=30),
    st.text(max_size=30),
    st.sampled_from(["included", "skipped", "changed", "failed"]),
    st.none() | st.text(max_size=30),
    st.integers(0, 1 << 50),
    st.none() | st.just("ab" * 32),
)


def unpacked(grown: Grown) -> bytes:
    return b"".join(unseal(*grown))


def line(path: str, disposition: str = "included", reason: str | None = None) -> LedgerLine:
    digest = "ab" * 32 if disposition == "included" else None
    return LedgerLine(path, "a test", disposition, reason, 5, digest)  # type: ignore[arg-type]


@given(st.lists(LINES, max_size=20))
def test_the_manifest_has_each_line_in_order(lines: list[LedgerLine]) -> None:
    """manifest.json is JSON of the contract's shape, whatever the names hold."""
    ledger = Ledger(HEAD)
    for each in lines:
        ledger.add(each)
    document = json.loads(unpacked(ledger.manifest()))
    assert document["version"] == 1
    assert document["session_id"] == "s"
    assert document["record_position"] == 7
    assert [LedgerLine(**entry) for entry in document["entries"]] == lines


def test_checksums_list_what_is_in_the_zip() -> None:
    """manifest-sha256.txt has no line for what was left out."""
    ledger = Ledger(HEAD)
    ledger.add(line("a"))
    ledger.add(line("b", "skipped", "hidden"))
    assert unpacked(ledger.checksums()) == b"ab" * 32 + b"  a\n"


def test_a_file_that_is_sealed_does_not_tell_of_itself() -> None:
    """The manifest's own line comes after it is sealed: it is among the checksums only."""
    ledger = Ledger(HEAD)
    ledger.add(line("a"))
    manifest = ledger.manifest()
    ledger.add(line("manifest.json"))
    assert ledger.manifest() == manifest
    assert [entry["path"] for entry in json.loads(unpacked(manifest))["entries"]] == ["a"]
    assert unpacked(ledger.checksums()).count(b"\n") == 2


def test_left_out_counts_all_that_is_not_included() -> None:
    """What changed while it was read counts too: it is not in there as it should be."""
    ledger = Ledger(HEAD)
    for disposition in ("included", "skipped", "changed", "failed"):
        ledger.add(line(disposition, disposition, "why"))
    assert ledger.left_out == 3
    assert ledger.counts["skipped"] == 1
    assert ledger.reasons["failed: why"] == 1


def test_a_hundred_thousand_lines_cost_little() -> None:
    """The ledger of 100,000 files stays below 40 MB."""
    tracemalloc.start()
    ledger = Ledger(HEAD)
    for number in range(20_000):
        ledger.add(
            LedgerLine(f"workspace/f{number}", "f", "included", None, number, f"{number:064x}")
        )
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used * 5 < 40_000_000
