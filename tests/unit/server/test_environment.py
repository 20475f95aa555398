"""What the server runs on, as session_metadata.json has it."""

from __future__ import annotations

import json
import os

import psutil
import pytest

from jupyter_session_export.records.usage import Limits
from jupyter_session_export.server.environment import describe_capacity, describe_environment


def test_a_containers_limits_are_shown() -> None:
    """Not what the machine has, of which the container may use a part."""
    shown = describe_capacity(Limits(memory_bytes=64 * 2**20, cpus=0.5))
    assert (shown["memory_bytes"], shown["memory_of"]) == (64 * 2**20, "container")
    assert (shown["cpus"], shown["cpus_of"]) == (0.5, "container")


@pytest.mark.parametrize("limits", [Limits(), Limits(memory_bytes=2**59, cpus=1e6)])
def test_a_limit_that_limits_nothing_is_none(limits: Limits) -> None:
    """Then the machine's own figures are what there is."""
    shown = describe_capacity(limits)
    assert (shown["memory_bytes"], shown["memory_of"]) == (psutil.virtual_memory().total, "machine")
    assert 1 <= shown["cpus"] <= (os.cpu_count() or 1)
    assert shown["cpus_of"] == "machine"


def test_no_environment_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interpreter, platform, capacity and packages, and nothing that may be a secret."""
    monkeypatch.setenv("SOME_TOKEN", "6f2c-not-for-anybody")
    described = describe_environment()
    assert sorted(described) == ["capacity", "interpreter", "packages", "platform"]
    assert "6f2c" not in json.dumps(described)
