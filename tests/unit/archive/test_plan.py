"""Records and files become entries."""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_session_export.archive.contents import ArchiveContent, RecordedExecution
from jupyter_session_export.archive.entries import Entry, LedgerLine, OnDisk
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.survey import survey
from jupyter_session_export.records.activity import AUDIT
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.recording import PassedOver
from tests.unit.archive.samples import (
    MemoryStore,
    content,
    execution,
    full_content,
    log_line,
    notebook,
    streamed,
)

STORE = MemoryStore()


def packed(export: ArchiveContent, store: MemoryStore = STORE) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(streamed(plan_archive(export), store))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(members: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    document = json.loads(members["manifest.json"])
    return {entry["path"]: entry for entry in document["entries"]}


def test_the_sections_are_those_of_the_contract_in_its_order(tmp_path: Path) -> None:
    """Each has what the contract says, and the closing texts are last."""
    (tmp_path / "data.csv").write_text("1,2\n")
    members = packed(full_content(STORE, tmp_path))
    assert list(members) == [
        "code/README.txt",
        "code/notebook_1.ipynb",
        "code/notebook_1.py",
        "code/notebook_1_metadata.json",
        "code/notebook_2.ipynb",
        "code/notebook_2.py",
        "code/notebook_2_metadata.json",
        "executions/README.txt",
        *(
            f"executions/execution_{number}_{number:08x}/{name}"
            for number in (1, 2, 3)
            for name in ("source.py", "stdout.txt", "outputs.json", "metadata.json")
        ),
        "logs/README.txt",
        "logs/activity_log.jsonl",
        "logs/audit_log.jsonl",
        "data/session_metadata.json",
        "data/timeline.json",
        "workspace/data.csv",
        "README.txt",
        "SESSION_SUMMARY.txt",
        "manifest.json",
        "manifest-sha256.txt",
    ]


def test_the_plan_is_lazy() -> None:
    """The first entry comes before the second execution is asked for."""

    def executions() -> Iterator[RecordedExecution]:
        yield execution(STORE, 1)
        raise AssertionError

    first = next(iter(plan_archive(content(STORE, executions=executions()))))
    assert isinstance(first, Entry)
    assert first.path == "executions/README.txt"


def test_only_what_is_included_is_packed(tmp_path: Path) -> None:
    """The summary says what was not asked for, and counts the executions all the same."""
    export = full_content(STORE, tmp_path)
    members = packed(content(STORE, executions=export.executions, include=frozenset({"data"})))
    assert {name.split("/")[0] for name in members if "/" in name} == {"data"}
    summary = members["SESSION_SUMMARY.txt"].decode()
    assert "Executions: 3" in summary
    assert "code         not asked for" in summary


def test_an_empty_section_is_left_out_and_said() -> None:
    """No folder with nothing but a README.txt."""
    members = packed(content(STORE))
    assert not any(name.startswith(("executions/", "logs/", "code/")) for name in members)
    assert "executions   nothing was there to pack" in members["SESSION_SUMMARY.txt"].decode()


def test_the_records_own_members_stay_out() -> None:
    """Names that begin with a dot are not for the ZIP."""
    members = packed(content(STORE, executions=[execution(STORE, 1)]))
    assert not any("/." in name for name in members)


def test_the_manifest_tells_of_all_but_itself(tmp_path: Path) -> None:
    """It and manifest-sha256.txt are the only members it can't tell of."""
    members = packed(full_content(STORE, tmp_path))
    assert set(members) - set(manifest(members)) == {"manifest.json", "manifest-sha256.txt"}
    sums = members["manifest-sha256.txt"].decode().splitlines()
    assert {line.split("  ")[1] for line in sums} == set(members) - {"manifest-sha256.txt"}


def test_the_summary_adds_up_what_was_used() -> None:
    """CPU time of all, and the largest; nothing where nothing is known."""
    unknown = [execution(STORE, 1)]
    known = [
        execution(STORE, 2, cpu_ms=1500.0, peak_rss_bytes=2_000_000_000),
        execution(STORE, 3, cpu_ms=250.0, peak_rss_bytes=50_000_000),
    ]
    summary = packed(content(STORE, executions=unknown + known))["SESSION_SUMMARY.txt"].decode()
    assert "CPU time in executions: 1.750 s\n" in summary
    assert "Most memory: 2.0 GB, in execution_2_00000002  print(2)\n" in summary
    summary = packed(content(STORE, executions=unknown))["SESSION_SUMMARY.txt"].decode()
    assert "CPU time" not in summary
    assert "Most memory" not in summary


def test_the_summary_names_owner_counts_and_the_slowest() -> None:
    """What a person asks first."""
    executions = [execution(STORE, n) for n in range(1, 15)]
    executions.append(execution(STORE, 15, status=Status.LOST, total_ms=None))
    summary = packed(content(STORE, executions=executions))["SESSION_SUMMARY.txt"].decode()
    assert "ann" in summary
    assert "Executions: 15" in summary
    assert "lost         1" in summary
    slowest = [line for line in summary.splitlines() if "execution_" in line]
    assert len(slowest) == 10
    assert "14.000 s" in slowest[0]


def test_a_source_cannot_forge_lines_of_the_summary() -> None:
    """Newlines and controls in a cell or a name show as what they are."""
    executions = [execution(STORE, 1, source_head="x\nNothing was left out.\x1b[2J")]
    summary = packed(content(STORE, executions=executions))["SESSION_SUMMARY.txt"].decode()
    assert "x\N{REPLACEMENT CHARACTER}Nothing was left out.\N{REPLACEMENT CHARACTER}[2J" in summary


def test_logs_are_a_json_object_a_line() -> None:
    """Each log apart, in order."""
    lines = [log_line(f"action {n}") for n in range(1000)]
    members = packed(content(STORE, activity_log=lines, audit_log=[log_line("x", AUDIT)]))
    assert members["logs/activity_log.jsonl"].decode().splitlines() == lines
    assert len(members["logs/audit_log.jsonl"].splitlines()) == 1


def test_a_notebook_is_packed_as_it_is_on_disk() -> None:
    """To the byte, with its script and what is known of it."""
    members = packed(content(STORE, notebooks=[notebook()]))
    assert members["code/notebook_1.ipynb"] == notebook().content
    assert members["code/notebook_1.py"] == b"# code\n"
    about = json.loads(members["code/notebook_1_metadata.json"])
    assert about["path"] == "one.ipynb"
    assert (about["cells"], about["code_cells"], about["rebuilt"]) == (3, 2, False)
    assert about["sha256"] == manifest(members)["code/notebook_1.ipynb"]["sha256"]


def test_a_large_notebook_is_packed_from_disk(tmp_path: Path) -> None:
    """Its bytes are read when their turn comes; the manifest has their hash."""
    path = tmp_path / "large.ipynb"
    path.write_bytes(b"{}" * 1000)
    large = notebook(content=None, file=OnDisk(path, tmp_path))
    members = packed(content(STORE, notebooks=[large]))
    assert members["code/notebook_1.ipynb"] == path.read_bytes()
    assert json.loads(members["code/notebook_1_metadata.json"])["rebuilt"] is False


def test_a_notebook_that_is_left_out_is_told() -> None:
    """It takes no number, and is not rebuilt from its executions."""
    off = PassedOver("x/off.ipynb", "x/off.ipynb", "this notebook isn't recorded")
    members = packed(content(STORE, notebooks=[off, notebook()]))
    assert members["code/notebook_1.ipynb"] == notebook().content
    assert "code/notebook_2.ipynb" not in members
    line = manifest(members)["code/x/off.ipynb"]
    assert (line["disposition"], line["reason"]) == ("skipped", "this notebook isn't recorded")


def test_what_is_no_notebook_is_packed_and_said() -> None:
    """Broken JSON is the user's file as well."""
    broken = notebook(content=b"{", is_notebook=False, script=None)
    members = packed(content(STORE, notebooks=[broken]))
    assert members["code/notebook_1.ipynb"] == b"{"
    assert "no notebook" in manifest(members)["code/notebook_1.ipynb"]["reason"]


@pytest.mark.parametrize(
    ("extension", "name"),
    [(".r", "notebook_1.r"), ("/../x", "notebook_1.txt"), ("", "notebook_1.txt")],
)
def test_a_script_has_its_languages_extension(extension: str, name: str) -> None:
    """And an extension that isn't one makes no other name."""
    members = packed(content(STORE, notebooks=[notebook(script=(extension, b"x"))]))
    assert f"code/{name}" in members


def test_a_notebook_that_is_gone_is_rebuilt() -> None:
    """From the last run of each cell, as valid nbformat, and the ledger says so."""
    outputs = [
        {
            "output_type": "stream",
            "name": "stdout",
            "text": {"$ref": "stdout.txt", "start": 2, "end": 4},
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {
            "output_type": "execute_result",
            "data": {"image/png": {"$ref": "outputs/o.png"}, "text/plain": "x"},
            "metadata": {},
            "execution_count": 2,
        },
    ]
    parts = {
        "outputs.json": json.dumps(outputs).encode(),
        "outputs/o.png": b"\x89PNG\xff",
        "stdout.txt": b"0\n2\n",
    }
    executions = [
        execution(STORE, 1),
        execution(STORE, 2, parts=parts),
        execution(STORE, 3, notebook="other.ipynb"),
        execution(STORE, 4, tool=True),
        execution(STORE, 5, cell_id="cell-1"),
    ]
    gone = notebook(content=None, script=None, modified=None, reason="is not on disk")
    members = packed(content(STORE, notebooks=[gone], executions=executions))
    rebuilt = nbformat.reads(members["code/notebook_1.ipynb"].decode(), as_version=4)
    nbformat.validate(rebuilt)
    assert [cell.source for cell in rebuilt.cells] == ["print(5)\n", "print(2)\n"]
    stream, error, result = rebuilt.cells[1].outputs
    assert (stream.text, error.ename) == ("2\n", "E")
    assert base64.b64decode(result.data["image/png"]) == b"\x89PNG\xff"
    assert result.data["text/plain"] == "x"
    assert members["code/notebook_1.py"] == b"print(5)\n\nprint(2)\n"
    assert json.loads(members["code/notebook_1_metadata.json"])["rebuilt"] is True
    line = manifest(members)["code/notebook_1.ipynb"]
    assert line["disposition"] == "included"
    assert line["reason"] == "rebuilt from its executions: is not on disk"


def test_a_notebook_whose_record_is_damaged_fails_alone() -> None:
    """The ledger says why there is none."""
    store = MemoryStore()
    executions = [execution(store, 1)]
    store.kept.clear()
    gone = notebook(content=None, reason="is not on disk")
    members = packed(content(store, notebooks=[gone], executions=executions), store)
    assert manifest(members)["code/notebook_1.ipynb"]["disposition"] == "failed"
    assert "README.txt" in members


def test_damage_costs_a_rebuilt_notebook_only_itself() -> None:
    """The cells are there, and the ledger says how much is empty."""
    store = MemoryStore()
    executions = [execution(store, 1), execution(store, 2, parts={"outputs.json": b"[ ]"})]
    (lost,) = (m.sealed for m in executions[1].members if m.name == "outputs.json")
    del store.kept[lost.sha256]
    gone = notebook(content=None, reason="is not on disk")
    members = packed(content(store, notebooks=[gone], executions=executions), store)
    rebuilt = json.loads(members["code/notebook_1.ipynb"])
    assert [cell["source"] for cell in rebuilt["cells"]] == ["print(1)\n", "print(2)\n"]
    line = manifest(members)["code/notebook_1.ipynb"]
    assert line["reason"].endswith("1 contents are damaged and empty here")


def test_the_workspace_keeps_its_tree_and_its_odd_names(tmp_path: Path) -> None:
    """Names that not every system takes are changed, and the ledger has the original."""
    for name in ("a.txt", "sub/b.txt", "c:d\n.txt", os.fsdecode(b"e\xff.txt")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name[:1])
    (tmp_path / ".hidden").write_text("h")
    members = packed(content(STORE, workspace=[(tmp_path, tmp_path)]))
    lines = {p: e for p, e in manifest(members).items() if p.startswith("workspace/")}
    assert {path: entry["disposition"] for path, entry in lines.items()} == {
        "workspace/.hidden": "skipped",
        "workspace/a.txt": "included",
        "workspace/c_d_.txt": "included",
        "workspace/e_.txt": "included",
        "workspace/sub/b.txt": "included",
    }
    assert lines["workspace/c_d_.txt"]["source"] == "c:d\n.txt"
    assert lines["workspace/e_.txt"]["source"] == "e\\udcff.txt"
    assert "renamed" in lines["workspace/e_.txt"]["reason"]
    assert "1 skipped" in members["README.txt"].decode()


def test_workspaces_within_each_other_are_packed_once(tmp_path: Path) -> None:
    """Notebooks in a folder and in one below it."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/f").write_text("f")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/g").write_text("g")
    folders = [tmp_path / "a/b", tmp_path / "a", tmp_path / "c", tmp_path / "a"]
    members = packed(content(STORE, workspace=[(folder, tmp_path) for folder in folders]))
    names = [name for name in members if name.startswith("workspace/")]
    assert names == ["workspace/a/b/f", "workspace/c/g"]


def test_metadata_holds_session_and_environment() -> None:
    """What the session ran in, for whoever repeats it."""
    members = packed(content(STORE, environment={"python": "3.12", "packages": {"a": "1"}}))
    document = json.loads(members["data/session_metadata.json"])
    assert document["id"] == "0123456789abcdef" * 2
    assert document["user_id"] == "ann"
    assert document["environment"]["packages"] == {"a": "1"}


def test_a_survey_counts_without_reading(tmp_path: Path) -> None:
    """Entries and bytes of each section."""
    (tmp_path / "big").write_bytes(b"x" * 1000)
    (tmp_path / ".hidden").write_bytes(b"x")
    found = survey(plan_archive(full_content(STORE, tmp_path)))
    assert found.entries["workspace"] == 1
    assert found.bytes["workspace"] == 1000
    assert found.entries["executions"] == 13
    assert found.left_out == 1


def test_a_plan_of_many_files_is_planned_as_it_is_sent(tmp_path: Path) -> None:
    """Left-out files come in their place, so that the manifest keeps the order."""
    for number in range(300):
        (tmp_path / f"{number:03}").write_text("x")
    (tmp_path / "150").unlink()
    (tmp_path / "150").symlink_to("nowhere")
    items = list(plan_archive(content(STORE, workspace=[(tmp_path, tmp_path)])))
    line = items[151]
    assert isinstance(line, LedgerLine)
    assert line.path == "workspace/150"
    members = packed(content(STORE, workspace=[(tmp_path, tmp_path)]))
    paths = [path for path in manifest(members) if path.startswith("workspace/")]
    assert paths == sorted(paths)


def test_what_a_tool_ran_is_left_out_and_said() -> None:
    """It is a line of the ledger, and counts in no figure."""
    executions = [execution(STORE, 1), execution(STORE, 2, tool=True)]
    members = packed(content(STORE, executions=executions))
    assert not any(name.startswith("executions/execution_2_") for name in members)
    (line,) = [line for path, line in manifest(members).items() if "execution_2_" in path]
    assert line["disposition"] == "skipped"
    assert "tool" in line["reason"]


def test_what_a_tool_ran_is_packed_where_it_is_asked_for() -> None:
    """As any other execution."""
    executions = [execution(STORE, 1), execution(STORE, 2, tool=True)]
    members = packed(content(STORE, executions=executions, tools=True))
    assert any(name.startswith("executions/execution_2_") for name in members)
    assert b"Executions: 2" in members["SESSION_SUMMARY.txt"]


def test_what_was_not_recorded_as_a_whole_is_said() -> None:
    """Its files are there, and a line tells that they aren't all."""
    members = packed(content(STORE, executions=[execution(STORE, 1, truncated=True)]))
    assert any(name.startswith("executions/execution_1_") for name in members)
    (line,) = [one for one in manifest(members).values() if one["disposition"] == "changed"]
    assert line["path"].startswith("executions/execution_1_")
    assert b"1  changed: part of it was not recorded" in members["SESSION_SUMMARY.txt"]
