from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.archive.entries import Entry, LedgerLine
from jupyter_session_export.archive.names import Names
from jupyter_session_export.archive.sections.outputs import plan_folder
from jupyter_session_export.workspaces.names import partial_name


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A session's own files, beside a secret."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_bytes(b"secret")
    outputs = tmp_path / "outputs"
    for name in ("single/a.txt", "bulk/run/1", "bulk/run/.hidden", "notes.txt"):
        (outputs / name).parent.mkdir(parents=True, exist_ok=True)
        (outputs / name).write_bytes(b"x")
    return outputs


def planned(outputs: Path, below: str = "") -> tuple[list[str], dict[str, str | None]]:
    items = list(plan_folder(outputs, below or "outputs", Names(), below))
    left_out = {item.path: item.reason for item in items if isinstance(item, LedgerLine)}
    return [item.path for item in items if isinstance(item, Entry)], left_out


def test_all_of_the_folder_is_packed(outputs: Path) -> None:
    """Hidden files too, and what lies beside single/ and bulk/, in a fixed order."""
    assert planned(outputs) == (
        [
            "outputs/notes.txt",
            "outputs/bulk/run/.hidden",
            "outputs/bulk/run/1",
            "outputs/single/a.txt",
        ],
        {},
    )


def test_a_category_is_packed_alone(outputs: Path) -> None:
    """Under its own name; one that isn't there is empty."""
    assert planned(outputs, "single") == (["single/a.txt"], {})
    assert planned(outputs, "none") == ([], {})


def test_links_out_are_left_out(outputs: Path) -> None:
    """Each is a line of the ledger."""
    (outputs / "single/file").symlink_to(outputs.parent / "secret/key")
    (outputs / "single/folder").symlink_to(outputs.parent / "secret")
    packed, left_out = planned(outputs)
    assert len(packed) == 4
    assert left_out == {
        "outputs/single/file": "link out of the root folder",
        "outputs/single/folder": "link out of the root folder",
    }


@pytest.mark.parametrize("below", ["", "single"])
def test_a_folder_that_is_a_link_is_left_out(outputs: Path, below: str) -> None:
    """As a whole, with a reason."""
    aside = outputs / below
    aside.rename(outputs.parent / "aside")
    (outputs / below if below else outputs).symlink_to(outputs.parent / "secret")
    packed, left_out = planned(outputs, below)
    assert packed == []
    assert len(left_out) == 1


def test_what_is_not_whole_yet_is_left_out(outputs: Path) -> None:
    """A file that `session_files.save` is writing, by the name that it has until then."""
    name = partial_name()
    (outputs / "single" / name).write_bytes(b"half")
    packed, left_out = planned(outputs, "single")
    assert packed == ["single/a.txt"]
    assert left_out == {f"single/{name}": "not whole yet"}
