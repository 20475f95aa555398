from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export.kernel.own.decision import records_itself
from jupyter_session_export.records.unrecorded import RECORD_VARIABLE


@pytest.fixture
def served(tmp_path: Path) -> dict[str, str]:
    """The environment of a kernel that the server with process id 42 started and records."""
    (tmp_path / "access.json").write_text("{}")
    (tmp_path / "lease.json").write_text(json.dumps({"pid": 42}))
    return {"JPY_SESSION_EXPORT": str(tmp_path / "access.json"), "JPY_PARENT_PID": "42"}


def test_a_kernel_that_nobody_records_records_itself() -> None:
    """nbclient, papermill, consoles and VS Code set none of our variables."""
    assert records_itself({})
    assert records_itself({"JPY_PARENT_PID": "7"})


def test_a_servers_kernel_does_not(served: dict[str, str]) -> None:
    """Its server records it."""
    assert not records_itself(served)


def test_what_a_servers_kernel_starts_does(served: dict[str, str]) -> None:
    """It inherits the variable, but its server doesn't know it."""
    assert records_itself({**served, "JPY_PARENT_PID": "43"})


def test_a_server_that_is_gone_records_nothing(served: dict[str, str]) -> None:
    """It takes its access file back."""
    Path(served["JPY_SESSION_EXPORT"]).unlink()
    assert records_itself(served)


@pytest.mark.parametrize("lease", ["", "{}", '{"pid": null}', "[]"])
def test_in_doubt_the_server_records(served: dict[str, str], lease: str) -> None:
    """Never twice: a lease that can't be read contradicts nobody."""
    Path(served["JPY_SESSION_EXPORT"]).with_name("lease.json").write_text(lease)
    assert not records_itself({**served, "JPY_PARENT_PID": "43"})
    assert not records_itself({"JPY_SESSION_EXPORT": served["JPY_SESSION_EXPORT"]})


def test_a_gateways_kernel_does_not() -> None:
    """The notebook server in front of the gateway records it."""
    assert not records_itself({"KERNEL_GATEWAY": "1"})


def test_a_variable_turns_it_off() -> None:
    """The same one that the settings know."""
    assert not records_itself({RECORD_VARIABLE: "0"})
    assert records_itself({RECORD_VARIABLE: "1"})
