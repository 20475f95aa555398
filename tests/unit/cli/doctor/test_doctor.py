"""One visit: what is told, in which form, and the exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.cli.doctor import doctor, examinations
from jupyter_session_export.cli.doctor.examinations import Group, Scope, examine
from jupyter_session_export.cli.doctor.exports import Checkup, check_up, judge_checkups
from jupyter_session_export.cli.doctor.finding import found, well
from jupyter_session_export.cli.screen import Screen
from jupyter_session_export.settings import SessionExport
from jupyter_session_export.store.catalog import Catalog

DISK = well("DISK", "There is room.")
WARNING = found("LOCKS_MISSING", "Nothing can be locked.", "mv it")
PROBLEM = found("DISK_FULL", "Full.", "tidy up")


@pytest.fixture
def scope(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """A data folder without sessions, and none of the account's servers."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    return Scope(catalog=catalog, settings=SessionExport())


def visit(scope: Scope, monkeypatch: pytest.MonkeyPatch, *groups: Group, json: bool = False) -> str:
    """Return the exit code and what is told, where examinations find this."""
    monkeypatch.setattr(doctor, "examine", lambda _: iter(groups))
    out = io.StringIO()
    code = doctor.visit(scope, Screen(out, io.StringIO(), json))
    return f"{code}\n{out.getvalue()}"


def test_without_a_problem_the_exit_code_is_0(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning is none."""
    assert visit(scope, monkeypatch, ("disk", [DISK])).endswith("\n\nAll is well.\n")
    told = visit(scope, monkeypatch, ("disk", [DISK]), ("locks", [WARNING]))
    assert told.startswith("0\nok ")
    assert told.endswith("no problems, 1 warning.\n")


def test_a_problem_is_the_exit_code_1(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its remedy is told, and its code."""
    told = visit(scope, monkeypatch, ("disk", [PROBLEM]))
    assert told.startswith("1\nproblem  disk       Full. [DISK_FULL]\n")
    assert "> tidy up\n" in told


def test_its_report_is_json_too(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """One document, with the same."""
    groups = [("disk", [DISK]), ("locks", [WARNING]), ("sessions", [PROBLEM])]
    code, _, text = visit(scope, monkeypatch, *groups, json=True).partition("\n")
    told = json.loads(text)
    assert code == "1"
    assert (told["healthy"], told["problems"], told["warnings"]) == (False, 1, 1)
    assert [each["examination"] for each in told["findings"]] == ["disk", "locks", "sessions"]
    assert told["findings"][2]["remedy"] == "tidy up"
    assert told["servers"] == []


def test_an_examination_that_fails_spares_the_others(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its traceback."""

    def fail(*_: object) -> Iterator[None]:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(examinations, "examine_disk", fail)
    monkeypatch.setattr(examinations, "examine_extensions", fail)
    for name in ("kernels", "locks"):
        monkeypatch.setattr(examinations, f"examine_{name}", lambda *_: [])
    groups = dict(examine(scope))
    (failed,) = groups["disk"]
    assert failed.code == groups["server"][0].code == "EXAMINATION_FAILED"
    assert "RuntimeError: on purpose" in failed.message
    assert [finding.code for finding in groups["sessions"]] == ["STORE"]


def test_wrong_settings_are_a_finding(
    scope: Scope,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And no reason not to look at the rest, by the defaults."""
    (tmp_path / "config").mkdir()
    config = tmp_path / "config" / "jupyter_session_export_config.py"
    config.write_text("c.SessionExport.retention_days = -1\n")
    monkeypatch.setattr(doctor, "examine", lambda scope: [dict_group(scope)])
    assert main(["doctor", "--data-dir", str(scope.data_dir), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["code"] == "SETTINGS_WRONG"
    assert "retention_days" in finding["message"]


def dict_group(scope: Scope) -> Group:
    return "settings", list(examinations._settings(scope))


def test_recording_that_is_off_is_a_warning(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be meant."""
    assert [finding.code for finding in dict_group(scope)[1]] == ["SETTINGS"]
    monkeypatch.setenv("JPY_SESSION_EXPORT_RECORD", "0")
    off = Scope(catalog=scope.catalog, settings=SessionExport())
    assert [finding.code for finding in dict_group(off)[1]] == ["RECORDING_OFF"]


@pytest.mark.usefixtures("live")
def test_a_server_that_does_not_know_the_question_is_not_well(catalog: Catalog) -> None:
    """What it answers is told."""
    (checkup,) = check_up(catalog)
    told = checkup.to_json()
    assert (told["session"], told["well"]) == (2, False)
    assert told["problem"]["message"]
    (finding,) = judge_checkups([checkup])
    assert finding.code == "SERVER_SILENT"


@pytest.mark.usefixtures("live")
def test_threads_that_hang_are_a_problem(catalog: Catalog) -> None:
    """With where they do."""
    hanging = [{"since": "2026-01-01", "place": "folders.py:7 scan: /mnt/gone"}]
    workers = {"hanging": hanging, "preparing": 1, "sending": 0, "waiting": 0, "most_hanging": 8}
    session = catalog.sessions()[0]
    said = {"workers": workers, "clients": [], "exports": []}
    checkup = Checkup(session, "http://127.0.0.1/", said)
    (finding,) = judge_checkups([checkup])
    assert finding.code == "EXPORTS_HANG"
    assert "/mnt/gone" in finding.message
    assert "disk that holds /mnt/gone," in (finding.remedy or "")
    assert not checkup.is_well
